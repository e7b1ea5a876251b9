"""Control calls that look again: the server answers 200 to much that it did not do (traps 29 and 30)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from scan_sdk._protocol import operations
from scan_sdk._protocol.faults import NO_REASON
from scan_sdk._protocol.flows import ask, ask_of_scan, look
from scan_sdk._protocol.steps import Sleep
from scan_sdk.errors import CommandRefused, ServerError, UnknownScan
from scan_sdk.models import ScanState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scan_sdk._protocol.operations import Verb
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.models import ScanInfo

T = TypeVar("T")

_LOOKS = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Seconds between the looks that wait for a command to take effect."""


def pause(timing: Timing, scan_id: int) -> Flow[ScanInfo]:
    """Pause a running scan."""
    info = yield from _steer(timing, scan_id, "pause", lambda info: info.state is not ScanState.RUNNING)
    if info.state is not ScanState.PAUSED:
        raise refused(info, "only a running scan can be paused")
    return info


def resume(timing: Timing, scan_id: int) -> Flow[ScanInfo]:
    """Resume a paused scan; looks first, as a scan that runs afterwards may have run before."""
    info = yield from look(timing, scan_id)
    if info.state is not ScanState.PAUSED:
        raise refused(info, "only a paused scan can be resumed")
    info = yield from _steer(timing, scan_id, "resume", lambda info: info.state is not ScanState.PAUSED)
    if info.state is ScanState.PAUSED:
        raise refused(info, NO_REASON)
    return info


def abort(timing: Timing, scan_id: int) -> Flow[ScanInfo]:
    """Abort a scan that waits, runs or is paused; one that is done already is left as it is.

    The scan may still be running in the end: its post-scan commands, which the server performs in any case.
    """
    info = yield from _steer(timing, scan_id, "abort", lambda info: info.is_done)
    if not info.is_done and not info.state.is_active:
        raise refused(info, NO_REASON)
    return info


def next_command(timing: Timing, scan_id: int) -> Flow[ScanInfo]:
    """End the current command of a running scan. What it was cannot be told afterwards."""
    info = yield from look(timing, scan_id)
    if info.state is not ScanState.RUNNING:
        raise refused(info, "only a running scan can go on to its next command")
    return (yield from _steer(timing, scan_id, "next", lambda _: True))


def steer_all(timing: Timing, verb: Verb) -> Flow[tuple[ScanInfo, ...]]:
    """Do the same to every scan that is not done, and return how these are afterwards."""
    before = yield from ask(timing, operations.scan_infos())
    pending = {info.id for info in before if not info.is_done}
    yield from ask(timing, operations.steer(operations.ALL, verb))
    unsettled = _UNSETTLED[verb]

    def list_pending() -> Flow[tuple[ScanInfo, ...]]:
        infos = yield from ask(timing, operations.scan_infos())
        return tuple(info for info in infos if info.id in pending)

    return (
        yield from _look_until(list_pending, lambda infos: not any(info.state in unsettled for info in infos))
    )


def move(timing: Timing, scan_id: int, steps: int) -> Flow[ScanInfo]:
    """Move a waiting scan in the queue; negative steps towards earlier execution."""
    before = yield from ask(timing, operations.scan_infos())
    info = _find(before, scan_id)
    if info.state is not ScanState.IDLE:
        raise refused(info, "only a scan that waits in the queue can be moved")
    yield from ask_of_scan(timing, operations.move(scan_id, steps))
    after = yield from ask(timing, operations.scan_infos())
    info = _find(after, scan_id)
    if steps and _shared(before, after) == _shared(after, before):
        waiting = [other.id for other in before if other.state is ScanState.IDLE]
        later, earlier = waiting.index(scan_id), len(waiting) - 1 - waiting.index(scan_id)
        raise refused(
            info,
            f"it did not move by {steps}. Scans wait before it: {earlier}, after it: {later}; "
            "none can be moved before the one that runs",
        )
    return info


def delete(timing: Timing, scan_id: int) -> Flow[None]:
    """Remove a scan that is done, and its data."""
    info = yield from look(timing, scan_id)
    if not info.is_done:
        raise refused(info, "abort it first")
    reason = NO_REASON
    try:
        yield from ask(timing, operations.delete(scan_id))
    except ServerError as refusal:
        reason = refusal.message
    try:
        info = yield from look(timing, scan_id)
    except UnknownScan:
        return  # gone, be it by this request, by one before whose answer was lost, or by someone else
    raise refused(info, f"it was not deleted: {reason}")


_UNSETTLED: dict[Verb, frozenset[ScanState]] = {
    "pause": frozenset({ScanState.RUNNING}),
    "resume": frozenset({ScanState.PAUSED}),
    "abort": frozenset({ScanState.IDLE, ScanState.RUNNING, ScanState.PAUSED}),
    "next": frozenset(),
}
"""States that show a command for all scans has not yet had its effect."""


def _steer(
    timing: Timing, scan_id: int, verb: Verb, is_settled: Callable[[ScanInfo], bool]
) -> Flow[ScanInfo]:
    """Send a command and look until it shows an effect, or for a while."""
    try:
        yield from ask(timing, operations.steer(scan_id, verb))
    except CommandRefused as refusal:
        info = yield from look(timing, scan_id)
        if not is_settled(info):
            raise refused(info, refusal.message) from refusal
        return info
    return (yield from _look_until(lambda: look(timing, scan_id), is_settled))


def _look_until(again: Callable[[], Flow[T]], is_settled: Callable[[T], bool]) -> Flow[T]:
    found = yield from again()
    for pause_ in _LOOKS:
        if is_settled(found):
            break
        yield Sleep(pause_)
        found = yield from again()
    return found


def _find(infos: Sequence[ScanInfo], scan_id: int) -> ScanInfo:
    for info in infos:
        if info.id == scan_id:
            return info
    raise UnknownScan(scan_id)


def _shared(infos: Sequence[ScanInfo], others: Sequence[ScanInfo]) -> list[int]:
    """Return the ids that are in both lists, in the order of the first."""
    common = {info.id for info in others}
    return [info.id for info in infos if info.id in common]


def refused(info: ScanInfo, reason: str) -> CommandRefused:
    """Return the error for a command that a scan in this state does not take."""
    return CommandRefused(f"scan {info.id} is {info.state}: {reason}")
