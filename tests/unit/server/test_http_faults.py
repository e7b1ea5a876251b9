"""Requests that are made to go wrong, as the client meets them."""

from __future__ import annotations

import threading
from typing import get_args

import httpx
import pytest

from scan_sdk import (
    Comment,
    Delay,
    ProtocolError,
    ReplyTimeout,
    ScanClient,
    ScanSdkError,
    ServerError,
    Set,
    TransportError,
)
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.testing.faults import Request, request_name


@pytest.fixture
def server():
    with EmbeddedServer(clock="virtual") as server:
        yield server


@pytest.fixture
def client(server):
    with ScanClient(url=server.url) as client:
        yield client


def test_a_request_is_answered_with_an_error(server, client):
    server.fail_next("submit", 500, reason="the queue is full")
    with pytest.raises(ServerError, match="the queue is full"):
        client.submit(Comment("a"))
    assert client.scan_infos() == ()
    client.submit(Comment("a"))


def test_an_error_may_have_a_document(server):
    server.fail_next("any", 500, body="<error/>")
    server.fail_next("any", 404, body="no")
    server.fail_next("any", 503)
    first, second, third = (httpx.get(f"{server.url}/scans") for _ in range(3))
    assert (first.status_code, first.text, first.headers["content-type"]) == (
        500,
        "<error/>",
        "text/xml;charset=utf-8",
    )
    assert (second.status_code, second.text, second.headers["content-type"]) == (
        404,
        "no",
        "text/plain;charset=utf-8",
    )
    assert third.status_code == 503
    assert "Injected by a test" in third.text


def test_a_scan_whose_submission_got_no_answer_may_be_queued_all_the_same(server, client):
    server.fail_next("submit", "lost reply")
    with pytest.raises(TransportError) as caught:
        client.submit(Delay(1), "there")
    assert caught.value.sent
    assert [info.name for info in client.scan_infos()] == ["there"]


def test_a_request_may_be_lost(server, client):
    server.fail_next("submit", "lost request")
    with pytest.raises(TransportError) as caught:
        client.submit(Delay(1), "not there")
    assert caught.value.sent
    assert client.scan_infos() == ()


def test_a_request_may_get_no_reply_until_the_client_gives_up(server, client):
    server.fail_next("submit", "no reply")
    with ScanClient(url=server.url, timeout=0.1) as impatient, pytest.raises(ReplyTimeout) as caught:
        impatient.submit(Delay(1))
    assert caught.value.sent
    assert client.scan_infos() == ()


def test_a_long_request_is_answered_with_an_error_as_well(server, client):
    server.fail_next("submit", 500, reason="too much")
    with pytest.raises(ServerError, match="too much"):
        client.submit([Comment("long " * 200_000)])


def hanging(client):
    """Submit a scan on another thread, and return that thread and what comes of it."""
    found = []

    def submit():
        try:
            client.submit(Delay(1))
        except ScanSdkError as error:
            found.append(error)

    thread = threading.Thread(target=submit)
    thread.start()
    return thread, found


@pytest.mark.parametrize("end", [EmbeddedServer.clear_faults, EmbeddedServer.stop])
def test_a_request_without_a_reply_ends_when_it_is_released(server, client, end):
    arrived = threading.Event()
    server.fail_next("submit", "no reply")
    plan = server._running._faults
    released_or_gone = plan._released_or_gone

    async def noticed(receive):
        arrived.set()
        await released_or_gone(receive)

    plan._released_or_gone = noticed
    thread, found = hanging(client)
    assert arrived.wait(10)
    end(server)
    thread.join(10)
    assert [type(error) for error in found] == [TransportError]


def test_a_request_that_may_be_repeated_gets_through_the_next_time(server, client):
    server.fail_next("scan_infos", "lost reply")
    assert client.scan_infos() == ()
    server.fail_next("scan_infos", "lost request", times=3)
    with pytest.raises(TransportError):
        client.scan_infos()
    assert client.scan_infos() == ()


def test_only_requests_of_that_kind_fail(server, client):
    server.fail_next("get_data", 500)
    scan_id = client.submit(Set("setpoint", 1))
    client.wait_until_done(scan_id, timeout=30)
    client.scan_commands(scan_id)
    with pytest.raises(ServerError):
        client.get_data(scan_id)
    client.get_data(scan_id)


def test_a_lost_reply_may_be_long(server, client):
    scan_id = client.submit([Comment("long " * 100_000)])
    server.fail_next("scan_commands", "lost reply", times=3)
    with pytest.raises(TransportError):
        client.scan_commands(scan_id)
    assert client.scan_commands(scan_id)


def test_faults_can_be_taken_back(server, client):
    server.fail_next("any", "lost request", times=1000)
    server.clear_faults()
    assert client.scan_infos() == ()


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("submt", 500), {}, "'submt' is neither"),
        (("submit",), {}, "say how"),
        (("submit", 500), {"device": "motor_x"}, "say how"),
        (("submit", 500), {"reason": "a", "body": "b"}, "not both"),
        (("submit", "lost reply"), {"reason": "a"}, "goes with an HTTP status"),
        (("submit", 200), {}, "200 is no error"),
        (("submit", "gone"), {}, "'gone' is none of lost request, lost reply, no reply"),
        (("submit", "no reply"), {"body": "abc"}, "goes with an HTTP status"),
        (("submit", 500), {"times": 0}, "0 is none"),
        (("write",), {}, "name the device"),
        (("write", 500), {"device": "motor_x"}, "name the device"),
        (("read",), {"device": "nonsense://x"}, "unknown PV type"),
    ],
)
def test_nonsense_is_refused(server, arguments, options, message):
    with pytest.raises(ValueError, match=message):
        server.fail_next(*arguments, **options)
    assert httpx.get(f"{server.url}/scans").status_code == 200


def test_a_server_that_is_not_running_fails_nothing():
    with pytest.raises(RuntimeError, match="not running"):
        EmbeddedServer().fail_next("any", 500)


def calls(client):
    """Yield what each method of the client is called with, in an order in which all of them succeed."""
    commands = [Delay(10)] * 5
    running = client.submit(commands)
    waiting, last = client.submit(commands), client.submit(commands)
    for name in ("server_info", "scan_infos", "pause_all", "resume_all"):
        yield name, ()
    for name in ("submit", "simulate"):
        yield name, (commands,)
    for name in ("scan_info", "scan_commands", "scan_devices", "last_serial", "get_data", "pause", "resume"):
        yield name, (running,)
    yield "next_command_all", ()
    yield "move", (waiting, 1)
    yield "patch", (last, 0, "seconds", 2)
    yield "abort", (last,)
    yield "delete", (last,)
    for name in ("abort_all", "clear", "shutdown_server"):
        yield name, ()


def test_each_kind_of_request_goes_by_the_method_that_makes_it(server, client):
    names = {"any", "next_command"}
    with server.virtual_clock.held():
        for name, arguments in calls(client):
            server.fail_next(name, 418)
            with pytest.raises(ProtocolError, match="Teapot"):
                getattr(client, name)(*arguments)
            getattr(client, name)(*arguments)
            names.add(name)
    assert names == set(get_args(Request))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nonsense"), ("GET", "/scan/1/nonsense"), ("GET", "/scan/1/data/more"), ("PUT", "/scan")],
)
def test_a_request_that_no_method_makes_has_no_name(method, path):
    assert request_name(method, path) is None


def test_the_name_of_next_command_is_not_that_of_its_path():
    assert request_name("PUT", "/scan/7/next") == "next_command"
