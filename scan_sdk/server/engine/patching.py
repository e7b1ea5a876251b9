"""Changes to commands of a submitted scan, by the property names and rules of the real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from scan_sdk._dialect.java import parse_double
from scan_sdk._dialect.lists import read_list, write_list
from scan_sdk.models import (
    Comment,
    Comparison,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.other import name_of
from scan_sdk.server.errors import CommandFailed, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scan_sdk.models import Command
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
    properties = _PROPERTIES[type(command)]
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
    properties = _PROPERTIES[type(command)]
    if name not in properties:
        raise CommandFailed(_unknown(command, name))
    value = getattr(command, properties[name][0])
    return value.symbol if isinstance(value, Comparison) else value


def _unknown(command: Command, name: str) -> str:
    """Return what is said where a command has no property of that name."""
    return f"{name_of(command)} has no property {name}, only {', '.join(sorted(_PROPERTIES[type(command)]))}"


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


def _comparison(value: float | str) -> Comparison:
    for comparison in Comparison:
        if comparison.symbol == value:
            return comparison
    raise ValueError(f"one of {', '.join(comparison.symbol for comparison in Comparison)} is wanted")


def _any(value: float | str) -> float | str:
    return value


def _any_or_none(value: float | str) -> float | str | None:
    return None if value == "" else value


def _never(value: float | str) -> str:  # noqa: ARG001
    raise ValueError("lists cannot be patched")


_Property = tuple[str, "Callable[[float | str], object]"]
_HANDLER: Final[Mapping[str, _Property]] = {"error_handler": ("error_handler", _text)}
_WRITE: Final[Mapping[str, _Property]] = {
    "device_name": ("device", _text),
    "completion": ("completion", _boolean),
    "wait": ("wait", _boolean),
    "readback": ("readback", _text),
    "tolerance": ("tolerance", _not_negative),
    "timeout": ("timeout", _not_negative),
    **_HANDLER,
}
_COMPARE: Final[Mapping[str, _Property]] = {
    "device_name": ("device", _text),
    "comparison": ("comparison", _comparison),
    "desired_value": ("value", _any),
    "tolerance": ("tolerance", _not_negative),
    **_HANDLER,
}
_PROPERTIES: Final[Mapping[type[Command], Mapping[str, _Property]]] = {
    Comment: {"comment": ("text", _text)},
    Delay: {"seconds": ("seconds", _number), **_HANDLER},
    ConfigLog: {"automatic": ("automatic", _boolean), **_HANDLER},
    Log: {"device_names": ("devices", _never), **_HANDLER},
    Set: {"value": ("value", _any), "readback_value": ("readback_value", _any_or_none), **_WRITE},
    Wait: {"timeout": ("timeout", _not_negative), **_COMPARE},
    If: _COMPARE,
    Loop: {"start": ("start", _number), "end": ("end", _number), "step_size": ("step", _number), **_WRITE},
    Parallel: {"timeout": ("timeout", _not_negative), **_HANDLER},
    Sequence: _HANDLER,
    Include: {"scan_file": ("scan_file", _text), "macros": ("macros", _text), **_HANDLER},
    Script: {"script": ("path", _text), "arguments": ("arguments", _never), **_HANDLER},
}
