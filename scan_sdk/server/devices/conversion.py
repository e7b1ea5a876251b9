"""What variables of EPICS hold and take: pure functions, which need no EPICS."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias

from scan_sdk._dialect.java import parse_double
from scan_sdk.server.devices.values import text_of

if TYPE_CHECKING:
    from scan_sdk.server.devices.values import PvInput

__all__ = ["Fitted", "Kind", "Shape", "bytes_of", "fit", "milliseconds_of", "text_from"]


class Kind(Enum):
    """What a variable holds."""

    NUMBER = auto()
    TEXT = auto()
    CHOICE = auto()
    NUMBERS = auto()
    TEXTS = auto()
    BYTES = auto()
    """A row of characters, which is read and written as text."""
    STRUCTURE = auto()
    """Anything else, which can only be looked at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a variable holds, and how much of it."""

    kind: Kind
    choices: tuple[str, ...] = ()
    """The labels, where it is a choice."""
    capacity: int | None = None
    """How many elements it has at most, where that is known."""
    limits: tuple[int, int] | None = None
    """The smallest and largest number, where it holds whole ones."""


Fitted: TypeAlias = float | int | str | bytes | tuple[float, ...] | tuple[str, ...]
"""What is sent: of a choice its index, of a row of characters their bytes."""


def fit(value: PvInput, shape: Shape) -> Fitted:
    """Turn a value into what a variable takes.

    Raises:
        ValueError: It cannot hold the value.
    """
    match shape.kind:
        case Kind.NUMBER:
            return _number(_single(value), shape)
        case Kind.TEXT:
            return text_of(_single(value))
        case Kind.CHOICE:
            return _choice(_single(value), shape.choices)
        case Kind.NUMBERS:
            return _bounded(tuple(_number(item, shape) for item in _row(value)), shape)
        case Kind.TEXTS:
            return _bounded(tuple(map(text_of, _row(value))), shape)
        case Kind.BYTES:
            return _bounded(_bytes(value), shape)
        case Kind.STRUCTURE:
            raise ValueError("a structure cannot be written")


def _single(value: PvInput) -> float | str:
    if isinstance(value, tuple):
        raise ValueError("expected one value, got a row")  # noqa: TRY004  # no fault of a type in the program
    return value


def _row(value: PvInput) -> tuple[float | str, ...]:
    return value if isinstance(value, tuple) else (value,)


def _number(value: float | str, shape: Shape) -> float:
    number = _parsed(value)
    if shape.limits is None:
        return number
    low, high = shape.limits
    if not low <= number <= high:
        raise ValueError(f"expected a number from {low} to {high}, got {text_of(number)}")
    return int(number)  # what follows the point is cut off, as the real server does


def _parsed(value: float | str) -> float:
    if not isinstance(value, str):
        return value
    try:
        return parse_double(value)
    except ValueError:
        raise ValueError(f"cannot read a number from '{value}'") from None


def _choice(value: float | str, choices: tuple[str, ...]) -> int:
    if isinstance(value, str) and value in choices:
        return choices.index(value)
    try:
        number = _parsed(value)
    except ValueError:
        raise ValueError(f"'{value}' is none of {', '.join(choices)}") from None
    if not 0 <= number < len(choices):
        raise ValueError(f"there is no choice {text_of(number)} in {len(choices)}")
    return int(number)


def _bytes(value: PvInput) -> bytes:
    if not isinstance(value, tuple):
        return bytes_of(text_of(value))
    numbers = [_number(item, _CHARACTER) for item in value]
    return bytes(int(number) % 256 for number in numbers)


_CHARACTER = Shape(Kind.NUMBER, limits=(-128, 255))


def _bounded(row: Fitted, shape: Shape) -> Fitted:
    assert isinstance(row, tuple | bytes)
    if shape.capacity is not None and len(row) > shape.capacity:
        raise ValueError(f"expected at most {shape.capacity} elements, got {len(row)}")
    return row


def bytes_of(text: str) -> bytes:
    """Return a text as UTF-8 with the zero that ends it."""
    return text.encode() + b"\0"


def text_from(data: bytes) -> str:
    """Return the text that bytes hold up to the first zero: UTF-8, or Latin-1 where they are not."""
    text = data.partition(b"\0")[0]
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1")


def milliseconds_of(seconds: int, nanoseconds: int) -> int:
    """Return a device's time stamp in milliseconds since 1970."""
    return seconds * 1000 + math.floor(nanoseconds / 1_000_000)
