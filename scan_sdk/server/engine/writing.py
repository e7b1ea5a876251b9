"""The commands that write: set and loop; and writing as scripts do it."""

from __future__ import annotations

from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from scan_sdk.models import Loop, Set
from scan_sdk.models.loops import LoopWalk
from scan_sdk.server.devices.values import text_of
from scan_sdk.server.engine.conditions import Condition, ConditionTimeout
from scan_sdk.server.engine.nodes import Node, performs
from scan_sdk.server.errors import CommandFailed, Skipped

if TYPE_CHECKING:
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.devices.values import PvInput
    from scan_sdk.server.engine.gate import Gate
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles

__all__ = ["Write", "write"]

_CHECK_AFTER_COMPLETION = 1.0
"""Seconds in which the readback has to follow once the device says that it is there."""


class Write(NamedTuple):
    """A value for a device, and what to wait for.

    Attributes:
        device: The device.
        value: The value.
        completion: Whether to wait for the completion of the write.
        readback: What to compare then; None for nothing.
        wanted: What the readback is compared with; None for the value.
        tolerance: How close it has to come, for numbers.
        timeout: Seconds for either wait; 0 for ever. After completion the readback has one second.
    """

    device: Device
    value: PvInput
    completion: bool
    readback: Device | None
    wanted: float | str | None
    tolerance: float
    timeout: float


async def write(gate: Gate, scope: Scope, what: Write) -> None:
    """Write to a device, wait as told, and log the value where the scan logs each write.

    Raises:
        CommandFailed: It cannot be written, or does not get there.
        Skipped: Someone wants the next command.
    """
    device, readback, value = what.device, what.readback, what.value
    await put(gate, scope.clock, device, value, completion=what.completion, limit=what.timeout)
    if readback is not None:
        wanted = what.wanted
        if wanted is None:
            wanted = text_of(value) if isinstance(value, tuple) else value
        condition = Condition(readback, wanted, tolerance=what.tolerance)
        limit = _CHECK_AFTER_COMPLETION if what.completion else what.timeout
        try:
            await condition.wait(gate, limit, scope.clock)
        except ConditionTimeout as error:
            if what.completion:
                raise CommandFailed(f"{device} != {text_of(value)} after completion") from error
            raise
    log_write(scope, readback or device)


async def put(
    gate: Gate, clock: Clock, device: Device, value: PvInput, *, completion: bool, limit: float
) -> None:
    """Write to a device, and wait for the completion where that is wanted.

    Raises:
        CommandFailed: It cannot be written, or does not complete in time.
        Skipped: Someone wants the next command.
    """
    if not completion:
        await device.write(value)
        return
    arrival = await device.put(value)
    if arrival is None:
        return
    try:
        await gate.hold(arrival, limit, clock)
    except TimeoutError:
        raise CommandFailed(f"Completion timeout for {device.name} = {text_of(value)}") from None


def log_write(scope: Scope, device: Device) -> None:
    """Log the value of a device where the scan logs each write."""
    if scope.scan.logs_writes and (reading := device.reading) is not None:
        log = scope.scan.log
        log.add(device.alias, log.next_serial(), reading)


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
        scope.scan.performed += 1


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
                log_write(scope, readback)
            if self._skipped:
                scan.performed += len(self.body)
            else:
                await scope.perform(self.body)
            if not self.body:
                scan.performed += 1

    async def _step(self, scope: Scope, device: Device, value: float, condition: Condition | None) -> None:
        command = self.command
        completion, timeout = command.completion, command.timeout
        await put(self.gate, scope.clock, device, value, completion=completion, limit=timeout)
        if condition is not None:
            condition.wanted = value
            await condition.wait(self.gate, _CHECK_AFTER_COMPLETION if completion else timeout, scope.clock)
