"""Times as old scripts write them."""

from __future__ import annotations

import re

__all__ = ["formatSecondsAsTime", "parseSeconds"]

_CLOCK = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-9]+(?:\.[0-9]*)?)")


def parseSeconds(text: str | float) -> float:
    """Return a time in seconds, from `HH:MM:SS`, `MM:SS` or a number.

    Modern: cells of a `scan_sdk.TableScan` take such times; elsewhere `datetime.timedelta` does.

    Raises:
        ValueError: The text is no time.

    Example:
        >>> parseSeconds("01:01:01"), parseSeconds("2:01"), parseSeconds("13.4"), parseSeconds(120)
        (3661, 121, 13.4, 120)
    """
    if not isinstance(text, str):
        return text
    found = _CLOCK.fullmatch(text.strip())
    if found is not None:
        hours, minutes, seconds = found.groups(default="0")
        return (int(hours) * 60 + int(minutes)) * 60 + (float(seconds) if "." in seconds else int(seconds))
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"Cannot parse seconds from '{text}': give seconds, MM:SS or HH:MM:SS") from None


def formatSecondsAsTime(seconds: float) -> str:
    """Return seconds as `HH:MM:SS`.

    Modern: `str(datetime.timedelta(seconds=…))`.

    Example:
        >>> formatSecondsAsTime(2 * 60 * 60 + 3 * 60 + 4)
        '02:03:04'
    """
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"
