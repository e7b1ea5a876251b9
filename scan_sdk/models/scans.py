"""What the server says of scans, beyond the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.models.base import Model

if TYPE_CHECKING:
    from scan_sdk.models._generated import ScanState

__all__ = ["ScanInfoMethods", "SimulationResultMethods"]


class ScanInfoMethods(Model):
    """Whether a scan is over, and how far it is."""

    if TYPE_CHECKING:
        id: int
        name: str
        state: ScanState
        total_work_units: int
        performed_work_units: int
        error: str | None

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


class SimulationResultMethods(Model):
    """Shows the log."""

    if TYPE_CHECKING:
        log: str

    def __str__(self) -> str:
        return self.log
