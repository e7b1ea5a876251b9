"""Writing to devices and logging them, as commands and scripts do it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.server.devices.values import text_of
from scan_sdk.server.engine.conditions import Condition, ConditionTimeout
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.devices.values import PvInput, Reading
    from scan_sdk.server.engine.gate import Gate
    from scan_sdk.server.engine.scope import Scope

__all__ = ["CHECK_AFTER_COMPLETION", "Write", "log", "log_write", "put", "write"]

CHECK_AFTER_COMPLETION: Final = 1.0
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
    """Write to a device, wait as it says, and log the value where the scan logs each write.

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
        limit = CHECK_AFTER_COMPLETION if what.completion else what.timeout
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


async def log(scope: Scope, names: Iterable[str]) -> None:
    """Read devices one after the other, then log what could be read at once.

    So whoever has seen a serial has seen all that will ever be logged under it and those before.

    Raises:
        CommandFailed: One cannot be read, or is no device of the scan.
    """
    readings: list[tuple[str, Reading]] = []
    try:
        for name in names:
            device = scope.device(name)
            readings.append((device.alias, await device.read()))
    except BaseException:
        with suppress(CommandFailed):  # what went wrong first counts
            scope.scan.log.add_all(readings)
        raise
    scope.scan.log.add_all(readings)


def log_write(scope: Scope, device: Device) -> None:
    """Log the value of a device where the scan logs each write."""
    if scope.scan.logs_writes and (reading := device.reading) is not None:
        log = scope.scan.log
        log.add(device.alias, log.next_serial(), reading)
