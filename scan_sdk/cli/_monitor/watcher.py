"""Looks at the server again and again: no more often than is useful, and on after it was lost."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk import Estimates
from scan_sdk.errors import AccessRefused, ProtocolError, ScanSdkError, ServerError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from scan_sdk import AsyncScanClient, ScanInfo, TimeLeft

__all__ = ["Lost", "Seen", "Watcher"]

_BUSY: Final = 1.0
"""Seconds between two looks while something is to be done on the server."""
_QUIET: Final = 2.0
"""Seconds between two looks else."""
_SHARE: Final = 10
"""How many times as long as a look took there is none after it, so that long lists are no burden."""
_LONGEST: Final = 5.0
"""Seconds between two looks at most."""
_LOST: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds before the first looks after the server was lost; the last one for all that follow."""
_LEARNT: Final = 10
"""Scans whose commands are asked for between two looks at most, for the sake of estimates."""


class Seen(NamedTuple):
    """The scans of the server, and the time they take.

    Attributes:
        infos: The scans, the most recent first.
        times: Estimates by id.
        by_id: The scans by id.
    """

    infos: Sequence[ScanInfo] = ()
    times: Mapping[int, TimeLeft] = {}
    by_id: Mapping[int, ScanInfo] = {}


class Lost(NamedTuple):
    """The server was lost, or did not answer as one does.

    Attributes:
        reason: Why, and what to do about it.
    """

    reason: str


class Watcher:
    """Looks at the scans of a server."""

    def __init__(self, client: AsyncScanClient) -> None:
        """Take the client of the server."""
        self._client = client
        self._estimates = Estimates()
        self._nudged = asyncio.Event()
        self._took = 0.0

    def nudge(self) -> None:
        """Have it look at once, as something was done."""
        self._nudged.set()

    async def looks(self) -> AsyncIterator[Seen | Lost]:
        """Yield what is seen, for ever."""
        failures = 0
        while True:
            try:
                seen = await self._look()
            except ScanSdkError as error:
                self._estimates = Estimates()  # whichever server comes back may have other scans
                pause = _LOST[min(failures, len(_LOST) - 1)]
                failures += 1
                yield Lost(_reason(error))
            else:
                failures = 0
                busy = any(not info.is_done for info in seen.infos)
                pause = max(_BUSY if busy else _QUIET, min(_LONGEST, _SHARE * self._took))
                yield seen
            await self._rest(pause)

    async def _look(self) -> Seen:
        begun = perf_counter()
        infos = await self._client.scan_infos()
        self._took = perf_counter() - begun
        for scan_id in self._estimates.wanted(infos[::-1])[:_LEARNT]:
            try:
                commands = await self._client.scan_commands(scan_id)
            except (ProtocolError, ServerError):
                self._estimates.learn(scan_id, None)  # it was deleted, or the server has lost them
            else:
                self._estimates.learn(scan_id, commands)
        return Seen(infos, self._estimates.update(infos), {info.id: info for info in infos})

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._nudged.wait()
        except TimeoutError:
            return
        self._nudged.clear()


def _reason(error: ScanSdkError) -> str:
    if isinstance(error, AccessRefused):
        return f"{error}. Start the monitor again with --token, or SCAN_SDK_TOKEN in the environment"
    return str(error)
