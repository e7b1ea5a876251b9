"""The commands of a scan as things that are performed: a tree of nodes, each of which holds a command.

A command is a frozen value. Its node has what changes while the scan lives: the command itself, where a patch
replaces it, its address, and whatever it remembers between runs. One class of node for each command says how
the command is performed; they register with `performs`, as the functions of extensions do.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from scan_sdk._dialect.macros import resolve
from scan_sdk._dialect.wording import describe
from scan_sdk._registry import PERFORMING, Performer
from scan_sdk.models import Command, Include
from scan_sdk.models.commands import own_devices
from scan_sdk.models.other import name_of
from scan_sdk.models.tree import body_of
from scan_sdk.server.engine.access import access_at
from scan_sdk.server.engine.gate import Gate
from scan_sdk.server.errors import CommandFailed, Refused, Skipped
from scan_sdk.server.scripts.names import ScanErrorHandler

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeAlias

    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles
    from scan_sdk.server.scripts.classes import Scripted

    AnyNode: TypeAlias = "Node[Command]"

__all__ = ["Node", "build", "number", "performs"]

_logger = logging.getLogger(__name__)

C_co = TypeVar("C_co", bound=Command, covariant=True)


class Node(ABC, Generic[C_co]):
    """A command in its place in a scan.

    Attributes:
        command: The command; a patch replaces it.
        body: The nodes of the command's body, or of the file that it includes.
        address: The command's number in the scan, -1 for those from files.
        handler: What decides how the scan goes on where the command fails; None where it fails too.
        gate: What the command waits at.
        own_units: Units of work that are counted once the command was performed, besides its body's.
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
        """Return how many units of work the command counts for, with its body."""
        return self.own_units + sum(node.work_units() for node in self.body)

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


performs = PERFORMING.register
"""Registers a class of nodes for a kind of command."""


def build(commands: Iterable[Command], files: ScanFiles) -> tuple[AnyNode, ...]:
    """Return the nodes of commands.

    Raises:
        Refused: A file that one of them needs is not there or cannot be used.
    """
    with files.one_level_deeper():
        return tuple(_node(command, files) for command in commands)


def _node(command: Command, files: ScanFiles) -> AnyNode:
    performer = PERFORMING.of(type(command))
    if performer is None:
        raise Refused(
            f"unknown command <{name_of(command)}>: this server has nothing that performs it; an extension "
            "registers that with scan_sdk.extend"
        )
    if isinstance(performer, Performer):
        return FunctionNode(performer, command, files)
    made: AnyNode = performer(command, files)
    return made


class FunctionNode(Node[Command]):
    """A command that a function of an extension performs."""

    def __init__(self, performer: Performer, command: Command, files: ScanFiles) -> None:
        super().__init__(command, files)
        self._function = performer.function
        self.own_units = performer.work_units

    async def perform(self, scope: Scope) -> None:
        """Call the function. Whatever it raises fails the command, and nothing else."""
        try:
            await self._function(self.command, access_at(scope, self))
        except Skipped:
            pass
        except CommandFailed:
            raise
        except Exception as error:
            _logger.exception("%s failed", self.text())
            raise CommandFailed(f"{type(self.command).__name__}: {type(error).__name__}: {error}") from error


def number(nodes: Iterable[AnyNode], first: int = 0) -> int:
    """Give nodes and their bodies addresses in order, depth first.

    Returns:
        The address after the last.
    """
    for node in nodes:
        node.address = first
        first += 1
        if not isinstance(node.command, Include):  # what is in a file has no addresses
            first = number(node.body, first)
    return first
