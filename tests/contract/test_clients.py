"""Both clients against the embedded server: what users do, and the traps that they no longer fall into."""

from __future__ import annotations

import asyncio
import pickle
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import scan_sdk._http as http
from scan_sdk.async_client import AsyncScanClient
from scan_sdk.client import ScanClient
from scan_sdk.errors import (
    CommandRefused,
    ConnectError,
    InvalidCommands,
    ScanAborted,
    ScanFailed,
    ScanLogged,
    ScanRejected,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import Comment, Delay, If, Log, Loop, Parallel, ScanState, Set, Wait
from scan_sdk.sequence import CommandSequence
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXED_POLL = 11
"""Requests that a poll each 100 ms needs for a scan of one second."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with EmbeddedServer() as server:
        yield server.url


@pytest.fixture
def client(url: str, make_client: Any) -> Iterator[Any]:
    client = make_client(url=url)
    yield client
    client.abort_all()
    client.clear()


@pytest.fixture
def long(client: Any) -> int:
    """Return the id of a scan that runs, and would for a minute."""
    scan_id = client.submit([Delay(60), Set("setpoint", 10), Log("setpoint")], "Long")
    return running(client, scan_id)


def running(client: Any, scan_id: int) -> int:
    for info in client.watch(scan_id):
        if info.state is ScanState.RUNNING and info.address >= 0:
            break
    return scan_id


# -- the main job -------------------------------------------------------------------------------------------


def test_from_commands_to_data(client):
    commands = [
        Loop(
            "motor_x", 1, 3, 1, [Set("setpoint", 5), Loop("motor_y", 1, 2, 1, Log("motor_y")), Log("motor_x")]
        )
    ]
    simulated = client.simulate(commands)
    assert "Loop 'motor_x' = 1.0" in simulated.log
    assert simulated.seconds > 0
    scan_id = client.submit(commands, "Data Demo")
    info = client.wait_until_done(scan_id, timeout=20)
    assert (info.id, info.name, info.state, info.percentage) == (
        scan_id,
        "Data Demo",
        ScanState.FINISHED,
        100,
    )
    assert client.last_serial(scan_id) == 8
    data = client.get_data(scan_id)
    assert data["motor_x"].value.tolist() == [1, 2, 3]
    assert data["motor_y"].value.tolist() == [1, 2, 1, 2, 1, 2]
    assert {"motor_x", "motor_y", "setpoint"} <= {device.alias for device in client.scan_devices(scan_id)}
    assert client.scan_commands(scan_id) == CommandSequence(commands)
    assert client.scan_infos()[0] == info
    client.delete(scan_id)
    with pytest.raises(UnknownScan):
        client.scan_info(scan_id)


def test_a_download_tells_how_far_it_is(client):
    scan_id = client.submit(Loop("setpoint", 1, 200, 1, Log("setpoint")))
    client.wait_until_done(scan_id, timeout=20)
    told: list[int] = []
    data = client.get_data(scan_id, progress=told.append)
    assert len(data["setpoint"]) == 200
    assert told == sorted(told)
    assert told[-1] > 200 * len("<sample id='0'><time>1</time><value>1.0</value></sample>")


def test_values_can_stay_as_they_were_written(client):
    scan_id = client.submit([Set("setpoint", 5), Log("setpoint")])
    client.wait_until_done(scan_id, timeout=20)
    assert client.get_data(scan_id, values="text")["setpoint"].value.tolist() == ["5.0"]


def test_an_error_of_who_watches_a_download_ends_it(client):
    scan_id = client.submit(Set("setpoint", 5))
    client.wait_until_done(scan_id, timeout=20)
    with pytest.raises(ZeroDivisionError):
        client.get_data(scan_id, progress=lambda count: count / 0)
    assert list(client.get_data(scan_id)) == []


def test_the_server_tells_of_itself(client):
    assert client.server_info().version
    assert "motor_x" in {device.alias for device in client.scan_devices()}


def test_a_file_can_be_submitted(client, tmp_path):
    path = tmp_path / "scan.scn"
    path.write_text(CommandSequence(Comment("from a file")).to_xml())
    for source in (path, str(path), path.read_text()):
        scan_id = client.submit(source)
        assert client.wait_until_done(scan_id, timeout=10).name == "UnNamed"
        assert client.scan_commands(scan_id) == CommandSequence(Comment("from a file"))


@pytest.mark.parametrize("name", ["Nested & <Loop> äö / 100% ?", "a/b", "ä;b=c", "+ %2F", "😀", "...", " x "])
def test_names_arrive_as_they_are(client, name):
    scan_id = client.submit(Comment("x"), name)
    assert client.wait_until_done(scan_id, timeout=10).name == name


def test_a_watch_tells_the_story_and_ends(client):
    states = []
    for info in client.watch(client.submit([Delay(0.1), Delay(0.1)])):
        states.append(info.state)
        last = info
    assert states[-1] is ScanState.FINISHED
    assert set(states[:-1]) <= {ScanState.IDLE, ScanState.RUNNING}
    assert last.percentage == 100


def test_a_watch_left_early_leaves_nothing_open(client, long):
    for info in client.watch(long):
        assert info.state is ScanState.RUNNING
        break
    assert client.scan_info(long).state is ScanState.RUNNING


# -- steering -----------------------------------------------------------------------------------------------


def test_a_scan_is_paused_changed_and_resumed(client):
    scan_id = running(client, client.submit([Delay(0.3), Set("setpoint", 10), Log("setpoint")]))
    assert client.pause(scan_id).state is ScanState.PAUSED
    assert client.patch(scan_id, 1, "value", 5).state is ScanState.PAUSED
    assert client.resume(scan_id).state is not ScanState.PAUSED
    client.wait_until_done(scan_id, timeout=10)
    assert client.get_data(scan_id)["setpoint"].value.tolist() == [5]


def test_next_ends_a_delay(client):
    scan_id = running(client, client.submit([Delay(60), Delay(0)]))
    assert client.next_command(scan_id).id == scan_id
    assert client.wait_until_done(scan_id, timeout=10).state is ScanState.FINISHED


def test_an_aborted_scan_says_so(client, long):
    assert client.abort(long).state is ScanState.ABORTED
    assert client.abort(long).state is ScanState.ABORTED
    with pytest.raises(ScanAborted, match=f"scan {long} 'Long' Aborted: Aborted"):
        client.wait_until_done(long)


def test_what_cannot_be_done_is_refused(client, long):
    waiting = client.submit(Delay(60))
    for call, reason in [
        (lambda: client.resume(long), "is Running: only a paused scan"),
        (lambda: client.delete(long), "is Running: abort it first"),
        (lambda: client.move(long, 1), "is Running: only a scan that waits"),
        (lambda: client.pause(waiting), "is Idle: only a running scan"),
        (lambda: client.next_command(waiting), "is Idle: only a running scan"),
        (lambda: client.move(waiting, -1), "is Idle: it did not move by -1"),
        (lambda: client.patch(long, 99, "value", 1), "no command 99"),
        (lambda: client.patch(long, 1, "nonsense", 1), "no property 'nonsense'; it has device_name"),
        (lambda: client.patch(long, 0, "seconds", "abc"), "takes a number"),
    ]:
        with pytest.raises(CommandRefused, match=reason):
            call()


def test_an_unknown_scan_is_told_by_every_call(client):
    for call in (
        client.scan_info,
        client.scan_commands,
        client.scan_devices,
        client.last_serial,
        client.get_data,
        client.wait_until_done,
        client.pause,
        client.resume,
        client.abort,
        client.next_command,
        client.delete,
        lambda scan_id: next(client.watch(scan_id)),
        lambda scan_id: client.move(scan_id, 1),
        lambda scan_id: client.patch(scan_id, 0, "value", 1),
    ):
        with pytest.raises(UnknownScan) as caught:
            call(987654)
        assert caught.value.scan_id == 987654


def test_the_queue_is_rearranged(client, long):
    first, second = client.submit(Delay(60), "first"), client.submit(Delay(60), "second")
    client.move(second, -1)
    assert [info.id for info in client.scan_infos()][:3] == [first, second, long]


def test_all_scans_are_steered_at_once(client, long):
    beside = running(client, client.submit(Delay(60), queue=False))
    waiting = client.submit(Delay(60))
    assert {info.id: str(info.state) for info in client.pause_all()} == {
        long: "Paused",
        beside: "Paused",
        waiting: "Idle",
    }
    assert {str(info.state) for info in client.resume_all()} == {"Running", "Idle"}
    client.abort(waiting)
    assert {info.id for info in client.next_command_all()} == {long, beside}
    client.wait_until_done(beside, timeout=10)
    client.wait_until_done(long, timeout=10)
    client.submit(Delay(60))
    assert {str(info.state) for info in client.abort_all()} <= {"Aborted"}
    client.clear()
    assert client.scan_infos() == ()


def test_shutdown(make_client):
    with EmbeddedServer() as server:
        client = make_client(url=server.url, timeout=5)
        client.shutdown_server()
        until = time.monotonic() + 5
        while not is_gone(client):
            assert time.monotonic() < until


def is_gone(client: Any) -> bool:
    try:
        client.server_info()
    except TransportError as error:
        return not error.sent
    return False


# -- waiting ------------------------------------------------------------------------------------------------


@pytest.mark.slow  # on the machine's clock; tests/unit/client/test_pacing.py turns its own
@pytest.mark.parametrize(
    "commands",
    [Delay(1), Loop("setpoint", 1, 20, 1, [Delay(0.05)]), [Delay(0.5), Delay(0.5)]],
    ids=["a delay", "a loop", "two delays"],
)
def test_trap_13_the_end_of_a_second_is_noticed_at_once_without_many_requests(client, monkeypatch, commands):
    requests = count_requests(monkeypatch)
    tries: list[tuple[int, timedelta]] = []
    for _ in range(6):  # a busy machine may spoil some
        scan_id = client.submit(commands)
        requests.clear()
        info = client.wait_until_done(scan_id)
        late = datetime.now(UTC) - info.finish
        if len(requests) <= FIXED_POLL and late <= timedelta(seconds=0.05):
            return
        tries.append((len(requests), late))
    pytest.fail(f"requests and lateness: {tries}")


def count_requests(monkeypatch) -> list[str]:
    requests: list[str] = []
    for cls in (http.Transport, http.AsyncTransport):

        def count(self, operation, deadline, exchange=cls.exchange):
            requests.append(str(operation))
            return exchange(self, operation, deadline)

        monkeypatch.setattr(cls, "exchange", count)
    return requests


def test_waiting_ends_with_its_timeout(client, long):
    start = time.monotonic()
    with pytest.raises(WaitTimeout, match="still Running") as caught:
        client.wait_until_done(long, timeout=0.3)
    assert time.monotonic() - start >= 0.3
    assert caught.value.info.id == long
    assert client.scan_info(long).state is ScanState.RUNNING  # as it would be for a minute


def test_a_server_that_goes_away_is_waited_for_as_long_as_told(make_client):
    with EmbeddedServer() as server:
        client = make_client(url=server.url, timeout=5)
        watch = client.watch(running(client, client.submit(Delay(60))), patience=0.3)
        next(watch)
    start = time.monotonic()
    with pytest.raises(ConnectError):
        list(watch)
    assert 0.3 <= time.monotonic() - start < 10  # a busy machine may need some; the default is half a minute


def test_trap_02_the_reason_of_a_failure_is_told(client):
    scan_id = client.submit(Set("setpoint", "abc"), "Bad")
    with pytest.raises(
        ScanFailed, match=r"'Bad' Failed: Failed to write abc to loc://setpoint\(0\)"
    ) as caught:
        client.wait_until_done(scan_id, timeout=10)
    assert pickle.loads(pickle.dumps(caught.value)).info == caught.value.info


def test_trap_02_a_timeout_is_told_as_the_reason(client):
    scan_id = client.submit(Wait("setpoint", 60, timeout=0.2))
    with pytest.raises(ScanFailed, match="Timeout while waiting"):
        client.wait_until_done(scan_id, timeout=10)


def test_trap_04_a_scan_that_failed_is_no_success_after_a_restart(make_client, tmp_path):
    with EmbeddedServer(data_log=tmp_path) as server:
        client = make_client(url=server.url)
        scan_id = client.submit(Set("setpoint", "abc"))
        with pytest.raises(ScanFailed):
            client.wait_until_done(scan_id, timeout=10)
    with EmbeddedServer(data_log=tmp_path) as server:
        client = make_client(url=server.url)
        with pytest.raises((ScanFailed, ScanLogged)):  # the real server has forgotten, and says Logged
            client.wait_until_done(scan_id, timeout=10)
        [info] = client.watch(scan_id)
        assert info.is_done
        assert client.abort(scan_id) == info
        with pytest.raises(CommandRefused, match=f"is {info.state}"):
            client.pause(scan_id)


# -- submitting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a & b", "1</value><value>99", "007", "µm", '"quoted"', " x "])
def test_trap_01_a_patch_carries_any_text_as_it_is(client, value):
    scan_id = running(client, client.submit([Delay(60), Set("text", "old")]))
    client.patch(scan_id, 1, "value", value)
    assert client.scan_commands(scan_id)[1].value == value


def test_trap_06_limits_are_given_as_people_have_them(client):
    scan_id = client.submit(Delay(60), timeout=timedelta(seconds=1))
    with pytest.raises(ScanAborted, match=r"Aborted \(deadline/timeout\)"):
        client.wait_until_done(scan_id, timeout=10)
    past = datetime.now() - timedelta(minutes=1)  # noqa: DTZ005 - the server's local time
    scan_id = client.submit(Delay(60), deadline=past)
    with pytest.raises(ScanAborted, match=r"Aborted \(stale deadline\)"):
        client.wait_until_done(scan_id, timeout=10)
    scan_id = client.submit(Delay(0), timeout=10.0)
    assert client.wait_until_done(scan_id, timeout=10).state is ScanState.FINISHED


def test_trap_06_a_deadline_with_a_time_zone(url, make_client):
    client = make_client(url=url, timezone=datetime.now().astimezone().tzinfo)
    scan_id = client.submit(Delay(60), deadline=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(ScanAborted, match="stale deadline"):
        client.wait_until_done(scan_id, timeout=10)


def test_trap_08_text_goes_round_unchanged(client):
    commands = CommandSequence(Comment("5 µm, 😀"), Set("text", "Âµ"), Log("text"))
    for _ in range(2):
        scan_id = client.submit(commands)
        client.wait_until_done(scan_id, timeout=10)
        commands = client.scan_commands(scan_id)
        assert client.get_data(scan_id)["text"].value.tolist() == ["Âµ"]
    assert commands[0] == Comment("5 µm, 😀")


def test_trap_09_a_refused_scan_says_why_in_one_line(client):
    with pytest.raises(ScanRejected) as caught:
        client.submit("<commands><script><path>NoSuchScript</path></script></commands>", "x")
    assert "NoSuchScript" in caught.value.message
    assert "\n" not in str(caught.value)
    assert caught.value.trace


def test_a_mistake_in_a_document_is_found_before_it_is_sent(url, make_client, monkeypatch):
    requests = count_requests(monkeypatch)
    client = make_client(url=url)
    with pytest.raises(InvalidCommands, match="commands:1:"):
        client.submit("<commands><delay></commands>")
    assert not requests


def test_trap_31_a_body_that_patch_does_not_reach_is_named(client):
    scan_id = running(
        client, client.submit([Delay(60), Parallel(Delay(1)), If("setpoint", "=", 0, [Delay(1)])])
    )
    with pytest.raises(CommandRefused, match="body of the Parallel at 1, which patch does not reach"):
        client.patch(scan_id, 2, "seconds", 2)


# -- in company ---------------------------------------------------------------------------------------------


def test_threads_share_a_client(url):
    with ScanClient(url=url) as client:
        scan_id = client.submit(Comment("x"))
        failures: list[Exception] = []

        def ask() -> None:
            try:
                for _ in range(20):
                    assert client.scan_info(scan_id).id == scan_id
            except Exception as error:  # noqa: BLE001 - told by the test
                failures.append(error)

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures


async def test_tasks_share_a_client(url):
    async with AsyncScanClient(url=url) as client:
        scan_ids = await asyncio.gather(*(client.submit(Delay(0), queue=False) for _ in range(5)))
        infos = await asyncio.gather(*(client.wait_until_done(scan_id, timeout=20) for scan_id in scan_ids))
        assert [info.id for info in infos] == scan_ids


async def test_cancellation_ends_waiting_at_once(url):
    async with AsyncScanClient(url=url) as client:
        scan_id = await client.submit(Delay(60))
        waiting = asyncio.create_task(client.wait_until_done(scan_id))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.2)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await client.scan_info(scan_id)).state is ScanState.RUNNING
        await client.abort(scan_id)


def test_a_client_is_a_context_manager(url):
    with ScanClient(url=url) as client:
        assert client.server_info()
    with pytest.raises(RuntimeError, match="closed"):
        client.server_info()
