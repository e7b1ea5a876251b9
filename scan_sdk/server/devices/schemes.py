"""Which kinds of process variables there are, by what stands before `://` in their names."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from scan_sdk._registry import SCHEMES
from scan_sdk.errors import ExtensionError
from scan_sdk.server.devices.channel_access import ChannelAccessProvider
from scan_sdk.server.devices.local import LocalProvider
from scan_sdk.server.devices.pv_access import PvAccessProvider
from scan_sdk.server.devices.simulated import SimulatedProvider
from scan_sdk.server.devices.virtual import CounterProvider, MotorProvider

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import Provider

    Factory: TypeAlias = "Callable[[Around], Provider]"
    """Makes the provider of a scheme for one server."""

__all__ = ["Around", "checked", "providers"]

_logger = logging.getLogger(__name__)


class Around(NamedTuple):
    """What a provider of devices is given of its server.

    Attributes:
        clock: The time of the server, by which devices stamp values and move.
        read_timeout: Seconds that devices of a network have to answer; 0 for any time.
    """

    clock: Clock
    read_timeout: float


_BUILT_IN: dict[str, Factory] = {
    "loc": lambda around: LocalProvider(around.clock),
    "motor": lambda around: MotorProvider(around.clock),
    "counter": lambda around: CounterProvider(around.clock),
    "sim": lambda around: SimulatedProvider(around.clock),
    "ca": lambda around: ChannelAccessProvider(around.read_timeout),
    "pva": lambda around: PvAccessProvider(around.read_timeout),
}
for _scheme, _factory in _BUILT_IN.items():
    SCHEMES.add(_scheme, _factory, owner="scan_sdk")


def checked(devices: Mapping[str, Factory]) -> Mapping[str, Factory]:
    """Return the devices that one server has besides.

    Raises:
        ExtensionError: Devices of that scheme are there already.
    """
    for scheme in devices:
        if SCHEMES.get(scheme) is not None:
            raise ExtensionError(
                f"the scheme of devices {scheme!r} is that of {SCHEMES.owner(scheme)} already"
            )
    return devices


def providers(around: Around, more: Mapping[str, Factory] | None = None) -> Mapping[str, Provider]:
    """Return the providers of all schemes. Those that cannot be made are named in the log and left out.

    Args:
        around: What they are given.
        more: Factories of further ones by scheme.
    """
    made: dict[str, Provider] = {}
    for scheme, factory in (*SCHEMES.items(), *(more or {}).items()):
        try:
            made[scheme] = factory(around)
        except Exception:  # other people's code: the devices of others work
            _logger.exception("there are no devices of the scheme %s: what makes them fails", scheme)
    return made
