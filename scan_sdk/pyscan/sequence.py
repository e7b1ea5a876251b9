"""The list of commands that old scripts assemble."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from scan_sdk.pyscan.command import Command, as_commands
from scan_sdk.pyscan.spelling import element, to_xml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self, SupportsIndex

    from scan_sdk.pyscan.command import Commands

__all__ = ["CommandSequence"]


class CommandSequence(list[Command]):
    """The commands of a scan, in order.

    Modern: `scan_sdk.CommandSequence`, with `to_xml()` in place of `genSCN()`.

    Args:
        *commands: Commands, or lists of them.

    Raises:
        TypeError: Something given is no command.
    """

    def __init__(self, *commands: Commands) -> None:
        super().__init__(as_commands(*commands))

    def append(self, *commands: Commands) -> None:
        """Add commands, or lists of them, at the end."""
        super().extend(as_commands(*commands))

    def extend(self, commands: Iterable[Commands]) -> None:
        """Add the commands of a list at the end."""
        super().extend(as_commands(commands))

    def insert(self, index: SupportsIndex, command: Commands) -> None:
        """Insert a command, or those of a list, before the given index."""
        self[index:index] = as_commands(command)

    def __iadd__(self, commands: Commands) -> Self:  # type: ignore[override,misc]  # takes single ones too
        self.append(commands)
        return self

    def genSCN(self) -> bytes:
        """Return the commands as PyScanClient writes them for the server: an indented document in ASCII."""
        document = element("commands", *(command.genXML() for command in self))
        ET.indent(document)
        document.tail = "\n"
        return to_xml(document)

    def format(self) -> str:
        """Return the commands with a line for each, bodies indented."""
        lines = [f"\n{command.format(1)}" for command in self]
        return f"[{''.join(lines)}\n]" if lines else "[]"

    def __str__(self) -> str:
        return self.format()

    def __repr__(self) -> str:
        return f"CommandSequence({self})"
