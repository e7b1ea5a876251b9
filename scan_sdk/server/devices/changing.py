"""Variables whose values change by themselves."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from scan_sdk.server.devices.pv import Pv

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.server.clock import Clock, Timer
    from scan_sdk.server.devices.values import Reading

__all__ = ["ChangingPv"]

_REFRESH: Final = 0.05
"""Seconds between two reports of a value that changes all the time to those who listen."""


class ChangingPv(Pv):
    """A variable whose value changes by itself; it is reported now and then while someone listens."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(self.now())
        self._clock = clock
        self._timer: Timer | None = None

    @abstractmethod
    def now(self) -> Reading:
        """Return the present value."""

    def pause(self) -> float:
        """Return the seconds until the value is to be reported next."""
        return _REFRESH

    async def read(self) -> Reading | None:
        """Return the present value, where `reading` is what was reported last."""
        self.reading: Reading | None = self.now()
        return self.reading

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have a function called now and then."""
        super().subscribe(listener)
        if self._timer is None:
            self._wait()

    def _wait(self) -> None:
        self._timer = self._clock.call_later(self.pause(), self._refresh)

    def _refresh(self) -> None:
        self._timer = None
        if self._listeners:
            self._wait()
        self.update(self.now())

    def close(self) -> None:
        """Report nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
