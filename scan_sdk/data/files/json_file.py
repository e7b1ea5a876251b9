"""Data as JSON: an object with a list of devices, each with its serials, times and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, ConfigDict

from scan_sdk.data.device import DeviceLog  # noqa: TC001  # pydantic looks at it
from scan_sdk.data.files.replacing import naming

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk.data.scan_data import ScanData

__all__ = ["read_json", "write_json"]


def write_json(data: ScanData, path: Path) -> None:
    """Write what `model_dump_json` gives, a device at a time."""
    with path.open("wb") as file:
        file.write(b'{"devices":[')
        for index, log in enumerate(data.values()):
            with naming(log.name):
                file.write(b"," * bool(index) + log.model_dump_json().encode())
        file.write(b"]}")


class _Logs(BaseModel):
    """What is in a JSON file."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    devices: list[DeviceLog]


def read_json(path: Path) -> list[DeviceLog]:
    """Return the devices of a file that `write_json` wrote."""
    return _Logs.model_validate_json(path.read_bytes()).devices
