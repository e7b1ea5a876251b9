"""`scan-sdk data`: what a scan has logged, to look at or to keep."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict

import typer
from rich.console import Console

from scan_sdk import ScanData
from scan_sdk.cli.common import Complaint, Exit, check_target, replacing, writing
from scan_sdk.cli.connecting import connect, scan_of
from scan_sdk.cli.download import Download
from scan_sdk.cli.rows import Rows, pretty
from scan_sdk.data.files import format_of, formats, is_text, suffixes
from scan_sdk.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scan_sdk import CommandSequence, ScanClient, ScanInfo
    from scan_sdk.cli.common import Values
    from scan_sdk.cli.connecting import Where

__all__ = ["DataOptions", "take"]


_TABLE: Final = "table"
"""The format of what is shown by default, and of files that end in `.txt`."""


class _About(TypedDict, total=False):
    """What goes into a file besides the data."""

    info: ScanInfo
    commands: CommandSequence | None


class DataOptions(NamedTuple):
    """What to take, and where to; as the command line has it."""

    scan: str
    devices: list[str]
    form: str | None
    output: Path | None
    follow: bool
    values: Values
    everything: bool
    where: Where


def take(options: DataOptions) -> None:
    """Show or write what a scan has logged.

    Raises:
        Complaint: The options do not go together, a device was not logged, or the file cannot be written.
        ScanSdkError: The server does not give the data, or a package is missing.
    """
    form = _format(options)
    if options.output is not None:
        check_target(options.output)
    with connect(options.where) as client:
        scan_id = scan_of(client, options.scan)
        if options.follow:
            _follow(client, scan_id, options.devices)
            return
        data = _fetch(client, scan_id, options)
        if options.output is None:
            with writing("the standard output"):
                _show(data, form, everything=options.everything)
        elif form == _TABLE:
            with replacing(options.output) as target:
                _write_table(data, target)
        else:
            # Only NeXus has a place for these.
            more: _About = _about(client, scan_id) if form == "nexus" else {}
            with writing(options.output):
                data.write(options.output, format=form, **more)


def _format(options: DataOptions) -> str:
    """Return the format that is asked for, or that the name of the file says."""
    form = options.form
    if form is not None and form not in (known := (_TABLE, *formats())):
        raise Complaint(Exit.WRONG_USE, f"there is no format {form}: give {', '.join(known)}")
    if options.follow:
        plain = form in {None, _TABLE} and options.values == "typed"
        if options.output is not None or not plain:
            raise Complaint(
                Exit.WRONG_USE,
                "--follow shows a table; get a file, other formats or texts when the scan is done",
            )
        return _TABLE
    if options.output is None:
        if form is not None and form != _TABLE and not is_text(form):
            raise Complaint(Exit.WRONG_USE, f"{form} is no text to show: give -o and the name of a file")
        return form or _TABLE
    told = _TABLE if options.output.suffix.lower() == ".txt" else format_of(options.output)
    if form is None and told is None:
        endings = ", ".join((".txt", *suffixes()))
        raise Complaint(
            Exit.WRONG_USE, f"give --format, or a file whose name ends in {endings}, not {options.output}"
        )
    return form or told or _TABLE


def _fetch(client: ScanClient, scan_id: int, options: DataOptions) -> ScanData:
    with Download() as download:
        data = client.get_data(scan_id, values=options.values, progress=download.progress)
    try:
        return ScanData([data[name] for name in options.devices or data])
    except KeyError as error:
        raise Complaint(Exit.NO_SUCH_DATA, str(error.args[0])) from None


def _about(client: ScanClient, scan_id: int) -> _About:
    """Return how a scan is, and its commands where the server still has them."""
    info = client.scan_info(scan_id)
    try:
        return {"info": info, "commands": client.scan_commands(scan_id)}
    except ServerError:
        return {"info": info, "commands": None}


def _show(data: ScanData, form: str, *, everything: bool) -> None:
    """Write to the standard output: a table for people where it is a terminal, else plain lines."""
    if form == _TABLE and sys.stdout.isatty():
        Console().print(pretty(data, everything=everything) if len(data) else "nothing was logged")
        return
    with TemporaryDirectory(prefix="scan-sdk-") as folder:
        written = Path(folder, "data")
        if form == _TABLE:
            _write_table(data, written)
        else:
            data.write(written, format=form)
        stream = typer.get_binary_stream("stdout")
        with written.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.flush()


def _write_table(data: ScanData, target: Path) -> None:
    rows = Rows()
    lines = list(rows.of(data))
    with target.open("w", encoding="utf-8") as file:
        file.writelines("\t".join(line) + "\n" for line in (rows.header, *lines))


def _follow(client: ScanClient, scan_id: int, devices: Sequence[str]) -> None:
    """Print rows as they come until the scan is done, and then how it is."""
    try:
        logged = _print_pieces(client.follow(scan_id), devices)
    except KeyboardInterrupt:
        typer.echo(f"no longer following scan {scan_id}, which goes on", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
    typer.echo(str(client.scan_info(scan_id)), err=True)
    if missing := [name for name in devices if name not in logged]:
        known = ", ".join(logged) or "nothing"
        raise Complaint(Exit.NO_SUCH_DATA, f"'{missing[0]}' was not logged; logged: {known}")


def _print_pieces(pieces: Iterable[ScanData], devices: Sequence[str]) -> list[str]:
    """Print pieces as they come, and return the names of the devices that were in them."""
    rows, logged = Rows(devices), dict[str, None]()
    header: tuple[str, ...] = ()
    aligned = sys.stdout.isatty()
    for piece in pieces:
        logged |= dict.fromkeys(piece)
        for line in rows.of(piece):
            if header != rows.header:
                header = rows.header
                _print_line(header, header, aligned=aligned)
            _print_line(line, header, aligned=aligned)
        with writing("the standard output"):
            sys.stdout.flush()
    return list(logged)


def _print_line(cells: Sequence[str], header: Sequence[str], *, aligned: bool) -> None:
    if aligned:
        least = (8, 23, *[12] * (len(header) - 2))
        widths = map(max, least, map(len, header))
        typer.echo("  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))
    else:
        typer.echo("\t".join(cells))
