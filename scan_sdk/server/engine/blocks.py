"""The commands that hold others: if, parallel, sequence and include."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scan_sdk._dialect.java import format_double
from scan_sdk._dialect.macros import parse_macros
from scan_sdk.models import If, Include, Parallel, Sequence
from scan_sdk.server.engine.conditions import Condition
from scan_sdk.server.engine.nodes import Node, build, performs
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scan_sdk.models import Command
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles


@performs(If)
class IfNode(Node[If]):
    """Performs its body where the value of a device meets a condition."""

    own_units = 0

    async def perform(self, scope: Scope) -> None:
        """Read the device once."""
        command = self.command
        device = scope.device(command.device)
        if await Condition(device, command.value, command.comparison, command.tolerance).check():
            await scope.perform(self.body)


@performs(Sequence)
class SequenceNode(Node[Sequence]):
    """Performs its body in order."""

    own_units = 0  # its unit is counted before its body

    def work_units(self) -> int:
        """Return the units of the body and one for the sequence."""
        return 1 + super().work_units()

    async def perform(self, scope: Scope) -> None:
        """Perform the body."""
        scope.scan.progress.done += 1
        await scope.perform(self.body)


@performs(Parallel)
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


@performs(Include)
class IncludeNode(Node[Include]):
    """Performs the commands of a file."""

    own_units = 0

    def __init__(self, command: Include, files: ScanFiles) -> None:
        """Read the file."""
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
