"""Scans of any number of dimensions, as old scripts make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from scan_sdk.pyscan.command import Command, as_commands
from scan_sdk.pyscan.settings import SettingsBasedLoop
from scan_sdk.pyscan.simple import Log

if TYPE_CHECKING:
    from scan_sdk.pyscan.command import Commands

__all__ = ["createNDimScan"]

Span: TypeAlias = "tuple[str, float, float] | tuple[str, float, float, float]"
"""A device, where its loop starts and ends, and the step, 1 where that is left out."""


def createNDimScan(*parameters: str | Span | Commands) -> list[Command]:
    """Return nested loops, which log their devices and others in the innermost.

    What is given is left as it is (trap 27).

    Modern: `scan_sdk.GridScan`.

    Args:
        *parameters: From the outside in: loops as `("motor_x", 1, 10)` or `("motor_x", 1, 10, 0.5)`;
            commands, or lists of them, to perform there; names of devices to log.

    Raises:
        TypeError: There is something else among them.
        ValueError: A loop has not three or four parts.
    """
    given = [_span(item) if isinstance(item, tuple) else item for item in parameters]
    devices = [
        item.device if isinstance(item, _Span) else item for item in given if isinstance(item, str | _Span)
    ]
    scan: list[Command] = []
    if devices:
        scan.append(Log(list(dict.fromkeys(devices))))
    for item in reversed(given):
        if isinstance(item, _Span):
            scan = [SettingsBasedLoop(*item, scan)]
        elif not isinstance(item, str):
            scan = as_commands(item) + scan
    return scan


class _Span(NamedTuple):
    device: str
    start: float
    end: float
    step: float


def _span(parts: tuple[object, ...]) -> _Span:
    if len(parts) not in {3, 4} or not isinstance(parts[0], str):
        raise ValueError(f"Scan parameters should be ('device', start, end, step), not {parts}")
    start, end, step = cast("tuple[float, float, float]", (*parts[1:], 1)[:3])
    return _Span(parts[0], start, end, step)
