"""`sim://`: variables that change by rules, under the names that CS-Studio gives them, and read only.

| name | does, every `update` seconds |
|---|---|
| `sim://sine(min, max, steps, update)` | goes through a sine wave in `steps` steps: -5, 5, 10, 1 |
| `sim://ramp(min, max, step, update)` | grows by `step`, then begins again: -5, 5, 1, 1 |
| `sim://noise(min, max, update)` | takes any value in the range: -5, 5, 1 |
| `sim://gaussianNoise(centre, deviation, update)` | takes a value of that normal distribution: 0, 1, 0.1 |
| `sim://flipflop(update)` | is `false` and `true` in turn: 1 |
| `sim://strings(longest, update)` | is `A`, `AA` and so on: 10, 0.1 |
| `sim://const(value)` | stays as it is; the value is written as for `loc://` |
| `sim://gaussian(pv, centre, width, height, noise)` | follows another variable, see below |

The numbers after the colon are in force where no arguments are given; `steps` of a sine, `step` of a ramp and
`longest` may be left out alone. Values are a function of the name and of the time since the server was
started, noise too: with a virtual clock each run sees the same.

The last one is not of CS-Studio: a signal with a peak, for trying out alignment. Where the other variable is
at `centre` it is `height`, and falls off with the standard deviation `width`. `noise`, 0 if left out, is the
standard deviation of what is added at each reading; `pv` may be any variable, such as `motor://m.RBV`.
"""

from __future__ import annotations

import math
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk._dialect.java import parse_double
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.changing import ChangingPv
from scan_sdk.server.devices.local import initial_value
from scan_sdk.server.devices.pv import Provider, Pv
from scan_sdk.server.devices.values import EnumValue, PvInput, Reading, number_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import PvName, PvPool
    from scan_sdk.server.devices.values import PvValue

    Rule: TypeAlias = Callable[[int], PvValue]

__all__ = ["SimulatedProvider"]

_SHORTEST: Final = 0.01
"""Seconds between two values at least, as in CS-Studio."""
_ALMOST: Final = 1e-6
"""Part of a step that is taken for nothing: sums of tenths are seldom quite what they should be."""


