"""Who may ask, over real sockets: tokens, addresses, and requests that pages of other sites make."""

import logging
import pickle
import socket

import httpx
import pytest

from scan_sdk import AccessRefused, AsyncScanClient, Comment, ScanClient
from scan_sdk.server import CannotListen, EmbeddedServer

TOKEN = "correct-horse"


@pytest.fixture(scope="module")
def open_server():
    with EmbeddedServer() as server:
        yield server


@pytest.fixture(scope="module")
def locked_server():
    with EmbeddedServer(token=TOKEN) as server:
        yield server


def get(server, path="/server/info", method="GET", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, server.url + path, headers=names, trust_env=False, verify=False)


# Tokens


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/server/info"),
        ("GET", "/server/shutdown"),
        ("GET", "/scans"),
        ("POST", "/scan/x"),
        ("POST", "/simulate"),
        ("PUT", "/scan/-1/abort"),
        ("DELETE", "/scans/completed"),
        ("GET", "/nothing"),
        ("GET", "/pages"),
        ("OPTIONS", "/scan/1"),
    ],
)
@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer \xe4"],
)
def test_without_the_token_nothing_is_told_or_done(locked_server, method, path, given):
    reply = get(locked_server, path, method, authorization=given.encode("latin-1"))
    assert (reply.status_code, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer TOKEN" in reply.text
    assert TOKEN not in reply.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_with_the_token_all_is_as_ever(locked_server, scheme):
    assert get(locked_server, authorization=f"{scheme} {TOKEN}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/page/anything.js"])
def test_the_page_itself_needs_no_token(locked_server, path):
    assert get(locked_server, path).status_code != 401


def test_no_path_that_looks_like_the_page_gets_around_the_token(locked_server):
    for path in ("/page/../server/info", "//server/info", "/page/%2e%2e/server/info", "/%2fserver/info"):
        with socket.create_connection(("127.0.0.1", locked_server.port)) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
            assert connection.recv(65536).split()[1] in {b"401", b"404"}


def test_the_clients_show_the_token(locked_server):
    with ScanClient(url=locked_server.url, token=TOKEN) as client:
        client.wait_until_done(client.submit([Comment("a")], "a"), timeout=10)


async def test_the_async_client_shows_the_token(locked_server):
    async with AsyncScanClient(url=locked_server.url, token=TOKEN) as client:
        assert (await client.server_info()).version


@pytest.mark.parametrize("token", [None, "wr0ng-token"])
def test_a_client_with_the_wrong_token_or_none_is_told_so(locked_server, token, caplog):
    with ScanClient(url=locked_server.url, token=token) as client:
        for call in (
            client.server_info,
            lambda: client.submit([Comment("a")], "a"),
            lambda: client.pause(1),
            lambda: client.delete(1),
            lambda: client.wait_until_done(1, timeout=10),
        ):
            with pytest.raises(AccessRefused, match="401 Unauthorized; it wants a token") as caught:
                call()
            assert "wr0ng" not in f"{caught.value}{vars(caught.value)}{pickle.dumps(caught.value)}"
    assert "wr0ng" not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("token", ["", "a b", "ä", "a\n"])
def test_a_token_that_http_cannot_carry_is_refused(token):
    with pytest.raises(ValueError, match="a token is at least one letter"):
        EmbeddedServer(token=token)


# Addresses


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_let_in_only_with_a_token_or_when_told_so(host):
    with pytest.raises(ValueError, match=f"whoever reaches {host} could move devices"):
        EmbeddedServer(host=host)
    assert EmbeddedServer(host=host, token=TOKEN).url.startswith("http://")
    assert EmbeddedServer(host=host, insecure=True).url.startswith("http://")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_addresses_of_this_machine_need_neither(host):
    with EmbeddedServer(host=host) as server:
        assert get(server).status_code == 200


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["::1", "::"])
def test_ipv6(host):
    with EmbeddedServer(host=host, insecure=True) as server, ScanClient(url=server.url) as client:
        assert server.url == f"http://[::1]:{server.port}"
        assert client.server_info().version


