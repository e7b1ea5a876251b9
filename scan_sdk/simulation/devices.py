"""Devices as a simulation sees them: which ones commands use, how fast they are, and where they may go."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import format_double, parse_double
from scan_sdk._dialect.macros import parse_macros, resolve
from scan_sdk.models import Include, tree
from scan_sdk.models.commands import own_devices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scan_sdk.models import Command, ScanConfig

DEFAULT_SLEW_RATE: Final = 0.05
"""Units per second of a device whose rate the configuration does not give."""
TOO_DEEP: Final = f"{tree.TOO_DEEP}, or files include each other"


def devices_of(
    commands: Iterable[Command],
    macros: Mapping[str, str],
    load: Callable[[str], Iterable[Command]] | None = None,
) -> list[str]:
    """Return the devices that commands use, in order and each once.

    Args:
        commands: The commands.
        macros: Macros in force.
        load: Reads an included file by its name; without it, includes are passed over.

    Returns:
        Names or aliases, macros replaced.

    Raises:
        ValueError: Macros cannot be read, or files include each other without end.
    """
    return list(dict.fromkeys(_devices_of(commands, macros, load, 0)))


def _devices_of(
    commands: Iterable[Command],
    macros: Mapping[str, str],
    load: Callable[[str], Iterable[Command]] | None,
    depth: int,
) -> Iterator[str]:
    if depth > tree.DEEPEST:
        raise ValueError(TOO_DEEP)
    for command in commands:
        for name in own_devices(command):
            yield resolve(name, macros)
        if body := tree.body_of(command):
            yield from _devices_of(body, macros, load, depth + 1)
        elif isinstance(command, Include) and load is not None:
            inner = {**macros, **parse_macros(command.macros)}
            yield from _devices_of(load(command.scan_file), inner, load, depth + 1)


class SimulationEnds(Exception):
    """The simulation cannot go on, for the reason that the text gives."""


class SimulatedDevice:
    """A device as the simulation last left it.

    Args:
        rate: Units per second.
        low: The lower limit; NaN for none.
        high: The upper limit; NaN for none.

    Attributes:
        name: What the commands call it.
        value: Its value; NaN where it is not known.
        limited: Whether it has limits.
    """

    def __init__(self, name: str, rate: float, low: float, high: float) -> None:
        self.name: str = name
        self.value: float = math.nan
        self.limited: bool = math.isfinite(low) or math.isfinite(high)
        self._rate = rate
        self._low = low
        self._high = high

    def time_to(self, value: float) -> float:
        """Return how long it takes to a value, in seconds; one where that is not known."""
        seconds = abs(value - self.value) / self._rate
        return seconds if math.isfinite(seconds) else 1.0

    def refuses(self, value: float) -> bool:
        """Tell whether a value is outside the limits."""
        return (math.isfinite(self._low) and value < self._low) or (
            math.isfinite(self._high) and value > self._high
        )

    def move(self, value: float | str | tuple[str, ...]) -> None:
        """Take a value; texts are not followed.

        Raises:
            SimulationEnds: It is outside the limits.
        """
        if not isinstance(value, float):
            return
        if self.limited and self.refuses(value):
            low, high = format_double(self._low), format_double(self._high)
            wanted = f"{self.name} = {format_double(value)}"
            raise SimulationEnds(f"Cannot set {wanted}, valid range is {low} .. {high}")
        self.value = value

    @property
    def was(self) -> str:
        """What to add to a step about the value before it; empty where that is not known."""
        return "" if math.isnan(self.value) else f" [was {format_double(self.value)}]"


class SimulatedDevices:
    """The devices of one simulation, by what the commands call them."""

    def __init__(self, config: ScanConfig, read: Callable[[str], float | str | None]) -> None:
        named = [(pv.name, pv) for pv in config.pvs if pv.name is not None]
        self._read = read
        self._devices: dict[str, SimulatedDevice] = {}
        self._aliases = {pv.alias: name for name, pv in named if pv.alias}
        self._rates = {name: pv.slew_rate for name, pv in named if pv.slew_rate is not None}
        self._patterns = [
            (re.compile(pv.name_pattern), pv.slew_rate)
            for pv in config.pvs
            if pv.name_pattern is not None and pv.slew_rate is not None
        ]
        self._lows = {name: pv.minimum for name, pv in named if pv.minimum}
        self._highs = {name: pv.maximum for name, pv in named if pv.maximum}

    def __getitem__(self, name: str) -> SimulatedDevice:
        device = self._devices.get(name)
        if device is None:
            pv = self._aliases.get(name, name)
            low, high = self._limit(self._lows.get(pv)), self._limit(self._highs.get(pv))
            device = self._devices[name] = SimulatedDevice(name, self._rate(name, pv), low, high)
        return device

    def _rate(self, name: str, pv: str) -> float:
        known = self._rates.get(pv)
        if known is not None:
            return known
        return next((rate for pattern, rate in self._patterns if pattern.fullmatch(name)), DEFAULT_SLEW_RATE)

    def _limit(self, pv: str | None) -> float:
        value = None if pv is None else self._read(pv)
        return value if isinstance(value, float | int) else math.nan

    def unreachable(self, names: Iterable[str]) -> Iterator[str]:
        """Yield each device, and each PV of their limits, that cannot be reached."""
        used = {self._aliases.get(name, name): name for name in names}
        limits = [table[pv] for pv in used for table in (self._lows, self._highs) if pv in table]
        for pv, name in (used | {limit: limit for limit in limits}).items():
            if self._read(pv) is None:
                yield name if name == pv else f"{name} [{pv}]"


_LOCAL_NUMBER: Final = re.compile(r"loc://[^(<]*(?:<[^>]*>)?\((.*)\)")


def initial_number(pv: str) -> float | None:
    """Return the number that a `loc://` PV begins with, None for any other PV."""
    found = _LOCAL_NUMBER.fullmatch(pv)
    try:
        return parse_double(found[1]) if found else None
    except ValueError:
        return None
