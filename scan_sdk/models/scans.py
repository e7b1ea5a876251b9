"""What the server says of scans and their devices."""

from __future__ import annotations

from scan_sdk.models._generated import DeviceInfoBase, ScanInfoBase, SimulationResultBase


class ScanInfo(ScanInfoBase):
    """What the server says of one scan at one moment."""

    @property
    def is_done(self) -> bool:
        """Whether the scan has ended, however it ended."""
        return self.state.is_done

    @property
    def percentage(self) -> int:
        """Share of the work units that are done, 0 to 100; 0 where their total is not known.

        The server counts commands, not time: a scan can stand at 90 % for most of its life (trap 35).
        """
        return self.performed_work_units * 100 // self.total_work_units if self.total_work_units else 0

    def __str__(self) -> str:
        text = f"Scan {self.id} '{self.name}': {self.state}"
        if self.error is not None:
            text += f" ({self.error})"
        if self.state.is_active:
            text += f", {self.percentage} % done"
        return text


class DeviceInfo(DeviceInfoBase):
    """A device that a scan uses, or that the server's configuration names."""


class SimulationResult(SimulationResultBase):
    """What a scan would do, and how long it would take."""

    def __str__(self) -> str:
        return self.log
