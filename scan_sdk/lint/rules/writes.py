"""Rules for commands that write to a device: set and loop."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import format_double
from scan_sdk.lint.rules.values import check_text, is_fraction, tolerance_is_given
from scan_sdk.models.loops import LoopWalk

if TYPE_CHECKING:
    from scan_sdk.lint.walk import Scope, Walk
    from scan_sdk.models import Loop, Set

__all__ = ["check_loop", "check_set", "steps_of"]

_MANY: Final = 1_000_000
_WHOLE: Final = 1e-6  # of a step: what the end may be missed by


def steps_of(loop: Loop) -> int:
    """Return the number of values that a loop goes through, 0 where it performs none."""
    return max(LoopWalk.count(loop), 0) if loop.step else 0


def check_set(walk: Walk, command: Set, _scope: Scope) -> None:
    """Look at one write."""
    pv = walk.pv(command, command.device, "device")
    value = command.value
    if isinstance(value, str):
        check_text(walk, command, value)
    elif walk.surroundings.devices is not None:
        _check_limits(walk, command, pv, value, "value")
    _check_waiting(walk, command)
    if command.wait:
        wanted = value if command.readback_value is None else command.readback_value
        if not isinstance(wanted, str):
            if not command.tolerance and is_fraction(wanted):
                message = f"the readback has to be exactly {wanted!r}, as the tolerance is 0"
                walk.add("exact-number", command, message, tag="tolerance")
            elif not tolerance_is_given(command):
                walk.add(
                    "tolerance-left-out", command, "the tolerance of the readback is left out: it is 0.1"
                )


def _check_waiting(walk: Walk, command: Set | Loop) -> None:
    """Look at what a write waits for, and for how long."""
    if command.wait:
        if command.readback and command.readback != command.device:
            walk.pv(command, command.readback, "readback")
        if not command.timeout:
            what = "completion, then the readback" if command.completion else "the readback"
            message = f"it waits for {what} for ever, as there is no timeout"
            walk.add("readback-without-timeout", command, message)
        return
    if command.readback:
        message = f"'{command.readback}' is not looked at, as wait is false"
        walk.add("readback-ignored", command, message, tag="readback")
    if command.completion:
        if not command.timeout:
            message = "it waits for completion for ever, as there is no timeout"
            walk.add("completion-without-timeout", command, message, tag="completion")
    elif command.timeout:
        message = f"the timeout of {command.timeout:g} s limits nothing, as nothing is waited for"
        walk.add("timeout-ignored", command, message, tag="timeout")


def _check_limits(walk: Walk, command: Set | Loop, pv: str, value: float, tag: str) -> None:
    devices = walk.surroundings.devices
    if devices is None:
        return
    low, high = devices.limits(pv)
    if not low <= value <= high:
        wanted = f"{command.device} = {format_double(value)}"
        message = f"{wanted} is outside of its limits, {format_double(low)} to {format_double(high)}"
        walk.add("outside-limits", command, message, tag=tag)


def check_loop(walk: Walk, command: Loop, scope: Scope) -> None:
    """Look at a loop."""
    pv = walk.pv(command, command.device, "device")
    walk.begin_loop(command)
    _check_waiting(walk, command)
    if command.wait:
        _check_tolerance(walk, command)
    if walk.surroundings.devices is not None:
        _check_limits(walk, command, pv, command.start, "start")
        _check_limits(walk, command, pv, command.end, "end")
    _check_steps(walk, command, scope)
    for around in scope.loops:
        if around.pv == pv:
            message = f"it steps '{command.device}', as a loop around it does"
            walk.add("nested-loops-on-device", command, message, tag="device")
            break


def _check_tolerance(walk: Walk, command: Loop) -> None:
    step, tolerance = abs(command.step), command.tolerance
    if not tolerance and (is_fraction(command.start) or is_fraction(step)):
        message = "the readback has to be exactly the value, as the tolerance is 0"
        walk.add("exact-number", command, message, tag="tolerance")
    elif tolerance >= step and command.start != command.end:
        left_out = "" if tolerance_is_given(command) else ", which the server takes where none is given,"
        message = f"the tolerance of {tolerance:g}{left_out} is not smaller than the step of {step:g}"
        walk.add("tolerance-covers-step", command, message, tag="tolerance")
    elif not tolerance_is_given(command):
        walk.add("tolerance-left-out", command, "the tolerance of the readback is left out: it is 0.1")


def _check_steps(walk: Walk, command: Loop, scope: Scope) -> None:
    start, end, step = command.start, command.end, command.step
    if start == end:
        walk.add("single-step", command, f"start and end are both {start:g}", tag="end")
        return
    count = (end - start) / step
    if count < 0 and not scope.loops and not walk.included:
        message = f"from {start:g} to {end:g} by {step:g}: it begins at {end:g}, and ends at {start:g}"
        walk.add("step-points-away", command, message, tag="step")
    if abs(count - round(count)) > _WHOLE * max(1.0, abs(count) * _WHOLE):
        last = start + math.trunc(count) * step if count > 0 else end + math.trunc(-count) * step
        first, final = (start, end) if count > 0 else (end, start)
        message = f"the steps of {abs(step):g} from {first:g} lead to {last:g}, and then to {final:g}"
        walk.add("end-not-reached", command, message, tag="end")
    around = math.prod([loop.steps for loop in scope.loops]) if scope.loops else 1
    steps = steps_of(command)
    if around <= _MANY < around * steps:
        within = f", {around * steps:,} with the loops around it" if scope.loops else ""
        walk.add("many-steps", command, f"the loop has {steps:,} steps{within}", tag="step")
