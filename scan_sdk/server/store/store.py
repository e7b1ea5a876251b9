"""What a server keeps: its scans and what they logged.

All work with the file happens in one thread of its own, so nothing here ever holds up the event loop. Samples
are collected in memory and written in blocks, many samples of one device together, all that there are in one
round. What cannot be written stays in memory, in order, and is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from scan_sdk._wire.log import sample_text, write_log
from scan_sdk.server.devices.values import as_logged
from scan_sdk.server.errors import CommandFailed, LogFailed, Refused
from scan_sdk.server.store.logfile import Block, End, LogFile, ScanRecord

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
    from pathlib import Path

    from scan_sdk.server.devices.values import Reading
    from scan_sdk.server.store.logfile import Sample

    T = TypeVar("T")

__all__ = ["ScanLog", "ScanRecord", "Store"]

_FLUSH_AFTER: Final = 0.1
"""Seconds that a sample stays in memory at most, while all is well."""
_RETRY_AFTER: Final = 1.0
"""Seconds until what could not be written is tried again."""
_FLUSH_AT: Final = 5_000
"""Samples in memory that are written at once."""
_CROWDED: Final = 100_000
"""Samples in memory above which scans wait for the file."""
_PIECES: Final = 2_000
"""Samples that are read and sent together."""

_logger = logging.getLogger(__name__)


class ScanLog:
    """What one scan logs.

    Attributes:
        scan_id: The scan.
        last_serial: The serial of the last sample, -1 where there is none.
    """

    def __init__(self, scan_id: int, store: Store) -> None:
        self.scan_id = scan_id
        self.last_serial: int = -1
        self._next = 0
        self._store = store
        self._samples: dict[str, list[Sample]] = {}

    def begin_anew(self) -> None:
        """Take notice that samples are going to come with serials that are no higher than those before."""
        self._store.disorder(self.scan_id)

    def next_serial(self) -> int:
        """Return a serial for the samples that belong together."""
        serial = self._next
        self._next += 1
        return serial

    def add(self, device: str, serial: int, reading: Reading) -> None:
        """Log a value of a device.

        Raises:
            CommandFailed: Logged data cannot be written at present.
        """
        self._store.check()
        value = as_logged(reading.value)
        samples = self._samples.get(device)
        if samples is None:
            self._samples[device] = [(serial, reading.time, value)]
            self._store.expect(self)
        else:
            samples.append((serial, reading.time, value))
        self.last_serial = max(serial, self.last_serial)
        self._store.count(1 + len(value) // 8 if isinstance(value, str | tuple) else 1)

    def add_all(self, readings: list[tuple[str, Reading]]) -> None:
        """Log what devices had under one new serial; nothing can come under it later.

        Raises:
            CommandFailed: Logged data cannot be written at present.
        """
        serial = self.next_serial()
        for device, reading in readings:
            self.add(device, serial, reading)

    def take(self) -> Iterator[tuple[str, list[Sample]]]:
        """Yield what was logged since the last call, by device."""
        taken, self._samples = self._samples, {}
        yield from taken.items()


class Store:
    """The scans of a server and their data.

    Args:
        folder: Where the data log is; nothing is opened yet.

    Attributes:
        failure: Why nothing can be written at present; None while all is well.
    """

    def __init__(self, folder: Path) -> None:
        self.failure: str | None = None
        self._file = LogFile(folder)
        self._orderly: set[int] = set()
        self._thread = ThreadPoolExecutor(1, "scan-store")
        self._logs: list[ScanLog] = []
        self._fresh = 0
        self._blocks: list[Block] = []
        self._ends: dict[int, End] = {}
        self._unwritten = 0
        self._next_block = 1
        self._round: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def open(self) -> list[ScanRecord]:
        """Open the file, made where there is none, and return its scans, oldest first.

        Scans that were not done when an earlier server stopped have failed.

        Raises:
            OSError: The file cannot be used.
        """
        try:
            records, self._next_block = await self._run(self._file.open)
        except LogFailed as error:
            self._thread.shutdown()
            raise OSError(str(error)) from error
        return records

    async def close(self) -> None:
        """Write what is waiting and close the file; the server's log says what is lost where that fails."""
        self._flush()
        while self._round is not None:
            await asyncio.wait([self._round])
        self._stop_timer()
        if self._blocks or self._ends:
            samples = sum(len(block.samples) for block in self._blocks)
            logged = {block.scan for block in self._blocks}
            _logger.error(
                "the data log %s could not be written until the server stopped (%s): lost are %s sample(s) of"
                " scan(s) %s, and how scan(s) %s ended",
                self._file.path,
                self.failure,
                samples,
                _listed(logged),
                _listed(self._ends),
            )
        await self._run(self._file.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        """Do something with the file in the file's thread, after all that was asked for earlier."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # Scans

    async def add(self, name: str, created: int, commands: str) -> int:
        """Keep a new scan and return its id, which no other scan ever has.

        Raises:
            Refused: The file cannot be written.
        """
        if self.failure is not None:
            await self._settle()
        if self.failure is not None:
            raise Refused(f"the data log {self._file.path} cannot be written: {self.failure}")
        return await self._run(lambda: self._file.add(name, created, commands))

    def update(self, record: ScanRecord, commands: str | None = None) -> None:
        """Keep how a scan ended, with all its samples; and its commands where they were patched."""
        self._ends[record.id] = End(record, commands)
        self._flush()

    async def commands(self, scan_id: int) -> str:
        """Return the commands of a scan as a document.

        Raises:
            Refused: The file cannot be read.
        """
        end = self._ends.get(scan_id)
        if end is not None and end.commands is not None:
            return end.commands
        return await self._run(lambda: self._file.commands(scan_id))

    async def delete(self, scan_ids: list[int]) -> None:
        """Forget scans and their data.

        Raises:
            Refused: The file cannot be written; nothing is forgotten.
        """
        await self._run(lambda: self._file.delete(scan_ids))
        self._orderly.difference_update(scan_ids)
        self._flush()  # there may be room now

    # Samples

    def log(self, scan_id: int) -> ScanLog:
        """Return the log of a new scan."""
        self._orderly.add(scan_id)
        return ScanLog(scan_id, self)

    def disorder(self, scan_id: int) -> None:
        """Take notice that the serials of a scan no longer only grow."""
        self._orderly.discard(scan_id)

    def is_orderly(self, scan_id: int) -> bool:
        """Tell whether all that a scan logs has higher serials than what it logged before.

        That is known of the scans of this server, not of those of earlier ones.
        """
        return scan_id in self._orderly

    @property
    def crowded(self) -> bool:
        """Whether so much is waiting to be written that scans had better wait too."""
        return self._unwritten > _CROWDED

    def expect(self, log: ScanLog) -> None:
        """Remember that a log has something to write."""
        if log not in self._logs:
            self._logs.append(log)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_FLUSH_AFTER, self._flush)

    def count(self, size: int) -> None:
        """Take notice of a sample in memory.

        Args:
            size: What it takes in memory, in samples that are plain numbers.
        """
        self._fresh += size
        if self._fresh >= _FLUSH_AT:
            self._flush()

    async def flush(self) -> None:
        """Return when all that was logged until now is in the file.

        Raises:
            CommandFailed: It cannot be written.
        """
        end = await self._settle()
        if self._written_before < end:
            self.check()

    def check(self) -> None:
        """Make sure that nothing keeps samples from being written.

        Raises:
            CommandFailed: Something does.
        """
        if self.failure is not None:
            raise CommandFailed(f"Cannot log: {self.failure}")

    @property
    def _written_before(self) -> int:
        """The id of the first block that may not be in the file."""
        return self._blocks[0].id if self._blocks else self._next_block

    async def _settle(self) -> int:
        """Try to write all that was logged until now, and return the id of the first block thereafter."""
        self._flush()
        end = self._next_block
        while self._written_before < end and self._round is not None:
            await asyncio.wait([self._round])
        return end

    def _flush(self) -> None:
        """Make blocks of what was logged and begin to write them, or leave that to the end of this round."""
        for log in self._logs:
            for device, samples in log.take():
                last = max(sample[0] for sample in samples)
                self._blocks.append(Block(self._next_block, log.scan_id, device, last, samples))
                self._next_block += 1
        self._logs.clear()
        self._unwritten += self._fresh
        self._fresh = 0
        self._stop_timer()
        if self._round is None:
            self._begin_round()

    def _begin_round(self) -> None:
        blocks, ends, size = tuple(self._blocks), dict(self._ends), self._unwritten
        if not blocks and not ends:
            return

        def write() -> None:
            self._file.write(blocks, ends.values())

        def done(written: asyncio.Future[None]) -> None:
            self._round = None
            if (error := written.exception()) is not None:
                self._failed(error)
                return
            if self.failure is not None:
                _logger.warning("the data log %s can be written again", self._file.path)
                self.failure = None
            del self._blocks[: len(blocks)]
            self._unwritten -= size
            self._ends = {scan: end for scan, end in self._ends.items() if ends.get(scan) is not end}
            self._begin_round()  # with what came meanwhile

        self._round = asyncio.get_running_loop().run_in_executor(self._thread, write)
        self._round.add_done_callback(done)

    def _failed(self, error: BaseException) -> None:
        reason = error.reason if isinstance(error, LogFailed) else repr(error)
        if self.failure is None:
            _logger.error(
                "the data log %s cannot be written: %s; until it can, scans that log will fail",
                self._file.path,
                reason,
            )
        self.failure = reason
        self._stop_timer()  # of samples that came meanwhile
        self._timer = asyncio.get_running_loop().call_later(_RETRY_AFTER, self._flush)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def data(self, scan_id: int, after: int = -1) -> AsyncGenerator[str, None]:
        """Yield what a scan has logged until now as a document, in pieces.

        It is in the file; while that cannot be written, what waits in memory is part of it.

        Args:
            scan_id: The scan.
            after: Only samples with a higher serial, and devices that have such.

        Raises:
            Refused: The file cannot be read, or the scan was deleted meanwhile.
        """
        devices = await self._blocks_of(scan_id, after)
        pieces = write_log((device, self._texts(blocks, after)) for device, blocks in devices.items())
        while piece := await self._run(lambda: "".join(islice(pieces, _PIECES))):
            yield piece

    async def _blocks_of(self, scan_id: int, after: int) -> dict[str, list[int | Block]]:
        """Return the blocks that hold a scan's samples by device: those in the file by number."""
        end = await self._settle()
        waiting = [
            block for block in self._blocks if block.scan == scan_id and block.id < end and block.last > after
        ]
        written = min(end, self._written_before)
        found = await self._run(lambda: self._file.blocks(scan_id, after, written))
        devices: dict[str, list[int | Block]] = {}
        for block, device in found:
            devices.setdefault(device, []).append(block)
        for held in waiting:
            devices.setdefault(held.device, []).append(held)
        return devices

    async def logged(self, scan_id: int) -> dict[str, list[Sample]]:
        """Return all that a scan has logged until now: serials, times and values by device.

        Raises:
            Refused: The file cannot be read, or the scan was deleted meanwhile.
        """
        devices = await self._blocks_of(scan_id, -1)
        return await self._run(
            lambda: {device: list(self._samples(blocks, -1)) for device, blocks in devices.items()}
        )

    def _texts(self, blocks: list[int | Block], after: int) -> Iterator[tuple[int, int, str]]:
        for serial, time, value in self._samples(blocks, after):
            yield serial, time, sample_text(value)

    def _samples(self, blocks: list[int | Block], after: int) -> Iterator[Sample]:
        for block in blocks:
            samples = block.samples if isinstance(block, Block) else self._file.samples(block)
            if samples is None:
                raise Refused("the scan was deleted while its data was being sent")
            for serial, time, value in samples:
                if serial > after:
                    yield serial, time, value


def _listed(scans: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(scans))) or "-"
