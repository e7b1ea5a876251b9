"""The union of commands is open: commands that nobody knows are kept, subclasses go as their base."""

import pickle

import pytest
from pydantic import ValidationError

from scan_sdk import CommandSequence, Delay, Log, Loop, OtherCommand, Sequence, Set
from scan_sdk._dialect.wording import describe
from scan_sdk.models.commands import own_devices

DUMP = "<beam_dump a='1'><!-- why --><mode>3</mode></beam_dump>"


class Move(Set):
    """A set by another name."""


def test_an_element_that_nobody_knows_is_kept_as_it_is_written() -> None:
    command = OtherCommand(DUMP)
    assert (command.xml, command.tag) == (DUMP, "beam_dump")
    assert eval(repr(command)) == command
    assert pickle.loads(pickle.dumps(command)) == command
    assert describe(command) == "<beam_dump>"
    assert own_devices(command) == ()


@pytest.mark.parametrize(
    ("xml", "reason"),
    [
        ("<a", "not well-formed"),
        ("", "there are 0 of them"),
        ("<a/><b/>", "there are 2 of them"),
        ("x<a/>", "beside it"),
        ("<a/><!-- x -->", "beside it"),
        (" <a/>", "beside it"),
        ("<?xml version='1.0'?><a/>", "not well-formed"),
        ("<!DOCTYPE a><a/>", "not well-formed"),
        ("</_><_>", "not well-formed"),
        ("<a>&undefined;</a>", "not well-formed"),
        ("<set><device>x</device></set>", "<set> is a command that is known"),
    ],
)
def test_what_is_not_one_unknown_element_is_refused(xml: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        OtherCommand(xml)


def test_characters_that_xml_cannot_hold_are_refused() -> None:
    for text in ("<a>\x01</a>", "<a>\ud800</a>"):
        with pytest.raises(ValidationError):
            OtherCommand(text)


def test_bodies_take_commands_of_all_kinds_and_json_names_them() -> None:
    scan = CommandSequence(Loop("x", 1, 2, 1, [OtherCommand(DUMP), Move("y", 1, readback=True)]))
    assert [type(command) for _, command in scan.walk()] == [Loop, OtherCommand, Move]
    again = CommandSequence.from_json(scan.to_json())
    assert [type(command) for _, command in again.walk()] == [Loop, OtherCommand, Set]
    assert again.to_json() == scan.to_json()


@pytest.mark.parametrize("wrong", [5, "x", None, {}, {"command": 5}, {"command": "dely"}, {1: 2}])
def test_what_is_no_command_is_refused_with_what_to_give(wrong: object) -> None:
    with pytest.raises(ValidationError, match="give commands such as Set"):
        Sequence(body=[Delay(1), wrong])  # type: ignore[list-item]


def test_a_subclass_is_what_its_base_is() -> None:
    command = Move("x", 5, completion=True)
    assert describe(command) == describe(Set("x", 5, completion=True))
    assert own_devices(Move("x", 1, readback="r")) == ("x", "r")
    assert repr(command) == "Move('x', 5, completion=True)"


def test_a_subclass_that_would_lose_what_it_adds_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match=r"Fast has fields that <set> does not carry \(speed\)"):

        class Fast(Set):
            speed: float = 1


def test_a_subclass_may_narrow_the_fields_of_its_base() -> None:
    class Quick(Log):
        error_handler: str = "OnErrorContinue"

    assert Quick("x").error_handler == "OnErrorContinue"
