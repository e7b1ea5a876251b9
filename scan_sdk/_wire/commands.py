"""Writes commands as XML; their reading, forgiving where the server is, stands in `command_reader`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from scan_sdk._dialect.java import format_double, quote_value
from scan_sdk._dialect.lists import write_list
from scan_sdk._wire.command_reader import read_commands
from scan_sdk._wire.markup import escape
from scan_sdk.models.base import fields_of, tag_of
from scan_sdk.models.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models import Command
    from scan_sdk.models.base import XmlField

__all__ = ["read_commands", "write_commands"]


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
_Plans: TypeAlias = "dict[type, tuple[str, str, tuple[_Row, ...]]]"


def _write(out: list[str], command: Command, indent: str, plans: _Plans) -> None:
    beginning, ending, rows = plans[type(command)]
    inner = indent + "  "
    values = command.__dict__
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


def _plan(*, as_server: bool) -> _Plans:
    return {
        cls: (
            f"<{tag_of(cls)}>\n",
            f"</{tag_of(cls)}>\n",
            tuple(_row(field, as_server=as_server) for field in fields_of(cls)),
        )
        for cls in COMMANDS
    }


_LOSSLESS = _plan(as_server=False)
_AS_SERVER = _plan(as_server=True)
