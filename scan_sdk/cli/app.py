"""The commands of `scan-sdk`."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

import scan_sdk
from scan_sdk.errors import ScanSdkError

app: typer.Typer = typer.Typer(
    name="scan-sdk",
    help="Work with a CS-Studio/Phoebus scan server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def run() -> int:
    """Run the command line and return its exit code: 0, or 1 after an error, whose text goes to stderr."""
    try:
        app(standalone_mode=True)
    except ScanSdkError as error:
        _complain(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(scan_sdk.__version__)
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Work with a CS-Studio/Phoebus scan server."""


_Token = Annotated[
    str | None,
    typer.Option(
        envvar="SCAN_SDK_TOKEN",
        help="What requests have to show. Other users can see it here, but not in the environment.",
        show_default=False,
    ),
]


@app.command()
def demo(
    url: Annotated[
        str | None,
        typer.Option(
            help="Scan server to use, such as http://host:4810. By default one of its own.",
            show_default=False,
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before the devices of a given server are moved.")
    ] = False,
    token: _Token = None,
) -> None:
    """Show a scan server at work: simulate, submit, watch, steer, fail, and get the data, in half a minute.

    On a server that is given, it writes to the devices motor_x, motor_y and neutrons, and removes only its
    own scans.
    """
    from scan_sdk.cli.demo import show

    show(Console(), url, token=token, confirmed=yes)


@app.command()
def serve(  # noqa: PLR0917  # typer gives them by name
    config: Annotated[
        Path | None,
        typer.Option(help="The scan_config.xml to serve. By default demo devices.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="TCP port, 0 for a free one. By default that of the configuration, 4810 without one.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Name or address to listen on.")] = "127.0.0.1",
    token: _Token = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Let others than this machine in without a token.")
    ] = False,
    data_log: Annotated[
        Path | None,
        typer.Option(
            help="Folder for scans and data. By default the configuration's, without one a temporary one.",
            show_default=False,
        ),
    ] = None,
    default_pv: Annotated[
        str, typer.Option(help="What names of PVs without :// are: ca, pva, loc or sim.")
    ] = "ca",
    verbose: Annotated[bool, typer.Option("--verbose", help="Log each request, too.")] = False,
) -> None:
    """Run a scan server until Ctrl-C or SIGTERM; its scans are aborted then, and their post-scans performed.

    The exit code is 2 for options that do not fit together, 3 where the configuration cannot be used, 4 where
    the port cannot, 5 where the data log cannot, and 130 after Ctrl-C.
    """
    from scan_sdk.cli.serve import ServeOptions, serve_here

    options = ServeOptions(config, port, host, token, insecure, data_log, default_pv, verbose)
    raise typer.Exit(serve_here(options, say=_say, complain=_complain))


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()


def _complain(text: str) -> None:
    Console(stderr=True).print(f"[red]scan-sdk:[/red] {escape(text)}", highlight=False, soft_wrap=True)
