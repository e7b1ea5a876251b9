"""What goes wrong inside the server; none of it leaves the package, `app` turns it into replies."""

from __future__ import annotations

__all__ = ["CommandFailed", "LogFailed", "Refused", "Skipped", "Unavailable", "UnknownScanId"]


class CommandFailed(Exception):
    """A command cannot be carried out; the text becomes the error of the scan."""


class Unavailable(CommandFailed):
    """A package that the devices of one kind need is not installed."""


class Skipped(Exception):
    """Someone asked for the next command while this one waited."""


class Refused(Exception):
    """A request cannot be met, for the reason that the text gives."""


class UnknownScanId(Refused):
    """There is no scan of that id."""

    def __init__(self, scan_id: int) -> None:
        """Name the id."""
        super().__init__(f"Unknown scan ID {scan_id}")


class LogFailed(Refused):
    """The file of scans and data cannot be used.

    Attributes:
        reason: Why, without saying which file it is.
    """

    def __init__(self, message: str, reason: str) -> None:
        """Say it in full and in short."""
        super().__init__(message)
        self.reason: str = reason
