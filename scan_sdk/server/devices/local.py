"""`loc://name(initial)`: variables that live in the server while scans use them.

`loc://x` is a number, 0 at first, and becomes a text with the first text written to it. `loc://x(5)` is a
number, `loc://x("a")` a text, `loc://x(1, 2)` and `loc://x("a", "b")` are rows. A type may be named, as in
`loc://x<VEnum>(0, "Open", "Shut")`: VDouble, VLong, VInt, VString, VBoolean, VEnum, VDoubleArray or
VStringArray.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import parse_double
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.pv import Provider, Pv
from scan_sdk.server.devices.values import EnumValue, Reading, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import PvName
    from scan_sdk.server.devices.values import PvInput, PvValue

__all__ = ["LocalProvider", "initial_value"]


class LocalProvider(Provider):
    """Makes `loc://` variables."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def create(self, name: PvName) -> Pv:
        """Make the variable with its initial value."""
        return LocalPv(name, self._clock)


class LocalPv(Pv):
    """A value in memory."""

    def __init__(self, name: PvName, clock: Clock) -> None:
        self._kind, items = _analyse(name)
        super().__init__(Reading(self._kind.first(items), milliseconds(clock)))
        self._clock = clock
        self._undecided = name.type is None and not items

    async def write(self, value: PvInput) -> None:
        """Take the value, turned into the type that this variable has."""
        assert self.reading is not None  # a local variable is always connected
        if self._undecided and isinstance(value, str) and math.isnan(_number_or_nan(value)):
            self._kind = _KINDS["string"]
        adapted = self._kind.adapt(value, self.reading.value)
        self._undecided = False
        self.update(Reading(adapted, milliseconds(self._clock)))


def initial_value(name: PvName) -> PvValue:
    """Return the value that a `loc://` variable of that name begins with.

    Raises:
        ValueError: The name gives no value of its type.
    """
    kind, items = _analyse(name)
    return kind.first(items)


@dataclass(frozen=True)
class _Kind:
    """A type of variable."""

    first: Callable[[list[str]], PvValue]
    """What it makes of the items in its name."""
    adapt: Callable[[PvInput, PvValue], PvValue]
    """What it makes of a written value, given the one that it holds."""


def _analyse(name: PvName) -> tuple[_Kind, list[str]]:
    items, quoted = _split(name.arguments or "")
    if name.type is None:
        row = "array" if len(items) > 1 else ""
        return _KINDS[("string" if quoted else "double") + row], items
    wanted = name.type.lower()
    for label, kind in _KINDS.items():
        if label in wanted:
            return kind, items
    raise ValueError(f"a local variable cannot be a '{name.type}'")


_ITEM: Final = re.compile(r'[ \t]*(?:"((?:[^"\\]|\\.)*)"[ \t]*|([^",\s][^,]*)|(?=,|$))(?:,|$)', re.DOTALL)


def _split(text: str) -> tuple[list[str], bool]:
    """Return the items between commas without their quotes, and whether any was quoted."""
    items: list[str] = []
    any_quoted = False
    position = 0
    while position < len(text):
        found = _ITEM.match(text, position)
        if found is None:
            raise ValueError(f"cannot read the initial value {text}")
        quoted, plain = found.groups()
        any_quoted |= quoted is not None
        if quoted is not None or plain is not None:
            items.append(plain.strip() if quoted is None else quoted.replace('\\"', '"'))
        position = found.end()
    return items, any_quoted


def _single(items: list[str]) -> str:
    if len(items) > 1:
        raise ValueError(f"expected one value, got {len(items)}")
    return items[0] if items else ""


def _number(value: PvInput) -> float:
    if isinstance(value, tuple):
        raise ValueError("expected one number, got a row")  # noqa: TRY004  # no fault of a type in the program
    try:
        return parse_double(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"cannot read a number from '{value}'") from None


def _text(value: PvInput) -> str:
    if isinstance(value, tuple):
        raise ValueError("expected one text, got a row")  # noqa: TRY004
    return text_of(value)


def _item(text: str) -> float:
    """Return a number from a list, where unlike elsewhere it may be hexadecimal."""
    if text.startswith("0x"):
        with suppress(ValueError):
            return float(int(text, base=16))
    return _number(text)


def _number_or_nan(value: str) -> float:
    try:
        return parse_double(value)
    except ValueError:
        return math.nan


def _whole(number: float, bits: int) -> int:
    """Cut off what follows the point, as Java does: NaN is 0, and what is too large the largest."""
    limit = 2 ** (bits - 1)
    return 0 if math.isnan(number) else int(max(-limit, min(number, limit - 1)))


def _boolean(value: PvInput) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return _number(value) != 0


def _choice(number: int, labels: tuple[str, ...]) -> EnumValue:
    if not 0 <= number < len(labels):
        raise ValueError(f"there is no choice {number} in {len(labels)}")
    return EnumValue(number, labels)


def _adapt_choice(value: PvInput, old: PvValue) -> PvValue:
    assert isinstance(old, EnumValue)
    if isinstance(value, str):
        return _choice(old.choices.index(value), old.choices)
    return _choice(_whole(_number(value), 32), old.choices)


def _first_choice(items: list[str]) -> PvValue:
    if len(items) < 2:
        raise ValueError('a choice needs a number and labels, as (0, "Off", "On")')
    return _choice(_whole(_number(items[0]), 32), tuple(items[1:]))


def _adapt_numbers(value: PvInput, _old: PvValue) -> PvValue:
    if isinstance(value, tuple):
        return tuple(map(_number, value))
    if not isinstance(value, str):
        raise ValueError("expected a row of numbers")  # noqa: TRY004
    return tuple(map(_item, _split(value)[0]))


def _adapt_texts(value: PvInput, _old: PvValue) -> PvValue:
    if isinstance(value, tuple):
        return tuple(map(text_of, value))
    if not isinstance(value, str):
        raise ValueError("expected a text")  # noqa: TRY004
    return (value,)


def _integer(bits: int) -> _Kind:
    return _Kind(
        lambda items: _whole(_item(_single(items) or "0"), bits),
        lambda value, _: _whole(_number(value), bits),
    )


_KINDS: Final = {
    "doublearray": _Kind(lambda items: tuple(map(_item, items)), _adapt_numbers),
    "double": _Kind(lambda items: _item(_single(items) or "0"), lambda value, _: _number(value)),
    "stringarray": _Kind(tuple, _adapt_texts),
    "string": _Kind(_single, lambda value, _: _text(value)),
    "enum": _Kind(_first_choice, _adapt_choice),
    "long": _integer(64),
    "int": _integer(32),
    "boolean": _Kind(lambda items: _single(items).lower() == "true", lambda value, _: _boolean(value)),
}
"""A type is the first of these whose label its name contains, in any case."""
