"""Values of several devices side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from scan_sdk.data.columns import Column, columns_equal, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    import xarray as xr
    from numpy.typing import NDArray

    from scan_sdk.data.device import DeviceLog

__all__ = ["Alignment", "Cell", "Table", "align"]

Cell: TypeAlias = "float | str | NDArray[np.float64] | None"
"""What a table has at one place: a number, a text, a row of numbers, or nothing."""
Alignment: TypeAlias = Literal["last", "inner"]
"""Which serials a table has."""
_SHOWN = 10
"""Rows at either end of a table that is printed."""


@dataclass(frozen=True, eq=False)
class Table:
    """Values of several devices side by side, a row for each serial.

    Attributes:
        names: The devices, in the order asked for.
        serial: int64, the serials, rising.
        time: int64, POSIX milliseconds: the newest time stamp among the values of each row.
        columns: A column for each device; where it was not logged at a serial, its last value stands again,
            and before its first NaN, or None where it holds no numbers.
        starts: For each device the first row in which it has a value; there is nothing in the rows before.
    """

    names: tuple[str, ...]
    serial: NDArray[np.int64]
    time: NDArray[np.int64]
    columns: tuple[Column, ...]
    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.serial)

    def __getitem__(self, name: str) -> Column:
        """Return the column of a device.

        Raises:
            KeyError: The table has no such device; the text names those that it has.
        """
        if name not in self.names:
            raise KeyError(f"'{name}' is not in this table; it has: {', '.join(self.names)}")
        return self.columns[self.names.index(name)]

    @property
    def datetime(self) -> NDArray[np.datetime64]:
        """The times as datetime64[ms], in UTC."""
        return self.time.astype("datetime64[ms]")

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the rows, each a new tuple (trap 11)."""
        return zip(*map(_cells, self.columns), strict=True)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Table):
            return NotImplemented
        return (
            self.names == other.names
            and np.array_equal(self.serial, other.serial)
            and np.array_equal(self.time, other.time)
            and self.starts == other.starts
            and all(map(columns_equal, self.columns, other.columns))
        )

    def __str__(self) -> str:
        texts = self._texts(_SHOWN)
        widths = [max(12, len(name), *(len(row[i]) for row in texts)) for i, name in enumerate(self.names)]
        lines = [self.names, *texts]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
        )

    def _repr_html_(self) -> str:
        """Return the table as notebooks show it."""
        from html import escape

        def line(tag: str, cells: Sequence[str]) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        rows = "\n".join(line("td", row) for row in self._texts(_SHOWN))
        return (
            f"<table>\n<thead>{line('th', self.names)}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n"
            f"<p>{len(self)} rows, {len(self.names)} devices</p>"
        )

    def to_arrow(self, *, serial: bool = False, time: bool = False) -> pa.Table:
        """Return the table as a `pyarrow.Table`.

        Numbers are float64, texts strings, rows of numbers large lists of float64. Before the first value of
        a device there is null; NaN is a value that was logged.

        Args:
            serial: Whether the first column is `serial`, int64.
            time: Whether there is a column `time` before the devices: UTC, in milliseconds.

        Raises:
            MissingExtra: pyarrow is not installed.
            ValueError: Two columns would have the same name.
        """
        from scan_sdk.data.conversions import to_arrow

        return to_arrow(self, serial=serial, time=time)

    def to_pandas(self, *, serial: bool = False, time: bool = False) -> pd.DataFrame:
        """Return the table as a `pandas.DataFrame`.

        Numbers are float64, with NaN before the first; texts are of the type `string`, with NA; rows of
        numbers are arrays, with None. The index counts rows; `set_index("serial")` makes another.

        Args:
            serial: Whether the first column is `serial`, int64.
            time: Whether there is a column `time` before the devices: `datetime64[ms, UTC]`.

        Raises:
            MissingExtra: pandas or pyarrow is not installed.
            ValueError: Two columns would have the same name.
        """
        from scan_sdk.data.conversions import to_pandas

        return to_pandas(self, serial=serial, time=time)

    def to_polars(self, *, serial: bool = False, time: bool = False) -> pl.DataFrame:
        """Return the table as a `polars.DataFrame`.

        Numbers are Float64, texts String, rows of numbers List(Float64). Before the first value of a device
        there is null; NaN is a value that was logged.

        Args:
            serial: Whether the first column is `serial`, Int64.
            time: Whether there is a column `time` before the devices: Datetime of milliseconds, UTC.

        Raises:
            MissingExtra: polars or pyarrow is not installed.
            ValueError: Two columns would have the same name.
        """
        from scan_sdk.data.conversions import to_polars

        return to_polars(self, serial=serial, time=time)

    def to_xarray(self) -> xr.Dataset:
        """Return the table as an `xarray.Dataset` over the coordinate `serial`, with `time` beside it.

        Numbers are float64, with NaN before the first; texts are objects, with NaN too. Rows of numbers have
        a second dimension, `NAME_index`; where they differ in length, NaN follows their ends.

        Raises:
            MissingExtra: xarray is not installed.
            ValueError: A device is called `serial` or `time`, or stands twice in the table.
        """
        from scan_sdk.data.conversions import to_xarray

        return to_xarray(self)

    def _texts(self, shown: int) -> list[list[str]]:
        """Return rows as text: all of them, or where there are many more the first and last."""
        count = len(self)
        cut = count > 3 * shown
        places = [*range(shown), *range(count - shown, count)] if cut else range(count)
        rows = [[_text(column[index]) for column in self.columns] for index in places]
        if cut:
            rows.insert(shown, ["..."] * len(self.names))
        return rows


