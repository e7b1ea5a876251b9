"""Commands among XML, JSON, YAML and Python."""

import sys
from pathlib import Path
from typing import Literal

import pytest
from pydantic import ValidationError

from scan_sdk._registry import COMMANDS
from scan_sdk.errors import InvalidCommands, MissingExtra
from scan_sdk.formats import count_notes, diff_commands, dump_commands, format_of, load_commands
from scan_sdk.models import (
    Comparison,
    Delay,
    If,
    Include,
    Log,
    Loop,
    OtherCommand,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.base import CommandModel, XmlField
from scan_sdk.models.tree import DEEPEST
from scan_sdk.sequence import CommandSequence

SCAN = CommandSequence(
    Set("y", 1e-5, readback=True, timeout=3),
    Loop("BL1:x", -1, 5, 0.5, [If("x", ">", 3, Set("shutter", "on")), Log("a", "b c")]),
    Wait("x", ["a", "no", "\u2028"], "in"),
    Include("f.scn", {"a": 1, "b": "x, y"}),
    Script("Sum", 5, "$(x)"),
    Sequence(),
)
YAML = r"""- {command: set, device: "y", value: 1.0e-05, readback: true, timeout: 3}
- command: loop
  device: BL1:x
  start: -1
  end: 5
  step: 0.5
  body:
    - command: if
      device: x
      value: 3
      comparison: ">"
      body:
        - {command: set, device: shutter, value: "on"}
    - {command: log, devices: [a, "b c"]}
- {command: wait, device: x, value: [a, "no", "\u2028"], comparison: in}
- {command: include, scan_file: f.scn, macros: "a=1, b=\"x, y\""}
- {command: script, path: Sum, arguments: ["5", "$(x)"]}
- {command: sequence}
"""
PYTHON = r"""from scan_sdk import CommandSequence, If, Include, Log, Loop, Script, Sequence, Set, Wait

commands = CommandSequence(
    Set('y', 1e-05, readback=True, timeout=3),
    Loop('BL1:x', -1, 5, 0.5, [
        If('x', '>', 3, [
            Set('shutter', 'on'),
        ]),
        Log('a', 'b c'),
    ]),
    Wait('x', ['a', 'no', '\u2028'], comparison='in'),
    Include('f.scn', macros='a=1, b="x, y"'),
    Script('Sum', '5', '$(x)'),
    Sequence(),
)
"""


def test_yaml_is_for_people():
    assert dump_commands(SCAN, "yaml") == YAML
    assert load_commands(YAML, "yaml") == SCAN


def test_yaml_that_is_written_is_the_same_to_another_reader():
    yaml = pytest.importorskip("yaml")
    read = yaml.safe_load(dump_commands(SCAN, "yaml"))
    assert read[0]["value"] == 1e-5
    assert read[0]["device"] == "y"
    assert read[1]["body"][0]["body"][0]["value"] == "on"


def test_python_that_is_written_can_be_run():
    source = dump_commands(SCAN, "python")
    assert source == PYTHON
    names = {name: getattr(sys.modules["scan_sdk.models"], name) for name in ("If", "Include", "Log", "Loop")}
    names |= {"Script": Script, "Sequence": Sequence, "Set": Set, "Wait": Wait}
    run = {"CommandSequence": CommandSequence, **names}
    exec(source.partition("\n\n")[2], run)
    assert run["commands"] == SCAN


def test_json_is_indented():
    assert dump_commands(SCAN, "json") == SCAN.to_json(indent=2) + "\n"
    assert dump_commands(CommandSequence(), "json") == "[]\n"


def test_nothing_is_a_scan_in_all_formats():
    for name in ("xml", "json", "yaml", "python"):
        assert load_commands(dump_commands(CommandSequence(), name), name) == CommandSequence()


def test_what_people_write_in_python_is_read_without_being_run():
    source = '''"""The night."""
from __future__ import annotations
from scan_sdk import (  # all we need
    CommandSequence, Comparison, Delay, If, Include, Loop, Set,
)

scan: CommandSequence = [
    Set("µ", 1), Set("x", value=+1), Delay(seconds=-0.0),
    Loop("x", 1, 5, step=1, body=(Delay(1), [Delay(2)])),
    If("x", Comparison.AT_LEAST, 3, Delay(1)),
    Include("f", macros={"a": 1}),
    Set("text", "in" "pieces"),
]
'''
    read = load_commands(source, "python", source="n.py")
    assert read == CommandSequence(
        Set("µ", 1),
        Set("x", 1),
        Delay(-0.0),
        Loop("x", 1, 5, 1, Delay(1), Delay(2)),
        If("x", Comparison.AT_LEAST, 3, Delay(1)),
        Include("f", {"a": 1}),
        Set("text", "inpieces"),
    )
    assert [str(read[0].source), str(read[1].source)] == ["n.py:8:5", "n.py:8:18"]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import os", "n:1:1: this file is read without being run"),
        ("from os import path", "n:1:1: this file is read without"),
        ("from scan_sdk import Set as S", "n:1:1: import the commands by their names"),
        ("from scan_sdk import *", "n:1:1: import the commands by their names"),
        ('x = [Set("a", open("b"))]', "n:1:15: open(...) is no command"),
        ("x = [Delay(i) for i in range(3)]", "n:1:5: this file is read"),
        ("x = CommandSequence(*[])", "n:1:21: this file is read"),
        ("x = CommandSequence(**{})", "n:1:23: this file is read"),
        ('x = [Include("a", {b: 1})]', "n:1:20: the name of a macro"),
        ('x = [Include("a", {**b})]', "n:1:19: the name of a macro"),
        ('x = [Include("a", {"b": [1]})]', "n:1:19: macro b: give a text or a number"),
        ("x = [Delay(-1)]", "n:1:12: give a time in seconds"),
        ("x = [Delay(1, error_handler=2)]", "n:1:29: give"),
        ("x = [Delay(sec=1)]", "n:1:16: Delay has no option 'sec'"),
        ("x = [Delay()]", "n:1:6: Delay needs seconds"),
        ("x = [Delay(1, 2)]", "n:1:6: Delay() takes 1 positional"),
        ("x = [Log('a', 1)]", "n:1:6: give one or more names"),
        ("x = [1]", "n:1:5: give commands such as"),
        ("x = Delay(1)", "n:1:5: this file is read"),
        ("x = []\ny = []", "n:2:1: a second list of commands"),
        ("x = y = []", "n:1:1: this file is read"),
        ("", "n: there is no CommandSequence"),
        ("x = [", "n:1:5: not Python: '[' was never closed"),
        ("x = [µ", "n:1:5: not Python"),
        ("\0", "n: not Python"),
        ("x = [Delay(" + "1" * 5000 + ")]", "n:1:1: not Python"),
        ("[" * 300, "n:1:"),
    ],
)
def test_python_that_is_more_than_commands_is_refused_with_its_place(source, message):
    with pytest.raises(InvalidCommands) as caught:
        load_commands(source, "python", source="n")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "n:2:1: not YAML"),
        ("{}", "n:1:1: give a list of commands"),
        ("", "n:1:1: give one list of commands"),
        ("--- []\n--- []", "n:2:5: give one list of commands"),
        ("- {command: delay}", "n:1:3: Delay needs seconds"),
        ("- {command: dely}", "n:1:3: give commands such as"),
        ("- command: sequence\n  body:\n  - {command: delay, seconds: a}", "n:3:31: give a time"),
        ("- {command: set, device: a, device: b}", "n:1:29: device stands here twice"),
        ("- {1.5: a}", "n:1:4: the name of an option is a plain text"),
        ("- {[a]: a}", "n:1:4: the name of an option is a plain text"),
        ("- !!python/object:os.x {}", "n:1:3: tag:yaml.org,2002:python/object:os.x: leave it out"),
        ("- !text a", "n:1:3: !text: leave it out"),
        ("- &a {command: delay, seconds: 1}\n- *a", "n:2:3: *a: write it out"),
        ("- {command: set, device: a, value: true}", "n:1:36: give a finite number"),
        ("- {command: set, device: a, value: .inf}", "n:1:36: give a finite number"),
        ("- {command: include, scan_file: a, macros: {b: [1]}}", "n:1:44: macro b: give"),
        ("- \0", "n: not YAML"),
    ],
)
def test_yaml_that_is_no_list_of_commands_is_refused_with_its_place(text, message):
    with pytest.raises(InvalidCommands) as caught:
        load_commands(text, "yaml", source="n")
    assert str(caught.value).startswith(message)


