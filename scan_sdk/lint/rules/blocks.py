"""Rules for the commands that neither write nor compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.macros import parse_macros
from scan_sdk.models import If, Loop, Parallel, Sequence, Set
from scan_sdk.models.base import tag_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk.lint.walk import Scope, Walk
    from scan_sdk.models import Command, Comment, ConfigLog, Delay, Include, Log, Script

__all__ = [
    "check_comment",
    "check_config_log",
    "check_delay",
    "check_include",
    "check_inner",
    "check_log",
    "check_parallel",
    "check_script",
    "check_sequence",
]

_DAY: Final = 86400.0


def check_comment(walk: Walk, command: Comment, _scope: Scope) -> None:
    """Accept a comment, whatever it says."""


def check_config_log(walk: Walk, command: ConfigLog, _scope: Scope) -> None:
    """Remember that writes are logged."""
    walk.logs = walk.logs or command.automatic


def check_delay(walk: Walk, command: Delay, _scope: Scope) -> None:
    """Look at a time."""
    if command.seconds > _DAY:
        message = f"the delay takes {command.seconds / _DAY:.1f} days"
        walk.add("long-delay", command, message, tag="seconds")


def check_log(walk: Walk, command: Log, _scope: Scope) -> None:
    """Look at what is logged."""
    walk.logs = True
    devices = command.devices
    for device in devices:
        walk.pv(command, device, "devices")
    if len(set(devices)) < len(devices):
        twice = next(device for index, device in enumerate(devices) if device in devices[:index])
        walk.add("repeated-device", command, f"'{twice}' is logged twice", tag="devices")


def check_inner(walk: Walk, command: If | Parallel | Sequence, scope: Scope) -> None:
    """Look at a body that patches do not reach."""
    kind = tag_of(type(command))
    if not command.body:
        walk.add("empty-body", command, f"the {kind} has nothing to do")
    elif scope.patchable:
        walk.add("out-of-patch", command, f"what is in the {kind} cannot be changed while the scan runs")


def check_sequence(walk: Walk, command: Sequence, scope: Scope) -> None:
    """Look at a sequence."""
    check_inner(walk, command, scope)


def check_parallel(walk: Walk, command: Parallel, scope: Scope) -> None:
    """Look at what is done at the same time."""
    check_inner(walk, command, scope)
    written: dict[str, int] = {}
    for branch, inner in enumerate(command.body):
        for device in _written(walk, (inner,)):
            if written.setdefault(device, branch) != branch:
                message = f"'{device}' is written by several of the commands in parallel"
                walk.add("parallel-writes", command, message)
                return


def _written(walk: Walk, commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        if isinstance(command, Set | Loop):
            yield walk.written(command.device)
        if isinstance(command, If | Loop | Parallel | Sequence):
            yield from _written(walk, command.body)


def check_include(walk: Walk, command: Include, scope: Scope) -> None:
    """Look at what is included."""
    try:
        macros = parse_macros(command.macros)
    except ValueError as error:
        walk.add("bad-macros", command, str(error), tag="macros")
        return
    walk.surroundings.include(walk, command, {**walk.macros, **macros}, scope)


def check_script(walk: Walk, command: Script, _scope: Scope) -> None:
    """Look at the class of a script, which may log."""
    walk.logs = True
    walk.surroundings.look_for_class(walk, command, command.path, "path")
