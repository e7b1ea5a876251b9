"""`scan-sdk data`: what a scan has logged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scan_sdk.cli.common import ScanRef, Values
from scan_sdk.cli.connecting import Where, on_server

__all__ = ["data"]


@on_server
def data(
    where: Where,
    scan: ScanRef,
    *,
    device: Annotated[
        list[str] | None,
        typer.Option(
            "--device", "-d", metavar="DEVICE", help="A device to take; may be given again. By default all."
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="[table|csv|json|parquet|nexus]",
            help="By default what the name of the file says, and else a table. Extensions may add formats.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The file to write. By default the standard output."
        ),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is logged until the scan is done.")
    ] = False,
    values: Annotated[
        Values, typer.Option(help="text: leave numbers as the server has written them.")
    ] = "typed",
    everything: Annotated[
        bool, typer.Option("--all", help="Show all rows on the terminal, not the first and last.")
    ] = False,
) -> None:
    """Show or write what a scan has logged.

    On a terminal it is a table, of many rows the first and last ten; into a pipe or a file go all rows, with
    tabs between the cells. A device that was not logged at a serial repeats its last value; before its first
    there is nothing. Numbers have up to 12 digits in a table, and all of them in the other formats. Times are
    in UTC.

    The name of a file says its format: .csv; .parquet, .pq; .nxs, .nx5, .h5, .hdf5, .hdf; .json; .txt for a
    table. It is there when all is written; after an error what was there before is left. parquet and nexus
    cannot go to the standard output.

    With --follow rows are printed as they come, with a header before them and wherever a further device
    appears, until the scan is done; how it is then goes to the standard error stream. Ctrl-C ends this and
    not the scan.
    """
    from scan_sdk.cli.data import DataOptions, take

    chosen = "json" if as_json else form
    take(DataOptions(scan, device or [], chosen, output, follow, values, everything, where))
