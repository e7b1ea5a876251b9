"""`scan-sdk simulate`: what a scan would do, by the reckoning of this program or of a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scan_sdk import CommandSequence, load_config
from scan_sdk.cli.common import Complaint, Exit
from scan_sdk.cli.connecting import connect
from scan_sdk.cli.files import read_commands
from scan_sdk.cli.terminal import print_json, print_text
from scan_sdk.errors import InvalidConfig
from scan_sdk.simulation import simulate

if TYPE_CHECKING:
    from scan_sdk import Command, ScanConfig, SimulationResult
    from scan_sdk.cli.connecting import Where

__all__ = ["print_simulation"]


def print_simulation(file: str, config: Path | None, where: Where | None, *, as_json: bool) -> None:
    """Print the steps of a scan, and how long they take.

    Args:
        file: The command file.
        config: The configuration of the server to simulate.
        where: The server to ask; None asks none.
        as_json: Whether to print JSON.

    Raises:
        Complaint: A file cannot be read.
        typer.Exit: The simulation ended with an error.
    """
    commands = read_commands(file)
    if where is None:
        result = _simulate_here(commands, Path(file).parent, config)
    else:
        with connect(where) as client:
            result = client.simulate(commands)
    if as_json:
        print_json(result)
    else:
        print_text(result.log.rstrip("\n"))
    if any(line.startswith("ERROR: ") for line in result.log.splitlines()):
        raise typer.Exit(Exit.REJECTED)


def _simulate_here(commands: CommandSequence, folder: Path, config: Path | None) -> SimulationResult:
    """Simulate with what a configuration says; included files are looked up beside the file, too."""
    settings = _configuration(config)
    folders = [folder, *(Path(path) for path in settings.paths)] if settings else [folder]

    def load(name: str) -> tuple[Command, ...]:
        for place in folders:
            if (path := place / name).is_file():
                return tuple(CommandSequence.from_xml(path))
        looked = ", ".join(map(str, folders))
        raise Complaint(Exit.NOT_READ, f"cannot find the included file {name} in {looked}; see --config")

    try:
        return simulate(commands, settings, load=load)
    except ValueError as error:  # of macros, or of files that include each other
        raise Complaint(Exit.NOT_READ, str(error)) from None


def _configuration(path: Path | None) -> ScanConfig | None:
    if path is None:
        return None
    try:
        return load_config(path)
    except InvalidConfig as error:
        raise Complaint(Exit.NO_CONFIG, str(error)) from None
    except OSError as error:
        raise Complaint(Exit.NO_CONFIG, f"cannot read {path}: {error.strerror or error}") from None
