"""Files of data: which formats there are, and how a file is written all or not at all."""

from __future__ import annotations

import csv
import errno
import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, TypeAlias, TypeVar, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from scan_sdk.data.columns import kind_of
from scan_sdk.data.conversions import check_names
from scan_sdk.data.device import DeviceLog  # noqa: TC001  # pydantic looks at it
from scan_sdk.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from scan_sdk.data.columns import Column
    from scan_sdk.data.scan_data import ScanData
    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = ["SUFFIXES", "Extras", "FileFormat", "in_place_of", "naming", "read_file", "write_file"]

FileFormat: TypeAlias = Literal["csv", "parquet", "nexus", "json"]
"""How a file holds data."""

Data = TypeVar("Data", bound="ScanData")
SUFFIXES: Final[dict[str, FileFormat]] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".nxs": "nexus",
    ".nx5": "nexus",
    ".h5": "nexus",
    ".hdf5": "nexus",
    ".hdf": "nexus",
    ".json": "json",
}
"""What the suffix of a file says of its format."""


class Extras(NamedTuple):
    """What only a NeXus file has a place for."""

    info: ScanInfo | None = None
    commands: Commands | None = None
    units: Mapping[str, str] | None = None


def write_file(data: ScanData, path: Path | str, chosen: FileFormat | None, extras: Extras) -> None:
    """Write data to a file; see `ScanData.write`."""
    target = Path(os.path.realpath(path))
    kind = chosen or SUFFIXES.get(target.suffix.lower())
    if kind not in get_args(FileFormat):
        which = f"there is no format '{kind}'" if kind else f"the suffix '{target.suffix}' names no format"
        raise DataFileError(target, f"{which}: give csv, parquet, nexus or json")
    given = [name for name, value in extras._asdict().items() if value is not None]
    if given and kind != "nexus":
        reason = f"a {kind} file has no place for {' and '.join(given)}: leave it out, or write nexus"
        raise DataFileError(target, reason)
    with in_place_of(target) as temporary:
        try:
            if kind == "csv":
                _write_csv(data, temporary)
            elif kind == "json":
                _write_json(data, temporary)
            elif kind == "parquet":
                from scan_sdk.data.parquet import write_parquet

                write_parquet(data, temporary)
            else:
                from scan_sdk.data.nexus import write_nexus

                write_nexus(data, temporary, extras)
        except ValueError as error:
            raise DataFileError(target, f"cannot be written: {error}") from error


@contextmanager
def in_place_of(target: Path) -> Generator[Path]:
    """Give a new file beside the target, which takes its place, or is removed if writing fails.

    It has the same suffix, and the target's permissions if that is there.
    """
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    temporary = target.with_name(f".{secrets.token_hex(8)}{target.suffix}")
    try:
        temporary.touch(exist_ok=False)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from error
    try:
        if target.exists():
            shutil.copymode(target, temporary)
        yield temporary
        _to_disk(temporary)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def naming(device: str) -> Generator[None]:
    """Have an error say which device's column cannot be written."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"the column of '{device}': {error}") from error


def _write_json(data: ScanData, path: Path) -> None:
    """Write what `model_dump_json` gives, a device at a time."""
    with path.open("wb") as file:
        file.write(b'{"devices":[')
        for index, log in enumerate(data.values()):
            with naming(log.name):
                file.write(b"," * bool(index) + log.model_dump_json().encode())
        file.write(b"]}")


def _write_csv(data: ScanData, path: Path) -> None:
    table = data.table()
    check_names(table, serial=True, time=True)
    times = np.datetime_as_string(table.datetime, unit="ms", timezone="UTC").tolist()
    columns: list[list[str]] = []
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        with naming(name):
            columns.append([""] * start + _csv_cells(column[start:]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["serial", "time", *table.names])
        writer.writerows(zip(table.serial.tolist(), times, *columns, strict=True))


def _csv_cells(column: Column) -> list[str]:
    """Return numbers as Python writes them, rows of them in brackets, texts as they are."""
    kind = kind_of(column)
    if kind == "rows":
        return [str(row.tolist()) for row in column]
    if kind == "numbers":
        return list(map(repr, column.tolist()))
    texts: list[str] = column.tolist()
    "".join(texts).encode()  # what UTF-8 cannot hold fails here, where the column is known
    return texts


def read_file(cls: type[Data], path: Path | str) -> Data:
    """Read the data of a file; see `ScanData.read`."""
    source = Path(path)
    with source.open("rb") as file:
        beginning = file.read(8)
    if beginning.startswith(b"PAR1"):
        from scan_sdk.data.parquet import read_parquet as read
    elif beginning == b"\x89HDF\r\n\x1a\n":
        from scan_sdk.data.nexus import read_nexus as read
    elif beginning.lstrip().startswith(b"{"):
        read = _read_json
    elif source.suffix.lower() == ".csv":
        reason = "a csv file holds a table, not all that was logged: keep data as parquet, nexus or json"
        raise DataFileError(source, reason)
    else:
        raise DataFileError(source, "is neither Parquet, HDF5 nor JSON")
    try:
        return cls(read(source))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"{part}: " for part in first["loc"])
        raise DataFileError(source, f"holds no data of scan_sdk: {place}{first['msg']}") from error
    except (ValueError, LookupError, TypeError, OSError, RuntimeError) as error:
        raise DataFileError(source, f"holds no data of scan_sdk: {error}") from error


class _Logs(BaseModel):
    """What is in a JSON file."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    devices: list[DeviceLog]


def _read_json(path: Path) -> list[DeviceLog]:
    return _Logs.model_validate_json(path.read_bytes()).devices
