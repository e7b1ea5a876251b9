"""The other way in which old scripts look at logged data: `Data`, and tables with serials and times.

Modern: `scan_sdk.ScanData`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from scan_sdk._wire.log import LogReader
from scan_sdk.pyscan.logdata import LoggedDevice, aligned, getDatetime, iterateSamples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk.pyscan.logdata import Logged, Value

__all__ = ["Data", "alignSerial", "alignTime", "getDatetime", "getTable", "getTimeSeries"]

Cell: TypeAlias = "Value | int"


class Data:
    """What a scan logged, with all values as the texts that the server wrote.

    Modern: `scan_sdk.ScanData.from_xml(document, values="text")`.

    Args:
        Xml: The answer to `GET /scan/{id}/data`.

    Raises:
        ProtocolError: It is no data log.
    """

    def __init__(self, Xml: str | bytes) -> None:
        reader = LogReader(numbers=False)
        reader.feed(Xml.encode() if isinstance(Xml, str) else Xml)
        self._logs: dict[str, LoggedDevice] = {}
        for name, log in reader.close().items():
            values: list[Value] = [*log.values]
            self._logs[name] = LoggedDevice(id=log.serials.tolist(), time=log.times.tolist(), value=values)

    def __getitem__(self, key: str) -> LoggedDevice:
        return self._logs[key]

    def PVlist(self) -> list[str]:
        """Return the names of the devices."""
        return list(self._logs)

    def PV(self, PVname: str) -> LoggedDevice:
        """Return what was logged of a device."""
        return self[PVname]

    def PVvalue(self, PVname: str) -> list[Value]:
        """Return the values of a device."""
        return self[PVname]["value"]

    def PVtime(self, PVname: str) -> list[int]:
        """Return the time stamps of a device in POSIX milliseconds."""
        return self[PVname]["time"]

    def __str__(self) -> str:
        return "".join(
            f"{name} : \n{{\n    'id' : {log['id']} ,\n    'time'   : {log['time']} ,\n"
            f"    'value'  : {log['value']}\n}} , \n"
            for name, log in self._logs.items()
        )


def getTimeSeries(
    data: Logged, name: str, convert: Literal["plain", "datetime"] = "plain"
) -> list[list[Cell]]:
    """Return the times and the values of a device as two lists.

    Modern: `data[name].time` or `.datetime`, and `.value`, of `scan_sdk.ScanData`.

    Args:
        data: What was logged.
        name: The device.
        convert: "plain" for POSIX milliseconds, "datetime" for text in local time.

    Raises:
        ValueError: `convert` is neither.
    """
    if convert not in {"plain", "datetime"}:
        raise ValueError(f'convert="{convert}": give "plain" or "datetime"')
    log = data[name]
    plain = convert == "plain"
    times: list[Cell] = [time if plain else str(getDatetime(time)) for time in log["time"]]
    return [times, [*log["value"]]]


def alignSerial(data: Logged, channel: str) -> Iterator[tuple[int, Value, int]]:
    """Yield serial, value and POSIX milliseconds of each sample of a device.

    Modern: `data[channel]` of `scan_sdk.ScanData`.
    """
    log = data[channel]
    yield from zip(log["id"], log["value"], log["time"], strict=True)


def alignTime(data: Logged, channel: str, intv: float = 0) -> Iterator[tuple[int, Value]]:  # noqa: ARG001
    """Yield POSIX milliseconds and value of each sample of a device.

    Modern: `data[channel]` of `scan_sdk.ScanData`.

    Args:
        data: What was logged.
        channel: The device.
        intv: Without meaning, here as in PyScanClient.
    """
    log = data[channel]
    yield from zip(log["time"], log["value"], strict=True)


def getTable(data: Logged, *devices: str, with_id: bool = False, with_time: bool = False) -> list[list[Cell]]:
    """Return the values of devices, aligned by serial, as a column for each.

    Modern: `data.table(*devices)` of `scan_sdk.ScanData`, with `serial` and `time`.

    Args:
        data: What was logged.
        *devices: The devices.
        with_id: Whether a column of serials stands before all others.
        with_time: Whether a column of POSIX milliseconds stands before them, after that of serials.
    """
    table: list[list[Cell]] = [[] for _ in range(with_time + with_id + len(devices))]
    for serial, time, row in aligned(iterateSamples(data, device) for device in devices):
        cells = [*([serial] if with_id else []), *([time] if with_time else []), *row]
        for column, cell in zip(table, cells, strict=True):
            column.append(cell)
    return table
