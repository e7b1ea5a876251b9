"""The command line, `scan-sdk`. It shows what the other rooms give, and holds no logic of its own."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from scan_sdk.errors import MissingExtra

__all__ = ["main"]


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    if find_spec("typer") is None:
        print(MissingExtra("the command line", "cli"), file=sys.stderr)  # noqa: T201  # this is the command line
        raise SystemExit(10)  # as for every package that is missing
    from scan_sdk.cli.app import run

    raise SystemExit(run())
