"""What goes wrong inside the server; `app` turns it into replies. Only `NotRunning` leaves the package."""

from __future__ import annotations

from scan_sdk.extend import CommandFailed

__all__ = [
    "CommandFailed",
    "LogFailed",
    "NotRunning",
    "Refused",
    "Skipped",
    "UnknownScanId",
]


class Skipped(Exception):
    """Someone asked for the next command while this one waited."""


class Refused(Exception):
    """A request cannot be met, for the reason that the text gives."""


class UnknownScanId(Refused):
    """There is no scan of that id."""

    def __init__(self, scan_id: int) -> None:
        super().__init__(f"Unknown scan ID {scan_id}")


class LogFailed(Refused):
    """The file of scans and data cannot be used.

    Attributes:
        reason: Why, without saying which file it is.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason: str = reason


class NotRunning(RuntimeError):
    """An embedded server has not been started, or has been stopped."""

    def __init__(self) -> None:
        super().__init__("the server is not running: start it first, or use it in a `with` statement")
