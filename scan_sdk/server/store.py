"""What a server keeps: its scans and what they logged, in an SQLite file.

All work with the file happens in one thread of its own, so nothing here ever holds up the event loop. Samples
are collected in memory and written in blocks, many samples of one device in a row of the table: a million
samples are some hundred rows, and a reader gets them back as fast as they can be sent.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from scan_sdk._wire.log import sample_text, write_log
from scan_sdk.models import ScanState
from scan_sdk.server.devices.values import as_logged
from scan_sdk.server.errors import CommandFailed, Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from scan_sdk.server.devices.values import LoggedValue, Reading

    T = TypeVar("T")

__all__ = ["Logged", "ScanLog", "ScanRecord", "Store"]

_FILE: Final = "scans.sqlite"
_FLUSH_AFTER: Final = 0.1
"""Seconds that a sample stays in memory at most."""
_FLUSH_AT: Final = 5_000
"""Samples in memory that are written at once."""
_CROWDED: Final = 100_000
"""Samples in memory above which scans wait for the file."""
_PIECES: Final = 2_000
"""Samples that are read and sent together."""

_SCHEMA: Final = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;
CREATE TABLE IF NOT EXISTS scans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    commands TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    runtime INTEGER NOT NULL DEFAULT 0,
    finish INTEGER,
    work_units INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS blocks (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL REFERENCES scans ON DELETE CASCADE,
    device TEXT NOT NULL,
    last INTEGER NOT NULL,
    samples TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS blocks_of_scan ON blocks (scan);
"""

_Sample = tuple[int, int, object]
Logged: TypeAlias = "list[tuple[int, int, LoggedValue]]"


class ScanRecord(NamedTuple):
    """A scan as the file holds it; times are milliseconds since 1970, the runtime milliseconds."""

    id: int
    name: str
    created: int
    state: ScanState
    error: str | None
    runtime: int
    finish: int | None
    work_units: int
    last_serial: int


class ScanLog:
    """What one scan logs.

    Attributes:
        last_serial: The serial of the last sample, -1 where there is none.
    """

    def __init__(self, scan_id: int, store: Store) -> None:
        """Begin an empty log."""
        self.last_serial: int = -1
        self._next = 0
        self._scan_id = scan_id
        self._store = store
        self._samples: dict[str, list[_Sample]] = {}

    def next_serial(self) -> int:
        """Return a serial for the samples that belong together."""
        serial = self._next
        self._next += 1
        return serial

    def add(self, device: str, serial: int, reading: Reading) -> None:
        """Log a value of a device.

        Raises:
            CommandFailed: Logged data can no longer be written.
        """
        self._store.check()
        sample = (serial, reading.time, as_logged(reading.value))
        samples = self._samples.get(device)
        if samples is None:
            self._samples[device] = [sample]
            self._store.expect(self)
        else:
            samples.append(sample)
        self.last_serial = max(serial, self.last_serial)
        self._store.count_sample()

    def take(self) -> list[tuple[int, str, int, list[_Sample]]]:
        """Return what is not yet written, by device with its highest serial, and forget it."""
        taken, self._samples = self._samples, {}
        return [
            (self._scan_id, device, max(sample[0] for sample in samples), samples)
            for device, samples in taken.items()
        ]


