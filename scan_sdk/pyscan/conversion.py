"""Commands of old scripts to those of `scan_sdk`, and back.

An old command means what the server makes of its XML, so that is how it is read here: with the defaults of
the server, and its way of taking texts for numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never
from xml.etree import ElementTree as ET

from scan_sdk import models
from scan_sdk._dialect.java import parse_value
from scan_sdk._wire.command_reader import read_commands
from scan_sdk.errors import InvalidCommands
from scan_sdk.models.other import name_of
from scan_sdk.pyscan import blocks, simple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from xml.etree.ElementTree import Element

    from scan_sdk.pyscan.command import Command

__all__ = ["legacy_of", "modern_all", "modern_of", "to_xml"]


def to_xml(tree: Element) -> bytes:
    """Return an element as XML in ASCII, with carriage returns that readers keep."""
    return ET.tostring(tree).replace(b"\r", b"&#13;")


def modern_of(command: Command) -> models.Command:
    """Return what the server would make of an old command, its places in files and tables included.

    Raises:
        InvalidCommands: The server would refuse it.
    """
    try:
        [found] = _read([command])
    except InvalidCommands as error:
        raise InvalidCommands(error.reason, source=_shown(command)) from None
    except (AttributeError, TypeError) as error:  # something in it is no text, number or command
        raise InvalidCommands(f"it cannot be written as XML: {error}", source=_shown(command)) from error
    return _placed(found, command)


def modern_all(commands: Sequence[Command]) -> list[models.Command]:
    """Return what the server would make of old commands; at once, as to read many one by one takes longer.

    Raises:
        InvalidCommands: The server would refuse one.
    """
    try:
        return list(map(_placed, _read(commands), commands))
    except (InvalidCommands, AttributeError, TypeError):
        return [modern_of(command) for command in commands]  # which tells the one that is wrong


def _read(commands: Iterable[Command]) -> tuple[models.Command, ...]:
    tree = ET.Element("commands")
    tree.extend(command.genXML() for command in commands)
    return read_commands(to_xml(tree))


def _shown(command: Command) -> str:
    text = repr(command)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _placed(found: models.Command, command: Command) -> models.Command:
    """Return the command with the sources that the old one and those in its body have."""
    if isinstance(found, models.If | models.Loop | models.Parallel | models.Sequence):
        inner = command.getBody() if isinstance(command, _BLOCKS) else []
        if any(map(_has_source, inner)):
            body = tuple(map(_placed, found.body, inner))
            found = found.model_copy(update={"body": body})
    return found if command.source is None else found.at(command.source)


def _has_source(command: Command) -> bool:
    inner = command.getBody() if isinstance(command, _BLOCKS) else []
    return command.source is not None or any(map(_has_source, inner))


_BLOCKS = blocks.If | blocks.Loop | blocks.Parallel | blocks.Sequence


def legacy_of(command: models.Command) -> Command:
    """Return the command as old scripts have it; `modern_of` makes the same of it again."""
    made = _legacy(command)
    if command.source is not None:
        made.source = command.source
    return made


def _legacy(command: models.Command) -> Command:  # noqa: PLR0911  # a case for each command, no more
    match command:
        case models.Comment():
            return simple.Comment(command.text)
        case models.Delay():
            return simple.Delay(command.seconds, errhandler=_handler(command))
        case models.ConfigLog():
            return simple.ConfigLog(command.automatic, errhandler=_handler(command))
        case models.Log():
            return simple.Log(command.devices, errhandler=_handler(command))
        case models.Set():
            return _legacy_set(command)
        case models.Wait():
            return simple.Wait(
                command.device,
                command.value if isinstance(command.value, tuple) else _unquoted(command.value),
                comparison=command.comparison.symbol.removeprefix("to "),
                tolerance=command.tolerance,
                timeout=_number(command.timeout),
                errhandler=_handler(command),
            )
        case models.Include():
            return simple.Include(command.scan_file, command.macros or None, _handler(command))
        case models.Script():
            return simple.Script(command.path, command.arguments, errhandler=_handler(command))
        case models.If() | models.Loop() | models.Parallel() | models.Sequence():
            return _legacy_block(command)
        case _:
            raise TypeError(f"PyScanClient has no class for <{name_of(command)}>")


def _legacy_block(command: models.If | models.Loop | models.Parallel | models.Sequence) -> Command:
    body = [legacy_of(inner) for inner in command.body]
    match command:
        case models.If():
            return blocks.If(
                command.device,
                command.comparison.symbol,
                _unquoted(command.value),
                body,
                tolerance=command.tolerance,
                errhandler=_handler(command),
            )
        case models.Loop():
            return blocks.Loop(
                command.device,
                command.start,
                command.end,
                command.step,
                body,
                completion=command.completion,
                readback=command.wait and (command.readback or True),
                tolerance=command.tolerance,
                timeout=_number(command.timeout),
                errhandler=_handler(command),
            )
        case models.Parallel():
            return blocks.Parallel(body, timeout=_number(command.timeout), errhandler=_handler(command))
        case models.Sequence():
            made = blocks.Sequence(errhandler=_handler(command))
            made.getBody().extend(body)  # as they are: to append would lay sequences out flat
            return made
        case _:
            assert_never(command)


def _legacy_set(command: models.Set) -> simple.Set:
    expected = command.readback_value
    return simple.Set(
        command.device,
        command.value,
        completion=command.completion,
        readback=command.wait and (command.readback or True),
        readback_value=_number(expected) if isinstance(expected, float) else expected,
        tolerance=command.tolerance if command.wait else 0.0,
        timeout=_number(command.timeout),
        errhandler=_handler(command),
    )


def _handler(command: object) -> str | None:
    return str(getattr(command, "error_handler", "")) or None


def _number(value: float) -> float:
    """Return whole numbers as people write them, without `.0`."""
    return int(value) if value.is_integer() else value


def _unquoted(value: float | str) -> float | str:
    """Return what conditions are written as: old ones have no quotes, but where a text needs them."""
    return f'"{value}"' if isinstance(value, str) and parse_value(value) != value else value
