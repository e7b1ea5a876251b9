"""Queue, pause, next, abort, timeouts, move, patch, pre- and post-scan."""

import asyncio
from datetime import datetime, timedelta

import pytest

from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    ScanState,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.server.clock import settle
from scan_sdk.server.errors import Refused, UnknownScanId

from .conftest import CONFIG, make_rig, values

IDLE, RUNNING, PAUSED = ScanState.IDLE, ScanState.RUNNING, ScanState.PAUSED
ABORTED, FAILED, FINISHED = ScanState.ABORTED, ScanState.FAILED, ScanState.FINISHED


def states(*scans):
    return [scan.state for scan in scans]


# Queue


async def test_queued_scans_run_one_at_a_time_in_order_and_others_beside_them(rig):
    first, second = await rig.submit(Delay(2)), await rig.submit(Delay(1))
    beside = await rig.submit(Delay(1), queue=False)
    assert states(first, second, beside) == [RUNNING, IDLE, RUNNING]
    await rig.clock.advance(1)
    assert states(first, second, beside) == [RUNNING, IDLE, FINISHED]
    await rig.clock.advance(1)
    assert states(first, second) == [FINISHED, RUNNING]
    assert [info.id for info in rig.engine.infos()] == [beside.id, second.id, first.id]


async def test_a_scan_that_waits_shows_nothing_yet(rig):
    await rig.submit(Delay(1))
    info = (await rig.submit(Delay(1), name="waits")).info()
    assert (info.name, info.state, info.command, info.address) == ("waits", IDLE, "", -1)
    assert (info.total_work_units, info.performed_work_units, info.finish) == (1, 0, None)
    assert info.runtime == timedelta(0)


@pytest.mark.parametrize(
    ("who", "steps", "order"),
    [
        (3, -1, [1, 3, 2, 4]),
        (4, -2, [1, 4, 2, 3]),
        (2, 1, [1, 3, 2, 4]),
        (2, 2, [1, 3, 4, 2]),
        (3, 0, [1, 2, 3, 4]),
        (4, 1, [1, 2, 3, 4]),  # beyond the end
        (2, -1, [1, 2, 3, 4]),  # before the one that runs
        (4, -4, [1, 2, 3, 4]),
        (1, 1, [1, 2, 3, 4]),  # the one that runs
        (99, 1, [1, 2, 3, 4]),
    ],
)
async def test_move_changes_the_order_of_those_that_wait_only(rig, who, steps, order):
    scans = [await rig.submit(Delay(1)) for _ in range(4)]
    rig.engine.move(who, steps)
    assert [info.id for info in reversed(rig.engine.infos())] == order
    began = []
    for _ in scans:
        began += [scan.id for scan in scans if scan.state is RUNNING]
        await rig.clock.advance(1)
    assert began == order


async def test_nothing_moves_where_no_queued_scan_runs(rig):
    await rig.submit(Delay(1), queue=False)
    await rig.run(Delay(0))
    await rig.submit(Delay(1), queue=False)
    rig.engine.move(2, -1)
    assert [info.id for info in rig.engine.infos()] == [3, 2, 1]


async def test_done_scans_can_be_removed_and_others_stay(rig):
    done, running, waiting = (
        await rig.run(Comment("a")),
        await rig.submit(Delay(1)),
        await rig.submit(Delay(1)),
    )
    for scan in (done, running, waiting):
        await rig.engine.remove(scan.id)
    assert [info.id for info in rig.engine.infos()] == [waiting.id, running.id]
    with pytest.raises(UnknownScanId, match="Unknown scan ID 1"):
        await rig.engine.remove(done.id)
    with pytest.raises(UnknownScanId):
        rig.engine.data(done.id)


async def test_clear_removes_all_that_are_done(rig):
    await rig.run(Comment("a"))
    await rig.run(Set("x", "abc"))
    running = await rig.submit(Delay(1))
    await rig.engine.remove_completed()
    assert [info.id for info in rig.engine.infos()] == [running.id]


# Pause, resume, next


