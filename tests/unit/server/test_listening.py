"""Clients that are slow, silent, too many or no HTTP at all."""

import asyncio
import contextlib
import logging
import socket

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from scan_sdk import ScanClient, Sequence, Set
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.web import listening
from scan_sdk.server.web.listening import PatientProtocol

XML = {"content-type": "text/xml"}


@pytest.fixture(scope="module")
def server():
    with EmbeddedServer(largest_body=100_000) as server:
        yield server


@pytest.fixture
def impatient(server, monkeypatch):
    """A server that gives up what does not come at once."""
    monkeypatch.setattr(listening, "PATIENCE", 0.2)
    return server


@pytest.fixture
def wary(server, monkeypatch):
    """A server that gives up late enough for what a busy machine sends at once."""
    monkeypatch.setattr(listening, "PATIENCE", 1.0)
    return server


def scans(server):
    """Return how many scans there are."""
    return get(server).text.count("<scan>")


def get(server):
    return httpx.get(f"{server.url}/scans", trust_env=False, verify=False)


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def answer(connection):
    """Return all that comes until the server closes."""
    pieces = []
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            pieces.append(piece)
    return b"".join(pieces)


def one_answer(connection):
    """Return the first answer, which says how long it is."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + body


GET = b"GET /scans HTTP/1.1\r\nhost: localhost\r\n\r\n"
HEAD = b"POST /scan/slow HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/xml\r\n"


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /sc",
        b"GET /scans HTTP/1.1\r\nhost: loc",
        HEAD + b"content-length: 100\r\n\r\n<comm",
        HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n<comm\r\n",
    ],
)
def test_a_request_that_does_not_come_to_its_end_is_given_up(impatient, beginning):
    with connect(impatient) as connection:
        connection.sendall(beginning)
        assert answer(connection).startswith(b"HTTP/1.1 408 ")
    assert scans(impatient) == 0


def test_a_second_request_on_a_connection_has_no_more_time(wary):
    with connect(wary) as connection:
        connection.sendall(GET + HEAD + b"content-length: 10\r\n\r\n")
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"HTTP/1.1 408 " in received


def test_a_rest_that_is_not_wanted_is_not_waited_for_either(wary):
    with connect(wary) as connection:
        connection.sendall(HEAD + b"content-length: 1000000\r\n\r\n")
        received = answer(connection)
        assert received.startswith(b"HTTP/1.1 413 ")
        assert b" 408 " not in received


def test_a_client_that_takes_its_time_between_requests_is_kept(wary):
    with connect(wary) as connection:
        for _ in range(3):
            connection.sendall(GET)
            assert one_answer(connection).startswith(b"HTTP/1.1 200 ")
            connection.settimeout(0.4)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            connection.settimeout(10)


@pytest.mark.slow
def test_a_client_that_does_not_take_its_answer_is_given_up_and_disturbs_nobody(impatient):
    with ScanClient(url=impatient.url) as client:
        client.submit(Sequence(*(Set("setpoint", "x" * 900) for _ in range(90))), "x" * 5000)
        last = [client.submit([Sequence()], "x" * 5000) for _ in range(300)][-1]
        client.wait_until_done(last, timeout=10)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(10)
            connection.connect(("127.0.0.1", impatient.port))
            connection.sendall(GET * 10)
            for _ in range(50):  # others are answered meanwhile
                client.scan_infos()
            received = answer(connection)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.count(b"</scans>") < 10
        client.clear()


def test_a_client_on_a_slow_line_gets_its_whole_answer(server):
    document = b"<commands><comment><text>" + b"x" * 90_000 + b"</text></comment></commands>"
    with connect(server) as connection:
        connection.sendall(HEAD + b"content-length: %d\r\n\r\n" % len(document) + document)
        scan_id = int(one_answer(connection).partition(b"<id>")[2].partition(b"<")[0])
    ask = f"GET /scan/{scan_id}/commands HTTP/1.1\r\nhost: localhost\r\n".encode()
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # as little as the system allows
        connection.settimeout(10)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall((ask + b"\r\n") * 39 + ask + b"connection: close\r\n\r\n")
        assert answer(connection).count(b"</commands>") == 40
    assert httpx.delete(f"{server.url}/scans/completed", verify=False).status_code == 200


class SlowLine(asyncio.Transport):
    """A connection whose other end takes some bytes between two looks, and then no more."""

    def __init__(self, *untaken):
        super().__init__()
        self.untaken = list(untaken)
        self.aborted = asyncio.Event()

    def get_write_buffer_size(self):
        return self.untaken.pop(0)

    def abort(self):
        self.aborted.set()

    def close(self):
        pass


async def test_a_client_is_waited_for_as_long_as_it_takes_anything(monkeypatch):
    monkeypatch.setattr(listening, "PATIENCE", 0.001)
    config = uvicorn.Config(lambda: None, log_config=None, ws="none", lifespan="off")
    protocol = PatientProtocol(config, ServerState(), {})
    line = SlowLine(100, 80, 60, 60, 20)
    protocol.connection_made(line)
    protocol.pause_writing()
    await line.aborted.wait()
    assert line.untaken == [20]
    protocol.resume_writing()
    protocol.connection_lost(None)


def test_more_clients_than_there_is_room_for_are_told_so(monkeypatch):
    monkeypatch.setattr(listening, "MOST_CONNECTIONS", 3)
    with EmbeddedServer() as server:
        silent = [connect(server) for _ in range(3)]
        with connect(server) as connection:
            assert answer(connection).startswith(b"HTTP/1.1 503 ")
        for connection in silent:
            connection.sendall(GET)
            assert one_answer(connection).startswith(b"HTTP/1.1 200 ")
            connection.close()
        while (reply := get(server)).status_code == 503:
            pass
        assert reply.status_code == 200


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a browser that tries TLS
        b"GET  /scans HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /sc ans HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /scans HTTP/1.1\r\n\r\n",
        b"GET /scans HTTP/1.1\r\nhost: localhost\r\nhost: other\r\n\r\n",
        b"GET /scans HTTP/1.1\r\nhost: localhost\r\na b: c\r\n\r\n",
        b"GET /scans HTTP/1.1\r\nhost: localhost\r\na: \x00\r\n\r\n",
        b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"GET /scans HTTP/1.1\r\nhost: localhost\r\n" + b"a: b\r\n" * 20_000,
        *(
            HEAD + f"content-length: {length}\r\n\r\n<commands/>".encode()
            for length in ("-1", "+5", "0x10", "1.5", "five", "", "1e3", "9" * 5000)
        ),
        HEAD + b"content-length: 5\r\ncontent-length: 6\r\n\r\n<commands/>",
        HEAD + b"transfer-encoding: gzip\r\n\r\n<commands/>",
        HEAD + b"transfer-encoding: chunked\r\n\r\nZZ\r\n<commands/>",
        HEAD + b"transfer-encoding: chunked\r\n\r\n-1\r\n<commands/>",
    ],
)
def test_what_is_no_http_is_refused_and_leaves_no_trace(server, noise, caplog):
    with caplog.at_level(logging.INFO), connect(server) as connection:
        with contextlib.suppress(ConnectionError):  # where it did not care for the rest
            connection.sendall(noise)
        received = answer(connection)
    assert received.split()[1:2] in ([b"400"], [b"501"], [])
    assert not [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    assert scans(server) == 0


def test_garbage_after_an_early_answer_ends_the_connection_only(server, caplog):
    with connect(server) as connection:
        connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
        connection.sendall((b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n") * 2)
        assert one_answer(connection).startswith(b"HTTP/1.1 413 ")
        connection.sendall(b"ZZ\r\n")
        assert b"HTTP" not in answer(connection)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("ending", [b"", b"<comm"])
def test_a_client_that_leaves_in_the_middle_of_its_request_submits_nothing(server, ending, caplog):
    with connect(server) as connection:
        connection.sendall(HEAD + b"content-length: 11\r\n\r\n" + ending)
    assert scans(server) == 0
    assert not [record for record in caplog.records if record.exc_info]


def test_a_shorter_length_than_the_body_is_taken_by_its_word(server):
    with connect(server) as connection:
        connection.sendall(HEAD + b"content-length: 5\r\n\r\n<commands/>\r\n\r\n")
        received = answer(connection)
    assert received.count(b"HTTP/1.1 400 ") == 2  # half a document, and then a request that is none
