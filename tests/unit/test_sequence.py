"""A scan as a list of commands."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from scan_sdk import (
    Command,
    CommandSequence,
    Comment,
    Delay,
    If,
    InvalidCommands,
    Log,
    Loop,
    OtherCommand,
    Parallel,
    Sequence,
    Set,
    Wait,
)

if TYPE_CHECKING:
    from pathlib import Path

A, B, C, D = Delay(1), Comment("b"), Log("c"), Set("d", 4)
COMMAND = "give commands such as Set('motor_x', 10) or Delay(2)"


def test_a_sequence_takes_commands_lists_and_nests() -> None:
    expected = [A, B, C, D]
    assert list(CommandSequence(A, B, C, D)) == expected
    assert list(CommandSequence([A, B, C, D])) == expected
    assert list(CommandSequence([A, [B, (C,)]], D)) == expected
    assert list(CommandSequence(CommandSequence(A, B), iter([C]), [CommandSequence(D)])) == expected
    assert list(CommandSequence()) == list(CommandSequence([], [[]])) == []


def test_it_is_a_list() -> None:
    scan = CommandSequence(A, B)
    scan.append(C)
    scan.append([D, [A]])
    assert list(scan) == [A, B, C, D, A]
    assert len(scan) == 5
    assert scan[0] is A
    assert scan[-1] == A
    assert C in scan
    assert scan.index(C) == 2
    assert scan.count(A) == 2
    del scan[-1]
    scan.insert(0, D)
    scan.insert(1, [C, B])
    assert list(scan) == [D, C, B, A, B, C, D]
    scan[0] = A
    scan[1:4] = [D]
    assert list(scan) == [A, D, B, C, D]
    del scan[1:3]
    assert list(scan) == [A, C, D]
    scan.extend([B])
    scan += [A]
    assert scan.pop() == A
    scan.reverse()
    assert list(scan) == [B, D, C, A]
    scan.remove(D)
    scan.clear()
    assert not scan


def test_slices_are_sequences() -> None:
    scan = CommandSequence(A, B, C, D)
    assert scan[1:3] == CommandSequence(B, C)
    assert isinstance(scan[1:3], CommandSequence)
    assert scan[::-1] == CommandSequence(D, C, B, A)
    with pytest.raises(IndexError):
        scan[4]


def test_sequences_add_up() -> None:
    scan = CommandSequence(A)
    assert scan.__add__([B, C]) == CommandSequence(A, B, C)
    assert scan + CommandSequence(D) == CommandSequence(A, D)
    assert scan + B == CommandSequence(A, B)
    assert list(scan) == [A]


def test_equality() -> None:
    assert CommandSequence(A) == CommandSequence([A])
    assert CommandSequence(A) != CommandSequence(B)
    assert CommandSequence(A) != [A]
    with pytest.raises(TypeError, match="unhashable"):
        hash(CommandSequence(A))


@pytest.mark.parametrize("wrong", [5, None, "x", Log, object(), {"a": 1}, {"command": "sett"}])
def test_what_is_no_command_is_refused_everywhere(wrong: Command) -> None:
    scan = CommandSequence(A, B)
    ways = [
        lambda: CommandSequence(wrong),
        lambda: CommandSequence(A, [wrong]),
        lambda: scan.append(wrong),
        lambda: scan.insert(0, wrong),
        lambda: scan.__setitem__(0, wrong),
        lambda: scan.__setitem__(slice(0, 1), [wrong]),
        lambda: scan.extend([wrong]),
        lambda: scan + wrong,
    ]
    for way in ways:
        with pytest.raises(ValidationError) as caught:
            way()
        assert caught.value.title == "CommandSequence"
        assert caught.value.errors()[0]["msg"] == COMMAND
        assert "pydantic.dev" not in str(caught.value)
    assert list(scan) == [A, B]


def test_one_place_takes_one_command() -> None:
    scan = CommandSequence(A, B)
    with pytest.raises(ValueError, match="unpack"):
        scan[0] = [C, D]  # type: ignore[call-overload]
    assert list(scan) == [A, B]


def test_walk_counts_addresses_as_the_server_does() -> None:
    """Spec §4: depth first from 0; bodies of loop, if, parallel and sequence count."""
    inner = [Sequence(A, B), If("x", "=", 1, C)]
    scan = CommandSequence(A, Loop("x", 1, 2, 1, Parallel(inner), D), B)
    found = list(scan.walk())
    assert [address for address, _ in found] == list(range(10))
    assert [type(command).__name__ for _, command in found] == [
        "Delay",
        "Loop",
        "Parallel",
        "Sequence",
        "Delay",
        "Comment",
        "If",
        "Log",
        "Set",
        "Comment",
    ]
    assert list(CommandSequence().walk()) == []


def test_xml() -> None:
    scan = CommandSequence(Comment("µ & <b>"), Delay(1))
    text = scan.to_xml()
    assert text.startswith("<commands>\n  <comment>\n    <text>µ &amp; &lt;b&gt;</text>\n")
    assert CommandSequence.from_xml(text) == scan
    assert CommandSequence.from_xml(text.encode()) == scan


def test_xml_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "night.scn"
    scan = CommandSequence(Comment("µ"))
    path.write_text(f'<?xml version="1.0" encoding="UTF-16"?>\n{scan.to_xml()}', encoding="utf-16")
    assert CommandSequence.from_xml(path) == scan
    path.write_text("<commands>\n  <dely/>\n</commands>")
    assert CommandSequence.from_xml(path) == CommandSequence(OtherCommand("<dely/>"))
    with pytest.raises(InvalidCommands) as caught:
        CommandSequence.from_xml(path, strict=True)
    assert str(caught.value) == f"{path}:2:3: unknown command <dely>: did you mean delay?"
    assert caught.value.source == str(path)
    with pytest.raises(FileNotFoundError):
        CommandSequence.from_xml(tmp_path / "none.scn")


def test_strict_reading_is_a_choice() -> None:
    text = "<commands><delay><sec>1</sec></delay></commands>"
    assert CommandSequence.from_xml(text) == CommandSequence(Delay(0))
    with pytest.raises(InvalidCommands, match="the server ignores <sec>"):
        CommandSequence.from_xml(text, strict=True)


def test_what_a_server_holds_can_be_handled() -> None:
    """Commands that the constructors refuse come from servers all the same, and are not refused again."""
    endless = "<loop><device>x</device><end>Infinity</end></loop>"
    scan = CommandSequence.from_xml(f"<commands>{endless}<delay><seconds>-1</seconds></delay></commands>")
    assert "<end>Infinity</end>" in scan.to_xml()
    assert CommandSequence.from_xml(scan.to_xml()) == scan
    assert scan[:1] + scan[1:] == copy.copy(scan) == scan
    scan.append(scan[0])
    del scan[-1]
    assert [address for address, _ in scan.walk()] == [0, 1]
    assert "inf" in scan.format()
    assert '"end":"Infinity"' in scan.to_json()
    assert '"end":"Infinity"' in scan[0].model_dump_json()


def test_json() -> None:
    scan = CommandSequence(Loop("x", 1, 2, 1, Log("x")), Set("x", "5"))
    text = scan.to_json()
    assert text.startswith('[{"command":"loop","device":"x",')
    assert '"body":[{"command":"log","devices":["x"],"error_handler":""}]' in text
    assert CommandSequence.from_json(text) == scan
    assert scan.to_json(indent=2).startswith("[\n  {\n    ")
    assert CommandSequence().to_json() == "[]"
    short = '[{"command": "wait", "device": "x", "value": 5, "comparison": ">="}]'
    assert CommandSequence.from_json(short) == CommandSequence(Wait("x", 5, ">="))


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("", "", "Invalid JSON"),
        ('[{"command":"delay"', "", "Invalid JSON"),
        ('{"command":"delay","seconds":1}', "", "valid array"),
        ('[{"command":"dely","seconds":1}]', "0", COMMAND),
        ('[{"seconds":1}]', "0", COMMAND),
        ("[5]", "0", COMMAND),
        ('[{"command":"delay","seconds":-1}]', "0.seconds", "give a time in seconds"),
        ('[{"command":"delay","seconds":1,"second":1}]', "0.second", "did you mean 'seconds'?"),
        ('[{"command":"set","device":"x","value":true}]', "0.value", "give a finite number, or a text"),
        ('[{"command":"set","device":"x","value":NaN}]', "0.value", "give a finite number, or a text"),
        ('[{"command":"log","devices":[]}]', "0.devices", "give one or more names of devices"),
        (
            '[{"command":"loop","device":"x","start":0,"end":1,"step":0}]',
            "0",
            "step 0 never reaches the end",
        ),
        (
            '[{"command":"sequence","body":[{"command":"log"}]}]',
            "0.body.0.devices",
            "Log needs devices",
        ),
    ],
)
def test_json_that_is_refused(text: str, where: str, hint: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CommandSequence.from_json(text)
    fault = caught.value.errors()[0]
    assert ".".join(map(str, fault["loc"])) == where
    assert hint in fault["msg"]
    assert caught.value.title == "CommandSequence"
    assert "pydantic.dev" not in str(caught.value)


def test_models_may_have_fields_of_it() -> None:
    class Night(BaseModel):
        scan: CommandSequence

    night = Night(scan=CommandSequence(A, B))
    assert Night.model_validate_json(night.model_dump_json()) == night
    assert night.model_dump_json() == '{"scan":' + CommandSequence(A, B).to_json() + "}"
    assert Night.model_validate({"scan": [A, B]}) == night
    assert Night.model_validate({"scan": [{"command": "delay", "seconds": 1}]}).scan == CommandSequence(A)
    schema = TypeAdapter(CommandSequence).json_schema()
    assert schema["type"] == "array"
    with pytest.raises(ValidationError):
        Night.model_validate({"scan": [5]})


def test_a_copy_is_a_sequence_of_its_own() -> None:
    scan = CommandSequence(A)
    for other in (copy.copy(scan), copy.deepcopy(scan), scan[:], CommandSequence(scan)):
        other.append(B)
        assert list(scan) == [A]
        assert list(other) == [A, B]


def test_fields_left_by_a_subclass() -> None:
    class Beamline(CommandSequence):
        pass

    assert isinstance(Beamline.from_xml("<commands/>"), Beamline)
    assert isinstance(Beamline.from_json("[]"), Beamline)
