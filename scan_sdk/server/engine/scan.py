"""One scan: its commands while they wait, are performed, and are over."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk._wire.commands import write_commands
from scan_sdk._wire.markup import carriable
from scan_sdk.models import ScanInfo, ScanState
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.context import ScanDevices
from scan_sdk.server.engine.nodes import number
from scan_sdk.server.engine.patching import find, patched
from scan_sdk.server.engine.progress import Progress
from scan_sdk.server.engine.scope import Scope
from scan_sdk.server.engine.status import StatusPvs
from scan_sdk.server.errors import CommandFailed
from scan_sdk.server.store.store import ScanRecord

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.engine.submission import Submission, Surroundings
    from scan_sdk.server.store.logfile import Sample
    from scan_sdk.server.store.store import ScanLog

__all__ = ["Scan"]

_ABORTED: Final = "Aborted"
_TIMED_OUT: Final = "Aborted (deadline/timeout)"
_STALE: Final = "Aborted (stale deadline)"
_SHORTEST_RUN: Final = 0.005
_LONGEST_RUN: Final = 0.03
"""Seconds that a scan works on before it lets others have the event loop, within which:"""
_SHARE: Final = 1.5
"""How much longer than others had it last, so that 50 clients leave a scan more than half of its speed."""


class _Outcome(NamedTuple):
    state: ScanState
    error: str | None = None
    address: int = -1


class Scan:
    """A scan that the server performs, or has performed since it was started.

    Attributes:
        id: Its number.
        state: Where it is in its life.
        devices: The devices that it uses, once it has begun.
        log: What it logs.
        clock: The time.
        status: The PVs that report it; None where there are none, or it has yet to begin.
        waits_in_queue: Whether it is still waiting for its turn.
        progress: How far it has got.
        logs_writes: Whether each write is logged.
        breathes_at: When it is to let others have the event loop next, in seconds of `perf_counter`.
    """

    def __init__(self, scan_id: int, created: int, submission: Submission, around: Surroundings) -> None:
        self.id = scan_id
        self.state: ScanState = ScanState.IDLE
        self.devices: ScanDevices = ScanDevices(around.aliases)
        self.log: ScanLog = around.store.log(scan_id)
        self.clock: Clock = around.clock
        self.status: StatusPvs | None = None
        self.waits_in_queue: bool = submission.options.queue
        self.logs_writes = False
        self.breathes_at: float = 0.0
        self._created = created
        self._submission = submission
        self._around = around
        self._error: str | None = None
        self._error_address = -1
        self._connecting = False
        self._abort_reason: str | None = None
        self._aborted_at = -1
        self._task: asyncio.Task[None] | None = None
        self._resumed = asyncio.Event()
        self._pauses: set[asyncio.Future[None]] = set()
        self._final: ScanInfo | None = None
        self._patched = False
        number(submission.main)
        self.progress: Progress = Progress(sum(node.work_units() for node in submission.main))

    @property
    def name(self) -> str:
        """The name it was submitted under."""
        return self._submission.name

    @property
    def is_done(self) -> bool:
        """Whether it is over."""
        return self.state.is_done

    @property
    def holds_queue(self) -> bool:
        """Whether it had to wait its turn and is being performed now."""
        return self._submission.options.queue and not self.waits_in_queue and self.state.is_active

    @property
    def last_serial(self) -> int:
        """The serial of the last sample logged, -1 where there is none."""
        return self.log.last_serial

    async def logged(self) -> dict[str, list[Sample]]:
        """Return what it has logged until now: serials, times and values by device."""
        return await self._around.store.logged(self.id)

    async def document(self) -> str:
        """Return its own commands, as they were patched, in XML."""
        return self._document()

    def _document(self) -> str:
        return write_commands([node.snapshot() for node in self._submission.main], as_server=True)

    def patch(self, address: int, name: str, value: float | str) -> None:
        """Change a property of a command; of use where it has yet to be performed.

        Raises:
            Refused: There is no such command or property, or the value does not suit it.
        """
        node = find(self._submission.main, address)
        node.command = patched(node.command, name, value)
        self._patched = True
        if self.is_done:
            self._keep()

    # Performing

    async def run(self) -> None:
        """Perform the scan to its end, whatever that is; nothing where it was aborted before."""
        self.waits_in_queue = False
        if self.is_done:
            return
        seconds = self._seconds_allowed()
        if seconds is not None and seconds <= 0:
            self._end(_Outcome(ScanState.ABORTED, _STALE))
            return
        self._task = asyncio.current_task()
        self.progress.started = milliseconds(self.clock)
        self.state = ScanState.RUNNING
        timer = None if seconds is None else self.clock.call_later(seconds, lambda: self.abort(_TIMED_OUT))
        outcome = _Outcome(ScanState.FAILED, "internal error of the scan server, see its log")
        try:
            outcome = await self._phases()
        finally:
            if timer is not None:
                timer.cancel()
            self._end(outcome)
            try:
                if self.status is not None:
                    await self.status.end(others=self._around.busy())
            finally:
                self.devices.close(self._around.pool)

    def _seconds_allowed(self) -> float | None:
        """Return how long the scan may take, None for ever; not above 0 where its deadline has passed."""
        if self._submission.options.timeout > 0:
            return self._submission.options.timeout
        if self._submission.options.deadline is None:
            return None
        now = datetime.fromtimestamp(self.clock.time(), UTC).astimezone().replace(tzinfo=None)
        return (self._submission.options.deadline - now) // timedelta(seconds=1)

    async def _phases(self) -> _Outcome:
        scope = Scope(self, self._around.macros)
        failure = await self._outcome_of(self._connect())
        if failure is None:
            failure = await self._outcome_of(self._perform(scope))
            self.resume()
            with self.progress.aside():
                late = await self._outcome_of(scope.perform(self._submission.after))
            if failure is not None and late is not None:
                error = f"{failure.error}; then in the post-scan: {late.error}"
                failure = failure._replace(error=error)
            failure = failure or late or await self._outcome_of(self._save())
        return failure or _Outcome(ScanState.FINISHED)

    async def _outcome_of(self, phase: Coroutine[None, None, None]) -> _Outcome | None:
        """Go through a phase and return how it ended before its end, None where it did not."""
        try:
            await phase
        except CommandFailed as error:
            return _Outcome(ScanState.FAILED, carriable(str(error)), error.address)
        except asyncio.CancelledError:
            reason, self._abort_reason = self._abort_reason, None
            if reason is None or self._task is None:
                raise  # not by abort()
            self._task.uncancel()
            return _Outcome(ScanState.ABORTED, reason, self._aborted_at)
        return None

    async def _connect(self) -> None:
        submission, prefix = self._submission, self._around.status_prefix
        if prefix:
            self.status = StatusPvs(prefix, self.devices, self.clock, self.info)
        for nodes in (submission.before, submission.main, submission.after):
            for node in nodes:
                try:
                    for name in node.device_names(self._around.macros):
                        self.devices.add(name)
                except ValueError as error:
                    raise CommandFailed(str(error)) from error
        self.devices.open(self._around.pool)
        self._connecting = True
        try:
            await self.devices.connected(self._around.read_timeout, self.clock)
        finally:
            self._connecting = False
        if self.status is not None:
            await self.status.begin()

    async def _perform(self, scope: Scope) -> None:
        await scope.perform(self._submission.before)
        self.progress.begin()
        await scope.perform(self._submission.main)

    async def _save(self) -> None:
        """Make sure that what was logged is kept: a scan that lost data has not finished well."""
        if self.last_serial >= 0:
            with self.clock.held():
                await self._around.store.flush()

    @property
    def is_due(self) -> bool:
        """Whether it is to let others have the event loop, or to stay where it is, as it is paused."""
        return perf_counter() > self.breathes_at

    async def breathe(self) -> None:
        """Let others have the event loop, and stay here while the scan is paused."""
        yielded = perf_counter()
        await asyncio.sleep(0)
        run = min(max(_SHORTEST_RUN, _SHARE * (perf_counter() - yielded)), _LONGEST_RUN)
        if self._around.store.crowded:
            with self.clock.held():
                await self._around.store.flush()
        while self.paused:
            await self._resumed.wait()
        self.breathes_at = perf_counter() + run

    def _end(self, outcome: _Outcome, *, ran: bool = True) -> None:
        self.state, self._error, self._error_address = outcome
        self.progress.end(milliseconds(self.clock) if ran else None)
        self._final = self.info()
        self._keep()

    def _keep(self) -> None:
        """Have the store keep how the scan ended."""
        self._around.store.update(self.record(), self._document() if self._patched else None)

    def record(self) -> ScanRecord:
        """Return what the store keeps of the scan once it is done."""
        return ScanRecord(
            self.id,
            self.name,
            self._created,
            self.state,
            self._error,
            self.progress.started,
            self.progress.ended,
            self.progress.total,
            self.last_serial,
        )

    # Control

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.state is ScanState.PAUSED

    def pause(self) -> None:
        """Stop before the next command; nothing where it is not running."""
        if self.state is ScanState.RUNNING:
            self.state = ScanState.PAUSED
            self.breathes_at = 0.0
            if self.status is not None:
                self.status.changed()
            self._resumed.clear()
            pauses, self._pauses = self._pauses, set()
            for pause in pauses:
                if not pause.done():
                    pause.set_result(None)

    def resume(self) -> None:
        """Go on after a pause; nothing where it is not paused."""
        if self.paused:
            self.state = ScanState.RUNNING
            if self.status is not None:
                self.status.changed()
            self._resumed.set()

    def next_pause(self) -> asyncio.Future[None]:
        """Return a future that is done with the next pause."""
        pause: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.paused:
            pause.set_result(None)
        else:
            self._pauses.add(pause)
            pause.add_done_callback(self._pauses.discard)
        return pause

    def skip(self) -> None:
        """End what the present command waits for and go on with the next; nothing where it is not running."""
        if self.state is ScanState.RUNNING and self.progress.active:
            self.progress.active[-1].skip()

    def abort(self, reason: str = _ABORTED) -> None:
        """Stop what is being performed and go on to the post-scan; one that has not begun never will."""
        if self.state is ScanState.IDLE:
            self._end(_Outcome(ScanState.ABORTED), ran=False)
        elif not self.is_done and self._task is not None and self._abort_reason is None:
            self._abort_reason = reason
            self._aborted_at = self.progress.place
            self._task.cancel()

    async def ended(self, *, within: float) -> None:
        """Return when what performs the scan has ended, or after some seconds."""
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task], timeout=within)

    # Information

    def info(self) -> ScanInfo:
        """Return what the server says of the scan now."""
        if self._final is not None:
            return self._final
        progress, now = self.progress, milliseconds(self.clock)
        finish = progress.finish(now)
        command = progress.command or (self.devices.waiting_text() if self._connecting else "")
        return ScanInfo(
            id=self.id,
            name=self.name,
            created=_time(self._created),
            state=self.state,
            runtime=timedelta(milliseconds=progress.runtime(now)),
            total_work_units=progress.total,
            performed_work_units=progress.performed,
            finish=None if finish is None else _time(finish),
            address=progress.address,
            command=carriable(command),
            error=self._error,
        )

    @property
    def error_address(self) -> int | None:
        """The address of the command that failed, or that was being performed when the scan was aborted.

        -1 where that was none of its own commands, None where all went well or the scan is not done.
        """
        return self._error_address if self.state in {ScanState.FAILED, ScanState.ABORTED} else None


def _time(since_1970: int) -> datetime:
    return datetime.fromtimestamp(since_1970 / 1000, UTC)
