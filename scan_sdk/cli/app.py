"""The commands of `scan-sdk`."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import Annotated

import typer
from rich.console import Console

import scan_sdk
from scan_sdk.cli.check import check
from scan_sdk.cli.common import (
    DEFAULT_URL,
    Complaint,
    Exit,
    Format,
    ScanId,
    Token,
    Url,
    Values,
    complain,
    exit_code,
)
from scan_sdk.errors import ScanSdkError

app: typer.Typer = typer.Typer(
    name="scan-sdk",
    help="Work with a CS-Studio/Phoebus scan server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def run() -> int:
    """Run the command line and return its exit code: 0, or after an error another, its text on stderr."""
    try:
        app(standalone_mode=True)
    except Complaint as complaint:
        complain(str(complaint))
        return complaint.code
    except ScanSdkError as error:
        complain(str(error))
        return exit_code(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
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
    token: Token = None,
) -> None:
    """Show a scan server at work: simulate, submit, watch, steer, fail, and get the data, in half a minute.

    On a server that is given, it writes to the devices motor_x, motor_y and neutrons, and removes only its
    own scans.
    """
    from scan_sdk.cli.demo import show

    show(Console(), url, token=token, confirmed=yes)


@app.command()
def data(  # noqa: PLR0917  # typer gives them by name
    scan_id: ScanId,
    device: Annotated[
        list[str] | None,
        typer.Option("--device", "-d", help="A device to take; may be given again. By default all."),
    ] = None,
    form: Annotated[
        Format | None,
        typer.Option("--format", help="By default what the name of the file says, and else a table."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write. By default the standard output."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with what is logged until the scan is done.")
    ] = False,
    values: Annotated[
        Values, typer.Option(help="text: leave numbers as the server has written them.")
    ] = "typed",
    everything: Annotated[
        bool, typer.Option("--all", help="Show all rows on the terminal, not the first and last.")
    ] = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Show or write what a scan has logged.

    On a terminal it is a table; into a pipe go lines with tabs.
    """
    from scan_sdk.cli.data import DataOptions, take

    take(DataOptions(scan_id, device or [], form, output, follow, values, everything, url, token))


@app.command()
def plot(  # noqa: PLR0917  # typer gives them by name
    scan_id: ScanId,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="X SIGNAL...",
            help="The device to draw over, or serial or time; then what to draw. With --map: X Y SIGNAL.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The .png, .pdf or .svg to write. By default a window opens."),
    ] = None,
    as_map: Annotated[
        bool, typer.Option("--map", help="Draw the colours that a scan of nested loops saw.")
    ] = False,
    url: Url = DEFAULT_URL,
    token: Token = None,
) -> None:
    """Draw what a scan has logged, as lines or as a map."""
    from scan_sdk.cli.plot import PlotOptions, draw

    draw(PlotOptions(scan_id, names, output, as_map, url, token))


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
    token: Token = None,
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
    raise typer.Exit(serve_here(options, say=_say, complain=complain))


@app.command(
    context_settings={
        "ignore_unknown_options": True,  # they are the script's, as is all that stands behind it
        "allow_interspersed_args": False,
    }
)
def pyscan(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="SCRIPT [ARGS]...",
            help="The script and what it is called with; or -m and a module.",
            show_default=False,
        ),
    ],
) -> None:
    """Run a script that was written for PyScanClient, as it is: its `import scan` finds scan_sdk."""
    from scan_sdk.cli.pyscan import run_old

    raise typer.Exit(run_old(arguments))


@app.command()
def migrate(
    scripts: Annotated[
        list[str],
        typer.Argument(metavar="SCRIPT...", help="The scripts; - is the standard input.", show_default=False),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Write the scripts, in place of showing what would be changed.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Show nothing; the exit code is 1 if a script would be changed.")
    ] = False,
) -> None:
    """Rewrite scripts for PyScanClient to use scan_sdk, and show the changes.

    What cannot be rewritten for sure is left alone and listed, with what to do by hand; the script runs in
    any case.
    """
    from scan_sdk.cli.migrate import MigrateOptions, migrate_scripts

    raise typer.Exit(migrate_scripts(MigrateOptions(scripts, write, check)))


app.command()(check)


def _say(text: str) -> None:
    typer.echo(text)
    sys.stdout.flush()
