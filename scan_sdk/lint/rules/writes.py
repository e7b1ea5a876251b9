"""Rules for what is written to devices: set, and what loops have in common with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk._dialect.java import format_double
from scan_sdk._registry import CHECKS
from scan_sdk.lint.codes import define
from scan_sdk.lint.rules.values import check_text, is_fraction, tolerance_is_given
from scan_sdk.models import Set

if TYPE_CHECKING:
    from scan_sdk.lint.visit import Visit
    from scan_sdk.models import Loop

__all__ = ["check_limits", "check_set", "check_waiting"]

define(
    "SC313",
    "readback-ignored",
    "warning",
    "The readback is not looked at, as wait is false.",
    "set wait to true, or remove the readback",
)
define(
    "SC314",
    "timeout-ignored",
    "warning",
    "The timeout limits nothing, as nothing is waited for.",
    "wait for completion or a readback, or remove the timeout",
)
define(
    "SC402",
    "completion-without-timeout",
    "info",
    "The wait for completion may last for ever.",
    "give a timeout that is well above the time of the longest move",
)
define(
    "SC403",
    "readback-without-timeout",
    "warning",
    "The wait for the readback, or for completion before it, may last for ever.",
    "give a timeout that is well above the time of the longest move",
)
define(
    "SC508",
    "outside-limits",
    "error",
    "A value is outside of the device's limits.",
    "give a value within them, or change them in scan_config.xml",
)


@CHECKS.register(Set)
def check_set(command: Set, visit: Visit) -> None:
    """Look at one write."""
    pv = visit.pv(command.device, "device")
    value = command.value
    if isinstance(value, str):
        check_text(visit, value)
    elif visit.surroundings.devices is not None:
        check_limits(command, visit, pv, value, "value")
    check_waiting(command, visit)
    if command.wait:
        wanted = value if command.readback_value is None else command.readback_value
        if not isinstance(wanted, str):
            if not command.tolerance and is_fraction(wanted):
                message = f"the readback has to be exactly {wanted!r}, as the tolerance is 0"
                visit.report("exact-number", message, tag="tolerance")
            elif not tolerance_is_given(command):
                visit.report("tolerance-left-out", "the tolerance of the readback is left out: it is 0.1")


def check_waiting(command: Set | Loop, visit: Visit) -> None:
    """Look at what a write waits for, and for how long."""
    if command.wait:
        if command.readback and command.readback != command.device:
            visit.pv(command.readback, "readback")
        if not command.timeout:
            what = "completion, then the readback" if command.completion else "the readback"
            message = f"it waits for {what} for ever, as there is no timeout"
            visit.report("readback-without-timeout", message)
        return
    if command.readback:
        message = f"'{command.readback}' is not looked at, as wait is false"
        visit.report("readback-ignored", message, tag="readback")
    if command.completion:
        if not command.timeout:
            message = "it waits for completion for ever, as there is no timeout"
            visit.report("completion-without-timeout", message, tag="completion")
    elif command.timeout:
        message = f"the timeout of {command.timeout:g} s limits nothing, as nothing is waited for"
        visit.report("timeout-ignored", message, tag="timeout")


def check_limits(command: Set | Loop, visit: Visit, pv: str, value: float, tag: str) -> None:
    """Look at a value that is written, and at the limits of its device."""
    devices = visit.surroundings.devices
    if devices is None:
        return
    low, high = devices.limits(pv)
    if not low <= value <= high:
        wanted = f"{command.device} = {format_double(value)}"
        message = f"{wanted} is outside of its limits, {format_double(low)} to {format_double(high)}"
        visit.report("outside-limits", message, tag=tag)
