"""Which kinds of process variables there are, by what stands before `://` in their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.server.devices.local import LocalProvider
from scan_sdk.server.devices.pv import Provider, UnreachablePv
from scan_sdk.server.devices.virtual import CounterProvider, MotorProvider

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import Pv, PvName

__all__ = ["providers"]


class _Nobody(Provider):
    """Stands for networks that this server does not speak to: their variables never connect."""

    def create(self, name: PvName) -> Pv:  # noqa: ARG002
        return UnreachablePv()


def providers(clock: Clock) -> Mapping[str, Provider]:
    """Return the providers of all schemes. A plain name is one of Channel Access.

    Args:
        clock: The time, by which virtual devices move.
    """
    return {
        "loc": LocalProvider(clock),
        "motor": MotorProvider(clock),
        "counter": CounterProvider(clock),
        "ca": _Nobody(),
        "pva": _Nobody(),
    }
