"""The commands that neither write to devices nor hold others: comment, delay, config_log, log and wait."""

from __future__ import annotations

import logging
import math
from contextlib import suppress
from typing import TYPE_CHECKING

from scan_sdk.models import Comment, ConfigLog, Delay, Log, Wait
from scan_sdk.server.engine.conditions import Condition
from scan_sdk.server.engine.nodes import Node, performs
from scan_sdk.server.engine.pauses import count_down
from scan_sdk.server.errors import CommandFailed, Skipped

if TYPE_CHECKING:
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.values import Reading
    from scan_sdk.server.engine.scope import Scope

_logger = logging.getLogger(__name__)


@performs(Comment)
class CommentNode(Node[Comment]):
    """Prints a text."""

    async def perform(self, scope: Scope) -> None:
        """Print it to the server's log."""
        _logger.info("Comment: %s", scope.resolve(self.command.text))


@performs(ConfigLog)
class ConfigLogNode(Node[ConfigLog]):
    """Switches automatic logging."""

    async def perform(self, scope: Scope) -> None:
        """Switch it for the rest of the scan."""
        scope.scan.logs_writes = self.command.automatic


@performs(Log)
class LogNode(Node[Log]):
    """Reads devices and logs them under one serial."""

    async def perform(self, scope: Scope) -> None:
        """Read them one after the other, then log what could be read at once.

        So whoever has seen a serial has seen all that will ever be logged under it and those before.
        """
        readings: list[tuple[str, Reading]] = []
        try:
            for name in self.command.devices:
                device = scope.device(name)
                readings.append((device.alias, await device.read()))
        except BaseException:
            with suppress(CommandFailed):  # what went wrong first counts
                scope.scan.log.add_all(readings)
            raise
        scope.scan.log.add_all(readings)


@performs(Delay)
class DelayNode(Node[Delay]):
    """Waits for a time, which stands still while the scan is paused."""

    _remaining = 0.0
    _end: float | None = None
    """When it will be over by the clock of the scan; None while it does not count."""
    _clock: Clock | None = None

    async def perform(self, scope: Scope) -> None:
        """Count down."""
        self._clock = scope.clock
        with suppress(Skipped):
            await count_down(self.gate, scope, self.command.seconds, self._report)
        self._remaining = 0.0

    def _report(self, left: float, end: float | None) -> None:
        self._remaining, self._end = left, end

    def _left(self) -> float:
        if self._end is None or self._clock is None:
            return self._remaining
        return self._end - self._clock.monotonic()

    def text(self) -> str:
        """Return the description and how much is left."""
        left = self._left()
        return super().text() + (f". Remaining: {_duration(left)}" if left > 0 else "")


@performs(Wait)
class WaitNode(Node[Wait]):
    """Waits until the value of a device meets a condition."""

    _started: tuple[Clock, float] | None = None

    async def perform(self, scope: Scope) -> None:
        """Wait for it."""
        command = self.command
        device = scope.device(command.device)
        condition = Condition(device, command.value, command.comparison, command.tolerance)
        self._started = scope.clock, scope.clock.monotonic()
        try:
            await condition.wait(self.gate, command.timeout, scope.clock)
        except Skipped:
            pass
        finally:
            self._started = None

    def text(self) -> str:
        """Return the description and how long it has waited."""
        if self._started is None:
            return super().text()
        clock, start = self._started
        return f"{super().text()}. Elapsed: {_duration(clock.monotonic() - start)}"


def _duration(seconds: float) -> str:
    """Return a time as the server shows it: milliseconds below one second, else whole seconds."""
    if seconds < 1:
        return f"00:00:0{seconds:.3f}"
    whole = int(seconds) if math.isfinite(seconds) else 0
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
