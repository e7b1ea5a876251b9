"""Servers on a clock that takes no time: hours pass in moments, and to the millisecond."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import (
    Comment,
    ConnectError,
    Delay,
    Log,
    Loop,
    Parallel,
    ScanAborted,
    ScanClient,
    ScanFailed,
    ScanState,
    Set,
    Wait,
)
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.clock import ManualClock, SystemClock, VirtualClock
from scan_sdk.server.store import store

START = datetime(2030, 5, 6, 7, 8, 9, 250_000, UTC)
MOTOR, READBACK = "motor://slow(0, 0.01)", "motor://slow.RBV(0, 0.01)"
PATIENCE = 30


@pytest.fixture
def clock():
    return VirtualClock(START.timestamp())


@pytest.fixture
def client(clock):
    with EmbeddedServer(clock=clock) as server, ScanClient(url=server.url) as client:
        yield client


def finished(client, *commands, **options):
    scan_id = client.submit(commands, **options)
    return client.wait_until_done(scan_id, timeout=PATIENCE)


def times(client, info, device):
    """Return when a device was logged, in seconds since the server started."""
    return [
        round(1e3 * (moment / 1000 - START.timestamp())) / 1e3
        for moment in client.get_data(info.id)[device].time.tolist()
    ]


def test_hours_of_delays_pass_at_once_and_all_times_are_right(client):
    spent = time.process_time()
    info = finished(client, Set("loc://x", 1), *[Delay(3600), Log("loc://x"), Set("loc://x", 2)] * 5)
    assert (info.created, info.runtime) == (START, timedelta(hours=5))
    assert info.finish == START + timedelta(hours=5)
    # Each logged value was written just after the delay before
    assert times(client, info, "loc://x") == [0, 3600, 7200, 10800, 14400]
    assert time.process_time() - spent < 1


def test_a_motor_takes_its_time_by_the_clock(client):
    scan = Loop(MOTOR, 1, 10, 1, Log(READBACK), completion=True, readback=READBACK, tolerance=0)
    info = finished(client, scan)
    assert info.runtime == timedelta(seconds=1000)
    assert times(client, info, READBACK) == [100 * step for step in range(1, 11)]
    assert client.get_data(info.id)[READBACK].value.tolist() == list(range(1, 11))


def test_tenths_of_seconds_add_up_without_a_rest(client):
    info = finished(client, Loop("loc://x", 1, 1000, 1, Delay(0.1), Log("loc://x")))
    assert info.runtime == timedelta(seconds=100)
    assert times(client, info, "loc://x") == [step / 10 for step in range(1000)]


def test_a_wait_for_a_counter_ends_with_the_first_report_that_is_high_enough(client):
    info = finished(client, Set("neutrons", 0), Wait("neutrons", 6000, comparison=">=", timeout=3600))
    assert info.runtime == timedelta(seconds=600)


def test_a_wait_ends_with_its_timeout(client):
    with pytest.raises(ScanFailed, match="Timeout while waiting for motor_x") as caught:
        finished(client, Wait("motor_x", 60, timeout=3600))
    assert caught.value.info.runtime == timedelta(hours=1)


def test_the_timeout_of_a_scan_is_by_the_clock(client):
    with pytest.raises(ScanAborted, match="deadline/timeout") as caught:
        finished(client, Delay(10_000), timeout=7200)
    assert caught.value.info.runtime == timedelta(hours=2)


def test_the_deadline_of_a_scan_is_by_the_clock(client):
    deadline = (START + timedelta(hours=1)).astimezone().replace(tzinfo=None)
    with pytest.raises(ScanAborted, match="deadline/timeout") as caught:
        finished(client, Delay(10_000), deadline=deadline)
    assert caught.value.info.runtime == timedelta(seconds=3599)  # whole seconds are left, as everywhere


def test_work_with_the_file_takes_no_time_of_the_scan(client, monkeypatch):
    monkeypatch.setattr(store, "_CROWDED", 10)
    monkeypatch.setattr(store, "_FLUSH_AT", 5)
    info = finished(client, Loop("loc://x", 1, 5000, 1, Log("loc://x")), timeout=1)
    assert (info.state, info.runtime) == (ScanState.FINISHED, timedelta(0))
    assert client.last_serial(info.id) == 4999


def test_parallel_commands_go_by_the_same_clock(client):
    info = finished(client, Parallel(Delay(10), Delay(3600), [Delay(5), Delay(6)]))
    assert info.runtime == timedelta(hours=1)


def test_many_timers_cost_little(client):
    steps = 2000
    spent = time.process_time()
    info = finished(client, Loop("loc://x", 1, steps, 1, Delay(1), Set(MOTOR, 0, completion=True)))
    assert info.runtime == timedelta(seconds=steps)
    assert time.process_time() - spent < steps / 1000


def test_a_wait_without_end_leaves_the_server_responsive_and_can_be_aborted(client):
    scan_id = client.submit(Wait("neutrons", -1))
    begun = time.monotonic()
    for _ in range(20):
        assert client.scan_info(scan_id).state is ScanState.RUNNING
    assert time.monotonic() - begun < 5
    assert client.abort(scan_id).state is ScanState.ABORTED


def test_what_is_due_after_the_last_of_dates_never_comes(client, clock):
    scan_id = client.submit(Delay(1e300))
    info = client.scan_info(scan_id)
    assert (info.state, info.created, clock.monotonic()) == (ScanState.RUNNING, START, 0)
    assert client.abort(scan_id).state is ScanState.ABORTED


@pytest.mark.usefixtures("client")
def test_a_server_with_nothing_to_do_sleeps():
    spent = time.process_time()
    threading.Event().wait(0.2)
    assert time.process_time() - spent < 0.1


def test_while_the_clock_is_held_a_scan_stands_and_can_be_looked_at_in_the_middle(client, clock):
    with clock.held():
        scan_id = client.submit([Delay(10), Comment("half"), Delay(10)])
        clock.advance(4)
        assert client.scan_info(scan_id).command == "Delay 10.0 sec. Remaining: 00:00:06"
        assert client.scan_info(scan_id).runtime == timedelta(seconds=4)
        clock.advance(10)
        assert client.scan_info(scan_id).address == 2
    assert client.wait_until_done(scan_id, timeout=PATIENCE).runtime == timedelta(seconds=20)


def test_a_delay_does_not_count_while_the_scan_is_paused(client, clock):
    with clock.held():
        scan_id = client.submit([Delay(10)])
        clock.advance(4)
        client.pause(scan_id)
        clock.advance(100)
        assert client.scan_info(scan_id).state is ScanState.PAUSED
        client.resume(scan_id)
        clock.advance(5)
        assert client.scan_info(scan_id).command == "Delay 10.0 sec. Remaining: 00:00:01"
    assert client.wait_until_done(scan_id, timeout=PATIENCE).runtime == timedelta(seconds=110)


def test_the_clock_stands_still_while_nothing_is_due(client, clock):
    before = clock.time()
    client.scan_infos()
    finished(client, Comment("a"))
    assert clock.time() == before == START.timestamp()
    assert clock.monotonic() == 0


def test_held_and_released_count(client, clock):
    with clock.held():
        with clock.held():
            scan_id = client.submit(Delay(10))
        with clock.released():
            client.wait_until_done(scan_id, timeout=PATIENCE)
        scan_id = client.submit(Delay(10))
        assert client.scan_info(scan_id).state is ScanState.RUNNING
        assert clock.monotonic() == 10
    client.wait_until_done(scan_id, timeout=PATIENCE)


def test_work_of_a_thread_belongs_to_the_moment_in_which_it_is_asked_for():
    clock = VirtualClock()
    done, begun = [], threading.Event()

    def work():
        begun.wait(PATIENCE)
        done.append(clock.monotonic())

    async def main():
        late = asyncio.get_running_loop().create_future()
        clock.call_later(60, lambda: late.set_result(clock.monotonic()))
        with clock.held():
            job = asyncio.get_running_loop().run_in_executor(None, work)
            await asyncio.sleep(0)
            begun.set()
            await job
        return await late

    with asyncio.Runner(loop_factory=clock.event_loop) as runner:
        assert runner.run(main()) == 60
    assert done == [0]


def test_a_virtual_clock_begins_now():
    before = time.time()
    assert before - 0.001 <= VirtualClock().time() <= time.time()


def test_only_a_held_clock_is_advanced(client, clock):
    with pytest.raises(RuntimeError, match="hold it first"):
        clock.advance(1)
    with clock.held(), clock.held():
        clock.advance(1)
    assert clock.monotonic() == 1


def test_a_clock_without_a_server_is_not_advanced():
    clock = VirtualClock()
    with clock.held(), pytest.raises(RuntimeError, match="no server goes by this clock"):
        clock.advance(1)
    with EmbeddedServer(clock=clock):
        pass
    with clock.held(), pytest.raises(RuntimeError, match="no server goes by this clock"):
        clock.advance(1)


def test_a_server_started_again_forgets_what_was_due(clock):
    server = EmbeddedServer(clock=clock)
    with server, ScanClient(url=server.url) as client, clock.held():
        client.submit(Delay(1e9))
        client.submit(Set(MOTOR, 5))
    with server, ScanClient(url=server.url) as client:
        assert finished(client, Delay(1)).runtime == timedelta(seconds=1)


def test_a_server_has_a_virtual_clock_only_if_it_goes_by_one():
    assert EmbeddedServer(clock="virtual").virtual_clock.monotonic() == 0
    for other in ("system", ManualClock()):
        with pytest.raises(RuntimeError, match="no virtual clock"):
            _ = EmbeddedServer(clock=other).virtual_clock


@pytest.mark.parametrize("other", [SystemClock(), ManualClock()])
def test_other_clocks_go_on_as_ever_while_held(other):
    before = other.monotonic()
    with other.held(), other.released():
        assert other.monotonic() >= before


def test_the_connection_of_a_client_ends_with_the_server(clock):
    with EmbeddedServer(clock=clock) as server, ScanClient(url=server.url) as client:
        client.scan_infos()
        server.stop()
        with pytest.raises(ConnectError):
            client.scan_infos()


@given(st.lists(st.integers(0, 10**15).map(lambda nanoseconds: nanoseconds / 1e9), max_size=20))
def test_timers_are_called_in_order_and_exactly_when_they_are_due(delays):
    clock = VirtualClock(1000)
    called = []

    async def main():
        done = asyncio.get_running_loop().create_future()
        for delay in delays:
            clock.call_later(delay, lambda delay=delay: called.append((delay, clock.monotonic())))
        clock.call_later(2e9, lambda: done.set_result(None))
        await done

    with asyncio.Runner(loop_factory=clock.event_loop) as runner:
        runner.run(main())
    assert called == [(delay, delay) for delay in sorted(delays)]
    assert clock.time() == 1000 + 2e9
