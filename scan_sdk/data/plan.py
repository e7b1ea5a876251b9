"""What files and documents tell of a scan beside its data: loops, times, and names that others allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.models import Loop
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Iterable
    from datetime import datetime

    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = ["field_names", "loop_devices", "started"]


def loop_devices(commands: Commands | None, logged: Container[str]) -> list[str]:
    """Return the devices of loops that were logged, the outermost first, each once."""
    walked = CommandSequence(commands or ()).walk()
    devices = [command.device for _, command in walked if isinstance(command, Loop)]
    return [device for device in dict.fromkeys(devices) if device in logged]


def started(info: ScanInfo) -> datetime:
    """Return when a scan began, or as long as it has not ended, when it was submitted."""
    if info.finish is None or not info.is_done:
        return info.created
    return max(info.created, info.finish - info.runtime)


def field_names(devices: Iterable[str], odd: re.Pattern[str]) -> dict[str, str]:
    """Return for each device a name of its own without odd characters: `_` stands for each of them."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for device in devices:
        plain = name = odd.sub("_", device) or "_"
        number = 1
        while name in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add(name)
        names[device] = name
    return names
