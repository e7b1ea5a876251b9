"""The PVs in which a server reports its scans, as `status_pv_prefix` names them.

With the prefix `Demo:Scan:` they are `Demo:Scan:Active`, 1 while scans run or wait; `...State`, the number of
the state (0 Idle, 1 Running, 2 Paused, 3 Aborted, 4 Failed, 5 Finished); `...Status`, the scan's name;
`...Progress`, per cent; and `...Finish`, a text with the time that is expected or was reached.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from scan_sdk.models import ScanState
from scan_sdk.server.engine.gate import Gate
from scan_sdk.server.engine.writing import put
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.models import ScanInfo
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.context import ScanDevices

__all__ = ["StatusPvs"]

_NAMES: Final = ("Active", "State", "Status", "Progress", "Finish")
_STATES: Final = tuple(ScanState)
_SPACING: Final = 0.1
"""Seconds between two reports while a scan runs."""
_STATE_LIMIT: Final = 10.0
"""Seconds that the PV of the state has to take the last one, so that a database can act on it."""

_logger = logging.getLogger(__name__)


class StatusPvs:
    """The PVs, as one scan keeps them."""

    def __init__(self, prefix: str, devices: ScanDevices, clock: Clock, look: Callable[[], ScanInfo]) -> None:
        """Add the PVs to a scan's devices.

        Args:
            prefix: What their names begin with.
            devices: The devices of the scan.
            clock: The time.
            look: Returns how the scan is.
        """
        self._prefix = prefix
        self._devices = devices
        self._clock = clock
        self._look = look
        self._news = asyncio.Event()
        self._reporter: asyncio.Task[None] | None = None
        for name in _NAMES:
            devices.add(prefix + name)

    async def begin(self) -> None:
        """Say that the scan begins, and go on reporting.

        Raises:
            CommandFailed: A PV does not take it.
        """
        await self._write("Status", self._look().name)
        await self._write("State", float(_STATES.index(self._look().state)))
        await self._write("Active", 1.0)
        await self._write("Progress", 0.0)
        await self._write("Finish", "Starting ...")
        self._reporter = asyncio.create_task(self._report(), name="scan status PVs")

    def changed(self) -> None:
        """Take notice that there is something new to report."""
        self._news.set()

    async def end(self, *, others: bool) -> None:
        """Say how the scan ended.

        Args:
            others: Whether other scans run or wait.
        """
        if self._reporter is None:
            return  # it never began
        self._reporter.cancel()
        await asyncio.wait([self._reporter])
        info = self._look()
        now = datetime.fromtimestamp(self._clock.time(), UTC).astimezone()
        await self._tell("Status", "")
        await self._tell_state(info.state)
        await self._tell("Finish", f"{now:%Y-%m-%d %H:%M:%S.%f}"[:-3])
        await self._tell("Progress", 100.0)
        await self._tell("Active", float(others))

    async def _report(self) -> None:
        state = ScanState.RUNNING
        while True:
            await self._news.wait()
            self._news.clear()
            info = self._look()
            if info.state is not state:
                state = info.state
                await self._tell("State", float(_STATES.index(state)))
            await self._tell("Progress", float(info.percentage))
            if info.finish is not None:
                await self._tell("Finish", _compact(info.finish.astimezone(), self._clock.time()))
            with suppress(TimeoutError):
                await Gate().hold(asyncio.get_running_loop().create_future(), _SPACING, self._clock)

    async def _write(self, name: str, value: float | str) -> None:
        await self._devices[self._prefix + name].write(value)

    async def _tell(self, name: str, value: float | str) -> None:
        """Write, and be content where that does not work: the scan matters more."""
        try:
            await self._write(name, value)
        except CommandFailed as error:
            _logger.warning("status PV: %s", error)

    async def _tell_state(self, state: ScanState) -> None:
        device = self._devices[f"{self._prefix}State"]
        try:
            await put(
                Gate(), self._clock, device, float(_STATES.index(state)), completion=True, limit=_STATE_LIMIT
            )
        except CommandFailed as error:
            _logger.warning("status PV: %s", error)


def _compact(moment: datetime, now: float) -> str:
    """Return a local time: of today the hour, of this year the day and hour, else the date."""
    today = datetime.fromtimestamp(now, UTC).astimezone()
    if moment.date() == today.date():
        return f"{moment:%H:%M:%S}"
    return f"{moment:%m-%d %H:%M}" if moment.year == today.year else f"{moment:%Y-%m-%d}"
