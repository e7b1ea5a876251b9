"""The commands that a user gives, in any form."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TypeAlias

from scan_sdk._wire.markup import is_document
from scan_sdk.sequence import Commands, CommandSequence

CommandsLike: TypeAlias = "Commands | str | PathLike[str]"
"""A command, any nesting of iterables of commands, an XML document, or the path of a file that holds one."""


def read(commands: CommandsLike) -> CommandSequence:
    """Return commands, however they are given.

    Text and files are read, and written anew when they are sent, whatever encoding they declare, so that
    mistakes show before anything is sent.

    Raises:
        InvalidCommands: A text or a file holds no commands that the server would take.
        OSError: A file cannot be read.
        pydantic.ValidationError: Something given is no command.
    """
    if isinstance(commands, str) and is_document(commands):
        return CommandSequence.from_xml(commands)
    if isinstance(commands, str | PathLike):
        return CommandSequence.from_xml(Path(fspath(commands)))
    if isinstance(commands, CommandSequence):
        return commands  # also one that a server holds and the constructors would refuse
    return CommandSequence(commands)
