"""`scan-sdk format`: command files in canonical form."""

from __future__ import annotations

import difflib
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer

from scan_sdk.cli.common import Complaint, Exit, complain, exit_code
from scan_sdk.cli.documents import STDIN, name_of, read_document, scan_files, write_document
from scan_sdk.errors import InvalidCommands
from scan_sdk.formats import format_commands

__all__ = ["format_files"]


def format_files(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Command files; folders, for all .scn files in them; or - for standard input and output.",
            show_default=False,
        ),
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing, and list the files that would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing, and show what would change, line by line.")
    ] = False,
) -> None:
    """Put command files into canonical form; comments stay where they are.

    Files are written in place. The exit code is 22 where --check finds files that would change, and 21 where
    a file cannot be read; the others are seen to in any case.
    """
    code = 0
    for path in scan_files(files):
        try:
            changed = _format(path, check=check, diff=diff)
        except InvalidCommands as error:
            complain(str(error))
            code = exit_code(error)
        except Complaint as complaint:
            complain(str(complaint))
            code = complaint.code
        else:
            if changed and check:
                code = code or Exit.NOT_FORMATTED
    raise typer.Exit(code)


def _format(path: Path, *, check: bool, diff: bool) -> bool:
    """Format one file, and return whether it was in another form."""
    before = read_document(path)
    after = format_commands(before, source=name_of(path))
    changed = before != after
    if diff and changed:
        _show_difference(name_of(path), before, after)
    elif check and changed:
        typer.echo(f"would change {name_of(path)}")
    elif path == STDIN and not (check or diff):
        write_document(STDIN, after)
    elif changed:
        write_document(path, after)
        typer.echo(f"formatted {name_of(path)}", err=True)
    return changed


def _show_difference(name: str, before: bytes, after: bytes) -> None:
    old = before.decode(errors="replace").splitlines(keepends=True)
    new = after.decode().splitlines(keepends=True)
    for line in difflib.unified_diff(old, new, name, f"{name} (formatted)"):
        typer.echo(line.removesuffix("\n"))
