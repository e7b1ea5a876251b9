"""Whatever is logged, however it is flushed, comes back as it was, also after a restart."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from scan_sdk._wire.log import LogReader, sample_text
from scan_sdk.models import ScanState
from scan_sdk.server.devices.values import EnumValue, Reading, as_logged
from scan_sdk.server.store.store import ScanRecord, Store

xml_text = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff").filter(
        lambda character: character >= " " or character in "\t\n\r"
    ),
    max_size=20,
)
numbers = st.floats() | st.integers(-(2**63), 2**63 - 1)
values = (
    numbers
    | xml_text
    | st.booleans()
    | st.lists(st.floats(), max_size=5).map(tuple)
    | st.lists(xml_text, max_size=5).map(tuple)
    | st.builds(EnumValue, st.integers(-1, 3), st.lists(xml_text, max_size=3).map(tuple))
)
devices = st.sampled_from(["x", "y", 'loc://t("µ<&>")'])
times = st.integers(-(2**62), 2**62)
rows = st.lists(st.tuples(devices, st.builds(Reading, values, times)), max_size=3)


class StoreMachine(RuleBasedStateMachine):
    """Logs to two scans, flushes, fails, deletes, and restarts, beside a plain list of what was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))
        self.full = False
        self.logged: dict[int, list[tuple[str, int, int, str]]] = {}
        self.last: dict[int, int] = {}
        self.ended: set[int] = set()
        self.run(self.store.open())

    def run(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.disk(full=False)
        self.run(self.store.close())
        self.loop.close()
        self.folder.cleanup()

    def disk(self, *, full: bool) -> None:
        statement = f"PRAGMA query_only = {'ON' if full else 'OFF'}"
        self.run(self.store._run(lambda: self.store._file._connection.execute(statement)))
        self.full = full

    @initialize()
    def begin(self) -> None:
        self.add()
        self.add()

    @precondition(lambda self: not self.full)
    @rule()
    def add(self) -> None:
        scan = self.run(self.store.add("scan", 1, "<commands/>"))
        assert scan > max(self.logged, default=0)
        self.logs = {**getattr(self, "logs", {}), scan: self.store.log(scan)}
        self.logged[scan] = []
        self.last[scan] = -1

    @precondition(lambda self: self.logs)
    @rule(data=st.data(), rows=st.lists(rows, max_size=4))
    def log(self, data, rows) -> None:
        scan = data.draw(st.sampled_from(sorted(self.logs)))
        log = self.logs[scan]

        async def log_all() -> None:
            for row in rows:
                if self.store.failure is None:
                    log.add_all(row)
                    serial = log._next - 1
                    for device, reading in row:
                        text = sample_text(as_logged(reading.value))
                        self.logged[scan].append((device, serial, reading.time, text))
                        self.last[scan] = serial

        self.run(log_all())
        assert log.last_serial == self.last[scan]

    @rule()
    def flush(self) -> None:
        self.run(self.store._settle())

    @rule()
    def disk_full(self) -> None:
        self.disk(full=True)

    @rule()
    def disk_well(self) -> None:
        self.disk(full=False)

    @precondition(lambda self: self.logs)
    @rule(data=st.data())
    def end(self, data) -> None:
        scan = data.draw(st.sampled_from(sorted(self.logs)))
        record = ScanRecord(scan, "scan", 1, ScanState.FINISHED, None, 1, 2, 3, self.last[scan])

        async def update() -> None:
            self.store.update(record)

        self.run(update())
        self.ended.add(scan)
        del self.logs[scan]

    @precondition(lambda self: self.logged and not self.full)
    @rule(data=st.data())
    def delete(self, data) -> None:
        scan = data.draw(st.sampled_from(sorted(self.logged)))
        self.run(self.store.delete([scan]))
        for known in (self.logs, self.logged, self.last):
            known.pop(scan, None)

    @rule()
    def restart(self) -> None:
        self.disk(full=False)
        self.run(self.store.close())
        self.store = Store(Path(self.folder.name))
        records = self.run(self.store.open())
        assert {record.id: record.last_serial for record in records} == self.last
        for record in records:
            assert (record.state is ScanState.FINISHED) == (record.id in self.ended)
        self.logs = {}

    @precondition(lambda self: self.logged)
    @rule(data=st.data(), after=st.integers(-2, 20))
    def look(self, data, after) -> None:
        scan = data.draw(st.sampled_from(sorted(self.logged)))
        assert self.read(scan, after) == self.expected(scan, after)

    @invariant()
    def every_sample_is_there(self) -> None:
        for scan in self.logged:
            assert self.read(scan) == self.expected(scan)

    def expected(self, scan, after=-1):
        found: dict[str, list[tuple[int, int, str]]] = {}
        for device, serial, time, text in self.logged[scan]:
            if serial > after:
                found.setdefault(device, []).append((serial, time, text))
        return found

    def read(self, scan, after=-1):
        async def document() -> str:
            return "".join([piece async for piece in self.store.data(scan, after)])

        text = self.run(document()).encode()
        ET.fromstring(text)
        reader = LogReader(numbers=False)
        reader.feed(text)
        return {
            device: list(zip(log.serials.tolist(), log.times.tolist(), log.values, strict=True))
            for device, log in reader.close().items()
        }


StoreMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestStore = StoreMachine.TestCase
