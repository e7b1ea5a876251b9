"""Files of data: the formats that there are, each registered as those of extensions are.

A format is imported when it is used: the table knows no more than names, suffixes and first bytes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, TypeVar

from pydantic import ValidationError

from scan_sdk._registry import EXPORTERS, Exporter
from scan_sdk.data.files.replacing import in_place_of
from scan_sdk.errors import DataFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scan_sdk.data.device import DeviceLog
    from scan_sdk.data.scan_data import ScanData
    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = [
    "Extras",
    "FileFormat",
    "format_of",
    "formats",
    "in_place_of",
    "is_text",
    "read_file",
    "suffixes",
    "write_file",
]

FileFormat: TypeAlias = Literal["csv", "parquet", "nexus", "json"] | str  # noqa: PYI051  # editors offer these
"""How a file holds data: a format of this package, or the name of one that an extension registers."""

Data = TypeVar("Data", bound="ScanData")


class Extras(NamedTuple):
    """What is known of a scan besides its data, for formats that have a place for it."""

    info: ScanInfo | None = None
    commands: Commands | None = None
    units: Mapping[str, str] | None = None


def suffixes() -> dict[str, str]:
    """Return the names of the formats by the suffixes of their files."""
    return {suffix: name for name, exporter in EXPORTERS.items() for suffix in exporter.suffixes}


def formats(*, readable: bool = False) -> tuple[str, ...]:
    """Return the names of all formats, or of those only that are read too."""
    return tuple(name for name, exporter in EXPORTERS.items() if exporter.read is not None or not readable)


def is_text(name: str) -> bool:
    """Return whether people can read files of a format on a terminal."""
    exporter = EXPORTERS.get(name)
    return exporter is not None and exporter.is_text


def format_of(path: Path) -> str | None:
    """Return the name of the format that the suffix of a file says, None where it says none."""
    return suffixes().get(path.suffix.lower())


def write_file(data: ScanData, path: Path | str, chosen: FileFormat | None, extras: Extras) -> None:
    """Write data to a file; see `ScanData.write`."""
    target = Path(os.path.realpath(path))
    kind = chosen or format_of(target)
    exporter = None if kind is None else EXPORTERS.get(kind)
    if exporter is None:
        which = f"there is no format '{kind}'" if kind else f"the suffix '{target.suffix}' names no format"
        raise DataFileError(target, f"{which}: give {_either(formats())}")
    given = [name for name, value in extras._asdict().items() if value is not None]
    if given and not exporter.takes_extras:
        able = _either(name for name, other in EXPORTERS.items() if other.takes_extras)
        reason = f"a {kind} file has no place for {' and '.join(given)}: leave it out, or write {able}"
        raise DataFileError(target, reason)
    with in_place_of(target) as temporary:
        try:
            exporter.write(data, temporary, *((extras,) if exporter.takes_extras else ()))
        except ValueError as error:
            raise DataFileError(target, f"cannot be written: {error}") from error


def read_file(cls: type[Data], path: Path | str) -> Data:
    """Read the data of a file; see `ScanData.read`."""
    source = Path(path)
    with source.open("rb") as file:
        beginning = file.read(_BEGINNING)
    exporter = _recognised(source, beginning)
    if exporter is None:
        raise DataFileError(source, f"is neither {_either(formats(readable=True)).replace(' or ', ' nor ')}")
    if exporter.read is None:
        kept = f"keep data as {_either(formats(readable=True))}"
        reason = f"a {exporter.name} file holds a table, not all that was logged: {kept}"
        raise DataFileError(source, reason)
    try:
        found: Iterable[DeviceLog] = exporter.read(source)
        return cls(found)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"{part}: " for part in first["loc"])
        raise DataFileError(source, f"holds no data of scan_sdk: {place}{first['msg']}") from error
    except (ValueError, LookupError, TypeError, OSError, RuntimeError) as error:
        raise DataFileError(source, f"holds no data of scan_sdk: {error}") from error


_BEGINNING = 512
"""Bytes of a file that formats are recognised by."""


def _recognised(source: Path, beginning: bytes) -> Exporter | None:
    """Return the format of a file by its first bytes; of formats without such, by its name."""
    by_name: Exporter | None = None
    for name in formats():
        exporter = EXPORTERS[name]
        if exporter.recognises is not None:
            if exporter.recognises(beginning):
                return exporter
        elif source.suffix.lower() in exporter.suffixes:
            by_name = exporter
    return by_name


def _begins_with(sign: bytes, after: bytes = b"") -> Callable[[bytes], bool]:
    return lambda beginning: beginning.lstrip(after).startswith(sign)


def _either(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def _write_csv(data: ScanData, path: Path) -> None:
    from scan_sdk.data.files.csv_file import write_csv

    write_csv(data, path)


def _write_parquet(data: ScanData, path: Path) -> None:
    from scan_sdk.data.files.parquet import write_parquet

    write_parquet(data, path)


def _read_parquet(path: Path) -> Iterable[DeviceLog]:
    from scan_sdk.data.files.parquet import read_parquet

    return read_parquet(path)


def _write_nexus(data: ScanData, path: Path, extras: Extras) -> None:
    from scan_sdk.data.files.nexus import write_nexus

    write_nexus(data, path, extras)


def _read_nexus(path: Path) -> Iterable[DeviceLog]:
    from scan_sdk.data.files.nexus import read_nexus

    return read_nexus(path)


def _write_json(data: ScanData, path: Path) -> None:
    from scan_sdk.data.files.json_file import write_json

    write_json(data, path)


def _read_json(path: Path) -> Iterable[DeviceLog]:
    from scan_sdk.data.files.json_file import read_json

    return read_json(path)


for _exporter in (
    Exporter("csv", (".csv",), _write_csv),
    Exporter(
        "parquet",
        (".parquet", ".pq"),
        _write_parquet,
        _read_parquet,
        _begins_with(b"PAR1"),
        is_text=False,
    ),
    Exporter(
        "nexus",
        (".nxs", ".nx5", ".h5", ".hdf5", ".hdf"),
        _write_nexus,
        _read_nexus,
        _begins_with(b"\x89HDF\r\n\x1a\n"),
        takes_extras=True,
        is_text=False,
    ),
    Exporter("json", (".json",), _write_json, _read_json, _begins_with(b"{", after=b" \t\r\n")),
):
    EXPORTERS.add(_exporter.name, _exporter, owner="scan_sdk")
