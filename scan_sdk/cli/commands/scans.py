"""`scan-sdk list`, `show` and `watch`: what there is on a server, and how it goes."""

from __future__ import annotations

from typing import Annotated

import typer

from scan_sdk.cli.common import AsJson, Complaint, Exit, ScanRef
from scan_sdk.cli.connecting import Where, connect, on_server, scan_of

__all__ = ["list_scans", "show", "watch"]


@on_server
def list_scans(
    where: Where,
    *,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on showing them until Ctrl-C.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Show all scans on the terminal, not only as many as fit.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the scans, the most recent first.

    When a scan will end is reckoned from its commands and how fast they go; JSON has the server's count. Into
    a pipe go lines with tabs: id, name, state, progress in percent, run time in seconds, when it ended or
    will, and error. With --watch and --json each line is an array, printed whenever something has changed;
    without --json that needs a terminal.
    """
    from scan_sdk.cli.listing import print_scans, watch_scans

    with connect(where) as client:
        if watch:
            watch_scans(client, as_json=as_json)
        else:
            print_scans(client, as_json=as_json, everything=everything)


@on_server
def show(
    where: Where,
    scan: ScanRef,
    *,
    xml: Annotated[bool, typer.Option("--xml", help="Print the commands, as an .scn file has them.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show a scan: how it is, and its commands with their addresses.

    An arrow marks the command that is being performed, a cross the one that failed or was aborted. In JSON
    it is an object with the scan, its commands (null where the server has them no more), the address that is
    marked, null where there is none, and the time left.
    """
    from scan_sdk.cli.showing import print_scan, print_xml

    if xml and as_json:
        raise Complaint(Exit.WRONG_USE, "give --xml or --json, not both")
    with connect(where) as client:
        scan_id = scan_of(client, scan)
        if xml:
            print_xml(client, scan_id)
        else:
            print_scan(client, scan_id, as_json=as_json)


@on_server
def watch(where: Where, scan: ScanRef, *, as_json: AsJson = False) -> None:
    """Watch a scan until it is done: its progress, the time left and the current command.

    The time left is reckoned from its commands and how fast they go. Ctrl-C ends this and not the scan. Into
    a pipe goes a line whenever something has happened to it, without the time left; with --json that is an
    object. The exit code says how the scan ended.
    """
    from scan_sdk.cli.watching import watch_scan

    with connect(where) as client:
        watch_scan(client, scan_of(client, scan), as_json=as_json)
