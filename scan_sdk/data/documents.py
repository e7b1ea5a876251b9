"""Data as the documents of Bluesky: the run of a scan with one stream, `primary`, a row for each serial."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from scan_sdk.data.columns import Column, kind_of
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.plan import field_names, loop_devices, started
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
_ODD: Final = re.compile(r"[./]")
"""What keys in documents do without."""
_NOT_KNOWN: Final = "the scan server no longer knows how the scan ended"


def run_documents(
    data: ScanData, info: ScanInfo, commands: Commands | None, units: Mapping[str, str]
) -> Iterator[tuple[DocumentName, Document]]:
    """Yield the documents; see `ScanData.documents`."""
    start = str(uuid5(NAMESPACE_URL, f"scan_sdk:{info.created.isoformat()}:{info.id}:{info.name}"))
    began = started(info).timestamp()
    logs = [log for log in data.values() if len(log)]
    keys = field_names([log.name for log in logs], _ODD)
    yield "start", _start(start, began, keys, info, commands)
    table = align(logs, "last")
    if logs:
        descriptor = str(uuid5(NAMESPACE_URL, f"{start}:{_STREAM}"))
        about: Document = {"uid": descriptor, "run_start": start, "time": began, "name": _STREAM}
        yield "descriptor", {**about, **_data_keys(table, keys, units)}
        seconds = align([DeviceLog(log.name, log.serial, log.time, log.time / 1000) for log in logs], "last")
        for first in range(0, len(table), _PAGE):
            yield "event_page", _page(descriptor, slice(first, first + _PAGE), table, seconds, keys)
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
    uid: str, time: float, keys: dict[str, str], info: ScanInfo, commands: Commands | None
) -> Document:
    motors = [keys[device] for device in loop_devices(commands, keys)]
    # Where nothing was moved, Bluesky has time for the axis.
    dimensions = [[[motor], _STREAM] for motor in motors] or [[["time"], _STREAM]]
    document: Document = {
        "uid": uid,
        "time": time,
        "scan_id": info.id,
        "scan_name": info.name,
        "plan_name": "scan_server",
        "motors": motors,
        "detectors": [key for key in keys.values() if key not in motors],
        "hints": {"dimensions": dimensions},
    }
    if commands is not None:
        document["plan_args"] = {"commands": CommandSequence(commands).to_xml()}
    return document


def _data_keys(table: Table, keys: dict[str, str], units: Mapping[str, str]) -> Document:
    data_keys: dict[str, Document] = {}
    hints: dict[str, dict[str, list[str]]] = {}
    for name, column, first in zip(table.names, table.columns, table.starts, strict=True):
        key = keys[name]
        data_keys[key] = _data_key(name, column[first:], units.get(name))
        hints[key] = {"fields": [key] if data_keys[key]["dtype"] == "number" else []}
    return {
        "data_keys": data_keys,
        "object_keys": {key: [key] for key in data_keys},
        "configuration": {key: {"data": {}, "timestamps": {}, "data_keys": {}} for key in data_keys},
        "hints": hints,
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


def _page(descriptor: str, rows: slice, table: Table, seconds: Table, keys: dict[str, str]) -> Document:
    times = table.time[rows] / 1000
    numbers = range(rows.start + 1, rows.start + 1 + len(times))
    data: dict[str, list[object]] = {}
    timestamps: dict[str, list[float]] = {}
    for name, column, first, stamps in zip(
        table.names, table.columns, table.starts, seconds.columns, strict=True
    ):
        missing = max(0, min(first - rows.start, len(times)))
        data[keys[name]] = _cells(column[rows], missing, kind_of(column[first:]))
        own = stamps[rows].astype(np.float64)
        timestamps[keys[name]] = np.concatenate([times[:missing], own[missing:]]).tolist()
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
