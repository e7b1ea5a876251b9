"""Scans that are over and of which no more is in memory than what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from scan_sdk.models import ScanInfo, ScanState

if TYPE_CHECKING:
    from scan_sdk.server.store.store import ScanRecord, Store

__all__ = ["PastScan"]


class PastScan:
    """A scan that is over, of an earlier server for the most part; its data and commands are in the store."""

    error_address: Final = None
    """Which of its commands failed is no more known."""

    def __init__(self, record: ScanRecord, store: Store) -> None:
        self._record = record
        self._store = store

    @property
    def id(self) -> int:
        """Its number."""
        return self._record.id

    @property
    def state(self) -> ScanState:
        """How it ended."""
        return self._record.state

    @property
    def is_done(self) -> bool:
        """Whether it is over: always."""
        return True

    @property
    def last_serial(self) -> int:
        """The serial of the last sample logged, -1 where there is none."""
        return self._record.last_serial

    async def document(self) -> str:
        """Return its commands as XML."""
        return await self._store.commands(self.id)

    def info(self) -> ScanInfo:
        """Return what the server says of it."""
        record = self._record
        ran, runtime = False, 0
        if record.started is not None and record.finish is not None:
            ran, runtime = True, record.finish - record.started
        return ScanInfo(
            id=record.id,
            name=record.name,
            created=datetime.fromtimestamp(record.created / 1000, UTC),
            state=record.state,
            runtime=timedelta(milliseconds=runtime),
            total_work_units=record.work_units,
            performed_work_units=record.work_units if ran else 0,
            finish=datetime.fromtimestamp(record.finish / 1000, UTC) if record.finish is not None else None,
            command="- end -" if ran else "",
            error=record.error,
        )
