"""Rules for the commands that neither write nor compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.macros import parse_macros
from scan_sdk._registry import CHECKS
from scan_sdk._wire.command_faults import nearest
from scan_sdk._wire.command_plans import known_tags
from scan_sdk.lint.codes import define
from scan_sdk.models import (
    ConfigLog,
    Delay,
    Include,
    Log,
    Loop,
    OtherCommand,
    Parallel,
    Script,
    Sequence,
    Set,
    tree,
)
from scan_sdk.models.base import CommandModel, tag_of

if TYPE_CHECKING:
    from scan_sdk.lint.visit import Visit
    from scan_sdk.models import If

__all__ = ["check_inner"]

define(
    "SC202",
    "unknown-command",
    "warning",
    "The command is not known here.",
    "check its name; only a server that has it performs it",
)
define("SC317", "repeated-device", "warning", "A log names a device twice.", "name each device once")
define(
    "SC411",
    "parallel-writes",
    "warning",
    "Commands in parallel write to the same device.",
    "perform them in a sequence",
)
define("SC412", "long-delay", "warning", "The delay is longer than a day.", "check the number: it is seconds")
define("SC413", "empty-body", "warning", "There is nothing to do in the body.", "add commands, or remove it")
define(
    "SC601",
    "out-of-patch",
    "info",
    "What is in this body cannot be changed while the scan runs.",
    "put commands that may need a patch at the top level, or into loops only",
)

_DAY: Final = 86400.0


@CHECKS.register(ConfigLog)
def check_config_log(command: ConfigLog, visit: Visit) -> None:
    """Remember that writes are logged."""
    visit.logs = visit.logs or command.automatic


@CHECKS.register(Delay)
def check_delay(command: Delay, visit: Visit) -> None:
    """Look at a time."""
    if command.seconds > _DAY:
        message = f"the delay takes {command.seconds / _DAY:.1f} days"
        visit.report("long-delay", message, tag="seconds")


@CHECKS.register(Log)
def check_log(command: Log, visit: Visit) -> None:
    """Look at what is logged."""
    visit.logs = True
    devices = command.devices
    for device in devices:
        visit.pv(device, "devices")
    if len(set(devices)) < len(devices):
        twice = next(device for index, device in enumerate(devices) if device in devices[:index])
        visit.report("repeated-device", f"'{twice}' is logged twice", tag="devices")


@CHECKS.register(Sequence)
def check_inner(command: If | Parallel | Sequence, visit: Visit) -> None:
    """Look at a body that patches do not reach."""
    kind = tag_of(type(command))
    if not command.body:
        visit.report("empty-body", f"the {kind} has nothing to do")
    elif visit.scope.patchable:
        visit.report("out-of-patch", f"what is in the {kind} cannot be changed while the scan runs")


@CHECKS.register(Parallel)
def check_parallel(command: Parallel, visit: Visit) -> None:
    """Look at what is done at the same time."""
    check_inner(command, visit)
    written: dict[str, int] = {}
    for branch, inner in enumerate(command.body):
        for _, inside in tree.walk((inner,)):
            if not isinstance(inside, Set | Loop):
                continue
            device = visit.written(inside.device)
            if written.setdefault(device, branch) != branch:
                message = f"'{device}' is written by several of the commands in parallel"
                visit.report("parallel-writes", message)
                return


@CHECKS.register(Include)
def check_include(command: Include, visit: Visit) -> None:
    """Look at what is included."""
    try:
        macros = parse_macros(command.macros)
    except ValueError as error:
        visit.report("bad-macros", str(error), tag="macros")
        return
    visit.surroundings.include(visit, command, {**visit.macros, **macros})


@CHECKS.register(Script)
def check_script(command: Script, visit: Visit) -> None:
    """Look at the class of a script, which may log."""
    visit.logs = True
    visit.surroundings.look_for_class(visit, command.path, "path")


@CHECKS.register(CommandModel)
def check_error_handler(command: CommandModel, visit: Visit) -> None:
    """Look for the class of an error handler, which any command may have."""
    handler = command.__dict__.get("error_handler")
    if handler:
        visit.surroundings.look_for_class(visit, handler, "error_handler")


@CHECKS.register(OtherCommand)
def check_other(command: OtherCommand, visit: Visit) -> None:
    """Report a command that nobody knows, which may log, and may be a known one misspelt."""
    visit.logs = True
    tag = command.tag
    visit.report("unknown-command", f"unknown command <{tag[:40]}>", advice=nearest(tag, known_tags()))
