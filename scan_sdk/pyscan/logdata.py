"""Logged data as old scripts take it: dictionaries of lists, and tables of them.

Modern: `scan_sdk.ScanData`, whose columns are arrays of numpy.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypedDict, cast

from scan_sdk._wire.log import LogReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scan_sdk._wire.log import RawLog

__all__ = [
    "LogData",
    "Logged",
    "LoggedDevice",
    "Value",
    "createTable",
    "getDatetime",
    "iterateSamples",
    "iterateTable",
    "parseXMLData",
]

Value: TypeAlias = "float | str | None"
"""A number, a text, or None for an empty text."""
Sample: TypeAlias = "tuple[int, int, Value]"
"""Serial, POSIX milliseconds, value."""


class LoggedDevice(TypedDict):
    """What was logged of one device: three lists of the same length."""

    id: list[int]
    """Serials."""
    time: list[int]
    """The device's own time stamps, in POSIX milliseconds."""
    value: list[Value]
    """Numbers as floats, other values as text."""


LogData: TypeAlias = dict[str, LoggedDevice]
"""What a scan logged, by device."""


class Logged(Protocol):
    """What was logged, by device: the dictionary of `ScanClient.getData`, or `Data`."""

    def __getitem__(self, name: str, /) -> LoggedDevice:
        """Return what was logged of a device."""
        ...


def parseXMLData(xml_text: str | bytes) -> LogData:
    """Return a data log as dictionary; texts that look like numbers become them.

    Modern: `scan_sdk.ScanData.from_xml(document)`.

    Raises:
        ProtocolError: It is no data log.
    """
    reader = LogReader()
    reader.feed(xml_text.encode() if isinstance(xml_text, str) else xml_text)
    return as_dictionary(reader.close())


def as_dictionary(logs: Mapping[str, RawLog]) -> LogData:
    """Return columns as lists."""
    return {
        name: LoggedDevice(id=log.serials.tolist(), time=log.times.tolist(), value=_values(log))
        for name, log in logs.items()
    }


def _values(log: RawLog) -> list[Value]:
    if isinstance(log.values, list):
        return [_value(text) for text in log.values]
    return cast("list[Value]", log.values.tolist())


def _value(text: str) -> Value:
    with suppress(ValueError):
        return float(text)
    return text or None


def getDatetime(time: float) -> datetime:
    """Return POSIX milliseconds as local time.

    Modern: `log.datetime` of `scan_sdk.DeviceLog`, in UTC.
    """
    return datetime.fromtimestamp(time / 1000)  # noqa: DTZ006  # local, and old scripts compare it


def iterateSamples(data: Logged, device: str) -> Iterator[Sample]:
    """Yield serial, POSIX milliseconds and value of each sample of a device.

    Modern: `data[device]` of `scan_sdk.ScanData`, with `serial`, `time` and `value`.
    """
    log = data[device]
    yield from zip(log["id"], log["time"], log["value"], strict=True)


def iterateTable(*iters: Iterable[Sample]) -> Iterator[list[Value]]:
    """Yield the values of several devices for each serial; where one was not logged, its last value again.

    Each row is a list of its own (trap 11).

    Modern: `for row in data.table(*devices)`.

    Args:
        *iters: What `iterateSamples` returns for each device.
    """
    return (row for _, _, row in aligned(iters))


def aligned(iters: Iterable[Iterable[Sample]]) -> Iterator[tuple[int, int, list[Value]]]:
    """Yield each serial with the newest time stamp of the samples that are due, and the row of values."""
    sources = [iter(samples) for samples in iters]
    ahead = [next(source, None) for source in sources]
    row: list[Value] = [None] * len(sources)
    while waiting := [sample for sample in ahead if sample is not None]:
        serial = min(sample[0] for sample in waiting)
        time = max(sample[1] for sample in waiting)
        for place, sample in enumerate(ahead):
            if sample is not None and sample[0] <= serial:
                row[place] = sample[2]
                ahead[place] = next(sources[place], None)
        yield serial, time, list(row)


def createTable(data: Logged, *devices: str) -> list[list[Value]]:
    """Return the values of devices, aligned by serial, as a column for each.

    Modern: `data.table(*devices)`.

    Args:
        data: What `ScanClient.getData` returns.
        *devices: The devices.
    """
    columns: list[list[Value]] = [[] for _ in devices]
    for row in iterateTable(*(iterateSamples(data, device) for device in devices)):
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    return columns
