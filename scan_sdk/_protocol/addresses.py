"""The addresses by which the server speaks of commands: all are counted depth first from 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.models import If, Loop, Parallel, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.models import Command


def path(commands: Iterable[Command], address: int, first: int = 0) -> list[tuple[int, Command]]:
    """Return the command at an address and those whose bodies it is in, outermost first, with addresses."""
    for command in commands:
        after = first + count((command,))
        if first <= address < after:
            return [(first, command), *path(body(command), address, first + 1)]
        first = after
    return []


def count(commands: Iterable[Command]) -> int:
    """Return how many commands there are, bodies included."""
    return sum(1 + count(body(command)) for command in commands)


def body(command: Command) -> tuple[Command, ...]:
    """Return the commands in the body of a command, none where it has none."""
    return command.body if isinstance(command, Loop | If | Parallel | Sequence) else ()
