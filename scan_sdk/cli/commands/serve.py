"""`scan-sdk serve`: a scan server in the foreground."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["serve"]


def serve(
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The scan_config.xml to serve. By default demo devices.", show_default=False
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            max=65535,
            help="TCP port, 0 for a free one. By default that of the configuration, 4810 without one.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[
        str,
        typer.Option(
            metavar="HOST",
            help="Name or address to listen on. One that others can reach needs a token, or --insecure.",
        ),
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(
            metavar="TOKEN",
            envvar="SCAN_SDK_TOKEN",
            help="What requests have to show. Other users can see it here, but not in the environment.",
            show_default=False,
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let others than this machine in without a token.")
    ] = False,
    data_log: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Folder for scans and data. By default the configuration's, without one a temporary one.",
            show_default=False,
        ),
    ] = None,
    default_pv: Annotated[
        str, typer.Option(metavar="KIND", help="What names of PVs without :// are: ca, pva, loc or sim.")
    ] = "ca",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each request, too.")] = False,
) -> None:
    """Run a scan server until Ctrl-C or SIGTERM.

    GET /server/shutdown ends it, too. Its scans are aborted then, and their post-scans performed; a second
    Ctrl-C does not wait for those. What becomes of scans, and what is refused, is logged to the standard
    error stream.
    """
    from scan_sdk.cli.common import complain
    from scan_sdk.cli.serve import ServeOptions, serve_here

    options = ServeOptions(config, port, host, token, insecure, data_log, default_pv, verbose)
    raise typer.Exit(serve_here(options, say=_say, complain=complain))


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()
