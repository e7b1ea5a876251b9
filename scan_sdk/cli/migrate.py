"""`scan-sdk migrate`: scripts for PyScanClient, rewritten for scan_sdk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import typer

from scan_sdk.cli.common import Exit, complain, replacing
from scan_sdk.errors import InvalidScript
from scan_sdk.pyscan.migration import migrate
from scan_sdk.pyscan.migration.neighbours import shared_names

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration import Migration

__all__ = ["MigrateOptions", "migrate_scripts"]

_STANDARD: Final = "-"


class MigrateOptions(NamedTuple):
    """What to rewrite, and where to; as the command line has it."""

    scripts: list[str]
    write: bool
    check: bool


def migrate_scripts(options: MigrateOptions) -> int:
    """Rewrite scripts, or show what would be changed.

    Returns:
        The exit code of the process: that of the first script that could not be read, or 1 where `check` is
        set and a script would be changed.

    Raises:
        Complaint: A script cannot be written.
        MissingExtra: libcst is not installed.
    """
    codes: list[Exit] = []
    changed = False
    for script in options.scripts:
        try:
            migration = _migrated(script)
        except InvalidScript as error:
            complain(str(error))
            codes.append(Exit.ERROR)
        except OSError as error:
            complain(f"cannot read {script}: {error.strerror or error}")
            codes.append(Exit.WRONG_USE)
        else:
            changed = changed or migration.after != migration.before
            _put(script, migration, options)
            for finding in migration.findings:
                typer.echo(f"{script}:{finding}", err=True)
            typer.echo(f"{script}: {migration.outcome}", err=True)
    if codes:
        return codes[0]
    return Exit.ERROR if options.check and changed else 0


def _migrated(script: str) -> Migration:
    if script == _STANDARD:
        return migrate(sys.stdin.buffer.read(), source=script)
    path = Path(script)
    return migrate(path.read_bytes(), source=script, shared=shared_names(path))


def _put(script: str, migration: Migration, options: MigrateOptions) -> None:
    """Write the script, or show what would be changed."""
    if options.write and script == _STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(migration.after)
        sys.stdout.buffer.flush()
    elif options.write and migration.after != migration.before:
        path = Path(script)
        with replacing(path) as target:
            target.write_bytes(migration.after)
    elif not options.write and not options.check:
        for line in migration.diff(script).splitlines(keepends=True):
            typer.secho(line, fg=_COLOURS.get(line[:1]), nl=False)


_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}
