"""Both clients follow scans of the embedded server, as it is and as a server that only sends whole logs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

import scan_sdk._http as http
from scan_sdk.async_client import AsyncScanClient
from scan_sdk.data import ScanData
from scan_sdk.errors import ConnectError, ScanFailed, UnknownScan, WaitTimeout
from scan_sdk.models import Delay, Log, Loop, PvConfig, ScanConfig, ScanState, Script, Set
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIT = """
from org.csstudio.scan.command import ScanScript


class Fit(ScanScript):
    def run(self, context):
        context.logData("fit", [1.0, 2.0, 3.0])
        context.logData("x", [10.0, 20.0])
"""
DEVICES = tuple(PvConfig(name=f"loc://{name}(0)", alias=name) for name in ("x", "y"))
TEXT = PvConfig(name='loc://text("")', alias="text")


def make_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have servers pass over `after`, and not say that they take it."""
    monkeypatch.setattr(Store, "is_orderly", lambda *_: False)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("scripts")
    (folder / "fit.py").write_text(FIT)
    with EmbeddedServer(ScanConfig(paths=(str(folder),), pvs=(*DEVICES, TEXT))) as server:
        yield server.url


@pytest.fixture
def client(url: str, make_client: Any) -> Iterator[Any]:
    client = make_client(url=url)
    yield client
    client.abort_all()
    client.clear()


