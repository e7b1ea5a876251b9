"""The panels of the monitor: scans, the one that is selected, its commands, and its last samples."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

from scan_sdk import If, Loop, Parallel, ScanState, Sequence
from scan_sdk._dialect.wording import describe
from scan_sdk.cli._monitor.lines import Lines
from scan_sdk.cli._monitor.samples import tail
from scan_sdk.cli._monitor.wording import bar, clock, in_order, state_text, time_text
from scan_sdk.cli.common import blanked
from scan_sdk.cli.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Sequence as Items

    from textual.binding import BindingType
    from textual.events import Click

    from scan_sdk import Command, ScanData, ScanInfo, TimeLeft

__all__ = ["CommandList", "Details", "SampleTable", "ScanList"]

_STYLES: Final = {
    ScanState.RUNNING: "busy",
    ScanState.PAUSED: "busy",
    ScanState.FINISHED: "good",
    ScanState.FAILED: "bad",
    ScanState.ABORTED: "bad",
}


class ScanList(Lines):
    """All scans of the server, one of which is selected."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "step(-1000000000)", "First", show=False),
        Binding("end", "step(1000000000)", "Last", show=False),
    ]
    _BAR: ClassVar[int] = 10
    _PROGRESS: ClassVar[int] = _BAR + 6
    _ROOMY: ClassVar[int] = 60
    """Columns from which on there is room for bars."""

    @dataclass
    class Selected(Message):
        """Someone has selected a scan."""

        scan_id: int

    def __init__(self, *, id: str) -> None:  # noqa: A002  # textual's word
        """Begin with no scans."""
        super().__init__(id=id)
        self.border_title = "Scans"
        self._scans: list[ScanInfo] = []
        self._places: dict[int, int] = {}
        self._times: Mapping[int, TimeLeft] = {}
        self._selected: int | None = None

    def update(self, infos: Items[ScanInfo], times: Mapping[int, TimeLeft]) -> None:
        """Show how the scans are now, the most recent given first."""
        before = self.chosen
        self._scans = in_order(infos)
        self._times = times
        self._places = {info.id: place for place, info in enumerate(self._scans)}
        self._count()
        self.resize(len(self._scans))
        if before != self.chosen:
            self.call_after_refresh(self._follow)

    def select(self, scan_id: int) -> None:
        """Select a scan."""
        self._selected = scan_id
        self._follow()
        self.refresh()

    @property
    def chosen(self) -> int | None:
        """The place of the selected scan, None where there is none."""
        return None if self._selected is None else self._places.get(self._selected)

    @property
    def first(self) -> ScanInfo | None:
        """The scan that is listed first."""
        return self._scans[0] if self._scans else None

    def place_among_waiting(self, scan_id: int) -> int:
        """Return how many scans begin before one that waits."""
        active = sum(info.state.is_active for info in self._scans)
        return self._places[scan_id] - active

    def _count(self) -> None:
        active = sum(info.state.is_active for info in self._scans)
        waiting = sum(info.state is ScanState.IDLE for info in self._scans)
        done = len(self._scans) - active - waiting
        self.border_title = f"Scans: {active} running or paused, {waiting} waiting, {done} done"

    def _follow(self) -> None:
        if (place := self.chosen) is not None:
            self.show_line(place)

    def heading(self, width: int) -> Text:
        """Return the names of the columns."""
        progress = f"{'Progress':<{self._PROGRESS}}" if width >= self._ROOMY else ""
        return Text(f"  ID    State      {self._name_cell('Name', width)} {progress}{'Time':>13}")

    def line(self, index: int, width: int) -> Text:
        """Return the line of a scan."""
        info = self._scans[index]
        left = self._times.get(info.id)
        marker = "▸ " if index == self.chosen else "  "
        style = self.style(_STYLES.get(info.state, "muted"))
        line = Text(f"{marker}{info.id:<5} ")
        line.append(f"{state_text(info.state):<10} ", style)
        line.append(self._name_cell(info.name, width))
        progress = f"{self._progress(info, left):<{self._PROGRESS}}" if width >= self._ROOMY else ""
        line.append(f" {progress}{time_text(info, left):>13}")
        return line

    def _progress(self, info: ScanInfo, left: TimeLeft | None) -> str:
        if not info.state.is_active:
            return ""
        fraction = left.fraction if left is not None else info.percentage / 100
        return f"{bar(fraction, self._BAR)} {int(100 * fraction):>3}%"

    def _name_cell(self, name: str, width: int) -> str:
        others = 19 + 1 + 13 + (self._PROGRESS if width >= self._ROOMY else 0)
        return set_cell_size(blanked(name), max(8, width - others))

    def action_step(self, steps: int) -> None:
        """Select a scan further down, or up."""
        if self._scans:
            place = min(len(self._scans) - 1, max(0, (self.chosen or 0) + steps))
            self._choose(place)

    def action_page(self, pages: int) -> None:
        """Select a scan a page further down, or up."""
        self.action_step(pages * max(1, self.scrollable_content_region.height - 2))

    def on_click(self, event: Click) -> None:
        """Select what is clicked on."""
        offset = event.get_content_offset(self)
        if offset is not None and (index := self.line_at(offset.y)) is not None:
            self._choose(index)

    def _choose(self, place: int) -> None:
        self.select(self._scans[place].id)
        self.post_message(self.Selected(self._scans[place].id))


