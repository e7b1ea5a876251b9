"""`scan-sdk schema`: the schemas of documents, for editors and validators."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer

from scan_sdk.cli.documents import STDIN, write_document
from scan_sdk.formats import SchemaName, json_schema, xsd

__all__ = ["schema"]


def schema(
    name: Annotated[
        SchemaName, typer.Argument(metavar="NAME", help="commands, patch, replies or scan_config.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json/--xsd", help="A JSON Schema, or an XML Schema.", show_default="xsd")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write. By default the standard output."
        ),
    ] = None,
) -> None:
    """Print the schema of a kind of document, for editors and validators."""
    text = json.dumps(json_schema(name), indent=2) + "\n" if as_json else xsd(name)
    write_document(output or STDIN, text.encode())
