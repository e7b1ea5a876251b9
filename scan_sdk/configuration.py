"""The configuration of a scan server, from its file."""

from __future__ import annotations

from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk._wire.config import read_config

if TYPE_CHECKING:
    from os import PathLike

    from scan_sdk.models import ScanConfig

__all__ = ["load_config"]


def load_config(path: str | PathLike[str]) -> ScanConfig:
    """Return the configuration in a file such as `scan_config.xml`, as the real scan server has it too.

    Elements that are not known have no effect, as with the real server, and neither do repeated ones that may
    stand once; the logger `scan_sdk` warns of both, with the line.

    Args:
        path: Where the file is. Paths in it stay as they are; a server takes them as relative to its folder.

    Raises:
        InvalidConfig: It is not well-formed, or holds what a server could not use; all of it is named, each
            with its line.
        OSError: The file cannot be opened.

    Example:
        >>> import pathlib, tempfile
        >>> from scan_sdk import load_config
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     file = pathlib.Path(folder, "scan_config.xml")
        ...     _ = file.write_text("<scan_config><port>4811</port></scan_config>")
        ...     load_config(file).port
        4811
    """
    name = fspath(path)
    return read_config(Path(name).read_bytes(), source=name)
