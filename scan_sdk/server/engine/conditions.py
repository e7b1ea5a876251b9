"""Conditions on the value of a device, and waiting for them."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import format_double
from scan_sdk._dialect.lists import read_list, write_list
from scan_sdk.models import Comparison
from scan_sdk.server.devices.values import number_of, text_of
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.context import Device
    from scan_sdk.server.devices.values import PvValue
    from scan_sdk.server.engine.gate import Gate

    Wanted: TypeAlias = float | str | tuple[str, ...]

__all__ = ["Condition", "ConditionTimeout"]


class ConditionTimeout(CommandFailed):
    """A condition was not met in time."""


class Condition:
    """What the value of a device is compared with.

    Numbers are compared with numbers, texts with what the server shows of the value.

    Attributes:
        wanted: The number, the text, or the texts of IN and NOT_IN.
    """

    def __init__(
        self,
        device: Device,
        wanted: Wanted,
        comparison: Comparison = Comparison.EQUALS,
        tolerance: float = 0.0,
    ) -> None:
        """Take what is compared.

        Raises:
            CommandFailed: Such values are not compared in this way.
        """
        numeric = not isinstance(wanted, str | tuple)
        if comparison not in (_NUMERIC if numeric else _TEXTUAL):
            for_what = "" if numeric else " for strings"
            raise CommandFailed(f"Condition not implemented{for_what}: {comparison.symbol}")
        self.wanted = wanted
        self._device = device
        self._comparison = comparison
        self._tolerance = abs(tolerance)
        self._initial = math.nan

    async def check(self) -> bool:
        """Read the device anew and return whether the condition is met; differences count from here."""
        value = (await self._device.read()).value
        self._initial = number_of(value)
        return self._met(value)

    async def wait(self, gate: Gate, seconds: float, clock: Clock) -> None:
        """Wait until the condition is met.

        Args:
            gate: What the command waits at.
            seconds: How long at most; 0 for ever.
            clock: By which time.

        Raises:
            ConditionTimeout: It was not met in time.
            Skipped: Someone wants the next command.
        """
        if await self.check():
            return
        met: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def look() -> None:
            reading = self._device.reading
            if reading is None or met.done():
                return
            if math.isnan(self._initial):
                self._initial = number_of(reading.value)
            if self._met(reading.value):
                met.set_result(None)

        self._device.subscribe(look)
        try:
            await gate.hold(met, seconds, clock)
        except TimeoutError:
            raise ConditionTimeout(f"Timeout while waiting for {self}") from None
        finally:
            self._device.unsubscribe(look)

    def _met(self, value: PvValue) -> bool:
        wanted = self.wanted
        if isinstance(wanted, str | tuple):
            return _TEXTUAL[self._comparison](text_of(value), wanted)
        return _NUMERIC[self._comparison](number_of(value), wanted, self._tolerance, self._initial)

    def __str__(self) -> str:
        wanted = self.wanted
        if isinstance(wanted, tuple):
            wanted = write_list(wanted)
        elif not isinstance(wanted, str):
            wanted = format_double(wanted)
        return f"{self._device} {self._comparison.symbol} {wanted}"


_NUMERIC: Final[dict[Comparison, Callable[[float, float, float, float], bool]]] = {
    Comparison.EQUALS: lambda value, wanted, tolerance, _: abs(wanted - value) <= tolerance,
    Comparison.UNEQUAL: lambda value, wanted, _tolerance, _: value != wanted,
    Comparison.AT_LEAST: lambda value, wanted, _tolerance, _: value >= wanted,
    Comparison.ABOVE: lambda value, wanted, _tolerance, _: value > wanted,
    Comparison.AT_MOST: lambda value, wanted, _tolerance, _: value <= wanted,
    Comparison.BELOW: lambda value, wanted, _tolerance, _: value < wanted,
    Comparison.INCREASE_BY: lambda value, wanted, _, initial: value >= initial + wanted,
    Comparison.DECREASE_BY: lambda value, wanted, _, initial: value <= initial - wanted,
}


def _is_in(value: str, wanted: str | tuple[str, ...]) -> bool:
    texts = wanted if isinstance(wanted, tuple) else read_list(wanted)
    return value in texts or value.strip() in texts


def _order(compare: Callable[[str, str], bool]) -> Callable[[str, str | tuple[str, ...]], bool]:
    return lambda value, wanted: compare(value, wanted if isinstance(wanted, str) else write_list(wanted))


_TEXTUAL: Final[dict[Comparison, Callable[[str, str | tuple[str, ...]], bool]]] = {
    Comparison.EQUALS: _order(lambda value, wanted: value == wanted),
    Comparison.UNEQUAL: _order(lambda value, wanted: value != wanted),
    Comparison.AT_LEAST: _order(lambda value, wanted: value >= wanted),
    Comparison.ABOVE: _order(lambda value, wanted: value > wanted),
    Comparison.AT_MOST: _order(lambda value, wanted: value <= wanted),
    Comparison.BELOW: _order(lambda value, wanted: value < wanted),
    Comparison.IN: _is_in,
    Comparison.NOT_IN: lambda value, wanted: not _is_in(value, wanted),
}
