"""Scans of any number of dimensions, as old scripts make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

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
        *parameters: From the outside in: loops as `("motor_x", 1, 10)` or `("motor_x", 1, 10, 0.5)`; commands,
            or lists of them, to perform there; names of devices to log.

    Raises:
        TypeError: There is something else among them.
        ValueError: A loop has not three or four parts.
    """
    spans = [item for item in parameters if isinstance(item, tuple)]
    for span in spans:
        if len(span) not in {3, 4}:
            raise ValueError(f"Scan parameters should be ('device', start, end, step), not {span}")
    devices = [item if isinstance(item, str) else item[0] for item in parameters if isinstance(item, str | tuple)]
    scan: list[Command] = [Log(list(dict.fromkeys(devices)))] if devices else []
    for item in reversed(parameters):
        if isinstance(item, tuple):
            device, start, end, step = item if len(item) == 4 else (*item, 1)
            scan = [SettingsBasedLoop(device, start, end, step, scan)]
        elif not isinstance(item, str):
            scan = as_commands(item) + scan
    return scan
