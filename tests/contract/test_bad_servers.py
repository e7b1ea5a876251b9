"""Servers that are not there, silent, broken or hostile: a typed error in time, and nothing left open."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from shutil import which
from typing import Self

import pytest

from scan_sdk.client import ScanClient
from scan_sdk.compose.alignment import Alignment
from scan_sdk.errors import (
    ConnectError,
    ProtocolError,
    ReplyTimeout,
    ScanRejected,
    TransportError,
    WaitTimeout,
)
from scan_sdk.models import Comment, Delay

TIMEOUT = 0.15
SLACK = 5.0
"""Seconds that a busy machine may need besides; a client that minds no limit waits for ten or for ever."""
"""What a busy machine may take on top of a timeout."""

Handler = Callable[[socket.socket], object]


class BadServer:
    """Accepts connections on the loopback address and leaves each to a function, in a thread of its own."""

    def __init__(self, handle: Handler, context: ssl.SSLContext | None = None) -> None:
        self._handle = handle
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.stopped = threading.Event()
        self.asked = threading.Event()
        """Set by the first whole request."""
        self.left = threading.Event()
        """Set when the client closes a connection."""
        self.requests: list[bytes] = []

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://localhost:{self.port}"

    def receive(self, connection: socket.socket) -> bytes:
        """Return the next request's head, empty where the client has left."""
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = connection.recv(65536)
            if not chunk:
                self.left.set()
                return b""
            head += chunk
        self.requests.append(head)
        self.asked.set()
        return head

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                self._start(lambda connection=connection: self._serve(connection))

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._connections.append(connection)
            with connection:
                self._handle(connection)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join()


@pytest.fixture
def serve() -> Iterator[Callable[..., BadServer]]:
    """Return what starts a server from `handle(server, connection)`; all are stopped at the end."""
    with contextlib.ExitStack() as stack:

        def serve(handle: Callable[[BadServer, socket.socket], object], context=None) -> BadServer:
            server = BadServer(lambda connection: handle(server, connection), context)
            return stack.enter_context(server)

        yield serve


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds + SLACK


def silent(server: BadServer, connection: socket.socket) -> None:
    server.receive(connection)
    server.receive(connection)


def sends(answer: bytes, *, close: bool = True) -> Callable[[BadServer, socket.socket], None]:
    def handle(server: BadServer, connection: socket.socket) -> None:
        while server.receive(connection):
            connection.sendall(answer)
            if close:
                return

    return handle


def page(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, headers, len(body), body)


SCAN = page(
    b"<scan><id>1</id><name>\xc2\xb5m</name><created>0</created><state>Running</state><runtime>5</runtime>"
    b"<address>-1</address><command></command></scan>"
)


# -- not there, silent, cut off -----------------------------------------------------------------------------


def test_a_server_that_is_not_there(make_client):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = make_client("127.0.0.1", port, timeout=5)
    for call in (client.server_info, lambda: client.submit(Delay(1)), lambda: client.wait_until_done(1)):
        with within(0.5), pytest.raises(ConnectError, match=f"http://127.0.0.1:{port}/") as caught:
            call()
        assert not caught.value.sent


def test_a_host_that_is_not_known(make_client):
    with pytest.raises(ConnectError) as caught:
        make_client("no-such-host.invalid").server_info()
    assert not caught.value.sent


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux drops connections that a full queue does not take"
)
def test_a_server_that_does_not_take_connections(make_client):
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        client = make_client(*listener.getsockname(), timeout=TIMEOUT)
        with within(TIMEOUT), pytest.raises(ConnectError, match="timed out") as caught:
            client.submit(Delay(1))
        assert not caught.value.sent


