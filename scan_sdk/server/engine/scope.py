"""What a command sees of the scan that performs it."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from scan_sdk._dialect.macros import parse_macros, resolve
from scan_sdk.server.engine.access import Access
from scan_sdk.server.engine.scripting import Verdict, ask_handler
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.engine.nodes import AnyNode, FunctionNode
    from scan_sdk.server.engine.scan import Scan

__all__ = ["Scope"]


class Scope:
    """A scan with the macros in force at one place in it.

    Attributes:
        scan: The scan.
        macros: Values of macros by name.
        clock: The time.
    """

    __slots__ = ("clock", "macros", "scan")

    def __init__(self, scan: Scan, macros: Mapping[str, str]) -> None:
        self.scan: Scan = scan
        self.clock: Clock = scan.clock
        self.macros: Mapping[str, str] = macros

    def within(self, macros: str) -> Scope:
        """Return a scope with more macros.

        Raises:
            CommandFailed: They cannot be read.
        """
        try:
            return Scope(self.scan, {**self.macros, **parse_macros(macros)})
        except ValueError as error:
            raise CommandFailed(str(error)) from error

    def resolve(self, text: str) -> str:
        """Replace macros.

        Raises:
            CommandFailed: They refer to themselves.
        """
        try:
            return resolve(text, self.macros)
        except ValueError as error:
            raise CommandFailed(str(error)) from error

    def device(self, name: str) -> Device:
        """Return a device of the scan.

        Raises:
            CommandFailed: The scan has no such device.
        """
        return self.scan.devices[self.resolve(name) if "$" in name else name]

    def at(self, node: FunctionNode) -> Access:
        """Return the scan as a function sees it that performs a command."""
        return Access(node, self)

    async def perform(self, nodes: Iterable[AnyNode]) -> None:
        """Perform commands one after the other."""
        for node in nodes:
            await self.execute(node)

    async def execute(self, node: AnyNode) -> None:
        """Perform one command, once the scan is not paused."""
        scan = self.scan
        progress = scan.progress
        progress.active.append(node)
        try:
            if perf_counter() > scan.breathes_at:
                await scan.breathe()
            if node.handler is None:
                await node.perform(self)
            elif not await self._handle_errors(node):
                return
            progress.add(node.own_units)
        except CommandFailed as error:
            if error.address < 0:
                error.address = node.address
            raise
        finally:
            progress.active.remove(node)
            if scan.status is not None:
                scan.status.changed()

    async def _handle_errors(self, node: AnyNode) -> bool:
        """Perform a command, and have its error handler say how to go on where it fails.

        Returns:
            Whether the command was performed, and not passed over.
        """
        while True:
            try:
                await node.perform(self)
            except CommandFailed as error:
                verdict = await ask_handler(node, error, self)
                if verdict is Verdict.Abort:
                    raise
                if verdict is Verdict.Continue:
                    return False
                await self.scan.breathe()
            else:
                return True
