"""`scan-sdk show`: one scan, with its commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from scan_sdk._dialect.wording import describe
from scan_sdk.cli.common import printable
from scan_sdk.cli.terminal import local, print_json, print_text, shown_duration
from scan_sdk.errors import ScanOutcomeError, ServerError, UnknownScan
from scan_sdk.models import If, Loop, Parallel, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from scan_sdk import Command, CommandSequence, ScanClient, ScanInfo

__all__ = ["print_scan", "print_xml"]


def print_xml(client: ScanClient, scan_id: int) -> None:
    """Print the commands of a scan as an XML document.

    Raises:
        ServerError: The server does not have them.
    """
    print_text(client.scan_commands(scan_id).to_xml().rstrip("\n"))


def print_scan(client: ScanClient, scan_id: int, *, as_json: bool) -> None:
    """Print how a scan is, and its commands.

    Raises:
        UnknownScan: There is no such scan.
    """
    info = client.scan_info(scan_id)
    commands = _commands(client, scan_id)
    marked = _marked(client, info)
    left = client.time_left(scan_id)
    if as_json:
        document = None if commands is None else json.loads(commands.to_json())
        scan, time_left = (model.model_dump(mode="json") for model in (info, left))
        print_json({"scan": scan, "commands": document, "address": marked, "time_left": time_left})
        return
    lines = list(_header(info, left.finish))
    if commands is None:
        lines.append("The server has its commands no more.")
    else:
        lines += _listing(commands, marked, done=info.is_done)
    print_text("\n".join(lines))


def _commands(client: ScanClient, scan_id: int) -> CommandSequence | None:
    try:
        return client.scan_commands(scan_id)
    except UnknownScan:
        raise
    except ServerError:
        return None


def _marked(client: ScanClient, info: ScanInfo) -> int | None:
    """Return the address of the command that is performed or has failed, None where there is none."""
    if info.state.is_active:
        return info.address if info.address >= 0 else None
    if info.state in {"Failed", "Aborted"}:
        try:
            client.wait_until_done(info.id, timeout=0)
        except ScanOutcomeError as error:
            return error.address
    return None


def _header(info: ScanInfo, finish: datetime | None) -> Iterator[str]:
    """Yield what is known of the scan besides its commands."""
    facts = [("created", local(info.created)), ("run time", shown_duration(info.runtime))]
    if finish is not None:
        facts.append(("ended" if info.is_done else "ends about", local(finish)))
    if info.total_work_units and not info.is_done:
        facts.append(("progress", f"{info.performed_work_units} of {info.total_work_units} steps"))
    colour = _COLOURS.get(info.state.value)
    state = typer.style(info.state.value, fg=colour, bold=True)
    yield f"Scan {info.id} '{printable(info.name)}': {state}"
    if info.error is not None:
        yield f"  {typer.style(printable(info.error), fg='red')}"
    yield ", ".join(f"{name} {value}" for name, value in facts)
    yield ""


_COLOURS = {
    "Running": "green",
    "Finished": "green",
    "Failed": "red",
    "Aborted": "magenta",
    "Paused": "yellow",
}


def _listing(commands: CommandSequence, marked: int | None, *, done: bool) -> Iterator[str]:
    """Yield a line for each command: a mark, its address, and what it does."""
    width = len(str(sum(1 for _ in commands.walk())))
    for address, (depth, command) in enumerate(_deep(commands, 0)):
        sign, colour = ("✗", "red") if done else ("▶", "green")
        mark = sign if address == marked else " "
        text = f"{mark} {address:>{width}}  {'  ' * depth}{printable(describe(command))}"
        yield typer.style(text, fg=colour, bold=True) if address == marked else text


def _deep(commands: Iterable[Command], depth: int) -> Iterator[tuple[int, Command]]:
    """Yield each command with its depth, in the order of addresses."""
    for command in commands:
        yield depth, command
        if isinstance(command, Loop | If | Parallel | Sequence):
            yield from _deep(command.body, depth + 1)
