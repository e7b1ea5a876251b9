"""Rules for commands that compare: wait and if."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk._registry import CHECKS
from scan_sdk.lint.codes import define
from scan_sdk.lint.rules.blocks import check_inner
from scan_sdk.lint.rules.values import check_text, is_fraction, tolerance_is_given
from scan_sdk.models import Comparison, If, Wait
from scan_sdk.models.commands import RELATIVE

if TYPE_CHECKING:
    from scan_sdk.lint.visit import Visit

__all__ = ["check_if", "check_wait"]

define(
    "SC401",
    "wait-without-timeout",
    "warning",
    "The wait may last for ever.",
    "give a timeout: after it the scan fails, and says why",
)
define(
    "SC416",
    "met-at-once",
    "warning",
    "The condition holds from the start.",
    "give a number above 0; DECREASE_BY waits for a fall",
)

_EQUALS: Final = Comparison.EQUALS


@CHECKS.register(Wait)
def check_wait(command: Wait, visit: Visit) -> None:
    """Look at a wait."""
    _check_comparison(command, visit)
    if not command.timeout:
        visit.report("wait-without-timeout", f"it may wait for '{command.device}' for ever")
    if isinstance(command.value, float) and command.value <= 0 and command.comparison in RELATIVE:
        message = f"{command.comparison} {command.value:g} holds from the start"
        visit.report("met-at-once", message, tag="value")


@CHECKS.register(If)
def check_if(command: If, visit: Visit) -> None:
    """Look at a condition and its body."""
    _check_comparison(command, visit)
    check_inner(command, visit)


def _check_comparison(command: Wait | If, visit: Visit) -> None:
    visit.pv(command.device, "device")
    value = command.value
    if isinstance(value, str):
        check_text(visit, value)
    elif command.comparison is _EQUALS and not isinstance(value, tuple):
        if not command.tolerance and is_fraction(value):
            message = f"'{command.device}' has to be exactly {value!r}, as the tolerance is 0"
            visit.report("exact-number", message, tag="tolerance")
        elif not tolerance_is_given(command):
            message = f"the tolerance is left out: '{command.device}' equals {value:g} within 0.1"
            visit.report("tolerance-left-out", message)
