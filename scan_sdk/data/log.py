"""What a scan logged, as numpy columns by device, and tables of it aligned by serial."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scan_sdk._wire.log import RawLog

Column: TypeAlias = "NDArray[np.float64] | NDArray[np.object_]"
"""Values of a device: float64 where all are numbers, else texts."""

# Numbers as Java writes them, and nothing else: '007', '1_000' and 'nan' are texts (trap 10).
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:E-?[0-9]+)?|NaN|-?Infinity")


@dataclass(frozen=True, eq=False)
class DeviceLog:
    """What was logged of one device: three columns of the same length, in the order of their serials.

    Attributes:
        name: The device, by the name that the Log command used.
        serial: int64. All devices of one Log command share a serial; serials count up from 0.
        time: int64, POSIX milliseconds: the device's own time stamps, not the time of logging (trap 36).
        value: float64 where every value is a number as the server writes numbers, else texts as they came.
    """

    name: str
    serial: NDArray[np.int64]
    time: NDArray[np.int64]
    value: Column

    def __len__(self) -> int:
        return len(self.serial)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DeviceLog):
            return NotImplemented
        return (
            self.name == other.name
            and np.array_equal(self.serial, other.serial)
            and np.array_equal(self.time, other.time)
            and self.value.dtype == other.value.dtype
            and np.array_equal(self.value, other.value, equal_nan=self.value.dtype != object)
        )

    @property
    def datetime(self) -> NDArray[np.datetime64]:
        """The times as datetime64[ms], in UTC."""
        return self.time.astype("datetime64[ms]")

    def __repr__(self) -> str:
        return f"DeviceLog('{self.name}', {len(self)} samples of {_kind(self.value)})"


@dataclass(frozen=True, eq=False)
class Table:
    """Values of several devices side by side, a row for each serial at which one of them was logged.

    Attributes:
        names: The devices, in the order asked for.
        serial: int64, the serials, rising.
        columns: A column for each device; where it was not logged at a serial, its last value stands again,
            and before its first NaN or None.
    """

    names: tuple[str, ...]
    serial: NDArray[np.int64]
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.serial)

    def __getitem__(self, name: str) -> Column:
        if name not in self.names:
            raise KeyError(f"'{name}' is not in this table; it has: {', '.join(self.names)}")
        return self.columns[self.names.index(name)]

    def __iter__(self) -> Iterator[tuple[float | str | None, ...]]:
        """Yield the rows, each a new tuple (trap 11)."""
        return zip(*(column.tolist() for column in self.columns), strict=True)

    def __str__(self) -> str:
        widths = [max(len(name), 12) for name in self.names]
        head = "  ".join(name.rjust(width) for name, width in zip(self.names, widths, strict=True))
        rows = [
            "  ".join(_cell(cell).rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in self
        ]
        return "\n".join([head, *rows])


class ScanData(Mapping[str, DeviceLog]):
    """All that a scan logged: a mapping from the name of each device to its columns.

    Example:
        >>> import numpy as np
        >>> from scan_sdk.data import DeviceLog, ScanData
        >>> x = DeviceLog("x", np.array([0, 1]), np.array([1000, 2000]), np.array([1.0, 2.0]))
        >>> n = DeviceLog("n", np.array([1]), np.array([2000]), np.array([500.0]))
        >>> data = ScanData([x, n])
        >>> print(data.table("x", "n"))
                   x             n
                   1           nan
                   2           500
    """

    __slots__ = ("_logs",)

    def __init__(self, logs: list[DeviceLog] | None = None) -> None:
        self._logs = {log.name: log for log in logs or []}

    @classmethod
    def from_raw(cls, raw: Mapping[str, RawLog]) -> ScanData:
        """Build the columns from what the log reader found."""
        return cls(
            [
                DeviceLog(
                    name,
                    np.array(log.serials, dtype=np.int64),
                    np.array(log.times, dtype=np.int64),
                    _column(log.texts),
                )
                for name, log in raw.items()
            ]
        )

    def __getitem__(self, name: str) -> DeviceLog:
        try:
            return self._logs[name]
        except KeyError:
            known = ", ".join(self._logs) or "nothing"
            raise KeyError(f"'{name}' was not logged; logged: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._logs)

    def __len__(self) -> int:
        return len(self._logs)

    def __eq__(self, other: object) -> bool:
        return self._logs == other._logs if isinstance(other, ScanData) else NotImplemented

    def __repr__(self) -> str:
        return f"ScanData({', '.join(f'{name}: {len(log)}' for name, log in self._logs.items())})"

    def table(self, *devices: str) -> Table:
        """Return the values of devices side by side, aligned by serial.

        Args:
            *devices: Names of devices; none means all.

        Raises:
            KeyError: A device was not logged; the text names those that were.
        """
        logs = [self[name] for name in devices or self._logs]
        found = [log.serial for log in logs]
        serial = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
        columns = tuple(_aligned(log, serial) for log in logs)
        return Table(tuple(log.name for log in logs), serial, columns)


def _aligned(log: DeviceLog, serial: NDArray[np.int64]) -> Column:
    """Give the last value at or before each serial."""
    last = np.searchsorted(log.serial, serial, side="right") - 1
    before_first = last < 0
    if len(log) == 0:
        return np.full(len(serial), np.nan)
    column = log.value[last]
    column[before_first] = np.nan if column.dtype != object else None
    return column


def _column(texts: list[str]) -> Column:
    if all(map(_NUMBER.fullmatch, texts)):
        return np.array([float(text) for text in texts], dtype=np.float64)
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column


def _kind(column: Column) -> str:
    return "text" if column.dtype == object else "numbers"


def _cell(cell: float | str | None) -> str:
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
