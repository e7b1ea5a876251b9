"""The time by which a scan server goes: the machine's, one that a test turns by hand, or one that jumps."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import selectors
import threading
import time
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from selectors import SelectorKey

__all__ = ["Clock", "ManualClock", "SystemClock", "Timer", "VirtualClock"]

_NANOSECONDS: Final = 1_000_000_000


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

    def held(self) -> AbstractContextManager[None]:
        """Say that work is going on which belongs to the present moment, such as that of a thread.

        A clock that would jump to the next timer stands still meanwhile; for others nothing changes.
        """
        ...

    def released(self) -> AbstractContextManager[None]:
        """Undo one `held` for a while, for work that comes to wait for something on this clock."""
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

    def held(self) -> AbstractContextManager[None]:
        """Change nothing: this clock waits for nobody."""
        return nullcontext()

    def released(self) -> AbstractContextManager[None]:
        """Change nothing."""
        return nullcontext()


class _SetTimer:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class _SetClock:
    """A time that stands still but for those who set it, with the timers in the order in which they are due.

    It counts whole nanoseconds from whole milliseconds, so that sums of many delays are exact.
    """

    def __init__(self, start: float) -> None:
        self._start = round(start * 1000) * (_NANOSECONDS // 1000)
        self._now = 0
        self._timers: list[tuple[int, int, _SetTimer]] = []
        self._order = itertools.count()

    def time(self) -> float:
        """Return the seconds since 1970."""
        return (self._start + self._now) / _NANOSECONDS

    def monotonic(self) -> float:
        """Return the seconds that the clock has gone on."""
        return self._now / _NANOSECONDS

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Remember what to call when the clock has gone on by `delay` seconds."""
        timer = _SetTimer(callback)
        due = self._now + max(0, round(min(delay, _FOR_EVER) * _NANOSECONDS))
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer

    def _next(self) -> int | None:
        """Return when the earliest timer is due, None where none is set."""
        timers = self._timers
        while timers and timers[0][2].callback is None:
            heapq.heappop(timers)
        return timers[0][0] if timers else None

    def _jump(self) -> Callable[[], object]:
        """Go on to the earliest timer, which has to be there, and return what to call."""
        self._now, _, timer = heapq.heappop(self._timers)
        assert timer.callback is not None  # _next() came first
        return timer.callback


_FOR_EVER: Final = 1e12
"""Seconds after which it does not matter how much later something is, for infinite delays too."""
_END_OF_TIME: Final = 253_402_000_000 * _NANOSECONDS
"""The last moment that a virtual clock goes to, since 1970: dates end with the year 9999."""
_LOOK: Final = 0.1
"""Seconds after which whoever waits for a clock looks whether it is still in use."""


class ManualClock(_SetClock):
    """A clock that stands still until someone has it go on.

    Args:
        start: Seconds since 1970.
    """

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        super().__init__(start)

    @property
    def next_due(self) -> float | None:
        """When the earliest timer is due, by `monotonic`; None where none is set."""
        due = self._next()
        return None if due is None else due / _NANOSECONDS

    async def advance(self, seconds: float) -> None:
        """Go on, calling what becomes due at its own time and letting the event loop react in between.

        Args:
            seconds: How far to go.
        """
        end = self._now + round(seconds * _NANOSECONDS)
        await settle()
        while (due := self._next()) is not None and due <= end:
            self._jump()()
            await settle()
        self._now = end

    def held(self) -> AbstractContextManager[None]:
        """Change nothing: this clock stands still anyway."""
        return nullcontext()

    def released(self) -> AbstractContextManager[None]:
        """Change nothing."""
        return nullcontext()


