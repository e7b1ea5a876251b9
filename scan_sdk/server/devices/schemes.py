"""Which kinds of process variables there are, by what stands before `://` in their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.server.devices.channel_access import ChannelAccessProvider
from scan_sdk.server.devices.local import LocalProvider
from scan_sdk.server.devices.pv_access import PvAccessProvider
from scan_sdk.server.devices.simulated import SimulatedProvider
from scan_sdk.server.devices.virtual import CounterProvider, MotorProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import Provider

__all__ = ["providers"]


def providers(clock: Clock, read_timeout: float) -> Mapping[str, Provider]:
    """Return the providers of all schemes.

    Args:
        clock: The time, by which virtual devices move.
        read_timeout: Seconds that devices of a network have to answer; 0 for any time.
    """
    return {
        "loc": LocalProvider(clock),
        "motor": MotorProvider(clock),
        "counter": CounterProvider(clock),
        "sim": SimulatedProvider(clock),
        "ca": ChannelAccessProvider(read_timeout),
        "pva": PvAccessProvider(read_timeout),
    }