def test_plain_scalars_mean_what_they_look_like():
    lines = ["1e5", "on", "no", "007", "+.5", "1_000", "'1'", "|\n    a\n    b", "1" * 30]
    text = "".join(f"- {{command: set, device: x, value: {line}}}\n" for line in lines if "\n" not in line)
    text += "- command: set\n  device: x\n  value: |\n    a\n    b\n"
    values = [command.value for command in load_commands(text, "yaml")]
    assert values == [1e5, "on", "no", 7.0, 0.5, "1_000", "1", float("1" * 30), "a\nb\n"]


def test_macros_may_be_a_mapping_and_are_no_command():
    text = (
        '[{"command": "include", "scan_file": "macros", "macros": {"command": "x"}}, {"command": "sequence"}]'
    )
    for name in ("json", "yaml"):
        read = load_commands(text, name)
        assert read == CommandSequence(Include("macros", {"command": "x"}), Sequence())
        assert [command.source.column for command in read] == [2, text.rindex("{") + 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "n:1:2: not JSON: Expecting value"),
        ("", "n:1:1: not JSON"),
        ("{}", "n:1:1: give a list of commands"),
        ('[\n{"command": "delay"}]', "n:2:1: Delay needs seconds"),
        ('[{"command": "set", "device": "x",\n"value": 1, "tolerance": -1}]', "n:2:26: give a tolerance"),
        (
            '[{"command": "parallel", "body": [{"command": "delay", "seconds": "a"}]}]',
            "n:1:67: give a time in seconds",
        ),
        ('[{"command": "delay", "secnds": 1, "seconds": 1}]', "n:1:33: Delay has no option 'secnds'"),
        ('[{"command": "comment", "text": "\\ud800"}]', "n:1:"),
        ('["\udc00"]', "n:1:3: half of a surrogate pair"),
        ("[" * 5000, "n:1:"),
    ],
)
def test_json_that_is_no_list_of_commands_is_refused_with_its_place(text, message):
    with pytest.raises(InvalidCommands) as caught:
        load_commands(text, "json", source="n")
    assert str(caught.value).startswith(message)


