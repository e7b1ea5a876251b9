"""The commands that a user gives, in any form, as the document that the server is sent."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.sequence import Commands, CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.models import Command

CommandsLike: TypeAlias = "Commands | str | PathLike[str]"
"""A command, any nesting of iterables of commands, an XML document, or the path of a file that holds one."""


def document(commands: CommandsLike) -> bytes:
    """Return commands as XML in UTF-8, however they are given.

    Text and files are read and written anew, whatever encoding they declare, so that mistakes show before
    anything is sent.

    Raises:
        InvalidCommands: A text or a file holds no commands that the server would take.
        OSError: A file cannot be read.
        pydantic.ValidationError: Something given is no command.
    """
    return write_commands(_read(commands)).encode()


def _read(commands: CommandsLike) -> Iterable[Command]:
    if isinstance(commands, str) and commands.lstrip("\ufeff \t\r\n").startswith("<"):
        return read_commands(commands)
    if isinstance(commands, str | PathLike):
        path = Path(fspath(commands))
        return read_commands(path.read_bytes(), source=str(path))
    if isinstance(commands, CommandSequence):
        return commands  # also one that a server holds and the constructors would refuse
    return CommandSequence(commands)
