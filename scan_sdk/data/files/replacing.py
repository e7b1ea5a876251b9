"""How a file is written all or not at all, and how errors name the device whose column cannot be written."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

__all__ = ["in_place_of", "naming"]


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
