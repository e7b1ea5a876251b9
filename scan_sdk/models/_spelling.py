"""How people write commands where that differs from the fields: readbacks, comparisons, macros, bodies."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from pydantic import AfterValidator

from scan_sdk.models._enums import SPELLINGS, ComparisonMethods
from scan_sdk.models.base import MACRO_NAME, AnyCommand, CommandModel, refusal
from scan_sdk.models.tree import check_depth

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scan_sdk.models._generated import Comparison
    from scan_sdk.models.commands import Command

    Body: TypeAlias = tuple[Command, ...]
    Nested: TypeAlias = Command | Iterable["Nested"]
    Comparing: TypeAlias = (
        Comparison
        | Literal["=", "==", "!=", ">", ">=", "<", "<=", "increase by", "decrease by", "in", "not in"]
    )
else:

    class _Alias:
        """Shows a type in signatures by its name."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __repr__(self) -> str:
            return self._name

        def __or__(self, other: object) -> _Alias:  # None, in what a schema says may be left out
            return _Alias(f"{self._name} | {other}")

    Body = Annotated[tuple[Annotated[CommandModel, AnyCommand()], ...], AfterValidator(check_depth)]
    Nested = _Alias("Nested")
    Comparing = _Alias("Comparing")


def arrange_readback(cls: type[CommandModel], fields: dict[str, object]) -> None:
    """Translate `readback=True | False | "pv"` into the fields `wait` and `readback`."""
    if "readback" not in fields:
        return
    readback = fields["readback"]
    if isinstance(readback, bool):
        fields["wait"] = readback
        del fields["readback"]
    elif "wait" not in fields:
        if is_empty(readback):
            raise refusal(cls, "readback", fields, "give the name of a device, or True for the device itself")
        fields["wait"] = True
    elif fields["wait"] is False:
        del fields["readback"]  # the server does not look at it


def is_empty(value: object) -> bool:
    """Tell whether a value is a text without characters."""
    return isinstance(value, str) and not value


def shorten_readback(fields: dict[str, object], itself: str) -> dict[str, object]:
    """Write the fields `wait` and `readback` as people do, undoing `arrange_readback`."""
    if fields.pop("wait", False) and fields.get("readback", "") == itself:
        fields["readback"] = True
    return fields


def arrange_comparison(fields: dict[str, object]) -> None:
    """Translate the usual symbols; the enumeration knows them too, but takes its time."""
    comparison = fields.get("comparison")
    if isinstance(comparison, str) and comparison in SPELLINGS:
        fields["comparison"] = SPELLINGS[comparison]


def shorten_comparison(fields: dict[str, object]) -> dict[str, object]:
    """Write the comparison as its symbol, undoing `arrange_comparison`."""
    comparison = fields.get("comparison")
    if isinstance(comparison, ComparisonMethods):
        fields["comparison"] = comparison.symbol.removeprefix("to ")
    return fields


def script_argument(value: object) -> object:
    """Write a number, also one of numpy's, as text; anything else is left to validation."""
    number = not isinstance(value, str | bool) and isinstance(value, Real)
    return str(value) if number else value


def write_macros(macros: Mapping[object, object]) -> str:
    """Write macros as one text.

    Raises:
        ValueError: A name that the server does not take, or a value that this spelling cannot carry.
    """
    return ", ".join(f"{_name(name)}={_value(name, value)}" for name, value in macros.items())


def _name(name: object) -> str:
    if not isinstance(name, str) or MACRO_NAME.fullmatch(name) is None:
        raise ValueError(f"'{name}' is no name of a macro: letters, digits, '_', '.' and '-', a letter first")
    return name


def _value(name: object, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | Real):
        raise ValueError(  # noqa: TRY004  # becomes part of a ValidationError
            f"macro {name}: give a text or a number, not {value!r}"
        )
    text = str(value)
    if "," not in text and '"' not in text and text == text.strip():
        return text
    if "\\" in text:
        raise ValueError(f"macro {name}: a value with a backslash can hold no comma, quote or outer blank")
    return '"' + text.replace('"', '\\"') + '"'
