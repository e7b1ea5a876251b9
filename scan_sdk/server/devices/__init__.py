"""The devices of a scan server: process variables by scheme, and the names by which scans call them.

What an extension needs to add devices of a scheme of its own is public here: a `Provider` makes a `Pv` for
each `PvName`, and a `Pv` has a `Reading`. `scan_sdk.extend.device` or `EmbeddedServer(devices=...)` makes the
scheme known.
"""

from scan_sdk.server.devices.pv import Provider, Pv, PvName
from scan_sdk.server.devices.schemes import Around
from scan_sdk.server.devices.values import PvInput, PvValue, Reading

__all__ = ["Around", "Provider", "Pv", "PvInput", "PvName", "PvValue", "Reading"]
