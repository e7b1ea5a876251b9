"""Asking the server, and following a scan to its end."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from scan_sdk._protocol import operations
from scan_sdk._protocol.pacing import Forecast
from scan_sdk._protocol.retry import pause_before_repeat
from scan_sdk._protocol.steps import Send, Sleep
from scan_sdk.errors import (
    ScanAborted,
    ScanFailed,
    ScanLogged,
    ServerError,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import ScanState

if TYPE_CHECKING:
    from scan_sdk._protocol.operations import Operation
    from scan_sdk._protocol.options import WaitOptions
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.models import ScanInfo

T = TypeVar("T")

_UNSUCCESSFUL = {
    ScanState.FAILED: ScanFailed,
    ScanState.ABORTED: ScanAborted,
    ScanState.LOGGED: ScanLogged,
}
_SETTLING = 0.5
"""Seconds for which an aborted scan is asked why."""


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
    return (yield from ask(timing, operations.scan_info(scan_id)))


def ask_of_scan(timing: Timing, operation: Operation[T], scan_id: int | None) -> Flow[T]:
    """Perform an operation of a scan; where the server refuses without a reason, look whether the scan is there."""
    try:
        return (yield from ask(timing, operation))
    except UnknownScan:
        raise
    except ServerError:
        if scan_id is not None:
            yield from look(timing, scan_id)
        raise


class Watch:
    """Follows one scan until it is done.

    Looks as often as `Forecast` says. Once the scan was seen, a lost connection is ridden out for a while.
    """

    def __init__(self, timing: Timing, scan_id: int, patience: float) -> None:
        """Follow this scan.

        Args:
            timing: Timeout of each look, and when to end.
            scan_id: The scan.
            patience: Seconds for which a lost connection is ridden out.
        """
        self.info: ScanInfo | None = None
        """What was last seen."""
        self._timing = timing
        self._scan_id = scan_id
        self._patience = patience
        self._forecast: Forecast | None = None
        self._lost_since: float | None = None

    def change(self) -> Flow[ScanInfo | None]:
        """Wait until the scan looks different than before; None once it was seen to be done."""
        last = self.info
        while last is None or not _is_settled(last, ):
            ...
