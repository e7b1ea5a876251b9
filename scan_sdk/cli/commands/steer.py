"""`scan-sdk pause`, `resume`, `abort`, `next`, `move` and `patch`: changing the course of scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scan_sdk.cli.common import AsJson, Complaint, Exit, OptionalScan, ScanRef, Yes, checking
from scan_sdk.cli.connecting import Where, connect, on_server, scan_of
from scan_sdk.cli.terminal import confirm, tell, tell_infos

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk import Comparison, ScanClient, ScanInfo

__all__ = ["abort", "move", "next_command", "patch", "pause", "resume"]

_All = Annotated[bool, typer.Option("--all", help="All scans, in place of one.")]


@on_server
def pause(
    where: Where, scan: OptionalScan = None, *, everything: _All = False, as_json: AsJson = False
) -> None:
    """Pause a running scan before its next command."""
    _steer(where, scan, everything, as_json, lambda client: (client.pause, client.pause_all))


@on_server
def resume(
    where: Where, scan: OptionalScan = None, *, everything: _All = False, as_json: AsJson = False
) -> None:
    """Resume a paused scan."""
    _steer(where, scan, everything, as_json, lambda client: (client.resume, client.resume_all))


@on_server
def next_command(
    where: Where, scan: OptionalScan = None, *, everything: _All = False, as_json: AsJson = False
) -> None:
    """End what a running scan is doing now, such as a delay, and let it go on."""
    _steer(where, scan, everything, as_json, lambda client: (client.next_command, client.next_command_all))


@on_server
def abort(
    where: Where,
    scan: OptionalScan = None,
    *,
    everything: _All = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Abort a scan that waits, runs or is paused.

    It asks first, unless --yes is given or the scan is done already. Post-scan commands are performed in any
    case, so that the scan may run for a while longer.
    """
    _check_one_or_all(scan, everything)
    with connect(where) as client:
        scan_id = None if scan is None else scan_of(client, scan)
        before = client.scan_infos() if scan_id is None else (client.scan_info(scan_id),)
        active = [info for info in before if not info.is_done]
        if len(active) == 1:
            confirm(_question(active[0]), yes=yes)
        elif active:
            confirm(f"Abort all {len(active)} scans that run or wait?", yes=yes)
        infos = client.abort_all() if scan_id is None else (client.abort(scan_id),)
    tell_infos(infos, as_json=as_json)
    if not active:
        tell("nothing to abort: it is done already" if scan_id is not None else _NOTHING)
    elif running := [info for info in infos if not info.is_done]:
        tell(f"the server still performs post-scan commands: scan-sdk watch {running[0].id}")


@on_server
def move(
    where: Where,
    scan: ScanRef,
    *,
    first: Annotated[bool, typer.Option("--first", help="To be the next that runs.")] = False,
    last: Annotated[bool, typer.Option("--last", help="To the end of the queue.")] = False,
    earlier: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="So many places towards the front.", show_default=False),
    ] = None,
    later: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="So many places towards the end.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Move a scan that waits in the queue.

    Say where to: --first, --last, --earlier N or --later N.
    """
    if sum((first, last, earlier is not None, later is not None)) != 1:
        raise Complaint(Exit.WRONG_USE, "say where to: one of --first, --last, --earlier N and --later N")
    with connect(where) as client:
        scan_id = scan_of(client, scan)
        steps = (later or 0) - (earlier or 0)
        if first or last:
            # The server lists the scan first that is performed last
            waiting = [info.id for info in client.scan_infos() if info.state == "Idle"]
            place = waiting.index(scan_id) if scan_id in waiting else 0
            steps = place if last else place + 1 - len(waiting)
        info = client.move(scan_id, steps)
    tell_infos([info], as_json=as_json)


@on_server
def patch(
    where: Where,
    scan: ScanRef,
    address: Annotated[
        int,
        typer.Argument(
            min=0, metavar="ADDRESS", help="The command, as `scan-sdk show` counts.", show_default=False
        ),
    ],
    property_name: Annotated[
        str,
        typer.Argument(
            metavar="PROPERTY", help="What of it, such as value, step or seconds.", show_default=False
        ),
    ],
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help="The new value: a number, true or false, a comparison such as '>=', or a text.",
            show_default=False,
        ),
    ],
    *,
    text: Annotated[
        bool, typer.Option("--text", help="Take the value for text, also where it looks like a number.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Change a property of a command that a scan has yet to perform.

    A negative value stands behind two dashes: scan-sdk patch 12 3 value -- -5
    """
    with connect(where) as client, checking("PROPERTY and VALUE"):
        new = value if text else _value(property_name, value)
        info = client.patch(scan_of(client, scan), address, property_name, new)
    tell_infos([info], as_json=as_json)


_NOTHING = "nothing to do: all scans are done"


def _steer(
    where: Where,
    scan: str | None,
    everything: bool,
    as_json: bool,
    calls: Callable[[ScanClient], tuple[Callable[[int], ScanInfo], Callable[[], tuple[ScanInfo, ...]]]],
) -> None:
    """Do something to one scan or to all, by the client's call for each."""
    _check_one_or_all(scan, everything)
    with connect(where) as client:
        one, every = calls(client)
        infos = every() if scan is None else (one(scan_of(client, scan)),)
    tell_infos(infos, as_json=as_json)
    if not infos:
        tell(_NOTHING)


def _check_one_or_all(scan: str | None, everything: bool) -> None:
    if (scan is None) != everything:
        raise Complaint(Exit.WRONG_USE, "give the ID of a scan, or --all" + ", not both" * everything)


def _question(info: ScanInfo) -> str:
    done = f", {info.percentage} % done" if info.state.is_active else ""
    return f"Abort scan {info.id} '{info.name}', which is {info.state}{done}?"


def _value(property_name: str, text: str) -> float | str | bool | Comparison:
    """Return a value as it is meant where nothing is said of it."""
    from scan_sdk import Comparison

    if property_name == "comparison":
        for one in Comparison:
            if text in {one.value, one.name, one.symbol}:
                return one
        return text
    if text in {"true", "false"}:
        return text == "true"
    try:
        return float(text)
    except ValueError:
        return text
