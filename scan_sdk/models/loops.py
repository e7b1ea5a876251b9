"""The values that a loop goes through, exactly as the server does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

from pydantic_core import PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk.models._generated import Loop

__all__ = ["MOST_STEPS", "LoopValues", "LoopWalk", "check_steps"]

_LARGEST: Final = 2**31 - 1
MOST_STEPS: Final = _LARGEST - 1
"""The server counts the steps of a loop in 32 bits; one more and it performs none (trap 21)."""


def check_steps(start: float, end: float, step: float) -> None:
    """Refuse a loop that the server would not go through.

    Raises:
        PydanticCustomError: The step is 0, or there are too many steps.
    """
    if step == 0:
        raise PydanticCustomError(
            "loop_step",
            "{reason}: {advice}",
            {
                "reason": "step 0 never reaches the end, and the server would take 1",
                "advice": "give another step",
            },
        )
    if abs((end - start) / step) > MOST_STEPS:
        raise PydanticCustomError(
            "loop_steps",
            "{reason}: {advice}",
            {
                "reason": f"the loop would take more than {MOST_STEPS} steps, and the server would perform "
                "none of them",
                "advice": "check start, end and step",
            },
        )


class LoopWalk:
    """The values that a loop goes through, each time that it runs.

    A loop whose step points away from its end changes direction from run to run; the others do not.
    """

    def __init__(self, loop: Loop) -> None:
        """Look at the loop as it is submitted; whether it alternates stays so, whatever is patched later."""
        up = loop.start <= loop.end and loop.step < 0
        down = loop.start >= loop.end and loop.step > 0
        self.alternates: bool = up or down
        self.direction: int = 1
        """The sign that the step has in the next run: 1 as it is given, or -1."""

    @staticmethod
    def count(loop: Loop) -> int:
        """Return the number of values, counted in 32 bits as the server does: beyond that it is negative."""
        steps = abs((loop.end - loop.start) / loop.step)
        whole = 0 if math.isnan(steps) else math.ceil(min(steps, _LARGEST))
        return whole + 1 if whole < _LARGEST else -_LARGEST - 1

    def values(self, loop: Loop) -> LoopValues:
        """Return the values of the next run in order; the last one is always at a limit of the loop."""
        step = self.direction * loop.step
        if self.alternates:
            self.direction = -self.direction
        low, high = min(loop.start, loop.end), max(loop.start, loop.end)
        return (
            LoopValues(high, low, step, self.count(loop))
            if step < 0
            else (LoopValues(low, high, step, self.count(loop)))
        )


class LoopValues(Sequence[float]):
    """The values of one run of a loop, none of them kept: there can be billions."""

    def __init__(self, first: float, last: float, step: float, count: int) -> None:
        """Go from the first value in steps, and no further than to the last."""
        self._first = first
        self._last = last
        self._step = step
        self._places = range(count)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> list[float]: ...
    def __getitem__(self, index: int | slice) -> float | list[float]:
        if isinstance(index, slice):
            return [self._value(place) for place in self._places[index]]
        return self._value(self._places[index])

    def __iter__(self) -> Iterator[float]:
        return map(self._value, self._places)

    def _value(self, place: int) -> float:
        value = self._first + place * self._step
        return max(value, self._last) if self._step < 0 else min(value, self._last)
