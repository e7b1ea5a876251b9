"""What rules for several commands ask of values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import parse_double
from scan_sdk.lint.codes import define

if TYPE_CHECKING:
    from scan_sdk.lint.visit import Visit
    from scan_sdk.models import If, Loop, Set, Wait

__all__ = ["check_text", "is_fraction", "tolerance_is_given"]

define(
    "SC312",
    "tolerance-left-out",
    "info",
    "The tolerance is left out, and the server takes 0.1.",
    "say how far off the value may be, in the device's units",
)
define(
    "SC315",
    "macro-in-value",
    "warning",
    "Macros are not replaced in values.",
    "write the value itself; macros work in names of devices and in comments",
)
define(
    "SC316",
    "number-as-text",
    "info",
    "The server makes a number of a text that looks like one.",
    "write the number without quotes, if a number is meant",
)
define(
    "SC404",
    "exact-number",
    "warning",
    "A number with decimals is compared with a tolerance of 0.",
    "give a tolerance: measured values are hardly ever exactly equal",
)

_MACRO: Final = re.compile(r"\$[({][A-Za-z]")


def check_text(visit: Visit, text: str) -> None:
    """Look at a text that is written to a device, or compared with its value."""
    if _MACRO.search(text):
        visit.report("macro-in-value", f"the macro in {text[:40]!r} is not replaced", tag="value")
        return
    try:
        number = parse_double(text)
    except ValueError:
        return
    visit.report("number-as-text", f"the server takes the text {text[:40]!r} for {number:g}", tag="value")


def is_fraction(number: float) -> bool:
    """Return whether a number has decimals."""
    return number % 1 != 0


def tolerance_is_given(command: Set | Loop | Wait | If) -> bool:
    """Return whether someone has said what the tolerance is."""
    return "tolerance" in command.__pydantic_fields_set__
