"""`scan-sdk plot`: what a scan has logged as a picture, in a file or in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.cli.common import Complaint, Exit, replacing
from scan_sdk.cli.connecting import connect, scan_of
from scan_sdk.cli.download import Download
from scan_sdk.data.plots import free_axes, has_screen, save, show_screen

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk.cli.connecting import Where

__all__ = ["PlotOptions", "draw"]

PICTURES: Final = (".png", ".pdf", ".svg")


class PlotOptions(NamedTuple):
    """What to draw, and where to; as the command line has it."""

    scan: str
    names: list[str]
    output: Path | None
    as_map: bool
    where: Where


def draw(options: PlotOptions) -> None:
    """Draw what a scan has logged.

    Raises:
        Complaint: The options do not go together, there is nothing of the kind to draw, or nowhere to.
        ScanSdkError: The server does not give the data, or a package is missing.
    """
    _check(options)
    if options.output is not None:
        with replacing(options.output) as target:
            _draw(options, target)
    elif has_screen():
        _draw(options, None)
    else:
        raise Complaint(Exit.WRONG_USE, "no window can be opened here: give -o and the name of a file")


def _check(options: PlotOptions) -> None:
    if options.as_map and len(options.names) != 3:
        raise Complaint(
            Exit.WRONG_USE, "a map takes three devices: two that were moved, and one to colour it"
        )
    if len(options.names) < 2:
        raise Complaint(
            Exit.WRONG_USE, "name what to draw over, a device or serial or time, and what to draw"
        )
    if options.output is not None and options.output.suffix.lower() not in PICTURES:
        raise Complaint(
            Exit.WRONG_USE, f"the name of a picture ends in {', '.join(PICTURES)}, not as {options.output}"
        )


def _draw(options: PlotOptions, target: Path | None) -> None:
    """Draw into a file, or where there is none into a window, and wait until that is closed."""
    with connect(options.where) as client, Download() as download:
        info = client.scan_info(scan_of(client, options.scan))
        data = client.get_data(info.id, progress=download.progress)
    title = f"Scan {info.id} '{info.name}'"
    axes = None if target is None else free_axes()
    x, second, *more = options.names
    try:
        if options.as_map:
            axes = data.map(x, second, more[0], ax=axes, title=title)
        else:
            axes = data.plot(x, second, *more, ax=axes, title=title)
    except (KeyError, ValueError) as error:
        raise Complaint(Exit.NO_SUCH_DATA, str(error.args[0])) from error
    if target is None:
        show_screen()
    else:
        save(axes, target)
