"""`scan-sdk info`, `devices` and `servers`: what scan servers say of themselves, and which have names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scan_sdk.cli.common import AsJson, OptionalScan, printable
from scan_sdk.cli.connecting import DEFAULT_URL, Where, address, connect, on_server, scan_of
from scan_sdk.cli.terminal import local, print_json, print_lines, print_pretty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scan_sdk import ScanServerInfo

__all__ = ["devices", "info", "servers"]


@on_server
def info(where: Where, *, as_json: AsJson = False) -> None:
    """Show the server's version, configuration and memory."""
    with connect(where) as client:
        found = client.server_info()
    if as_json:
        print_json(found)
    else:
        _print_grid([("server", address(where)), *_facts(found)])


def _facts(found: ScanServerInfo) -> list[tuple[str, str]]:
    memory = f"{found.used_mem / 2**20:.0f} MiB"
    if found.max_mem:
        memory += f" of {found.max_mem / 2**20:.0f} MiB ({found.used_mem * 100 // found.max_mem} %)"
    return [
        ("version", found.version),
        ("running since", local(found.start_time)),
        ("configuration", found.scan_config),
        ("script paths", ", ".join(found.script_paths)),
        ("macros", found.macros),
        ("memory", memory),
    ]


@on_server
def devices(where: Where, scan: OptionalScan = None, *, as_json: AsJson = False) -> None:
    """List the devices of the server's configuration, or those that a scan uses.

    Into a pipe go lines with tabs: alias, PV and status.
    """
    with connect(where) as client:
        found = client.scan_devices(None if scan is None else scan_of(client, scan))
    if as_json:
        print_json(found)
    else:
        rows = [(one.alias, one.name, one.status) for one in found]
        _print_table(("device", "PV", "status"), rows, empty="no devices")


def servers(
    *,
    as_json: AsJson = False,
    path: Annotated[bool, typer.Option("--path", help="Print where the configuration file is.")] = False,
) -> None:
    """List the scan servers that have names, and where the file with the names is.

    A star marks the one that is meant where nothing is said. Tokens are not shown. In JSON it is an object
    with the path, the default and the servers by name.
    """
    from scan_sdk.cli.servers import config_path, read_servers

    if path:
        typer.echo(config_path())
        return
    found = read_servers()
    if as_json:
        named = {
            name: {"url": one.url, "timezone": one.timezone, "has_token": bool(one.token or one.token_file)}
            for name, one in found.named.items()
        }
        print_json({"path": str(found.path), "default": found.default, "servers": named})
        return
    rows = [
        ("* " * (name == found.default) + name, one.url, one.timezone or "")
        for name, one in found.named.items()
    ]
    _print_table(("name", "url", "time zone"), rows, empty="no servers have names")
    typer.echo(f"{found.path}; without a name and a default {DEFAULT_URL} is used", err=True)


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print a table for people where the standard output is a terminal, else lines with tabs."""
    import sys

    if not sys.stdout.isatty():
        print_lines([header, *rows])
    elif not rows:
        typer.echo(empty)
    else:
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(*header, box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*(Text(printable(cell)) for cell in row))
        print_pretty(table)


def _print_grid(facts: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in facts)
    for name, value in ((name, value) for name, value in facts if value):
        typer.echo(f"{typer.style(name.ljust(width), dim=True)}  {printable(value)}".rstrip())
