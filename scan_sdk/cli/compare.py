"""`scan-sdk diff`: what is different between two command files, by command."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from scan_sdk.cli.common import Complaint, Exit
from scan_sdk.cli.documents import STDIN, format_told, name_of, read_document
from scan_sdk.formats import Change, CommandFormat, Spot, diff_commands, format_of, load_commands
from scan_sdk.models import TextSource
from scan_sdk.models.base import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scan_sdk import CommandSequence

__all__ = ["diff"]

_SIGNS: Final = {
    "added": ("+", "green"),
    "removed": ("-", "red"),
    "changed": ("~", "yellow"),
    "moved": (">", "cyan"),
}


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The file as it was, or -.", show_default=False)],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The file as it is, or -.", show_default=False)],
    given: Annotated[
        CommandFormat | None,
        typer.Option("--from", help="What a file is written in whose name does not say it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
) -> None:
    """Compare two files of commands, by command and not by line.

    In JSON each change is an object with its kind, the names of the properties that differ, and the command
    as it was and is, each with address, path and source, null where there is none. The exit code is 0 where
    the commands are equal, 1 where they differ, and another for trouble.
    """
    if old == new == STDIN:
        raise Complaint(Exit.WRONG_USE, "only one of the two can come from the standard input")
    changes = diff_commands(_read(old, given), _read(new, given))
    if as_json:
        typer.echo(json.dumps(list(map(_as_json, changes)), indent=2, ensure_ascii=False))
    else:
        _show(changes)
    raise typer.Exit(bool(changes))


def _show(changes: Sequence[Change]) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for change in changes:
        for line in _lines(change):
            console.print(line)
    if changes:
        console.print(_summary(changes))


def _read(path: Path, given: CommandFormat | None) -> CommandSequence:
    form = format_told(path, format_of(path) or given, "--from")
    return load_commands(read_document(path), form, source=name_of(path), strict=False)


def _lines(change: Change) -> Iterator[Text]:
    sign, colour = _SIGNS[change.kind]
    addresses = " → ".join(str(spot.address) for spot in (change.old, change.new) if spot is not None)
    spot = change.new or change.old
    assert spot is not None
    yield Text(f"{sign} {addresses}  {spot.command.source}  {_described(spot, change)}", colour)
    for name, old, new in change.properties:
        yield Text(f"      {name}: {literal(old)} → {literal(new)}")


def _described(spot: Spot, change: Change) -> str:
    """Return a command as Python in one line, its body as the number of commands in it."""
    body = getattr(spot.command, "body", ())
    if not body:
        return str(spot.command)
    header = str(spot.command.model_copy(update={"body": ()}))
    count = sum(1 for _ in _within(body))
    return header if change.kind == "changed" else f"{header}, with {count} in its body"


def _within(commands: Sequence[object]) -> Iterator[object]:
    for command in commands:
        yield command
        yield from _within(getattr(command, "body", ()))


def _summary(changes: Sequence[Change]) -> str:
    kinds = [change.kind for change in changes]
    return ", ".join(f"{kinds.count(kind)} {kind}" for kind in _SIGNS if kind in kinds)


def _as_json(change: Change) -> dict[str, object]:
    old, new = (_spot_as_json(spot, change.kind) for spot in (change.old, change.new))
    names = [item.name for item in change.properties]
    return {"kind": change.kind, "old": old, "new": new, "properties": names}


def _spot_as_json(spot: Spot | None, kind: str) -> dict[str, object] | None:
    """Return a command and its place; of one that changed without its body, in which nothing need have."""
    if spot is None:
        return None
    source = spot.command.source
    place = source._asdict() if isinstance(source, TextSource) else None
    left_out = {"body"} if kind == "changed" else None
    command = spot.command.model_dump(mode="json", exclude=left_out)
    return {"address": spot.address, "path": spot.path, "source": place, "command": command}
