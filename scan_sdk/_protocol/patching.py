"""Changing a command of a scan that the server holds, and telling why it could not be changed.

The server finds commands by address, has names of its own for their properties, and says nothing but 400
where it refuses (traps 29 to 31).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk._protocol import operations
from scan_sdk._protocol.control import refused
from scan_sdk._protocol.flows import ask, ask_of_scan, look
from scan_sdk.errors import CommandRefused
from scan_sdk.models import Comparison, Loop, Patch
from scan_sdk.models.base import fields_of, patch_names_of
from scan_sdk.models.tree import count
from scan_sdk.models.tree import path as path_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.models import Command, ScanInfo

_TAKES = {
    "number": "a number",
    "boolean": "True or False",
    "text": "a text",
    "enum": "a Comparison",
    "list": "a list, which cannot be sent",
}


def patch(
    timing: Timing, scan_id: int, address: int, name: str, value: float | str | bool | Comparison
) -> Flow[ScanInfo]:
    """Change a property of a command that is yet to be performed."""
    change = Patch(address=address, property=name, value=_sendable(value))
    info = yield from look(timing, scan_id)
    if info.is_done:
        raise refused(info, "a change would have no effect")
    commands = yield from ask_of_scan(timing, operations.scan_commands(scan_id))
    path = path_of(commands, address)
    current = path_of(commands, info.address)
    if path and current and path[0][0] < current[0][0]:
        raise refused(info, f"command {address} was performed already, a change would have no effect")
    if path:
        known = patch_names_of(type(path[-1][1]))
        change = change.model_copy(update={"property": known.get(name, name)})
    try:
        yield from ask(timing, operations.patch(scan_id, change))
    except CommandRefused as refusal:
        info = yield from look(timing, scan_id)
        raise refused(info, _reason(commands, path, change) or refusal.message) from refusal
    info = yield from look(timing, scan_id)
    if info.is_done:
        raise refused(info, "it ended before the change could take effect")
    return info


def _sendable(value: float | str | bool | Comparison) -> float | str:
    """Return the value as the server takes it; text is put in quotes later, so `"true"` stays text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.symbol if isinstance(value, Comparison) else value


def _reason(commands: Iterable[Command], path: tuple[tuple[int, Command], ...], change: Patch) -> str | None:
    """Return why the server refused a change, as far as that can be told."""
    if not path:
        return f"it has no command {change.address}; its {count(commands)} commands are counted from 0"
    *around, (_, command) = path
    for at, outer in around:
        if not isinstance(outer, Loop):
            kind = type(outer).__name__
            return (
                f"command {change.address} is in the body of the {kind} at {at}, which patch does not reach"
            )
    what = type(command).__name__
    names = patch_names_of(type(command))
    kinds = {
        names[field.attribute]: field.kind for field in fields_of(type(command)) if field.attribute in names
    }
    if change.property not in kinds:
        return f"{what} has no property '{change.property}'; it has {', '.join(kinds)}"
    if (takes := _TAKES.get(kinds[change.property])) is not None:
        return f"{change.property} of {what} takes {takes}, and the server refuses {change.value!r}"
    return None
