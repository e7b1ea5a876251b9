"""`scan-sdk demo`: the life of a few scans, from commands to data."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

import typer
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table

from scan_sdk import (
    CommandSequence,
    Comment,
    Delay,
    Log,
    Loop,
    ScanClient,
    ScanOutcomeError,
    Set,
    Wait,
)
from scan_sdk.cli.connecting import Where, address, connect
from scan_sdk.errors import MissingExtra, ServerError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.console import Console

    from scan_sdk import Command, ScanData, ScanInfo

DEVICES = ("motor_x", "motor_y", "neutrons")
SIMULATED = ("loc://", "sim://", "motor://", "counter://")
LONGEST = 60
"""Seconds that one scan of the demo may take, its wait in the queue included."""


def show(console: Console, where: Where | None, *, confirmed: bool) -> None:
    """Tell the whole story.

    Args:
        console: Where to print.
        where: The server; None starts one for the time of the demo.
        confirmed: Whether the devices of a given server may be moved without asking.

    Raises:
        ScanSdkError: The server cannot be reached, or does not do what the story needs.
    """
    with ExitStack() as stack:
        own = where is None
        url = stack.enter_context(_own_server()) if where is None else address(where)
        client = stack.enter_context(connect(where or Where(url)))
        _introduce(console, client, url, own=own)
        _agree(client, url, confirmed=own or confirmed)
        story = Story(console, client)
        stack.callback(story.clean_up)
        story.tell()


@contextmanager
def _own_server() -> Generator[str]:
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        raise MissingExtra("the embedded scan server", "demo")
    from scan_sdk.server import EmbeddedServer

    with EmbeddedServer() as server:
        yield server.url


def _introduce(console: Console, client: ScanClient, url: str, *, own: bool) -> None:
    info = client.server_info()
    told = f"Scan server {escape(info.version)} at {url}, up since {info.start_time:%Y-%m-%d %H:%M} UTC"
    if own:
        told += f"\nOpen {url}/ in a browser to watch along"
    console.print(Panel(told))


def _agree(client: ScanClient, url: str, *, confirmed: bool) -> None:
    """Make sure that the server has the devices, and that nobody minds if they are moved."""
    names = {device.alias: device.name for device in client.scan_devices()}
    missing = [device for device in DEVICES if device not in names]
    if missing:
        raise ServerError(
            f"the demo needs devices that {url} does not name in its configuration: {', '.join(missing)}"
        )
    real = [f"{device} ({names[device]})" for device in DEVICES if not names[device].startswith(SIMULATED)]
    if not real or confirmed:
        return
    question = f"The demo writes to {', '.join(real)}, which may be real hardware"
    if not sys.stdin.isatty():
        raise ServerError(f"{question}: say --yes if that is all right")
    typer.confirm(f"{question}. Go on?", abort=True)


class Story:
    """The chapters, and the scans that they have submitted."""

    def __init__(self, console: Console, client: ScanClient) -> None:
        """Take where to print, and the client of the server."""
        self._console = console
        self._client = client
        self._scans: list[int] = []

    def tell(self) -> None:
        """Tell the chapters in order."""
        self._assemble_and_simulate()
        self._submit_and_watch()
        self._pause_resume_abort()
        self._patch()
        self._fail()
        self._take_data()

    def clean_up(self) -> None:
        """Abort what still runs, and remove the scans of the demo and no others."""
        for scan_id in self._scans:
            if not self._client.abort(scan_id).is_done:
                self._follow(scan_id)
            self._client.delete(scan_id)

    def _assemble_and_simulate(self) -> None:
        self._chapter("Commands are Python objects, checked as you write them")
        scan = CommandSequence(
            Comment("Hello"), Loop("motor_x", 1, 3, 1, [Delay(0.3), Log("motor_x")], readback=True)
        )
        self._console.print(Syntax(scan.format(), "python", background_color="default"))
        self._console.print("The server knows what they would do, and how long that takes:\n")
        self._console.print(self._client.simulate(scan).log, style="dim", highlight=False, markup=False)

    def _submit_and_watch(self) -> None:
        self._chapter("Submit a scan and watch it")
        scan = [Loop("motor_x", 1, 5, 0.5, [Delay(0.2), Log("motor_x", "neutrons")], readback=True)]
        self._say(self._follow(self._submit(scan, "My First Scan")))

    def _pause_resume_abort(self) -> None:
        self._chapter("Pause it, resume it, abort it")
        scan_id = self._submit([Delay(5), Comment("never said")], "Not sure about this one", started=True)
        self._say(self._client.pause(scan_id))
        self._say(self._client.resume(scan_id))
        self._say(self._client.abort(scan_id))

    def _patch(self) -> None:
        self._chapter("Change a command that is yet to be performed")
        scan_id = self._submit([Delay(1), Set("motor_x", 10), Log("motor_x")], "Changing", started=True)
        self._client.pause(scan_id)
        self._client.patch(scan_id, 1, "value", 5)
        self._console.print(f"held by the server now: {self._client.scan_commands(scan_id)[1]!r}")
        self._client.resume(scan_id)
        self._say(self._client.wait_until_done(scan_id, timeout=LONGEST))
        self._console.print(f"logged: motor_x = {self._client.get_data(scan_id)['motor_x'].value[-1]}")

    def _fail(self) -> None:
        self._chapter("When a scan fails, it says why")
        scan_id = self._submit([Wait("motor_x", 60, timeout=1)], "Timeout Test")
        try:
            self._client.wait_until_done(scan_id, timeout=LONGEST)
        except ScanOutcomeError as error:
            self._console.print(f"[red]{type(error).__name__}[/red]: {escape(str(error))}", highlight=False)

    def _take_data(self) -> None:
        self._chapter("Two loops, two logs: take the data away")
        inner = Loop("motor_y", 1, 3, 1, [Delay(0.2), Log("motor_y")])
        scan = CommandSequence(
            Loop("motor_x", 1, 10, 1, [Set("neutrons", 0), inner, Log("motor_x", "neutrons")])
        )
        self._console.print(Syntax(scan.format(), "python", background_color="default"))
        scan_id = self._submit(scan, "Data Demo")
        self._say(self._follow(scan_id))
        self._console.print(f"log calls: {self._client.last_serial(scan_id) + 1}")
        self._console.print(_table(self._client.get_data(scan_id)))

    def _chapter(self, title: str) -> None:
        self._console.rule(title, align="left")

    def _say(self, info: ScanInfo) -> None:
        self._console.print(str(info), markup=False)

    def _submit(self, commands: Sequence[Command], name: str, *, started: bool = False) -> int:
        """Submit a scan of the demo, and wait until it has started if told so."""
        scan_id = self._client.submit(commands, name, timeout=LONGEST)
        self._scans.append(scan_id)
        if started:
            next(info for info in self._client.watch(scan_id) if info.state != "Idle")
        return scan_id

    def _follow(self, scan_id: int) -> ScanInfo:
        """Show a live progress bar until the scan is done."""
        columns = (TextColumn("{task.fields[name]}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with Progress(
            *columns, TextColumn("{task.fields[command]}", markup=False), console=self._console
        ) as progress:
            bar = progress.add_task("", total=100, name="", command="")
            for info in self._client.watch(scan_id):
                progress.update(bar, completed=info.percentage, name=escape(info.name), command=info.command)
        return self._client.scan_info(scan_id)


def _table(data: ScanData) -> Table:
    """Show the counts at each position of motor_x."""
    table = Table("motor_x", "neutrons", title="Data Demo")
    for column in table.columns:
        column.justify = "right"
    for position, count in data.table("motor_x", "neutrons"):
        table.add_row(str(position), str(count))
    return table
