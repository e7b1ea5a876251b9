"""What beamline 7 adds to scan_sdk: a command, devices, a format of data and a rule of the check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bl7_scans.commands import BeamDump
from scan_sdk import extend

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scan_sdk import ScanData
    from scan_sdk.extend import ScanAccess
    from scan_sdk.lint import Visit
    from scan_sdk.server.devices import Around, Provider

__all__ = ["BeamDump"]


# -- the command --------------------------------------------------------------------------------------------


@extend.describes(BeamDump)
def describe(command: BeamDump) -> str:
    """Return what the server says while the command is performed."""
    return f"Dump the beam, mode {command.mode}"


@extend.uses(BeamDump)
def devices(_: BeamDump) -> Iterable[str]:
    """Return the devices that a scan with the command connects."""
    return ("memo://dump",)


@extend.performs(BeamDump, work_units=2)
async def dump(command: BeamDump, scan: ScanAccess) -> None:
    """Perform the command on the embedded server."""
    if command.mode not in {1, 2}:
        raise extend.CommandFailed(f"there is no dump {command.mode}")
    await scan.write("memo://dump", f"mode {command.mode}")
    await scan.log("memo://dump")
    await scan.sleep(command.seconds)


@extend.simulates(BeamDump)
def seconds(command: BeamDump, _: object) -> float:
    """Return how long the command takes."""
    return command.seconds


# -- the devices --------------------------------------------------------------------------------------------


def memos(around: Around) -> Provider:
    """Return what makes devices whose names begin with `memo://`."""
    from bl7_scans.memo import MemoProvider  # a client needs no devices

    return MemoProvider(around)


extend.device("memo", memos)


# -- the format of data -------------------------------------------------------------------------------------


def write_summary(data: ScanData, path: Path) -> None:
    """Write a line for each device: its name, how often it was logged, and its last value."""
    lines = [f"{name}: {len(log)} samples, last {log.value[-1]}\n" for name, log in data.items() if len(log)]
    path.write_text("".join(lines), encoding="utf-8")


extend.exporter("summary", suffixes=[".summary"], write=write_summary)


# -- the rule of the check ----------------------------------------------------------------------------------

extend.lint_rule(
    code="BL701",
    name="short-dump",
    severity="warning",
    title="The beam is back before the dump has cooled.",
    advice="give 2 seconds or more",
)


@extend.checks(BeamDump)
def check_dump(command: BeamDump, visit: Visit) -> None:
    """Report a dump that is too short."""
    if command.seconds < 2:  # what the dump needs
        visit.report("short-dump", f"the beam stays {command.seconds:g} s in the dump", tag="seconds")
