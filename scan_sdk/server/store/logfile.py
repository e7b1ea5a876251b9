"""The file in which a server keeps its scans and what they logged: SQLite, written ahead (WAL).

Everything here takes its time with the disk, so `store` calls it in a thread of its own. A row of samples
holds those of one device that were written together, as JSON packed by zlib: a million samples are some
hundred rows, and what a bad disk changed in them is noticed when they are read.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from scan_sdk.models import ScanState
from scan_sdk.server.errors import LogFailed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from scan_sdk.server.devices.values import LoggedValue

__all__ = ["Block", "End", "LogFile", "Sample", "ScanRecord"]

_NAME: Final = "scans.sqlite"
_FORMAT: Final = 1
"""Number of the layout below; a file of another layout is refused."""
_SETTINGS: Final = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
"""
_LAYOUT: Final = f"""
BEGIN;
CREATE TABLE scans (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    commands TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    started INTEGER,
    finish INTEGER,
    work_units INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY,
    scan INTEGER NOT NULL REFERENCES scans ON DELETE CASCADE,
    device TEXT NOT NULL,
    last INTEGER NOT NULL,
    samples BLOB NOT NULL
);
CREATE INDEX blocks_of_scan ON blocks (scan, last, device);
PRAGMA user_version = {_FORMAT};
COMMIT;
"""
_INTERRUPTED: Final = "interrupted by server stop"
_DAMAGED: Final = "it is damaged; stop the server and move it away, with the -wal beside it"
_ADVICE: Final = {
    sqlite3.SQLITE_BUSY: "another server uses it",
    sqlite3.SQLITE_FULL: "free some space",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}

Sample: TypeAlias = "tuple[int, int, LoggedValue]"
"""Serial, milliseconds since 1970, and value."""


class ScanRecord(NamedTuple):
    """A scan as the file holds it; times are milliseconds since 1970."""

    id: int
    name: str
    created: int
    state: ScanState
    error: str | None
    started: int | None
    finish: int | None
    work_units: int
    last_serial: int


class End(NamedTuple):
    """How a scan ended, and its commands where they were patched."""

    scan: ScanRecord
    commands: str | None


class Block(NamedTuple):
    """Samples of one device that are written together; `last` is the highest of their serials."""

    id: int
    scan: int
    device: str
    last: int
    samples: list[Sample]


