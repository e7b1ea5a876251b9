"""Logged data as rows of text, for terminals and for programs that read lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Column
from rich.table import Table as Grid
from rich.text import Text

from scan_sdk.cli.common import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scan_sdk import ScanData
    from scan_sdk.data.table import Cell

__all__ = ["Rows", "pretty", "shown"]

_AT_EITHER_END = 10
"""Rows of a long table that are shown at its beginning and at its end."""
_NUMBERS_OF_A_ROW = 3


class Rows:
    """Makes rows of pieces of data, in which a device repeats its last value from piece to piece."""

    def __init__(self, devices: Sequence[str] = ()) -> None:
        """Begin with no values.

        Args:
            devices: What the columns are; by default what there is, in the order in which it comes.
        """
        self._only = tuple(devices)
        self._last: dict[str, str] = dict.fromkeys(devices, "")

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns so far."""
        return ("serial", "time (UTC)", *map(shown, self._last))

    def of(self, data: ScanData, places: Sequence[int] | None = None) -> Iterator[tuple[str, ...]]:
        """Yield a row for each serial at which something was logged.

        The columns are those of `header` once the first row was taken.

        Args:
            data: The piece.
            places: Which rows of its table to yield; by default all.
        """
        names = [name for name in self._only or data if name in data]
        if not names:
            return
        self._last |= {name: "" for name in names if name not in self._last}
        table = data.table(*names)
        first = [data[name].serial.min(initial=np.iinfo(np.int64).max) for name in names]
        chosen = np.arange(len(table)) if places is None else np.array(places)
        times = np.datetime_as_string(table.datetime[chosen]).tolist()
        columns = [column[chosen] for column in table.columns]
        for serial, time, *cells in zip(table.serial[chosen].tolist(), times, *columns, strict=True):
            for name, since, cell in zip(names, first, cells, strict=True):
                if serial >= since:
                    self._last[name] = shown(cell)
            yield (str(serial), time.replace("T", " "), *self._last.values())


def pretty(data: ScanData, *, everything: bool) -> Grid:
    """Return a table for a terminal: of many rows the first and last, unless all are wanted."""
    count = len(data.table())
    ends = [*range(_AT_EITHER_END), *range(count - _AT_EITHER_END, count)]
    left_out = 0 if everything else max(0, count - len(ends))
    rows = Rows()
    lines = list(rows.of(data, ends if left_out else None))
    if left_out:
        dots = ("...", f"{left_out} more", *["..."] * len(data))
        lines.insert(_AT_EITHER_END, dots)
    caption = f"{count} rows; --all shows all" if left_out else None
    grid = Grid(*(Column(Text(name), justify="right") for name in rows.header), caption=caption)
    for line in lines:
        grid.add_row(*map(Text, line))
    return grid


def shown(cell: Cell) -> str:
    """Return a cell as text in one line, in which nothing steers the terminal."""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    if isinstance(cell, np.ndarray):
        numbers: list[float] = cell.tolist()
        more = ["..."] if len(numbers) > _NUMBERS_OF_A_ROW else []
        return f"[{', '.join([*(f'{number:.6g}' for number in numbers[:_NUMBERS_OF_A_ROW]), *more])}]"
    return printable(str(cell))
