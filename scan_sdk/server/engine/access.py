"""The scan as a function sees it that performs one of its commands; see `scan_sdk.extend.ScanAccess`."""

from __future__ import annotations

import logging
import math
from functools import partial
from typing import TYPE_CHECKING

from scan_sdk.models import Comparison
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.values import Reading, as_logged
from scan_sdk.server.engine.conditions import Condition
from scan_sdk.server.engine.nodes import build
from scan_sdk.server.engine.writing import Write, log, write
from scan_sdk.server.errors import CommandFailed, Refused

if TYPE_CHECKING:
    from scan_sdk.models import Command
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.values import PvInput
    from scan_sdk.server.engine.nodes import FunctionNode
    from scan_sdk.server.engine.scope import Scope

__all__ = ["Access"]

_logger = logging.getLogger("scan_sdk.server.engine")


class Access:
    """A scan at one of its commands. What may take time begins once the scan is not paused.

    Attributes:
        scope: The scan with the macros in force.
    """

    __slots__ = ("_node", "_scan", "scope")

    def __init__(self, node: FunctionNode, scope: Scope) -> None:
        self._node = node
        self.scope: Scope = scope
        self._scan = scope.scan

    @property
    def time(self) -> float:
        """The time of the server, in seconds since 1970."""
        return self.scope.clock.time()

    def resolve(self, text: str) -> str:
        """Return a text with its macros replaced."""
        return self.scope.resolve(text)

    def message(self, text: str) -> None:
        """Write a line to the server's log."""
        _logger.info("%s", text)

    def log_writes(self, automatic: bool) -> None:  # a switch
        """Log each write of the scan from now on, or no longer."""
        self._scan.logs_writes = automatic

    async def read(self, device: str) -> float | str | tuple[float, ...] | tuple[str, ...]:
        """Return the present value of a device."""
        if self._scan.is_due:
            await self._scan.breathe()
        return as_logged((await self.scope.device(device).read()).value)

    async def write(
        self,
        device: str,
        value: PvInput,
        *,
        completion: bool = False,
        readback: bool | str = False,
        readback_value: float | str | None = None,
        tolerance: float = 0.1,
        timeout: float = 0.0,  # noqa: ASYNC109  # that of the server
    ) -> None:
        """Write to a device as a Set does."""
        if self._scan.is_due:
            await self._scan.breathe()
        scope = self.scope
        target = scope.device(device)
        compared = None
        if readback:
            compared = scope.device(readback) if isinstance(readback, str) else target
        if isinstance(value, int):
            value = float(value)
        what = Write(target, value, completion, compared, readback_value, tolerance, timeout)
        await write(self._node.gate, scope, what)

    async def wait(
        self,
        device: str,
        value: float | str | tuple[str, ...],
        comparison: Comparison = Comparison.EQUALS,
        *,
        tolerance: float = 0.1,
        timeout: float = 0.0,  # noqa: ASYNC109  # that of the server
    ) -> None:
        """Wait for the value of a device as a Wait does."""
        if self._scan.is_due:
            await self._scan.breathe()
        clock = self.scope.clock
        condition = Condition(self.scope.device(device), value, comparison, tolerance)
        self._node.note = partial(_elapsed, clock, clock.monotonic())
        try:
            await condition.wait(self._node.gate, timeout, clock)
        finally:
            self._node.note = None

    async def log(self, *devices: str) -> None:
        """Read devices and log their values as a Log does."""
        if self._scan.is_due:
            await self._scan.breathe()
        await log(self.scope, devices)

    async def sleep(self, seconds: float) -> None:
        """Wait for a time, which stands still while the scan is paused."""
        if self._scan.is_due:
            await self._scan.breathe()
        node, clock = self._node, self.scope.clock
        try:
            while seconds > 0:
                end = clock.monotonic() + seconds
                node.note = partial(_remaining, clock, end)
                try:
                    await node.gate.hold(self._scan.next_pause(), seconds, clock)
                except TimeoutError:
                    return
                seconds = end - clock.monotonic()
                node.note = partial(_left, seconds)
                await self._scan.breathe()
        finally:
            node.note = None

    async def log_value(self, name: str, value: float | str) -> None:
        """Log a value that is of no device, under a serial of its own."""
        number = value if isinstance(value, str) else float(value)
        reading = Reading(number, milliseconds(self.scope.clock))
        self._scan.log.add_all([(name, reading)])

    async def perform_body(self) -> None:
        """Perform the commands in the body of the command, in order."""
        await self.scope.perform(self._node.body)

    async def perform(self, *commands: Command) -> None:
        """Perform further commands, in order."""
        files = self._node.files
        try:
            nodes = build(commands, files)
            await files.load(self.scope.clock)
        except Refused as error:
            raise CommandFailed(str(error)) from error
        await self.scope.perform(nodes)


def _elapsed(clock: Clock, start: float) -> str:
    return f". Elapsed: {_duration(clock.monotonic() - start)}"


def _remaining(clock: Clock, end: float) -> str:
    return _left(end - clock.monotonic())


def _left(seconds: float) -> str:
    return f". Remaining: {_duration(seconds)}" if seconds > 0 else ""


def _duration(seconds: float) -> str:
    """Return a time as the server shows it: milliseconds below one second, else whole seconds."""
    if seconds < 1:
        return f"00:00:0{seconds:.3f}"
    whole = int(seconds) if math.isfinite(seconds) else 0
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