async def test_a_pause_stops_a_delay_from_counting(rig):
    scan = await rig.submit(Delay(1), Set("x", 1))
    await rig.clock.advance(0.25)
    rig.engine.pause(scan.id)
    await rig.clock.advance(10)
    info = scan.info()
    assert (info.state, info.command) == (PAUSED, "Delay 1.0 sec. Remaining: 00:00:00.750")
    rig.engine.resume(scan.id)
    await rig.clock.advance(0.5)
    assert scan.info().command == "Delay 1.0 sec. Remaining: 00:00:00.250"
    await rig.clock.advance(0.25)
    await rig.until_done(scan)
    assert scan.state is FINISHED


async def test_a_pause_takes_effect_before_the_next_command(rig):
    scan = await rig.submit(Wait("x", 1), Set("y", 5), Log("y"))
    rig.engine.pause(scan.id)
    await rig.run(Set("x", 1), queue=False)
    await rig.clock.advance(1)
    info = scan.info()
    assert (info.state, info.address, info.command) == (PAUSED, 1, "Set 'y' = 5.0")
    assert scan.devices["y"].status == "0.0"
    rig.engine.resume(scan.id)
    await rig.until_done(scan)


async def test_a_pause_in_parallel_stops_all_delays(rig):
    scan = await rig.submit(Parallel(Delay(1), Delay(2)))
    rig.engine.pause(scan.id)
    await rig.clock.advance(10)
    rig.engine.resume(scan.id)
    await rig.clock.advance(1.5)
    assert scan.state is RUNNING
    await rig.clock.advance(0.5)
    await rig.until_done(scan)


async def test_only_running_scans_pause_and_only_paused_ones_resume(rig):
    done = await rig.run(Comment("a"))
    running, waiting = await rig.submit(Delay(1)), await rig.submit(Delay(1))
    rig.engine.resume(-1)
    rig.engine.pause(-1)
    assert states(done, running, waiting) == [FINISHED, PAUSED, IDLE]
    rig.engine.resume(-1)
    assert states(done, running, waiting) == [FINISHED, RUNNING, IDLE]


@pytest.mark.parametrize(
    "command",
    [Delay(100), Wait("y", 9), Set("y", 1, readback="text"), Set("m", 1000, completion=True)],
    ids=lambda command: command.command,
)
async def test_next_ends_what_waits_and_the_scan_goes_on(rig, command):
    scan = await rig.submit(command, Set("x", 3), Log("x"))
    assert scan.state is RUNNING
    rig.engine.skip(scan.id)
    await rig.until_done(scan)
    assert await rig.data(scan) == {"x": [(0, "3.0")]}
    assert scan.state is FINISHED
    assert rig.clock.next_due is None or command.command == "set"  # a motor goes on


async def test_next_leaves_out_the_rest_of_a_loop_step(rig):
    scan = await rig.submit(Loop("x", 1, 3, 1, Log("x"), Log("x"), readback="y", tolerance=0))
    rig.engine.skip(scan.id)
    await rig.run(Set("y", 2), queue=False)
    await rig.run(Set("y", 3), queue=False)
    await rig.until_done(scan)
    assert values((await rig.data(scan))["x"]) == ["2.0", "2.0", "3.0", "3.0"]


async def test_next_goes_to_the_innermost_command(rig):
    scan = await rig.submit(Sequence(If("x", "=", 0, Delay(100))), Parallel(Delay(100)))
    rig.engine.skip(scan.id)
    await rig.clock.advance(0)
    assert scan.state is RUNNING
    rig.engine.skip(scan.id)
    await rig.until_done(scan)


async def test_next_does_nothing_to_scans_that_are_paused_waiting_or_done(rig):
    done, paused, waiting = (
        await rig.run(Comment("a")),
        await rig.submit(Delay(1)),
        await rig.submit(Delay(1)),
    )
    rig.engine.pause(paused.id)
    rig.engine.skip(-1)
    await rig.clock.advance(0)
    assert states(done, paused, waiting) == [FINISHED, PAUSED, IDLE]


# Abort, timeout, deadline


@pytest.mark.parametrize(
    "command",
    [
        Delay(100),
        Wait("x", 9),
        Set("m", 1000, completion=True),
        Parallel(Delay(100), Parallel(Wait("x", 9))),
        Log("nowhere"),
        Loop("x", 0, 1e9, 1),
        Loop("x", 0, 1e9, 1, Set("y", 1, readback=True)),
        Loop("x", 0, 1e9, 1, Log("x")),
        Parallel(Loop("x", 0, 1e9, 1, Log("x")), Loop("y", 0, 1e9, 1)),
    ],
)
async def test_abort_ends_any_scan(rig, command):
    scan = await rig.submit(command, Set("y", 1))
    await rig.engine.abort(scan.id)
    info = scan.info()
    assert (info.state, info.error, info.command, info.address) == (ABORTED, "Aborted", "- end -", -1)
    assert info.performed_work_units == info.total_work_units
    assert info.finish is not None
    assert not rig.engine.pool.in_use


