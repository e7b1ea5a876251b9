"""What the server says of itself, and a change to a scan that it holds."""

from __future__ import annotations

from scan_sdk.models._generated import PatchBase, ScanServerInfoBase


class ScanServerInfo(ScanServerInfoBase):
    """What the server says of itself."""


class Patch(PatchBase):
    """A change to one property of one command of a scan that has yet to perform it."""
