"""Pairs the items of two lists that belong together, in order, fast also where the lists are long."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Likeness", "align"]

_MOST_CELLS: Final = 40_000
"""Size of a table for which every way to pair two stretches is tried."""


class Likeness(NamedTuple):
    """What an item is compared by; numbers that are the same for what is the same.

    Attributes:
        whole: Stands for all of it.
        subject: Stands for what it is about.
        kind: Stands for what kind it is; items of different kinds are never paired.
        size: How many items it is made of, itself included.
    """

    whole: int
    subject: int
    kind: int
    size: int


Pair: TypeAlias = "tuple[int, int]"


class _Stretch(NamedTuple):
    """The items of the old list from `low` to before `high`, of the new one from `first` to before `end`."""

    low: int
    high: int
    first: int
    end: int

    @property
    def cells(self) -> int:
        return (self.high - self.low) * (self.end - self.first)


def align(old: Sequence[Likeness], new: Sequence[Likeness]) -> list[Pair]:
    """Return pairs of indices, rising in both.

    Equal items at both ends are paired first. Short stretches between are paired as well as can be; long ones
    are cut at equal items that occur once in each list (as in a patience diff), and where there are none,
    paired in order by their subjects.
    """
    pairs: list[Pair] = []
    stretches = [_Stretch(0, len(old), 0, len(new))]
    while stretches:
        left = _trim(old, new, stretches.pop(), pairs)
        if not left.cells:
            continue
        if left.cells <= _MOST_CELLS:
            pairs += _best(old, new, left)
        elif anchors := _anchors(old, new, left):
            low, first = left.low, left.first
            for index, other in anchors:
                stretches.append(_Stretch(low, index, first, other))
                low, first = index, other
            stretches.append(_Stretch(low, left.high, first, left.end))
        else:
            pairs += _in_order(old, new, left)
    return sorted(pairs)


def _trim(old: Sequence[Likeness], new: Sequence[Likeness], stretch: _Stretch, pairs: list[Pair]) -> _Stretch:
    """Pair equal items at both ends of a stretch, and return what is left of it."""
    low, high, first, end = stretch
    while low < high and first < end and old[low].whole == new[first].whole:
        pairs.append((low, first))
        low, first = low + 1, first + 1
    while low < high and first < end and old[high - 1].whole == new[end - 1].whole:
        high, end = high - 1, end - 1
        pairs.append((high, end))
    return _Stretch(low, high, first, end)


def _anchors(old: Sequence[Likeness], new: Sequence[Likeness], stretch: _Stretch) -> list[Pair]:
    """Return the longest rising row of pairs of items that occur once on each side of a stretch."""
    low, high, first, end = stretch
    counts = Counter(item.whole for item in old[low:high])
    others = Counter(item.whole for item in new[first:end])
    places = {new[index].whole: index for index in range(first, end) if others[new[index].whole] == 1}
    unique = [
        (index, places[old[index].whole])
        for index in range(low, high)
        if counts[old[index].whole] == 1 and old[index].whole in places
    ]
    return _longest_rising(unique)


def _longest_rising(pairs: Sequence[Pair]) -> list[Pair]:
    tails: list[int] = []  # the least end of a row of each length
    rows: list[int] = []  # the pair at that end
    before: list[int] = []  # for each pair the one before it in its row, -1 for none
    for number, (_, other) in enumerate(pairs):
        length = bisect_left(tails, other)
        before.append(rows[length - 1] if length else -1)
        if length == len(tails):
            tails.append(other)
            rows.append(number)
        else:
            tails[length], rows[length] = other, number
    found: list[Pair] = []
    number = rows[-1] if rows else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _score(one: Likeness, other: Likeness) -> int:
    """Return how much speaks for a pair: more where much is in both."""
    if one.whole == other.whole:
        return 4 * one.size
    if one.subject == other.subject:
        return 3 * min(one.size, other.size)
    return 1 if one.kind == other.kind else 0


def _best(old: Sequence[Likeness], new: Sequence[Likeness], stretch: _Stretch) -> Iterator[Pair]:
    """Yield the pairs of the highest likeness in sum."""
    low, high, first, end = stretch
    old, new = old[low:high], new[first:end]
    table = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in range(len(old) - 1, -1, -1):
        here, below, item = table[row], table[row + 1], old[row]
        for column in range(len(new) - 1, -1, -1):
            score = _score(item, new[column])
            most = max(below[column], here[column + 1])
            here[column] = max(most, below[column + 1] + score) if score else most
    yield from ((low + row, first + column) for row, column in _read(table, old, new))


def _read(table: Sequence[Sequence[int]], old: Sequence[Likeness], new: Sequence[Likeness]) -> Iterator[Pair]:
    """Yield the pairs that make up the sum in the first cell of a table."""
    row = column = 0
    while row < len(old) and column < len(new):
        score = _score(old[row], new[column])
        here = table[row][column]
        if score and here == table[row + 1][column + 1] + score:
            yield row, column
            row, column = row + 1, column + 1
        elif here == table[row + 1][column]:
            row += 1
        else:
            column += 1


def _in_order(old: Sequence[Likeness], new: Sequence[Likeness], stretch: _Stretch) -> Iterator[Pair]:
    """Yield pairs of items of the same subject at the same distance from the beginning of a long stretch."""
    low, high, first, end = stretch
    for index, other in zip(range(low, high), range(first, end), strict=False):
        if old[index].subject == new[other].subject:
            yield index, other