async def test_abort_ends_a_paused_scan(rig):
    scan = await rig.submit(Wait("x", 1), Delay(1))
    rig.engine.pause(scan.id)
    await rig.run(Set("x", 1), queue=False)
    await rig.engine.abort(scan.id)
    assert scan.state is ABORTED


async def test_a_scan_aborted_before_it_began_never_begins(rig):
    running, waiting = await rig.submit(Delay(1)), await rig.submit(Set("x", 1))
    await rig.engine.abort(waiting.id)
    await rig.clock.advance(1)
    await rig.until_done(running, waiting)
    info = waiting.info()
    assert (info.state, info.error, info.finish, info.performed_work_units) == (ABORTED, None, None, 0)
    assert (info.command, info.runtime) == ("", timedelta(0))


async def test_abort_of_all_scans_starts_none_of_those_that_wait(rig):
    scans = [await rig.submit(Delay(9)), await rig.submit(Delay(9)), await rig.submit(Delay(9), queue=False)]
    await rig.engine.abort(-1)
    assert states(*scans) == [ABORTED] * 3
    assert [scan.info().error for scan in scans] == ["Aborted", None, "Aborted"]


async def test_abort_of_a_scan_that_is_done_changes_nothing(rig):
    scan = await rig.run(Comment("a"))
    await rig.engine.abort(scan.id)
    assert scan.info().error is None


async def test_a_timeout_counts_from_the_beginning_and_aborts(rig):
    await rig.submit(Delay(5))
    scan = await rig.submit(Delay(30), timeout=2)
    await rig.clock.advance(6)
    assert scan.state is RUNNING
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert (scan.state, scan.info().error) == (ABORTED, "Aborted (deadline/timeout)")


async def test_a_timeout_that_is_not_reached_leaves_nothing_behind(rig):
    await rig.run(Comment("a"), timeout=100)
    assert rig.clock.next_due is None


def local(clock, seconds):
    return datetime.fromtimestamp(clock.time() + seconds)  # noqa: DTZ006  # deadlines are local


async def test_a_deadline_aborts_at_its_time(rig):
    scan = await rig.submit(Delay(30), deadline=local(rig.clock, 3))
    await rig.clock.advance(2.5)
    assert scan.state is RUNNING
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert scan.info().error == "Aborted (deadline/timeout)"


async def test_a_deadline_that_has_passed_keeps_the_scan_from_beginning(rig):
    scan = await rig.run(Set("x", 1), deadline=local(rig.clock, -10))
    info = scan.info()
    assert (info.state, info.error, info.command) == (ABORTED, "Aborted (stale deadline)", "")
    assert (info.performed_work_units, info.total_work_units) == (0, 1)
    assert info.finish is not None


# Progress


async def test_progress_counts_commands_and_guesses_the_end(rig):
    scan = await rig.submit(Comment("a"), Delay(2), Comment("b"), Comment("c"))
    await rig.clock.advance(1)
    info = scan.info()
    assert (info.performed_work_units, info.total_work_units, info.address) == (1, 4, 1)
    assert info.percentage == 25
    assert info.finish == info.created + timedelta(seconds=4)


async def test_addresses_count_bodies_but_not_files(tmp_path):
    (tmp_path / "f.scn").write_text("<commands><delay><seconds>1</seconds></delay></commands>")
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"paths": (".",)}), tmp_path)
    scan = await rig.submit(
        Sequence(If("x", "=", 0, Comment("a")), Delay(1)),
        Include("f.scn"),
        Parallel(Loop("x", 1, 1, 1, Delay(1))),
    )
    addresses = []
    for _ in range(3):
        addresses.append(scan.info().address)
        await rig.clock.advance(1)
    assert addresses == [3, -1, 7]
    await rig.engine.stop()


# Patch

