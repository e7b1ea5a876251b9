"""What the server says of a scan, as old scripts look at it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from scan_sdk._wire.replies import read_scan

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from scan_sdk import models

__all__ = ["ScanInfo"]


class ScanInfo:
    """What the server says of one scan at one moment.

    Modern: `scan_sdk.ScanInfo`, whose times are `datetime` and `timedelta`, and whose `is_done` and
    `percentage` want no brackets.

    Args:
        xml: The element `<scan>` of the server's answer.

    Attributes:
        id: Number of the scan.
        name: What it is called.
        created: When it was submitted, in POSIX milliseconds.
        finish: When it ended or may end, in POSIX milliseconds; 0 where that is not known.
        state: Idle, Running, Paused, Aborted, Failed, Finished or Logged.
        runtime: How long it has run, in milliseconds.
        total_work_units: How many commands there are to perform; 0 where that is not known.
        performed_work_units: How many of them were performed.
        address: The current command, -1 for none.
        command: The current command as text, None before the start.
        error: Why it failed or was aborted, None where it was not; PyScanClient drops it (trap 2).

    Raises:
        ProtocolError: The element is no `<scan>`.
    """

    def __init__(self, xml: Element) -> None:
        self._take(read_scan(ET.tostring(xml)))

    @classmethod
    def of(cls, info: models.ScanInfo) -> ScanInfo:
        """Return what old scripts see of a modern `ScanInfo`."""
        made = cls.__new__(cls)
        made._take(info)  # noqa: SLF001  # of this class
        return made

    def _take(self, info: models.ScanInfo) -> None:
        self.id: int = info.id
        self.name: str = info.name
        self.created: int = _milliseconds(info.created)
        self.finish: int = 0 if info.finish is None else _milliseconds(info.finish)
        self.state: str = str(info.state)
        self.runtime: int = info.runtime // timedelta(milliseconds=1)
        self.total_work_units: int = info.total_work_units
        self.performed_work_units: int = info.performed_work_units
        self.address: int = info.address
        self.command: str | None = info.command or None
        self.error: str | None = info.error

    def isDone(self) -> bool:
        """Return whether the scan has ended, however it ended."""
        return self.state not in {"Idle", "Running", "Paused"}

    def percentage(self) -> int:
        """Return the share of the work units that are done, 0 to 100."""
        return self.performed_work_units * 100 // self.total_work_units if self.total_work_units > 0 else 0

    def createdDatetime(self) -> datetime:
        """Return when the scan was submitted, in local time."""
        return datetime.fromtimestamp(self.created / 1000)  # noqa: DTZ006  # local, and old scripts compare it

    def __str__(self) -> str:
        progress = f", {self.percentage()} %" if self.state == "Running" else ""
        return f"'{self.name}' [{self.id}]: {self.state}{progress}"


def _milliseconds(moment: datetime) -> int:
    epoch = datetime.fromtimestamp(0, moment.tzinfo)
    return (moment - epoch) // timedelta(milliseconds=1)
