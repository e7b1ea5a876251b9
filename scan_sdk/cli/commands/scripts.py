"""`scan-sdk pyscan` and `scan-sdk migrate`: scripts that were written for PyScanClient."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["migrate", "pyscan"]


def pyscan(
    arguments: Annotated[
        list[str],
        typer.Argument(
            metavar="SCRIPT [ARGS]...",
            help="The script and what it is called with; or -m and a module.",
            show_default=False,
        ),
    ],
) -> None:
    """Run a script that was written for PyScanClient, as it is.

    Its `import scan` finds the names of scan_sdk.pyscan. All that stands behind the script is the script's,
    options too, and so is the exit code. With -m a module is run in place of a script, as `python -m` does.
    """
    from scan_sdk.cli.pyscan import run_old

    raise typer.Exit(run_old(arguments))


def migrate(
    scripts: Annotated[
        list[str],
        typer.Argument(metavar="SCRIPT...", help="The scripts; - is the standard input.", show_default=False),
    ],
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Write the scripts, in place of showing what would be changed.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Show nothing; the exit code is 1 if a script would be changed.")
    ] = False,
) -> None:
    """Rewrite scripts for PyScanClient to use scan_sdk, and show the changes.

    What cannot be rewritten for sure is left alone and listed, with what to do by hand; the script runs in
    any case. With --write each script is changed at once or not at all, and one from the standard input goes
    to the standard output. It needs the extra migrate.
    """
    from scan_sdk.cli.migrate import MigrateOptions, migrate_scripts

    raise typer.Exit(migrate_scripts(MigrateOptions(scripts, write, check)))
