"""Those who read much data slowly, or not at all, hold up nobody."""

import contextlib
import socket
import time

import pytest

from scan_sdk.models import Log, Loop

pytestmark = pytest.mark.slow  # each starts processes

MANY = Loop("loc://x", 1, 100_000, 1, [Log("loc://x")])


@contextlib.contextmanager
def reader(server, scan):
    """Ask for the data of a scan, read its beginning, and no more."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(f"GET /scan/{scan}/data HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert connection.recv(15) == b"HTTP/1.1 200 OK"
        yield connection


def rest(connection):
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(1 << 20):
            received = received[-100:] + piece
    return received


def test_readers_that_stall_hold_up_neither_scans_nor_others(start):
    server = start()
    scan = server.submit(MANY)
    server.finish(scan)
    with contextlib.ExitStack() as stalled:
        for _ in range(20):
            stalled.enter_context(reader(server, scan))
        other = server.submit(Loop("loc://x", 1, 10_000, 1, [Log("loc://x")]))
        assert server.finish(other)["state"] == "Finished"
        assert len(server.data(other)["loc://x"]) == 10_000
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 5
        assert server.errors.count("broken off: the server stops") == 20
    again = start()
    assert again.serial(other) == 9_999


def test_a_scan_deleted_while_its_data_is_sent_breaks_the_reply_off(start):
    server = start()
    scan, other = server.submit(MANY), server.submit(Log("loc://y"))
    server.finish(scan)
    with reader(server, scan) as connection:
        assert server.http.delete(f"/scan/{scan}").status_code == 200
        received = rest(connection)
    assert received
    assert not received.endswith(b"0\r\n\r\n")  # so that no client takes it for the whole
    assert b"</data>" not in received
    assert server.scan(other)["state"] == "Finished"
    assert "was deleted while" in server.errors
    server.stop()


def test_a_reader_that_goes_away_leaves_nothing_behind(start):
    server = start()
    scan = server.submit(MANY)
    server.finish(scan)
    for _ in range(3):
        with reader(server, scan):
            pass
    assert len(server.data(scan)["loc://x"]) == 100_000
    server.stop()
    assert server.errors == ""
