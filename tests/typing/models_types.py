"""What type checkers and editors know of commands and replies; checked by mypy and pyright, never run."""

from datetime import datetime, timedelta
from typing import assert_type

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
    ScanData,
    ScanInfo,
    ScanState,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.data import Table

# All the ways that people write commands.
Set("motor_x", 10, completion=True, readback="motor_x.RBV", tolerance=0.1, timeout=30, error_handler="Go")
Set("shutter", "Open", readback=True, readback_value="Opened")
Loop("motor_x", 1, 10, 0.5, [Log("motor_x")], readback=True)
Loop("x", 1, 5, 1, Set("y", 2), Log("b"), [Delay(1), [Comment("nested")]])
Loop("x", 1, 5, 1, body=CommandSequence(Delay(1)))
Log("a", "b")
Log(["a", "b"])
Wait("counts", 1e6, comparison=">=", timeout=10)
Wait("shutter", ["Open", "Moving"], "in")
If("x", ">", 3, [Delay(1)])
If("x", Comparison.AT_LEAST, 3, Delay(1), Delay(2))
Parallel(Delay(1), Sequence(Delay(1), Delay(2)), timeout=5)
Include("f.scn", macros={"m": "x", "n": 3})
Script("Name", 1, "b")
ConfigLog(True)

# What checkers refuse; an ignore that is not needed is an error itself.
Loop("x", 1, 5, 1, complation=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Set("x", [1, 2])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Set("x", None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Wait("x", 1, comparison="=>")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Comment("x", error_handler="Go")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def commands(scan: CommandSequence) -> None:
    assert_type(scan[0], Command)
    assert_type(scan[1:], CommandSequence)
    assert_type(scan.to_xml(), str)
    assert_type(CommandSequence.from_xml("<commands/>"), CommandSequence)
    for address, command in scan.walk():
        assert_type(address, int)
        if isinstance(command, Loop):
            assert_type(command.start, float)
            assert_type(command.body, tuple[Command, ...])
        elif isinstance(command, Set):
            assert_type(command.value, str | float)
            assert_type(command.readback, str)


def replies(info: ScanInfo, data: ScanData) -> None:
    assert_type(info.state, ScanState)
    assert_type(info.is_done, bool)
    assert_type(info.percentage, int)
    assert_type(info.created, datetime)
    assert_type(info.finish, datetime | None)
    assert_type(info.runtime, timedelta)
    assert_type(info.error, str | None)
    assert_type(data.table("x"), Table)
