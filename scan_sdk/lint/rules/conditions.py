"""Rules for commands that compare: wait and if."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk.lint.rules.blocks import check_inner
from scan_sdk.lint.rules.values import check_text, is_fraction, tolerance_is_given
from scan_sdk.models import Comparison
from scan_sdk.models.simple import RELATIVE

if TYPE_CHECKING:
    from scan_sdk.lint.walk import Scope, Walk
    from scan_sdk.models import If, Wait

__all__ = ["check_if", "check_wait"]


_EQUALS: Final = Comparison.EQUALS


def check_wait(walk: Walk, command: Wait, _scope: Scope) -> None:
    """Look at a wait."""
    _check_comparison(walk, command)
    if not command.timeout:
        walk.add("wait-without-timeout", command, f"it may wait for '{command.device}' for ever")
    if isinstance(command.value, float) and command.value <= 0 and command.comparison in RELATIVE:
        message = f"{command.comparison} {command.value:g} holds from the start"
        walk.add("met-at-once", command, message, tag="value")


def check_if(walk: Walk, command: If, scope: Scope) -> None:
    """Look at a condition and its body."""
    _check_comparison(walk, command)
    check_inner(walk, command, scope)


def _check_comparison(walk: Walk, command: Wait | If) -> None:
    walk.pv(command, command.device, "device")
    value = command.value
    if isinstance(value, str):
        check_text(walk, command, value)
    elif command.comparison is _EQUALS and not isinstance(value, tuple):
        if not command.tolerance and is_fraction(value):
            message = f"'{command.device}' has to be exactly {value!r}, as the tolerance is 0"
            walk.add("exact-number", command, message, tag="tolerance")
        elif not tolerance_is_given(command):
            message = f"the tolerance is left out: '{command.device}' equals {value:g} within 0.1"
            walk.add("tolerance-left-out", command, message)
