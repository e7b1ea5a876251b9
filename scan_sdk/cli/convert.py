"""`scan-sdk convert`: command files in another format."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer

from scan_sdk.cli.documents import STDIN, format_told, name_of, read_document, write_document
from scan_sdk.formats import CommandFormat, count_notes, dump_commands, format_commands, load_commands

__all__ = ["convert"]


def convert(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The file, or - for the standard input.", show_default=False),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write. By default the standard output."
        ),
    ] = None,
    given: Annotated[
        CommandFormat | None,
        typer.Option("--from", help="What is read. By default what the name of the file says."),
    ] = None,
    wanted: Annotated[
        CommandFormat | None,
        typer.Option("--to", help="What is written. By default what the name of that file says."),
    ] = None,
) -> None:
    """Convert commands among XML, JSON, YAML and Python source.

    Nothing that is read is run. Comments are kept where XML is written from XML.
    """
    target = output or STDIN
    form = format_told(file, given, "--from")
    other = format_told(target, wanted, "--to")
    document, name = read_document(file), name_of(file)
    if form == other == "xml":
        write_document(target, format_commands(document, source=name))
        return
    text = dump_commands(load_commands(document, form, source=name), other)
    write_document(target, text.encode())
    if form == "xml" and (count := count_notes(document)):
        typer.echo(f"{name}: comments and processing instructions left out: {count}", err=True)
