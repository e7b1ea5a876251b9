"""The commands that hold others: loop, if, parallel, sequence and include."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from scan_sdk._dialect.java import format_double
from scan_sdk._dialect.macros import parse_macros
from scan_sdk.models import If, Include, Loop, Parallel, Sequence
from scan_sdk.models.loops import LoopWalk
from scan_sdk.server.engine.conditions import Condition
from scan_sdk.server.engine.nodes import Node, build, node_of
from scan_sdk.server.engine.writing import CHECK_AFTER_COMPLETION, log_write, put
from scan_sdk.server.errors import CommandFailed, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scan_sdk.models import Command
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles


@node_of(Loop)
class LoopNode(Node[Loop]):
    """Writes a row of values to a device, and performs its body at each."""

    own_units = 0

    def __init__(self, command: Loop, files: ScanFiles) -> None:
        super().__init__(command, files)
        self._walk = LoopWalk(command)
        self._skipped = False

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
            if scan.is_due:
                await scan.breathe()
            self._skipped = False
            with suppress(Skipped):
                await self._step(scope, device, value, condition)
                log_write(scope, readback)
            if self._skipped:
                scan.progress.add(len(self.body))
            else:
                await scope.perform(self.body)
            if not self.body:
                scan.progress.add(1)

    async def _step(self, scope: Scope, device: Device, value: float, condition: Condition | None) -> None:
        command = self.command
        completion, timeout = command.completion, command.timeout
        await put(self.gate, scope.clock, device, value, completion=completion, limit=timeout)
        if condition is not None:
            condition.wanted = value
            await condition.wait(self.gate, CHECK_AFTER_COMPLETION if completion else timeout, scope.clock)


@node_of(If)
class IfNode(Node[If]):
    """Performs its body where the value of a device meets a condition."""

    own_units = 0

    async def perform(self, scope: Scope) -> None:
        """Read the device once."""
        command = self.command
        device = scope.device(command.device)
        if await Condition(device, command.value, command.comparison, command.tolerance).check():
            await scope.perform(self.body)


@node_of(Sequence)
class SequenceNode(Node[Sequence]):
    """Performs its body in order; it counts itself before that."""

    own_units = 0

    async def perform(self, scope: Scope) -> None:
        """Perform the body."""
        scope.scan.progress.add(1)
        await scope.perform(self.body)


@node_of(Parallel)
class ParallelNode(Node[Parallel]):
    """Performs the commands of its body at the same time."""

    async def perform(self, scope: Scope) -> None:
        """Start them all, and stop them all with the first error or the timeout."""
        tasks = [asyncio.create_task(scope.execute(node)) for node in self.body]
        over = _end_of(tasks)
        limit = self.command.timeout
        timer = scope.clock.call_later(limit, lambda: _expire(over)) if limit > 0 else None
        try:
            await over
        except TimeoutError:
            raise CommandFailed(f"Parallel time out ({format_double(limit)} sec)") from None
        except CommandFailed as error:
            raise CommandFailed(f"{error} (Parallel)", error.address) from error
        finally:
            if timer is not None:
                timer.cancel()
            late = [task for task in tasks if task.cancel()]
            if late:
                await asyncio.wait(late)


def _end_of(tasks: list[asyncio.Task[None]]) -> asyncio.Future[None]:
    """Return a future that is done when all tasks are, or has the error of the first that fails."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = set(tasks)

    def ended(task: asyncio.Task[None]) -> None:
        waiting.discard(task)
        error = None if task.cancelled() else task.exception()
        if over.done():
            return  # only the first error counts
        if error is not None:
            over.set_exception(error)
        elif not waiting:
            over.set_result(None)

    for task in tasks:
        task.add_done_callback(ended)
    if not tasks:
        over.set_result(None)
    return over


def _expire(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_exception(TimeoutError())


@node_of(Include)
class IncludeNode(Node[Include]):
    """Performs the commands of a file."""

    own_units = 0

    def __init__(self, command: Include, files: ScanFiles) -> None:
        super().__init__(command, files)
        self.body: tuple[AnyNode, ...] = build(files.included(command), files)

    def device_names(self, macros: Mapping[str, str]) -> Iterator[str]:
        """Yield the devices that the file uses, with the macros for it."""
        inner = {**macros, **parse_macros(self.command.macros)}
        for node in self.body:
            yield from node.device_names(inner)

    def snapshot(self) -> Command:
        """Return the command; what the file holds is no part of it."""
        return self.command

    async def perform(self, scope: Scope) -> None:
        """Perform the file's commands with the macros for them."""
        await scope.within(self.command.macros).perform(self.body)
