"""Telling what is new in a log that grows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from scan_sdk.data.device import DeviceLog
from scan_sdk.data.scan_data import ScanData
from scan_sdk.errors import ProtocolError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Growth"]

_Integers: TypeAlias = "NDArray[np.int64]"


class Growth:
    """What was told of a log, by the serials and times of its samples.

    What is new is found by place in the column of each device, not by serial: what a script logs counts from
    0 each time. A server that sorts by serial may put such samples among those that it had before; these are
    found too.
    """

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.last_serial: int = -1
        """The highest serial told, -1 where there is none."""
        self._told: dict[str, list[tuple[_Integers, _Integers]]] = {}

    def whole(self, data: ScanData, up_to: int | None = None) -> ScanData:
        """Return what is new in the whole log.

        Args:
            data: The log.
            up_to: Serial of a device at which to stop; what follows is told another time.

        Raises:
            ProtocolError: What was told before is not all in it.
        """
        if lost := [name for name in self._told if name not in data]:
            raise _changed(lost[0])
        return self._tell([(log, self._new(log, up_to)) for log in data.devices])

    def added(self, data: ScanData) -> ScanData:
        """Take notice of samples that are all new, and return them."""
        return self._tell([(log, np.arange(len(log))) for log in data.devices])

    def _tell(self, found: list[tuple[DeviceLog, NDArray[np.intp]]]) -> ScanData:
        news: list[DeviceLog] = []
        for log, places in found:
            if len(places):
                serial, time = log.serial[places], log.time[places]
                news.append(DeviceLog(log.name, serial, time, log.value[places]))
                self._told.setdefault(log.name, []).append((serial, time))
                self.last_serial = max(self.last_serial, int(serial.max()))
        return ScanData(news)

    def _new(self, log: DeviceLog, up_to: int | None) -> NDArray[np.intp]:
        """Return the places of new samples of a device."""
        serial, time = self._told_of(log.name)
        count = len(serial)
        if np.array_equal(log.serial[:count], serial) and np.array_equal(log.time[:count], time):
            new = np.arange(count, len(log))
        else:
            new = _others(log, Counter(zip(serial.tolist(), time.tolist(), strict=True)))
        if up_to is not None and (beyond := np.flatnonzero(log.serial[new] > up_to)).size:
            return new[: beyond[0]]
        return new

    def _told_of(self, name: str) -> tuple[_Integers, _Integers]:
        parts = self._told.get(name)
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        serials, times = zip(*parts, strict=True)
        together = (np.concatenate(serials), np.concatenate(times))
        self._told[name] = [together]
        return together


def _others(log: DeviceLog, told: Counter[tuple[int, int]]) -> NDArray[np.intp]:
    """Return the places of samples that were not told."""
    places: list[int] = []
    for place, sample in enumerate(zip(log.serial.tolist(), log.time.tolist(), strict=True)):
        if told[sample]:
            told[sample] -= 1
        else:
            places.append(place)
    if told.total():
        raise _changed(log.name)
    return np.array(places, dtype=np.intp)


def _changed(name: str) -> ProtocolError:
    return ProtocolError(f"the log of '{name}' no longer holds all that it held before")
