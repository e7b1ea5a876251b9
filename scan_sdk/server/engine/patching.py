"""Changes to commands of a submitted scan, by the property names and rules of the real server."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from scan_sdk._dialect.java import parse_double
from scan_sdk._dialect.lists import read_list, write_list
from scan_sdk.models import Comparison, Loop, Set, Wait
from scan_sdk.models.base import fields_of, patch_names_of
from scan_sdk.models.other import name_of
from scan_sdk.server.errors import CommandFailed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from enum import StrEnum

    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel
    from scan_sdk.server.engine.nodes import AnyNode

__all__ = ["find", "patched", "property_of"]


def find(nodes: Iterable[AnyNode], address: int) -> AnyNode:
    """Return the node of an address, where it stands at the top or in the body of a loop.

    Raises:
        Refused: There is none.
    """
    found = _find(nodes, address)
    if found is None:
        raise Refused(f"Invalid command address {address}")
    return found


def _find(nodes: Iterable[AnyNode], address: int) -> AnyNode | None:
    for node in nodes:
        if node.address == address:
            return node
        if isinstance(node.command, Loop) and (found := _find(node.body, address)) is not None:
            return found
    return None


def patched(command: Command, name: str, value: float | str) -> Command:
    """Return a command with one property changed.

    Args:
        command: The command.
        name: The server's name of the property.
        value: The new value.

    Raises:
        Refused: The command has no such property, or not with such a value.
    """
    properties = _properties(type(command))
    if name not in properties:
        raise Refused(_unknown(command, name))
    attribute, take = properties[name]
    try:
        changes: dict[str, object] = {attribute: take(value)}
    except ValueError as error:
        raise Refused(f"Cannot update {name} of {name_of(command)} to {value!r}: {error}") from error
    if isinstance(command, Loop) and name == "step_size":
        step = changes["step"] = changes["step"] or 1.0
        assert isinstance(step, float)
        changes["tolerance"] = abs(step / 10)
    elif isinstance(command, Set) and changes.get("wait") is True and not command.readback:
        changes["readback"] = command.device
    elif isinstance(command, Wait):
        _settle(command, changes)
    return command.model_copy(update=changes)


def property_of(command: Command, name: str) -> object:
    """Return a property of a command by the server's name for it.

    Raises:
        CommandFailed: The command has no such property.
    """
    properties = _properties(type(command))
    if name not in properties:
        raise CommandFailed(_unknown(command, name))
    value = getattr(command, properties[name][0])
    return value.symbol if isinstance(value, Comparison) else value


def _unknown(command: Command, name: str) -> str:
    """Return what is said where a command has no property of that name."""
    return f"{name_of(command)} has no property {name}, only {', '.join(sorted(_properties(type(command))))}"


def _settle(command: Wait, changes: dict[str, object]) -> None:
    """Keep the lists of IN and NOT_IN lists, and other values none."""
    comparison = changes.get("comparison", command.comparison)
    value = cast("float | str | tuple[str, ...]", changes.get("value", command.value))
    if comparison in {Comparison.IN, Comparison.NOT_IN} and isinstance(value, str):
        changes["value"] = read_list(value)
    elif comparison not in {Comparison.IN, Comparison.NOT_IN} and isinstance(value, tuple):
        changes["value"] = write_list(value)


def _text(value: float | str) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is wanted, in double quotes where it looks like a number")  # noqa: TRY004
    return value


def _number(value: float | str) -> float:
    return parse_double(value) if isinstance(value, str) else value


def _not_negative(value: float | str) -> float:
    return max(0.0, _number(value))


def _boolean(value: float | str) -> bool:
    return _text(value).lower() == "true"


def _integer(value: float | str) -> int:
    number = _number(value)
    if not number.is_integer():
        raise ValueError("a whole number is wanted")
    return int(number)


def _one_of(members: type[StrEnum], value: float | str) -> StrEnum:
    for member in members:
        if value == (member.symbol if isinstance(member, Comparison) else member.value):
            return member
    texts = (member.symbol if isinstance(member, Comparison) else member.value for member in members)
    raise ValueError(f"one of {', '.join(texts)} is wanted")


def _any(value: float | str) -> float | str:
    return value


def _any_or_none(value: float | str) -> float | str | None:
    return None if value == "" else value


def _never(value: float | str) -> str:  # noqa: ARG001
    raise ValueError("lists cannot be patched")


_Property: TypeAlias = "tuple[str, Callable[[float | str], object]]"
_TAKES: Final[Mapping[str, Callable[[float | str], object]]] = {
    "boolean": _boolean,
    "integer": _integer,
    "list": _never,
    "number": _number,
    "text": _text,
    "value": _any,
    "readback_value": _any_or_none,
    "timeout": _not_negative,
    "tolerance": _not_negative,
}
"""What becomes of a value, by the kind of the field, or by its name."""


@cache
def _properties(kind: type[CommandModel]) -> Mapping[str, _Property]:
    """Return the fields of a command by the server's names, and what becomes of their values."""
    names = patch_names_of(kind)
    found: dict[str, _Property] = {}
    for field in fields_of(kind):
        if field.attribute in names:
            members = cast("type[StrEnum]", kind.model_fields[field.attribute].annotation)
            take = partial(_one_of, members) if field.kind == "enum" else _TAKES[field.kind]
            found[names[field.attribute]] = (field.attribute, _TAKES.get(field.attribute, take))
    return found
