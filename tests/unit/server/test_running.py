"""Reaching a server from another thread while it stops, and stopping one that is busy."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from contextlib import closing

import pytest

from scan_sdk import Log, Loop, PvConfig, ScanClient, ScanConfig, Set
from scan_sdk.server import EmbeddedServer, running, serving
from scan_sdk.server.clock import VirtualClock
from scan_sdk.server.devices.fault import Fault
from scan_sdk.server.devices.values import Reading
from scan_sdk.server.errors import CommandFailed, NotRunning
from scan_sdk.server.running import Running


def test_whoever_waits_for_a_server_is_told_that_it_has_stopped():
    with EmbeddedServer() as server:
        begun, told = threading.Event(), []

        async def for_ever():
            begun.set()
            await asyncio.get_running_loop().create_future()

        def wait():
            with pytest.raises(NotRunning) as caught:
                server._running.call(for_ever)
            told.append(caught.value)

        thread = threading.Thread(target=wait)
        thread.start()
        assert begun.wait(10)
        server.stop()
        thread.join(10)
        assert len(told) == 1


def test_whoever_asks_too_late_is_told_so_as_well(monkeypatch):
    monkeypatch.setattr(running, "_LOOK", 0.01)
    with EmbeddedServer() as server:
        engine = server._running.engine
    loop = asyncio.new_event_loop()

    async def make():
        return Running(engine, None, asyncio.Event())

    late = loop.run_until_complete(make())
    closing = threading.Timer(0.02, loop.close)
    closing.start()
    with pytest.raises(NotRunning):
        late.call(make)
    closing.join()


def test_a_server_that_is_about_to_stop_is_not_reset():
    with EmbeddedServer() as server:

        async def stop():
            server._running._stopping.set()
            await server._running.reset()

        with pytest.raises(NotRunning):
            server._running.call(stop)


def test_a_client_that_takes_nothing_does_not_keep_a_server_from_stopping(monkeypatch):
    monkeypatch.setattr(serving, "_GRACE", 0.05)
    with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
        long = Set('loc://long("")', "long " * 40_000, readback=False)
        scan_id = client.submit([long, Loop("loc://x", 1, 200, 1, Log('loc://long("")'))])
        client.wait_until_done(scan_id, timeout=60)
        with socket.create_connection(("127.0.0.1", server.port)) as idle:
            idle.sendall(f"GET /scan/{scan_id}/data HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
            assert idle.recv(100).startswith(b"HTTP/1.1 200")
            server.stop()
            assert not server.is_running


def test_only_the_connection_that_is_to_break_breaks():
    with EmbeddedServer() as server:
        one, other = (http.client.HTTPConnection("127.0.0.1", server.port, timeout=10) for _ in range(2))
        with closing(one), closing(other):
            for connection in (one, other):
                connection.request("GET", "/scans")
                assert connection.getresponse().read()
            other.auto_open = False  # so that it says when it has lost its connection
            server.fail_next("scan_infos", "lost reply")
            one.request("GET", "/scans")
            with pytest.raises(http.client.RemoteDisconnected):
                one.getresponse()
            other.request("GET", "/scans")
            assert other.getresponse().read()


def test_a_device_may_take_its_time_to_connect():
    config = ScanConfig(pvs=[PvConfig(name="ca://late", alias="late")])
    with EmbeddedServer(config) as server:
        pool = server._running.engine.pool

        async def connect_soon():
            pv = pool.acquire("ca://late")
            loop = asyncio.get_running_loop()
            loop.call_later(0.02, pv.update, None)  # a change that is no connection yet
            loop.call_later(0.04, pv.update, Reading(7.0, 0))

        late = server.device("late")
        server._running.call(connect_soon)
        assert late.read() == 7


async def test_a_late_completion_fails_or_is_given_up_with_the_one_before():
    fault = Fault(VirtualClock())
    fault.delay = 10
    loop = asyncio.get_running_loop()
    failing, cancelled, given_up = (loop.create_future() for _ in range(3))
    late = [fault.late(future) for future in (failing, cancelled, given_up)]
    failing.set_exception(CommandFailed("broken"))
    cancelled.cancel()
    late[2].cancel()
    with pytest.raises(CommandFailed, match="broken"):
        await late[0]
    with pytest.raises(asyncio.CancelledError):
        await late[1]
    await asyncio.sleep(0)
    assert given_up.cancelled()
