"""What commands and the server's account of a scan say of its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.models import Loop
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from scan_sdk.models import ScanInfo
    from scan_sdk.sequence import Commands

__all__ = ["loop_devices", "started"]


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
