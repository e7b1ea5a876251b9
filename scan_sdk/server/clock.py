"""The time by which a scan server goes: the machine's, or one that a test turns by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "ManualClock", "SystemClock", "Timer"]


class Timer(Protocol):
    """A call that is yet to come."""

    def cancel(self) -> None:
        """Call nothing after all."""
        ...


class Clock(Protocol):
    """Everything that the server knows of time goes through one of these."""

    def time(self) -> float:
        """Return the seconds since 1970, for time stamps."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow, for durations."""
        ...

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have the event loop call something once.

        Args:
            delay: How much later, in seconds.
            callback: What to call.

        Returns:
            The timer, for cancelling it.
        """
        ...


def milliseconds(clock: Clock) -> int:
    """Return the clock's time in whole milliseconds since 1970, as time stamps have it."""
    return int(clock.time() * 1000)


class SystemClock:
    """The time of the machine."""

    def time(self) -> float:
        """Return the seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Return the seconds since some moment in the past."""
        return time.monotonic()

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Have the running event loop call something after a delay in seconds."""
        return asyncio.get_running_loop().call_later(delay, callback)


class _ManualTimer:
    def __init__(self, due: float, callback: Callable[[], object]) -> None:
        self.due = due
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        """Begin at a time in seconds since 1970."""
        self._start = start
        self._now = 0.0
        self._timers: list[tuple[float, int, _ManualTimer]] = []
        self._order = itertools.count()

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self._start + self._now

    def monotonic(self) -> float:
        """Return the seconds that the clock has gone on."""
        return self._now

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Remember what to call when the clock has gone on by `delay` seconds."""
        timer = _ManualTimer(self._now + delay, callback)
        heapq.heappush(self._timers, (timer.due, next(self._order), timer))
        return timer

    @property
    def next_due(self) -> float | None:
        """When the earliest timer is due, by `monotonic`; None where none is set."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    async def advance(self, seconds: float) -> None:
        """Go on, calling what becomes due at its own time and letting the event loop react in between.

        Args:
            seconds: How far to go.
        """
        end = self._now + seconds
        await settle()
        while (due := self.next_due) is not None and due <= end:
            self._now = due
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                callback()
            await settle()
        self._now = end


async def settle(rounds: int = 20) -> None:
    """Give everything that is ready on the event loop the time to happen."""
    for _ in range(rounds):
        await asyncio.sleep(0)
