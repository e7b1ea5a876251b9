"""Waiting for a time that stands still while the scan is paused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.server.engine.gate import Gate
    from scan_sdk.server.engine.scope import Scope

__all__ = ["count_down"]


async def count_down(
    gate: Gate, scope: Scope, seconds: float, report: Callable[[float, float | None], object] | None = None
) -> None:
    """Wait for a time by the server's clock; start again with what is left after each pause.

    Args:
        gate: What the command waits at.
        scope: The scan as the command sees it.
        seconds: How long.
        report: Called with the seconds that are left, and when they are over; None while they stand still.

    Raises:
        Skipped: Someone wants the next command.
    """
    clock = scope.clock
    while seconds > 0:
        end = clock.monotonic() + seconds
        if report is not None:
            report(seconds, end)
        try:
            await gate.hold(scope.scan.next_pause(), seconds, clock)
        except TimeoutError:
            break
        finally:
            seconds = end - clock.monotonic()
            if report is not None:
                report(seconds, None)
        await scope.scan.breathe()
