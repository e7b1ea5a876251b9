"""Whatever is asked of a server in whatever order, it stays true to its rules."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from scan_sdk._wire.commands import write_commands
from scan_sdk._wire.replies import read_scans, write_scans
from scan_sdk.models import Comment, Delay, Log, Loop, Parallel, PvConfig, ScanConfig, ScanState, Set, Wait
from scan_sdk.server.clock import ManualClock, settle
from scan_sdk.server.engine.engine import ScanEngine
from scan_sdk.server.engine.past import PastScan
from scan_sdk.server.engine.submission import Options
from scan_sdk.server.errors import Refused, UnknownScanId
from scan_sdk.server.store.store import Store

CONFIG = ScanConfig(read_timeout=2.0, pvs=(PvConfig(name="loc://x(0)", alias="x"),))

commands = st.sampled_from(
    [
        Comment("a"),
        Set("x", 1),
        Set("x", "not a number"),
        Log("x"),
        Log("nowhere"),
        Delay(1),
        Delay(30),
        Wait("x", 5, timeout=3),
        Wait("x", 5),
        Set("motor://m", 9, completion=True),
        Loop("x", 0, 1e6, 1),
        Loop("x", 1, 3, 1, Log("x"), Delay(1)),
        Parallel(Delay(2), Log("x"), Loop("x", 0, 1e6, 1, Log("x"))),
    ]
)
EVERY = st.just(-1)


class ServerMachine(RuleBasedStateMachine):
    """Submits and controls scans, and turns the clock."""

    scans = Bundle("scans")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        self.engine = ScanEngine(CONFIG, Store(Path(self.folder.name)), clock=self.clock)
        self.run(self.engine.start())
        self.known: set[int] = set()
        self.ended: dict[int, object] = {}

    def run(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.engine.stop())
        leftover = asyncio.all_tasks(self.loop)
        self.loop.close()
        self.folder.cleanup()
        assert not leftover
        assert all(info.is_done for info in self.engine.infos())
        assert not self.engine.pool.in_use

    @rule(
        target=scans,
        body=st.lists(commands, max_size=4),
        queue=st.booleans(),
        timeout=st.sampled_from([0, 0, 0, 2]),
    )
    def submit(self, body, queue, timeout):
        options = Options(queue=queue, timeout=timeout)
        scan_id = self.run(self.engine.submit("test", write_commands(body).encode(), options))
        assert scan_id not in self.known
        assert scan_id > max(self.known, default=0)
        self.known.add(scan_id)
        return scan_id

    @rule(
        target=scans, document=st.sampled_from([b"", b"<commands>", b"<x/>", b"<commands><log/></commands>"])
    )
    def submit_nonsense(self, document):
        try:
            self.run(self.engine.submit("bad", document))
        except Refused:
            return multiple()
        raise AssertionError(document)

    def control(self, scan_id, act):
        try:
            act(scan_id)
        except UnknownScanId:
            assert scan_id >= 0
            assert scan_id not in [info.id for info in self.engine.infos()]
        self.run(settle())

    def those(self, wanted):
        return {info.id for info in self.engine.infos() if wanted(info)}

    @rule(scan=scans | EVERY)
    def pause(self, scan):
        running = self.those(lambda info: info.state is ScanState.RUNNING and scan in {-1, info.id})
        self.control(scan, self.engine.pause)
        assert not running & self.those(lambda info: info.state is ScanState.RUNNING)

    @rule(scan=scans | EVERY)
    def resume(self, scan):
        self.control(scan, self.engine.resume)

    @rule(scan=scans | EVERY)
    def skip(self, scan):
        self.control(scan, self.engine.skip)

    @rule(scan=scans | EVERY)
    def abort(self, scan):
        self.control(scan, lambda scan_id: self.run(self.engine.abort(scan_id)))
        for info in self.engine.infos():
            assert info.is_done or scan not in {-1, info.id}

    @rule(scan=scans, steps=st.integers(-3, 3))
    def move(self, scan, steps):
        before = [info.id for info in self.engine.infos()]
        self.engine.move(scan, steps)
        assert sorted(info.id for info in self.engine.infos()) == sorted(before)

    @rule(scan=scans, address=st.integers(0, 3), name=st.sampled_from(["value", "seconds", "end", "comment"]))
    def patch(self, scan, address, name):
        async def patch() -> None:
            self.engine.patch(scan, address, name, "2" if name == "comment" else 2.0)

        with contextlib.suppress(Refused):
            self.run(patch())

    @rule(scan=consumes(scans))
    def remove(self, scan):
        self.control(scan, lambda scan_id: self.run(self.engine.remove(scan_id)))

    @rule()
    def clear(self):
        done = self.those(lambda info: info.is_done)
        self.run(self.engine.remove_completed())
        assert not done & self.those(lambda _: True)

    @rule(seconds=st.sampled_from([0, 0.5, 1, 3, 40]))
    def wait(self, seconds):
        self.run(self.clock.advance(seconds))

    @rule(scan=scans)
    def look_at_data(self, scan):
        async def read() -> None:
            try:
                last = self.engine.scan(scan).last_serial
                pieces = [piece async for piece in self.engine.data(scan)]
            except UnknownScanId:
                return
            serials = [int(part.partition('"')[0]) for part in "".join(pieces).split('<sample id="')[1:]]
            assert max(serials, default=-1) >= last

        self.run(read())

    @invariant()
    def tells_the_truth(self):
        infos = self.engine.infos()
        assert read_scans(write_scans(infos).encode()) == tuple(infos)
        queued = [scan for scan in self.engine._living() if scan._submission.options.queue]
        assert sum(scan.state.is_active for scan in queued) <= 1
        for info in infos:
            assert info.performed_work_units <= info.total_work_units
            assert (info.error is None) or info.is_done
            if info.is_done:
                assert self.ended.setdefault(info.id, info) == info
                assert info.address == -1
        for scan in self.engine._living():
            if scan.is_done:
                assert PastScan(scan.record(), self.engine._store).info() == scan.info()


class PatientServerMachine(ServerMachine):
    """The same, for longer."""


ServerMachine.TestCase.settings = settings(max_examples=5, stateful_step_count=20, deadline=None)
PatientServerMachine.TestCase.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
TestServerState = ServerMachine.TestCase
TestServerStateForLonger = pytest.mark.slow(PatientServerMachine.TestCase)
