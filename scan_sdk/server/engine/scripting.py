"""Scripts in a scan: the script command, and the handlers of errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk._dialect.macros import resolve
from scan_sdk.models import Script
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.values import Reading
from scan_sdk.server.engine.gate import Gate
from scan_sdk.server.engine.nodes import Node, node_of
from scan_sdk.server.engine.patching import patched, property_of
from scan_sdk.server.engine.writing import Write, write
from scan_sdk.server.errors import CommandFailed, Refused, Skipped
from scan_sdk.server.scripts.context import (
    Sample,
    ScanScriptContext,
    ScriptCommand,
    ScriptError,
    command_name,
)
from scan_sdk.server.scripts.names import ScanErrorHandler, ScanScript
from scan_sdk.server.scripts.thread import ScriptRaised, ScriptThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from scan_sdk.server.devices.values import PvInput
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles

    T = TypeVar("T")

__all__ = ["Verdict", "ask_handler"]

Verdict = ScanErrorHandler.Result


class _ScanOfScript:
    """The scan as a script reaches it; all of this happens on the event loop."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._gate = Gate()

    async def read(self, name: str) -> Reading:
        return await self._scope.device(name).read()

    async def write(
        self,
        name: str,
        value: PvInput,
        *,
        completion: bool,
        readback: str | None,
        tolerance: float,
        limit: float,
    ) -> None:
        scope = self._scope
        device = scope.device(name)
        compared = None if readback is None else scope.device(readback or name)
        await write(self._gate, scope, Write(device, value, completion, compared, None, tolerance, limit))

    async def samples(self) -> dict[str, list[Sample]]:
        return {
            device: [Sample(*sample) for sample in samples]
            for device, samples in (await self._scope.scan.logged()).items()
        }

    async def log(self, device: str, values: list[float]) -> None:
        now = milliseconds(self._scope.clock)
        self._scope.scan.log.begin_anew()
        for serial, value in enumerate(values):
            self._scope.scan.log.add(device, serial, Reading(value, now))


async def _run(gate: Gate, scope: Scope, work: Callable[[ScanScriptContext], T]) -> T:
    """Have a script do something.

    Raises:
        ScriptRaised: It raised something.
        Skipped: Someone wants the next command; the script is stopped.
    """
    thread = ScriptThread(scope.clock)
    context = ScanScriptContext(_ScanOfScript(scope), thread)
    try:
        return await gate.hold(thread.start(lambda: work(context)), 0, scope.clock)
    finally:
        thread.stop()


@node_of(Script)
class ScriptNode(Node[Script]):
    """Runs a script."""

    def __init__(self, command: Script, files: ScanFiles) -> None:
        super().__init__(command, files)
        self._script = files.script(command.path, ScanScript, command.arguments)

    def device_names(self, macros: Mapping[str, str]) -> Iterator[str]:
        """Yield the devices that the script says it uses."""
        self._script.check()
        for name in self._script.device_names:
            yield resolve(name, macros)

    async def perform(self, scope: Scope) -> None:
        """Run it; what the next command is wanted for stops it."""
        try:
            await _run(self.gate, scope, self._script.object.run)
        except ScriptRaised as raised:
            text = self._script.classes.explain(raised.error)
            raise CommandFailed(f"{self._script.name}:{text}") from raised
        except Skipped:
            pass


async def ask_handler(node: AnyNode, error: CommandFailed, scope: Scope) -> Verdict:
    """Return how a scan goes on after the error of a command that has a handler.

    Raises:
        CommandFailed: The handler fails itself.
    """
    handler = node.handler
    assert handler is not None

    def change(name: str, value: float | str) -> None:
        try:
            node.command = patched(node.command, name, value)
        except Refused as refused:
            raise CommandFailed(str(refused)) from None

    def handle(context: ScanScriptContext) -> object:
        command = ScriptCommand(
            node.command, node.address, lambda name: property_of(node.command, name), change
        )
        return handler.object.handleError(command, ScriptError(str(error)), context)

    what = f"Error handler for {command_name(node.command)}:"
    try:
        verdict = await _run(node.gate, scope, handle)
    except ScriptRaised as raised:
        raise CommandFailed(f"{what}{handler.classes.explain(raised.error)}") from raised
    except Skipped:
        return Verdict.Continue
    if not isinstance(verdict, Verdict):
        raise CommandFailed(f"{what} {handler.name} returned {verdict!r}, not a ScanErrorHandler.Result")
    return verdict
