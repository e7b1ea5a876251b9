"""What rules for several commands ask of values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import parse_double

if TYPE_CHECKING:
    from scan_sdk.lint.walk import Walk
    from scan_sdk.models import If, Loop, Set, Wait

__all__ = ["check_text", "is_fraction", "tolerance_is_given"]

_MACRO: Final = re.compile(r"\$[({][A-Za-z]")


def check_text(walk: Walk, command: Set | Wait | If, text: str) -> None:
    """Look at a text that is written to a device, or compared with its value."""
    if _MACRO.search(text):
        walk.add("macro-in-value", command, f"the macro in {text[:40]!r} is not replaced", tag="value")
        return
    try:
        number = parse_double(text)
    except ValueError:
        return
    walk.add(
        "number-as-text", command, f"the server takes the text {text[:40]!r} for {number:g}", tag="value"
    )


def is_fraction(number: float) -> bool:
    """Return whether a number has decimals."""
    return number % 1 != 0


def tolerance_is_given(command: Set | Loop | Wait | If) -> bool:
    """Return whether someone has said what the tolerance is."""
    return "tolerance" in command.__pydantic_fields_set__
