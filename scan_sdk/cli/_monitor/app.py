"""The monitor: what it shows, and what its keys do."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, Final, Literal, cast

from pydantic import ValidationError
from textual.app import App
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Footer, Static

from scan_sdk import ScanState
from scan_sdk.cli._monitor.dialogs import AskFile, Choose, Confirm, Help
from scan_sdk.cli._monitor.panels import CommandList, Details, SampleTable, ScanList
from scan_sdk.cli._monitor.plot import Plot
from scan_sdk.cli._monitor.watcher import Seen, Watcher
from scan_sdk.cli.common import Complaint, blanked
from scan_sdk.cli.documents import read_commands
from scan_sdk.errors import ScanOutcomeError, ScanSdkError, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from scan_sdk import AsyncScanClient, CommandSequence, ScanData, ScanInfo

__all__ = ["Monitor"]

_SETTLING: Final = 0.1
"""Seconds for which a scan is selected before it is asked for, as others may be passed on the way."""
_WIDE: Final = 110
"""Columns from which on all panels are shown side by side."""
_VIEWS: Final = ("commands", "plot", "data")


class Monitor(App[None]):
    """Shows the scans of a server, and steers them."""

    CSS_PATH = "monitor.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]  # noqa: RUF012  # textual has it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "steer('pause')", "Pause"),
        Binding("r", "steer('resume')", "Resume"),
        Binding("a", "abort", "Abort"),
        Binding("n", "steer('next_command')", "Next"),
        Binding("s", "submit", "Submit"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "quit", "Quit"),
        Binding("left_square_bracket", "move(-1)", "Earlier", key_display="["),
        Binding("right_square_bracket", "move(1)", "Later", key_display="]"),
        Binding("x", "axis('x')", "X axis"),
        Binding("y", "axis('y')", "Y axis"),
        Binding("f", "follow", "Follow"),
        Binding("d", "delete", "Delete"),
        Binding("c", "clear", "Clear"),
        Binding("t", "colours", "Colours"),
        Binding("1", "view('commands')", "Commands", show=False),
        Binding("2", "view('plot')", "Plot", show=False),
        Binding("3", "view('data')", "Data", show=False),
    ]

    def __init__(self, client: AsyncScanClient, address: str) -> None:
        """Show the scans of a server.

        Args:
            client: Its client, which the monitor does not close.
            address: What to call the server.
        """
        super().__init__()
        self.title = f"scan-sdk monitor {address}"
        self.client: AsyncScanClient = client
        self.selected: int | None = None
        self._address = address
        self._seen = Seen()
        self._following = True
        self._lost = False
        self._told: tuple[int, ScanState] | None = None
        self._outcome = ""
        self._watcher = Watcher(client)
        self._connection = Static(id="connection", markup=False)
        self._scans = ScanList(id="scans")
        self._details = Details(id="details", markup=False)
        self._commands = CommandList(id="commands")
        self._plot = Plot(id="plot")
        self._table = SampleTable(id="data")

    # -- what is shown --------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Make the panels."""
        yield self._connection
        with Horizontal(id="main", classes="show-plot"):
            with Vertical(id="left"):
                yield self._scans
                yield self._details
                yield self._commands
            with Vertical(id="right"):
                yield self._plot
                yield self._table
        yield Footer()

    def on_mount(self) -> None:
        """Begin to watch the server."""
        self._scans.focus()
        self._say_connection(f"connecting to {self._address} ...", lost=False)
        self.run_worker(self._watch(), group="watch", exclusive=True)

    async def _watch(self) -> None:
        async for found in self._watcher.looks():
            if isinstance(found, Seen):
                self._show(found)
            else:
                self._lost = True
                told = f"✗ NOT CONNECTED, what is shown is old; trying again. {found.reason}"
                self._say_connection(told, lost=True)

    def _show(self, seen: Seen) -> None:
        back, self._lost = self._lost, False
        before, self._seen = self._seen, seen
        self._tell_of_ends(before)
        self._say_connection(f"● connected to {self._address}", lost=False)
        self._scans.update(seen.infos, seen.times)
        first = self._scans.first
        if first is not None and (self._must_select(first) or self.selected not in seen.by_id):
            self._select(first.id)
        elif first is None:
            self._select(None)
        elif back:
            self._load()
        self._show_selected()

    def _must_select(self, first: ScanInfo) -> bool:
        """Tell whether what is listed first is to be selected, as it runs and nobody has chosen another."""
        if not self._following or first.id == self.selected:
            return False
        current = None if self.selected is None else self._seen.by_id.get(self.selected)
        return first.state.is_active and not (current is not None and current.state.is_active)

    def _tell_of_ends(self, before: Seen) -> None:
        """Say which scans have ended other than well since the last look."""
        for info in self._seen.infos:
            was = before.by_id.get(info.id)
            if was is None or was.is_done:
                continue
            if info.state is ScanState.FAILED:
                self.bell()
                self._complain(f"{_named(info)} has failed: {info.error or 'the server does not say why'}")
            elif info.state is ScanState.ABORTED:
                self._complain(f"{_named(info)} was aborted", severity="warning")

    def _show_selected(self) -> None:
        info = self._info
        details, commands = self._details, self._commands
        if info is None:
            details.tell(None, None, "")
            return
        if self._told != (info.id, info.state):
            self._told = (info.id, info.state)
            self._outcome = ""
            if info.state in {ScanState.FAILED, ScanState.ABORTED}:
                self.run_worker(self._ask_why(info), group="why", exclusive=True)
        details.tell(info, self._seen.times.get(info.id), self._outcome)
        if not info.is_done:
            commands.mark(info.address)
        elif not self._outcome:
            commands.mark(-1)

    @property
    def _info(self) -> ScanInfo | None:
        return None if self.selected is None else self._seen.by_id.get(self.selected)

    def _say_connection(self, text: str, *, lost: bool) -> None:
        self._connection.update(blanked(text))
        self._connection.set_class(lost, "lost")

    # -- the selected scan ----------------------------------------------------------------------------------

    def on_scan_list_selected(self, event: ScanList.Selected) -> None:
        """Show the scan that someone has selected, and stay with it."""
        self._following = False
        self._select(event.scan_id)
        self._show_selected()

    def _select(self, scan_id: int | None) -> None:
        if scan_id == self.selected:
            return
        self.selected = scan_id
        if scan_id is not None:
            self._scans.select(scan_id)
        self._load()

    def _load(self) -> None:
        """Forget the commands and data that are shown, and ask for those of the selected scan."""
        self._plot.clear()
        self._table.clear()
        self._commands.update(())
        self._told = None
        self.run_worker(self._follow_scan(self.selected), group="scan", exclusive=True)

    async def _follow_scan(self, scan_id: int | None) -> None:
        """Show what a scan does and logs, until it is done."""
        if scan_id is None:
            return
        plot, table, commands = self._plot, self._table, self._commands
        await asyncio.sleep(_SETTLING)
        try:
            sequence = await self.client.scan_commands(scan_id)
        except ScanSdkError as error:
            commands.update((), f"The commands are not known: {error}")
        else:
            commands.update(sequence)
            plot.explain(command for _, command in sequence.walk())
        self._told = None
        self._show_selected()
        try:
            following = cast("AsyncGenerator[ScanData]", self.client.follow(scan_id))
            async with aclosing(following) as news:
                async for piece in news:
                    plot.add(piece)
                    table.add(piece)
        except TransportError:
            self._lost = True  # all is asked for again once the server is back
        except ScanSdkError as error:
            plot.tell(f"The data cannot be had: {error}")

    async def _ask_why(self, info: ScanInfo) -> None:
        """Show why a scan has failed, and at which of its commands."""
        try:
            await self.client.wait_until_done(info.id)
        except ScanOutcomeError as error:
            if self.selected != info.id:
                return
            self._outcome = _reason(error)
            if error.address is not None:
                self._commands.mark(error.address, failed=True)
            self._details.tell(info, None, self._outcome)
        except ScanSdkError:
            pass  # the server is gone, or the scan is: either is shown

    # -- what keys do ---------------------------------------------------------------------------------------

    def action_steer(self, verb: Literal["pause", "resume", "next_command"]) -> None:
        """Pause the selected scan, resume it, or end its current command."""
        info = self._info
        if info is None:
            return
        steer, told = {
            "pause": (self.client.pause, "is paused"),
            "resume": (self.client.resume, "goes on"),
            "next_command": (self.client.next_command, "goes on to its next command"),
        }[verb]
        self._do(steer(info.id), f"{_named(info)} {told}")

    def action_move(self, steps: int) -> None:
        """Let the selected scan, which waits, begin later, or with negative steps earlier."""
        if (info := self._info) is not None:
            told = "later" if steps > 0 else "earlier"
            self._do(self.client.move(info.id, steps), f"{_named(info)} begins {told}")

    def action_abort(self) -> None:
        """Abort the selected scan, if that is meant."""
        info = self._info
        if info is None:
            return
        if info.is_done:
            self._complain(f"scan {info.id} is {info.state}: there is nothing to abort")
            return
        done = f", {info.percentage} % done" if info.state.is_active else ""
        question = f"Abort {_named(info)}?\nIt is {info.state}{done}. An aborted scan cannot be resumed."
        self._ask(
            Confirm(question, yes="Abort it", no="Leave it"),
            lambda: self.client.abort(info.id),
            f"{_named(info)} was told to abort",
        )

    def action_delete(self) -> None:
        """Delete the selected scan, which is done, if that is meant."""
        info = self._info
        if info is None:
            return
        if not info.is_done:
            self._complain(f"scan {info.id} is {info.state}: abort it first")
            return
        question = f"Delete {_named(info)} from the server?\nIts data are deleted, too."
        self._ask(
            Confirm(question, yes="Delete it", no="Keep it"),
            lambda: self.client.delete(info.id),
            f"{_named(info)} is deleted",
        )

    def action_clear(self) -> None:
        """Delete all scans that are done, if that is meant."""
        count = sum(info.is_done for info in self._seen.infos)
        if not count:
            self._complain("no scan is done: there is nothing to delete")
            return
        question = (
            f"Delete all scans that are done from the server, now {count}?\nTheir data are deleted, too."
        )
        self._ask(
            Confirm(question, yes="Delete them", no="Keep them"),
            self.client.clear,
            "All scans that were done are deleted",
        )

    def action_submit(self) -> None:
        """Ask for a file, and submit it to the queue."""
        self.push_screen(AskFile(self._submit))

    async def _submit(self, path: str) -> str:
        """Submit a file under its name; return what is wrong, empty where nothing is."""
        name = PurePath(path).stem
        try:
            # Large files are read without holding up what is shown.
            commands = await asyncio.to_thread(_read, path)
            scan_id = await self.client.submit(commands, name)
        except ValidationError as error:
            return str(error.errors()[0]["msg"])
        except (Complaint, ScanSdkError, RuntimeError) as error:
            return str(error)
        self.notify(f"submitted as scan {scan_id} '{name}'", markup=False)
        self._watcher.nudge()
        return ""

    def action_axis(self, which: Literal["x", "y"]) -> None:
        """Choose what is drawn over, or what is drawn."""
        plot = self._plot
        if (axes := plot.axes) is None:
            self._complain("no numbers are logged yet: there is nothing to choose")
            return
        names = plot.samples.axes if which == "x" else plot.samples.devices
        title = "Draw over (x axis):" if which == "x" else "Draw (y axis):"

        def choose(name: str | None) -> None:
            if name is not None:
                plot.choose(**{which: name})

        self.push_screen(Choose(title, names, axes[0] if which == "x" else axes[1]), choose)

    def action_view(self, name: Literal["commands", "plot", "data"]) -> None:
        """Go to a panel; where there is no room for all, it takes the place of the others."""
        main = self.query_one("#main")
        for view in _VIEWS:
            main.set_class(view == name, f"show-{view}")
        self.call_after_refresh(self.query_one(f"#{name}").focus)

    def action_follow(self) -> None:
        """Select what runs, and what will."""
        self._following = True
        first = self._scans.first
        if first is not None:
            self._select(first.id)
            self._show_selected()

    def action_colours(self) -> None:
        """Change between light and dark colours."""
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def action_help(self) -> None:
        """Show what keys do."""
        self.push_screen(Help())

    def _ask(self, dialog: Confirm, do: Callable[[], Awaitable[object]], told: str) -> None:
        """Ask, and do something if that is meant."""

        def answer(meant: bool | None) -> None:
            if meant:
                self._do(do(), told)

        self.push_screen(dialog, answer)

    def _do(self, doing: Awaitable[object], told: str) -> None:
        """Do something to a scan, and say what came of it."""
        self.run_worker(self._done(doing, told), group="do")

    async def _done(self, doing: Awaitable[object], told: str) -> None:
        try:
            await doing
        except ScanSdkError as error:
            self._complain(str(error))
        else:
            self.notify(told, markup=False)
        self._watcher.nudge()

    def _complain(self, text: str, *, severity: Literal["warning", "error"] = "error") -> None:
        self.notify(text, severity=severity, timeout=10, markup=False)

    async def on_unmount(self) -> None:
        """End all that is going on."""
        workers = list(self.workers)
        self.workers.cancel_all()
        await asyncio.gather(*(worker.wait() for worker in workers), return_exceptions=True)


def _read(path: str) -> CommandSequence:
    return read_commands(Path(path).expanduser().absolute())  # a dash is a name here


def _named(info: ScanInfo) -> str:
    return f"scan {info.id} '{info.name}'"


def _reason(error: ScanOutcomeError) -> str:
    """Return why a scan has not finished, and where."""
    reason = error.info.error or f"it is {error.info.state}, and the server does not say why"
    places = [] if error.address is None else [f"command {error.address}"]
    if error.source is not None:
        places.append(str(error.source))
    return f"{', '.join(places)}: {reason}" if places else reason
