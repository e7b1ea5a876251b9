"""Prints what scans from tables cost against a plain way of doing the same, as ratios within one run.

    python tests/benchmarks/compose.py

As in `run.py`, each figure is the median of several rounds, in each of which both ways run in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from run import compare

from scan_sdk import CommandSequence, Comment, Log, Set, TableScan, Wait

if TYPE_CHECKING:
    from scan_sdk import Command

ROWS = 100_000
HEADERS = ["motor_x", "motor_y", "Comment", "Wait For", "Value"]


def rows() -> list[list[str]]:
    """Return the cells of a night's table."""
    return [[str(i * 0.5), str(i % 100), f"sample {i}", "counts", "1000"] for i in range(ROWS)]


def by_hand(cells: list[list[str]]) -> CommandSequence:
    """Build the same commands one by one, as a script for one such table would."""
    commands: list[Command] = []
    for number, (x, y, comment, device, value) in enumerate(cells, start=1):
        commands += [
            Comment(f"# Line {number}"),
            Set("motor_x", float(x)),
            Set("motor_y", float(y)),
            Comment(comment),
            Wait(device, float(value), ">="),
            Log("motor_x", "motor_y", device),
        ]
    return CommandSequence(commands, Comment("# End"))


def main() -> None:
    """Measure a table of 100,000 rows, 600,000 commands, and the way back."""
    cells = rows()
    table = TableScan(HEADERS, cells)
    commands = table.commands()
    assert commands == by_hand(cells)
    title = "table of 100,000 rows to its commands one by one"
    compare(title, "at most 1", lambda: TableScan(HEADERS, cells).commands(), lambda: by_hand(cells))
    back = "the way back to the way there"
    compare(back, "at most 6", lambda: TableScan.from_commands(commands), table.commands)


if __name__ == "__main__":
    main()
