"""`scan-sdk plot`: what a scan has logged as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scan_sdk.cli.common import ScanRef
from scan_sdk.cli.connecting import Where, on_server

__all__ = ["plot"]


@on_server
def plot(
    where: Where,
    scan: ScanRef,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="X SIGNAL...",
            help="The device to draw over, or serial or time; then what to draw. With --map: X Y SIGNAL.",
            show_default=False,
        ),
    ],
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The .png, .pdf or .svg to write. By default a window opens.",
        ),
    ] = None,
    as_map: Annotated[
        bool, typer.Option("--map", help="Draw the colours that a scan of nested loops saw.")
    ] = False,
) -> None:
    """Draw what a scan has logged, as lines or as a map.

    A window opens where there is a screen, and the program ends when it is closed. It needs the extra plot,
    with --map also data.
    """
    from scan_sdk.cli.plot import PlotOptions, draw

    draw(PlotOptions(scan, names, output, as_map, where))
