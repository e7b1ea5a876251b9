"""Dates and times, which spreadsheets keep as numbers of days and tell by the format of the cell."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from scan_sdk.compose.spreadsheets.grid import tidy_number

if TYPE_CHECKING:
    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["is_time_format", "time_of", "time_of_day"]

_NOT_SHOWN: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|General', re.IGNORECASE)
_ELAPSED: Final = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_MILLISECONDS: Final = 86_400_000


def time_of_day(passed: dt.timedelta) -> dt.time | dt.timedelta:
    """Return the time so long after midnight, or the time span where it is not of one day."""
    if passed.days:
        return passed
    minutes, seconds = divmod(passed.seconds, 60)
    return dt.time(*divmod(minutes, 60), seconds, passed.microseconds)


@lru_cache(maxsize=256)
def is_time_format(style: str) -> bool:
    """Tell whether a format of numbers shows dates or times."""
    return any(_shows(style))


@lru_cache(maxsize=256)
def _shows(style: str) -> tuple[bool, bool, bool]:
    """Tell whether a format shows a date, a time of day and a time span."""
    shown = _NOT_SHOWN.sub("", style.split(";", 1)[0]).lower()
    span = _ELAPSED.search(shown) is not None
    clock = not span and ("h" in shown or "s" in shown)
    date = "y" in shown or "d" in shown or ("m" in shown and not clock and not span)
    return date, clock, span


def time_of(days: float, style: str, *, from_1904: bool = False) -> Cell:
    """Return a number as what its format shows: a date, a time, a time span, or a number.

    Args:
        days: The number that the cell holds.
        style: The format.
        from_1904: Whether days are counted from 1904-01-01 instead of 1899-12-30.

    Raises:
        OverflowError: There is no such date.
    """
    date, clock, span = _shows(style)
    if not (date or clock or span):
        return tidy_number(days)
    passed = dt.timedelta(milliseconds=round(days * _MILLISECONDS))
    if span:
        return passed
    if not date:
        return time_of_day(passed)
    if from_1904:
        moment = dt.datetime(1904, 1, 1) + passed  # noqa: DTZ001  # cells have no time zone
    else:
        # The first spreadsheets took 1900 for a leap year, so all count from a day earlier since then.
        start = 30 if days >= 60 else 31
        moment = dt.datetime(1899, 12, start) + passed  # noqa: DTZ001  # cells have no time zone
    return moment if clock or moment.time() != dt.time(0) else moment.date()
