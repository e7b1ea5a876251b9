"""The commands of `scan-sdk`."""

from __future__ import annotations

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
        Console(stderr=True).print(
            f"[red]scan-sdk:[/red] {escape(str(error))}", highlight=False, soft_wrap=True
        )
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
) -> None:
    """Show a scan server at work: simulate, submit, watch, steer, fail, and get the data, in half a minute.

    On a server that is given, it writes to the devices motor_x, motor_y and neutrons, and removes only its
    own scans.
    """
    from scan_sdk.cli.demo import show

    show(Console(), url, confirmed=yes)
