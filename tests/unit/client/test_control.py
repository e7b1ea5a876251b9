"""Control calls tell what is so, on a server that answers 200 to everything (traps 29 and 30)."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scan_sdk._protocol import control, patching
from scan_sdk.errors import CommandRefused, TransportError, UnknownScan
from scan_sdk.models import (
    Comment,
    Comparison,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    ScanState,
    Script,
    Set,
    Wait,
)
from scan_sdk.sequence import CommandSequence

DONE = [ScanState.FINISHED, ScanState.FAILED, ScanState.ABORTED, ScanState.LOGGED]
STEERING = [control.pause, control.resume, control.abort, control.next_command]


@pytest.mark.parametrize(
    "call", [*STEERING, control.delete, lambda timing, scan_id: control.move(timing, scan_id, 1)]
)
def test_trap_29_an_unknown_scan_is_told_as_such(timing, perform, call):
    with pytest.raises(UnknownScan):
        perform(call(timing, 7))


@pytest.mark.parametrize(
    ("call", "state", "then"),
    [
        (control.pause, ScanState.RUNNING, ScanState.PAUSED),
        (control.pause, ScanState.PAUSED, ScanState.PAUSED),
        (control.resume, ScanState.PAUSED, ScanState.RUNNING),
        (control.abort, ScanState.RUNNING, ScanState.ABORTED),
        (control.abort, ScanState.PAUSED, ScanState.ABORTED),
        (control.abort, ScanState.IDLE, ScanState.ABORTED),
        (control.next_command, ScanState.RUNNING, ScanState.RUNNING),
        *((control.abort, state, state) for state in DONE),
    ],
)
def test_what_can_be_done_is_done_and_shown(server, timing, perform, call, state, then):
    scan_id = server.add(state)
    assert perform(call(timing, scan_id)) == server.scans[scan_id]
    assert server.scans[scan_id].state is then


@pytest.mark.parametrize(
    ("call", "states", "reason"),
    [
        (control.pause, [ScanState.IDLE, *DONE], "only a running scan can be paused"),
        (control.resume, [ScanState.IDLE, ScanState.RUNNING, *DONE], "only a paused scan can be resumed"),
        (control.next_command, [ScanState.IDLE, ScanState.PAUSED, *DONE], "only a running scan can go on"),
        (control.delete, [ScanState.IDLE, ScanState.RUNNING, ScanState.PAUSED], "abort it first"),
    ],
)
def test_trap_30_what_has_no_effect_is_refused_with_the_reason(server, timing, perform, call, states, reason):
    for state in states:
        scan_id = server.add(state)
        with pytest.raises(CommandRefused, match=f"scan {scan_id} is {state}: {reason}"):
            perform(call(timing, scan_id))
        assert server.scans[scan_id].state is state


@pytest.mark.parametrize(
    ("call", "verb", "state"),
    [
        (control.pause, "pause", ScanState.RUNNING),
        (control.resume, "resume", ScanState.PAUSED),
        (control.abort, "abort", ScanState.IDLE),
        (control.delete, "delete", ScanState.FINISHED),
    ],
)
def test_a_server_that_says_yes_and_does_nothing_is_found_out(
    server, clock, timing, perform, call, verb, state
):
    server.ignores.add(verb)
    start = clock.now
    with pytest.raises(CommandRefused, match=f"scan 1 is {state}"):
        perform(call(timing, server.add(state)))
    assert clock.now - start < 2


def test_an_effect_may_take_a_moment(server, clock, timing, perform):
    server.ignores.add("pause")
    scan_id = server.add()
    start = clock.now
    server.hook = lambda _: server.set(scan_id, state=ScanState.PAUSED) if clock.now > start + 0.1 else None
    assert perform(control.pause(timing, scan_id)).state is ScanState.PAUSED


def test_an_aborted_scan_may_still_perform_its_post_scan(server, timing, perform):
    server.ignores.add("abort")
    assert perform(control.abort(timing, server.add())).state is ScanState.RUNNING


def test_a_refused_abort_of_a_logged_scan_is_no_error(server, timing, perform):
    server.hook = lambda request: (400, "") if request.startswith("PUT") else None
    assert perform(control.abort(timing, server.add(ScanState.LOGGED))).state is ScanState.LOGGED
    with pytest.raises(CommandRefused, match="scan 2 is Running: the server refuses, and gives no reason"):
        perform(control.pause(timing, server.add()))


def test_a_scan_deleted_by_an_earlier_attempt_is_deleted(server, timing, perform):
    scan_id = server.add(ScanState.FINISHED)

    def lose_the_first_answer(request):
        if request.startswith("DELETE") and scan_id in server.scans:
            del server.scans[scan_id]
            return TransportError("reset")
        return None

    server.hook = lose_the_first_answer
    perform(control.delete(timing, scan_id))
    assert [request.split()[0] for request in server.requests] == ["GET", "DELETE", "DELETE", "GET"]


# -- all at once --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "then"),
    [
        ("pause", ["Idle", "Paused", "Paused"]),
        ("resume", ["Idle", "Running", "Running"]),
        ("abort", ["Aborted"] * 3),
        ("next", ["Idle", "Paused", "Running"]),
    ],
)
def test_trap_07_all_scans_are_steered_by_calls_of_their_own(server, timing, perform, verb, then):
    for state in (ScanState.FINISHED, ScanState.RUNNING, ScanState.PAUSED, ScanState.IDLE):
        server.add(state)
    infos = perform(control.steer_all(timing, verb))
    assert [info.id for info in infos] == [4, 3, 2]
    assert [str(info.state) for info in infos] == then


# -- the queue ----------------------------------------------------------------------------------------------


@pytest.fixture
def queue(server):
    for state in (ScanState.FINISHED, ScanState.RUNNING, ScanState.IDLE, ScanState.IDLE, ScanState.IDLE):
        server.add(state)
    return server


@pytest.mark.parametrize(
    ("scan_id", "steps", "order"),
    [(5, -1, [1, 2, 3, 5, 4]), (5, -2, [1, 2, 5, 3, 4]), (3, 2, [1, 2, 4, 5, 3]), (4, 0, [1, 2, 3, 4, 5])],
)
def test_a_waiting_scan_is_moved(queue, timing, perform, scan_id, steps, order):
    assert perform(control.move(timing, scan_id, steps)) == queue.scans[scan_id]
    assert list(queue.scans) == order


@pytest.mark.parametrize(("scan_id", "steps"), [(5, 1), (5, -4), (3, -2), (4, 9)])
def test_a_move_that_does_not_happen_is_refused(queue, timing, perform, scan_id, steps):
    with pytest.raises(
        CommandRefused, match=f"it did not move by {steps}. Scans wait before it: {scan_id - 3}"
    ):
        perform(control.move(timing, scan_id, steps))


@pytest.mark.parametrize("scan_id", [1, 2])
def test_only_waiting_scans_move(queue, timing, perform, scan_id):
    with pytest.raises(CommandRefused, match="only a scan that waits in the queue"):
        perform(control.move(timing, scan_id, 1))


def test_scans_submitted_meanwhile_do_not_count_as_a_move(queue, timing, perform):
    queue.ignores.add("move")
    queue.hook = lambda request: queue.add(ScanState.IDLE) and None if request.startswith("PUT") else None
    with pytest.raises(CommandRefused, match="did not move"):
        perform(control.move(timing, 5, -1))


# -- patch --------------------------------------------------------------------------------------------------

COMMANDS = CommandSequence(
    Delay(60),
    Set("x", 1),
    Loop("x", 1, 5, 1, Log("x"), Set("y", 2)),
    Parallel(Set("x", 2), Loop("y", 1, 2, 1, Delay(1))),
    Wait("x", 5),
    If("x", "=", 1, [Comment("then")]),
    Script("Fit", "a"),
    Include("f.scn"),
    Comment("end"),
)


@pytest.fixture
def patched(server, timing, perform):
    """Return a function that patches, and tells what the server was asked."""
    scan_id = server.add(address=0)
    server.commands[scan_id] = COMMANDS
    asked = []

    def patched(address, name, value, status=200):
        def note(operation, deadline):
            if operation.target.endswith("patch"):
                asked.append(operation.body.decode())
                server.hook = lambda request: (status, "") if "patch" in request else None
            return exchange(operation, deadline)

        exchange = server.exchange
        server.exchange = note
        try:
            perform(patching.patch(timing, scan_id, address, name, value))
        finally:
            server.exchange = exchange
        return asked[-1]

    return patched


@pytest.mark.parametrize(
    ("address", "name", "value", "sent"),
    [
        (0, "seconds", 5, "<property>seconds</property>\n  <value>5.0</value>"),
        (1, "value", 5, "<property>value</property>\n  <value>5.0</value>"),
        (1, "value", "5", '<property>value</property>\n  <value>"5"</value>'),
        (1, "device", "m", '<property>device_name</property>\n  <value>"m"</value>'),
        (1, "device_name", "m", '<property>device_name</property>\n  <value>"m"</value>'),
        (1, "completion", True, '<property>completion</property>\n  <value>"true"</value>'),
        (1, "wait", False, '<property>wait</property>\n  <value>"false"</value>'),
        (2, "step", 1e-5, "<property>step_size</property>\n  <value>1.0E-5</value>"),
        (3, "devices", "m", '<property>device_names</property>\n  <value>"m"</value>'),
        (9, "value", 7, "<property>desired_value</property>\n  <value>7.0</value>"),
        (9, "comparison", Comparison.AT_LEAST, '<property>comparison</property>\n  <value>"&gt;="</value>'),
        (10, "value", 7, "<property>desired_value</property>\n  <value>7.0</value>"),
        (12, "path", "Fit2", '<property>script</property>\n  <value>"Fit2"</value>'),
        (13, "scan_file", "g.scn", '<property>scan_file</property>\n  <value>"g.scn"</value>'),
        (14, "text", "over", '<property>comment</property>\n  <value>"over"</value>'),
        (0, "of_a_newer_server", 1, "<property>of_a_newer_server</property>"),
    ],
)
def test_a_patch_speaks_the_servers_language(patched, address, name, value, sent):
    assert f"<address>{address}</address>\n  {sent}" in patched(address, name, value)


def test_trap_01_a_patch_carries_any_text_as_it_is(patched):
    assert '<value>"a &amp; b"</value>' in patched(1, "value", "a & b")
    assert '<value>"1&lt;/value&gt;&lt;value&gt;99"</value>' in patched(1, "value", "1</value><value>99")


@pytest.mark.parametrize(
    ("address", "name", "value", "reason"),
    [
        (99, "value", 1, "it has no command 99; its 15 commands are counted from 0"),
        (1, "nonsense", 1, "Set has no property 'nonsense'; it has device_name, value, completion, wait"),
        (4, "seconds", 1, "Set has no property 'seconds'"),
        (6, "value", 1, r"command 6 is in the body of the Parallel at 5, which patch does not reach"),
        (8, "seconds", 1, r"command 8 is in the body of the Parallel at 5"),
        (11, "text", "x", r"command 11 is in the body of the If at 10"),
        (0, "seconds", "soon", "seconds of Delay takes a number, and the server refuses 'soon'"),
        (1, "device", 5, "device_name of Set takes a text, and the server refuses 5.0"),
        (9, "comparison", "about", "comparison of Wait takes a Comparison, and the server refuses 'about'"),
        (3, "devices", "m", "device_names of Log takes a list, which cannot be sent"),
        (1, "value", 5, "the server refuses, and gives no reason"),
    ],
)
def test_trap_29_a_refused_patch_is_explained(patched, address, name, value, reason):
    with pytest.raises(CommandRefused, match=f"scan 1 is Running: {reason}"):
        patched(address, name, value, status=400)


@pytest.mark.parametrize("state", DONE)
def test_trap_30_a_scan_that_is_done_cannot_be_patched(server, timing, perform, state):
    with pytest.raises(CommandRefused, match=f"is {state}: a change would have no effect"):
        perform(patching.patch(timing, server.add(state), 0, "seconds", 1))
    assert not any("PUT" in request for request in server.requests)


def test_a_command_that_was_performed_cannot_be_patched(server, timing, perform):
    scan_id = server.add(address=3)
    server.commands[scan_id] = COMMANDS
    with pytest.raises(CommandRefused, match="command 1 was performed already"):
        perform(patching.patch(timing, scan_id, 1, "value", 5))
    # The body of the loop at 2, where the scan is, will be performed again.
    server.hook = lambda request: (200, "") if "patch" in request else None
    perform(patching.patch(timing, scan_id, 2, "start", 5))


def test_a_patch_that_comes_too_late_is_refused(server, timing, perform):
    scan_id = server.add()

    def end(request):
        if "patch" in request:
            server.set(scan_id, state=ScanState.FINISHED)

    server.hook = end
    with pytest.raises(CommandRefused, match="it ended before the change could take effect"):
        perform(patching.patch(timing, scan_id, 0, "seconds", 1))


def test_an_unknown_scan_cannot_be_patched(timing, perform):
    with pytest.raises(UnknownScan):
        perform(patching.patch(timing, 3, 0, "seconds", 1))


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [(-1, "value", 1), (0, "", 1), (0, "a b", 1), (0, "value", [1]), (0, "value", None)],
)
def test_what_cannot_be_a_patch_is_not_sent(server, timing, perform, address, name, value):
    with pytest.raises(ValidationError):
        perform(patching.patch(timing, server.add(), address, name, value))
    assert not server.requests
