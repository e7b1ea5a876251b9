"""Following what a scan logs, on a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk._protocol.drivers import run
from scan_sdk._protocol.following import Follow, Spacing
from scan_sdk._protocol.options import WaitOptions
from scan_sdk._protocol.reply import Reply
from scan_sdk._protocol.steps import Timing
from scan_sdk._wire.log import LogReader, write_log
from scan_sdk._wire.replies import write_scan
from scan_sdk.data import ScanData
from scan_sdk.errors import (
    ConnectError,
    ProtocolError,
    ScanSdkError,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import ScanInfo, ScanState

from .conftest import CREATED, HTML, Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scan_sdk._protocol.operations import Operation

BEGIN = 1000.0
TICK = 0.25
"""Seconds between two looks, with the answers."""


@dataclass
class Sample:
    at: float
    """When it is logged, in seconds from the beginning."""
    device: str
    serial: int
    text: str
    time: int = 0


@dataclass
class Server:
    """Has a scan that logs by the clock; plain, or with `after` as the embedded server has it."""

    clock: Clock
    samples: list[Sample] = field(default_factory=list)
    end: float = 0.0
    """When the scan is done."""
    begin: float = 0.0
    """When the scan begins to run."""
    serials: list[tuple[float, int]] = field(default_factory=list)
    """When the server gives out serials, where that is not when it logs."""
    takes_after: Callable[[], bool] = lambda: False
    """Whether `after` is heeded."""
    says_after: Callable[[], bool] | None = None
    """Whether the header says so, where it lies."""
    sorts: bool = False
    """Whether samples are sent in the order of serials, not as they came."""
    hook: Callable[[str], ScanSdkError | tuple[int, str] | None] = lambda _: None
    info: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    moved: int = 0
    """Bytes of data that were sent."""

    @property
    def now(self) -> float:
        return self.clock.now - BEGIN

    def rows(self, count: int, every: float, *devices: str, text: str = "1.0") -> None:
        """Log these devices with each of so many serials."""
        for serial in range(count):
            at = every * (serial + 1)
            self.samples += [Sample(at, device, serial, text, int(1000 * at)) for device in devices]
        self.end = every * (count + 1)

    def document(self, after: int = -1, until: float | None = None) -> str:
        logged: dict[str, list[tuple[int, int, str]]] = {}
        for sample in self.samples:
            if sample.at <= (self.now if until is None else until) and sample.serial > after:
                logged.setdefault(sample.device, []).append((sample.serial, sample.time, sample.text))
        if self.sorts:
            logged = {device: sorted(samples, key=lambda one: one[0]) for device, samples in logged.items()}
        return "".join(write_log(logged.items()))

    def whole(self) -> ScanData:
        """Return what the scan has logged in the end."""
        reader = LogReader()
        reader.feed(self.document(until=self.end).encode())
        return ScanData.from_raw(reader.close())

    def exchange(self, operation: Operation[Any], deadline: float) -> Any:
        assert deadline > self.clock.now
        request = str(operation)
        self.requests.append(request)
        self.clock.now += 0.004
        answer = self.hook(request)
        if isinstance(answer, ScanSdkError):
            raise answer
        status, body = answer or (200, self.answer(operation.target))
        says = self.says_after or self.takes_after
        headers = {"scan-data-after": "yes"} if "/data" in request and says() else {}
        reply = Reply(operation, status, headers, 2**24)
        if "/data" in request:
            self.moved += len(body)
        reply.feed(body.encode())
        return reply.close()

    def answer(self, target: str) -> str:
        path, _, after = target.partition("?after=")
        if path.endswith("/last_serial"):
            given_out = self.serials or [(one.at, one.serial) for one in self.samples]
            passed = [serial for at, serial in given_out if at <= self.now]
            return f"<serial>{passed[-1] if passed else -1}</serial>"
        if path.endswith("/data"):
            return self.document(int(after) if after and self.takes_after() else -1)
        state = ScanState.FINISHED if self.now >= self.end else ScanState.RUNNING
        if self.now < self.begin:
            state = ScanState.IDLE
        fields = {"id": 1, "name": "x", "created": CREATED, "state": state} | self.info
        return write_scan(ScanInfo(**fields))

    def count(self, what: str) -> int:
        return sum(what in request for request in self.requests)


def follow(server: Server, timeout: float | None = None, patience: float = 30.0) -> Iterator[ScanData]:
    """Yield the news as a client does."""
    options = WaitOptions.check(timeout=timeout, patience=patience)
    following = Follow(Timing(10.0, server.clock), 1, options)
    while (news := run(following.news(), server.exchange, server.clock.sleep)) is not None:
        assert news
        assert all(len(log) for log in news.devices)
        yield news


@pytest.fixture
def server(clock: Clock) -> Server:
    return Server(clock)


def embedded(server: Server) -> Server:
    server.takes_after = lambda: True
    return server


# -- what is told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("takes_after", [True, False])
def test_each_row_of_a_short_log_is_told_soon(server, takes_after):
    server.takes_after = lambda: takes_after
    server.rows(20, 1.0, "x", "n")
    for serial, news in enumerate(follow(server)):
        assert news["x"].serial.tolist() == news["n"].serial.tolist() == [serial]
        assert server.now - (serial + 1) < 2 * TICK
    assert serial == 19


def test_no_more_than_the_end_is_told_of_a_scan_that_logs_nothing(server):
    server.end = 5
    assert list(follow(server)) == []
    assert server.now == pytest.approx(5, abs=2 * TICK)


@pytest.mark.parametrize("state", [ScanState.FINISHED, ScanState.FAILED, ScanState.ABORTED, ScanState.LOGGED])
def test_a_scan_that_is_done_takes_one_look_and_one_fetch(server, state):
    server.rows(3, 0.0, "x")
    server.info = {"state": state, "error": "Aborted"}
    assert [news["x"].serial.tolist() for news in follow(server)] == [[0, 1, 2]]
    assert server.requests == ["GET /scan/1", "GET /scan/1/data"]


def test_of_a_scan_that_waits_only_its_state_is_asked(server):
    server.begin, server.end = 600, 601
    server.samples = [Sample(600.5, "x", 0, "1.0")]
    server.serials = [(600.5, 0)]
    assert [news["x"].value.tolist() for news in follow(server)] == [[1]]
    assert server.count("/last_serial") < 10
    assert len(server.requests) < 650


def test_samples_of_one_serial_stay_together_where_the_server_writes_them_one_by_one(server):
    for serial in range(30):
        at = 0.5 * serial
        server.serials.append((at, serial))
        server.samples += [Sample(at + 0.06 * i, device, serial, "1.0") for i, device in enumerate("abc")]
    server.end = 20
    for news in follow(server):
        assert set(news) == {"a", "b", "c"}
        assert news["a"].serial.tolist() == news["b"].serial.tolist() == news["c"].serial.tolist()


def test_a_row_that_comes_slowly_is_told_in_parts_but_once(server):
    server.serials = [(1.0, 0), (9.0, 1)]
    server.samples = [Sample(1, "a", 0, "1.0"), Sample(4, "b", 0, "2.0"), Sample(9, "a", 1, "3.0")]
    server.end = 10
    assert ScanData.concat(follow(server)) == server.whole()


def test_a_device_may_come_late_and_change_its_kind(server):
    server.rows(10, 1.0, "x")
    server.samples += [
        Sample(6.0, "late", 5, "1.0"),
        Sample(7.0, "late", 6, "off"),
        Sample(8.0, "late", 7, "[1.0, 2.0]"),
    ]
    server.samples.sort(key=lambda sample: sample.at)
    pieces = list(follow(embedded(server)))
    assert [piece["late"].kind for piece in pieces if "late" in piece] == ["numbers", "text", "rows"]
    assert ScanData.concat(pieces) == server.whole()


def scripts(server: Server) -> None:
    """Have a script log twice what counts from 0, of a device that was logged before too."""
    server.rows(12, 1.0, "x")
    for at in (6.1, 9.1):
        server.samples += [Sample(at, name, i, f"{i}.0", int(1000 * at)) for i in range(3) for name in "xd"]
    server.samples.sort(key=lambda sample: sample.at)


@pytest.mark.parametrize("sorts", [True, False])
def test_what_scripts_log_with_low_serials_is_told_once(server, sorts):
    scripts(server)
    server.sorts = sorts
    pieces = list(follow(server))
    whole = server.whole()
    together = ScanData.concat(pieces)
    if not sorts:
        assert together == whole
    for name in whole:
        columns = zip(together[name].serial, together[name].time, together[name].value, strict=True)
        assert sorted(columns) == sorted(
            zip(whole[name].serial, whole[name].time, whole[name].value, strict=True)
        )


# -- a server that sends what is new ------------------------------------------------------------------------


def test_after_is_used_once_the_server_has_said_that_it_takes_it(server):
    server.rows(3000, 0.01, "x", "y")
    assert ScanData.concat(follow(embedded(server))) == server.whole()
    fetches = [request for request in server.requests if "/data" in request]
    assert fetches[0] == "GET /scan/1/data"
    assert all("?after=" in request for request in fetches[1:])
    assert server.moved <= len(server.document()) + 200 * len(fetches)
    assert server.moved < 1.5 * len(server.document())


def test_while_nothing_is_logged_only_the_last_serial_is_asked(server):
    server.rows(1, 1.0, "x")
    server.end = 60
    list(follow(embedded(server)))
    assert server.count("/data") == 2
    assert server.count("/last_serial") < 60 / 0.1


def test_a_plain_server_never_sees_after(server):
    server.rows(300, 0.1, "x")
    assert ScanData.concat(follow(server)) == server.whole()
    assert server.count("after") == 0


@pytest.mark.parametrize("late", [True, False])
def test_a_server_that_no_longer_takes_after_sends_wholes(server, late):
    """As the embedded server once a script has logged."""
    scripts(server)
    server.takes_after = lambda: server.now < (100 if late else 6.1)
    server.end = 100 if late else server.end
    assert ScanData.concat(follow(server)) == server.whole() or late
    fetches = [request for request in server.requests if "/data" in request]
    if not late:
        [first] = [i for i, one in enumerate(fetches) if "?" in one and "?" not in fetches[i + 1]]
        assert not any("?" in request for request in fetches[first + 1 :])


def test_a_header_on_some_replies_only_is_seen_through(server):
    server.rows(40, 0.5, "x")
    turns = iter([True, True, True, False] + 1000 * [True])
    server.takes_after, server.says_after = (lambda: True), lambda: next(turns)
    assert ScanData.concat(follow(server)) == server.whole()
    fetches = [request for request in server.requests if "/data" in request]
    assert fetches[3].endswith("?after=2")  # answered by a part that does not say that it is one
    assert fetches[4] == "GET /scan/1/data"


def test_a_whole_that_says_it_is_a_part_is_seen_through(server):
    server.rows(40, 0.5, "x")
    server.says_after = lambda: True
    assert ScanData.concat(follow(server)) == server.whole()
    assert server.count("after") == 1


def test_a_part_at_the_end_that_does_not_say_so_is_fetched_anew(server):
    server.rows(3, 1.0, "x")
    server.takes_after, server.says_after = (lambda: True), lambda: server.now < server.end
    assert ScanData.concat(follow(server)) == server.whole()
    assert server.requests[-1] == "GET /scan/1/data"


# -- how much is moved --------------------------------------------------------------------------------------


@given(
    history=st.lists(
        st.tuples(
            st.sampled_from([0.001, 0.01, 0.1, 1.0]),
            st.integers(1, 20),
            st.sampled_from([1, 1, 200, 3000]),
        ),
        max_size=12,
    )
)
def test_five_times_the_log_is_moved_at_most(history):
    server = Server(Clock())
    at, serial = 0.0, 0
    for pause, rows, length in history:
        for _ in range(rows):
            at += pause
            server.samples.append(Sample(at, "x", serial, "x" * length, serial))
            serial += 1
    server.end = at + 1
    assert ScanData.concat(follow(server)) == server.whole()
    assert server.moved <= 5 * len(server.document()) + Spacing.FREE


@given(
    steps=st.lists(st.tuples(st.integers(0, 10**5), st.integers(0, 10**7)), max_size=300),
    bias=st.sampled_from([40, 105, 10**4]),
)
def test_whatever_is_expected_the_sum_is_right(steps, bias):
    spacing, moved, size, serial = Spacing(), 0, 60, -1
    for serials, more in steps:
        serial += serials
        size += bias * serials + more * (more % 3 == 0)
        if spacing.allows(serial):
            spacing.fetched(serial, size)
            moved += size
    assert moved + size <= 5 * size + Spacing.FREE


@pytest.mark.parametrize("width", [50, 105, 315, 5000])
def test_a_long_log_is_fetched_each_time_it_has_grown_by_half(width):
    spacing, fetched, moved = Spacing(), [0], 0
    for serial in range(20_000):
        if spacing.allows(serial):
            fetched.append(width * (serial + 1))
            moved += fetched[-1]
            spacing.fetched(serial, fetched[-1])
    long = [size for size in fetched if size > Spacing.FREE]
    assert all(after <= 1.51 * before + width for before, after in pairwise(long))
    assert moved <= 3.1 * 20_000 * width + Spacing.FREE


# -- what goes wrong ----------------------------------------------------------------------------------------


def test_an_unknown_scan_is_an_error_at_once(server):
    server.hook = lambda _: (500, HTML.format("Unknown scan ID 1"))
    with pytest.raises(UnknownScan):
        next(follow(server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("what", ["/scan/1", "/data", "/last_serial"])
def test_a_scan_that_is_deleted_meanwhile_is_an_error(server, what):
    server.rows(10, 1.0, "x")
    gone = (500, HTML.format("Unknown scan ID 1"))
    server.hook = lambda request: gone if server.now > 3 and what in request else None
    with pytest.raises(UnknownScan):
        list(follow(server))
    assert server.now < 5


def test_another_scan_of_the_same_id_is_not_followed(server):
    server.rows(10, 1.0, "x")
    news = follow(embedded(server))
    next(news)
    server.info = {"created": CREATED.replace(year=2027)}
    with pytest.raises(UnknownScan):
        next(news)


@pytest.mark.parametrize(
    "change",
    [
        lambda server: server.samples.pop(0),
        lambda server: server.samples.clear(),
        lambda server: setattr(server.samples[1], "time", 5),
        lambda server: setattr(server.samples[1], "device", "y"),
    ],
    ids=["shorter", "empty", "changed", "renamed"],
)
def test_a_log_that_has_lost_something_is_an_error(server, change):
    server.rows(10, 1.0, "x")
    news = follow(server)
    assert len([next(news) for _ in range(3)]) == 3
    change(server)
    with pytest.raises(ProtocolError, match="scan 1: the log of 'x' no longer holds all that it held before"):
        list(news)


def test_a_lost_connection_is_ridden_out(server):
    server.rows(20, 1.0, "x")
    server.hook = lambda _: ConnectError("refused") if 5 < server.now < 15 else None
    assert ScanData.concat(follow(server)) == server.whole()


@pytest.mark.parametrize("what", ["/scan/1", "/data", "/last_serial"])
def test_patience_has_an_end(server, what):
    server.rows(100, 1.0, "x")
    server.hook = lambda request: (
        TransportError("broken") if server.now > 5 and request.endswith(what) else None
    )
    with pytest.raises(TransportError):
        list(follow(server, patience=10))
    assert 15 <= server.now < 17


def test_following_ends_with_its_timeout(server):
    server.rows(100, 1.0, "x")
    with pytest.raises(WaitTimeout, match="scan 1 is still Running after 5"):
        list(follow(server, timeout=5))
    assert server.now == pytest.approx(5, abs=0.1)


def test_a_timeout_of_zero_tells_what_there_is(server):
    server.rows(3, 0.0, "x")
    server.end = 100
    news = follow(server, timeout=0)
    assert next(news)["x"].serial.tolist() == [0, 1]
    with pytest.raises(WaitTimeout):
        next(news)


def test_what_is_logged_while_an_aborted_scan_winds_down_is_told(server):
    server.rows(3, 1.0, "x")
    server.samples.append(Sample(10.4, "post", 3, "1.0"))
    server.end = 10
    winding_down = {"state": ScanState.ABORTED, "runtime": 10}
    running = {"state": ScanState.RUNNING}

    def hook(_: str) -> None:
        now = server.now
        server.info = {} if now < 10 else winding_down if now < 10.2 else running if now < 11 else {}
        server.end = 11

    server.hook = hook
    assert ScanData.concat(follow(server)) == server.whole()
