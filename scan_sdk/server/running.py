"""A server while it runs, as other threads reach it."""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Final, TypeVar

from scan_sdk.server.errors import NotRunning
from scan_sdk.server.testing.handles import DeviceHandles

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from scan_sdk.models import ScanInfo
    from scan_sdk.server.engine.engine import ScanEngine
    from scan_sdk.server.testing.faults import HttpFaults, Planned

__all__ = ["Running"]

T = TypeVar("T")

_LOOK: Final = 0.5
"""Seconds after which whoever waits for a server looks whether it is still there."""


class Running:
    """A running server, to be made on its event loop.

    Attributes:
        engine: Its scans.
        handles: Devices that tests have in their hands.
    """

    def __init__(self, engine: ScanEngine, faults: HttpFaults | None, stopping: asyncio.Event) -> None:
        """Take the parts.

        Args:
            engine: The scans.
            faults: What has requests go wrong, None where nothing does.
            stopping: Set to stop the server.
        """
        self.engine = engine
        self.handles: DeviceHandles = DeviceHandles(self)
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._stopping = stopping

    @property
    def is_there(self) -> bool:
        """Whether it neither has stopped nor is about to."""
        return not (self._stopping.is_set() or self._loop.is_closed())

    def stop(self) -> None:
        """Have the server stop; on any thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    def call(self, work: Callable[[], Coroutine[None, None, T]]) -> T:
        """Do something on the event loop of the server, and return what comes of it; on any other thread.

        Raises:
            NotRunning: The server has stopped.
        """
        coroutine = work()
        try:
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        except RuntimeError:
            coroutine.close()
            raise NotRunning from None
        while True:
            try:
                return future.result(_LOOK)
            except CancelledError:
                raise NotRunning from None
            except TimeoutError:
                if future.done():
                    raise  # of the work itself
                if self._loop.is_closed():
                    coroutine.close()
                    raise NotRunning from None

    async def plan(self, planned: Planned) -> None:
        """Have the next requests of a kind fail."""
        if self._faults is not None:
            self._faults.plan(planned)

    async def clear_faults(self) -> None:
        """Undo what was asked to fail."""
        self.handles.forget_failures()
        if self._faults is not None:
            self._faults.clear()

    async def scan_infos(self) -> tuple[ScanInfo, ...]:
        """Return how all scans are, the newest first."""
        return tuple(self.engine.infos())

    async def reset(self) -> None:
        """Begin anew, but for the ids of scans and the time.

        Raises:
            NotRunning: The server is about to stop.
        """
        if self._stopping.is_set():
            raise NotRunning
        await self.clear_faults()
        self.handles.close_all()
        await self.engine.reset()