def test_bytes_that_are_not_utf_8_are_refused_with_their_place():
    with pytest.raises(InvalidCommands, match=r"^n:2:2: not UTF-8: byte 0xff; save the file as UTF-8$"):
        load_commands(b"a\nb\xff", "yaml", source="n")


def test_xml_that_the_server_would_change_is_refused_unless_told():
    document = "<commands><delay><seconds>-1</seconds></delay></commands>"
    with pytest.raises(InvalidCommands, match="give a time in seconds"):
        load_commands(document, "xml")
    assert load_commands(document, "xml", strict=False)[0].seconds == -1


@pytest.mark.parametrize("name", ["xml", "json", "yaml", "python"])
def test_every_format_holds_commands_nested_as_deep_as_they_may_be(name):
    scan = CommandSequence(Delay(1))
    for _ in range(DEEPEST):
        scan = CommandSequence(Sequence(scan))
    assert load_commands(dump_commands(scan, name), name) == scan
    with pytest.raises(ValidationError, match=f"nested more than {DEEPEST} deep"):
        Sequence(scan)


def test_without_pyyaml_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert dump_commands(SCAN, "yaml")
    with pytest.raises(MissingExtra, match=r"scan_sdk\[yaml\]"):
        load_commands("[]", "yaml")


def test_without_libyaml_python_reads_yaml(monkeypatch):
    yaml = pytest.importorskip("yaml")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert load_commands(YAML, "yaml") == SCAN


def test_the_suffix_tells_the_format():
    assert [format_of(Path(name)) for name in ("a.scn", "a.XML", "a.yml", "a.py", "a.txt", "a")] == [
        "xml",
        "xml",
        "yaml",
        "python",
        None,
        None,
    ]


def test_comments_and_processing_instructions_are_counted():
    assert count_notes(b"<?a b?><commands><!-- a --></commands>") == 2


def test_a_subclass_is_written_as_the_command_that_it_is_a_kind_of():
    class Move(Set):
        """Moves."""

    for name in ("xml", "json", "yaml", "python"):
        text = dump_commands(CommandSequence(Move("x", 1), Sequence(Move("y", 2), Delay(1))), name)
        assert load_commands(text, name) == CommandSequence(Set("x", 1), Sequence(Set("y", 2), Delay(1)))


def test_a_command_of_an_extension_is_written_with_an_import_of_its_module():
    class BeamDump(CommandModel):
        """Dumps."""

        _XML_TAG = "beam_dump"
        _XML_FIELDS = (XmlField("mode", "mode", "text"),)
        command: Literal["beam_dump"] = "beam_dump"
        mode: str = ""

    COMMANDS.add("beam_dump", BeamDump, owner="tests")
    try:
        scan = CommandSequence(Loop("x", 0, 1, 1, BeamDump(mode="3")))
        for name in ("xml", "json", "yaml", "python"):
            assert load_commands(dump_commands(scan, name), name) == scan
        assert f"from {__name__} import BeamDump\n" in dump_commands(scan, "python")
        with pytest.raises(InvalidCommands, match="without being run"):
            load_commands("from os import remove\ncommands = []", "python")
    finally:
        COMMANDS.remove("beam_dump")
    assert load_commands("<commands><beam_dump/></commands>", "xml", strict=False) == CommandSequence(
        OtherCommand("<beam_dump/>")
    )


def test_commands_that_differ_in_their_elements_are_not_one_that_changed():
    old, new = [OtherCommand("<a/>"), Delay(1)], [OtherCommand("<b/>"), Delay(1)]
    assert [change.kind for change in diff_commands(old, new)] == ["removed", "added"]
    assert [change.kind for change in diff_commands(old, [OtherCommand("<a b='c'/>"), Delay(1)])] == [
        "changed"
    ]
