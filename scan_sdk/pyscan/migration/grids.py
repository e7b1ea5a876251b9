"""Scans of several dimensions: what createNDimScan was given becomes a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.pyscan.migration.edits import attribute, keyword, literal, sibling, tidied
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.shapes import inside

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script
    from scan_sdk.pyscan.migration.settings_in_force import InForce

_COMMANDS: Final = frozenset({Kind.COMMAND, Kind.SEQUENCE})
_PARTS: Final = (3, 4)
"""Parts of an axis: a device, start, end, and perhaps a step."""


def modernise_grid(script: Script, in_force: InForce, call: cst.Call) -> None:
    """Collect what makes a grid of a call of createNDimScan.

    Raises:
        ValueError: It is not sure what is in the call; what to do is said.
    """
    axes: list[cst.Arg] = []
    logged: list[cst.Arg] = []
    for argument in call.args:
        if argument.star or argument.keyword is not None:
            raise ValueError("what this scan is made of does not show: write its axes and commands out")
        if isinstance(argument.value, cst.Tuple):
            axes.append(argument)
        elif script.kinds.of(argument.value) == frozenset({Kind.TEXT}):
            logged.append(argument)
        elif not isinstance(argument.value, cst.List) and not script.kinds.of(argument.value) <= _COMMANDS:
            code = script.module.code_for_node(argument.value)
            raise ValueError(
                f"whether {code} is a command or the name of a device does not show: write it out"
            )
    _check_axes(script, call, axes)
    names = _logged(
        script, [(argument, argument in axes) for argument in call.args if argument in axes + logged]
    )
    shown = [script.module.code_for_node(argument.value) for argument in logged]
    as_written = names == shown and list(call.args[-len(logged) :]) == logged
    if not as_written and any(isinstance(node, cst.Comment) for arg in logged for node in inside(arg)):
        raise ValueError("a comment has no place any more: put it above the scan")
    script.need(call.func, "GridScan")
    script.need(call.func, "Range")

    def change(updated: cst.Call) -> cst.CSTNode:
        arguments = [
            now.with_changes(value=_range(now.value, updated.func)) if before in axes else now
            for before, now in zip(call.args, updated.args, strict=True)
            if before not in logged
        ]
        if names:
            arguments.append(keyword("log", _log(names, updated, len(logged) if as_written else 0)))
        if in_force.name:
            arguments.append(keyword("settings", cst.Name(in_force.name)))
        grid = tidied(updated, arguments).with_changes(func=sibling(updated.func, "GridScan"))
        return cst.Call(attribute(grid, "commands"))

    script.edits.add("commands", call, change)


def _check_axes(script: Script, call: cst.Call, axes: list[cst.Arg]) -> None:
    if not axes:
        raise ValueError("there is no axis here: the commands are a scan by themselves")
    devices: list[str] = []
    for axis in axes:
        assert isinstance(axis.value, cst.Tuple)
        elements = axis.value.elements
        if len(elements) not in _PARTS or any(isinstance(part, cst.StarredElement) for part in elements):
            raise ValueError("an axis is a device, its start and end, and perhaps its step: write it out")
        devices.append(script.module.code_for_node(elements[0].value))
        start, end, step = ([literal(part.value) for part in elements[1:]] + [1])[:3]
        if isinstance(start, int | float) and isinstance(end, int | float) and isinstance(step, int | float):
            if step == 0 or (start != end and (start < end) != (step > 0)):
                raise ValueError(
                    f"the step {step} does not lead from {start} to {end}, so that the server goes back and "
                    "forth: write Range(..., snake=True), or turn its sign"
                )
        else:
            script.remark(
                call.func,
                "a step that leads away from the end made the server go back and forth; Range refuses it, "
                "and has snake=True for that",
                "commands",
            )
    if len(set(devices)) < len(devices):
        raise ValueError("two axes move one device: leave one of them out")


def _logged(script: Script, named: list[tuple[cst.Arg, bool]]) -> list[str]:
    """Return what is to be logged beside the axes, so that the order is what it was.

    Args:
        script: The script.
        named: Axes and devices to log in the order of the call, and which of them are axes.
    """
    order: dict[object, tuple[str, bool]] = {}
    for argument, is_axis in named:
        value = argument.value
        device = value.elements[0].value if isinstance(value, cst.Tuple) else value
        code, plain = script.module.code_for_node(device), literal(device)
        order.setdefault(plain if isinstance(plain, str) else (code,), (code, is_axis))
    axes_first = [is_axis for _, is_axis in order.values()]
    whole = axes_first != sorted(axes_first, reverse=True) or sum(axes_first) < sum(axis for _, axis in named)
    return [code for code, is_axis in order.values() if whole or not is_axis]


def _log(names: list[str], call: cst.Call, kept: int) -> cst.BaseExpression:
    """Return what is logged: one device, or a list, of the last arguments where these are kept."""
    if len(names) == 1:
        return cst.parse_expression(names[0])
    if not kept:
        return cst.parse_expression(f"[{', '.join(names)}]")
    *others, last = call.args[-kept:]
    elements = [cst.Element(argument.value, argument.comma) for argument in others]
    return cst.List([*elements, cst.Element(last.value)])


def _range(axis: cst.BaseExpression, func: cst.BaseExpression) -> cst.Call:
    """Return the axis that a tuple is, with its blanks."""
    assert isinstance(axis, cst.Tuple)
    arguments = [cst.Arg(element.value, comma=element.comma) for element in axis.elements]
    if axis.rpar:
        arguments[-1] = arguments[-1].with_changes(whitespace_after_arg=axis.rpar[0].whitespace_before)
    blank = axis.lpar[0].whitespace_after if axis.lpar else cst.SimpleWhitespace("")
    return cst.Call(sibling(func, "Range"), arguments, whitespace_before_args=blank)
