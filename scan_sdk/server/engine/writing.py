"""The commands that write: set and loop."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING

from scan_sdk.models import Loop, Set
from scan_sdk.server.devices.values import text_of
from scan_sdk.server.engine.conditions import Condition, ConditionTimeout
from scan_sdk.server.engine.nodes import Node, performs
from scan_sdk.server.errors import CommandFailed, Skipped
from scan_sdk.simulation import LoopWalk

if TYPE_CHECKING:
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles

_CHECK_AFTER_COMPLETION = 1.0
"""Seconds in which the readback has to follow once the device says that it is there."""


async def _write(
    node: AnyNode, scope: Scope, device: Device, value: float | str, *, completion: bool, limit: float
) -> None:
    if not completion:
        await device.write(value)
        return
    arrival = await device.put(value)
    if arrival is None:
        return
    try:
        await node.hold(arrival, limit, scope.clock)
    except TimeoutError:
        raise CommandFailed(f"Completion timeout for {device.name} = {text_of(value)}") from None


def _log_write(scope: Scope, device: Device) -> None:
    if scope.scan.logs_writes and (reading := device.reading) is not None:
        log = scope.scan.log
        log.add(device.alias, log.next_serial(), reading)


@performs(Set)
class SetNode(Node[Set]):
    """Writes a value to a device, and waits for it to get there if told so."""

    async def perform(self, scope: Scope) -> None:
        """Write, wait and log."""
        with suppress(Skipped):
            await self._write(scope)
        scope.scan.performed += 1

    async def _write(self, scope: Scope) -> None:
        command = self.command
        device = scope.device(command.device)
        readback = scope.device(command.readback) if command.wait and command.readback else device
        value, completion, timeout = command.value, command.completion, command.timeout
        await _write(self, scope, device, value, completion=completion, limit=timeout)
        if command.wait:
            wanted = value if command.readback_value is None else command.readback_value
            condition = Condition(readback, wanted, tolerance=command.tolerance)
            try:
                await condition.wait(self, _CHECK_AFTER_COMPLETION if completion else timeout, scope.clock)
            except ConditionTimeout as error:
                if completion:
                    raise CommandFailed(f"{device} != {text_of(value)} after completion") from error
                raise
        _log_write(scope, readback)


@performs(Loop)
class LoopNode(Node[Loop]):
    """Writes a row of values to a device, and performs its body at each."""

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
                _log_write(scope, readback)
            if self._skipped:
                scan.performed += len(self.body)
            else:
                await scope.perform(self.body)
            if not self.body:
                scan.performed += 1

    async def _step(self, scope: Scope, device: Device, value: float, condition: Condition | None) -> None:
        command = self.command
        completion, timeout = command.completion, command.timeout
        await _write(self, scope, device, value, completion=completion, limit=timeout)
        if condition is not None:
            condition.wanted = value
            await condition.wait(self, _CHECK_AFTER_COMPLETION if completion else timeout, scope.clock)