CALLS: dict[str, tuple[object, ...]] = {
    "server_info": (),
    "shutdown_server": (),
    "submit": (Delay(1),),
    "simulate": (Delay(1),),
    "scan_infos": (),
    "scan_info": (1,),
    "scan_commands": (1,),
    "scan_devices": (),
    "last_serial": (1,),
    "get_data": (1,),
    "wait_until_done": (1,),
    "watch": (1,),
    "follow": (1,),
    "time_left": (1,),
    "times_left": (),
    "align": (Alignment("motor_x", 0, 10, 1, signal="signal"),),
    "pause": (1,),
    "resume": (1,),
    "abort": (1,),
    "next_command": (1,),
    "pause_all": (),
    "resume_all": (),
    "abort_all": (),
    "next_command_all": (),
    "move": (1, 1),
    "patch": (1, 0, "value", 5),
    "delete": (1,),
    "clear": (),
}


def test_every_call_is_among_those_tried():
    assert {name for name in dir(ScanClient) if not name.startswith("_")} == {*CALLS, "close"}


@pytest.mark.parametrize("name", CALLS)
def test_trap_05_every_call_ends_where_the_server_says_nothing(make_client, serve, name):
    server = serve(silent)
    client = make_client(url=server.url, timeout=TIMEOUT)
    call = getattr(client, name)
    with within(TIMEOUT), pytest.raises(ReplyTimeout, match="timed out") as caught:
        next(call(1)) if name in {"watch", "follow"} else call(*CALLS[name])
    assert caught.value.sent
    assert isinstance(caught.value, TimeoutError)
    assert len(server.requests) == 1
    assert server.left.wait(1)


def test_a_lost_submit_says_that_it_may_be_queued(make_client, serve):
    server = serve(BadServer.receive)
    client = make_client(url=server.url)
    with pytest.raises(TransportError, match="may have received the request") as caught:
        client.submit(Delay(1))
    assert caught.value.sent
    assert len(server.requests) == 1


BROKEN_OFF = {
    "at once": b"",
    "in its headers": b"HTTP/1.1 200 OK\r\nContent-Le",
    "in its body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<scan>",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<scan>",
    "for another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
}


@pytest.mark.parametrize("answer", BROKEN_OFF.values(), ids=BROKEN_OFF)
def test_an_answer_that_breaks_off(make_client, serve, answer):
    server = serve(sends(answer))
    with within(0.5), pytest.raises(TransportError) as caught:
        make_client(url=server.url).scan_info(1)
    assert caught.value.sent
    assert type(caught.value) is TransportError
    assert len(server.requests) == 3


