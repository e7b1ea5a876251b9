"""`scan-sdk watch`: how a scan goes, until it is done."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from scan_sdk.cli.common import printable
from scan_sdk.cli.terminal import (
    STATE_STYLES,
    leaving,
    local,
    print_json_line,
    print_text,
    shown_duration,
    tell,
)
from scan_sdk.errors import TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from scan_sdk import ScanClient, ScanInfo, TimeLeft

__all__ = ["still_runs", "watch_scan"]


def still_runs(scan_id: int) -> str:
    """Return what is said when a scan is left to itself."""
    return (
        f"scan {scan_id} goes on; scan-sdk watch {scan_id} shows it again, scan-sdk abort {scan_id} ends it"
    )


def watch_scan(client: ScanClient, scan_id: int, *, as_json: bool, quiet: bool = False) -> None:
    """Show how a scan goes until it is done.

    Args:
        client: The client.
        scan_id: The scan.
        as_json: Whether to print a line of JSON whenever something has happened.
        quiet: Whether to show that on the standard error stream.

    Raises:
        ScanOutcomeError: It did not finish well.
        UnknownScan: There is no such scan.
    """
    infos = client.watch(scan_id)
    with leaving(still_runs(scan_id)):
        if as_json:
            for info in infos:
                print_json_line(info)
        elif sys.stdout.isatty():
            _show_live(client, infos)
        else:
            for info in infos:
                (tell if quiet else print_text)(_line(info))
        client.wait_until_done(scan_id)


def _line(info: ScanInfo) -> str:
    """Return how a scan is, in one line for a log."""
    current = f": {info.command}" if info.state.is_active and info.command else ""
    return printable(f"{local(info.finish) if info.is_done else ''} {info}{current}").strip()


def _show_live(client: ScanClient, infos: Iterator[ScanInfo]) -> None:
    from rich.console import Console
    from rich.live import Live

    view = View()
    with Live(get_renderable=view.render, console=Console(highlight=False), refresh_per_second=4):
        for info in infos:
            view.take(info, _time_left(client, info))


def _time_left(client: ScanClient, info: ScanInfo) -> TimeLeft | None:
    """Return how long a scan takes by its commands, not by the server's count; None if it cannot be asked."""
    if info.is_done:
        return None
    try:
        return client.time_left(info.id)
    except TransportError:  # the watch itself has more patience
        return None


class View:
    """A scan on a terminal: its state, a bar, times, and what it does."""

    def __init__(self) -> None:
        """Begin before anything is known."""
        self._info: ScanInfo | None = None
        self._left: TimeLeft | None = None
        self._since = 0.0

    def take(self, info: ScanInfo, left: TimeLeft | None = None) -> None:
        """Take notice of how the scan is, and how long it will take, None where nothing tells."""
        self._info, self._left, self._since = info, left, time.monotonic()

    def render(self) -> RenderableType:
        """Return what is to be seen now."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Column, Table
        from rich.text import Text

        info = self._info
        if info is None:
            return Text("...")
        title = Text(f"Scan {info.id} '{printable(info.name)}': ")
        title.append(info.state.value, STATE_STYLES[info.state.value])
        if info.is_done:
            title.append(f" after {shown_duration(info.runtime)}")
            return title
        bar = Table.grid(
            Column(ratio=1), Column(no_wrap=True), Column(no_wrap=True), padding=(0, 1), expand=True
        )
        share, times = Text(f"{info.percentage:>3} %"), Text(self._times(info))
        bar.add_row(ProgressBar(100, info.percentage), share, times)
        current = Text("  ", no_wrap=True, overflow="ellipsis")
        if info.state.is_active:
            current.append(f"{info.address:>4}  " if info.address >= 0 else "      ", "dim")
            current.append(printable(info.command))
        return Group(title, bar, current)

    def _times(self, info: ScanInfo) -> str:
        """Return how long the scan has run, and how long it will; the clock goes on between two looks."""
        passed = info.runtime
        if info.state == "Running":
            passed += timedelta(seconds=time.monotonic() - self._since)
        text = f"{shown_duration(passed)} so far"
        estimate = self._left
        if estimate is None or estimate.left is None or estimate.finish is None:
            return text
        if info.state == "Paused":
            return f"{text}, {shown_duration(estimate.left)} left once it goes on"
        left = estimate.finish - datetime.now(UTC)
        if left < timedelta():
            return f"{text}, longer than estimated"
        return f"{text}, {shown_duration(left)} left, until {local(estimate.finish)}"
