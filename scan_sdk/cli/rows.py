"""Logged data as rows of text, for terminals and for programs that read lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table as Grid
from rich.text import Text

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

    def of(self, data: ScanData) -> Iterator[tuple[str, ...]]:
        """Yield a row for each serial at which something was logged.

        The columns are those of `header` once the first row was taken.
        """
        names = [name for name in self._only or data if name in data]
        if not names:
            return
        self._last |= {name: "" for name in names if name not in self._last}
        table = data.table(*names)
        first = [int(data[name].serial.min(initial=np.iinfo(np.int64).max)) for name in names]
        times = np.datetime_as_string(table.datetime).tolist()
        for serial, time, cells in zip(table.serial.tolist(), times, table, strict=True):
            for name, since, cell in zip(names, first, cells, strict=True):
                if serial >= since:
                    self._last[name] = shown(cell)
            yield (str(serial), time.replace("T", " "), *self._last.values())


def pretty(data: ScanData, *, everything: bool) -> Grid:
    """Return a table for a terminal: of many rows the first and last, unless all are wanted."""
    rows = Rows()
    lines = list(rows.of(data))
    grid = Grid()
    for name in rows.header:
        grid.add_column(Text(name), justify="right")
    left_out = 0 if everything else max(0, len(lines) - 2 * _AT_EITHER_END)
    for line in lines[:_AT_EITHER_END] if left_out else lines:
        grid.add_row(*map(Text, line))
    if left_out:
        grid.add_row("...", Text(f"{left_out} more", style="dim"), *["..."] * (len(rows.header) - 2))
        for line in lines[-_AT_EITHER_END:]:
            grid.add_row(*map(Text, line))
        grid.caption = f"{len(lines)} rows; --all shows all"
    return grid


def shown(cell: Cell) -> str:
    """Return a cell as text in one line, in which nothing steers the terminal."""
    if isinstance(cell, float):
        return f"{cell:.12g}"
    if isinstance(cell, np.ndarray):
        numbers: list[float] = cell.tolist()
        more = ["..."] if len(numbers) > _NUMBERS_OF_A_ROW else []
        return f"[{', '.join([*(f'{number:.6g}' for number in numbers[:_NUMBERS_OF_A_ROW]), *more])}]"
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in str(cell))
