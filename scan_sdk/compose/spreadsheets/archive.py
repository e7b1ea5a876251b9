"""Zipped files, unpacked no further than what is allowed."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import TYPE_CHECKING

from scan_sdk.compose.spreadsheets.grid import MAX_BYTES
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["unpack"]

_MAX_PARTS = 10_000


def unpack(path: Path, content: bytes) -> dict[str, bytes]:
    """Return all parts of a zipped file by their names.

    All are unpacked, so that what they have been checked for holds for whoever reads them next.

    Raises:
        TableFileError: It is damaged, encrypted, or holds more than is allowed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_BYTES:
                reason = f"holds more than {MAX_BYTES // 2**20} MB when unpacked, which is not read"
                raise TableFileError(path, reason)
            if any(part.flag_bits & 1 for part in parts):
                raise TableFileError(path, "is protected by a password: save it without")
            return {part.filename: archive.read(part) for part in parts}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, TableFileError):
            raise
        raise TableFileError(path, f"is damaged, or was not copied whole ({error})") from error