class LogFile:
    """The file of a server. It is for one thread at a time.

    Args:
        folder: Where the file is; nothing is opened yet.

    Attributes:
        path: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.path: Path = folder / _NAME
        self._opened: sqlite3.Connection | None = None
        self._inode = 0

    @property
    def _connection(self) -> sqlite3.Connection:
        assert self._opened is not None  # open() comes first
        return self._opened

    def open(self) -> tuple[list[ScanRecord], int]:
        """Open the file, made where there is none.

        Scans that were not done when an earlier server stopped have failed.

        Returns:
            The scans, oldest first, and an id for the next block.

        Raises:
            LogFailed: The file cannot be used.
        """
        try:
            with self._explained("used"):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._opened = sqlite3.connect(
                    self.path, timeout=0, check_same_thread=False, isolation_level=None
                )
                self._prepare(self._opened)
                return self._scans(self._opened)
        except LogFailed:
            self.close()
            raise

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.executescript(_SETTINGS)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            connection.executescript(_LAYOUT)
        elif version != _FORMAT:
            raise OSError("another version of scan_sdk wrote it; move it away")
        self._inode = self.path.stat().st_ino

    @staticmethod
    def _scans(connection: sqlite3.Connection) -> tuple[list[ScanRecord], int]:
        connection.execute(
            "UPDATE scans SET state = 'Failed', error = ?"
            " WHERE state NOT IN ('Failed', 'Aborted', 'Finished')",
            (_INTERRUPTED,),
        )
        rows = connection.execute(
            "SELECT id, name, created, state, error, started, finish, work_units,"
            " (SELECT coalesce(max(last), -1) FROM blocks WHERE scan = scans.id) FROM scans ORDER BY id"
        )
        records = [ScanRecord._make(row)._replace(state=ScanState(row[3])) for row in rows]
        last = connection.execute("SELECT coalesce(max(id), 0) FROM blocks").fetchone()[0]
        return records, last + 1

    def close(self) -> None:
        """Close the file."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @contextmanager
    def _explained(self, purpose: str) -> Generator[None]:
        """Have what goes wrong say which file it is, and what to do."""
        try:
            yield
        except (OSError, sqlite3.Error, zlib.error) as error:
            reason = str(error)
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if advice := _DAMAGED if isinstance(error, zlib.error) else _ADVICE.get(code):
                reason += f": {advice}"
            raise LogFailed(f"the data log {self.path} cannot be {purpose}: {reason}", reason) from error

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        with self._explained("written"):
            self._look()
            with self._connection as connection:
                connection.execute("BEGIN")
                yield connection

    def _look(self) -> None:
        """Make sure that what is written can be found again: SQLite does not mind a file that was removed."""
        if self.path.stat().st_ino != self._inode:
            raise OSError("another file is in its place: move the right one back")

    # Writing

    def add(self, name: str, created: int, commands: str) -> int:
        """Keep a new scan and return its id, which no other scan ever has.

        Raises:
            LogFailed: The file cannot be written.
        """
        with self._transaction() as connection:
            row = connection.execute(
                "INSERT INTO scans (name, created, commands, state) VALUES (?, ?, ?, ?) RETURNING id",
                (name, created, commands, ScanState.IDLE),
            )
            return int(row.fetchone()[0])

    def write(self, blocks: Iterable[Block], ends: Iterable[End]) -> None:
        """Keep samples and the ends of scans, all of them or none; those of scans that were deleted are not.

        Raises:
            LogFailed: The file cannot be written.
        """
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO blocks (id, scan, device, last, samples)"
                " SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM scans WHERE id = ?2)",
                ((*block[:4], _pack(block.samples)) for block in blocks),
            )
            connection.executemany(
                "UPDATE scans SET state = ?, error = ?, started = ?, finish = ?, work_units = ?,"
                " commands = coalesce(?, commands) WHERE id = ?",
                ((*end.scan[3:8], end.commands, end.scan.id) for end in ends),
            )

    def delete(self, scan_ids: Iterable[int]) -> None:
        """Forget scans and their data.

        Raises:
            LogFailed: The file cannot be written.
        """
        with self._transaction() as connection:
            connection.executemany("DELETE FROM scans WHERE id = ?", ((scan_id,) for scan_id in scan_ids))

    # Reading

    def commands(self, scan_id: int) -> str:
        """Return the commands of a scan as a document, nothing where there is no such scan.

        Raises:
            LogFailed: The file cannot be read.
        """
        with self._explained("read"):
            row = self._connection.execute("SELECT commands FROM scans WHERE id = ?", (scan_id,)).fetchone()
            return str(row[0]) if row else ""

    def blocks(self, scan_id: int, after: int, before: int) -> list[tuple[int, str]]:
        """Return ids and devices of a scan's blocks, in the order in which they were logged.

        Args:
            scan_id: The scan.
            after: A serial; blocks whose samples are all up to it are left out.
            before: An id; blocks from there on are left out.

        Raises:
            LogFailed: The file cannot be read.
        """
        with (
            self._explained("read"),
            closing(
                self._connection.execute(
                    "SELECT id, device FROM blocks WHERE scan = ? AND last > ? AND id < ? ORDER BY id",
                    (scan_id, after, before),
                )
            ) as rows,
        ):
            return rows.fetchall()

    def samples(self, block_id: int) -> list[Sample] | None:
        """Return the samples of a block, None where it was deleted.

        Raises:
            LogFailed: The file cannot be read, or is damaged there.
        """
        with self._explained("read"):
            row = self._connection.execute("SELECT samples FROM blocks WHERE id = ?", (block_id,)).fetchone()
            return _unpack(row[0]) if row else None


def _pack(samples: list[Sample]) -> bytes:
    # A value of a type that no device should have must not keep all others from being written
    return zlib.compress(json.dumps(samples, default=str).encode(), 1)


def _unpack(packed: bytes) -> list[Sample]:
    samples: list[Sample] = json.loads(zlib.decompress(packed))
    return samples
