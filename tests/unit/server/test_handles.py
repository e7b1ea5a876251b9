"""Devices of a running server in the hands of a test."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from scan_sdk import (
    CellSource,
    Comment,
    Delay,
    If,
    Log,
    Loop,
    PvConfig,
    ScanClient,
    ScanConfig,
    ScanFailed,
    ScanState,
    Set,
    Wait,
)
from scan_sdk.server import DeviceHandle, EmbeddedServer

CONFIG = ScanConfig(
    read_timeout=2.0,
    pvs=(
        PvConfig(name="loc://x(0)", alias="x"),
        PvConfig(name='loc://text("hello")', alias="text"),
        PvConfig(name='loc://gate<VEnum>(1, "Shut", "Open")', alias="gate"),
        PvConfig(name="loc://row(1, 2)", alias="row"),
        PvConfig(name="motor://m(0, 2)", alias="m"),
        PvConfig(name="motor://m.RBV(0, 2)", alias="m.RBV"),
        PvConfig(name="counter://n(10)", alias="n"),
        PvConfig(name="ca://nobody", alias="nobody"),
    ),
)
PATIENCE = 30


@pytest.fixture
def server():
    with EmbeddedServer(CONFIG, clock="virtual") as server:
        yield server


@pytest.fixture
def client(server):
    with ScanClient(url=server.url) as client:
        yield client


@pytest.fixture
def clock(server):
    return server.virtual_clock


def finished(client, *commands):
    return client.wait_until_done(client.submit(commands), timeout=PATIENCE)


def error_of(client, *commands):
    with pytest.raises(ScanFailed) as caught:
        finished(client, *commands)
    return caught.value.info.error


def logged(client, info, device):
    return client.get_data(info.id)[device].value.tolist()


@pytest.mark.parametrize(
    ("name", "value"), [("x", 0.0), ("text", "hello"), ("gate", "Open"), ("row", (1, 2)), ("m", 0.0)]
)
def test_a_handle_reads_the_value(server, name, value):
    assert server.device(name).read() == value


def test_a_device_goes_by_its_alias_and_by_the_name_of_its_variable(server):
    handle = server.device("x")
    assert (handle.name, handle.pv_name) == ("x", "loc://x(0)")
    assert repr(handle) == "<DeviceHandle x [loc://x(0)]>"
    assert server.device("loc://x(0)") is handle
    assert isinstance(handle, DeviceHandle)


def test_what_was_set_before_is_what_a_scan_finds(server, client):
    server.device("x").set(5)
    server.device("text").set("abc")
    server.device("gate").set("Shut")
    info = finished(client, Log("x", "text", "gate"), If("x", "=", 5, Set("x", 6)))
    assert [logged(client, info, name) for name in ("x", "text", "gate")] == [[5], ["abc"], ["Shut"]]
    assert server.device("x").read() == 6


def test_a_motor_moves_to_where_it_is_set(server, clock):
    motor, readback = server.device("m"), server.device("m.RBV")
    with clock.held():
        motor.set(10)
        clock.advance(2)
        assert (motor.read(), readback.read()) == (10, 4)
    assert clock.monotonic() <= 5


def test_a_value_that_the_device_cannot_hold_is_an_error(server):
    with pytest.raises(ValueError, match="cannot set x to 'abc'"):
        server.device("x").set("abc")
    with pytest.raises(ValueError, match=r"cannot set m\.RBV to 1: .*readback"):
        server.device("m.RBV").set(1)


def test_a_device_that_there_cannot_be_is_an_error(server):
    with pytest.raises(ValueError, match="unknown PV type 'nonsense'"):
        server.device("nonsense://x")


def test_a_device_that_does_not_connect_is_an_error_that_names_it():
    config = ScanConfig(read_timeout=0.01, pvs=[PvConfig(name="ca://nobody", alias="nobody")])
    with EmbeddedServer(config) as server:
        nobody = server.device("nobody")
        for use in (nobody.read, lambda: nobody.set(1)):
            with pytest.raises(TimeoutError, match=r"nobody \[ca://nobody\] is not connected"):
                use()


def disconnected_in_the_middle(server, client, *commands):
    clock = server.virtual_clock
    with clock.held():
        scan_id = client.submit([Delay(1), *commands])
        clock.advance(0.5)
        server.device("x").disconnect()
        assert [device.status for device in client.scan_devices(scan_id)] == ["Disconnected"]
    with pytest.raises(ScanFailed) as caught:
        client.wait_until_done(scan_id, timeout=PATIENCE)
    return caught.value.info


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (Log("x"), "Failed to read loc://x(0)"),
        (Wait("x", 1), "Failed to read loc://x(0)"),
        (Set("x", 1.5), "Failed to write 1.5 to loc://x(0)"),
        (Set("x", 1.5, completion=True), "Failed to write 1.5 to loc://x(0)"),
        (Loop("x", 1, 2, 1), "Failed to write 1.0 to loc://x(0)"),
    ],
)
def test_a_device_that_disconnects_in_the_middle_fails_the_scan(server, client, command, error):
    assert disconnected_in_the_middle(server, client, command).error == error


def test_a_wait_goes_on_when_its_device_is_there_again(server, client, clock):
    x = server.device("x")
    with clock.held():
        scan_id = client.submit([Wait("x", 5, comparison="=", timeout=100)])
        clock.advance(1)
        x.disconnect()
        x.set(5)
        clock.advance(1)
        assert client.scan_info(scan_id).state is ScanState.RUNNING
        x.reconnect()
        clock.advance(0)
        assert client.scan_info(scan_id).state is ScanState.FINISHED


def test_a_scan_that_begins_without_its_device_gives_up_after_the_read_timeout(server, client):
    server.device("x").disconnect()
    with pytest.raises(ScanFailed, match=r"No connection within 2\.0 sec: x \[loc://x\(0\)\]") as caught:
        finished(client, [Comment("a"), Log("x").at(CellSource(2, "x"))])
    assert caught.value.info.runtime == timedelta(seconds=2)
    assert (caught.value.address, str(caught.value.source)) == (1, 'row 2, column "x"')
    assert 'Failed: row 2, column "x": No connection' in str(caught.value)


def test_a_scan_begins_once_its_device_is_there(server, client, clock):
    x = server.device("x")
    x.disconnect()
    with clock.held():
        scan_id = client.submit(Log("x"))
        clock.advance(1)
        x.reconnect()
    assert client.wait_until_done(scan_id, timeout=PATIENCE).runtime == timedelta(seconds=1)


def test_each_access_to_a_slow_device_takes_longer(server, client):
    x = server.device("x")
    x.delay(10)
    assert finished(client, Set("x", 1, readback=False)).runtime == timedelta(seconds=10)
    assert finished(client, Log("x")).runtime == timedelta(seconds=10)
    x.delay(0)
    assert finished(client, Set("x", 1)).runtime == timedelta(0)


def test_a_slow_device_completes_later(server, client):
    server.device("m").delay(3)
    server.device("x").delay(2)
    assert finished(client, Set("m", 4, completion=True, readback="m.RBV")).runtime == timedelta(seconds=5)
    assert finished(client, Set("x", 4, completion=True, readback=False)).runtime == timedelta(seconds=2)
    assert (
        error_of(client, Set("m", 0, completion=True, timeout=4))
        == "Completion timeout for motor://m(0, 2) = 0.0"
    )


def test_a_slow_device_does_not_keep_a_scan_from_being_aborted(server, client, clock):
    server.device("x").delay(1000)
    server.device("m").delay(1000)
    with clock.held():
        for command in (Log("x"), Set("x", 1, completion=True), Set("m", 1, completion=True)):
            scan_id = client.submit(command)
            clock.advance(1)
            assert client.abort(scan_id).state is ScanState.ABORTED


def test_a_device_that_disconnects_while_it_is_slow_fails(server, client, clock):
    x = server.device("x")
    x.delay(10)
    with clock.held():
        scan_id = client.submit(Log("x"))
        clock.advance(5)
        x.disconnect()
    with pytest.raises(ScanFailed, match="Failed to read"):
        client.wait_until_done(scan_id, timeout=PATIENCE)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_delay_is_a_time(server, seconds):
    with pytest.raises(ValueError, match="0 or more"):
        server.device("x").delay(seconds)


def test_a_closed_handle_lets_its_device_go_in_good_health(server, client):
    with server.device("x") as x:
        x.set(5)
        x.disconnect()
    x.close()
    assert logged(client, finished(client, Log("x")), "x") == [0]
    other = server.device("x")
    assert other is not x
    for use in (x.read, lambda: x.set(1), x.disconnect, lambda: x.delay(1)):
        with pytest.raises(RuntimeError, match="the handle of x is closed"):
            use()
    x.close()
    assert other.read() == 0


def test_a_scan_that_waits_for_a_device_goes_on_when_its_handle_is_closed(server, client, clock):
    x = server.device("x")
    x.disconnect()
    with clock.held():
        scan_id = client.submit(Log("x"))
        clock.advance(1)
        x.close()
    client.wait_until_done(scan_id, timeout=PATIENCE)


def test_handles_end_with_the_server():
    server = EmbeddedServer()
    with pytest.raises(RuntimeError, match="not running"):
        server.device("setpoint")
    with server:
        setpoint = server.device("setpoint")
    for use in (setpoint.read, lambda: server.device("setpoint"), server.reset, server.scan_infos):
        with pytest.raises(RuntimeError, match="not running"):
            use()
    setpoint.close()


def test_a_scan_does_not_go_on_because_the_server_stops(tmp_path):
    server = EmbeddedServer(CONFIG, clock="virtual", data_log=tmp_path)
    with server, ScanClient(url=server.url) as client, server.virtual_clock.held():
        server.device("text").disconnect()
        scan_id = client.submit([Log("text")])
        assert client.scan_info(scan_id).state is ScanState.RUNNING
        server.stop()
    with EmbeddedServer(CONFIG, data_log=tmp_path) as server:
        [info] = server.scan_infos()
        assert (info.state, info.error) == (ScanState.ABORTED, "Aborted (server stop)")


def test_handles_may_be_used_on_many_threads(server):
    x = server.device("x")
    threads = [threading.Thread(target=lambda n=n: x.set(n)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.read() in range(10)


# Failures on request


def test_the_next_write_fails_with_the_reason(server, client):
    server.fail_next("write", device="x", reason="limit switch hit")
    assert error_of(client, Set("x", 1)) == "limit switch hit"
    finished(client, Set("x", 1))


def test_the_next_read_fails_as_usual_where_no_reason_is_given(server, client):
    server.fail_next("read", device="loc://x(0)")
    server.fail_next("write", device="m")
    assert error_of(client, Log("x")) == "Failed to read loc://x(0)"
    assert error_of(client, Set("m", 1, completion=True)) == "Failed to write 1.0 to motor://m(0, 2)"


def test_failures_come_as_often_as_asked_for(server, client):
    server.fail_next("write", device="x", reason="once more", times=2)
    server.fail_next("write", device="x", reason="last")
    errors = [error_of(client, Set("x", 1)) for _ in range(3)]
    assert errors == ["once more", "once more", "last"]
    finished(client, Set("x", 1))


def test_failures_can_be_taken_back(server, client):
    server.fail_next("write", device="x", times=100)
    server.clear_faults()
    finished(client, Set("x", 1))


def test_a_failing_device_keeps_its_value(server, client):
    server.fail_next("write", device="x")
    error_of(client, Set("x", 1))
    assert server.device("x").read() == 0


# Beginning anew


def test_reset_leaves_nothing_behind(server, client):
    x = server.device("x")
    x.set(5)
    server.device("m").disconnect()
    server.fail_next("read", device="x", times=9)
    server.fail_next("any", 503, times=9)
    server.device("n").set(100)
    server.reset()
    assert client.scan_infos() == ()
    with pytest.raises(RuntimeError, match="closed"):
        x.read()
    info = finished(client, Log("x", "m", "n"))
    assert [logged(client, info, name)[0] for name in ("x", "m")] == [0, 0]
    assert logged(client, info, "n")[0] < 100


def test_reset_ends_scans_in_whatever_state_they_are(server, client, clock):
    server.device("text").disconnect()
    with clock.held():
        for commands in ([Delay(1000)], [Set("m", 1000, completion=True)], [Set("x", 1)]):
            client.submit(commands)
        client.submit([Log("text")], queue=False)
        paused = client.submit([Delay(100)], queue=False)
        client.pause(paused)
        assert len(server.scan_infos()) == 5
        server.reset()
        assert server.scan_infos() == ()
    info = finished(client, Log("m.RBV"))
    assert logged(client, info, "m.RBV") == [0]
    assert info.id == 6
