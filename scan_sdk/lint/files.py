"""The files that a check reads: scans, what they include, and where classes of scripts are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scan_sdk._documents import EXAMPLES, find_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.models import ScanConfig

__all__ = ["MOST_BYTES", "ScriptPath", "TooLarge", "read_bytes"]

MOST_BYTES: Final = 64 * 2**20
"""The largest document that is looked at, as much as a server takes; it holds half a million commands."""


class TooLarge(Exception):
    """A file is larger than what is looked at."""


def read_bytes(path: str | Path) -> bytes:
    """Return what a file holds.

    Raises:
        TooLarge: That is more than is looked at; no more than that is read, whatever the file is.
        OSError: It cannot be read.
    """
    with Path(path).open("rb") as file:
        if os.fstat(file.fileno()).st_size > MOST_BYTES:
            raise TooLarge
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge
    return body


class ScriptPath:
    """The folders in which a server looks for files, as far as they are known here.

    Args:
        config: Names them; None where that is not known.
        folder: Where relative paths in it start.
        beside: Further folders, to look at first.

    Attributes:
        complete: Whether these are all, so that what is not there is nowhere.
    """

    def __init__(self, config: ScanConfig | None, folder: Path, beside: Iterable[Path]) -> None:
        paths = config.paths if config is not None else ()
        own = [path for path in paths if not path.startswith(EXAMPLES)]
        self.complete: bool = config is not None and len(own) == len(paths)
        self._folders = [*beside, *(folder / path for path in own)]

    def find(self, name: str) -> Path | None:
        """Return a file in these folders, None where there is none of that name."""
        return find_file(name, self._folders)
