"""Scripts in the same folder: which of them share names with one that is to be rewritten."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOST: Final = 500
"""Scripts of a folder that are looked into."""
_LARGEST: Final = 1_000_000
"""Bytes of a script that is looked into."""
_SCAN: Final = re.compile(
    rb"^[ \t]*(?:from[ \t]+scan(?:_sdk\.pyscan)?[. \t]|import[ \t]+scan\b)", re.MULTILINE
)
_IMPORTED: Final = re.compile(rb"^[ \t]*(?:from|import)[ \t]+\.?(\w+)", re.MULTILINE)


def shared_names(script: Path) -> str:
    """Return why a script shares objects with others of its folder, empty where it does not.

    A script whose names others import, or that takes names from one that uses PyScanClient, cannot become
    modern by itself: old and new commands would meet.
    """
    content = _content(script)
    if not _SCAN.search(content):
        return ""
    taken = {name.decode() for name in _IMPORTED.findall(content)}
    for other in _others(script):
        text = _content(other)
        if other.stem in taken and _SCAN.search(text):
            return f"names come from {other.name}, which uses scan too: convert both by hand"
        if script.stem.encode() in _IMPORTED.findall(text):
            return f"{other.name} imports names from here, and would meet other objects: convert both by hand"
    return ""


def _others(script: Path) -> Iterator[Path]:
    found = sorted(path for path in script.parent.glob("*.py") if path.name != script.name)
    yield from found[:_MOST]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError:  # what cannot be read shares nothing that could be seen to
        return b""
