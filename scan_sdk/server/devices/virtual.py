"""Devices that move: motors and counters for trying things out without hardware.

`motor://x(position, rate)` is a motor as beamlines have them: the variable holds where it is asked to go,
and `motor://x.RBV` is its readback, which gets there at `rate` units per second. A write with completion
completes on arrival. `counter://n(rate)` counts up at `rate` per second from the number last written to it.

Both are hardware of a kind: they keep their position from scan to scan for as long as the server runs.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import parse_double
from scan_sdk.server.clock import milliseconds
from scan_sdk.server.devices.changing import ChangingPv
from scan_sdk.server.devices.pv import Provider, Pv
from scan_sdk.server.devices.values import Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.server.clock import Clock, Timer
    from scan_sdk.server.devices.pv import PvName
    from scan_sdk.server.devices.values import PvInput

__all__ = ["CounterProvider", "MotorProvider"]

_READBACK: Final = ".RBV"


class MotorProvider(Provider):
    """Makes the variables of motors, and keeps the motors."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._motors: dict[str, _Motor] = {}

    def create(self, name: PvName) -> Pv:
        """Make the variable of a motor's field; the motor is made with the first of them."""
        base = name.base.removesuffix(_READBACK)
        motor = self._motors.get(base)
        if motor is None:
            position, rate = _numbers(name, 0.0, 1.0)
            motor = self._motors[base] = _Motor(position, rate, self._clock)
        return (_MotorReadback if name.base.endswith(_READBACK) else _MotorPv)(motor)

    def reset(self) -> None:
        """Forget where the motors are."""
        self._motors.clear()


class CounterProvider(Provider):
    """Makes the variables of counters, and keeps the counters."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._counters: dict[str, _Counter] = {}

    def create(self, name: PvName) -> Pv:
        """Make the variable of a counter; the counter is made with the first of them."""
        counter = self._counters.get(name.base)
        if counter is None:
            (rate,) = _numbers(name, 1.0)
            counter = self._counters[name.base] = _Counter(rate, self._clock)
        return _CounterPv(counter)

    def reset(self) -> None:
        """Forget the counts."""
        self._counters.clear()


def _numbers(name: PvName, *defaults: float) -> tuple[float, ...]:
    """Return the arguments of a name as numbers, with defaults for those left out."""
    texts = name.arguments.split(",") if name.arguments else []
    if len(texts) > len(defaults):
        raise ValueError(f"expected at most {len(defaults)} numbers, got {len(texts)}")
    given = tuple(parse_double(text.strip()) for text in texts)
    numbers = given + defaults[len(given) :]
    if not all(map(math.isfinite, numbers)) or numbers[-1] <= 0:
        raise ValueError("expected finite numbers, the rate above 0")
    return numbers


def _target(value: PvInput) -> float:
    if isinstance(value, tuple):
        raise ValueError("expected one number, got a row")  # noqa: TRY004  # no fault of a type in the program
    number = parse_double(value) if isinstance(value, str) else value
    if not math.isfinite(number):
        raise ValueError(f"cannot go to {value}")
    return number


class _Motor:
    """Goes from one position to another at a constant rate."""

    def __init__(self, position: float, rate: float, clock: Clock) -> None:
        self.target = position
        self.clock = clock
        self._rate = rate
        self._start = position
        self._left = clock.monotonic()
        self._last_move = milliseconds(clock)
        self._arrival: Timer | None = None
        self._arrived: list[Callable[[], None]] = []

    @property
    def moving(self) -> bool:
        return self._arrival is not None

    def position(self) -> Reading:
        if not self.moving:
            return Reading(self.target, self._last_move)
        way = self._rate * (self.clock.monotonic() - self._left)
        distance = self.target - self._start
        position = self.target if way >= abs(distance) else self._start + math.copysign(way, distance)
        return Reading(position, milliseconds(self.clock))

    def move(self, target: float) -> None:
        """Set out for a position; whoever waits for an earlier one waits for this one too."""
        here = self.position().value
        assert isinstance(here, float)
        if self._arrival is not None:
            self._arrival.cancel()
        self._start, self.target, self._left = here, target, self.clock.monotonic()
        self._arrival = self.clock.call_later(abs(target - here) / self._rate, self._arrive)

    def when_arrived(self, callback: Callable[[], None]) -> None:
        if self.moving:
            self._arrived.append(callback)
        else:
            callback()

    def _arrive(self) -> None:
        self._arrival = None
        self._last_move = milliseconds(self.clock)
        callbacks, self._arrived = self._arrived, []
        for callback in callbacks:
            callback()


class _MotorPv(Pv):
    """Where a motor is asked to go."""

    def __init__(self, motor: _Motor) -> None:
        super().__init__(Reading(motor.target, milliseconds(motor.clock)))
        self._motor = motor

    async def write(self, value: PvInput) -> None:
        target = _target(value)
        self._motor.move(target)
        self.update(Reading(target, milliseconds(self._motor.clock)))

    async def put(self, value: PvInput) -> asyncio.Future[None]:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self.write(value)
        self._motor.when_arrived(lambda: None if done.done() else done.set_result(None))
        return done


class _MotorReadback(ChangingPv):
    """Where a motor is."""

    def __init__(self, motor: _Motor) -> None:
        self._motor = motor
        super().__init__(motor.clock)

    def now(self) -> Reading:
        return self._motor.position()

    async def write(self, value: PvInput) -> None:
        raise ValueError(value, "a readback is not written")


class _Counter:
    """Counts up by itself."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self.clock = clock
        self._rate = rate
        self.reset(0.0)

    def reset(self, count: float) -> None:
        self._count, self._since = count, self.clock.monotonic()

    def count(self) -> Reading:
        counted = math.floor(self._rate * (self.clock.monotonic() - self._since))
        return Reading(self._count + counted, milliseconds(self.clock))


class _CounterPv(ChangingPv):
    """What a counter shows."""

    def __init__(self, counter: _Counter) -> None:
        self._counter = counter
        super().__init__(counter.clock)

    def now(self) -> Reading:
        return self._counter.count()

    async def write(self, value: PvInput) -> None:
        self._counter.reset(_target(value))
        self.update(self.now())