def align(logs: Sequence[DeviceLog], how: Alignment) -> Table:
    """Return the values of devices side by side.

    Args:
        logs: The devices.
        how: "last" for a row at each serial at which any of them was logged; "inner" for a row at each at
            which all were.
    """
    ordered = [_in_order(log) for log in logs]
    found = [serial for serial, _, _ in ordered]
    if how == "inner":
        serial = _distinct(found[:1])
        for other in found[1:]:
            serial = serial[np.isin(serial, other)]
    else:
        serial = _distinct(found)
    time = np.full(len(serial), np.iinfo(np.int64).min)
    columns: list[Column] = []
    starts: list[int] = []
    for serials, times, values in ordered:
        last = np.searchsorted(serials, serial, side="right") - 1
        before = last < 0
        if len(serials):
            np.maximum(time, np.where(before, time, times[last]), out=time)
        columns.append(_taken(values, last, before))
        starts.append(int(np.count_nonzero(before)))
    return Table(tuple(log.name for log in logs), serial, time, tuple(columns), tuple(starts))


def _distinct(serials: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Return all serials, each once, rising."""
    # numpy.unique takes several times as long: what is in order already is merged by a stable sort.
    merged = np.sort(np.concatenate([np.empty(0, np.int64), *serials]), kind="stable")
    first = np.ones(len(merged), dtype=np.bool_)
    first[1:] = merged[1:] != merged[:-1]
    return merged[first]


def _in_order(log: DeviceLog) -> tuple[NDArray[np.int64], NDArray[np.int64], Column]:
    """Return the columns in the order of serials; what a script logs may begin anew at 0."""
    if np.all(log.serial[1:] >= log.serial[:-1]):
        return log.serial, log.time, log.value
    order = np.argsort(log.serial, kind="stable")
    return log.serial[order], log.time[order], log.value[order]


def _taken(values: Column, last: NDArray[np.intp], before: NDArray[np.bool_]) -> Column:
    """Return values at places, and nothing where there is none yet."""
    if len(values) == 0:
        return np.full((len(last), *values.shape[1:]), np.nan)
    column = values[last]
    if before.any():
        column[before] = np.nan if column.dtype != object else None
    return column


def _cells(column: Column) -> list[Cell]:
    return list(column) if kind_of(column) == "rows" else column.tolist()


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:g}"
    if isinstance(cell, np.ndarray):
        numbers: list[float] = cell.tolist()
        more = ", ..." if len(numbers) > 3 else ""
        return f"[{', '.join(f'{number:g}' for number in numbers[:3])}{more}]"
    return str(cell)
