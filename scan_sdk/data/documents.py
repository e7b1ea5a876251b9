"""Data as the documents of Bluesky: the run of a scan with one stream, `primary`, a row for each serial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from scan_sdk.data.columns import Column, kind_of
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.plan import loop_devices, started
from scan_sdk.data.table import Table, align
from scan_sdk.models import ScanState
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scan_sdk.data.scan_data import ScanData
    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = ["Document", "DocumentName", "run_documents"]

DocumentName: TypeAlias = Literal["start", "descriptor", "event_page", "stop"]
"""Which kind of document it is."""
Document: TypeAlias = "dict[str, object]"
"""A document of Bluesky's event model: texts, numbers, lists and dictionaries."""

_PAGE: Final = 1000
"""Rows of an event page."""
_STREAM: Final = "primary"
_ENDS: Final = {ScanState.FINISHED: "success", ScanState.FAILED: "fail"}
_NOT_KNOWN: Final = "the scan server no longer knows how the scan ended"


def run_documents(
    data: ScanData, info: ScanInfo, commands: Commands | None, units: Mapping[str, str]
) -> Iterator[tuple[DocumentName, Document]]:
    """Yield the documents; see `ScanData.documents`."""
    start = str(uuid5(NAMESPACE_URL, f"scan_sdk:{info.created.isoformat()}:{info.id}:{info.name}"))
    began = started(info).timestamp()
    logs = [log for log in data.values() if len(log)]
    yield "start", _start(start, began, logs, info, commands)
    table = align(logs, "last")
    if logs:
        descriptor = str(uuid5(NAMESPACE_URL, f"{start}:{_STREAM}"))
        yield "descriptor", _descriptor(descriptor, start, began, table, units)
        seconds = align([DeviceLog(log.name, log.serial, log.time, log.time / 1000) for log in logs], "last")
        for first in range(0, len(table), _PAGE):
            yield "event_page", _page(descriptor, slice(first, first + _PAGE), table, seconds)
    if info.is_done:
        reason = _NOT_KNOWN if info.state is ScanState.LOGGED else info.error or ""
        ended = info.finish.timestamp() if info.finish is not None else began
        yield (
            "stop",
            {
                "uid": str(uuid5(NAMESPACE_URL, f"{start}:stop")),
                "run_start": start,
                "time": ended,
                "exit_status": _ENDS.get(info.state, "abort"),
                "reason": reason,
                "num_events": {_STREAM: len(table)},
            },
        )


def _start(
    uid: str, time: float, logs: list[DeviceLog], info: ScanInfo, commands: Commands | None
) -> Document:
    names = [log.name for log in logs]
    motors = loop_devices(commands, names)
    # Where nothing was moved, Bluesky has time for the axis.
    dimensions = [[[motor], _STREAM] for motor in motors] or [[["time"], _STREAM]]
    document: Document = {
        "uid": uid,
        "time": time,
        "scan_id": info.id,
        "scan_name": info.name,
        "plan_name": "scan_server",
        "motors": motors,
        "detectors": [name for name in names if name not in motors],
        "hints": {"dimensions": dimensions},
    }
    if commands is not None:
        document["plan_args"] = {"commands": CommandSequence(commands).to_xml()}
    return document


def _descriptor(uid: str, start: str, time: float, table: Table, units: Mapping[str, str]) -> Document:
    columns = list(zip(table.names, table.columns, table.starts, strict=True))
    hinted = {
        name: [name] if column.dtype != object and column.ndim == 1 else [] for name, column, _ in columns
    }
    keys = {name: _data_key(name, column[first:], units.get(name)) for name, column, first in columns}
    return {
        "uid": uid,
        "run_start": start,
        "time": time,
        "name": _STREAM,
        "data_keys": keys,
        "object_keys": {name: [name] for name in table.names},
        "configuration": {name: {"data": {}, "timestamps": {}, "data_keys": {}} for name in table.names},
        "hints": {name: {"fields": fields} for name, fields in hinted.items()},
    }


def _data_key(name: str, column: Column, unit: str | None) -> Document:
    kind = kind_of(column)
    if kind == "text":
        longest = max(map(len, column.tolist()))
        key: Document = {"dtype": "string", "dtype_numpy": f"<U{max(1, longest)}", "shape": []}
    elif kind == "rows":
        length = column.shape[1] if column.ndim == 2 else None
        key = {"dtype": "array", "dtype_numpy": "<f8", "shape": [length]}
    else:
        key = {"dtype": "number", "dtype_numpy": "<f8", "shape": []}
    key.update({"source": f"scan:{name}", "object_name": name})
    if unit is not None:
        key["units"] = unit
    return key


def _page(descriptor: str, rows: slice, table: Table, seconds: Table) -> Document:
    times = table.time[rows] / 1000
    numbers = range(rows.start + 1, rows.start + 1 + len(times))
    data: dict[str, list[object]] = {}
    timestamps: dict[str, list[float]] = {}
    for name, column, first, stamps in zip(
        table.names, table.columns, table.starts, seconds.columns, strict=True
    ):
        missing = max(0, min(first - rows.start, len(times)))
        data[name] = _cells(column[rows], missing, kind_of(column[first:]))
        own = stamps[rows].astype(np.float64)
        timestamps[name] = np.concatenate([times[:missing], own[missing:]]).tolist()
    return {
        "descriptor": descriptor,
        "seq_num": list(numbers),
        "uid": [f"{descriptor}-{number}" for number in numbers],
        "time": times.tolist(),
        "data": data,
        "timestamps": timestamps,
        "filled": {},
    }


def _cells(column: Column, missing: int, kind: str) -> list[object]:
    """Return values as lists have them; NaN, an empty text or row where there is none yet."""
    cells: list[Any] = column.tolist()
    if column.dtype == object:
        nothing: Any = "" if kind == "text" else np.empty(0)
        cells[:missing] = [nothing] * missing
        if kind == "rows":
            cells = [row.tolist() for row in cells]
    return cells
