"""The repr of a command is the Python source that builds it."""

from __future__ import annotations

import numpy as np
import pytest

from scan_sdk import (
    Command,
    CommandSequence,
    Comment,
    Comparison,
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

SOURCES = [
    "Comment('text')",
    "Comment('it\\'s \"so\"')",
    "Delay(2)",
    "Delay(2.5, error_handler='H')",
    "Delay(1e-05)",
    "Delay(1e+20)",
    "ConfigLog(True)",
    "Log('a', 'b')",
    "Log('a', error_handler='H')",
    "Set('x', 10)",
    "Set('x', -0.0)",
    "Set('x', '10')",
    "Set('x', 1, readback=True)",
    "Set('x', 1, completion=True, readback='y', readback_value='moved', tolerance=0, timeout=30)",
    "Set('x', 1, error_handler='H')",
    "Set('x', 1, readback='y', readback_value=0)",
    "Wait('x', 1000000, comparison='>=', timeout=10)",
    "Wait('x', 5)",
    "Wait('x', 5, tolerance=0)",
    "Wait('x', ['a', 'b'], comparison='not in')",
    "Wait('x', 5, comparison='increase by')",
    "If('x', '=', 'Open')",
    "If('x', '>', 3, [Delay(1)], tolerance=0.5)",
    "Loop('x', 1, 5, 0.5)",
    "Loop('x', 1, 5, 0.5, [Log('x'), Loop('y', 0, 1, 1, [Delay(1)])], readback=True)",
    "Loop('x', 1, 5, -1, completion=True, readback='y', timeout=3)",
    "Parallel()",
    "Parallel([Delay(1), Delay(2)], timeout=5)",
    "Sequence([Delay(1)], error_handler='H')",
    "Include('f.scn')",
    "Include('f.scn', macros='m=x')",
    "Script('M')",
    "Script('M', '1', 'b', error_handler='H')",
]
NAMES = {
    cls.__name__: cls
    for cls in (Comment, ConfigLog, Delay, If, Include, Log, Loop, Parallel, Script, Sequence, Set, Wait)
}


@pytest.mark.parametrize("source", SOURCES)
def test_trap_20_the_repr_of_a_command_is_its_source(source: str) -> None:
    command = eval(source, dict(NAMES))
    assert repr(command) == source
    assert str(command) == source
    assert f"{command}" == source


def test_trap_20_nothing_is_lost_that_is_not_at_its_default() -> None:
    for source in SOURCES:
        command: Command = eval(source, dict(NAMES))
        again: Command = eval(repr(command), dict(NAMES))
        assert again == command
        assert again.model_dump() == command.model_dump()


def test_numpy_leaves_no_trace() -> None:
    assert repr(Loop("x", np.float64(1), np.int64(5), np.float32(0.5))) == "Loop('x', 1, 5, 0.5)"
    assert repr(Set(np.str_("x"), np.str_("y"))) == "Set('x', 'y')"
    assert repr(Script("M", np.float64(2))) == "Script('M', '2.0')"


def test_comparisons_are_shown_by_their_symbols() -> None:
    for comparison in Comparison:
        value = ["a"] if comparison in {Comparison.IN, Comparison.NOT_IN} else 5
        source = repr(Wait("x", value, comparison))
        assert eval(source, {"Wait": Wait}).comparison is comparison
        assert comparison.name not in source


def test_format_lays_out_bodies() -> None:
    scan = CommandSequence(
        Comment("a"),
        Loop("x", 1, 5, 1, [If("y", ">", 3, Parallel(), tolerance=0), Log("x")], timeout=3),
    )
    text = """\
CommandSequence(
    Comment('a'),
    Loop('x', 1, 5, 1, [
        If('y', '>', 3, [
            Parallel(),
        ], tolerance=0),
        Log('x'),
    ], timeout=3),
)"""
    assert scan.format() == text
    assert eval(text, NAMES | {"CommandSequence": CommandSequence}) == scan
    assert CommandSequence().format() == repr(CommandSequence()) == "CommandSequence()"
