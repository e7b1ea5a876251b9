"""A scan server in a few lines, and a clock that only moves when someone sleeps."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from scan_sdk._protocol.drivers import run
from scan_sdk._protocol.reply import Reply
from scan_sdk._protocol.steps import Flow, Timing
from scan_sdk._wire.commands import write_commands
from scan_sdk._wire.patch import read_patch
from scan_sdk._wire.replies import write_scan, write_scans
from scan_sdk.errors import ScanSdkError
from scan_sdk.models import Delay, ScanInfo, ScanState
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk._protocol.operations import Operation

T = TypeVar("T")

HTML = "<html><table><tr><th>MESSAGE:</th><td>{}</td></tr></table></html>"
CREATED = datetime(2026, 11, 23, tzinfo=UTC)


class Clock:
    """Time that passes in `sleep`, and where a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds


@dataclass
class Server:
    """Does what the real server does, as far as the client's flows care."""

    clock: Clock
    scans: dict[int, ScanInfo] = field(default_factory=dict)
    """Oldest first, as the server keeps them."""
    commands: dict[int, CommandSequence] = field(default_factory=dict)
    trip: float = 0.004
    """Seconds from request to answer."""
    ignores: set[str] = field(default_factory=set)
    """Verbs that are answered by 200 without effect."""
    hook: Callable[[str], ScanSdkError | tuple[int, str] | None] = lambda _: None
    """Called with `METHOD target` before each request: an error to raise, an answer to give, or None."""
    requests: list[str] = field(default_factory=list)

    def add(self, state: ScanState = ScanState.RUNNING, **fields: Any) -> int:
        scan_id = len(self.scans) + 1
        info = ScanInfo(id=scan_id, name=f"scan {scan_id}", created=CREATED, state=state)
        self.scans[scan_id] = info.model_copy(update=fields)
        self.commands[scan_id] = CommandSequence(Delay(60))
        return scan_id

    def set(self, scan_id: int, **fields: Any) -> None:
        self.scans[scan_id] = self.scans[scan_id].model_copy(update=fields)

    def exchange(self, operation: Operation[T], deadline: float) -> T:
        assert deadline > self.clock.now
        request = str(operation)
        self.requests.append(request)
        self.clock.now += self.trip
        answer = self.hook(request)
        if isinstance(answer, ScanSdkError):
            raise answer
        status, body = answer or self.answer(operation)
        reply = Reply(operation, status, {}, 2**20)
        if body:
            reply.feed(body.encode())
        return reply.close()

    def answer(self, operation: Operation[Any]) -> tuple[int, str]:
        if operation.target == "/scans":
            return 200, write_scans(reversed(self.scans.values()))
        found = re.fullmatch(r"/scan/(-?\d+)(?:/(\w+))?(?:/(-?\d+))?", operation.target)
        assert found is not None, operation
        scan_id, verb, steps = int(found[1]), found[2], int(found[3] or 0)
        if operation.method == "GET":
            return self.tell(scan_id, verb)
        if scan_id >= 0 and scan_id not in self.scans:
            return (200, "") if verb == "move" else (400, "")
        if (verb or "delete") in self.ignores:
            return 200, ""
        return self.obey(scan_id, verb, steps, operation.body)

    def tell(self, scan_id: int, what: str | None) -> tuple[int, str]:
        if scan_id not in self.scans:
            return 500, HTML.format(f"Unknown scan ID {scan_id}")
        if what == "commands":
            return 200, write_commands(self.commands[scan_id], as_server=True)
        return 200, write_scan(self.scans[scan_id])

    def obey(self, scan_id: int, verb: str | None, steps: int, body: bytes) -> tuple[int, str]:
        if verb is None:
            if self.scans[scan_id].is_done:
                del self.scans[scan_id]
        elif verb == "move":
            self.move(scan_id, steps)
        elif verb == "patch":
            return self.patch(scan_id, body)
        else:
            for one in [scan_id] if scan_id >= 0 else list(self.scans):
                self.steer(one, verb)
        return 200, ""

    def steer(self, scan_id: int, verb: str) -> None:
        info = self.scans[scan_id]
        if verb == "pause" and info.state is ScanState.RUNNING:
            self.set(scan_id, state=ScanState.PAUSED)
        elif verb == "resume" and info.state is ScanState.PAUSED:
            self.set(scan_id, state=ScanState.RUNNING)
        elif verb == "abort" and not info.is_done:
            self.set(scan_id, state=ScanState.ABORTED, error="Aborted")

    def move(self, scan_id: int, steps: int) -> None:
        order = list(self.scans)
        place = order.index(scan_id) + steps
        if 0 < place < len(order) and self.scans[order[place - 1]].state is not ScanState.FINISHED:
            order.remove(scan_id)
            order.insert(place, scan_id)
            self.scans = {one: self.scans[one] for one in order}

    def patch(self, scan_id: int, body: bytes) -> tuple[int, str]:
        change = read_patch(body)
        commands = dict(self.commands[scan_id].walk())
        command = commands.get(change.address)
        if command is None or isinstance(command, Delay) is not (change.property == "seconds"):
            return 400, ""
        return 200, ""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Server:
    return Server(clock)


@pytest.fixture
def timing(clock: Clock) -> Timing:
    return Timing(timeout=10.0, clock=clock)


@pytest.fixture
def perform(server: Server, clock: Clock) -> Callable[[Flow[Any]], Any]:
    """Run a flow against the server of this module, in no time."""

    def perform(flow: Flow[Any]) -> Any:
        return run(flow, server.exchange, clock.sleep)

    return perform
