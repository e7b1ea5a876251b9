"""`scan-sdk monitor`: the scans of a server in a terminal. The only package that knows textual."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from scan_sdk.cli.common import Complaint, Exit
from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from scan_sdk.cli.connecting import Where

__all__ = ["show"]


def show(where: Where) -> None:
    """Show the scans of a server until the user leaves.

    Raises:
        Complaint: The options make no sense, or there is no terminal.
        MissingExtra: textual is not installed.
    """
    if find_spec("textual") is None:
        raise MissingExtra("the monitor", "monitor")
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise Complaint(Exit.WRONG_USE, "the monitor needs a terminal; for programs there is scan-sdk list")
    import asyncio

    from scan_sdk.cli._monitor.app import Monitor
    from scan_sdk.cli.connecting import address, connect_async

    async def run() -> None:
        async with connect_async(where) as client:
            await Monitor(client, address(where)).run_async()

    asyncio.run(run())
