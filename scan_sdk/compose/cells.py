"""What the cells of a table mean: numbers, texts, lists, ranges, loops and times, read by a small grammar.

Nothing in a cell is ever run as Python (trap 23). A cell that begins like a list, a range, a loop or a quoted
text must be one from end to end; anything else that is no number is a text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_CEILING, Context, Decimal
from numbers import Real
from typing import TypeAlias, cast

from scan_sdk.models.base import literal

__all__ = [
    "MOST_VALUES",
    "CellError",
    "Content",
    "NoValuesError",
    "Steps",
    "read_cell",
    "read_seconds",
    "show",
    "write_cell",
]

MOST_VALUES = 999_999
"""The most values that a range may have, and the most rows that lists and ranges may make of a table."""


@dataclass(frozen=True, slots=True)
class Steps:
    """What a cell such as `loop(1, 10, 0.5)` asks for: the values from start to end, end included."""

    start: float
    end: float
    step: float


Content: TypeAlias = float | str | tuple[float | str, ...] | Steps | None
"""What a cell holds: a number, a text, values for a row each, a loop, or nothing."""


class CellError(ValueError):
    """A cell means nothing; the text says what was expected, and what to do about it."""


class NoValuesError(CellError):
    """A list or a range holds no values at all."""


_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_number = re.compile(_NUMBER)
_not_finite = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_call = re.compile(r"(loop|range)\s*\(", re.IGNORECASE)
_arguments = re.compile(rf"\s*({_NUMBER})\s*(?:,\s*({_NUMBER})\s*)?(?:,\s*({_NUMBER})\s*)?\)")
_SINGLE, _DOUBLE = "'(?P<single>(?:[^']|'')*+)'", '"(?P<double>(?:[^"]|"")*+)"'
_item = re.compile(rf"\s*(?:(?P<number>{_NUMBER})|{_SINGLE}|{_DOUBLE})")
_mark = re.compile(r"\s*(?:,\s*(?=[\])]))?([,\])])")
_clock = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]*)?)")

_CLOSING = {"(": ")", "[": "]"}
_SHAPES = {"loop": "loop(start, end, step), such as loop(1, 10, 0.5)", "range": "range(start, stop, step)"}
_AS_TEXT = "a text that begins so is written in quotes, 'like this'"
_A_LIST = f"expected a list such as [1, -3, 'a', \"b\"] or (1, 2); {_AS_TEXT}"
_NO_VALUES = "the list has no values: leave the cell empty, or give some"
_EXACT = Context(prec=60)
"""Ranges are counted in decimal numbers, as people write them: 3 times 0.1 is 0.3."""


def read_cell(cell: object) -> Content:
    """Return what a cell of a table holds.

    Args:
        cell: Text is read by the grammar. Numbers stand for themselves. Times of day and durations, which
            spreadsheets make of `00:01:30`, are taken as that text; dates likewise, as `2026-01-31 12:00:00`.

    Raises:
        CellError: It means nothing.
    """
    if isinstance(cell, str):
        return _read_text(cell.strip())
    if isinstance(cell, date | time | timedelta):
        return show(cell)
    return None if cell is None else _read_number(cell)


def read_seconds(content: Content) -> float:
    """Return a time in seconds: a number, or `HH:MM:SS` or `MM:SS`, seconds with a fraction if need be.

    Raises:
        CellError: It is no time, or less than 0.
    """
    expected = "expected a time: seconds, MM:SS or HH:MM:SS, such as 90, 1:30 or 00:01:30"
    if isinstance(content, float):
        if content < 0:
            raise CellError(f"{expected}; it cannot be less than 0")
        return content
    match = _clock.fullmatch(content) if isinstance(content, str) else None
    if match is None:
        raise CellError(expected)
    hours, minutes, seconds = match.groups(default="0")
    if float(seconds) >= 60:
        raise CellError(f"{expected}; a minute has no more than 59 seconds")
    if match[1] is not None and int(minutes[:9]) >= 60:
        raise CellError(f"{expected}; an hour has no more than 59 minutes")
    return _finite(hours) * 3600 + _finite(minutes) * 60 + float(seconds)


def show(cell: object) -> str:
    """Return a cell as people see it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()  # as spreadsheets show it
    if isinstance(cell, list | tuple):
        return "[" + ", ".join(map(_show_item, cast("list[object]", cell))) + "]"
    if isinstance(cell, date | time | timedelta):
        return _show_time(cell)
    if cell is None:
        return ""
    return literal(cell) if type(cell) in {int, float} else str(cell)  # numpy's numbers are Python's as texts


def write_cell(value: float | str) -> float | str:
    """Return a cell that `read_cell` reads as this value; a text that means something else gets quotes."""
    if not isinstance(value, str):
        return value
    try:
        plain = read_cell(value) == value
    except CellError:
        plain = False
    return value if plain else _quoted(value)


