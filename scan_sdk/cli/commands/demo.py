"""`scan-sdk demo`: the life of a few scans."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["demo"]


def demo(
    *,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Scan server to use, such as http://host:4810. By default one of its own.",
            show_default=False,
        ),
    ] = None,
    server: Annotated[
        str | None, typer.Option(metavar="NAME", help="The name of a scan server to use.", show_default=False)
    ] = None,
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN",
            help="What requests to a given server have to show, or SCAN_SDK_TOKEN in the environment.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask before the devices of a given server are moved.")
    ] = False,
) -> None:
    """Show a scan server at work, in half a minute.

    Scans are simulated, submitted, watched, steered, fail, and give their data. The page of the server shows
    them, too: its address is said first. On a server that is given, it writes to the devices motor_x, motor_y
    and neutrons, and removes only its own scans.
    """
    from rich.console import Console

    from scan_sdk.cli.connecting import Where
    from scan_sdk.cli.demo import show

    given = url is not None or server is not None
    show(Console(), Where(url, server, token) if given else None, confirmed=yes)
