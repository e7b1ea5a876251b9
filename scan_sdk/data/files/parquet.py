"""Data as a Parquet file: a row for each sample, device after device.

The columns are `device`, `serial`, `time`, and the value in one of `number`, `text` and `row`; the other two
are null. The file's metadata, `scan_sdk`, is JSON: for each device its name, kind, count of samples and, if
its rows have one length, that length. So devices without samples come back too.
"""

# pyarrow has no types of its own, and stubs that others wrote leave some open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from pydantic import BaseModel, NonNegativeInt

from scan_sdk.data.columns import Column, Kind, rows_column, text_column
from scan_sdk.data.conversions import arrow_values
from scan_sdk.data.device import DeviceLog
from scan_sdk.data.files.replacing import naming
from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from scan_sdk.data.scan_data import ScanData

__all__ = ["read_parquet", "write_parquet"]

_KEY: Final = b"scan_sdk"
_COLUMNS: Final[dict[Kind, str]] = {"numbers": "number", "text": "text", "rows": "row"}


class _Device(BaseModel):
    name: str
    kind: Kind
    samples: NonNegativeInt
    length: NonNegativeInt | None = None


class _Content(BaseModel):
    version: int = 1
    devices: list[_Device]


def write_parquet(data: ScanData, path: Path) -> None:
    """Write data; a group of rows for each device."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("a Parquet file (pyarrow)", "data") from error
    devices = [
        _Device(
            name=log.name,
            kind=log.kind,
            samples=len(log),
            length=log.value.shape[1] if log.value.ndim == 2 else None,
        )
        for log in data.values()
    ]
    columns: dict[str, Any] = {
        "device": pa.string(),
        "serial": pa.int64(),
        "time": pa.timestamp("ms", "UTC"),
        "number": pa.float64(),
        "text": pa.string(),
        "row": pa.large_list(pa.float64()),
    }
    content = _Content(devices=devices).model_dump_json().encode()
    schema = pa.schema(list(columns.items()), metadata={_KEY: content})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for log in data.values():
            if len(log):
                with naming(log.name):
                    found: dict[str, Any] = {
                        "device": pa.repeat(log.name, len(log)),
                        "serial": pa.array(log.serial),
                        "time": pa.array(log.time).view(pa.timestamp("ms", "UTC")),
                        _COLUMNS[log.kind]: arrow_values(log.value),
                    }
                    arrays: list[Any] = [
                        found[name] if name in found else pa.nulls(len(log), kind)
                        for name, kind in columns.items()
                    ]
                    writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def read_parquet(path: Path) -> list[DeviceLog]:
    """Read what `write_parquet` wrote.

    Raises:
        ValueError: The file holds something else.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtra("a Parquet file (pyarrow)", "data") from error
    kinds = {"numbers": pa.float64(), "text": pa.string(), "rows": pa.large_list(pa.float64())}
    with pq.ParquetFile(path) as file:
        written: bytes | None = (file.metadata.metadata or {}).get(_KEY)
        if written is None:
            raise ValueError("its metadata say nothing of scan_sdk")
        content = _Content.model_validate_json(written)
        table: Any = file.read()
    if sum(device.samples for device in content.devices) != table.num_rows:
        raise ValueError(f"its metadata tell of other samples than its {table.num_rows} rows")
    logs: list[DeviceLog] = []
    start = 0
    for device in content.devices:
        samples = table.slice(start, device.samples)
        start += device.samples
        values = samples[_COLUMNS[device.kind]].cast(kinds[device.kind])
        if values.null_count:
            raise ValueError(f"'{device.name}' lacks values")
        serial, time = (samples[name].cast("int64").to_numpy() for name in ("serial", "time"))
        logs.append(DeviceLog(device.name, serial, time, _column(values, device)))
    return logs


def _column(values: Any, device: _Device) -> Column:
    if device.kind == "numbers":
        return cast("NDArray[np.float64]", values.to_numpy())
    if device.kind == "text":
        return text_column(values.to_pylist())
    if device.length is not None:
        numbers = [chunk.flatten().to_numpy(zero_copy_only=False) for chunk in values.chunks]
        return cast("NDArray[np.float64]", np.concatenate(numbers).reshape(device.samples, device.length))
    return rows_column([row.values.to_numpy(zero_copy_only=False) for row in values])
