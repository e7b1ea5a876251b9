"""What process variables hold, and how the scan server turns it into numbers and text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from scan_sdk._dialect.java import format_double, parse_double

__all__ = ["EnumValue", "LoggedValue", "PvInput", "PvValue", "Reading", "as_logged", "number_of", "text_of"]


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One of several labelled choices."""

    number: int
    """Number of the choice, from 0."""
    choices: tuple[str, ...]
    """The labels of all choices."""

    @property
    def label(self) -> str:
        """The label of the choice; its number where it has none."""
        return self.choices[self.number] if 0 <= self.number < len(self.choices) else str(self.number)


PvValue: TypeAlias = float | int | str | bool | EnumValue | tuple[float, ...] | tuple[str, ...]
"""A number, a text, a choice, or a row of numbers or texts."""
PvInput: TypeAlias = float | str | tuple[float, ...] | tuple[str, ...]
"""What can be written: a number, a text, or a row of numbers or texts."""
LoggedValue: TypeAlias = float | str | tuple[float, ...] | tuple[str, ...] | list[float] | list[str]
"""What the log keeps; a row is a tuple or, once it was in the file, a list."""


class Reading(NamedTuple):
    """A value and when the device had it."""

    value: PvValue
    """The value."""
    time: int
    """The device's own time stamp, in milliseconds since 1970."""


def text_of(value: PvValue) -> str:
    """Return a value as the server shows and compares it, such as `2.0`, `Open` or `[1.0, 2.0]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return format_double(value)
    if isinstance(value, EnumValue):
        return value.label
    if isinstance(value, tuple):
        return "[" + ", ".join(text_of(item) for item in value) + "]"
    return str(value)


def number_of(value: PvValue) -> float:
    """Return a value as a number: of a row its first element, of a choice its index, NaN where it is none."""
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        try:
            return parse_double(value)
        except ValueError:
            return math.nan
    if isinstance(value, EnumValue):
        return float(value.number)
    if isinstance(value, tuple):
        return number_of(value[0]) if value and not isinstance(value[0], str) else math.nan
    return float(value)


def as_logged(value: PvValue) -> float | str | tuple[float, ...] | tuple[str, ...]:
    """Return what the log keeps of a value: numbers, texts and rows as they are, choices by their label."""
    if isinstance(value, EnumValue | bool):
        return text_of(value)
    return value
