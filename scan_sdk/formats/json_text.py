"""Commands as JSON, with the places of what is wrong."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from scan_sdk.formats.places import Lines, decoded, first_fault, mark
from scan_sdk.models.tree import TOO_DEEP
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk.errors import InvalidCommands

__all__ = ["read_json", "write_json"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\{')
_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_DECODER: Final = json.JSONDecoder()
_MACROS: Final = '"macros"'
"""The one option whose value may be an object that is no command."""


def write_json(commands: CommandSequence) -> str:
    """Return commands as an indented JSON array."""
    return commands.to_json(indent=2) + "\n"


def read_json(document: str | bytes, source: str) -> CommandSequence:
    """Read a JSON array of commands.

    Raises:
        InvalidCommands: It is none; with line and column.
    """
    text = decoded(document, source)
    lines = Lines(text, source)
    try:
        commands = CommandSequence.from_json(text)
    except ValidationError as error:
        raise _explained(error, text, lines) from None
    mark(commands, map(lines.place, _objects(text)))
    return commands


def _objects(text: str) -> Iterator[int]:
    """Yield where objects begin, which are commands in the order of their addresses."""
    before, end = "", 0
    for token in _TOKEN.finditer(text):
        if token[0] == "{" and (before != _MACROS or ":" not in text[end : token.start()]):
            yield token.start()
        before, end = token[0], token.end()


def _explained(error: ValidationError, text: str, lines: Lines) -> InvalidCommands:
    fault = first_fault(error)
    if fault.kind != "json_invalid":
        return lines.error(_locate(text, fault.path), fault.reason)
    try:
        json.loads(text)
    except json.JSONDecodeError as wrong:
        return lines.error(wrong.pos, f"not JSON: {wrong.msg}")
    except RecursionError:
        pass
    return lines.error(0, TOO_DEEP if "recursion limit" in fault.reason else fault.reason)


def _locate(text: str, path: Iterable[int | str]) -> int:
    """Return where the value at a path begins; where there is none, what it should be in."""
    place = _skip_blanks(text, 0)
    for step in path:
        steps = _members(text, place) if text[place] == "{" else _items(text, place)
        found = next((where for name, where in steps if name == step), None)
        if found is not None:
            place = found
        elif isinstance(step, int):
            break
    return place


def _skip_blanks(text: str, place: int) -> int:
    return cast("re.Match[str]", _BLANKS.match(text, place)).end()


def _after(text: str, place: int) -> int:
    """Return where what follows a value begins: a comma, or the end of what the value is in."""
    return _skip_blanks(text, _DECODER.raw_decode(text, place)[1])


def _items(text: str, place: int) -> Iterator[tuple[int, int]]:
    """Yield number and place of the items of an array; nothing where it is none."""
    index = 0
    while text[place] in "[," and text[place := _skip_blanks(text, place + 1)] != "]":
        yield index, place
        index, place = index + 1, _after(text, place)


def _members(text: str, place: int) -> Iterator[tuple[str, int]]:
    """Yield name and place of the values of an object."""
    while text[place] in "{," and text[place := _skip_blanks(text, place + 1)] != "}":
        name, end = _DECODER.raw_decode(text, place)
        place = _skip_blanks(text, _skip_blanks(text, end) + 1)
        yield name, place
        place = _after(text, place)
