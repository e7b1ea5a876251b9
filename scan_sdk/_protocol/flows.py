"""Asking the server, and watching a scan to its end."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from scan_sdk._protocol import operations
from scan_sdk._protocol.pacing import LONGEST, Forecast
from scan_sdk._protocol.retry import pause_before_repeat
from scan_sdk._protocol.steps import Send, Sleep
from scan_sdk.errors import (
    ServerError,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import ScanState

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk._protocol.operations import Operation
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.models import ScanInfo

T = TypeVar("T")

_RUNNING_CLOCK = re.compile(r"\. (?:Remaining|Elapsed): [\d:.]+")
"""What the server adds to the words of a delay or a wait while it lasts."""
_SETTLING = 0.5
"""Seconds for which an aborted scan is asked why."""
LEAST = 0.1
"""Seconds that a look may take where the time to wait is over, so that a timeout of 0 means "look once"."""


def ask(timing: Timing, operation: Operation[T]) -> Flow[T]:
    """Perform an operation, and again where the connection failed and that cannot do harm."""
    deadline = timing.deadline()
    attempt = 0
    while True:
        try:
            answer: T = yield Send(operation, deadline)
        except TransportError as error:
            pause = pause_before_repeat(error, attempt, repeatable=operation.repeatable)
            if pause is None or timing.clock() + pause >= deadline:
                raise
        else:
            return answer
        attempt += 1
        yield Sleep(pause)


def look(timing: Timing, scan_id: int) -> Flow[ScanInfo]:
    """Ask how a scan is."""
    return (yield from ask(timing, operations.scan_info(scan_id))).info


def ask_of_scan(timing: Timing, operation: Operation[T]) -> Flow[T]:
    """Perform an operation of a scan; where the server refuses it, see whether there is such a scan."""
    try:
        return (yield from ask(timing, operation))
    except UnknownScan:
        raise
    except ServerError:
        if operation.scan_id is not None:
            yield from look(timing, operation.scan_id)
        raise


class Watch:
    """Follows one scan until it is done.

    It asks as often as `Forecast` says. Once the scan was seen, a lost connection is tried again for a while.
    """

    def __init__(self, timing: Timing, scan_id: int, patience: float) -> None:
        """Follow this scan.

        Args:
            timing: Timeout of each look, and until when to wait at most.
            scan_id: The scan.
            patience: Seconds for which a lost connection is tried again.
        """
        self.info: ScanInfo | None = None
        """What was last seen."""
        self.error_address: int | None = None
        """What the server then said of the command that failed; see `operations.Look`."""
        self.last_address = -1
        """The last command at which the scan was seen, -1 for none."""
        self._timing = timing
        self._scan_id = scan_id
        self._patience = patience
        self._begun = timing.clock()
        self._forecast: Forecast | None = None
        self._lost: float | None = None
        self._failed = False
        self._done: float | None = None

    def change(self) -> Flow[ScanInfo | None]:
        """Wait until something has happened to the scan; None once it was seen to be done.

        The first look counts as a change. The running of the clock (`runtime`, `finish`) does not.
        """
        before = self.info
        if before is not None and self._is_settled(before):
            return None
        while True:
            yield from self.pause()
            info = yield from self.look()
            if info is not None and (before is None or _without_clock(info) != _without_clock(before)):
                return info

    def pause(self, shortest: float = 0.0, longest: float = LONGEST) -> Flow[None]:
        """Wait until it is time for the next look, which is at once for the first.

        Args:
            shortest: Seconds to wait at least while the connection holds and the scan is not done.
            longest: Seconds to wait at most then.
        """
        forecast = self._forecast
        if forecast is None:
            return
        now = self._timing.clock()
        if now >= self._timing.until:
            raise self._timeout()
        if not self._failed:
            self._lost = None
        self._failed = False
        if self._lost is not None:
            seconds = min(LONGEST, 0.1 + 0.3 * (now - self._lost))
        elif self._done is not None:
            seconds = 0.05
        else:
            seconds = max(shortest, min(longest, forecast.pause(now)))
        yield Sleep(min(seconds, self._timing.until - now))

    def look(self) -> Flow[ScanInfo | None]:
        """Return how the scan is, None where that is not known yet.

        Either the connection is lost and may come back, or the scan is done and may yet tell more of its end.
        """
        found = yield from self.attempt(lambda timing: ask(timing, operations.scan_info(self._scan_id)))
        if found is None:
            return None
        info, self.error_address = found
        if info.address >= 0:
            self.last_address = info.address
        self._forecast = Forecast.of(info, self._timing.clock(), self._forecast)
        if not info.is_done:
            self._done = None
        elif self._done is None:
            self._done = self._timing.clock()
        if info.is_done and not self._is_settled(info):
            return None
        self.info = info
        return info

    def attempt(self, asking: Callable[[Timing], Flow[T]]) -> Flow[T | None]:
        """Return an answer, None where the connection is lost and may come back.

        It is back when nothing has failed between two pauses.
        """
        now = self._timing.clock()
        until = self._timing.until
        if self._lost is not None:
            until = min(until, self._lost + self._patience)
        try:
            return (yield from asking(replace(self._timing, until=max(until, now + LEAST))))
        except TransportError as error:
            now = self._timing.clock()
            if now >= self._timing.until:
                raise self._timeout() from error
            self._failed = True
            if self._lost is None:
                self._lost = now
            if self._forecast is None or now - self._lost >= self._patience:
                raise
            return None

    def _is_settled(self, info: ScanInfo) -> bool:
        """Tell whether all is known of the end of a scan.

        While an aborted scan winds down, the server shows it as Aborted without saying why, or as Running
        while its post-scan commands are performed.
        """
        if not info.is_done or self._done is None:
            return False
        winding_down = info.state is ScanState.ABORTED and info.error is None and bool(info.runtime)
        return not winding_down or self._timing.clock() - self._done > _SETTLING

    def _timeout(self) -> WaitTimeout:
        waited = f"after {self._timing.clock() - self._begun:.3g} s of waiting"
        if self.info is None:
            return WaitTimeout(f"the server has not said how scan {self._scan_id} is {waited}")
        return WaitTimeout(f"scan {self._scan_id} is still {self.info.state} {waited}", self.info)


def _without_clock(info: ScanInfo) -> ScanInfo:
    command = _RUNNING_CLOCK.sub("", info.command)
    return info.model_copy(update={"runtime": timedelta(), "finish": None, "command": command})
