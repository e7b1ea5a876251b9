"""What is different between two scans, command by command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from scan_sdk.formats.alignment import Likeness, align
from scan_sdk.models import tree
from scan_sdk.models.other import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scan_sdk.models import Command

__all__ = ["Change", "PropertyChange", "Spot", "diff_commands"]


class Spot(NamedTuple):
    """A command in a scan.

    Attributes:
        address: Its address: all commands counted depth first from 0, as the server counts them.
        path: Its index at the top, and then in each body on the way to it.
        command: The command; `command.source` says where it was written.
    """

    address: int
    path: tuple[int, ...]
    command: Command


class PropertyChange(NamedTuple):
    """A property of a command that is not what it was.

    Attributes:
        name: Name of the property.
        old: What it was.
        new: What it is.
    """

    name: str
    old: object
    new: object


class Change(NamedTuple):
    """A difference between two scans.

    Attributes:
        kind: `added` and `removed` mean a command with all in its body, and so does `moved`, which is removed
            at one place and added at another. `changed` means the command alone, without its body.
        old: The command in the old scan, None where it was added.
        new: The command in the new scan, None where it was removed.
        properties: For `changed`: what is different.
    """

    kind: Literal["added", "removed", "changed", "moved"]
    old: Spot | None
    new: Spot | None
    properties: tuple[PropertyChange, ...] = ()


def diff_commands(old: Iterable[Command], new: Iterable[Command]) -> list[Change]:
    """Return what is different between two scans, in their order; nothing where they are equal.

    Bodies are compared, too: a loop with another end is one change, whatever is in it. Where commands were
    written, and how, plays no part.

    Args:
        old: The commands as they were.
        new: The commands as they are.

    Example:
        >>> from scan_sdk import Delay, Log, Loop, Set
        >>> old = [Set("shutter", 1), Loop("motor_x", 1, 5, 1, Log("motor_x"))]
        >>> new = [Set("shutter", 1), Loop("motor_x", 1, 9, 1, Delay(1), Log("motor_x"))]
        >>> for change in diff_commands(old, new):
        ...     print(change.kind, change.new.address, change.new.command.command, *change.properties)
        changed 1 loop PropertyChange(name='end', old=5.0, new=9.0)
        added 2 delay
    """
    numbers: dict[object, int] = {}
    changes: list[Change] = []
    _compare(_nodes(old, numbers), _nodes(new, numbers), changes)
    return _with_moves(changes)


class _Node(NamedTuple):
    """A command with what it is compared by."""

    spot: Spot
    likeness: Likeness
    header: int
    body: Sequence[_Node]


def _nodes(commands: Iterable[Command], numbers: dict[object, int]) -> list[_Node]:
    """Make nodes of commands, in which the same number stands for the same thing."""
    address = 0

    def number(key: object) -> int:
        return numbers.setdefault(key, len(numbers))

    def build(commands: Iterable[Command], around: tuple[int, ...]) -> list[_Node]:
        nonlocal address
        nodes: list[_Node] = []
        for index, command in enumerate(commands):
            spot = Spot(address, (*around, index), command)
            address += 1
            values = command.__dict__
            body = build(tree.body_of(command), spot.path)
            kind = name_of(command)
            fields = type(command).model_fields
            header = number((kind, *(_key(values[name]) for name in fields if name != "body")))
            subject = number((kind, values.get("device") or values.get("devices") or values.get("path")))
            whole = number((header, *(node.likeness.whole for node in body))) if body else header
            size = 1 + sum(node.likeness.size for node in body)
            nodes.append(_Node(spot, Likeness(whole, subject, number(kind), size), header, body))
        return nodes

    return build(commands, ())


def _key(value: object) -> object:
    """Return what values are compared by: NaN, which a server may hold, is the same as itself."""
    return "NaN" if value != value else value  # noqa: PLR0124  # NaN alone differs from itself


def _compare(old: Sequence[_Node], new: Sequence[_Node], changes: list[Change]) -> None:
    pairs = align([node.likeness for node in old], [node.likeness for node in new])
    index = other = 0
    for paired, with_ in [*pairs, (len(old), len(new))]:
        changes += [Change("removed", node.spot, None) for node in old[index:paired]]
        changes += [Change("added", None, node.spot) for node in new[other:with_]]
        index, other = paired + 1, with_ + 1
        if paired < len(old) and old[paired].likeness.whole != new[with_].likeness.whole:
            _compare_pair(old[paired], new[with_], changes)


def _compare_pair(old: _Node, new: _Node, changes: list[Change]) -> None:
    if old.header != new.header:
        before, after = old.spot.command.__dict__, new.spot.command.__dict__
        names = [name for name in type(old.spot.command).model_fields if name != "body"]
        properties = tuple(
            PropertyChange(name, before[name], after[name])
            for name in names
            if _key(before[name]) != _key(after[name])
        )
        changes.append(Change("changed", old.spot, new.spot, properties))
    _compare(old.body, new.body, changes)


def _with_moves(changes: Sequence[Change]) -> list[Change]:
    """Return the changes, with one that says `moved` for each command removed here and added there."""
    added: dict[Command, list[Spot]] = {}
    for change in reversed(changes):
        if change.kind == "added":
            spot = cast("Spot", change.new)
            added.setdefault(spot.command, []).append(spot)
    moves: dict[int, Spot] = {}  # where a command was taken from, by its new address
    gone: set[int] = set()
    for change in changes:
        if change.kind == "removed" and (found := added.get(cast("Spot", change.old).command)):
            spot = cast("Spot", change.old)
            moves[found.pop().address] = spot
            gone.add(spot.address)
    merged: list[Change] = []
    for change in changes:
        if change.kind == "added" and (spot := cast("Spot", change.new)).address in moves:
            merged.append(Change("moved", moves[spot.address], spot))
        elif change.kind != "removed" or cast("Spot", change.old).address not in gone:
            merged.append(change)
    return merged
