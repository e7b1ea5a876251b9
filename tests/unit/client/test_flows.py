"""Asking, watching and waiting, on a clock of their own."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from scan_sdk._protocol import flows, operations, outcomes
from scan_sdk._protocol.options import WaitOptions
from scan_sdk._protocol.origins import Origins
from scan_sdk.errors import (
    ConnectError,
    ProtocolError,
    ReplyTimeout,
    ScanAborted,
    ScanFailed,
    ScanLogged,
    ScanOutcomeError,
    ServerError,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import ScanState, Wait
from scan_sdk.sequence import CommandSequence

HTML = "<html><th>MESSAGE:</th><td>{}</td></html>"


def sequence(*answers):
    """Return a hook that gives these answers in turn, then none."""
    rest = iter(answers)
    return lambda _: next(rest, None)


def waiting(timeout=None, patience=30.0):
    return WaitOptions.check(timeout=timeout, patience=patience)


# -- asking -------------------------------------------------------------------------------------------------


def test_a_harmless_request_is_repeated_twice(server, timing, perform):
    server.add()
    broken = TransportError("reset")
    server.hook = sequence(broken, broken)
    assert perform(flows.look(timing, 1)).id == 1
    assert server.requests == ["GET /scan/1"] * 3
    server.hook = sequence(broken, broken, broken)
    with pytest.raises(TransportError):
        perform(flows.look(timing, 1))


@pytest.mark.parametrize(
    "operation",
    [
        operations.shutdown(),
        operations.steer(1, "next"),
        operations.steer(operations.ALL, "abort"),
        operations.move(1, 1),
        operations.clear(),
        operations.Operation("POST", "/scan/x", operations.DataReply),
    ],
    ids=str,
)
def test_what_may_have_been_carried_out_is_not_repeated(server, timing, perform, operation):
    server.hook = lambda _: TransportError("reset", sent=True)
    with pytest.raises(TransportError):
        perform(flows.ask(timing, operation))
    assert len(server.requests) == 1


def test_repetitions_end_with_the_time(server, clock, timing, perform):
    server.hook = lambda _: ConnectError("refused")
    start = clock.now
    with pytest.raises(ConnectError):
        perform(flows.look(replace(timing, timeout=0.1), 1))
    assert clock.now - start < 0.1
    assert len(server.requests) == 2


def test_a_refusal_without_a_reason_is_looked_into(server, timing, perform):
    server.hook = lambda request: (
        (500, HTML.format("Error retrieving log data")) if "data" in request else None
    )
    with pytest.raises(UnknownScan) as caught:
        perform(flows.ask_of_scan(timing, operations.get_data(7)))
    assert caught.value.scan_id == 7
    server.add()
    with pytest.raises(ServerError, match="Error retrieving log data"):
        perform(flows.ask_of_scan(timing, operations.get_data(1)))


# -- waiting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "error"),
    [(ScanState.FAILED, ScanFailed), (ScanState.ABORTED, ScanAborted), (ScanState.LOGGED, ScanLogged)],
)
def test_trap_04_only_a_finished_scan_is_a_success(server, timing, perform, state, error):
    assert (
        perform(outcomes.wait(timing, server.add(ScanState.FINISHED), waiting(), Origins())).state
        is ScanState.FINISHED
    )
    scan_id = server.add(state, error="Failed to write abc to loc://setpoint(0)")
    with pytest.raises(error) as caught:
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))
    assert caught.value.info == server.scans[scan_id]


def test_trap_02_the_reason_of_a_failure_is_told(server, timing, perform):
    scan_id = server.add(ScanState.FAILED, name="Bad", error="Failed to write abc to loc://setpoint(0)")
    with pytest.raises(ScanFailed, match=r"scan 1 'Bad' Failed: Failed to write abc to loc://setpoint\(0\)"):
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))


def test_trap_03_an_unknown_id_is_an_error_at_once(server, timing, perform):
    with pytest.raises(UnknownScan):
        perform(outcomes.wait(timing, 5, waiting(), Origins()))
    assert len(server.requests) == 1


def test_trap_03_a_scan_deleted_meanwhile_is_an_error_at_once(server, clock, timing, perform):
    scan_id = server.add()
    server.hook = lambda _: server.scans.clear() if clock.now > 1005 else None
    with pytest.raises(UnknownScan):
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))
    assert clock.now < 1008


def test_trap_03_waiting_ends_with_its_timeout(server, clock, timing, perform):
    scan_id = server.add()
    start = clock.now
    with pytest.raises(WaitTimeout, match=r"scan 1 is still Running after 3(\.01)? s of waiting") as caught:
        perform(outcomes.wait(timing, scan_id, waiting(timeout=3), Origins()))
    assert clock.now - start == pytest.approx(3, abs=0.01)
    assert caught.value.info == server.scans[scan_id]
    assert isinstance(caught.value, TimeoutError)


def test_a_timeout_of_zero_looks_once(server, timing, perform):
    perform(outcomes.wait(timing, server.add(ScanState.FINISHED), waiting(timeout=0), Origins()))
    with pytest.raises(WaitTimeout):
        perform(outcomes.wait(timing, server.add(), waiting(timeout=0), Origins()))
    assert len(server.requests) == 2


def test_the_last_look_is_at_the_end_of_the_time(server, clock, timing, perform):
    scan_id = server.add()
    end = clock.now + 9.999
    server.hook = lambda _: server.set(scan_id, state=ScanState.FINISHED) if clock.now > end else None
    perform(outcomes.wait(timing, scan_id, waiting(timeout=10), Origins()))


def test_a_silent_server_does_not_outlast_the_timeout(server, clock, timing, perform):
    scan_id = server.add()
    deadlines = []

    def silent(operation, deadline):
        deadlines.append(deadline)
        if len(deadlines) == 1:
            return operations.Look(server.scans[scan_id], None)
        clock.now = deadline
        raise ReplyTimeout("silent")

    server.exchange = silent
    start = clock.now
    with pytest.raises(WaitTimeout) as caught:
        perform(outcomes.wait(timing, scan_id, waiting(timeout=3), Origins()))
    assert clock.now - start == pytest.approx(3, abs=0.11)
    assert isinstance(caught.value.__cause__, ReplyTimeout)


def test_a_server_silent_from_the_beginning_does_not_outlast_the_timeout(server, clock, timing, perform):
    def silent(operation, deadline):
        clock.now = deadline
        raise ReplyTimeout("silent")

    server.exchange = silent
    with pytest.raises(WaitTimeout, match="the server has not said how scan 1 is after 3 s") as caught:
        perform(outcomes.wait(timing, 1, waiting(timeout=3), Origins()))
    assert caught.value.info is None


def test_trap_03_a_server_that_is_not_there_is_an_error_at_once(server, clock, timing, perform):
    start = clock.now
    server.hook = lambda _: ConnectError("refused")
    with pytest.raises(ConnectError):
        perform(outcomes.wait(timing, 1, waiting(), Origins()))
    assert clock.now - start < 0.5


def test_a_lost_connection_is_ridden_out(server, clock, timing, perform):
    scan_id = server.add()
    start = clock.now
    lost = ConnectError("refused")
    server.hook = lambda _: lost if start + 2 < clock.now < start + 20 else None

    def end():
        server.set(scan_id, state=ScanState.FINISHED)

    hook = server.hook
    server.hook = lambda request: hook(request) or (end() if clock.now > start + 20 else None)
    perform(outcomes.wait(timing, scan_id, waiting(patience=30), Origins()))
    assert 20 < clock.now - start < 21.5


def test_a_connection_that_stays_lost_is_an_error(server, clock, timing, perform):
    scan_id = server.add()
    start = clock.now
    server.hook = lambda _: ConnectError("refused") if clock.now > start + 2 else None
    with pytest.raises(ConnectError):
        perform(outcomes.wait(timing, scan_id, waiting(patience=5), Origins()))
    assert 5 < clock.now - start < 9


def test_without_patience_the_first_loss_is_an_error(server, clock, timing, perform):
    scan_id = server.add()
    start = clock.now
    server.hook = lambda _: ConnectError("refused") if clock.now > start + 2 else None
    with pytest.raises(ConnectError):
        perform(outcomes.wait(timing, scan_id, waiting(patience=0), Origins()))
    assert clock.now - start < 4


def test_an_answer_that_makes_no_sense_is_not_ridden_out(server, timing, perform):
    scan_id = server.add()
    server.hook = sequence(None, (200, "<html>Welcome</html>"))
    with pytest.raises(ProtocolError):
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))


def test_the_timeout_also_ends_a_lost_connection(server, clock, timing, perform):
    scan_id = server.add()
    start = clock.now
    server.hook = lambda _: ConnectError("refused") if clock.now > start + 1 else None
    with pytest.raises(WaitTimeout) as caught:
        perform(outcomes.wait(timing, scan_id, waiting(timeout=4), Origins()))
    assert clock.now - start == pytest.approx(4, abs=0.3)
    assert caught.value.info is not None


def test_a_scan_that_winds_down_is_asked_for_its_reason(server, clock, timing, perform):
    """The server shows Aborted at once, Running during the post-scan, and the reason when all is over."""
    scan_id = server.add(runtime=timedelta(seconds=1))
    start = clock.now

    def story(_):
        now = clock.now - start
        if now > 1.3:
            server.set(scan_id, state=ScanState.ABORTED, error="Aborted (deadline/timeout)")
        elif now > 1.1:
            server.set(scan_id, state=ScanState.RUNNING, command="Post-scan")
        elif now > 1.0:
            server.set(scan_id, state=ScanState.ABORTED)

    server.hook = story
    with pytest.raises(ScanAborted, match="deadline/timeout"):
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))


def test_an_abort_without_a_reason_is_believed_in_the_end(server, clock, timing, perform):
    start = clock.now
    with pytest.raises(ScanAborted):
        perform(
            outcomes.wait(
                timing, server.add(ScanState.ABORTED, runtime=timedelta(seconds=1)), waiting(), Origins()
            )
        )
    assert clock.now - start < 1
    start = clock.now
    with pytest.raises(ScanAborted):
        perform(outcomes.wait(timing, server.add(ScanState.ABORTED), waiting(), Origins()))
    assert clock.now - start < 0.05


# -- watching -----------------------------------------------------------------------------------------------


def test_a_watch_tells_each_change_once_and_ends(server, clock, timing, perform):
    scan_id = server.add(ScanState.IDLE)
    start = clock.now

    def story(_):
        now = clock.now - start
        if now > 6:
            server.set(scan_id, state=ScanState.FAILED, error="No")
        elif now > 1:
            server.set(
                scan_id, state=ScanState.RUNNING, runtime=timedelta(seconds=now), address=int(now) // 2
            )

    server.hook = story
    watch = flows.Watch(timing, scan_id, patience=0)
    seen = []
    while (info := perform(watch.change())) is not None:
        seen.append((info.state, info.address))
    assert perform(watch.change()) is None
    assert seen == [
        (ScanState.IDLE, -1),
        (ScanState.RUNNING, 0),
        (ScanState.RUNNING, 1),
        (ScanState.RUNNING, 2),
        (ScanState.FAILED, 2),
    ]


@pytest.mark.parametrize("words", ["Delay 9.0 sec. Remaining: {}", "Wait for 'x' = 1.0. Elapsed: {}"])
def test_a_watch_does_not_tell_that_the_clock_of_a_command_runs(server, clock, timing, perform, words):
    scan_id = server.add(ScanState.RUNNING)
    start = clock.now

    def story(_):
        now = clock.now - start
        state = ScanState.FINISHED if now > 6 else ScanState.RUNNING
        server.set(scan_id, state=state, command=words.format(f"00:00:0{min(now, 9):.3f}"))

    server.hook = story
    watch = flows.Watch(timing, scan_id, patience=0)
    seen = []
    while (info := perform(watch.change())) is not None:
        seen.append(info.state)
    assert seen == [ScanState.RUNNING, ScanState.FINISHED]


def test_a_watch_of_what_is_done_tells_it_once(server, timing, perform):
    watch = flows.Watch(timing, server.add(ScanState.LOGGED), patience=0)
    assert perform(watch.change()).state is ScanState.LOGGED
    assert perform(watch.change()) is None
    assert len(server.requests) == 1


# -- what is to blame ---------------------------------------------------------------------------------------


Y_FAILED = "Timeout while waiting for y (0.0) = 5.0"


def failing(server, **fields):
    """Return the id of a scan that waits for x and then for y, and cannot do the latter."""
    scan_id = server.add(**{"state": ScanState.FAILED, "error": Y_FAILED} | fields)
    server.commands[scan_id] = CommandSequence(Wait("x", 5, timeout=1), *[Wait("y", 5, timeout=1)] * 2)
    return scan_id


def test_a_command_at_which_the_scan_was_seen_was_not_before_it(server, clock, timing, perform):
    scan_id = failing(server, state=ScanState.RUNNING, error=None, address=2)
    server.hook = lambda _: (
        server.set(scan_id, state=ScanState.FAILED, address=-1) if clock() > 1002 else None
    )
    server.set(scan_id, error="Timeout while waiting for y (0.0) = 5.0")
    with pytest.raises(ScanFailed) as caught:
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))
    assert (caught.value.address, caught.value.command) == (2, Wait("y", 5, timeout=1))


@pytest.mark.parametrize(
    "answer", [(500, HTML.format("Unknown scan ID 1")), (200, "<odd/>"), TransportError("gone"), (400, "")]
)
def test_an_outcome_is_told_also_where_nothing_more_can_be_asked(server, timing, perform, answer):
    scan_id = failing(server)
    server.hook = lambda request: answer if "commands" in request else None
    with pytest.raises(ScanFailed, match="Timeout while waiting for y") as caught:
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))
    assert (caught.value.address, caught.value.command, caught.value.source) == (None, None, None)


def test_what_is_to_blame_is_asked_for_no_longer_than_there_is_time(server, clock, timing, perform):
    scan_id = failing(server)

    def late(request):
        if "commands" in request:
            clock.now += 0.1
            return ReplyTimeout("silent")
        return None

    server.hook = late
    start = clock.now
    with pytest.raises(ScanFailed):
        perform(outcomes.wait(timing, scan_id, waiting(timeout=0), Origins()))
    assert clock.now - start < 0.2


@pytest.mark.parametrize("state", [ScanState.FINISHED, ScanState.ABORTED, ScanState.LOGGED])
def test_nothing_more_is_asked_of_a_scan_that_did_not_fail(server, timing, perform, state):
    scan_id = failing(server, state=state)
    with contextlib.suppress(ScanOutcomeError):
        perform(outcomes.wait(timing, scan_id, waiting(), Origins()))
    assert server.requests == [f"GET /scan/{scan_id}"]