class VirtualClock(_SetClock):
    """A clock on which nobody waits: when nothing is left to do, it jumps to the next timer.

    It works with an event loop of its own, `event_loop()`: where that would sleep, the clock goes on to what
    is due next. Network and threads are served as ever. While no timer is set, the clock stands still.

    It is for simulated devices. Those of a real network take real time, and every limit on how long to wait
    for them is over at once.

    Args:
        start: Seconds since 1970; by default now, in whole milliseconds.

    Example:
        >>> from scan_sdk import Delay, ScanClient
        >>> from scan_sdk.server import EmbeddedServer
        >>> with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
        ...     info = client.wait_until_done(client.submit([Delay(3600)]))
        ...     print(info.runtime)
        1:00:00
    """

    def __init__(self, start: float | None = None) -> None:
        super().__init__(int(time.time() * 1000) / 1000 if start is None else start)
        self._holds: dict[int, int] = {}
        self._advancing = 0
        self._until: int | None = None
        self._reached = threading.Event()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a new event loop that goes by this clock; timers of an earlier one are forgotten."""
        self._timers.clear()
        self._loop = asyncio.SelectorEventLoop(_JumpingSelector(self._go_on))
        return self._loop

    def _go_on(self) -> bool:
        """Jump to the next timer and have the loop call it; return whether there was one to jump to."""
        with self._lock:
            due, until = self._next(), self._until
            holds = sum(self._holds.values())
            if until is not None:  # who advances holds the clock as well
                holds -= self._holds.get(self._advancing, 0)
            if holds:
                return False
            if until is not None and (due is None or due > until):
                self._now, self._until = until, None
                self._reached.set()
                return False
            if due is None or self._start + due > _END_OF_TIME:
                return False
            callback = self._jump()
        assert self._loop is not None  # it is the one that asks
        self._loop.call_soon(callback)
        return True

    @contextmanager
    def held(self) -> Generator[None]:
        """Stand still; may be used on any thread, and by several at the same time."""
        self._hold(1)
        try:
            yield
        finally:
            self._hold(-1)

    @contextmanager
    def released(self) -> Generator[None]:
        """Undo one `held` for a while."""
        self._hold(-1)
        try:
            yield
        finally:
            self._hold(1)

    def _hold(self, change: int) -> None:
        thread = threading.get_ident()
        with self._lock:
            self._holds[thread] = self._holds.get(thread, 0) + change
            if not self._holds[thread]:
                del self._holds[thread]
        if change < 0:
            self._wake()

    def advance(self, seconds: float) -> None:
        """Go on while this thread holds it, and return when all that was due by then has happened.

        It is for another thread than the server's.

        Args:
            seconds: How far to go.

        Raises:
            RuntimeError: This thread does not hold the clock, or no server goes by it.

        Example:
            >>> from scan_sdk import Delay, ScanClient
            >>> from scan_sdk.server import EmbeddedServer
            >>> with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
            ...     clock = server.virtual_clock
            ...     with clock.held():
            ...         scan_id = client.submit([Delay(3600)])
            ...         clock.advance(1800)
            ...         print(client.scan_info(scan_id).command)
            Delay 3600.0 sec. Remaining: 00:30:00
        """
        thread = threading.get_ident()
        with self._lock:
            if thread not in self._holds:
                raise RuntimeError("the clock goes on by itself: hold it first, using `with clock.held():`")
            self._advancing = thread
            self._until = self._now + round(seconds * _NANOSECONDS)
            self._reached.clear()
        self._wake()
        while not self._reached.wait(_LOOK):
            if self._loop is None or self._loop.is_closed():
                raise RuntimeError("no server goes by this clock")

    def _wake(self) -> None:
        """Have the loop ask anew whether to go on."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it is closed
                self._loop.call_soon_threadsafe(_nothing)


def _nothing() -> None:
    pass


class _JumpingSelector(selectors.DefaultSelector):
    """Waits for the network as an event loop does, unless time can go on instead."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        super().__init__()
        self._go_on = go_on

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0) or self._go_on():
            return ready
        return super().select(timeout)


async def settle(rounds: int = 20) -> None:
    """Give everything that is ready on the event loop the time to happen."""
    for _ in range(rounds):
        await asyncio.sleep(0)