PATCHABLE = (
    Delay(50),
    Set("x", 1),
    Loop("x", 1, 3, 1, Comment("old")),
    Wait("x", 5),
    If("x", "=", 1, Comment("inner")),
    Parallel(),
    ConfigLog(False),
    Log("x"),
)
"""At the addresses 0, 1, 2 and 3, 4, 5 and 6, 7, 8, 9."""


async def test_a_patch_changes_what_is_yet_to_be_performed(rig):
    scan = await rig.submit(Delay(5), Set("x", 10), Loop("y", 1, 9, 4, Log("x"), Delay(0)))
    rig.engine.patch(scan.id, 1, "value", 5.0)
    rig.engine.patch(scan.id, 2, "end", 5.0)
    rig.engine.patch(scan.id, 4, "seconds", 0.5)
    await rig.clock.advance(6)
    await rig.until_done(scan)
    assert values((await rig.data(scan))["x"]) == ["5.0", "5.0"]
    document = await scan.document()
    assert "<value>5.0</value>" in document
    assert "<seconds>0.5</seconds>" in document


@pytest.mark.parametrize(
    ("address", "name", "value", "text"),
    [
        (0, "seconds", "2.5", "<seconds>2.5</seconds>"),
        (1, "device_name", "y", "<device>y</device>"),
        (1, "value", "abc", '<value>"abc"</value>'),
        (1, "completion", "TRUE", "<completion>true</completion>"),
        (1, "wait", "true", "<readback>x</readback>"),
        (1, "tolerance", -1.0, "<value>1.0</value>\n    <wait>false</wait>\n  </set>"),
        (1, "timeout", 3.0, "<timeout>3.0</timeout>"),
        (1, "error_handler", "H", "<error_handler>H</error_handler>"),
        (2, "step_size", 0.5, "<step>0.5</step>\n    <wait>false</wait>\n    <tolerance>0.05</tolerance>"),
        (2, "step_size", 0.0, "<step>1.0</step>\n    <wait>false</wait>\n    <tolerance>0.1</tolerance>"),
        (3, "comment", "new", "<text>new</text>"),
        (4, "comparison", ">=", "<comparison>AT_LEAST</comparison>"),
        (4, "desired_value", "Open", '<value>"Open"</value>'),
        (5, "tolerance", 2.0, "<tolerance>2.0</tolerance>"),
        (7, "timeout", 4.0, "<timeout>4.0</timeout>"),
        (8, "automatic", "true", "<automatic>true</automatic>"),
    ],
)
async def test_properties_go_by_the_names_of_the_server(rig, address, name, value, text):
    scan = await rig.submit(*PATCHABLE)
    rig.engine.patch(scan.id, address, name, value)
    assert text in await scan.document()


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        (99, "value", 1.0),
        (-1, "value", 1.0),
        (6, "comment", "in an if"),
        (1, "nonsense", 1.0),
        (1, "device", "y"),
        (0, "seconds", "abc"),
        (1, "device_name", 5.0),
        (1, "wait", 1.0),
        (4, "comparison", "AT_LEAST"),
        (4, "comparison", 1.0),
        (9, "device_names", "x"),
        (3, "error_handler", "H"),
        (3, "text", "new"),
        (5, "timeout", 1.0),
    ],
)
async def test_what_the_server_refuses_changes_nothing(rig, address, name, value):
    scan = await rig.submit(*PATCHABLE)
    before = await scan.document()
    with pytest.raises(Refused):
        rig.engine.patch(scan.id, address, name, value)
    assert await scan.document() == before


async def test_a_wait_can_be_patched_to_a_list_of_texts_and_back(rig):
    scan = await rig.submit(Delay(1), Wait("text", "a"))
    rig.engine.patch(scan.id, 1, "comparison", "in")
    rig.engine.patch(scan.id, 1, "desired_value", '"hello", "b"')
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert scan.state is FINISHED
    rig.engine.patch(scan.id, 1, "comparison", "=")
    assert "EQUALS" in await scan.document()


async def test_a_patch_of_an_unknown_scan_is_refused(rig):
    with pytest.raises(UnknownScanId):
        rig.engine.patch(5, 0, "value", 1.0)


# Pre- and post-scan


