"""`scan-sdk generate`: models of a site's own commands."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer

from scan_sdk.cli.documents import STDIN, write_document

__all__ = ["generate"]


def generate(
    schema: Annotated[Path, typer.Argument(metavar="SCHEMA", help="An XML Schema.", show_default=False)],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The module to write. By default the standard output."
        ),
    ] = None,
) -> None:
    """Write Python models of a site's own commands from a schema.

    Each element at its top that holds elements is a command. The schema may include commands.xsd, which
    `scan-sdk schema commands` prints, for types such as deviceName.
    """
    from scan_sdk.generate import generate as generated  # what it needs is installed by few

    write_document(output or STDIN, generated(schema).encode())
