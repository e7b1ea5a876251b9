"""Rules for loops: their steps, and the loops around them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from scan_sdk._registry import CHECKS
from scan_sdk.lint.codes import define
from scan_sdk.lint.rules.values import is_fraction, tolerance_is_given
from scan_sdk.lint.rules.writes import check_limits, check_waiting
from scan_sdk.lint.visit import steps_of
from scan_sdk.models import Loop

if TYPE_CHECKING:
    from scan_sdk.lint.visit import Visit

__all__ = ["check_loop"]

define(
    "SC405",
    "tolerance-covers-step",
    "warning",
    "The tolerance is not smaller than the step, so the device need not move.",
    "give a tolerance that is well below the step",
)
define("SC406", "single-step", "info", "The loop has one value.", "use set, or give another end")
define(
    "SC407",
    "many-steps",
    "warning",
    "The loop takes more than a million steps.",
    "check start, end and step, and those of the loops around it",
)
define(
    "SC408",
    "end-not-reached",
    "warning",
    "The steps do not meet the end, so the last one is shorter.",
    "choose a step that divides the distance, or another end",
)
define(
    "SC409",
    "step-points-away",
    "warning",
    "The step points away from the end, so the loop runs from the end to the start.",
    "change the sign of the step; in a loop around it, where directions should alternate, it may stay",
)
define(
    "SC410",
    "nested-loops-on-device",
    "warning",
    "A loop moves the device of a loop around it.",
    "step another device, or merge the loops",
)

_MANY: Final = 1_000_000
_WHOLE: Final = 1e-6  # of a step: what the end may be missed by


@CHECKS.register(Loop)
def check_loop(command: Loop, visit: Visit) -> None:
    """Look at a loop."""
    pv = visit.pv(command.device, "device")
    visit.begin_loop(command)
    check_waiting(command, visit)
    if command.wait:
        _check_tolerance(command, visit)
    if visit.surroundings.devices is not None:
        check_limits(command, visit, pv, command.start, "start")
        check_limits(command, visit, pv, command.end, "end")
    _check_steps(command, visit)
    for around in visit.scope.loops:
        if around.pv == pv:
            message = f"it steps '{command.device}', as a loop around it does"
            visit.report("nested-loops-on-device", message, tag="device")
            break


def _check_tolerance(command: Loop, visit: Visit) -> None:
    step, tolerance = abs(command.step), command.tolerance
    if not tolerance and (is_fraction(command.start) or is_fraction(step)):
        message = "the readback has to be exactly the value, as the tolerance is 0"
        visit.report("exact-number", message, tag="tolerance")
    elif tolerance >= step and command.start != command.end:
        left_out = "" if tolerance_is_given(command) else ", which the server takes where none is given,"
        message = f"the tolerance of {tolerance:g}{left_out} is not smaller than the step of {step:g}"
        visit.report("tolerance-covers-step", message, tag="tolerance")
    elif not tolerance_is_given(command):
        visit.report("tolerance-left-out", "the tolerance of the readback is left out: it is 0.1")


def _check_steps(command: Loop, visit: Visit) -> None:
    start, end, step = command.start, command.end, command.step
    if start == end:
        visit.report("single-step", f"start and end are both {start:g}", tag="end")
        return
    count = (end - start) / step
    if count < 0 and not visit.scope.loops and not visit.included:
        message = f"from {start:g} to {end:g} by {step:g}: it begins at {end:g}, and ends at {start:g}"
        visit.report("step-points-away", message, tag="step")
    if abs(count - round(count)) > _WHOLE * max(1.0, abs(count) * _WHOLE):
        last = start + math.trunc(count) * step if count > 0 else end + math.trunc(-count) * step
        first, final = (start, end) if count > 0 else (end, start)
        message = f"the steps of {abs(step):g} from {first:g} lead to {last:g}, and then to {final:g}"
        visit.report("end-not-reached", message, tag="end")
    around = math.prod([loop.steps for loop in visit.scope.loops]) if visit.scope.loops else 1
    steps = steps_of(command)
    if around <= _MANY < around * steps:
        within = f", {around * steps:,} with the loops around it" if visit.scope.loops else ""
        visit.report("many-steps", f"the loop has {steps:,} steps{within}", tag="step")
