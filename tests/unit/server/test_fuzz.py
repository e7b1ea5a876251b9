"""Whatever is sent, the server answers as it should, goes on, loses no scan and logs no traceback.

A quick version runs with the other tests, a long one with `-m fuzz`, for SCAN_SDK_FUZZ_SECONDS.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scan_sdk import Delay, Log, ScanClient, Set
from scan_sdk._wire.commands import write_commands
from scan_sdk.server import EmbeddedServer
from scan_sdk.testing import strategies

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 20_000
SECONDS = float(os.environ.get("SCAN_SDK_FUZZ_SECONDS", "60"))


class Target(NamedTuple):
    """A server with a scan that is done, one that runs, and one that waits; none of them may change."""

    server: EmbeddedServer
    held: tuple[object, ...]


def look(server: EmbeddedServer) -> tuple[object, ...]:
    """Return all that is known of the three."""
    with ScanClient(url=server.url) as client:
        infos = [client.scan_info(scan_id) for scan_id in (1, 2, 3)]
        texts = [client.scan_commands(scan_id).to_xml() for scan_id in (1, 2, 3)]
        values = client.get_data(1)["setpoint"].value
    return *((info.id, info.name, info.state) for info in infos), *texts, *values


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    with EmbeddedServer(largest_body=LARGEST) as server:
        with ScanClient(url=server.url) as client:
            client.wait_until_done(client.submit([Set("setpoint", 1), Log("setpoint")], "done"), timeout=10)
            running = client.submit([Delay(10_000)], "runs")
            next(info for info in client.watch(running) if info.state == "Running")
            client.submit([Delay(10_000)], "waits")
        yield Target(server, look(server))


# What is sent

WORDS = st.sampled_from(
    [
        *("scan", "scans", "simulate", "server", "info", "page", "completed", "data", "commands", "devices"),
        *("last_serial", "next", "pause", "resume", "abort", "move", "patch", "", ".", "..", "%2e%2e", "*"),
        *(
            "%00",
            "%",
            "%ff",
            "%C3%A4",
            "+",
            " ",
            "1.5",
            "-0",
            "00",
            "9" * 30,
            "x" * 300,
            "-1e3",
            ";a=b",
            "(",
            "\\",
        ),
    ]
)
# None of those that are held, so that whatever is done to a scan must be refused or without effect
IDS = st.sampled_from(["99", "-99", "2147483648", "9223372036854775807", "-9223372036854775808"])
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(
    ["1", "-1", "NaN", "1e999", '"', "]]>"]
)
METHODS = st.sampled_from(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "DISPATCH", "X"]
)
ODD_PATHS = st.lists(WORDS | IDS, max_size=5).map(lambda parts: "/" + "/".join(parts))
LIKELY = st.sampled_from(
    [
        *("POST /scan/{word}", "POST /scan/{word}", "POST /scan", "POST /simulate", "PUT /scan/{id}/patch"),
        *(
            "PUT /scan/{id}/{word}",
            "PUT /scan/{id}/move/{word}",
            "PUT /scan/{id}/move/{id}",
            "GET /scan/{id}",
        ),
        *("GET /scan/{id}/{word}", "GET /scan/{word}/{word}", "GET /server/{word}", "GET /scans/{word}"),
        *(
            "DELETE /scan/{id}",
            "DELETE /scan/{word}/{word}",
            "DELETE /scans/{word}",
            "HEAD /scan/{id}/{word}",
        ),
        *("OPTIONS /scan/{word}", "DISPATCH /scans", "PUT /scan/{word}/{word}", "GET /"),
    ]
)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["queue", "pre_post", "timeout", "deadline", "other", ""]),
        st.sampled_from(
            ["", "false", "FALSE", "0", "-1", "1.5", "9" * 25, "2030-02-31+00:00:00", "%", "%ff", "&", "=="]
        ),
    ),
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
ELEMENTS = st.sampled_from(
    ["commands", "patch", "set", "loop", "log", "device", "devices", "value", "body", "address"]
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Make XML that is nearly right, or bytes that are not."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return draw(st.binary(max_size=60))
    if kind == 1:
        inner = "".join(f"<{tag}>{draw(TEXTS)}</{tag}>" for tag in draw(st.lists(ELEMENTS, max_size=4)))
        return f"<{draw(ELEMENTS)}>{inner}".encode("utf-8", "replace")
    if kind == 2:
        tags = ("address", "property", "value")
        texts = draw(TEXTS), draw(st.sampled_from(["seconds", "value", "tolerance", "x", ""])), draw(TEXTS)
        inner = "".join(f"<{tag}>{text}</{tag}>" for tag, text in zip(tags, texts, strict=True))
        return f"<patch>{inner}</patch>".encode()
    if kind == 3:
        return f"<!DOCTYPE a [<!ENTITY b '{'c' * 20}'>]><commands>&b;</commands>".encode()
    if kind == 4:
        return b"<commands>" + b"<sequence><body>" * draw(st.sampled_from([1, 150, 900]))
    body = write_commands(draw(st.lists(strategies.commands(), max_size=2))).encode()
    place, length = draw(st.integers(0, len(body))), draw(st.integers(0, 9))
    return body[:place] + draw(st.binary(max_size=4)) + body[place + length :]


HEADERS = st.lists(
    st.sampled_from(
        [
            b"content-type: text/xml",
            b"content-type: application/xml; charset=latin-1",
            b"content-type: text/plain",
            b"content-type: \xff/xml",
            b"expect: 100-continue",
            b"expect: magic",
            b"connection: close",
            b"connection: upgrade\r\nupgrade: websocket",
            b"authorization: Bearer \xe4",
            b"origin: null",
            b"origin: http://elsewhere",
            b"sec-fetch-site: cross-site",
            b"accept: \x7f",
            b"cookie: " + b"x" * 2000,
            b"content-encoding: gzip",
            b"range: bytes=5-",
            b"x: \x00",
            b"no colon",
            b": empty",
        ]
    ),
    max_size=3,
)
FRAMINGS = st.sampled_from(["length"] * 6 + ["chunked", "none", "short", "garbage", "both"])


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Make a request for raw sockets; it touches no scan that is held."""
    likely = draw(st.sampled_from([True, True, True, False]))
    if likely:
        method, _, path = draw(LIKELY).format(word=draw(WORDS), id=draw(IDS)).partition(" ")
        headers = [
            b"content-type: text/xml",
            *(draw(HEADERS) if draw(st.sampled_from([True, False, False])) else []),
        ]
    else:
        method, path, headers = draw(METHODS), draw(ODD_PATHS), draw(HEADERS)
    if method == "DELETE" and path == "/scans/completed":
        path = "/"
    query = draw(QUERIES)
    target = (path + ("?" + query if query else "")).encode("ascii")
    target = target.replace(b" ", draw(st.sampled_from([b"%20", b" "])))
    body = draw(documents())
    lines = [
        method.encode() + b" " + target + b" HTTP/1.1",
        b"host: localhost",
        *headers,
        b"connection: close",
    ]
    match draw(FRAMINGS):
        case "length":
            lines.append(b"content-length: %d" % len(body))
        case "chunked":
            lines.append(b"transfer-encoding: chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        case "none":
            body = b""
        case "short":
            lines.append(b"content-length: %d" % (len(body) + 5))
        case "garbage":
            lines.append(
                b"content-length: " + draw(st.sampled_from([b"-1", b"x", b"1e3", b"", b"99999999999"]))
            )
        case _:
            lines += [b"content-length: 3", b"transfer-encoding: chunked"]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


# What must hold

WAIT = 0.1
"""Seconds after which no more is expected of the server."""

ABORT_ALL = re.compile(rb"^PUT /scan/-\d+/(abort|next|pause|resume|patch)")
FAULTS_OF_CALLERS = re.compile(
    rb"Unknown scan ID|Unknown request object|Error retrieving log data|no content type"
)


def exchange(port: int, request: bytes) -> bytes:
    """Send a request, and nothing after it; return all that comes back."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection, suppress(ConnectionError):
        connection.sendall(request)
        with suppress(TimeoutError):
            while piece := connection.recv(65536):
                received += piece
            return received
        connection.settimeout(10)
        connection.shutdown(socket.SHUT_WR)  # it waits for the rest of a request that has none
        while piece := connection.recv(65536):
            received += piece
    return received


def check(port: int, request: bytes) -> None:
    """Send a request, and see that what comes back is what a server should say."""
    answer = exchange(port, request)
    for status in re.findall(rb"^HTTP/1\.1 (\d+) ", answer, re.MULTILINE):
        assert status != b"500" or FAULTS_OF_CALLERS.search(answer) or request.startswith(b"HEAD"), answer
        assert int(status) < 600
        if 400 <= int(status) < 500 and not request.startswith(b"HEAD"):
            assert answer.partition(b"\r\n\r\n")[2].strip(), "a refusal without a reason"
    for scan_id in re.findall(rb"<id>(\d+)</id>\n$", answer):
        exchange(
            port, b"PUT /scan/%b/abort HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" % scan_id
        )


def check_all_is_well(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    assert look(target.server) == target.held
    broken = [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    assert not broken, broken


def fuzz(target: Target, caplog: pytest.LogCaptureFixture, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(requests() | st.binary(max_size=200))
    def attack(request: bytes) -> None:
        if not ABORT_ALL.match(request):
            check(target.server.port, request)

    attack()
    check_all_is_well(target, caplog)


def test_nothing_that_is_sent_disturbs_the_server(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    fuzz(target, caplog, 100)


@pytest.mark.fuzz
def test_nothing_that_is_sent_for_a_long_time_disturbs_the_server(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        fuzz(target, caplog, 500)
        caplog.clear()
