"""`scan-sdk list`: the scans of a server, once or for as long as someone looks."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scan_sdk.cli.common import Complaint, Exit, printable
from scan_sdk.cli.terminal import (
    STATE_STYLES,
    leaving,
    local,
    print_json,
    print_json_line,
    print_lines,
    print_pretty,
    shown_duration,
)
from scan_sdk.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from scan_sdk import ScanClient, ScanInfo, TimeLeft

__all__ = ["print_scans", "table", "watch_scans"]

_HEADER: Final = ("id", "name", "state", "progress", "runtime", "finish", "error")
_LEFT: Final = ("name", "state", "error")
"""Columns of words; numbers stand at the right."""
_ENDED_EARLY: Final = ("Aborted", "Failed", "Logged")
"""States in which the server calls all done that will not be done any more."""
_WIDEST_NAME: Final = 32
_PAUSE: Final = 1.0
"""Seconds between two looks."""
_FEWEST: Final = 5
_AROUND: Final = 6
"""Lines of a terminal that are not rows of the table: its header, a caption, and the shell."""


def print_scans(client: ScanClient, *, as_json: bool, everything: bool) -> None:
    """Print the scans of a server: as a table on a terminal, else as lines with tabs.

    Args:
        client: The client.
        as_json: Whether to print JSON instead.
        everything: Whether to show more than fit a terminal.
    """
    infos = client.scan_infos()
    if as_json:
        print_json(infos)
        return
    times = _times(client, infos)
    if not sys.stdout.isatty():
        print_lines([_HEADER, *(_plain(info, times.get(info.id)) for info in infos)])
    else:
        width, height = Console().size
        most = len(infos) if everything else max(_FEWEST, height - _AROUND)
        print_pretty(table(infos, times, width=width, most=most) if infos else "the server has no scans")


def _times(client: ScanClient, infos: Sequence[ScanInfo]) -> Mapping[int, TimeLeft]:
    """Return when scans will be done by their commands; the server is only asked where some are not."""
    return {} if all(info.is_done for info in infos) else client.times_left()


def watch_scans(client: ScanClient, *, as_json: bool) -> None:
    """Show scans until Ctrl-C.

    Raises:
        Complaint: There is no terminal to show them on.
    """
    if not as_json and not sys.stdout.isatty():
        raise Complaint(Exit.WRONG_USE, "--watch needs a terminal, or --json")
    with leaving("no longer looking; the scans go on"):
        if as_json:
            _print_changes(client)
        else:
            _show_live(client)


def _print_changes(client: ScanClient) -> None:
    before: Sequence[ScanInfo] | None = None
    while True:
        infos = client.scan_infos()
        if infos != before:
            print_json_line(infos)
        before = infos
        time.sleep(_PAUSE)


def _show_live(client: ScanClient) -> None:
    from rich.live import Live

    infos = client.scan_infos()  # a server that is not there is said at once
    times = _times(client, infos)
    console = Console(highlight=False)
    caption = ""
    with Live(console=console, auto_refresh=False, screen=True, vertical_overflow="crop") as live:
        while True:
            width, height = console.size
            most = max(_FEWEST, height - _AROUND)
            live.update(table(infos, times, width=width, most=most, caption=caption), refresh=True)
            time.sleep(_PAUSE)
            try:
                infos, caption = client.scan_infos(), ""
                times = _times(client, infos)
            except TransportError as error:  # it may be back in a minute, and someone wants to know
                caption = printable(str(error))


def table(
    infos: Sequence[ScanInfo],
    times: Mapping[int, TimeLeft],
    *,
    width: int,
    most: int,
    caption: str = "",
) -> Table:
    """Return a table of scans.

    Args:
        infos: The scans.
        times: When those will be done that are not, by id.
        width: Of how many characters there is room in a line; names and errors are cut where they must be.
        most: Of how many scans there are rows.
        caption: What to say below.
    """
    left_out = len(infos) - most
    if left_out > 0 and not caption:
        caption = f"{left_out} more; --all shows all"
    rows = [_row(info, times.get(info.id)) for info in infos[:most]]
    widths = [max(map(cell_len, column)) for column in zip(_HEADER, *rows, strict=True)]
    name, error = widths[1], widths[-1]
    rest = width - sum(widths) + name + error - 3 * len(_HEADER)
    widths[1] = max(len(_HEADER[1]), min(name, _WIDEST_NAME, rest - min(error, rest // 2)))
    widths[-1] = max(len(_HEADER[-1]), min(error, rest - widths[1]))
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, caption=caption or None, caption_justify="left")
    for heading, wide in zip(_HEADER, widths, strict=True):
        grid.add_column(
            heading,
            justify="left" if heading in _LEFT else "right",
            width=wide,
            no_wrap=True,
            overflow="ellipsis",
        )
    for info, row in zip(infos, rows, strict=False):
        cells = [Text(cell) for cell in row]
        cells[2].stylize(STATE_STYLES[info.state.value])
        cells[-1].stylize("red")
        grid.add_row(*cells)
    return grid


def _finish(info: ScanInfo, time_left: TimeLeft | None) -> datetime | None:
    """Return when a scan ended, or will by its commands; by the server's count where they are not known."""
    return info.finish if info.is_done or time_left is None else time_left.finish


def _row(info: ScanInfo, time_left: TimeLeft | None) -> tuple[str, ...]:
    return (
        str(info.id),
        printable(info.name),
        info.state.value,
        "" if info.state in _ENDED_EARLY else f"{info.percentage} %",
        shown_duration(info.runtime),
        local(_finish(info, time_left)),
        printable(info.error or ""),
    )


def _plain(info: ScanInfo, time_left: TimeLeft | None) -> tuple[str, ...]:
    end = _finish(info, time_left)
    finish = "" if end is None else end.astimezone().isoformat(timespec="seconds")
    runtime = f"{info.runtime.total_seconds():g}"
    return (
        str(info.id),
        info.name,
        info.state.value,
        str(info.percentage),
        runtime,
        finish,
        info.error or "",
    )