@pytest.fixture
async def around(tmp_path):
    (tmp_path / "pre.scn").write_text(
        "<commands><set><device>x</device><value>1</value><wait>false</wait></set></commands>"
    )
    (tmp_path / "post.scn").write_text(
        "<commands><log><devices><device>x</device></devices></log><delay><seconds>1</seconds></delay></commands>"
    )
    config = CONFIG.model_copy(update={"pre_scan": ("pre.scn",), "post_scan": ("post.scn",)})
    rig = await make_rig(tmp_path, config, tmp_path)
    yield rig
    await rig.engine.stop()


async def test_pre_and_post_scan_are_performed_around_the_scan_and_not_counted(around):
    scan = await around.submit(Log("x"), Set("x", 2), Delay(1))
    assert (scan.info().address, scan.info().total_work_units, scan.info().performed_work_units) == (2, 3, 2)
    await around.clock.advance(1)
    info = scan.info()
    assert (info.state, info.address, info.performed_work_units) == (RUNNING, -1, 3)
    await around.clock.advance(1)
    await around.until_done(scan)
    assert values((await around.data(scan))["x"]) == ["1.0", "2.0"]
    assert scan.state is FINISHED


async def test_the_post_scan_follows_an_error(around):
    scan = await around.submit(Set("x", "abc"))
    assert scan.state is RUNNING
    await around.clock.advance(1)
    await around.until_done(scan)
    assert scan.info().error == "Failed to write abc to loc://x(0)"
    assert values((await around.data(scan))["x"]) == ["1.0"]


async def test_the_post_scan_follows_an_abort_and_can_be_aborted_itself(around):
    scan = await around.submit(Delay(100))
    abort = asyncio.ensure_future(around.engine.abort(scan.id))
    await around.clock.advance(0.5)
    assert scan.state is RUNNING
    assert values((await around.data(scan))["x"]) == ["1.0"]
    scan.abort()
    await around.until_done(scan)
    await abort
    assert scan.info().error == "Aborted; then in the post-scan: Aborted"
    assert scan.state is ABORTED


async def test_the_post_scan_resumes_a_scan_that_was_paused_when_aborted(around):
    scan = await around.submit(Delay(100))
    around.engine.pause(scan.id)
    scan.abort()
    await around.clock.advance(1)
    await around.until_done(scan)
    assert scan.info().error == "Aborted"


async def test_a_scan_can_do_without_pre_and_post_scan(around):
    scan = await around.run(Log("x"), pre_post=False)
    assert values((await around.data(scan))["x"]) == ["0.0"]


@pytest.mark.parametrize("which", ["pre_scan", "post_scan"])
async def test_a_pre_or_post_scan_that_is_not_there_refuses_scans(tmp_path, which):
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={which: ("none.scn",)}), tmp_path)
    with pytest.raises(Refused, match=r"-scan: cannot open 'none.scn'"):
        await rig.submit(Comment("a"))
    assert rig.engine.infos() == []
    await rig.engine.stop()


# Stop


async def test_stopping_the_engine_aborts_what_runs_with_its_post_scan(tmp_path):
    rig = await make_rig(tmp_path)
    running, waiting = await rig.submit(Delay(100)), await rig.submit(Delay(100))
    await rig.engine.stop()
    assert (running.state, running.info().error) == (ABORTED, "Aborted (server stop)")
    assert waiting.state is ABORTED
    again = await make_rig(tmp_path)
    assert [(info.state, info.error) for info in again.engine.infos()] == [
        (ABORTED, None),
        (ABORTED, "Aborted (server stop)"),
    ]
    await again.engine.stop()


async def test_stopping_in_a_hurry_does_not_wait_for_post_scans_but_keeps_what_is_known(tmp_path):
    (tmp_path / "post.scn").write_text("<commands><delay><seconds>60</seconds></delay></commands>")
    config = CONFIG.model_copy(update={"post_scan": ("post.scn",)})
    rig = await make_rig(tmp_path, config, tmp_path)
    await rig.submit(Log("x"), Delay(10))
    stopping = asyncio.create_task(rig.engine.stop())
    while rig.clock.next_due != rig.clock.monotonic() + 60:  # until it is in its post-scan
        await settle()
    stopping.cancel()
    await stopping
    again = await make_rig(tmp_path, config, tmp_path)
    (info,) = again.engine.infos()
    assert info.state in {ABORTED, FAILED}
    assert values((await again.data(again.engine.scan(1)))["x"]) == ["0.0"]
    await again.engine.stop()
