"""The engine: how scans are queued, performed and controlled."""

from scan_sdk.server.engine import blocks, plain, writing

__all__ = ["blocks", "plain", "writing"]  # imported here as they register the commands
