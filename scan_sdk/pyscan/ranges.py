"""What cells of tables such as `range(1, 5)` stand for, as old scripts ask for it.

Modern: `scan_sdk.TableScan` reads such cells by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scan_sdk.compose.cells import NoValuesError, Steps, read_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "expandRangeInRow",
    "expandRanges",
    "getIterable",
    "getRangeOrLoop",
    "loop_matcher",
    "range_matcher",
]

range_matcher: re.Pattern[str] = re.compile(r"range\s*\(", re.IGNORECASE)
"""Finds the beginning of `range(...)`."""
loop_matcher: re.Pattern[str] = re.compile(r"loop\s*\(", re.IGNORECASE)
"""Finds the beginning of `loop(...)`."""


def getRangeOrLoop(cell: str, matcher: re.Pattern[str]) -> tuple[float, float, float] | None:
    """Return start, end and step of a cell, None where it is not what the matcher finds.

    Args:
        cell: What stands in the cell.
        matcher: `range_matcher` or `loop_matcher`.

    Raises:
        ValueError: It begins so, and does not go on as it should, or the step is 0.
    """
    text = cell.strip()
    found = matcher.match(text)
    if found is None:
        return None
    steps = read_cell(f"loop({text[found.end() :]}")  # both are written alike
    assert isinstance(steps, Steps)
    given = text.count(",")
    return steps.start if given else 0, steps.end, steps.step if given == 2 else 1


def getIterable(cell: object) -> Sequence[float | str] | None:
    """Return the values that a cell stands for, None where it is no range and no list.

    Raises:
        ValueError: It begins like one, and is none.
    """
    text = str(cell).strip()
    try:
        values = read_cell(text)
    except NoValuesError:
        return []
    if not isinstance(values, tuple):
        return None
    if range_matcher.match(text) is None:
        whole = [_whole(value) for value in values]
        return tuple(whole) if text.startswith("(") else whole
    return list(values) if "," in text else [_whole(value) for value in values]


def expandRangeInRow(row: Sequence[object]) -> list[list[object]] | None:
    """Return a row for each value of the first cell that has several, None where none has.

    A cell that stands for no values at all is cleared.
    """
    for place, cell in enumerate(row):
        values = getIterable(cell)
        if values is not None:
            return [[*row[:place], str(value), *row[place + 1 :]] for value in values or [""]]
    return None


def expandRanges(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    """Return rows with a row for each combination of the values that cells stand for."""
    found: list[list[object]] = []
    for row in rows:
        expanded = expandRangeInRow(row)
        found += [list(row)] if expanded is None else expandRanges(expanded)
    return found


def _whole(value: float | str) -> float | str:
    return int(value) if isinstance(value, float) and value.is_integer() else value