class SimulatedProvider(Provider):
    """Makes `sim://` variables."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._start = clock.monotonic()

    def reset(self) -> None:
        """Have values change from now as they did from the start."""
        self._start = self._clock.monotonic()

    def create(self, name: PvName) -> Pv:
        """Make a variable of the kind that the name says."""
        what = name.base.lower()
        if what == "const":
            return _ReadOnlyPv(Reading(initial_value(name), milliseconds(self._clock)))
        if what == "gaussian":
            return _PeakPv(name, self.pool)
        kind = _KINDS.get(what)
        if kind is None:
            known = ", ".join(["const", "gaussian", *_KINDS])
            raise ValueError(f"there is no simulated '{name.base}', only {known}")
        *numbers, update = kind.complete(_numbers(name.arguments or ""))
        return _RulePv(kind.rule(name.key, *numbers), max(update, _SHORTEST), self._start, self._clock)


def _numbers(text: str) -> list[float]:
    numbers = [parse_double(item) for item in text.replace(",", " ").split()]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("expected finite numbers")
    return numbers


class _Kind(NamedTuple):
    """A kind of variable that changes by a rule.

    Attributes:
        rule: Makes the rule from the variable's name and all numbers but the last: the value after so many
            updates.
        defaults: The numbers where none are given; the last is the time between updates.
        optional: Which of them may be left out alone.
    """

    rule: Callable[..., Rule]
    defaults: tuple[float, ...]
    optional: int | None = None

    def complete(self, numbers: list[float]) -> list[float]:
        """Return all numbers.

        Raises:
            ValueError: There are too few or too many.
        """
        if not numbers:
            return list(self.defaults)
        missing = len(self.defaults) - len(numbers)
        if missing == 1 and self.optional is not None:
            numbers = numbers.copy()
            numbers.insert(self.optional, self.defaults[self.optional])
        elif missing:
            raise ValueError(f"expected {len(self.defaults)} numbers or none, got {len(numbers)}")
        return numbers


def _sine(_name: str, low: float, high: float, steps: float) -> Rule:
    angle = 2 * math.pi / max(steps, 1)
    return lambda count: low + (math.sin(count * angle) + 1) / 2 * (high - low)


def _ramp(_name: str, low: float, high: float, step: float) -> Rule:
    step = step or 1.0
    values = max(1, math.floor((high - low) / abs(step) + _ALMOST) + 1)
    first = low if step > 0 else high
    return lambda count: first + count % values * step


def _noise(name: str, low: float, high: float) -> Rule:
    return lambda count: low + _random(name, count).random() * (high - low)


def _gaussian_noise(name: str, centre: float, deviation: float) -> Rule:
    return lambda count: _random(name, count).gauss(centre, deviation)


def _flip_flop(_name: str) -> Rule:
    return lambda count: EnumValue(count % 2, ("false", "true"))


def _strings(_name: str, longest: float) -> Rule:
    return lambda count: "A" * (count % max(1, int(longest)) + 1)


def _random(*seed: str | int) -> Random:
    return Random(str(seed))  # noqa: S311  # made to be foreseen


_KINDS: Final = {
    "sine": _Kind(_sine, (-5, 5, 10, 1), optional=2),
    "ramp": _Kind(_ramp, (-5, 5, 1, 1), optional=2),
    "noise": _Kind(_noise, (-5, 5, 1)),
    "gaussiannoise": _Kind(_gaussian_noise, (0, 1, 0.1)),
    "flipflop": _Kind(_flip_flop, (1,)),
    "strings": _Kind(_strings, (10, 0.1), optional=0),
}


class _ReadOnlyPv(Pv):
    """A value that nobody can change."""

    async def write(self, value: PvInput) -> None:
        raise ValueError(value, "simulated variables are read only")


class _RulePv(ChangingPv, _ReadOnlyPv):
    """A value that changes from time to time, by a rule."""

    def __init__(self, rule: Rule, update: float, start: float, clock: Clock) -> None:
        self._clock = clock
        self._rule = rule
        self._update = update
        self._start = start
        super().__init__(clock)

    def _elapsed(self) -> tuple[float, int]:
        """Return the seconds since the start, and how many updates were in them."""
        seconds = self._clock.monotonic() - self._start
        return seconds, math.floor(seconds / self._update + _ALMOST)

    def now(self) -> Reading:
        seconds, count = self._elapsed()
        since = round(1000 * (seconds - count * self._update))
        return Reading(self._rule(count), milliseconds(self._clock) - max(0, since))

    def pause(self) -> float:
        seconds, count = self._elapsed()
        return (count + 1) * self._update - seconds


class _PeakPv(_ReadOnlyPv):
    """A signal that is strongest where another variable has a certain value."""

    def __init__(self, name: PvName, pool: PvPool) -> None:
        items = (name.arguments or "").split(",")
        numbers: list[float] = []
        while items and len(numbers) < 4 and (number := _number_or_none(items[-1])) is not None:
            numbers.insert(0, number)
            items.pop()
        if not items or len(numbers) < 3 or numbers[1] == 0:
            raise ValueError("expected the name of a PV, centre, width and height, and perhaps noise")
        self._centre, self._width, self._height = numbers[:3]
        self._noise = numbers[3] if len(numbers) > 3 else 0.0
        self._random = _random(name.key)
        self._pool = pool
        self._source_name = ",".join(items).strip()
        self._source = pool.acquire(self._source_name)
        super().__init__(self._signal(self._source.reading))

    def _signal(self, source: Reading | None) -> Reading | None:
        if source is None:
            return None
        distance = (number_of(source.value) - self._centre) / self._width
        noise = self._random.gauss(0, self._noise) if self._noise else 0.0
        return Reading(self._height * math.exp(-distance * distance / 2) + noise, source.time)

    async def read(self) -> Reading | None:
        self.reading = self._signal(await self._source.read())
        return self.reading

    def subscribe(self, listener: Callable[[], None]) -> None:
        if not self._listeners:
            self._source.subscribe(self._follow)
        super().subscribe(listener)

    def unsubscribe(self, listener: Callable[[], None]) -> None:
        super().unsubscribe(listener)
        if not self._listeners:
            self._source.unsubscribe(self._follow)

    def _follow(self) -> None:
        self.update(self._signal(self._source.reading))

    def close(self) -> None:
        self._pool.release(self._source_name)


def _number_or_none(text: str) -> float | None:
    try:
        return _numbers(text)[0]
    except (ValueError, IndexError):
        return None
