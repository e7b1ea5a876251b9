"""The commands that a user gives, in any form, and the files that they include."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from scan_sdk._wire.markup import is_document
from scan_sdk.sequence import Commands, CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES: Final = "examples:"
"""What a path in a configuration begins with that means files which come with the embedded server."""
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


def path_of(commands: CommandsLike) -> Path | None:
    """Return the path where commands are given by one, None where they are not."""
    if isinstance(commands, PathLike) or (isinstance(commands, str) and not is_document(commands)):
        return Path(fspath(commands))
    return None


def find_file(name: str, folders: Iterable[Path]) -> Path | None:
    """Return the file of a name in the first of some folders that has it, None where none has.

    Its path begins with the folder as that is given.

    A name that leads out of a folder finds nothing there.
    """
    for folder in folders:
        try:
            path = folder / name
            if path.resolve().is_relative_to(folder.resolve()) and path.is_file():
                return path
        except (OSError, ValueError, RuntimeError):  # a name that no file can have, or links in a circle
            continue
    return None
