"""`scan-sdk monitor`: the scans of a server in a terminal."""

from __future__ import annotations

from scan_sdk.cli.connecting import Where, on_server

__all__ = ["monitor"]


@on_server
def monitor(where: Where) -> None:
    """Watch and steer the scans of a server in the terminal.

    It shows the queue, and of the selected scan the progress, the commands, the data and a plot. The key ?
    lists all keys. To leave it, with q, leaves scans running. It needs the extra monitor.
    """
    from scan_sdk.cli._monitor import show

    show(where)