def test_an_answer_that_breaks_off_once(make_client, serve):
    answers = iter([b"", SCAN])

    def handle(server: BadServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(next(answers))

    assert make_client(url=serve(handle).url).scan_info(1).id == 1


# -- nonsense -----------------------------------------------------------------------------------------------

NONSENSE = {
    "a page": page(b"<html><body>Please log in</body></html>", headers=b"Content-Type: text/html\r\n"),
    "no XML": page(b"OK"),
    "broken XML": page(b"<scan><id>1</id>"),
    "another document": page(b"<devices/>"),
    "nothing": page(b""),
    "another status": page(b"", b"418 I'm a teapot"),
    "a redirect": page(b"", b"301 Moved Permanently", b"Location: http://elsewhere.invalid/scan/1\r\n"),
    "bytes": page(bytes(range(256))),
    "a bomb of entities": page(
        b'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><scan>&b;</scan>'
    ),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
def test_an_answer_that_makes_no_sense(make_client, serve, answer):
    server = serve(sends(answer, close=False))
    client = make_client(url=server.url)
    for call in (lambda: client.scan_info(1), lambda: client.get_data(1), client.scan_infos):
        with pytest.raises(ProtocolError):
            call()


def test_a_redirect_is_named_and_not_followed(make_client, serve):
    server = serve(sends(NONSENSE["a redirect"]))
    with pytest.raises(ProtocolError, match=r"elsewhere\.invalid"):
        make_client(url=server.url).scan_info(1)
    assert len(server.requests) == 1


def test_a_refusal_keeps_its_reason(make_client, serve):
    trace = b"java.lang.Exception: No device 'a & b'\n\tat org.csstudio.scan.X.y(X.java:1)"
    body = b"<error>\n<message>a & b failed to submit</message>\n<trace>\n%s\n</trace>\n</error>\n" % trace
    server = serve(sends(page(body, b"400 Bad Request")))
    with pytest.raises(ScanRejected, match=r"^No device 'a & b'$") as caught:
        make_client(url=server.url).submit(Delay(1))
    assert caught.value.trace == trace.decode()


# -- too much, too slow -------------------------------------------------------------------------------------


def chunked(head: bytes, again: bytes) -> Callable[[BadServer, socket.socket], None]:
    """Answer with chunks without end."""

    def handle(server: BadServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(head), head)
        )
        block = b"%x\r\n%s\r\n" % (len(again), again)
        try:
            while not server.stopped.is_set():
                connection.sendall(block)
        finally:
            server.left.set()

    return handle


SAMPLES = b'<sample id="0"><time>0</time><value>1.0</value></sample>' * 1000

ENDLESS = {
    "scan_info": (chunked(b"<scan>", b"x" * 65536), (1,)),
    "scan_infos": (chunked(b"<scans>", b"x" * 65536), ()),
    "get_data": (chunked(b"<data><device><name>x</name><samples>", SAMPLES), (1,)),
    "simulate": (chunked(b"<simulation><log>", b"x" * 65536), (Comment("x"),)),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_answer_without_end(make_client, serve, name):
    handle, args = ENDLESS[name]
    server = serve(handle)
    client = make_client(url=server.url, max_reply=4 * 2**20)
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError, match="longer than it may be") as caught:
            getattr(client, name)(*args)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 32 * 2**20
    assert len(caught.value.raw) <= 2000
    assert server.left.wait(5)


@pytest.mark.parametrize("name", ["scan_info", "get_data"])
def test_two_gigabytes_announced_are_not_received(make_client, serve, name):
    server = serve(sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n<data>", close=False))
    with within(0), pytest.raises(ProtocolError, match="longer than it may be"):
        getattr(make_client(url=server.url), name)(1)
    assert server.left.wait(1)


def drip(answer: bytes) -> Callable[[BadServer, socket.socket], None]:
    """Send byte by byte: each in good time, the whole never."""

    def handle(server: BadServer, connection: socket.socket) -> None:
        server.receive(connection)
        for byte in answer:
            connection.sendall(bytes([byte]))
            if server.stopped.wait(TIMEOUT / 20):
                return

    return handle


@pytest.mark.parametrize(
    "answer", [SCAN, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"<scan>" * 100]
)
def test_an_answer_that_drips(make_client, serve, answer):
    server = serve(drip(answer))
    with within(TIMEOUT), pytest.raises(ReplyTimeout):
        make_client(url=server.url, timeout=TIMEOUT).scan_info(1)


def test_data_may_take_their_time(make_client, serve):
    data = b"<data><device><name>x</name><samples>%s</samples></device></data>" % SAMPLES[:56]

    def handle(server: BadServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data))
        for start in range(0, len(data), 20):
            connection.sendall(data[start : start + 20])
            server.stopped.wait(0.1)

    server = serve(handle)
    with within(2):
        start = time.monotonic()
        assert list(make_client(url=server.url, timeout=TIMEOUT).get_data(1)) == ["x"]
        assert time.monotonic() - start > TIMEOUT


def test_data_that_stop_coming(make_client, serve):
    def handle(server: BadServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<data>")
        server.receive(connection)

    server = serve(handle)
    with within(TIMEOUT), pytest.raises(ReplyTimeout):
        make_client(url=server.url, timeout=TIMEOUT).get_data(1)
    assert server.left.wait(1)


def test_a_server_that_does_not_read(make_client, serve):
    server = serve(lambda server, connection: server.stopped.wait())
    client = make_client(url=server.url, timeout=TIMEOUT)
    with within(TIMEOUT + 1), pytest.raises(ReplyTimeout) as caught:  # the document takes a moment to write
        client.submit([Comment("x" * 1000)] * 10_000)
    assert caught.value.sent


# -- connections --------------------------------------------------------------------------------------------


def test_trap_13_a_connection_is_used_again_and_again(make_client, serve):
    connections = []

    def handle(server: BadServer, connection: socket.socket) -> None:
        connections.append(connection)
        sends(SCAN, close=False)(server, connection)

    client = make_client(url=serve(handle).url)
    for _ in range(5):
        client.scan_info(1)
    assert len(connections) == 1


def test_a_connection_that_the_server_closed_is_replaced(make_client, serve):
    server = serve(sends(SCAN))
    client = make_client(url=server.url)
    for _ in range(3):
        assert client.scan_info(1).id == 1


def test_the_environments_proxy_is_not_used(make_client, serve, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert make_client(url=serve(sends(SCAN)).url).scan_info(1).id == 1


def test_path_prefix_credentials_and_headers_are_sent(make_client, serve):
    server = serve(sends(SCAN))
    make_client(url=server.url + "/beam line/7/", auth=("me", "secret"), headers={"X-Key": "7"}).scan_info(3)
    request = server.requests[0].lower()
    assert request.startswith(b"get /beam%20line/7/scan/3 http/1.1\r\n")
    assert b"\r\nauthorization: basic bwu6c2vjcmv0\r\n" in request
    assert b"\r\nx-key: 7\r\n" in request
    assert b"\r\nhost: localhost:%d\r\n" % server.port in request


def test_a_closed_client_says_so(make_client, serve):
    server = serve(sends(SCAN, close=False))
    client = make_client(url=server.url)
    client.scan_info(1)
    client.close()
    with pytest.raises(RuntimeError, match="this client is closed"):
        client.scan_info(1)
    assert server.left.wait(1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Return the paths of a certificate for localhost, signed by itself, and of its key."""
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("makes a certificate with openssl")
    folder = tmp_path_factory.mktemp("tls")
    names = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return names


def test_https(make_client, serve, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = serve(sends(SCAN, close=False), context)
    with pytest.raises(ConnectError, match=r"(?i)certificate"):
        make_client(url=server.url).scan_info(1)
    assert not server.requests
    own = ssl.create_default_context(cafile=certificate[0])
    for verify in (certificate[0], str(certificate[0]), own, False):
        assert make_client(url=server.url, verify=verify).scan_info(1).id == 1


def test_authorities_in_a_folder(make_client, serve, certificate, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with pytest.raises(ConnectError, match=r"(?i)certificate"):
        make_client(url=serve(sends(SCAN), context).url, verify=tmp_path).scan_info(1)


def test_https_to_a_server_without(make_client, serve):
    server = serve(sends(SCAN))
    with pytest.raises(ConnectError):
        make_client(url=server.url.replace("http", "https"), timeout=TIMEOUT).scan_info(1)


def test_authorities_that_are_not_there_are_an_error_at_once(make_client, tmp_path):
    with pytest.raises(FileNotFoundError):
        make_client(url="https://localhost", verify=tmp_path / "missing.pem")


# -- interrupts ---------------------------------------------------------------------------------------------


def interrupt(when: threading.Event) -> threading.Thread:
    """Press Ctrl-C as soon as an event has happened."""

    def press() -> None:
        when.wait()
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    return thread


@pytest.mark.parametrize("answering", [False, True], ids=["in a request", "between requests"])
def test_trap_03_the_first_interrupt_ends_waiting_at_once(make_client, serve, answering):
    server = serve(sends(SCAN, close=False) if answering else silent)
    client = make_client(url=server.url, timeout=30)
    pressing = interrupt(server.asked)
    with within(0.5), pytest.raises(KeyboardInterrupt):
        client.wait_until_done(1)
    pressing.join()


def test_trap_03_waiting_ends_in_time_on_a_server_that_falls_silent(make_client, serve):
    answers = iter([SCAN])

    def handle(server: BadServer, connection: socket.socket) -> None:
        while server.receive(connection):
            for answer in answers:
                connection.sendall(answer)
                break

    client = make_client(url=serve(handle).url, timeout=30)
    with within(TIMEOUT), pytest.raises(WaitTimeout) as caught:
        client.wait_until_done(1, timeout=timedelta(seconds=TIMEOUT))
    assert caught.value.info.name == "µm"