class Store:
    """The file of scans and their data.

    Attributes:
        failure: Why samples can no longer be written; None while all is well.
    """

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is opened yet."""
        self.failure: str | None = None
        self._path = folder / _FILE
        self._thread = ThreadPoolExecutor(1, "scan-store")
        self._connection: sqlite3.Connection | None = None
        self._expected: list[ScanLog] = []
        self._waiting = 0
        self._unwritten = 0
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> list[ScanRecord]:
        """Open the file, made where there is none, and return its scans, oldest first.

        Scans that were not done when an earlier server stopped have failed.

        Raises:
            OSError: The file cannot be used.
        """
        try:
            return await self._run(self._open)
        except OSError:
            self._thread.shutdown()
            raise

    async def close(self) -> None:
        """Write what is waiting and close the file."""
        self._flush()
        await self._run(self._close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        """Do something with the file in the file's thread, after all that was asked for earlier."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _open(self) -> list[ScanRecord]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=0, check_same_thread=False, isolation_level=None)
            self._connection = connection
            connection.executescript(_SCHEMA)
            with connection:
                connection.execute(
                    "UPDATE scans SET state = 'Failed', error = 'interrupted by server stop'"
                    " WHERE state NOT IN ('Failed', 'Aborted', 'Finished')"
                )
            rows = connection.execute(
                "SELECT id, name, created, state, error, runtime, finish, work_units,"
                " (SELECT coalesce(max(last), -1) FROM blocks WHERE scan = scans.id) FROM scans ORDER BY id"
            )
            return [ScanRecord._make(row)._replace(state=ScanState(row[3])) for row in rows]
        except (OSError, sqlite3.Error) as error:
            self._close()
            raise OSError(f"the data log {self._path} cannot be used: {error}") from error

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _file(self) -> sqlite3.Connection:
        assert self._connection is not None  # open() comes first
        return self._connection

    # Scans

    async def add(self, name: str, created: int, commands: str) -> int:
        """Keep a new scan and return its id, which no other scan ever has.

        Raises:
            Refused: The file cannot be written.
        """

        def insert() -> int:
            try:
                row = self._file.execute(
                    "INSERT INTO scans (name, created, commands, state) VALUES (?, ?, ?, ?) RETURNING id",
                    (name, created, commands, ScanState.IDLE),
                )
                return int(row.fetchone()[0])
            except sqlite3.Error as error:
                raise Refused(f"the data log cannot be written: {error}") from error

        return await self._run(insert)

    def update(self, record: ScanRecord, commands: str | None = None) -> None:
        """Keep how a scan ended, after all its samples; and its commands where they were patched."""
        self._flush()

        def write() -> None:
            self._file.execute(
                "UPDATE scans SET state = ?, error = ?, runtime = ?, finish = ?, work_units = ?,"
                " commands = coalesce(?, commands) WHERE id = ?",
                (record.state, *record[4:8], commands, record.id),
            )

        self._later(write)

    async def commands(self, scan_id: int) -> str:
        """Return the commands of a scan as a document."""

        def select() -> str:
            row = self._file.execute("SELECT commands FROM scans WHERE id = ?", (scan_id,)).fetchone()
            return str(row[0]) if row else ""

        return await self._run(select)

    async def delete(self, scan_ids: list[int]) -> None:
        """Forget scans and their data."""
        self._flush()
        await self._run(lambda: self._delete(scan_ids))

    def _delete(self, scan_ids: list[int]) -> None:
        with self._file as connection:
            connection.execute("BEGIN")
            connection.executemany("DELETE FROM scans WHERE id = ?", [(scan_id,) for scan_id in scan_ids])

    # Samples

    def log(self, scan_id: int) -> ScanLog:
        """Return the log of a new scan."""
        return ScanLog(scan_id, self)

    @property
    def crowded(self) -> bool:
        """Whether so much is waiting to be written that scans had better wait too."""
        return self._unwritten > _CROWDED

    def expect(self, log: ScanLog) -> None:
        """Remember that a log has something to write."""
        if log not in self._expected:
            self._expected.append(log)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_AFTER, self._flush)

    def count_sample(self) -> None:
        """Take notice of one more sample in memory."""
        self._waiting += 1
        if self._waiting >= _FLUSH_AT:
            self._flush()

    async def flush(self) -> None:
        """Return when all that was logged until now is in the file.

        Raises:
            CommandFailed: It cannot be written.
        """
        self._flush()
        await self._run(lambda: None)
        self.check()

    def check(self) -> None:
        """Make sure that nothing has kept samples from being written.

        Raises:
            CommandFailed: Something has.
        """
        if self.failure is not None:
            raise CommandFailed(f"Cannot log: {self.failure}")

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        logs, self._expected = self._expected, []
        blocks = [block for log in logs for block in log.take()]
        if not blocks:
            return
        count, self._waiting = self._waiting, 0
        self._unwritten += count

        def written(_: object) -> None:
            self._unwritten -= count

        self._later(lambda: self._write(blocks)).add_done_callback(written)

    def _write(self, blocks: list[tuple[int, str, int, list[_Sample]]]) -> None:
        rows = [(scan, device, last, json.dumps(samples)) for scan, device, last, samples in blocks]
        with self._file as connection:
            connection.execute("BEGIN")
            # A scan may be deleted while its last samples wait
            connection.executemany(
                "INSERT INTO blocks (scan, device, last, samples)"
                " SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (SELECT 1 FROM scans WHERE id = ?1)",
                rows,
            )

    def _later(self, work: Callable[[], None]) -> asyncio.Future[None]:
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        future.add_done_callback(self._note_failure)
        return future

    def _note_failure(self, future: asyncio.Future[None]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            self.failure = str(error)

    async def data(self, scan_id: int) -> AsyncIterator[str]:
        """Yield all that a scan has logged until now as a document, in pieces."""
        self._flush()
        pieces = write_log(self._devices(scan_id))
        while piece := await self._run(lambda: "".join(islice(pieces, _PIECES))):
            yield piece

    async def logged(self, scan_id: int) -> dict[str, Logged]:
        """Return all that a scan has logged until now: serials, times and values by device."""
        self._flush()

        def select() -> dict[str, Logged]:
            found: dict[str, Logged] = {}
            for device, text in self._file.execute(
                "SELECT device, samples FROM blocks WHERE scan = ? ORDER BY id", (scan_id,)
            ):
                samples = found.setdefault(device, [])
                samples.extend((serial, time, value) for serial, time, value in json.loads(text))
            return found

        return await self._run(select)

    def _devices(self, scan_id: int) -> Iterator[tuple[str, Iterator[tuple[int, int, str]]]]:
        with closing(
            self._file.execute("SELECT id, device FROM blocks WHERE scan = ? ORDER BY id", (scan_id,))
        ) as rows:
            blocks: dict[str, list[int]] = {}
            for block, device in rows:
                blocks.setdefault(device, []).append(block)
        for device, ids in blocks.items():
            yield device, self._samples(ids)

    def _samples(self, blocks: list[int]) -> Iterator[tuple[int, int, str]]:
        for block in blocks:
            row = self._file.execute("SELECT samples FROM blocks WHERE id = ?", (block,)).fetchone()
            for serial, time, value in json.loads(row[0]) if row else ():
                yield serial, time, sample_text(value)
