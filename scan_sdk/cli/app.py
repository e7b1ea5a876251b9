"""The program `scan-sdk`: its help, and how it ends."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

import scan_sdk
from scan_sdk.cli.common import Complaint, Exit, complain, exit_code
from scan_sdk.cli.lazy import Contents, add_all
from scan_sdk.errors import AccessRefused, ConnectError, ScanSdkError

__all__ = ["app", "run"]

TRACEBACK = "SCAN_SDK_TRACEBACK"

app: typer.Typer = typer.Typer(
    name="scan-sdk",
    cls=Contents,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is there in half the time
    pretty_exceptions_enable=False,
)
add_all(app)


def run() -> int:
    """Run the command line and return its exit code: 0, or after an error another, its text on stderr."""
    try:
        app(prog_name="scan-sdk")
    except Complaint as complaint:
        complain(str(complaint))
        if complaint.code == Exit.NOT_WRITTEN:
            _drop_unwritten()
        return complaint.code
    except ScanSdkError as error:
        _show_traceback()
        complain(f"{error}{_hint(error)}")
        return exit_code(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001  # the outermost edge: a line is better than a traceback
        if not _show_traceback():
            complain(
                f"this should not have happened: {type(error).__name__}: {error}. "
                f"Please report it, with what {TRACEBACK}=1 in the environment shows"
            )
        return Exit.UNFORESEEN
    return 0


def _drop_unwritten() -> None:
    """Let go of output that cannot be written: Python would try again at its end, and exit with 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _hint(error: ScanSdkError) -> str:
    """Return what helps with an error here, besides its own text."""
    match error:
        case ConnectError():
            return "; --url and --server say which scan server is meant"
        case AccessRefused():
            return "; here that is --token, or SCAN_SDK_TOKEN in the environment"
        case _:
            return ""


def _show_traceback() -> bool:
    """Show where an error comes from, and return whether that is wanted."""
    wanted = os.environ.get(TRACEBACK, "") not in {"", "0"}
    if wanted:
        import traceback

        traceback.print_exc()
    return wanted


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(scan_sdk.__version__)
        raise typer.Exit


@app.callback()
def main(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  # its callback has seen to it
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """Work with a CS-Studio/Phoebus scan server."""
    if os.environ.get("NO_COLOR"):
        context.color = False
