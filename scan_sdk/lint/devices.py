"""What a server's configuration says of devices, as a check needs it."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Final

from scan_sdk.simulation import initial_number

if TYPE_CHECKING:
    from scan_sdk.models import ScanConfig

__all__ = ["Devices"]

_NEAR: Final = 0.85
_MOST_COMPARED: Final = 200_000
"""Names that are compared before the search for similar ones ends: it takes its time."""


class Devices:
    """The devices of a configuration."""

    def __init__(self, config: ScanConfig) -> None:
        named = [(pv.name, pv) for pv in config.pvs if pv.name is not None]
        self._pvs = {pv.alias: name for name, pv in named if pv.alias}
        self._names = {*self._pvs, *(name for name, _ in named)}
        self._compared = 0
        self._limits = {name: (_number(pv.minimum), _number(pv.maximum)) for name, pv in named}

    def pv(self, device: str) -> str:
        """Return the name of the PV that a command means by a name."""
        return self._pvs.get(device, device)

    def similar(self, device: str) -> str:
        """Return the device that an unknown name may be meant for; empty where none is like it."""
        if device in self._names or "://" in device or self._compared > _MOST_COMPARED:
            return ""
        self._compared += len(self._pvs)
        near = difflib.get_close_matches(device, self._pvs, n=1, cutoff=_NEAR)
        return near[0] if near else ""

    def limits(self, device: str) -> tuple[float, float]:
        """Return the lowest and the highest value of a device, infinite where nothing is known."""
        low, high = self._limits.get(self.pv(device), (None, None))
        return -math.inf if low is None else low, math.inf if high is None else high


def _number(limit: str | None) -> float | None:
    return None if limit is None else initial_number(limit)
