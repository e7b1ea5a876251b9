"""Old commands to modern ones and back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

import pytest
from hypothesis import given

from scan_sdk import CellSource, InvalidCommands, models, pyscan
from scan_sdk.pyscan import CommandSequence, If, Log, Loop, Parallel, Set, Wait, legacy_of, modern_of
from scan_sdk.sequence import CommandSequence as ModernSequence
from scan_sdk.testing.strategies import commands

if TYPE_CHECKING:
    from scan_sdk.models import Command


def named(command: Command) -> Command:
    """Return a command whose loops name the device that they read back, as old ones do."""
    changes: dict[str, object] = {}
    if isinstance(command, models.If | models.Loop | models.Parallel | models.Sequence):
        changes["body"] = tuple(map(named, command.body))
    if isinstance(command, models.Loop) and command.wait and not command.readback:
        changes["readback"] = command.device
    return command.model_copy(update=changes)


@given(commands())
def test_every_command_comes_back_from_its_old_form(command: Command) -> None:
    assert modern_of(legacy_of(command)) == named(command)


@given(commands())
def test_every_old_command_is_shown_as_python(command: Command) -> None:
    again = eval(repr(legacy_of(command)), vars(pyscan))  # with the digits that PyScanClient shows
    assert type(again).__name__ == type(command).__name__
    assert repr(eval(repr(again), vars(pyscan))) == repr(again)


@given(commands())
def test_a_document_holds_what_its_commands_mean(command: Command) -> None:
    old = legacy_of(command)
    assert list(ModernSequence.from_xml(CommandSequence(old).genSCN())) == [modern_of(old)]


@pytest.mark.parametrize(
    ("old", "modern"),
    [
        (Wait("c", 5), models.Wait("c", 5)),
        (Wait("c", "5"), models.Wait("c", 5)),
        (Wait("c", '"5"'), models.Wait("c", "5")),
        (Wait("c", "on"), models.Wait("c", "on")),
        (If("c", "=", "on"), models.If("c", "=", "on")),
        (Set("c", "5"), models.Set("c", "5")),
        (Set("c", True), models.Set("c", "True")),
        (Set("c", 1, readback=True), models.Set("c", 1, readback="c", tolerance=0)),
        (Set("c", 1, readback_value=3), models.Set("c", 1)),
        (Loop("c", 1, 2, 0.5, readback="r"), models.Loop("c", 1, 2, 0.5, readback="r", tolerance=0.05)),
        (Wait("c", ["a", "b"], "in"), models.Wait("c", ["a", "b"], "in")),
    ],
)
def test_an_old_command_means_what_the_server_makes_of_it(old: pyscan.Command, modern: Command) -> None:
    assert modern_of(old) == modern


def test_whole_times_are_shown_without_a_point() -> None:
    modern = models.Set("m", 2, completion=True, timeout=100, readback="r", readback_value=1)
    shown = "Set('m', 2.0, completion=True, timeout=100, readback='r', readback_value=1, tolerance=0.100000)"
    assert repr(legacy_of(modern)) == shown


def test_what_the_server_would_refuse_is_told_with_the_command() -> None:
    with pytest.raises(InvalidCommands, match=r"Log\(\): <log> needs <devices>"):
        modern_of(Log())
    with pytest.raises(InvalidCommands, match=r"Comment\('\\x00'\): not well-formed"):
        modern_of(pyscan.Comment("\0"))
    broken = Parallel()
    broken.getBody().append("Log")  # type: ignore[arg-type]
    with pytest.raises(InvalidCommands, match=r"Parallel\('Log'\): it cannot be written as XML"):
        modern_of(broken)
    with pytest.raises(InvalidCommands) as caught:
        modern_of(pyscan.Comment("\0" + "x" * 1000))
    assert len(str(caught.value)) < 300


def test_a_command_of_a_site_means_what_it_writes() -> None:
    class Home(pyscan.Command):
        def genXML(self) -> Element:
            made = Element("set")
            SubElement(made, "device").text = "m:home"
            SubElement(made, "value").text = "1"
            SubElement(made, "wait").text = "false"
            return made

        def __repr__(self) -> str:
            return "Home()"

    assert modern_of(Loop("x", 1, 2, 1, Home())).body == (models.Set("m:home", 1),)


def test_places_in_tables_are_kept_both_ways() -> None:
    cell, other = CellSource(7, "x"), CellSource(8, "y")
    loop = models.Loop("x", 1, 2, 1, models.Log("x"), models.Delay(1).at(other)).at(cell)
    again = modern_of(legacy_of(loop))
    assert isinstance(again, models.Loop)
    assert (again.source, again.body[0].source, again.body[1].source) == (cell, None, other)
