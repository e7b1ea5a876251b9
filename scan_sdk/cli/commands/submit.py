"""`scan-sdk submit` and `simulate`: command files, sent to a server or gone through without one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scan_sdk.cli.common import AsJson, Complaint, Exit, checking
from scan_sdk.cli.connecting import Where, connect, on_server

__all__ = ["simulate", "submit"]

_File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="The .scn file, or one in JSON, YAML or Python as convert writes it; - is the standard input, "
        "in XML.",
        show_default=False,
    ),
]


@on_server
def submit(
    where: Where,
    file: _File,
    *,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What it is called. By default as the file.", show_default=False),
    ] = None,
    queue: Annotated[
        bool, typer.Option("--queue/--no-queue", help="Whether it waits for its turn, or runs at once.")
    ] = True,
    pre_post: Annotated[
        bool,
        typer.Option("--pre-post/--no-pre-post", help="Whether the server's pre- and post-scan run with it."),
    ] = True,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            help="Time after which the server aborts it, in whole seconds.",
            show_default=False,
        ),
    ] = None,
    deadline: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="When the server aborts it, by its clock: 'YYYY-MM-DD HH:MM:SS'.",
            show_default=False,
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until it is done; the exit code says how it ended.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="The same, and show how it goes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Submit a scan.

    Its number is printed, into a pipe nothing else. With --json it is the scan, with --follow and --json a
    line whenever something has happened to it, and with --wait the scan when it is done. Ctrl-C ends the
    waiting and not the scan.
    """
    from scan_sdk.cli.documents import STDIN, read_commands
    from scan_sdk.cli.submitting import Submission, submit_scan

    commands = read_commands(file)
    title = name or ("UnNamed" if file == STDIN else file.stem)
    with (
        connect(where) as client,
        checking("--name, --timeout and --deadline"),
    ):
        submission = Submission(commands, title, queue, pre_post, timeout, deadline)
        submit_scan(client, submission, wait=wait, follow=follow, as_json=as_json)


@on_server
def simulate(
    where: Where,
    file: _File,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The server's scan_config.xml: aliases, slew rates, limits and macros.",
            show_default=False,
        ),
    ] = None,
    on_server: Annotated[
        bool, typer.Option("--on-server", help="Let the server do it, which knows its devices.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a scan would do, and how long that would take.

    No server is needed: what is not in the configuration file has a default. With --on-server, --url or
    --server the server is asked, which knows its devices and their limits. Nothing is moved in either case.
    Without a server, the terminal and JSON also have the points of each loop and the time of each device. The
    exit code is 11 where the simulation ends with an error.
    """
    from scan_sdk.cli.simulating import print_simulation

    asks = on_server or where.url is not None or where.server is not None
    if asks and config is not None:
        raise Complaint(Exit.WRONG_USE, "--config is for the simulation without a server")
    print_simulation(file, config, where if asks else None, as_json=as_json)
