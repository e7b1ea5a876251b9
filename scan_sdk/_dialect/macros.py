"""Macros: `$(name)` and `${name}`, with a default as `$(name=value)`, in texts of commands.

The rules are the scan server's, odd ones included, so that a name resolves here exactly as it does there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.models.base import MACRO_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["parse_macros", "resolve"]

_CLOSING = {"(": ")", "{": "}"}
_MOST_STEPS = 100
"""How many macros of one text are looked at before it counts as endless."""


def parse_macros(text: str) -> dict[str, str]:
    """Read macros written as `name=value, other="4, 2"`.

    A value may be in double quotes, in which a backslash protects a quote, and may use the macros before it.
    What follows the last value without a `=` is ignored.

    Args:
        text: The macros.

    Returns:
        The values by name, in order.

    Raises:
        ValueError: A name is not a macro name, or a closing quote is missing.
    """
    macros: dict[str, str] = {}
    position = 0
    while (equals := text.find("=", position)) >= 0:
        name = text[position:equals].strip()
        if not MACRO_NAME.fullmatch(name) or name.lower().startswith("xml"):
            raise ValueError(
                f"Cannot read the macros '{text}': '{name}' is no macro name; it must start with a letter, "
                "go on with letters, digits and _ . - [ ], and not start with 'xml'"
            )
        value, position = _value(text, equals + 1)
        macros[name] = resolve(value, macros)
    return macros


def _value(text: str, start: int) -> tuple[str, int]:
    """Return the value that begins at `start`, and where the next name begins."""
    comma = text.find(",", start) % (len(text) + 1)  # the end of the text where there is none
    quote = text.find('"', start, comma)
    if quote < 0:
        return text[start:comma].strip(), comma + 1
    close = quote + 1
    while (close := text.find('"', close)) >= 0 and text[close - 1] == "\\":
        close += 1
    if close < 0:
        raise ValueError(f"Cannot read the macros '{text}': a closing quote is missing")
    after = len(text) - len(text[close + 1 :].lstrip(" ,"))
    return text[quote + 1 : close].replace("\\", ""), after


def resolve(text: str, macros: Mapping[str, str]) -> str:
    r"""Replace the macros of a text by their values, and macros in those values in turn.

    A macro that has no value and no default stays as it is, and so does everything after a `$` that no
    bracket follows. `\$` is a plain `$`.

    Args:
        text: The text.
        macros: Values by name.

    Returns:
        The text with what could be replaced.

    Raises:
        ValueError: The macros refer to themselves.
    """
    if "$" not in text:
        return text
    original, position = text, 0
    for _ in range(_MOST_STEPS + 1):
        start = _next_dollar(text, position)
        end = _closing_bracket(text, start + 1) if start >= 0 else -1
        if end < 0:
            return text.replace("\\$", "$")
        name, equals, default = text[start + 2 : end].partition("=")
        value = macros.get(name, default if equals else None) if MACRO_NAME.fullmatch(name) else None
        if value is None:
            position = start + 2
        else:
            text, position = text[:start] + value + text[end + 1 :], 0
    raise ValueError(f"The macros of '{original}' refer to themselves")


def _next_dollar(text: str, start: int) -> int:
    """Return the place of the next `$` that no backslash protects, -1 where there is none."""
    place = text.find("$", start)
    while place > 0 and text[place - 1] == "\\":
        place = text.find("$", place + 1)
    return place


def _closing_bracket(text: str, opening: int) -> int:
    """Return the place of the bracket that closes the one at `opening`, -1 where there is none."""
    if text[opening : opening + 1] not in _CLOSING:
        return -1
    awaited: list[str] = []
    position = opening
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character in _CLOSING:
            awaited.append(_CLOSING[character])
        elif character == awaited[-1]:
            awaited.pop()
            if not awaited:
                return position
        position += 1
    return -1
