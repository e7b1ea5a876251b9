"""The commands of a scan as things that are performed: a tree of nodes, each of which holds a command.

A command is a frozen value. Its node has what changes while the scan lives: the command itself, where a patch
replaces it, its address, and whatever it remembers between runs. One class of node for each command says how
the command is performed; they register with `performs`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from scan_sdk._dialect.macros import resolve
from scan_sdk._dialect.wording import describe
from scan_sdk.models import Command
from scan_sdk.models.commands import own_devices
from scan_sdk.server.engine.gate import Gate
from scan_sdk.server.scripts.names import ScanErrorHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeAlias

    from scan_sdk.server.engine.scope import Scope
    from scan_sdk.server.files import ScanFiles
    from scan_sdk.server.scripts.classes import Scripted

    AnyNode: TypeAlias = "Node[Command]"

__all__ = ["Node", "build", "number", "performs"]

C_co = TypeVar("C_co", bound=Command, covariant=True)
N = TypeVar("N", bound="type[Node[Command]]")


class Node(ABC, Generic[C_co]):
    """A command in its place in a scan.

    Attributes:
        command: The command; a patch replaces it.
        body: The nodes of the command's body, or of the file that it includes.
        address: The command's number in the scan, -1 for those from files.
        handler: What decides how the scan goes on where the command fails; None where it fails too.
        gate: What the command waits at.
    """

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
        self.body: tuple[AnyNode, ...] = build(getattr(command, "body", ()), files)
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
        return 1

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


_CLASSES: dict[type[Command], type[AnyNode]] = {}


def performs(kind: type[Command]) -> Callable[[N], N]:
    """Register a class of nodes for a kind of command."""

    def register(cls: N) -> N:
        _CLASSES[kind] = cls
        return cls

    return register


def build(commands: Iterable[Command], files: ScanFiles) -> tuple[AnyNode, ...]:
    """Return the nodes of commands.

    Raises:
        Refused: A file that one of them needs is not there or cannot be used.
    """
    with files.one_level_deeper():
        return tuple(_CLASSES[type(command)](command, files) for command in commands)


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
