"""Commands of old scripts to those of `scan_sdk`; the way back is `legacy_of`.

An old command means what the server makes of its XML, so that is how it is read here: with the defaults of
the server, and its way of taking texts for numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk._wire.commands import read_commands
from scan_sdk.errors import InvalidCommands
from scan_sdk.pyscan.command import Block, PassedCommand
from scan_sdk.pyscan.spelling import element, to_xml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scan_sdk import models
    from scan_sdk.pyscan.command import Command

__all__ = ["modern_all", "modern_of"]


def modern_of(command: Command) -> models.Command:
    """Return what the server would make of an old command, its places in files and tables included.

    Raises:
        InvalidCommands: The server would refuse it.
    """
    try:
        return _read([command])[0]
    except InvalidCommands as error:
        raise InvalidCommands(error.reason, source=_shown(command)) from None
    except (AttributeError, TypeError) as error:  # something in it is no text, number or command
        raise InvalidCommands(f"it cannot be written as XML: {error}", source=_shown(command)) from error


def modern_all(commands: Sequence[Command]) -> list[models.Command]:
    """Return what the server would make of old commands; at once, as to read many one by one takes longer.

    Raises:
        InvalidCommands: The server would refuse one.
    """
    try:
        return _read(commands)
    except (InvalidCommands, AttributeError, TypeError):
        return [modern_of(command) for command in commands]  # which finds the one that is wrong


def _read(commands: Sequence[Command]) -> list[models.Command]:
    written = [command.genXML() for command in commands if not isinstance(command, PassedCommand)]
    found = iter(read_commands(to_xml(element("commands", *written))))
    return [
        command.command if isinstance(command, PassedCommand) else _restored(command, next(found))
        for command in commands
    ]


def _shown(command: Command) -> str:
    text = repr(command)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _restored(command: Command, found: models.Command) -> models.Command:
    """Return what was read of a command, with what XML does not hold: places, and commands passed on."""
    if isinstance(command, PassedCommand):
        return command.command
    if isinstance(command, Block) and any(map(_holds_more, command.getBody())):
        body = map(_restored, command.getBody(), getattr(found, "body", ()))
        found = found.model_copy(update={"body": tuple(body)})
    return found if command.source is None else found.at(command.source)


def _holds_more(command: Command) -> bool:
    inner = command.getBody() if isinstance(command, Block) else []
    return isinstance(command, PassedCommand) or command.source is not None or any(map(_holds_more, inner))
