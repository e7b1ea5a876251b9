"""The commands of a scan as things that are performed: a tree of nodes, each of which holds a command.

A command is a frozen value. Its node has what changes while the scan lives: the command itself, where a patch
replaces it, its address, and whatever it remembers between runs. How a kind of command is performed is
registered with `extend.performs`, as a function, or with `node_of`, as a class of nodes for what a function
cannot do.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from scan_sdk._dialect.macros import resolve
from scan_sdk._dialect.wording import describe
from scan_sdk._registry import PERFORMING
from scan_sdk.models import Command
from scan_sdk.models.commands import own_devices, work_units
from scan_sdk.models.other import name_of
from scan_sdk.models.tree import body_of
from scan_sdk.server.engine.gate import Gate
from scan_sdk.server.errors import CommandFailed, Refused, Skipped
from scan_sdk.server.scripts.names import ScanErrorHandler

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from scan_sdk.extend import ScanAccess
    from scan_sdk.models.base import CommandModel
    from scan_sdk.server.engine.access import Access
    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles
    from scan_sdk.server.scripts.classes import Scripted

    AnyNode: TypeAlias = "Node[Command]"
    Performing: TypeAlias = Callable[[Command, ScanAccess], Awaitable[None]]

__all__ = ["FunctionNode", "Node", "build", "node_of", "number"]

C_co = TypeVar("C_co", bound=Command, covariant=True)
N = TypeVar("N", bound="type[Node[Command]]")

_logger = logging.getLogger(__name__)


class Node(ABC, Generic[C_co]):
    """A command in its place in a scan.

    Attributes:
        command: The command; a patch replaces it.
        body: The nodes of the command's body, or of the file that it includes.
        address: The command's number in the scan, -1 for those from files.
        handler: What decides how the scan goes on where the command fails; None where it fails too.
        gate: What the command waits at.
        own_units: Units of work that are counted once it was performed, those of its body and those that it
            counts itself left out.
    """

    own_units: int = 1

    def __init__(self, command: C_co, files: ScanFiles) -> None:
        """Build the node and those below it.

        Args:
            command: The command.
            files: Where scripts and included files are.

        Raises:
            Refused: A file that the command needs is not there or cannot be used.
        """
        self.command = command
        handler: str = getattr(command, "error_handler", "")
        self.handler: Scripted[ScanErrorHandler] | None = (
            files.script(handler, ScanErrorHandler) if handler else None
        )
        self.body: tuple[AnyNode, ...] = build(body_of(command), files)
        self.address = -1
        self.gate: Gate = Gate()

    @abstractmethod
    async def perform(self, scope: Scope) -> None:
        """Perform the command.

        Args:
            scope: The scan as the command sees it.

        Raises:
            CommandFailed: It cannot be performed.
        """

    def work_units(self) -> int:
        """Return how many units of work the command counts for."""
        return work_units(self.command, sum(node.work_units() for node in self.body))

    def device_names(self, macros: Mapping[str, str]) -> Iterator[str]:
        """Yield the devices that the command and its body use, macros replaced."""
        for name in own_devices(self.command):
            yield resolve(name, macros)
        for node in self.body:
            yield from node.device_names(macros)

    def text(self) -> str:
        """Return what the server says while the command is performed."""
        return describe(self.command)

    def snapshot(self) -> Command:
        """Return the command with all that was patched in its body."""
        if not self.body:
            return self.command
        return self.command.model_copy(update={"body": tuple(node.snapshot() for node in self.body)})

    def skip(self) -> None:
        """Go on with the next command where this one waits for something."""
        self.gate.skip()


class FunctionNode(Node[Command]):
    """A command that a function performs, perhaps one of an extension.

    Attributes:
        files: Where scripts and included files are.
        note: Adds to the description how far the command is; None for nothing to add.
    """

    def __init__(self, command: Command, files: ScanFiles, function: Performing) -> None:
        super().__init__(command, files)
        self.files = files
        self.note: Callable[[], str] | None = None
        self.own_units: int = max(0, work_units(command, 0))
        self._function = function
        self._foreign = not function.__module__.startswith("scan_sdk.")
        self._access: Access | None = None

    async def perform(self, scope: Scope) -> None:
        """Have the function perform the command; whatever it raises is the command's failure."""
        access = self._access
        if access is None or access.scope is not scope:
            access = self._access = scope.at(self)
        try:
            await self._function(self.command, access)
        except Skipped:
            pass
        except CommandFailed:
            self._leave_where_cancelled()
            raise
        except (Exception, SystemExit) as error:
            self._leave_where_cancelled()
            _logger.warning("%s failed", self.text(), exc_info=True)
            raise CommandFailed(f"{type(self.command).__name__}: {type(error).__name__}: {error}") from error
        if self._foreign:
            self._leave_where_cancelled()

    @staticmethod
    def _leave_where_cancelled() -> None:
        """Go on with the end of a scan that someone's code has kept from ending."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError

    def text(self) -> str:
        """Return the description, and how far the command is where it waits."""
        return super().text() + ("" if self.note is None else self.note())


def node_of(kind: type[CommandModel]) -> Callable[[N], N]:
    """Register a class of nodes for a kind of command."""

    def register(cls: N) -> N:
        PERFORMING.register(kind)(cls)
        return cls

    return register


def build(commands: Iterable[Command], files: ScanFiles) -> tuple[AnyNode, ...]:
    """Return the nodes of commands.

    Raises:
        Refused: Nobody knows how to perform one of them, or a file that it needs is not there or cannot be
            used.
    """
    with files.one_level_deeper():
        return tuple(_node(command, files) for command in commands)


def _node(command: Command, files: ScanFiles) -> AnyNode:
    performing = PERFORMING.of(type(command))
    if performing is None:
        raise Refused(
            f"unknown command <{name_of(command)}>: this server has nothing that performs it; an extension "
            "registers that with scan_sdk.extend.performs"
        )
    if isinstance(performing, type):
        return cast("Callable[[Command, ScanFiles], AnyNode]", performing)(command, files)
    return FunctionNode(command, files, cast("Performing", performing))


def number(nodes: Iterable[AnyNode], first: int = 0) -> int:
    """Give nodes and their bodies addresses in order, depth first.

    Returns:
        The address after the last.
    """
    for node in nodes:
        node.address = first
        first += 1
        if hasattr(node.command, "body"):  # included files have none
            first = number(node.body, first)
    return first
