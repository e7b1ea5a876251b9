"""Waiting for something in a way that someone who wants the next command can end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from scan_sdk.server.errors import Skipped

if TYPE_CHECKING:
    from scan_sdk.server.clock import Clock

__all__ = ["Gate"]

T = TypeVar("T")


class Gate:
    """What one command waits at; there is one wait at a time."""

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: asyncio.Future[None] | None = None

    def skip(self) -> None:
        """End the wait, where there is one, with `Skipped`."""
        if self._future is not None and not self._future.done():
            self._future.set_exception(Skipped())

    async def hold(self, event: asyncio.Future[T], seconds: float, clock: Clock) -> T:
        """Wait for something.

        Args:
            event: What to wait for; cancelled where the wait ends without it.
            seconds: How long at most; 0 for ever.
            clock: By which time.

        Returns:
            What the event brings.

        Raises:
            TimeoutError: It did not come in time.
            Skipped: Someone wants the next command.
        """
        future = self._future = asyncio.get_running_loop().create_future()
        event.add_done_callback(lambda event: _open(future, event))
        timer = clock.call_later(seconds, lambda: _expire(future)) if seconds > 0 else None
        try:
            await future
            return event.result()
        finally:
            self._future = None
            if timer is not None:
                timer.cancel()
            event.cancel()


def _open(future: asyncio.Future[None], event: asyncio.Future[T]) -> None:
    if not future.done():
        future.set_result(None)
    elif not event.cancelled():
        event.exception()  # nobody waits for it any more; asyncio would complain


def _expire(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_exception(TimeoutError())
