"""The engine: how scans are queued, performed and controlled."""

from scan_sdk.server.engine import blocks, plain, scripting

__all__ = ["blocks", "plain", "scripting"]  # imported here as they register the commands
