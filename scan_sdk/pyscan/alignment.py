"""Alignment scans, as old scripts make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.pyscan.command import Command, as_commands, knows_keywords
from scan_sdk.pyscan.settings import SettingsBasedLoop, SettingsBasedSet, SettingsBasedWait
from scan_sdk.pyscan.simple import Delay, Log, Script

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.pyscan.command import Commands

__all__ = ["AlignmentScan"]


class AlignmentScan:
    """The commands that step a device, log a signal, and have a script on the server find its peak.

    Devices are logged in the order `log_always`, signal, device, condition (trap 27).

    Modern: `scan_sdk.Alignment` with `client.align(...)`, which fits by itself and needs no scripts on the
    server.

    Args:
        device: The device to step.
        value_start: The first value.
        value_end: The last value.
        value_step: The distance of values.
        condition_device: What to wait for at each step: "seconds", or a device.
        condition_value: How many seconds, or what the device has to reach.
        log: The signal.
        find_command: Class on the server's script path that finds the peak; None for none.
        normalize: Whether the signal is divided by the condition.
        prefix: What the names of the PVs for the result begin with.
        pre: Commands before the scan.
        post: Commands after it.
        start: Commands at the start of each step.
        stop: Commands at its end, before the log.
        log_always: Further devices to log.
    """

    @knows_keywords
    def __init__(
        self,
        device: str,
        value_start: float,
        value_end: float,
        value_step: float,
        condition_device: str,
        condition_value: float,
        log: str,
        find_command: str | None = None,
        normalize: bool = False,
        prefix: str = "Demo:CS:Scan:Fit",
        pre: Commands | None = None,
        post: Commands | None = None,
        start: Commands | None = None,
        stop: Commands | None = None,
        log_always: Iterable[str] = (),
    ) -> None:
        self.device = device
        self.value_start = value_start
        self.value_end = value_end
        self.value_step = value_step
        self.condition_device = condition_device
        self.condition_value = condition_value
        self.log = log
        self.find_command = find_command
        self.normalize = normalize
        self.prefix = prefix
        self.pre: list[Command] = as_commands(pre)
        self.post: list[Command] = as_commands(post)
        self.start: list[Command] = as_commands(start)
        self.stop: list[Command] = as_commands(stop)
        self.log_always: list[str] = list(log_always)

    def createScan(self) -> list[Command]:
        """Return the commands."""
        loop = SettingsBasedLoop(self.device, self.value_start, self.value_end, self.value_step, self._step())
        scan = [SettingsBasedSet(f"{self.prefix}:Height", 0), *self.pre, loop, *self.post]
        if self.find_command:
            results = [f"{self.prefix}:{name}" for name in ("Pos", "Height", "Width")]
            scan.append(Script(self.find_command, self.device, self.log, *self._norm(), *results))
        return scan

    def _step(self) -> list[Command]:
        """Return what is performed at each step."""
        timed = self.condition_device == "seconds"
        devices = [*self.log_always, self.log, self.device, *([] if timed else [self.condition_device])]
        return [
            *self.start,
            Delay(self.condition_value)
            if timed
            else SettingsBasedWait(self.condition_device, self.condition_value),
            *self.stop,
            Log(list(dict.fromkeys(devices))),
            Script("WriteDataToPV", self.device, f"{self.prefix}:Data:X"),
            Script("WriteDataToPV", self.log, f"{self.prefix}:Data:Y", *self._norm()),
        ]

    def _norm(self) -> tuple[str, str]:
        """Return the device that the signal is divided by, and its value; `-` for none."""
        if self.normalize and self.condition_device != "seconds":
            return self.condition_device, str(self.condition_value)
        return "-", "1"
