"""Commands from XML, and XML from commands; how each is read stands in `command_reader`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from scan_sdk._dialect.java import format_double, quote_value
from scan_sdk._dialect.lists import write_list
from scan_sdk._wire.command_faults import UNNAMED, Fault, Survey
from scan_sdk._wire.command_reader import CommandReader
from scan_sdk._wire.markup import encoded, escape
from scan_sdk.errors import InvalidCommands
from scan_sdk.models.base import fields_of, tag_of
from scan_sdk.models.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk._wire.command_outline import Outline
    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel, XmlField

__all__ = ["read_commands", "read_with_outline", "survey_commands", "write_commands"]

_LARGE = 2**20  # bytes of a document from which the collector costs a sixth of the time


def read_commands(
    document: str | bytes, *, strict: bool = False, source: str | None = None
) -> tuple[Command, ...]:
    """Return the commands of a document whose root is `<commands>`.

    Args:
        document: The document. Bytes are decoded as their XML declaration or byte order mark says, else as
            UTF-8; the encoding that a text declares is not looked at.
        strict: Also refuse what the server silently ignores or changes: unknown and repeated elements,
            unknown comparisons, numbers out of range; and commands that nobody knows, which are kept verbatim
            otherwise.
        source: Name of the document, such as its path, for error messages and for what the commands say of
            where they were written; without it they say nothing.

    Raises:
        InvalidCommands: The document is not well-formed, has a DTD, is no command document, or holds a
            command that the server refuses; with line and column.
    """
    body, encoding = encoded(document, source or UNNAMED)
    with collector_paused(len(body) > _LARGE):
        return CommandReader(body, encoding, strict=strict, source=source).read()


def read_with_outline(document: str | bytes, source: str) -> tuple[tuple[Command, ...], Outline]:
    """Return the commands of a document, and where its elements and comments stand.

    It is read strictly, but for commands that nobody knows: these are kept verbatim, and nothing is lost.

    Args:
        document: The document, decoded as by `read_commands`.
        source: Name of the document for messages.

    Raises:
        InvalidCommands: As `read_commands`; also where a comment cuts a text, so that the server takes its
            beginning only, or an element other than the root has any attributes.
    """
    body, encoding = encoded(document, source)
    reader = CommandReader(body, encoding, strict=True, source=source, outlined=True)
    assert reader.outliner is not None
    return reader.read(), reader.outliner.outline


def survey_commands(document: str | bytes) -> Survey:
    """Read a document to its end, or as far as it is XML, whatever is wrong with it.

    Args:
        document: The document, decoded as by `read_commands`.
    """
    try:
        body, encoding = encoded(document, UNNAMED)
    except InvalidCommands as error:
        return Survey(
            (), [], [Fault("unreadable-encoding", error.reason, "", 1, 1)], set(), has_remarks=False
        )
    with collector_paused(len(body) > _LARGE):
        return CommandReader(body, encoding, strict=True, source=None, collect=True).survey()


def write_commands(commands: Iterable[Command], *, as_server: bool = False) -> str:
    """Return commands as an indented XML document, without an XML declaration.

    Args:
        commands: The commands, in order.
        as_server: Write what the scan server itself writes, which leaves out a tolerance of 0 and quotes the
            lists of IN and NOT_IN once more. Otherwise all that differs from the server's reading defaults is
            written, so that a tolerance of 0 is not taken for 0.1 (trap 16).
    """
    out = ["<commands>\n"]
    plans = _AS_SERVER if as_server else _LOSSLESS
    for command in commands:
        _write(out, command, "  ", plans)
    out.append("</commands>\n")
    return "".join(out) if len(out) > 2 else "<commands/>\n"


_Row: TypeAlias = "tuple[str, str, str, str, Callable[[object], str] | None, bool, object, str]"
"""How a field is written: attribute, tags (opening, closing, empty), format, whether it is left out with the
value that follows, item's tag.

A plain tuple, as plain tuples are unpacked several times faster than named ones.
"""
_Plan: TypeAlias = "tuple[str, str, tuple[_Row, ...] | None]"
"""How a command is written: its tags, and its fields; without those, as it is."""


class _Plans(dict[type, _Plan]):
    """How each class of commands is written; a subclass like its base."""

    def __init__(self, *, as_server: bool) -> None:
        self._as_server = as_server

    def __missing__(self, cls: type[CommandModel]) -> _Plan:
        tag = tag_of(cls)
        rows = tuple(_row(field, as_server=self._as_server) for field in fields_of(cls)) if tag else None
        plan = self[cls] = f"<{tag}>\n", f"</{tag}>\n", rows
        return plan


def _write(out: list[str], command: Command, indent: str, plans: _Plans) -> None:
    beginning, ending, rows = plans[type(command)]
    inner = indent + "  "
    values = command.__dict__
    if rows is None:
        out.append(f"{indent}{values['xml']}\n")
        return
    out.append(indent + beginning)
    for attribute, opening, closing, empty, format_, omits, omitted, item in rows:
        value = values[attribute]
        if omits and value == omitted:
            continue
        if format_ is not None:
            text = format_(value)
            out.append(f"{inner}{opening}{text}{closing}" if text else inner + empty)
        elif not value:
            out.append(f"{inner}{empty}")
        else:
            out.append(f"{inner}{opening}\n")
            if item:
                out += [f"{inner}  <{item}>{escape(text)}</{item}>\n" for text in value]
            else:
                for child in value:
                    _write(out, child, inner + "  ", plans)
            out.append(f"{inner}{closing}")
    out.append(indent + ending)


def _format_value(value: object) -> str:
    if isinstance(value, tuple):
        return escape(write_list(cast("tuple[str, ...]", value)))
    return escape(quote_value(cast("float | str", value)))


def _format_value_as_server(value: object) -> str:
    text = _format_value(value)
    return f'"{text}"' if isinstance(value, tuple) else text


def _format_boolean(value: object) -> str:
    return "true" if value else "false"


# By the kind of a field, whose values the models guarantee.
_FORMATS: dict[str, Callable[..., str]] = {
    "text": escape,
    "number": format_double,
    "value": _format_value,
    "boolean": _format_boolean,
    "enum": str,
    "integer": str,
}


def _row(field: XmlField, *, as_server: bool) -> _Row:
    format_ = _FORMATS.get(field.kind)
    if as_server and field.kind == "value":
        format_ = _format_value_as_server
    omits, omitted = field.omit, field.default
    if as_server and field.attribute == "tolerance":
        omits, omitted = True, 0.0
    tag = field.tag
    return field.attribute, f"<{tag}>", f"</{tag}>\n", f"<{tag}/>\n", format_, omits, omitted, field.item


_LOSSLESS = _Plans(as_server=False)
_AS_SERVER = _Plans(as_server=True)
