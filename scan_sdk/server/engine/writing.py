"""The commands that write: set and loop."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from scan_sdk.models import Loop, Set
from scan_sdk.models.loops import LoopWalk
from scan_sdk.server.engine.conditions import Condition
from scan_sdk.server.engine.moving import CHECK_AFTER_COMPLETION, Write, log_write, put, write
from scan_sdk.server.engine.nodes import Node, performs
from scan_sdk.server.errors import Skipped

if TYPE_CHECKING:
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles


@performs(Set)
class SetNode(Node[Set]):
    """Writes a value to a device, and waits for it to get there if told so."""

    async def perform(self, scope: Scope) -> None:
        """Write, wait and log."""
        command = self.command
        device = scope.device(command.device)
        readback = None
        if command.wait:
            readback = scope.device(command.readback) if command.readback else device
        what = Write(
            device,
            command.value,
            command.completion,
            readback,
            command.readback_value,
            command.tolerance,
            command.timeout,
        )
        with suppress(Skipped):
            await write(self.gate, scope, what)


@performs(Loop)
class LoopNode(Node[Loop]):
    """Writes a row of values to a device, and performs its body at each."""

    own_units = 0

    def __init__(self, command: Loop, files: ScanFiles) -> None:
        """Build the body, and remember the direction of the loop."""
        super().__init__(command, files)
        self._walk = LoopWalk(command)
        self._skipped = False

    def work_units(self) -> int:
        """Return the units of the body for each step; one where the body has none."""
        return LoopWalk.count(self.command) * (sum(node.work_units() for node in self.body) or 1)

    def text(self) -> str:
        """Return the description, and that the loop changes direction where it does."""
        return super().text() + (" (reversing)" if self._walk.alternates else "")

    def skip(self) -> None:
        """Leave out the rest of the present step."""
        self._skipped = True
        super().skip()

    async def perform(self, scope: Scope) -> None:
        """Go through the values."""
        command, scan = self.command, scope.scan
        device = scope.device(command.device)
        readback = scope.device(command.readback) if command.readback else device
        condition = Condition(readback, command.start, tolerance=command.tolerance) if command.wait else None
        for value in self._walk.values(command):
            if perf_counter() > scan.breathes_at:
                await scan.breathe()
            self._skipped = False
            with suppress(Skipped):
                await self._step(scope, device, value, condition)
                log_write(scope, readback)
            if self._skipped:
                scan.progress.done += len(self.body)
            else:
                await scope.perform(self.body)
            if not self.body:
                scan.progress.done += 1

    async def _step(self, scope: Scope, device: Device, value: float, condition: Condition | None) -> None:
        command = self.command
        completion, timeout = command.completion, command.timeout
        await put(self.gate, scope.clock, device, value, completion=completion, limit=timeout)
        if condition is not None:
            condition.wanted = value
            await condition.wait(self.gate, CHECK_AFTER_COMPLETION if completion else timeout, scope.clock)
