"""`scan-sdk simulate`: what a scan would do, by the reckoning of this program or of a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from scan_sdk.cli.common import Complaint, Exit
from scan_sdk.cli.connecting import connect
from scan_sdk.cli.documents import read_commands
from scan_sdk.cli.terminal import print_json, print_text
from scan_sdk.simulation import LocalSimulation, simulate

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk import SimulationResult
    from scan_sdk.cli.connecting import Where

__all__ = ["print_simulation"]


def print_simulation(file: Path, config: Path | None, where: Where | None, *, as_json: bool) -> None:
    """Print the steps of a scan, and how long they take.

    Args:
        file: The command file.
        config: The configuration of the server to simulate.
        where: The server to ask; None asks none.
        as_json: Whether to print JSON.

    Raises:
        Complaint: A file cannot be read.
        InvalidCommands: A file holds no commands, or is not found where it is included.
        InvalidConfig: The configuration cannot be used.
        typer.Exit: The simulation ended with an error.
    """
    commands = read_commands(file)
    result: SimulationResult
    if where is None:
        try:
            result = simulate(commands, config, folder=file.parent)
        except OSError as error:
            code = Exit.NO_CONFIG if error.filename == str(config) else Exit.NOT_READ
            raise Complaint(code, f"cannot read {error.filename}: {error.strerror or error}") from None
    else:
        with connect(where) as client:
            result = client.simulate(commands)
    if as_json:
        print_json(result)
    else:
        print_text(result.log.rstrip("\n"))
        if isinstance(result, LocalSimulation) and sys.stdout.isatty():  # into a pipe goes what a server says
            print_text(f"\n{result.summary}")
    if any(line.startswith("ERROR: ") for line in result.log.splitlines()):
        raise typer.Exit(Exit.REJECTED)
