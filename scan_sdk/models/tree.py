"""Commands within commands: bodies, addresses, and how deep they may be nested.

Nothing here recurses, so no depth of nesting is too much for Python's stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scan_sdk.models.base import CommandModel
    from scan_sdk.models.commands import Command

__all__ = [
    "DEEPEST",
    "TOO_DEEP",
    "Place",
    "body_of",
    "check_depth",
    "count",
    "depth",
    "path",
    "rebuilt",
    "visit",
    "walk",
]

DEEPEST: Final = 96
"""How many commands may be around a command, those of included files counted.

JSON and Python source can be nested no deeper than some 98 (two brackets a level, of 200), and what performs,
simulates and checks commands takes some of Python's stack for each level.
"""
TOO_DEEP: Final = f"commands are nested more than {DEEPEST} deep"
"""What is said of commands that are nested deeper."""


class Place(NamedTuple):
    """A command and where it stands.

    Attributes:
        address: Its number, depth first from 0, as the server counts commands.
        command: The command itself.
        around: The commands that it is in, from the outermost.
    """

    address: int
    command: Command
    around: tuple[Command, ...]


def body_of(command: CommandModel) -> tuple[Command, ...]:
    """Return the commands in the body of a command; none where it has no body."""
    body: tuple[Command, ...] = command.__dict__.get("body", ())
    return body


def walk(commands: Iterable[Command]) -> Iterator[tuple[int, Command]]:
    """Yield each command with its address, bodies included, depth first from 0 (spec §4)."""
    address = 0
    waiting = [iter(commands)]
    while waiting:
        for command in waiting[-1]:
            yield address, command
            address += 1
            if body := body_of(command):
                waiting.append(iter(body))
                break
        else:
            waiting.pop()


def visit(commands: Iterable[Command]) -> Iterator[Place]:
    """Yield each command with its address and the commands around it, bodies included, depth first."""
    address = 0
    waiting: list[tuple[Iterator[Command], tuple[Command, ...]]] = [(iter(commands), ())]
    while waiting:
        inner, around = waiting[-1]
        for command in inner:
            yield Place(address, command, around)
            address += 1
            if body := body_of(command):
                waiting.append((iter(body), (*around, command)))
                break
        else:
            waiting.pop()


def path(commands: Iterable[Command], address: int) -> tuple[tuple[int, Command], ...]:
    """Return the command at an address and those that it is in, outermost first, with their addresses.

    Returns:
        Nothing where no command has that address.
    """
    chain: list[tuple[int, Command]] = []
    for place in visit(commands):
        del chain[len(place.around) :]
        chain.append((place.address, place.command))
        if place.address == address:
            return tuple(chain)
    return ()


def count(commands: Iterable[Command]) -> int:
    """Return how many commands there are, bodies included."""
    return sum(1 for _ in walk(commands))


def depth(commands: Iterable[Command]) -> int:
    """Return how many bodies there are within each other at most; 0 where no command has one."""
    deepest = 0
    waiting = [iter(commands)]
    while waiting:
        for command in waiting[-1]:
            if body := body_of(command):
                waiting.append(iter(body))
                deepest = max(deepest, len(waiting) - 1)
                break
        else:
            waiting.pop()
    return deepest


def check_depth(body: tuple[Command, ...]) -> tuple[Command, ...]:
    """Return the body of a command.

    Raises:
        PydanticCustomError: It is nested so deep that with the command around it there are too many.
    """
    if depth(body) >= DEEPEST:
        raise PydanticCustomError(
            "too_deep", "commands are nested more than {deepest} deep", {"deepest": DEEPEST}
        )
    return body


def rebuilt(
    commands: Iterable[Command], change: Callable[[Command, tuple[Command, ...]], Command]
) -> tuple[Command, ...]:
    """Return commands made anew from the innermost to the outermost.

    Args:
        commands: The commands.
        change: Takes a command and its new body, empty where it has none, and returns what it becomes.
    """
    done: list[list[Command]] = [[]]
    waiting = [iter(commands)]
    around: list[Command] = []
    while waiting:
        for command in waiting[-1]:
            if body := body_of(command):
                around.append(command)
                waiting.append(iter(body))
                done.append([])
                break
            done[-1].append(change(command, ()))
        else:
            waiting.pop()
            if around:
                inner = tuple(done.pop())
                done[-1].append(change(around.pop(), inner))
    return tuple(done[0])
