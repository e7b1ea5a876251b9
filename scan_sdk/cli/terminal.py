"""How things look: tables for people, lines with tabs for programs, JSON, times in local time."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import typer

from scan_sdk.cli.common import Complaint, Exit, printable, writing

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from pydantic import BaseModel
    from rich.console import RenderableType

    from scan_sdk import ScanInfo

__all__ = [
    "STATE_STYLES",
    "confirm",
    "leaving",
    "local",
    "print_json",
    "print_json_line",
    "print_lines",
    "print_pretty",
    "print_text",
    "shown_duration",
    "tell",
    "tell_infos",
]

STATE_STYLES: Final = {
    "Idle": "cyan",
    "Running": "bold green",
    "Paused": "yellow",
    "Aborted": "magenta",
    "Failed": "red",
    "Finished": "green",
    "Logged": "dim",
}
"""Colours of the states of a scan."""


def print_json(content: BaseModel | Sequence[BaseModel] | dict[str, object]) -> None:
    """Print models as they write themselves, or an array of them."""
    print_text(json.dumps(_plain(content), indent=2, ensure_ascii=False))


def print_json_line(content: BaseModel | Sequence[BaseModel]) -> None:
    """Print the same in one line, and at once."""
    print_text(json.dumps(_plain(content), ensure_ascii=False))


def _plain(content: BaseModel | Sequence[BaseModel] | dict[str, object]) -> object:
    from pydantic import BaseModel

    if isinstance(content, dict):
        return content
    if isinstance(content, BaseModel):
        return content.model_dump(mode="json")
    return [one.model_dump(mode="json") for one in content]


def print_lines(rows: Iterable[Sequence[str]]) -> None:
    """Print rows with tabs between their cells, for programs that read lines."""
    print_text("\n".join("\t".join(map(printable, row)) for row in rows))


def print_pretty(what: RenderableType) -> None:
    """Print what rich can render."""
    from rich.console import Console

    with writing("the standard output"):
        Console(highlight=False).print(what)


def tell(text: str) -> None:
    """Say something besides the result, on the standard error stream."""
    typer.echo(printable(text), err=True)


def tell_infos(infos: Sequence[ScanInfo], *, as_json: bool) -> None:
    """Print how scans are that were steered."""
    if as_json:
        print_json(infos)
    elif infos:
        print_text("\n".join(printable(str(info)) for info in infos))


def print_text(text: str) -> None:
    """Print text as it is, and at once."""
    with writing("the standard output"):
        typer.echo(text)
        sys.stdout.flush()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is done that cannot be undone.

    Args:
        question: What is to be done, with a question mark.
        yes: Whether the user has agreed beforehand.

    Raises:
        Complaint: The user does not agree, or cannot be asked.
    """
    if yes:
        return
    question = printable(question)
    if not sys.stdin.isatty():
        raise Complaint(Exit.NOT_CONFIRMED, f"{question} There is no terminal to ask at: say --yes if so")
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        tell("")
        agreed = False
    if not agreed:
        raise Complaint(Exit.NOT_CONFIRMED, "nothing was done")


@contextmanager
def leaving(text: str) -> Generator[None]:
    """Let Ctrl-C end this program and nothing else, and say so."""
    try:
        yield
    except KeyboardInterrupt:
        tell(text)
        raise typer.Exit(Exit.INTERRUPTED) from None


def local(time: datetime | None, *, now: datetime | None = None) -> str:
    """Return a time in local time, with its date where that is not today's."""
    if time is None:
        return ""
    here = time.astimezone()
    today = (now or datetime.now().astimezone()).date()
    return f"{here:%H:%M:%S}" if here.date() == today else f"{here:%Y-%m-%d %H:%M:%S}"


def shown_duration(duration: timedelta) -> str:
    """Return a duration as hours, minutes and seconds, after days where there are any."""
    seconds = max(0, round(duration.total_seconds()))
    days, seconds = divmod(seconds, 86400)
    clock = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{days} d {clock}" if days else clock
