"""The time that a scan takes, as a tree of parts that can be shared: what repeats stands there once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk.simulation.performance import Kind, Node

    Purpose: TypeAlias = "tuple[Kind, str]"
    """What time is spent for: a kind of step, and the device; no device for delays and others."""
    Spent: TypeAlias = "dict[Purpose, float]"
    """Seconds by purpose."""
    Part: TypeAlias = "Step | Row | Repeat"

_STRIDE: Final = 64
"""After so many parts of a row there is a sum of what was spent before them."""


class Step:
    """One step of a scan.

    Attributes:
        node: The command.
        units: Work units that the server counts once it is done.
        spent: Seconds by purpose.
        seconds: All of them.
    """

    __slots__ = ("node", "seconds", "spent", "units")

    def __init__(self, node: Node, units: int, spent: Spent) -> None:
        self.node: Node = node
        self.units: int = units
        self.spent: Spent = spent
        self.seconds: float = sum(spent.values())

    def children(self) -> Iterable[tuple[Part, int]]:
        """Return the parts of it, and how often each is repeated: none."""
        return ()


class Row:
    """Parts, one after the other.

    Attributes:
        parts: The parts.
        units: Work units of all.
        seconds: How long they take.
        loop: The loop of which these are the steps of one run; None for others.
        steps: How many steps that run has.
    """

    __slots__ = ("_ends", "_spent", "_sums", "loop", "parts", "seconds", "steps", "units")

    def __init__(self, parts: list[Part], loop: Node | None = None, steps: int = 0) -> None:
        self.parts: list[Part] = parts
        self.units: int = sum(part.units for part in parts)
        self.seconds: float = sum(part.seconds for part in parts)
        self.loop: Node | None = loop
        self.steps: int = steps
        self._ends: list[int] | None = None
        self._sums: list[Spent] = [{}]
        self._spent: Spent | None = None

    def children(self) -> Iterable[tuple[Part, int]]:
        """Return the parts, and how often each is repeated: once."""
        return ((part, 1) for part in self.parts)

    @property
    def ends(self) -> list[int]:
        """Work units done after each of the parts."""
        if self._ends is None:
            self._ends = list(accumulate(part.units for part in self.parts))
        return self._ends

    @property
    def spent(self) -> Spent:
        """Seconds by purpose."""
        if self._spent is None:
            self._spent = self.before(len(self.parts))
        return self._spent

    def before(self, index: int) -> Spent:
        """Return what is spent before the part of this number."""
        block = index // _STRIDE
        while len(self._sums) <= block:
            end = len(self._sums) * _STRIDE
            self._sums.append(added(self._sums[-1], self.parts[end - _STRIDE : end]))
        return added(self._sums[block], self.parts[block * _STRIDE : index])


class Repeat:
    """A row that is repeated.

    Attributes:
        row: The row.
        count: How often.
        units: Work units of all repetitions.
        seconds: How long they take.
    """

    __slots__ = ("count", "row", "seconds", "units")

    def __init__(self, row: Row, count: int) -> None:
        self.row: Row = row
        self.count: int = count
        self.units: int = row.units * count
        self.seconds: float = row.seconds * count

    def children(self) -> Iterable[tuple[Part, int]]:
        """Return the row, and how often it is repeated."""
        return ((self.row, self.count),)

    @property
    def spent(self) -> Spent:
        """Seconds by purpose."""
        return scaled(self.row.spent, self.count)


def scaled(spent: Spent, factor: float) -> Spent:
    """Return seconds by purpose, multiplied."""
    return {purpose: seconds * factor for purpose, seconds in spent.items()}


def added(spent: Spent, parts: Iterable[Part], share: float = 1.0) -> Spent:
    """Return what is spent with some parts more, or a share of them."""
    total = dict(spent)
    for part in parts:
        for purpose, seconds in part.spent.items():
            total[purpose] = total.get(purpose, 0.0) + share * seconds
    return total


def difference(spent: Spent, less: Spent) -> Spent:
    """Return what is spent with something less; purposes for which nothing is left are left out."""
    return {
        purpose: left
        for purpose, seconds in spent.items()
        if (left := seconds - less.get(purpose, 0.0)) > 1e-9 * seconds
    }


def in_order(whole: Part) -> list[Part]:
    """Return all parts of a scan, each once, and whatever holds others after them."""
    order: list[Part] = []
    seen: set[int] = set()
    waiting: list[tuple[Part, bool]] = [(whole, False)]
    while waiting:
        part, done = waiting.pop()
        if done:
            order.append(part)
        elif id(part) not in seen:
            seen.add(id(part))
            waiting.append((part, True))
            waiting += [(child, False) for child, _ in part.children()]
    return order


def repetitions(order: list[Part]) -> Iterator[tuple[Step | Row, int]]:
    """Yield each step and row with how often it is performed, what holds others before them.

    Args:
        order: All parts of a scan, as `in_order` returns them.
    """
    times = defaultdict[int, int](int, {id(order[-1]): 1})
    for part in reversed(order):
        for child, count in part.children():
            times[id(child)] += count * times[id(part)]
        if not isinstance(part, Repeat):
            yield part, times[id(part)]


class Place(NamedTuple):
    """Where a scan is.

    Attributes:
        before: Seconds spent before the present step, by purpose.
        step: The present step; None where nothing is left.
    """

    before: Spent
    step: Step | None


def locate(whole: Row, units: int, address: int = -1) -> Place:
    """Return where a scan is that has done so many work units.

    Args:
        whole: The scan.
        units: Work units that are done, or passed over as the condition of an If was not met.
        address: The command being performed, -1 if unknown. It tells steps apart that count for no unit.
    """
    before: Spent = {}
    part: Part = whole
    while not isinstance(part, Step):
        if isinstance(part, Repeat):
            times, units = divmod(units, part.row.units) if part.row.units else (0, 0)
            before = _sum(before, scaled(part.row.spent, times))
        row: Row = part.row if isinstance(part, Repeat) else part
        index = bisect_right(row.ends, units)
        first = index
        while first > 0 and row.parts[first - 1].units == 0:
            first -= 1
        index = next((i for i in range(first, index) if _begins_at(row.parts[i], address)), index)
        before = _sum(before, row.before(index))
        if index == len(row.parts):
            return Place(before, None)
        part, units = row.parts[index], units - (row.ends[index - 1] if index else 0)
    return Place(before, part)


def _begins_at(part: Part, address: int) -> bool:
    """Tell whether a part that counts for no unit has the command of an address."""
    return any(isinstance(one, Step) and one.node.address == address for one in in_order(part))


def begins(whole: Row, address: int) -> int:
    """Return how many work units are before the outermost command that an address belongs to."""
    units = 0
    for index, part in enumerate(whole.parts):
        node = part.node if isinstance(part, Step) else part.loop if isinstance(part, Row) else None
        if node is not None and node.address > address:
            break
        units = whole.ends[index - 1] if index else 0
    return units


def _sum(first: Spent, second: Spent) -> Spent:
    if not first or not second:
        return first or second
    return {purpose: first.get(purpose, 0.0) + second.get(purpose, 0.0) for purpose in {*first, *second}}