def test_all_addresses_are_reached_by_any_name():
    with EmbeddedServer(host="0.0.0.0", insecure=True) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        assert get(server, host="beamline.example:4810").status_code == 200
        assert get(server, host="beamline.example", origin="http://beamline.example").status_code == 200
        assert get(server, host="beamline.example", origin="http://elsewhere.example").status_code == 403


def test_a_host_that_is_not_this_machine_or_a_port_that_is_taken_is_named(open_server):
    with pytest.raises(CannotListen, match=r"cannot listen on nowhere.invalid: no such address"):
        EmbeddedServer(host="nowhere.invalid")
    with pytest.raises(CannotListen, match=r"cannot listen on .*: no such address"):
        EmbeddedServer(host="a" * 100)
    with pytest.raises(CannotListen, match=rf"on port {open_server.port} of 127.0.0.1: Address"):
        EmbeddedServer(port=open_server.port).start()
    with pytest.raises(CannotListen, match=r"cannot listen on port 0 of 192.0.2.1: "):
        EmbeddedServer(host="192.0.2.1", token=TOKEN).start()


# Browsers


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://localhost"},
        {"origin": "http://127.0.0.1:1"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "odd"},
        {"sec_fetch_site": "cross-site", "sec_fetch_dest": "document"},
        {"host": "evil.example"},
        {"host": "evil.example:4810", "origin": "http://evil.example:4810"},
        {"host": "evil.example", "sec_fetch_site": "same-origin"},
        {"host": "127.0.0.1.evil.example"},
        {"host": "localhost.evil.example"},
        {"host": "192.0.2.1"},
        {"host": "[2001:db8::1]:4810"},
        {"host": "["},
    ],
)
def test_what_pages_of_others_ask_is_refused_and_said_why(open_server, headers, caplog):
    with caplog.at_level(logging.WARNING, "scan_sdk"):
        reply = get(open_server, "/server/shutdown", **headers)
    assert reply.status_code == 403
    assert "Another web site" in reply.text or "serves its own machine only" in reply.text
    assert "refused with 403: GET '/server/shutdown' of 127.0.0.1" in caplog.text
    assert get(open_server).status_code == 200  # it goes on


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"user_agent": "python-requests"},
        {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin", "origin": "https://a-proxy.example"},
        {"host": "localhost:5000", "origin": "http://localhost:5000"},
        {"host": "LOCALHOST", "origin": "http://localhost"},
        {"host": "[::1]:4810"},
        {"host": "127.0.0.9"},
    ],
)
def test_programs_the_own_page_and_tunnels_are_let_through(open_server, headers):
    assert get(open_server, **headers).status_code == 200


def test_a_link_of_another_site_may_lead_to_the_page_but_not_put_it_in_a_frame(open_server):
    linked = {"sec_fetch_site": "cross-site", "sec_fetch_dest": "document"}
    assert get(open_server, "/", **linked).status_code != 403
    assert get(open_server, "/", **(linked | {"sec_fetch_dest": "iframe"})).status_code == 403


def test_behind_a_proxy_a_server_with_a_token_may_be_called_otherwise(locked_server):
    reply = get(locked_server, host="beamline.example", authorization=f"Bearer {TOKEN}")
    assert reply.status_code == 200


def test_a_client_without_a_host_header_is_a_program(open_server):
    with socket.create_connection(("127.0.0.1", open_server.port)) as connection:
        connection.sendall(b"GET /scans HTTP/1.0\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_each_request_is_logged_when_asked_for_in_one_line(open_server, caplog):
    with caplog.at_level(logging.DEBUG, "scan_sdk.server.web.guard"):
        get(open_server, "/scan/a%0Ab")
    assert "GET '/scan/a\\nb' of 127.0.0.1" in caplog.text
