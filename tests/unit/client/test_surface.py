"""What both clients promise: the same methods, every foreign error translated, nothing imported too early."""

from __future__ import annotations

import inspect
import subprocess
import sys

import httpx
import pytest

from scan_sdk._http import ERRORS, translate
from scan_sdk.async_client import AsyncScanClient
from scan_sdk.client import ScanClient
from scan_sdk.errors import ConnectError, ReplyTimeout, ScanSdkError, TransportError

METHODS = sorted(name for name in vars(ScanClient) if not name.startswith("_") and name != "close")


def public(cls):
    return {name for name in dir(cls) if not name.startswith("_")}


def test_both_clients_have_the_same_methods():
    assert public(AsyncScanClient) - {"aclose"} == public(ScanClient) - {"close"} == set(METHODS)


@pytest.mark.parametrize("name", ["__init__", *METHODS])
def test_both_clients_have_the_same_signatures(name):
    blocking, awaited = getattr(ScanClient, name), getattr(AsyncScanClient, name)
    ours, theirs = inspect.signature(blocking), inspect.signature(awaited)
    assert ours.parameters == theirs.parameters
    assert str(ours.return_annotation).replace("Iterator", "AsyncIterator") == str(
        theirs.return_annotation
    ).replace("AsyncAsync", "Async")
    assert name in {"__init__", "watch", "follow"} or inspect.iscoroutinefunction(awaited)
    if name in {"watch", "follow"}:
        assert inspect.isasyncgenfunction(awaited)


@pytest.mark.parametrize("name", METHODS)
def test_both_clients_say_the_same_of_a_method(name):
    first, second = (inspect.getdoc(getattr(cls, name)) for cls in (ScanClient, AsyncScanClient))
    assert first is not None
    assert second is not None
    assert first.split("\n\n")[0] == second.split("\n\n")[0]


def test_trap_07_the_id_of_a_scan_cannot_be_forgotten():
    client = ScanClient()
    for name in ("abort", "pause", "resume", "next_command", "delete", "wait_until_done"):
        with pytest.raises(TypeError):
            getattr(client, name)()


# -- errors -------------------------------------------------------------------------------------------------


def subclasses(cls):
    yield cls
    for sub in cls.__subclasses__():
        yield from subclasses(sub)


FOREIGN = sorted(
    {
        error
        for name in dir(httpx)
        if isinstance(found := getattr(httpx, name), type) and issubclass(found, Exception)
        for error in subclasses(found)
        if error.__module__.startswith("httpx")
    },
    key=lambda error: error.__name__,
)


@pytest.mark.parametrize("error", FOREIGN)
def test_every_error_of_httpx_is_caught_and_translated(error):
    assert issubclass(error, tuple(ERRORS))
    ours = translate(error.__new__(error), "GET /scan/1", repeatable=True)
    assert isinstance(ours, ScanSdkError)
    assert str(ours).startswith("GET /scan/1: ")


@pytest.mark.parametrize(
    ("error", "ours", "sent"),
    [
        (httpx.ConnectError, ConnectError, False),
        (httpx.ConnectTimeout, ConnectError, False),
        (httpx.PoolTimeout, ConnectError, False),
        (httpx.ReadTimeout, ReplyTimeout, True),
        (httpx.WriteTimeout, ReplyTimeout, True),
        (httpx.ReadError, TransportError, True),
        (httpx.WriteError, TransportError, True),
        (httpx.RemoteProtocolError, TransportError, True),
    ],
)
def test_errors_tell_whether_the_request_may_have_arrived(error, ours, sent):
    found = translate(error("why"), "POST /scan/x", repeatable=False)
    assert type(found) is ours
    assert found.sent is sent
    assert ("may have received" in str(found)) is sent


# -- imports ------------------------------------------------------------------------------------------------


def test_no_type_of_httpx_shows():
    for cls in (ScanClient, AsyncScanClient):
        for name in ["__init__", *METHODS]:
            assert "http" not in str(inspect.signature(getattr(cls, name)))


def imported_by(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_httpx_is_imported_by_the_clients_only():
    assert "httpx" not in imported_by("import scan_sdk, scan_sdk.errors")
    assert "httpx" not in imported_by("import scan_sdk._protocol.flows, scan_sdk._protocol.control")
    modules = imported_by("import scan_sdk.client, scan_sdk.async_client")
    assert "httpx" in modules
    assert not modules & {"numpy", "starlette", "uvicorn", "scan_sdk.server", "requests"}
