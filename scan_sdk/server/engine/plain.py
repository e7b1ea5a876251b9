"""The commands that hold no others, most of them functions as extensions have them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from scan_sdk.extend import performs
from scan_sdk.models import Comment, ConfigLog, Delay, Log, Set, Wait
from scan_sdk.server.engine.nodes import Node, node_of
from scan_sdk.server.engine.writing import Write, log, write
from scan_sdk.server.errors import Skipped

if TYPE_CHECKING:
    from scan_sdk.extend import ScanAccess
    from scan_sdk.server.engine.scope import Scope


@performs(Comment)
async def _comment(command: Comment, scan: ScanAccess) -> None:
    scan.message(f"Comment: {scan.resolve(command.text)}")


@performs(ConfigLog)
async def _config_log(command: ConfigLog, scan: ScanAccess) -> None:
    scan.log_writes(command.automatic)


@node_of(Log)
class LogNode(Node[Log]):
    """Reads devices and logs them under one serial; a class, as scans log thousands of times a second."""

    async def perform(self, scope: Scope) -> None:
        """Read and log them."""
        await log(scope, self.command.devices)


@performs(Delay)
async def _delay(command: Delay, scan: ScanAccess) -> None:
    await scan.sleep(command.seconds)


@performs(Wait)
async def _wait(command: Wait, scan: ScanAccess) -> None:
    await scan.wait(
        command.device,
        command.value,
        command.comparison,
        tolerance=command.tolerance,
        timeout=command.timeout,
    )


@node_of(Set)
class SetNode(Node[Set]):
    """Writes a value to a device, and waits for it to get there; a class for the same reason."""

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
