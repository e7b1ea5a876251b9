"""What a test makes a variable suffer from, so that scans can be seen to cope with it."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Literal, TypeAlias

from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from scan_sdk.server.clock import Clock

__all__ = ["Access", "Fault"]

Access: TypeAlias = Literal["read", "write"]
"""What a scan may do with a variable."""


class Fault:
    """Stands between scans and a variable while a test has its hands on it.

    Attributes:
        disconnected: Whether scans cannot reach the variable.
        delay: Seconds that each access takes.
    """

    def __init__(self, clock: Clock) -> None:
        self.disconnected = False
        self.delay: float = 0.0
        self._clock = clock
        self._failures: dict[Access, deque[str | None]] = {"read": deque(), "write": deque()}

    def fail(self, access: Access, reason: str | None, times: int) -> None:
        """Have the next accesses fail, with the reason given or the usual one."""
        self._failures[access].extend([reason] * times)

    def forget_failures(self) -> None:
        """Undo each `fail`."""
        for failures in self._failures.values():
            failures.clear()

    def check(self, access: Access, failure: str) -> None:
        """Let an access through, or not.

        Args:
            access: Which one.
            failure: What is usually said when it fails.

        Raises:
            CommandFailed: It fails.
        """
        if self.disconnected:
            raise CommandFailed(failure)
        failures = self._failures[access]
        if failures:
            raise CommandFailed(failures.popleft() or failure)

    async def befall(self, access: Access, failure: str) -> None:
        """Do as `check`, after the delay."""
        if self.delay > 0 and not self.disconnected:
            await self._after(None)
        self.check(access, failure)

    def late(self, arrival: asyncio.Future[None] | None) -> asyncio.Future[None] | None:
        """Return a future that is done as much later than another as the delay says.

        Args:
            arrival: The other; None for one that is done.

        Returns:
            The future; None for one that is done.
        """
        return self._after(arrival) if self.delay > 0 else arrival

    def _after(self, event: asyncio.Future[None] | None) -> asyncio.Future[None]:
        late: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def arrived(event: asyncio.Future[None] | None) -> None:
            if late.done() or (event is not None and event.cancelled()):
                late.cancel()
            elif event is not None and (error := event.exception()) is not None:
                late.set_exception(error)
            else:
                timer = self._clock.call_later(
                    self.delay, lambda: None if late.done() else late.set_result(None)
                )
                late.add_done_callback(lambda _: timer.cancel())

        if event is None:
            arrived(None)
        else:
            event.add_done_callback(arrived)
            late.add_done_callback(lambda _: event.cancel())
        return late
