"""The engine: takes scans, has them performed in order, and answers for all of them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from scan_sdk._dialect.macros import parse_macros
from scan_sdk.server.clock import SystemClock, milliseconds
from scan_sdk.server.devices.context import Device, aliases_of
from scan_sdk.server.devices.pv import PvPool
from scan_sdk.server.devices.schemes import Around, providers
from scan_sdk.server.engine.past import PastScan
from scan_sdk.server.engine.preparing import Preparation
from scan_sdk.server.engine.scan import Scan
from scan_sdk.server.engine.simulating import simulate_scan
from scan_sdk.server.engine.submission import Options, Surroundings
from scan_sdk.server.errors import UnknownScanId
from scan_sdk.server.memory import memory_percentage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping
    from pathlib import Path

    from scan_sdk.models import DeviceInfo, ScanConfig, ScanInfo, SimulationResult
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.schemes import Factory
    from scan_sdk.server.store.store import Store

__all__ = ["PATIENCE", "AnyScan", "ScanEngine"]

AnyScan: TypeAlias = Scan | PastScan
T = TypeVar("T")

ALL: Final = -1
"""The id that stands for every scan that can be performed."""
_STOPPED: Final = "Aborted (server stop)"
_LET_GO: Final = 10
"""Scans that are let go of with each new one, while memory is short."""
PATIENCE: Final = 5.0
"""Seconds that scans have for their post-scan when the server stops."""

_logger = logging.getLogger(__name__)


class ScanEngine:
    """The scans of a server. All methods are to be called on one event loop."""

    def __init__(
        self,
        config: ScanConfig,
        store: Store,
        *,
        folder: Path | None = None,
        clock: Clock | None = None,
        default_pv: str = "ca",
        devices: Mapping[str, Factory] | None = None,
    ) -> None:
        """Set up an engine that has yet to be started.

        Args:
            config: The configuration.
            store: Where scans and data are kept.
            folder: Folder that paths in the configuration start from; without it there are no such files.
            clock: The time; by default the machine's.
            default_pv: The scheme of names of PVs that have none.
            devices: What makes devices of further schemes, by scheme.

        Raises:
            ValueError: The macros in the configuration cannot be read, or there is no such scheme.
            ExtensionError: A further scheme is there already.
        """
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.started: int = milliseconds(self.clock)
        self.pool: PvPool = PvPool(
            providers(Around(self.clock, config.read_timeout), devices), default_pv=default_pv
        )
        self._store = store
        self._aliases = aliases_of(config)
        self._around = Surroundings(
            self.clock,
            self.pool,
            self._aliases,
            parse_macros(config.macros),
            config.read_timeout,
            store,
            config.status_pv_prefix,
            lambda: any(not scan.is_done for scan in self._scans),
        )
        self._prepare = Preparation(config, folder, self.clock)
        self._scans: list[AnyScan] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._queue_changed = asyncio.Event()
        self._queue_task: asyncio.Task[None] | None = None

    # Life

    async def start(self) -> None:
        """List the scans of earlier servers and begin to perform queued ones.

        Raises:
            OSError: The store cannot be used.
        """
        self._scans = [PastScan(record, self._store) for record in await self._store.open()]
        await self._prepare.start()
        self._queue_task = asyncio.create_task(self._perform_queue(), name="scan queue")

    async def end_scans(self, patience: float = PATIENCE) -> None:
        """Begin no more scans, abort all, and wait a while for their post-scans.

        Args:
            patience: Seconds that the post-scans have; none any more when this call is cancelled.
        """
        if self._queue_task is not None:
            self._queue_task.cancel()
            await asyncio.wait([self._queue_task])
        await self._abort_all(_STOPPED, patience)

    async def stop(self) -> None:
        """End all scans, and close the store."""
        await self.end_scans()
        self.pool.close()
        self._prepare.close()
        await self._store.close()

    async def reset(self) -> None:
        """Abort and forget all scans, and have simulated devices begin anew."""
        await self._abort_all("Aborted", PATIENCE)
        await self.remove_completed()
        self.pool.reset()

    async def _abort_all(self, reason: str, patience: float) -> None:
        for scan in reversed(self._living()):  # those that wait first, so that none of them begins
            scan.abort(reason)
        if self._tasks:
            late = self._tasks.copy()
            with suppress(asyncio.CancelledError):
                _, late = await asyncio.wait(self._tasks, timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _perform_queue(self) -> None:
        while True:
            scan = next((scan for scan in self._living() if scan.waits_in_queue), None)
            if scan is None:
                self._queue_changed.clear()
                await self._queue_changed.wait()
            else:
                await asyncio.wait([self._launch(scan)])

    def _launch(self, scan: Scan) -> asyncio.Task[None]:
        task = asyncio.create_task(scan.run(), name=f"scan {scan.id}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._ended, scan))
        _logger.info("scan %d begins", scan.id)
        return task

    def _ended(self, scan: Scan, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        info = scan.info()
        _logger.info("scan %d %s%s", info.id, info.state, f": {info.error}" if info.error else "")
        if not task.cancelled() and (error := task.exception()) is not None:
            _logger.error("%s broke", task.get_name(), exc_info=error)

    # Taking scans

    async def submit(self, name: str, document: bytes, options: Options | None = None) -> int:
        """Take a scan.

        Args:
            name: Its name.
            document: Its commands as XML.
            options: How to perform it; the defaults where it is left out.

        Returns:
            Its id.

        Raises:
            Refused: It cannot be performed, for the reason that the text gives.
        """
        await self._keep_limit()
        self._free_memory()
        submission, text = await self._prepare.scan(name, document, options or Options())
        created = milliseconds(self.clock)
        scan_id = await self._store.add(submission.name, created, text)
        scan = Scan(scan_id, created, submission, self._around)
        self._scans.append(scan)
        _logger.info("scan %d %r taken", scan_id, submission.name)
        if submission.options.queue:
            self._queue_changed.set()
        else:
            self._launch(scan)
        return scan_id

    async def simulate(self, document: bytes) -> SimulationResult:
        """Simulate a scan.

        Raises:
            Refused: It could not be performed either.
        """
        commands, nodes, files = await self._prepare.commands(document)
        return await simulate_scan(commands, nodes, self.config, self._around, files)

    async def _keep_limit(self) -> None:
        """Remove the oldest scans that are done where there are more than the configuration allows."""
        limit = self.config.log_limit
        if limit > 0 and len(self._scans) > limit:
            done = [scan for scan in self._scans if scan.is_done]
            await self._remove(done[: len(self._scans) - limit])

    def _free_memory(self) -> None:
        """Let the oldest scans that are done be past ones where the process takes more than it should.

        Nothing of them is lost. The real server likewise lets go of ten at most with each new scan.
        """
        done = (
            (place, scan) for place, scan in enumerate(self._scans) if isinstance(scan, Scan) and scan.is_done
        )
        for place, scan in islice(done, _LET_GO):
            if memory_percentage() <= self.config.old_scan_removal_threshold:
                break
            self._scans[place] = PastScan(scan.record(), self._store)

    # Looking

    def infos(self) -> list[ScanInfo]:
        """Return what is to say of each scan, the newest first."""
        return [scan.info() for scan in reversed(self._scans)]

    def scan(self, scan_id: int) -> AnyScan:
        """Return a scan.

        Raises:
            UnknownScanId: There is none of that id.
        """
        for scan in reversed(self._scans):
            if scan.id == scan_id:
                return scan
        raise UnknownScanId(scan_id)

    def devices(self, scan_id: int) -> list[DeviceInfo]:
        """Return the devices of a scan, or those of the configuration where the id is negative.

        Raises:
            UnknownScanId: There is no such scan.
        """
        if scan_id < 0:
            return [Device(name, alias).info() for alias, name in self._aliases.items()]
        scan = self.scan(scan_id)
        return [device.info() for device in scan.devices] if isinstance(scan, Scan) else []

    def data(self, scan_id: int, after: int = -1) -> AsyncGenerator[str, None]:
        """Return what a scan has logged as XML, in pieces.

        Args:
            scan_id: The scan.
            after: Only samples with a higher serial.

        Raises:
            UnknownScanId: There is no such scan.
        """
        return self._store.data(self.scan(scan_id).id, after)

    def logs_in_order(self, scan_id: int) -> bool:
        """Tell whether `after` finds all that a scan has logged since: not once a script has logged."""
        return self._store.is_orderly(scan_id)

    # Control

    def _living(self) -> list[Scan]:
        return [scan for scan in self._scans if isinstance(scan, Scan)]

    def _chosen(self, scan_id: int) -> list[Scan]:
        """Return the scans that a control call is for; none where an earlier server performed the scan."""
        if scan_id < 0:
            return self._living()
        scan = self.scan(scan_id)
        return [scan] if isinstance(scan, Scan) else []

    def skip(self, scan_id: int) -> None:
        """Go on with the next command of a scan, or of all.

        Raises:
            UnknownScanId: There is no such scan.
        """
        for scan in self._chosen(scan_id):
            scan.skip()

    def pause(self, scan_id: int) -> None:
        """Pause a scan, or all.

        Raises:
            UnknownScanId: There is no such scan.
        """
        for scan in self._chosen(scan_id):
            scan.pause()

    def resume(self, scan_id: int) -> None:
        """Resume a scan, or all.

        Raises:
            UnknownScanId: There is no such scan.
        """
        for scan in self._chosen(scan_id):
            scan.resume()

    async def abort(self, scan_id: int) -> None:
        """Abort a scan, or all, and return when they have ended; before that where a post-scan takes longer.

        Raises:
            UnknownScanId: There is no such scan.
        """
        scans = self._chosen(scan_id)
        for scan in reversed(scans):  # those that wait first, so that none of them begins
            scan.abort()
        await asyncio.gather(*(scan.ended(within=_ABORT_MOMENT) for scan in scans))

    def patch(self, scan_id: int, address: int, name: str, value: float | str) -> None:
        """Change a property of a command; nothing where the scan is an earlier server's.

        Raises:
            Refused: There is no such scan, command or property, or the value does not suit it.
        """
        scan = self.scan(scan_id)
        if isinstance(scan, Scan):
            scan.patch(address, name, value)

    def move(self, scan_id: int, steps: int) -> None:
        """Move a scan that waits in the queue; nothing where that is not possible.

        Args:
            scan_id: The scan.
            steps: How many places further from its turn; negative for nearer. It stays behind the queued scan
                that is being performed.
        """
        scans = self._scans
        place = next((index for index, scan in enumerate(scans) if scan.id == scan_id), None)
        if place is None:
            return
        scan, target = scans[place], place + steps
        if not (isinstance(scan, Scan) and scan.waits_in_queue and 0 <= target < len(scans)):
            return
        if any(isinstance(other, Scan) and other.holds_queue for other in scans[:target]):
            del scans[place]
            scans.insert(target, scan)

    async def remove(self, scan_id: int) -> None:
        """Forget a scan and its data; nothing where it is not done.

        Raises:
            UnknownScanId: There is no such scan.
            Refused: The data log cannot be written; nothing is forgotten.
        """
        await self._remove([self.scan(scan_id)])

    async def remove_completed(self) -> None:
        """Forget all scans that are done.

        Raises:
            Refused: The data log cannot be written; nothing is forgotten.
        """
        await self._remove(self._scans)

    async def _remove(self, scans: Iterable[AnyScan]) -> None:
        done = {scan.id for scan in scans if scan.is_done}
        if done:
            await self._store.delete(list(done))
            self._scans = [scan for scan in self._scans if scan.id not in done]


_ABORT_MOMENT: Final = 0.2
"""Seconds that a request to abort waits for the end of a scan."""
