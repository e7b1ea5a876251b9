"""Command files as arguments: read from disk or the standard input, written at once or not at all."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from scan_sdk.cli.common import Complaint, Exit, replacing, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk import CommandSequence
    from scan_sdk.formats import CommandFormat

__all__ = [
    "STDIN",
    "format_told",
    "name_of",
    "read_commands",
    "read_document",
    "refuse_table",
    "scan_files",
    "write_document",
]

STDIN: Final = Path("-")
"""What stands for the standard input, and for the standard output."""
_TABLES: Final = frozenset({".csv", ".tsv", ".tab", ".xls", ".xlsx", ".ods", ".gnumeric"})
"""What the names of tables end in, which need more than their cells to become commands."""


def name_of(path: Path) -> str:
    """Return the name of a file for messages."""
    return "<stdin>" if path == STDIN else str(path)


def read_document(path: Path) -> bytes:
    """Return what is in a file, or comes from the standard input.

    Raises:
        Complaint: It cannot be read.
    """
    try:
        if path != STDIN:
            return path.read_bytes()
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison]  # closed by whoever started us
            raise Complaint(Exit.NOT_READ, "cannot read the standard input: it is closed")
        return typer.get_binary_stream("stdin").read()
    except (OSError, ValueError) as error:  # a name with a null character in it is no OSError
        reason = getattr(error, "strerror", None) or error
        raise Complaint(Exit.NOT_READ, f"cannot read {name_of(path)}: {reason}") from error


def refuse_table(path: Path) -> None:
    """See that a file is not one of cells.

    Raises:
        Complaint: It is.
    """
    if path.suffix.lower() in _TABLES:
        reason = f"{path} is a table, not a command file: scan_sdk.TableScan makes commands of it in Python"
        raise Complaint(Exit.NOT_READ, reason)


def read_commands(path: Path) -> CommandSequence:
    """Return the commands of a file in any format that its name tells, else of XML.

    Raises:
        Complaint: It cannot be read, or is a table.
        InvalidCommands: It holds no commands that a server would take.
    """
    from scan_sdk.formats import format_of, load_commands

    refuse_table(path)
    form = format_of(path) or "xml"
    return load_commands(read_document(path), form, source=name_of(path), strict=False)


def write_document(path: Path, document: bytes) -> None:
    """Write a file, or to the standard output; a file that is there keeps its permissions.

    Raises:
        Complaint: It cannot be written.
    """
    if path == STDIN:
        with writing("the standard output"):
            stream = typer.get_binary_stream("stdout")
            stream.write(document)
            stream.flush()
        return
    with replacing(path) as target:
        target.write_bytes(document)


def format_told(path: Path, given: CommandFormat | None, option: str) -> CommandFormat:
    """Return the format that is given, else the one that the name of a file tells.

    Raises:
        Complaint: Neither is there.
    """
    from scan_sdk.formats import SUFFIXES, format_of

    found = given or format_of(path)
    if found is None:
        known = ", ".join(SUFFIXES)
        what = "the standard input or output" if path == STDIN else str(path)
        reason = f"say with {option} what {what} is written in: its name ends in none of {known}"
        raise Complaint(Exit.WRONG_USE, reason)
    return found


def scan_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield files, and of folders the `.scn` files in them at any depth, in order; hidden ones are left out.

    Raises:
        Complaint: A folder has none.
    """
    for path in paths:
        if path == STDIN or not path.is_dir():
            yield path
            continue
        found = [
            file
            for file in sorted(path.rglob("*.scn"))
            if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
        ]
        if not found:
            raise Complaint(Exit.NOT_READ, f"{path}: the folder has no .scn files")
        yield from found