@pytest.fixture(params=["with after", "plain"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        make_plain(monkeypatch)
    return request.param


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what clients ask for, as it grows."""
    requests: list[str] = []
    for cls in (http.Transport, http.AsyncTransport):

        def note(self, operation, deadline, exchange=cls.exchange):
            requests.append(operation.target)
            return exchange(self, operation, deadline)

        monkeypatch.setattr(cls, "exchange", note)
    return requests


def parts(requests: list[str]) -> list[str]:
    return [target for target in requests if "/data" in target]


# -- what is told -------------------------------------------------------------------------------------------


def test_what_was_followed_is_what_was_logged(client, kind, asked):
    steps = Loop("x", 1, 5, 1, [Loop("y", 1, 3, 1, [Log("y"), Delay(0.02)]), Log("x", "y")])
    scan_id = client.submit([steps, Set("text", "off"), Log("text")])
    pieces = list(client.follow(scan_id))
    assert len(pieces) > 1
    assert ScanData.concat(pieces) == client.get_data(scan_id)
    assert any("after=" in target for target in asked) == (kind == "with after")


def test_samples_come_while_the_scan_runs(client, kind):
    scan_id = client.submit([Log("x"), Delay(60), Log("x")])
    news = client.follow(scan_id)
    assert next(news)["x"].serial.tolist() == [0]
    client.next_command(scan_id)
    assert [piece["x"].serial.tolist() for piece in news] == [[1]]


def test_a_scan_that_is_done_is_told_at_once(client, kind, asked):
    scan_id = client.submit([Log("x"), Log("x", "y")])
    client.wait_until_done(scan_id)
    asked.clear()
    [piece] = client.follow(scan_id)
    assert asked == [f"/scan/{scan_id}", f"/scan/{scan_id}/data"]
    assert piece == client.get_data(scan_id)


def test_a_scan_that_logs_nothing_has_no_pieces(client, kind):
    assert list(client.follow(client.submit(Delay(0.1)))) == []


@pytest.mark.parametrize(
    ("end", "state"),
    [(Delay(0), ScanState.FINISHED), (Set("x", "abc"), ScanState.FAILED), (Delay(60), ScanState.ABORTED)],
    ids=["finished", "failed", "aborted"],
)
def test_following_ends_however_the_scan_does(client, end, state):
    scan_id = client.submit([Log("x"), end])
    news = client.follow(scan_id)
    pieces = [next(news)]
    if state is ScanState.ABORTED:
        client.abort(scan_id)
    pieces += news
    assert ScanData.concat(pieces) == client.get_data(scan_id)
    assert client.scan_info(scan_id).state is state


@pytest.mark.slow
def test_a_paused_scan_is_followed_on(client, kind):
    scan_id = client.submit([Log("x"), Delay(60), Log("y")])
    news = client.follow(scan_id)
    next(news)
    client.pause(scan_id)
    late = client.follow(scan_id)
    assert next(late)["x"].serial.tolist() == [0]
    client.resume(scan_id)
    client.next_command(scan_id)
    assert [set(piece) for piece in news] == [set(piece) for piece in late] == [{"y"}]


def test_what_a_script_logs_is_told_once(client, kind, asked):
    """Its serials count from 0, among those that were told before: the server takes no `after` then."""
    steps = Loop("x", 1, 4, 1, [Log("x", "y"), Delay(0.02)])
    scan_id = client.submit([steps, Script("Fit"), Delay(0.1), steps, Script("Fit"), Log("y")])
    pieces = list(client.follow(scan_id))
    assert ScanData.concat(pieces) == client.get_data(scan_id)
    assert pieces[0]["x"].serial[0] == 0
    assert sum(len(piece.get("fit", ())) for piece in pieces) == 6
    assert "after" not in parts(asked)[-1]


def test_pieces_have_types_of_their_own_and_the_whole_has_its_own(client, monkeypatch):
    scan_id = client.submit([Set("text", "1.0"), Log("text"), Delay(60), Set("text", "off"), Log("text")])
    news = client.follow(scan_id)
    pieces = [next(news)]
    client.next_command(scan_id)
    pieces += news
    assert [piece["text"].kind for piece in pieces] == ["numbers", "text"]
    assert ScanData.concat(pieces) == client.get_data(scan_id)


@pytest.mark.parametrize("plain", [True, False])
def test_scans_on_a_virtual_clock_are_followed(make_client, monkeypatch, plain):
    if plain:
        make_plain(monkeypatch)
    with EmbeddedServer(clock="virtual") as server:
        client = make_client(url=server.url)
        scan_id = client.submit(Loop("motor_x", 1, 5000, 1, [Log("motor_x", "neutrons"), Delay(1)]))
        assert ScanData.concat(client.follow(scan_id)) == client.get_data(scan_id)


# -- what goes wrong ----------------------------------------------------------------------------------------


def test_an_unknown_scan_is_an_error_at_once(client):
    with pytest.raises(UnknownScan):
        next(client.follow(987654))


def test_a_scan_in_the_queue_that_is_deleted_is_an_error(client):
    client.submit(Delay(60))
    waiting = client.submit(Log("x"))
    news = client.follow(waiting)
    client.abort(waiting)
    client.delete(waiting)
    with pytest.raises(UnknownScan):
        next(news)


def test_following_ends_with_its_timeout(client):
    scan_id = client.submit([Log("x"), Delay(60)])
    start = time.monotonic()
    with pytest.raises(WaitTimeout, match="still Running"):
        list(client.follow(scan_id, timeout=0.4))
    assert time.monotonic() - start >= 0.4
    assert client.scan_info(scan_id).state is ScanState.RUNNING


def test_a_loop_left_early_leaves_nothing_open(client):
    scan_id = client.submit([Log("x"), Delay(60)])
    for news in client.follow(scan_id):
        assert news["x"].serial.tolist() == [0]
        break
    assert client.scan_info(scan_id).state is ScanState.RUNNING


@pytest.mark.slow
def test_a_restart_of_the_server_is_ridden_out(make_client, tmp_path):
    with EmbeddedServer(data_log=tmp_path) as server:
        client = make_client(url=server.url, timeout=5)
        port = server.port
        scan_id = client.submit(Loop("setpoint", 1, 3, 1, [Log("setpoint"), Delay(60)]))
        news = client.follow(scan_id)
        pieces = [next(news)]
        client.next_command(scan_id)
        pieces.append(next(news))
    with EmbeddedServer(data_log=tmp_path, port=port):
        pieces += news
        assert ScanData.concat(pieces) == client.get_data(scan_id)
        assert client.scan_info(scan_id).is_done


@pytest.mark.slow
def test_patience_has_an_end(make_client):
    with EmbeddedServer() as server:
        client = make_client(url=server.url, timeout=5)
        news = client.follow(client.submit([Log("setpoint"), Delay(60)]), patience=0.1)
        next(news)
    with pytest.raises(ConnectError):
        list(news)


def test_the_end_of_a_failed_scan_is_for_the_caller_to_look_at(client):
    scan_id = client.submit([Log("x"), Set("x", "abc")])
    list(client.follow(scan_id))
    with pytest.raises(ScanFailed):
        client.wait_until_done(scan_id)


async def test_cancellation_ends_following_at_once(url):
    async with AsyncScanClient(url=url) as client:
        scan_id = await client.submit([Log("x"), Delay(60)])
        told = asyncio.Event()

        async def follow() -> None:
            async for _ in client.follow(scan_id):
                told.set()

        task = asyncio.create_task(follow())
        await told.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await client.scan_info(scan_id)).state is ScanState.RUNNING
        await client.abort(scan_id)


@pytest.mark.slow
async def test_many_follow_one_scan(url):
    async with AsyncScanClient(url=url) as client:
        scan_id = await client.submit(Loop("x", 1, 20, 1, [Log("x"), Delay(0.02)]))

        async def follow() -> ScanData:
            return ScanData.concat([news async for news in client.follow(scan_id)])

        found = await asyncio.gather(*(follow() for _ in range(5)))
        whole = await client.get_data(scan_id)
        assert all(one == whole for one in found)
