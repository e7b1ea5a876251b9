"""What a scan has logged, kept as it comes: columns that grow, from which points are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import numpy as np

from scan_sdk import DeviceLog, Loop, ScanData, Set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from scan_sdk import Command

__all__ = ["AXES", "Samples", "choose_axes", "tail"]

Floats: TypeAlias = "NDArray[np.float64]"
Number = TypeVar("Number", np.int64, np.float64)

AXES: Final = ("serial", "time")
"""What can be drawn over besides devices. A device of such a name goes first."""
_FIRST_ROOM: Final = 1024


class _Column:
    """The samples of one device, in arrays that are replaced by twice as long ones when they are full."""

    def __init__(self) -> None:
        self._count = 0
        self._serial = np.empty(_FIRST_ROOM, np.int64)
        self._time = np.empty(_FIRST_ROOM, np.int64)
        self._value = np.empty(_FIRST_ROOM, np.float64)

    def add(self, log: DeviceLog) -> None:
        begin, end = self._count, self._count + len(log)
        if end > len(self._serial):
            room = max(end, 2 * len(self._serial))
            self._serial = _longer(self._serial, begin, room)
            self._time = _longer(self._time, begin, room)
            self._value = _longer(self._value, begin, room)
        self._serial[begin:end] = log.serial
        self._time[begin:end] = log.time
        # Between numbers a text is a gap.
        self._value[begin:end] = log.value if log.kind == "numbers" else np.nan
        self._count = end

    @property
    def serial(self) -> NDArray[np.int64]:
        return self._serial[: self._count]

    @property
    def time(self) -> NDArray[np.int64]:
        return self._time[: self._count]

    @property
    def value(self) -> Floats:
        return self._value[: self._count]


def _longer(column: NDArray[Number], count: int, room: int) -> NDArray[Number]:
    longer = np.empty(room, column.dtype)
    longer[:count] = column[:count]
    return longer


class Samples:
    """The numbers that a scan has logged so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._columns: dict[str, _Column] = {}

    def add(self, piece: ScanData) -> None:
        """Take what is new, such as a piece from `AsyncScanClient.follow`."""
        for log in piece.devices:
            if log.name not in self._columns:
                if log.kind != "numbers":
                    continue
                self._columns[log.name] = _Column()
            self._columns[log.name].add(log)

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices of which there are numbers, in the order in which they came."""
        return tuple(self._columns)

    @property
    def axes(self) -> tuple[str, ...]:
        """What can be drawn over."""
        return (*self.devices, *(name for name in AXES if name not in self._columns))

    def points(self, x: str, y: str) -> tuple[Floats, Floats]:
        """Return where each sample of a device is to be drawn.

        Args:
            x: One of `axes`. Of a device it is the last value up to the serial of the sample; samples
                before its first are left out. Time is in seconds since the first sample of `y`.
            y: One of `devices`.
        """
        column = self._columns[y]
        if x in self._columns:
            return self._paired(self._columns[x], column)
        if x == "time":
            return (column.time - column.time[:1]) / 1000, column.value
        return column.serial.astype(np.float64), column.value

    @staticmethod
    def _paired(across: _Column, up: _Column) -> tuple[Floats, Floats]:
        serial, value = across.serial, across.value
        if np.any(serial[1:] < serial[:-1]):  # what scripts log counts from 0 each time
            order = np.argsort(serial, kind="stable")
            serial, value = serial[order], value[order]
        last = np.searchsorted(serial, up.serial, side="right") - 1
        known = last >= 0
        return value[last[known]], up.value[known]


def choose_axes(commands: Iterable[Command], samples: Samples) -> tuple[str, str] | None:
    """Return what to draw where nobody has chosen: what was measured over what the last loop moves.

    Args:
        commands: Those of the scan, bodies included, in order.
        samples: What it has logged.

    Returns:
        The horizontal and the vertical axis; None where there are no numbers.
    """
    devices = samples.devices
    if not devices:
        return None
    looped: list[str] = []
    moved: set[str] = set()
    for command in commands:
        if isinstance(command, Loop):
            looped.append(command.device)
        if isinstance(command, Loop | Set):
            moved.add(command.device)
    x = next((device for device in reversed(looped) if device in devices), "serial")
    others = [device for device in devices if device != x]
    measured = [device for device in others if device not in moved]
    # What is set and logged may still be a counter that is set to 0; what a loop goes through is not.
    counted = [device for device in others if device not in looped]
    return x, (measured or counted or others or list(devices))[0]


def tail(piece: ScanData, count: int) -> ScanData:
    """Return what the last rows of a table of the data are made of.

    Args:
        piece: The data.
        count: How many rows.
    """
    if all(len(log) <= count for log in piece.devices):
        return piece
    return ScanData(
        DeviceLog(log.name, log.serial[-count:], log.time[-count:], log.value[-count:])
        for log in piece.devices
    )