def _read_text(text: str) -> Content:
    if _number.fullmatch(text):
        return _finite(text)
    if not text:
        return None
    if (closing := _CLOSING.get(text[0])) is not None:
        return _read_list(text, closing)
    if (call := _call.match(text)) is not None:
        return _read_call(text, call)
    if text[0] in "'\"" and len(text) > 1 and text[-1] == text[0]:
        quoted = _item.fullmatch(text)
        if quoted is None:
            raise CellError(f"a quote within a quoted text is written twice: {_quoted(text[1:-1])}")
        return _unquoted(quoted)
    if _not_finite.fullmatch(text):
        raise CellError(f"no device can be set to that: leave the cell empty, or write the text as '{text}'")
    return text


def _read_list(text: str, closing: str) -> tuple[float | str, ...]:
    if not text[1:].removesuffix(closing).strip():
        raise NoValuesError(_NO_VALUES)
    items: list[float | str] = []
    place = 1
    while True:
        item = _item.match(text, place)
        mark = None if item is None else _mark.match(text, item.end())
        if item is not None and not text[item.end() :].strip():
            raise CellError(f"{_A_LIST}; this one does not end with its '{closing}'{_cut(text, closing)}")
        if item is None or mark is None:
            raise CellError(f"{_A_LIST}; cannot read on from {text[place:].strip() or 'its end'!r}")
        items.append(_finite(item["number"]) if item["number"] else _unquoted(item))
        place = mark.end()
        if mark[1] == closing and place == len(text):  # a comma may stand before it
            return tuple(items)
        if mark[1] != ",":
            raise CellError(f"{_A_LIST}; this one does not end with its '{closing}'{_cut(text, closing)}")


def _read_call(text: str, call: re.Match[str]) -> Content:
    name = call[1].lower()
    match = _arguments.fullmatch(text, call.end())
    if match is None:
        raise CellError(f"expected {_SHAPES[name]}, with numbers in it; {_AS_TEXT}{_cut(text, ')')}")
    first, second, third = match.groups()
    start, end, step = ("0", first, "1") if second is None else (first, second, third or "1")
    if _finite(step) == 0:
        raise CellError("step 0 never reaches the end: give another step")
    if name == "loop":
        return Steps(_finite(start), _finite(end), _finite(step))
    return _count(start, end, step)


def _cut(text: str, closing: str) -> str:
    """Return advice for a cell of which a comma may have cut the end off."""
    return "" if closing in text else "; in a text file, a cell that holds commas stands in double quotes"


def _count(start: str, stop: str, step: str) -> tuple[float, ...]:
    first, stride = _exact(start), _exact(step)
    ratio = _EXACT.divide(_EXACT.subtract(_exact(stop), first), stride)
    whole = ratio.to_integral_value()
    near = abs(_EXACT.subtract(ratio, whole)) <= _EXACT.multiply(Decimal("1e-9"), max(abs(ratio), Decimal(1)))
    count = whole if near else ratio.to_integral_value(ROUND_CEILING)
    if count <= 0:
        raise NoValuesError(
            "the range has no values, as step leads away from stop, or start is stop, which is left out: "
            "check start, stop and step"
        )
    if count > MOST_VALUES:
        raise CellError(f"the range has more than {MOST_VALUES} values: use loop(start, end, step)")
    return tuple(float(_EXACT.fma(stride, Decimal(index), first)) for index in range(int(count)))


def _exact(number: str) -> Decimal:
    return _EXACT.create_decimal(number) if _finite(number) else Decimal(0)


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise CellError("expected a number of at most 1.7e308")
    return value


def _read_number(number: object) -> float:
    if isinstance(number, bool):
        raise CellError("expected a number or a text: write 1 or 0, or a text in quotes, 'TRUE'")
    if not isinstance(number, Real):
        raise CellError(f"expected a number, a text or a list of them, not a {type(number).__name__}")
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise CellError("expected a finite number; leave the cell empty where there is none")
    return value


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unquoted(item: re.Match[str]) -> str:
    single = item["single"]
    return item["double"].replace('""', '"') if single is None else single.replace("''", "'")


def _show_item(item: object) -> str:
    return _quoted(item) if isinstance(item, str) else show(item)


def _show_time(moment: date | time | timedelta) -> str:
    if isinstance(moment, timedelta):
        return _show_duration(moment)
    return moment.isoformat(sep=" ") if isinstance(moment, datetime) else moment.isoformat()


def _show_duration(duration: timedelta) -> str:
    sign = "-" if duration < timedelta(0) else ""
    minutes, seconds = divmod(abs(duration), timedelta(minutes=1))
    fraction = f".{seconds.microseconds:06}".rstrip("0") if seconds.microseconds else ""
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}:{seconds.seconds:02}{fraction}"
