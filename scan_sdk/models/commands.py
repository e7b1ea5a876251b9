"""What stands for any command, and which devices a command uses."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from scan_sdk import _registry
from scan_sdk.models._enums import MEMBERSHIP, RELATIVE
from scan_sdk.models._generated import COMMANDS, If, Include, Known, Log, Loop, Set, Wait
from scan_sdk.models._spelling import Comparing, Nested
from scan_sdk.models.base import AnyCommand, CommandModel, tag_of
from scan_sdk.models.loops import LoopWalk
from scan_sdk.models.other import OtherCommand

__all__ = [
    "COMMANDS",
    "MEMBERSHIP",
    "RELATIVE",
    "Command",
    "Comparing",
    "Nested",
    "own_devices",
    "work_units",
]

Command: TypeAlias = Annotated[Known | OtherCommand | CommandModel, AnyCommand()]
"""Any command: one of those of the scan server, one that an extension adds, or one that is not known."""

for _model in COMMANDS:
    _registry.COMMANDS.add(tag_of(_model), _model, owner="scan_sdk")
_registry.COMMANDS.add("other", OtherCommand, owner="scan_sdk")


def own_devices(command: Command) -> tuple[str, ...]:
    """Return the devices that a command itself uses, those of its body left out, macros not replaced."""
    devices = _registry.DEVICES.of(type(command))
    return () if devices is None else tuple(devices(command))


@_registry.DEVICES.register(Set, Loop)
def _written(command: Set | Loop) -> tuple[str, ...]:
    return (command.device, *((command.readback,) if command.wait and command.readback else ()))


@_registry.DEVICES.register(Wait, If)
def _compared(command: Wait | If) -> tuple[str, ...]:
    return (command.device,)


@_registry.DEVICES.register(Log)
def _logged(command: Log) -> tuple[str, ...]:
    return command.devices


def work_units(command: Command, body: int = 0) -> int:
    """Return how many units of work a command counts for.

    Args:
        command: The command.
        body: The units of its body, or of the file that it includes.
    """
    units = _registry.WORK_UNITS.of(type(command))
    return body + 1 if units is None else units(command, body)


@_registry.WORK_UNITS.register(If, Include)
def _units_of_body(_: If | Include, body: int) -> int:
    return body


@_registry.WORK_UNITS.register(Loop)
def _units_of_loop(command: Loop, body: int) -> int:
    return LoopWalk.count(command) * (body or 1)