class Details(Static):
    """What is known of the selected scan."""

    def tell(self, info: ScanInfo | None, left: TimeLeft | None, outcome: str) -> None:
        """Show how a scan is.

        Args:
            info: The scan, None where there is none.
            left: The time it takes.
            outcome: Why it failed, and where; empty where it has not.
        """
        if info is None:
            self.update("There are no scans. Press s to submit a file.")
            return
        text = Text(f"{info.id} '{blanked(info.name)}': {info.state}", style="bold")
        if info.state.is_active:
            done = f", {info.performed_work_units} of {info.total_work_units} commands done"
            text.append(done if info.total_work_units else "", "not bold")
        text.append(f"\n{_when(info, left)}", "not bold")
        if info.state.is_active:
            text.append(f"\n{blanked(info.command)}", "not bold")
        problem = outcome or info.error
        if problem:
            text.append(f"\n✗ {blanked(problem)}")
        self.update(text)


def _when(info: ScanInfo, left: TimeLeft | None) -> str:
    submitted = f"submitted {info.created.astimezone():%d %b %H:%M:%S}"
    if info.is_done:
        ended = "" if info.finish is None else f", ended {info.finish.astimezone():%d %b %H:%M:%S}"
        return f"{submitted}{ended}, ran for {clock(info.runtime)}"
    told = "time left unknown" if left is None else str(left)
    if left is not None and left.finish is not None:
        told += f", done about {left.finish.astimezone():%H:%M:%S}"
    return f"{told}, {f'ran for {clock(info.runtime)}' if info.state.is_active else submitted}"


class CommandList(Lines):
    """The commands of the selected scan, with their addresses, and a mark at the current one."""

    _CURRENT: ClassVar[str] = "▶"
    _FAILED: ClassVar[str] = "✗"

    def __init__(self, *, id: str) -> None:  # noqa: A002  # textual's word
        """Begin with no commands."""
        super().__init__(id=id)
        self.border_title = "Commands"
        self._commands: list[tuple[int, Command]] = []
        self._note = ""
        self._current = -1
        self._failed = False

    def update(self, commands: Iterable[Command], note: str = "") -> None:
        """Show the commands of another scan, or a note where they are not known."""
        self._commands = list(_with_depth(commands))
        self._note = note
        self.resize(1 if note else len(self._commands))
        if self.chosen is not None:
            self.show_line(self.chosen)

    def mark(self, address: int, *, failed: bool = False) -> None:
        """Mark a command as the one that is performed, or that has failed; -1 marks none."""
        if (address, failed) == (self._current, self._failed):
            return
        self._current, self._failed = address, failed
        if 0 <= address < len(self._commands):
            self.show_line(address)
        self.refresh()

    @property
    def chosen(self) -> int | None:
        """The marked command, None where there is none."""
        return self._current if 0 <= self._current < len(self._commands) else None

    def heading(self, width: int) -> None:
        """Return nothing: addresses and commands speak for themselves."""

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002  # it is cut off by who asks
        """Return the line of a command; its place is its address."""
        if self._note:
            return Text(self._note)
        depth, command = self._commands[index]
        marker = " " if index != self.chosen else self._FAILED if self._failed else self._CURRENT
        digits = max(3, len(str(len(self._commands) - 1)))
        line = Text()
        line.append(f"{marker} ", self.style("bad" if self._failed else "busy"))
        line.append(f"{index:>{digits}} ", self.style("muted"))
        line.append("  " * depth + blanked(describe(command)))
        return line


def _with_depth(commands: Iterable[Command]) -> Iterator[tuple[int, Command]]:
    """Yield each command, in the order of addresses, and in how many others it is."""
    above: list[Iterator[Command]] = [iter(commands)]
    while above:
        command = next(above[-1], None)
        if command is None:
            above.pop()
            continue
        yield len(above) - 1, command
        if isinstance(command, If | Loop | Parallel | Sequence):
            above.append(iter(command.body))


class SampleTable(Lines):
    """The last samples of the selected scan, side by side."""

    KEPT: ClassVar[int] = 500
    """Rows that can be scrolled back to."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  # textual's word
        """Begin with no samples."""
        super().__init__(id=id)
        self.clear()

    def clear(self) -> None:
        """Forget all samples."""
        self._rows = Rows()
        self._kept: deque[tuple[str, ...]] = deque(maxlen=self.KEPT)
        self._widths: list[int] = []
        self.border_title = "Data"
        self.resize(0)

    def add(self, piece: ScanData) -> None:
        """Show further samples; what is below the end comes into sight, if the end is in sight."""
        at_end = self.scroll_y >= self.max_scroll_y - 1
        for serial, time, *cells in self._rows.of(tail(piece, self.KEPT)):
            self._kept.append((serial, time.rpartition(" ")[2], *cells))  # the date is in the details
        rows = [self._rows.header, *self._kept]
        self._widths = [
            max(cell_len(row[column]) for row in rows if column < len(row))
            for column in range(len(self._rows.header))
        ]
        self.border_title = f"Data: last {len(self._kept)} rows"
        self.resize(len(self._kept), width=sum(self._widths) + 2 * len(self._widths))
        if at_end:
            self.call_after_refresh(self.scroll_end, animate=False, force=True)

    def heading(self, width: int) -> Text:  # noqa: ARG002  # it is cut off by who asks
        """Return the names of the columns."""
        return self._line(self._rows.header)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002  # likewise
        """Return a row; a device that came later has no cell in rows before it."""
        return self._line(self._kept[index])

    def _line(self, cells: Items[str]) -> Text:
        return Text(
            "  ".join(
                " " * (width - cell_len(cell)) + cell
                for cell, width in zip(map(blanked, cells), self._widths, strict=False)
            )
        )
