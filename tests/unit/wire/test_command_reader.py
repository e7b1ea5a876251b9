"""Commands are read as the scan server reads them, with its defaults (spec §4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from scan_sdk import Comparison, InvalidCommands, TextSource
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.tree import DEEPEST

if TYPE_CHECKING:
    from scan_sdk import Command


def read(inner: str) -> Command:
    """Read a document of one command."""
    [command] = read_commands(f"<commands>{inner}</commands>")
    return command


def refused(document: str | bytes, *, strict: bool = False) -> InvalidCommands:
    """Return the error that reading ends with."""
    with pytest.raises(InvalidCommands) as caught:
        read_commands(document, strict=strict)
    return caught.value


def fields(command: Command) -> dict[str, object]:
    """Return what a command holds, without the member that tells the commands apart."""
    found = dict(command.__dict__)
    del found["command"]
    return found


# Every default of spec §4.
DEFAULTS = {
    "comment": (Comment, {"text": ""}),
    "delay": (Delay, {"seconds": 0.0, "error_handler": ""}),
    "config_log": (ConfigLog, {"automatic": False, "error_handler": ""}),
    "set": (
        Set,
        {
            "device": "",
            "value": 0.0,
            "completion": False,
            "wait": True,
            "readback": "",
            "readback_value": None,
            "tolerance": 0.1,
            "timeout": 0.0,
            "error_handler": "",
        },
    ),
    "wait": (
        Wait,
        {
            "device": "",
            "value": 0.0,
            "comparison": Comparison.EQUALS,
            "tolerance": 0.1,
            "timeout": 0.0,
            "error_handler": "",
        },
    ),
    "if": (
        If,
        {
            "device": "",
            "value": 0.0,
            "comparison": Comparison.EQUALS,
            "tolerance": 0.1,
            "error_handler": "",
            "body": (),
        },
    ),
    "loop": (
        Loop,
        {
            "device": "",
            "start": 0.0,
            "end": 10.0,
            "step": 1.0,
            "completion": False,
            "wait": True,
            "readback": "",
            "tolerance": 0.1,
            "timeout": 0.0,
            "error_handler": "",
            "body": (),
        },
    ),
    "parallel": (Parallel, {"timeout": 0.0, "error_handler": "", "body": ()}),
    "sequence": (Sequence, {"error_handler": "", "body": ()}),
    "include": (Include, {"scan_file": "", "macros": "", "error_handler": ""}),
    "script": (Script, {"path": "", "arguments": (), "error_handler": ""}),
}


@pytest.mark.parametrize("tag", DEFAULTS)
def test_the_defaults_of_missing_elements(tag: str) -> None:
    cls, values = DEFAULTS[tag]
    command = read(f"<{tag}/>")
    assert type(command) is cls
    assert fields(command) == values
    assert {name: type(value) for name, value in fields(command).items()} == {
        name: type(value) for name, value in values.items()
    }


@pytest.mark.parametrize("tag", DEFAULTS)
def test_the_defaults_with_a_valid_device(tag: str) -> None:
    """Where the command as a whole is valid it is built another way, with the same outcome."""
    cls, values = DEFAULTS[tag]
    naming = {"device": "x", "scan_file": "f.scn", "path": "M"}
    given = {name: text for name, text in naming.items() if name in values}
    command = read(f"<{tag}>{''.join(f'<{name}>{text}</{name}>' for name, text in given.items())}</{tag}>")
    expected = values | given
    if cls is Set:
        expected["readback"] = "x"
    assert fields(command) == expected


def test_the_readback_of_set_is_the_device_unless_given() -> None:
    assert read("<set><device>x</device></set>") == Set("x", 0, readback=True)
    assert read("<set><device>x</device><readback/></set>") == Set("x", 0, readback=True)
    assert read("<set><device>x</device><readback>y</readback></set>") == Set("x", 0, readback="y")


def test_readback_and_its_value_count_only_while_waiting() -> None:
    inner = "<device>x</device><wait>false</wait><readback>y</readback><readback_value>3</readback_value>"
    assert read(f"<set>{inner}</set>") == Set("x", 0)
    inner = "<device>x</device><step>2</step><wait>false</wait><readback>y</readback>"
    assert read(f"<loop>{inner}</loop>") == Loop("x", 0, 10, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"moved"', "moved"),
        ("moved", "moved"),
        ("3", 3.0),
        ('"3"', "3"),
        ('""', None),
        ('"', None),
        ("", 0.0),
        (" ", 0.0),
    ],
)
def test_the_value_to_expect_of_a_readback(text: str, value: float | str | None) -> None:
    """An empty text in quotes means none; an element without text is the number 0, as in any value."""
    command = read(f"<set><device>x</device><readback_value>{text}</readback_value></set>")
    assert isinstance(command, Set)
    assert command.readback_value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5.0),
        (" 1.5e3 ", 1500.0),
        ('"5"', "5"),
        ("Open", "Open"),
        ('"Open', "Open"),
        ("", 0.0),
        ('""', ""),
    ],
)
@pytest.mark.parametrize("tag", ["set", "wait", "if"])
def test_values(tag: str, text: str, value: float | str) -> None:
    command = read(f"<{tag}><device>x</device><value>{text}</value></{tag}>")
    assert isinstance(command, Set | Wait | If)
    assert command.value == value
    assert type(command.value) is type(value)


def test_the_first_of_repeated_elements_counts() -> None:
    inner = "<device>x</device><value>1</value><value>2</value><device>y</device>"
    assert read(f"<set>{inner}</set>") == Set("x", 1, readback=True)
    log = read("<log><devices><device>a</device></devices><devices><device>b</device></devices></log>")
    assert log == Log("a")
    loop = read("<sequence><body><comment/></body><body><delay/></body></sequence>")
    assert loop == Sequence(Comment(""))


def test_elements_may_stand_in_any_order() -> None:
    inner = (
        "<error_handler>H</error_handler><body><delay/></body><step>2</step><device>x</device><end>4</end>"
    )
    assert read(f"<loop>{inner}</loop>") == Loop("x", 0, 4, 2, Delay(0), readback=True, error_handler="H")


def test_unknown_elements_are_passed_over() -> None:
    inner = (
        "<note><device>y</device>a <b>c</b></note><device>x<b>y</b></device><sub><sub/></sub><value>1</value>"
    )
    assert read(f"<set>{inner}</set>") == Set("x", 1, readback=True)
    log = "<log><devices><name>a</name><device>b</device>stray<device>c<d/></device></devices></log>"
    assert read(log) == Log("b", "c")
    assert read("<script><path>M</path><arguments><x/><argument>1</argument></arguments></script>") == Script(
        "M", 1
    )


def test_attributes_and_text_between_elements_are_passed_over() -> None:
    assert read('text <delay a="b"> text <seconds unit="s">2</seconds> text </delay> text') == Delay(2)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a", "a"),
        ("", ""),
        (" a ", " a "),
        ("a &amp; b &#65;", "a & b A"),
        ("a<!-- c -->b", "a"),
        ("<!-- c -->b", ""),
        ("a<?pi x?>b", "a"),
        ("<?pi x?>b", ""),
        ("<![CDATA[a <b>]]>", "a <b>"),
        ("<![CDATA[a]]>b", "a"),
        ("a<![CDATA[b]]>", "a"),
        ("<![CDATA[a]]><![CDATA[b]]>", "a"),
        ("<x/>a", ""),
        ("a<x/>b", "a"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a&#13;b", "a\rb"),
    ],
)
def test_the_text_of_an_element_is_its_first_node(markup: str, text: str) -> None:
    """The server looks at the first child node only, and takes anything but text for an empty one."""
    assert read(f"<comment><text>{markup}</text></comment>") == Comment(text)
    assert read(
        f"<script><path>M</path><arguments><argument>{markup}</argument></arguments></script>"
    ) == Script("M", text)


def test_comments_and_instructions_may_stand_anywhere() -> None:
    document = "<delay><!-- c --><seconds>2</seconds><?pi?></delay>"
    document = f"<?pi?><!-- a --><commands><!-- b -->{document}</commands><!-- d -->"
    assert read_commands(document) == (Delay(2),)
    assert read_commands(document, strict=True) == (Delay(2),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("TRUE", True),
        ("True", True),
        ("false", False),
        ("1", False),
        ("yes", False),
        ("", False),
        (" true", False),
    ],
)
def test_booleans(text: str, value: bool) -> None:
    assert read(f"<config_log><automatic>{text}</automatic></config_log>") == ConfigLog(value)


@pytest.mark.parametrize("comparison", Comparison)
def test_every_comparison_is_read_by_its_name(comparison: Comparison) -> None:
    command = read(f"<wait><device>x</device><comparison>{comparison.name}</comparison></wait>")
    assert isinstance(command, Wait)
    assert command.comparison is comparison


@pytest.mark.parametrize("text", ["", "=", "equals", "AT_LEAST ", "AT LEAST", "LARGER"])
@pytest.mark.parametrize("tag", ["wait", "if"])
def test_an_unknown_comparison_is_equals(tag: str, text: str) -> None:
    command = read(f"<{tag}><device>x</device><comparison>{text}</comparison></{tag}>")
    assert isinstance(command, Wait | If)
    assert command.comparison is Comparison.EQUALS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a", "b"', ("a", "b")),
        ('"a","b"', ("a", "b")),
        ("'a', 'b'", ("a", "b")),
        ("a, b", ("a", "b")),
        ("a", ("a",)),
        ('""a", "b""', ("a", "b")),
        ('"\'a"b\', "c""', ('a"b', "c")),
        ("\"it's\", 'a\"b'", ("it's", 'a"b')),
        ('"a, b"', ("a, b",)),
        ('""', ("",)),
        ("", ("",)),
        ('" a ", "b "', (" a ", "b ")),
        ('"a" b', ('"a" b',)),
        ("5", ("5",)),
    ],
)
def test_lists_also_where_the_server_quoted_them_again(text: str, value: tuple[str, ...]) -> None:
    command = read(f"<wait><device>x</device><comparison>IN</comparison><value>{text}</value></wait>")
    assert isinstance(command, Wait)
    assert command.value == value
    assert command == read(f"<wait><value>{text}</value><device>x</device><comparison>IN</comparison></wait>")


def test_a_list_that_is_missing_is_what_the_server_makes_of_it() -> None:
    command = read("<wait><device>x</device><comparison>NOT_IN</comparison></wait>")
    assert command == Wait("x", ["0"], "not in")


def test_what_the_server_clamps_is_clamped() -> None:
    inner = "<device>x</device><tolerance>-1</tolerance><timeout>-5</timeout>"
    assert read(f"<set>{inner}</set>") == Set("x", 0, readback=True, tolerance=0)
    assert read(f"<wait>{inner}</wait>") == Wait("x", 0, tolerance=0)
    assert read(f"<loop>{inner}<step>-0.0</step></loop>") == Loop("x", 0, 10, 1, readback=True, tolerance=0)
    assert read("<if><device>x</device><tolerance>-0.5</tolerance></if>") == If("x", "=", 0, tolerance=0)
    assert read("<parallel><timeout>-2</timeout></parallel>") == Parallel()


def test_trap_21_a_step_of_0_is_1() -> None:
    assert read("<loop><device>x</device><step>0</step></loop>") == Loop("x", 0, 10, 1, readback=True)


def test_trap_21_a_loop_that_a_server_holds_stays_readable() -> None:
    """The constructors refuse it, but a server may have accepted it from someone else."""
    loop = read("<loop><device>x</device><end>Infinity</end><body><delay/></body></loop>")
    assert isinstance(loop, Loop)
    assert loop.end == math.inf
    assert loop.step == 1.0
    assert loop.body == (Delay(0),)
    again = write_commands([loop], as_server=True)
    assert "<end>Infinity</end>" in again
    assert read_commands(again) == (loop,)
    many = read("<loop><device>x</device><step>1.0E-12</step></loop>")
    assert isinstance(many, Loop)
    assert many.step == 1e-12


def test_what_the_server_keeps_is_kept() -> None:
    delay = read("<delay><seconds>-3</seconds></delay>")
    assert isinstance(delay, Delay)
    assert delay.seconds == -3.0
    set_nan = read("<set><device>x</device><value>NaN</value><tolerance>NaN</tolerance></set>")
    assert isinstance(set_nan, Set)
    assert isinstance(set_nan.value, float)
    assert math.isnan(set_nan.value)
    assert math.isnan(set_nan.tolerance)
    padded = read("<log><devices><device> x\n</device></devices></log>")
    assert isinstance(padded, Log)
    assert padded.devices == (" x\n",)
    if_in = read("<if><device>x</device><comparison>IN</comparison></if>")
    assert isinstance(if_in, If)
    assert if_in.comparison is Comparison.IN
    no_devices = read("<log><devices/></log>")
    assert isinstance(no_devices, Log)
    assert no_devices.devices == ()


def test_commands_nest() -> None:
    document = write_commands([Loop("x", 0, 1, 1, If("y", ">", 3, Parallel(Sequence(Log("z")), Delay(1))))])
    [loop] = read_commands(document)
    assert loop == Loop("x", 0, 1, 1, If("y", ">", 3, Parallel(Sequence(Log("z")), Delay(1))))


def test_bodies_may_be_nested_deep_but_not_without_end() -> None:
    def nested(depth: int) -> str:
        return f"<commands>{'<sequence><body>' * depth}{'</body></sequence>' * depth}</commands>"

    [command] = read_commands(nested(DEEPEST + 1))
    assert read_commands(write_commands([command]), strict=True) == (command,)
    assert f"nested more than {DEEPEST} deep" in refused(nested(DEEPEST + 2)).reason
    assert "nested more than" in refused(nested(100_000)).reason


def test_unknown_elements_may_be_nested_without_end() -> None:
    depth = 100_000
    assert read(f"<delay>{'<x>' * depth}{'</x>' * depth}<seconds>2</seconds></delay>") == Delay(2)


def test_no_commands() -> None:
    assert read_commands("<commands/>") == ()
    assert read_commands("<commands>\n</commands>") == ()
    assert write_commands([]) == "<commands/>\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_bytes_are_decoded_as_the_document_says(encoding: str) -> None:
    text = "<commands><comment><text>µm</text></comment></commands>"
    if encoding == "latin-1":
        text = f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'
    elif encoding.startswith("utf-16-"):  # without a byte order mark the document must say so
        text = f'<?xml version="1.0" encoding="UTF-16"?>{text}'
    assert read_commands(text.encode(encoding)) == (Comment("µm"),)


@pytest.mark.parametrize("declared", ["ISO-8859-1", "UTF-16", "UTF-8", "nonsense"])
def test_a_text_is_read_whatever_encoding_it_declares(declared: str) -> None:
    document = "<commands><comment><text>µm 🔬</text></comment></commands>"
    document = f'<?xml version="1.0" encoding="{declared}"?>{document}'
    assert read_commands(document) == (Comment("µm 🔬"),)
    assert read_commands(f"\ufeff{document}") == (Comment("µm 🔬"),)


@pytest.mark.parametrize("declared", ["nonsense", "shift_jis", "undefined", "hex", "utf-7"])
def test_bytes_of_an_encoding_that_cannot_be_read(declared: str) -> None:
    error = refused(f'<?xml version="1.0" encoding="{declared}"?><commands/>'.encode())
    assert "encoding" in error.reason
    assert error.line == 1


def test_half_of_a_surrogate_pair() -> None:
    error = refused("<commands><comment><text>\ud83d</text></comment></commands>")
    assert "character 25" in error.reason
    assert "surrogate" in error.reason


@pytest.mark.parametrize(
    ("document", "line", "column", "reason"),
    [
        ("", 1, 1, "not well-formed XML: no element found"),
        ("hello", 1, 1, "not well-formed XML"),
        ("<commands>", 1, 11, "not well-formed XML: no element found"),
        ("<commands>\n  <delay>\n", 3, 1, "not well-formed XML: no element found"),
        ("<commands>\n  <delay></dely></commands>", 2, 12, "not well-formed XML: mismatched tag"),
        ("<commands/><commands/>", 1, 12, "not well-formed XML: junk after document element"),
        ("<commands><comment><text>a & b</text></comment></commands>", 1, 29, "not well-formed XML"),
        ("<commands><comment><text>&nbsp;</text></comment></commands>", 1, 26, "undefined entity"),
        ("<commands><comment><text>\x07</text></comment></commands>", 1, 26, "not well-formed XML"),
        ("<!DOCTYPE commands>\n<commands/>", 1, 19, "remove the <!DOCTYPE"),
        ('<!DOCTYPE c SYSTEM "file:///etc/passwd"><commands/>', 1, 40, "remove the <!DOCTYPE"),
        ("<scan/>", 1, 1, "the root element is <scan>, not <commands>"),
        ("\n <data><commands/></data>", 2, 2, "the root element is <data>, not <commands>"),
        ("<commands>\n  <frobnicate/>\n</commands>", 2, 3, "unknown command <frobnicate>"),
        ("<commands>\n  <st/>\n</commands>", 2, 3, "unknown command <st>: did you mean set?"),
        ("<commands><Delay/></commands>", 1, 11, "unknown command <Delay>: did you mean delay?"),
        (
            "<commands><loop><body><lop/></body></loop></commands>",
            1,
            23,
            "unknown command <lop>: did you mean loop?",
        ),
        ("<commands><commands/></commands>", 1, 11, "unknown command <commands>"),
        ("<commands>\n <delay/>\n <log/></commands>", 3, 2, "<log> needs <devices>"),
        (
            "<commands><log><devices>\n<device/></devices></log></commands>",
            2,
            10,
            "an empty <device> in <log>",
        ),
        ("<commands><log><devices><device></device></devices></log></commands>", 1, 33, "an empty <device>"),
        (
            "<commands><delay><seconds>abc</seconds></delay></commands>",
            1,
            30,
            "<seconds> wants a number, not 'abc'",
        ),
        ("<commands><delay><seconds/></delay></commands>", 1, 28, "<seconds> wants a number, not ''"),
        ("<commands><loop><step>1,5</step></loop></commands>", 1, 26, "<step> wants a number, not '1,5'"),
        ("<commands><set><tolerance>inf</tolerance></set></commands>", 1, 30, "<tolerance> wants a number"),
        ("<commands><wait><timeout>1_0</timeout></wait></commands>", 1, 29, "<timeout> wants a number"),
    ],
)
def test_what_is_refused_and_where(document: str, line: int, column: int, reason: str) -> None:
    for given in (document, document.encode()):
        for strict in (True,) if "unknown command" in reason else (False, True):
            error = refused(given, strict=strict)
            assert reason in error.reason
            assert (error.line, error.column) == (line, column)
            assert str(error) == f"commands:{line}:{column}: {error.reason}"


def test_long_names_and_texts_are_cut_short_in_messages() -> None:
    for document in (
        f"<commands><{'x' * 100_000}/></commands>",
        f"<{'x' * 100_000}/>",
        f"<commands><delay><seconds>{'x' * 100_000}</seconds></delay></commands>",
        f"<commands><delay><{'x' * 100_000}/></delay></commands>",
        f"<commands>{'x' * 100_000}</commands>",
        f"<commands><wait><comparison>{'x' * 100_000}</comparison></wait></commands>",
        f"<commands><config_log><automatic>{'x' * 100_000}</automatic></config_log></commands>",
    ):
        assert len(refused(document, strict=True).reason) < 200


def test_an_error_names_its_source() -> None:
    with pytest.raises(InvalidCommands, match=r"^night\.scn:1:1: ") as caught:
        read_commands("<scan/>", source="night.scn")
    assert caught.value.source == "night.scn"


def test_entities_do_not_multiply() -> None:
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    document = "<commands><comment><text>&e9;</text></comment></commands>"
    bomb = f'<!DOCTYPE commands [<!ENTITY e0 "ha">{entities}]>{document}'
    assert "remove the <!DOCTYPE" in refused(bomb).reason


def test_namespaces_mean_nothing_to_the_server() -> None:
    assert read('<delay xmlns="urn:x"><seconds>2</seconds></delay>') == Delay(2)
    document = '<commands xmlns:a="urn:x"><a:delay/></commands>'
    assert "unknown command <a:delay>" in refused(document, strict=True).reason


def test_a_device_outside_of_devices_does_not_count() -> None:
    error = refused("<commands><log><device>x</device></log></commands>")
    assert (error.line, error.column, error.reason) == (1, 11, "<log> needs <devices>")


def test_commands_that_are_alike_differ_where_they_were_written_only() -> None:
    document = "<commands>" + "<log><devices><device>x</device></devices></log>\n" * 2 + "</commands>"
    first, second = read_commands(document, source="night.scn")
    assert first == second
    assert (first.source, second.source) == (TextSource("night.scn", 1, 11), TextSource("night.scn", 2, 1))
    first, second = read_commands(document)
    assert first == second
    assert first.source is second.source is None
    placed = first.at(TextSource("here", 1, 1))
    assert (placed.source, second.source) == (TextSource("here", 1, 1), None)


def test_zero_and_minus_zero_are_not_alike() -> None:
    step = "<loop><device>x</device><start>{}</start></loop><delay><seconds>{}</seconds></delay>"
    document = (
        f"<commands>{step.format('0', '0')}{step.format('-0', '-0.0')}{step.format('0', '0')}</commands>"
    )
    read = read_commands(document)
    assert [str(command.seconds) for command in read[1::2]] == ["0.0", "-0.0", "0.0"]
    assert [str(command.start) for command in read[::2]] == ["0.0", "-0.0", "0.0"]


def test_after_many_different_commands_equal_ones_are_still_read() -> None:
    different = "".join(f"<delay><seconds>{index}</seconds></delay>" for index in range(5000))
    read = read_commands(f"<commands>{different * 2}</commands>")
    assert [command.seconds for command in read] == [*map(float, range(5000))] * 2
