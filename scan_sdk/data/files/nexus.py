"""Data as an HDF5 file laid out as NeXus: `/entry/logs` holds all that was logged, `/entry/data` a plot.

Each device is an NXlog with `value`, `time`, `scan_serial` and, of numbers, their average and limits. Its
attributes `device` and `index` hold its name, which need not be one that NeXus allows, and its place.
"""

# h5py has no types: what comes from it is Any, here and nowhere else.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from scan_sdk.data.columns import Column, kind_of
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.files.replacing import naming
from scan_sdk.data.grid import to_cells
from scan_sdk.data.plan import field_names, loop_devices, started
from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from scan_sdk.data.files import Extras
    from scan_sdk.data.scan_data import ScanData
    from scan_sdk.models import ScanInfo

__all__ = ["read_nexus", "write_nexus"]

_EPOCH: Final = "1970-01-01T00:00:00.000Z"
_ODD: Final = re.compile(r"[^A-Za-z0-9_]")
"""What names in NeXus do without."""


def write_nexus(data: ScanData, path: Path, extras: Extras) -> None:
    """Write data, and what else is known of the scan."""
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra("a NeXus file (h5py)", "data") from error
    units = extras.units or {}
    fields = field_names(data, _ODD)
    # HDF5 cannot close a file on a full disk and would hold its space, so the file is made in memory.
    made = BytesIO()
    with h5py.File(made, "w") as file:
        file.attrs.update({"NX_class": "NXroot", "default": "entry", "creator": "scan_sdk"})
        entry = _group(file, "entry", "NXentry")
        if extras.info is not None:
            _write_info(entry, extras.info)
        logs = _group(entry, "logs", "NXcollection")
        for index, log in enumerate(data.values()):
            with naming(log.name):
                group = _group(logs, fields[log.name], "NXlog")
                group.attrs.update({"device": log.name, "index": index})
                _write_log(group, log, units.get(log.name))
        axes, signals, arrays = _plottable(data, loop_devices(extras.commands, data))
        if signals:
            entry.attrs["default"] = "data"
            shown = _group(entry, "data", "NXdata")
            _describe(shown, [fields[name] for name in axes], [fields[name] for name in signals], arrays)
            for name, array in arrays.items():
                _field(shown, fields[name], array, units.get(name)).attrs["long_name"] = name
    path.write_bytes(made.getbuffer())


def _group(parent: Any, name: str, kind: str) -> Any:
    group = parent.create_group(name)
    group.attrs["NX_class"] = kind
    return group


def _field(group: Any, name: str, values: object, unit: str | None) -> Any:
    field = group.create_dataset(name, data=values)
    if unit is not None:
        field.attrs["units"] = unit
    return field


def _write_info(entry: Any, info: ScanInfo) -> None:
    entry["title"] = info.name
    entry["entry_identifier"] = str(info.id)
    entry["start_time"] = started(info).isoformat(timespec="milliseconds")
    if info.is_done and info.finish is not None:
        entry["end_time"] = info.finish.isoformat(timespec="milliseconds")


def _write_log(group: Any, log: DeviceLog, unit: str | None) -> None:
    import h5py

    _field(group, "time", log.time, "ms").attrs["start"] = _EPOCH
    group.create_dataset("scan_serial", data=log.serial)
    if log.value.dtype == object:
        kind = h5py.string_dtype() if log.kind == "text" else h5py.vlen_dtype(np.float64)
        values = group.create_dataset("value", shape=len(log), dtype=kind)
        values[...] = log.value
        if unit is not None:
            values.attrs["units"] = unit
        return
    _field(group, "value", log.value, unit)
    finite = log.value[np.isfinite(log.value)]
    if log.kind == "numbers" and len(finite):
        with np.errstate(over="ignore"):
            _field(group, "average_value", finite.mean(), unit)
        _field(group, "minimum_value", finite.min(), unit)
        _field(group, "maximum_value", finite.max(), unit)


def _plottable(data: ScanData, loops: list[str]) -> tuple[list[str], list[str], dict[str, Column]]:
    """Return axes, signals with the main one first, and the arrays of both: a grid if there is one."""
    numeric = [name for name, log in data.items() if len(log) and log.value.dtype != object]
    axes = [name for name in loops if data[name].kind == "numbers" and name in numeric]
    # Without loops the first device is taken for the one that was moved.
    axes = axes or [name for name in numeric[:1] if len(numeric) > 1 and data[name].kind == "numbers"]
    signals = [name for name in reversed(numeric) if name not in axes]
    if not signals and axes:
        axes, signals = axes[:-1], axes[-1:]
    if len(axes) > 1:
        try:
            positions, cells = to_cells([data[name] for name in axes], [data[name] for name in signals], None)
            return axes, signals, {**dict(zip(axes, positions, strict=True)), **cells}
        except ValueError:
            pass  # the loops form no grid: what they measured is shown as a list
    table = data.table(*axes, *signals) if signals else data.table()
    return axes, signals, {name: table[name] for name in (*axes, *signals)}


def _describe(group: Any, axes: list[str], signals: list[str], arrays: Mapping[str, Column]) -> None:
    import h5py

    text = h5py.string_dtype()
    shapes = [array.shape for array in arrays.values()]
    is_grid = len(axes) > 1 and len(shapes[0]) < len(shapes[len(axes)])
    along = axes if is_grid else axes[:1]
    further = len(shapes[len(axes)]) - len(along)
    group.attrs["signal"] = signals[0]
    group.attrs.create("axes", [*along, *["."] * further], dtype=text)
    if signals[1:]:
        group.attrs.create("auxiliary_signals", signals[1:], dtype=text)
    for index, axis in enumerate(axes):
        group.attrs[f"{axis}_indices"] = index if is_grid else 0


def read_nexus(path: Path) -> list[DeviceLog]:
    """Read what `write_nexus` wrote.

    Raises:
        ValueError: The file holds something else.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtra("a NeXus file (h5py)", "data") from error
    with h5py.File(path, "r") as opened:
        file: Any = opened
        if file.attrs.get("creator") != "scan_sdk":
            raise ValueError("scan_sdk did not write it")
        logs = _here(_here(file, "entry"), "logs")
        groups = [_here(logs, name) for name in logs]
        return [_read_log(group) for group in sorted(groups, key=lambda group: int(group.attrs["index"]))]


def _here(group: Any, name: str) -> Any:
    """Return what is in the file itself: links and data elsewhere would open other files."""
    import h5py

    item = group[name] if isinstance(group.get(name, getlink=True), h5py.HardLink) else None
    if item is None or (isinstance(item, h5py.Dataset) and (item.is_virtual or item.external)):
        raise ValueError(f"{group.name}/{name} is not in the file itself")
    return item


def _read_log(group: Any) -> DeviceLog:
    import h5py

    name: str = group.attrs["device"]
    serial, time = (cast("NDArray[np.int64]", _here(group, field)[...]) for field in ("scan_serial", "time"))
    field = _here(group, "value")
    if h5py.check_string_dtype(field.dtype) is not None:
        return DeviceLog(name, serial, time, np.asarray(field.asstr()[...], dtype=object))
    values: Any = field[...]
    if kind_of(values) == "text" and len(values):
        raise ValueError(f"{group.name}/value holds neither numbers nor text")
    return DeviceLog(name, serial, time, values)
