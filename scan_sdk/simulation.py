"""What a scan would do and how long it would take, without doing it.

The steps, their wording and their times are the scan server's. Nothing here knows of a server: what it would
look up is given as functions, so one simulation serves the embedded server, offline checks and "time left".
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk._wire.command_reader import DEEPEST
from scan_sdk._wire.java import format_double, parse_double
from scan_sdk._wire.macros import parse_macros, resolve
from scan_sdk._wire.text import describe, describe_condition
from scan_sdk.models import (
    Comparison,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    ScanConfig,
    Sequence,
    Set,
    SimulationResult,
    Wait,
)
from scan_sdk.models.walk import LoopWalk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scan_sdk.models import Command

__all__ = [
    "DEFAULT_SLEW_RATE",
    "SimulatedDevice",
    "SimulationEnds",
    "SimulationView",
    "devices_of",
    "initial_number",
    "own_devices",
    "simulate",
]

DEFAULT_SLEW_RATE: Final = 0.05
"""Units per second of a device whose rate the configuration does not give."""
MOST_LINES: Final = 200_000
"""Lines after which a simulation gives up; a loop can easily have a billion steps."""


def own_devices(command: Command) -> tuple[str, ...]:
    """Return the devices that a command itself uses, those of its body left out, macros not replaced."""
    match command:
        case Set() | Loop():
            readback = (command.readback,) if command.wait and command.readback else ()
            return (command.device, *readback)
        case Wait() | If():
            return (command.device,)
        case Log():
            return command.devices
        case _:
            return ()


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
    if depth > DEEPEST:
        raise ValueError(f"commands are nested more than {DEEPEST} deep, or files include each other")
    for command in commands:
        for name in own_devices(command):
            yield resolve(name, macros)
        if isinstance(command, If | Loop | Parallel | Sequence):
            yield from _devices_of(command.body, macros, load, depth + 1)
        elif isinstance(command, Include) and load is not None:
            inner = {**macros, **parse_macros(command.macros)}
            yield from _devices_of(load(command.scan_file), inner, load, depth + 1)


def simulate(
    commands: Iterable[Command],
    config: ScanConfig | None = None,
    *,
    macros: Mapping[str, str] | None = None,
    load: Callable[[str], Iterable[Command]] | None = None,
    read: Callable[[str], float | str | None] | None = None,
    devices: Iterable[str] | None = None,
    hook: Callable[[Command, SimulationView], bool] | None = None,
) -> SimulationResult:
    """Simulate a scan.

    Args:
        commands: The commands.
        config: Aliases, slew rates, limits and macros of the server; none of them by default.
        macros: Macros besides those of the configuration.
        load: Reads an included file by its name; without it, includes are named but not followed.
        read: Reads a PV by its full name, None where it cannot be reached. By default all can be reached, and
            a limit is the initial value of a `loc://` PV.
        devices: The devices that the scan uses; by default those that its commands name.
        hook: Asked before each command whether it simulates that itself; it may raise `SimulationEnds`.

    Returns:
        The steps as text, and the estimated time. A value outside the limits of its device ends the steps
        with a line that starts `ERROR: `, as do too many steps; a device that cannot be reached adds such a
        line.

    Raises:
        ValueError: Macros cannot be read, or files include each other without end.
    """
    commands = tuple(commands)
    config = config or ScanConfig()
    in_force = parse_macros(config.macros) | dict(macros or {})
    used = devices_of(commands, in_force, load) if devices is None else devices
    simulation = _Simulation(config, load, read or initial_number, hook)
    if read is not None:
        simulation.check_access(used)
    try:
        simulation.perform(commands, in_force, ())
    except SimulationEnds as error:
        simulation.lines.append(f"ERROR: {error}")
    total = f"{_clock_text(simulation.seconds)}   Total estimated execution time"
    lines = ["Simulation:", "--------", *simulation.lines, "--------", total, ""]
    return SimulationResult(log="\n".join(lines), seconds=simulation.seconds)


class SimulationEnds(Exception):
    """The simulation cannot go on, for the reason that the text gives."""


class SimulatedDevice:
    """A device as the simulation last left it.

    Attributes:
        value: Its value; NaN where it is not known.
    """

    def __init__(self, name: str, rate: float, low: float, high: float) -> None:
        """Take its slew rate in units per second, and its limits; NaN for none."""
        self.value: float = math.nan
        self._name = name
        self._rate = rate
        self._low = low
        self._high = high

    def time_to(self, value: float) -> float:
        """Return how long it takes to a value, in seconds; one where that is not known."""
        seconds = abs(value - self.value) / self._rate
        return seconds if math.isfinite(seconds) else 1.0

    def move(self, value: float | str | tuple[str, ...]) -> None:
        """Take a value; texts are not followed.

        Raises:
            SimulationEnds: It is outside the limits.
        """
        if not isinstance(value, float):
            return
        if (math.isfinite(self._low) and value < self._low) or (
            math.isfinite(self._high) and value > self._high
        ):
            low, high = format_double(self._low), format_double(self._high)
            wanted = f"{self._name} = {format_double(value)}"
            raise SimulationEnds(f"Cannot set {wanted}, valid range is {low} .. {high}")
        self.value = value

    @property
    def was(self) -> str:
        """What to add to a step about the value before it; empty where that is not known."""
        return "" if math.isnan(self.value) else f" [was {format_double(self.value)}]"


class _Pvs(NamedTuple):
    """What a configuration says of PVs, by their names."""

    aliases: dict[str, str]
    rates: dict[str, float]
    patterns: list[tuple[re.Pattern[str], float]]
    lows: dict[str, str]
    highs: dict[str, str]

    @classmethod
    def of(cls, config: ScanConfig) -> _Pvs:
        named = [(pv.name, pv) for pv in config.pvs if pv.name is not None]
        return cls(
            {pv.alias: name for name, pv in named if pv.alias},
            {name: pv.slew_rate for name, pv in named if pv.slew_rate is not None},
            [
                (re.compile(pv.name_pattern), pv.slew_rate)
                for pv in config.pvs
                if pv.name_pattern is not None and pv.slew_rate is not None
            ],
            {name: pv.minimum for name, pv in named if pv.minimum},
            {name: pv.maximum for name, pv in named if pv.maximum},
        )

    def rate(self, device: str) -> float:
        known = self.rates.get(self.aliases.get(device, device))
        if known is not None:
            return known
        return next((rate for pattern, rate in self.patterns if pattern.fullmatch(device)), DEFAULT_SLEW_RATE)


class _Simulation:
    def __init__(
        self,
        config: ScanConfig,
        load: Callable[[str], Iterable[Command]] | None,
        read: Callable[[str], float | str | None],
        hook: Callable[[Command, SimulationView], bool] | None,
    ) -> None:
        self.lines: list[str] = []
        self.seconds: float = 0.0
        self._pvs = _Pvs.of(config)
        self._load = load
        self._read = read
        self._hook = hook
        self._devices: dict[str, SimulatedDevice] = {}
        self._walks: dict[tuple[int, ...], LoopWalk] = {}
        self._level = 0

    def check_access(self, names: Iterable[str]) -> None:
        """Add a line for each device, and each PV of their limits, that cannot be reached."""
        used = {self._pvs.aliases.get(name, name): name for name in names}
        limits = [table[pv] for pv in used for table in (self._pvs.lows, self._pvs.highs) if pv in table]
        for pv, name in (used | {limit: limit for limit in limits}).items():
            if self._read(pv) is None:
                shown = name if name == pv else f"{name} [{pv}]"
                self.lines.append(f"ERROR: Cannot access {shown} (Disconnected)")

    def perform(self, commands: Iterable[Command], macros: Mapping[str, str], place: tuple[int, ...]) -> None:
        for index, command in enumerate(commands):
            here = (*place, index)
            if self._hook is None or not self._hook(command, SimulationView(self, macros)):
                self._perform(command, macros, here)

    def _perform(self, command: Command, macros: Mapping[str, str], here: tuple[int, ...]) -> None:
        match command:
            case Set():
                self._set(command, macros)
            case Loop():
                self._loop(command, macros, here)
            case Wait():
                self._wait(command, macros)
            case Delay():
                self.log(describe(command), command.seconds)
            case If():
                self.log(f"{resolve(describe(command), macros)}:", 0.1)
                self.perform(command.body, macros, here)
                self.log("End If", 0)
            case Parallel():
                self._parallel(command, macros, here)
            case Sequence():
                self.perform(command.body, macros, here)
            case Include():
                self._include(command, macros, here)
            case _:
                self.log(resolve(describe(command), macros), 0.1)

    def log(self, text: str, seconds: float) -> None:
        if len(self.lines) >= MOST_LINES:
            raise SimulationEnds(f"More than {MOST_LINES} steps are not simulated")
        self.lines.append(f"{_clock_text(self.seconds)} - {text}")
        self.seconds += seconds

    def device(self, name: str, macros: Mapping[str, str]) -> SimulatedDevice:
        name = resolve(name, macros)
        device = self._devices.get(name)
        if device is None:
            pv = self._pvs.aliases.get(name, name)
            low, high = self._limit(self._pvs.lows.get(pv)), self._limit(self._pvs.highs.get(pv))
            device = self._devices[name] = SimulatedDevice(name, self._pvs.rate(name), low, high)
        return device

    def _limit(self, pv: str | None) -> float:
        value = None if pv is None else self._read(pv)
        return value if isinstance(value, float | int) else math.nan

    def _set(self, command: Set, macros: Mapping[str, str]) -> None:
        device = self.device(command.device, macros)
        value = command.value
        text, number = (value, math.nan) if isinstance(value, str) else (format_double(value), value)
        shown = f"Set '{command.device}' = {text}{describe_condition(command)}{device.was}"
        self.log(shown, device.time_to(number) if command.wait else 0)
        device.move(value)

    def _loop(self, command: Loop, macros: Mapping[str, str], place: tuple[int, ...]) -> None:
        device = self.device(command.device, macros)
        walk = self._walks.setdefault(place, LoopWalk(command))
        condition = describe_condition(command)
        for value in walk.values(command):
            shown = f"Loop '{command.device}' = {format_double(value)}{condition}{device.was}"
            self.log(resolve(shown, macros), device.time_to(value) if command.wait else 0)
            device.move(value)
            self.perform(command.body, macros, place)

    def _wait(self, command: Wait, macros: Mapping[str, str]) -> None:
        device = self.device(command.device, macros)
        wanted, seconds = command.value, 1.0
        if isinstance(wanted, float):
            if command.comparison in {Comparison.INCREASE_BY, Comparison.DECREASE_BY}:
                if math.isnan(device.value):
                    device.move(0.0)
                up = command.comparison is Comparison.INCREASE_BY
                wanted = device.value + wanted if up else device.value - wanted
            seconds = device.time_to(wanted)
        self.log(f"{describe(command)}{device.was}", seconds)
        device.move(wanted)

    def _parallel(self, command: Parallel, macros: Mapping[str, str], place: tuple[int, ...]) -> None:
        self._level += 1
        level = f" (level {self._level})" if self._level > 1 else ""
        self.log(f"Start following commands in parallel{level}", 0)
        self.perform(command.body, macros, place)
        self.log(f"Await completion of above commands{level}", 0)
        self._level -= 1

    def _include(self, command: Include, macros: Mapping[str, str], place: tuple[int, ...]) -> None:
        inner = {**macros, **parse_macros(command.macros)}
        self.log(resolve(describe(command), inner), 0)
        if self._load is not None:
            self.perform(self._load(command.scan_file), inner, place)


class SimulationView:
    """A simulation as a hook takes part in it, at one command."""

    def __init__(self, simulation: _Simulation, macros: Mapping[str, str]) -> None:
        """Take the simulation, and the macros in force."""
        self._simulation = simulation
        self._macros = macros

    @property
    def seconds(self) -> float:
        """How long the scan has taken so far."""
        return self._simulation.seconds

    def log(self, text: str, seconds: float) -> None:
        """Add a step, and the seconds that it takes."""
        self._simulation.log(text, seconds)

    def error(self, text: str) -> None:
        """Add a line with an error."""
        self._simulation.lines.append(f"ERROR: {text}")

    def resolve(self, text: str) -> str:
        """Replace macros."""
        return resolve(text, self._macros)

    def device(self, name: str) -> SimulatedDevice:
        """Return a device, by a name that may hold macros."""
        return self._simulation.device(name, self._macros)


def _clock_text(seconds: float) -> str:
    whole = int(seconds) if math.isfinite(seconds) else 0
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


_LOCAL_NUMBER: Final = re.compile(r"loc://[^(<]*(?:<[^>]*>)?\((.*)\)")


def initial_number(pv: str) -> float | None:
    """Return the number that a `loc://` PV begins with, None for any other PV."""
    found = _LOCAL_NUMBER.fullmatch(pv)
    try:
        return parse_double(found[1]) if found else None
    except ValueError:
        return None
