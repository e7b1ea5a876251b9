"""What commands do in a simulation, and how long that takes: once for its text, and once for its numbers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.java import format_double
from scan_sdk._dialect.macros import parse_macros, resolve
from scan_sdk._dialect.wording import describe, describe_condition
from scan_sdk._registry import SIMULATING
from scan_sdk.models import Comparison, Delay, If, Include, Loop, Parallel, Sequence, Set, Wait
from scan_sdk.models.commands import COMMANDS, own_devices, work_units
from scan_sdk.models.loops import LoopWalk
from scan_sdk.models.tree import DEEPEST, body_of
from scan_sdk.simulation.devices import TOO_DEEP, SimulatedDevice, SimulationEnds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeAlias

    from scan_sdk.models import Command
    from scan_sdk.simulation.devices import SimulatedDevices

    Load: TypeAlias = Callable[[str], Iterable[Command]]
    """Reads an included file by its name."""

RELATIVE = frozenset({Comparison.INCREASE_BY, Comparison.DECREASE_BY})


class Kind(StrEnum):
    """What a step of a scan takes its time for."""

    MOVE = "moving"
    """A device goes to a value."""
    WAIT = "waiting"
    """A device is to get to a value by itself, such as a counter."""
    DELAY = "delays"
    """Time that the scan says."""
    OTHER = "other"
    """All else: logging, comments, scripts; a tenth of a second each, whatever it is."""


class Node:
    """A command in its place in a scan.

    Attributes:
        command: The command.
        macros: Macros in force there.
        address: Its number in the scan, -1 for commands of included files.
        devices: All devices of the simulation.
        body: The nodes of its body, or of the file that it includes.
        device: The device that a Set, Loop or Wait moves or waits for; None for other commands.
        walk: What a loop remembers between runs.
        moved: Devices that it, or its body, takes to values that it says.
        shifted: Devices that it, or its body, waits for to change by what it says.
        turning: The loops in it, itself included, that change direction.
    """

    __slots__ = (
        "address",
        "body",
        "command",
        "device",
        "devices",
        "macros",
        "moved",
        "shifted",
        "turning",
        "walk",
    )

    def __init__(
        self, command: Command, macros: Mapping[str, str], address: int, devices: SimulatedDevices
    ) -> None:
        self.command: Command = command
        self.macros: Mapping[str, str] = macros
        self.address: int = address
        self.devices: SimulatedDevices = devices
        self.device: SimulatedDevice | None = None
        if isinstance(command, Set | Loop | Wait):
            self.device = devices[resolve(command.device, macros)]
        self.body: tuple[Node, ...] = ()
        self.walk: LoopWalk | None = LoopWalk(command) if isinstance(command, Loop) else None
        self.moved: frozenset[SimulatedDevice] = _NONE
        self.shifted: frozenset[SimulatedDevice] = _NONE
        self.turning: tuple[LoopWalk, ...] = ()

    def gather(self) -> None:
        """Collect what the command and its body do to devices."""
        command, own = self.command, _NONE
        if self.device is not None:
            own = frozenset((self.device,)) if isinstance(command, Loop) or _is_numeric(command) else _NONE
        elif not isinstance(command, COMMANDS):  # an extension may do anything to the devices that it uses
            own = frozenset(self.devices[resolve(name, self.macros)] for name in own_devices(command))
        if isinstance(command, Wait) and command.comparison in RELATIVE:
            self.shifted = own
        else:
            self.moved = own
        if self.walk is not None and self.walk.alternates:
            self.turning = (self.walk,)
        if self.body:
            self.moved = self.moved.union(*(node.moved for node in self.body))
            self.shifted = self.shifted.union(*(node.shifted for node in self.body))
            self.turning = sum((node.turning for node in self.body), self.turning)


_NONE: Final[frozenset[SimulatedDevice]] = frozenset()


def _is_numeric(command: Command) -> bool:
    return isinstance(command, Set | Wait) and isinstance(command.value, float)


class Program:
    """Commands made ready to be simulated: files read, macros replaced, devices found, addresses given.

    Args:
        devices: The devices.
        load: Reads included files; None where they are not followed.
    """

    def __init__(self, devices: SimulatedDevices, load: Load | None) -> None:
        self._devices = devices
        self._load = load
        self._files: dict[str, tuple[Command, ...]] = {}
        self._address = 0
        self._included = 0
        self._depth = 0

    def nodes(self, commands: Iterable[Command], macros: Mapping[str, str]) -> tuple[Node, ...]:
        """Return the nodes of commands.

        Raises:
            ValueError: Macros cannot be read, or files include each other without end.
        """
        if self._depth > DEEPEST:
            raise ValueError(TOO_DEEP)
        self._depth += 1
        nodes = tuple(self._node(command, macros) for command in commands)
        self._depth -= 1
        return nodes

    def _node(self, command: Command, macros: Mapping[str, str]) -> Node:
        node = Node(command, macros, -1 if self._included else self._address, self._devices)
        self._address += not self._included
        if body := body_of(command):
            node.body = self.nodes(body, macros)
        elif isinstance(command, Include):
            node.macros = {**macros, **parse_macros(command.macros)}
            if self._load is not None:
                self._included += 1
                node.body = self.nodes(self._file(command.scan_file, self._load), node.macros)
                self._included -= 1
        node.gather()
        return node

    def _file(self, name: str, load: Load) -> tuple[Command, ...]:
        if name not in self._files:
            self._files[name] = tuple(load(name))
        return self._files[name]


class Performance(ABC):
    """Goes through commands as the scan server does when it simulates."""

    def perform(self, nodes: Iterable[Node]) -> None:
        """Perform commands one after the other.

        Raises:
            SimulationEnds: It cannot go on.
        """
        for node in nodes:
            self.perform_one(node)

    def perform_one(self, node: Node) -> None:
        """Perform one command, as is registered for its kind."""
        here = Here(self, node)
        simulate = SIMULATING.of(type(node.command))
        try:
            seconds = 0.1 if simulate is None else simulate(node.command, here)
        except (SimulationEnds, ValueError):
            raise
        except Exception as error:
            if simulate is None or simulate.__module__.startswith("scan_sdk."):
                raise
            what = f"{type(node.command).__name__}: {type(error).__name__}: {error}"
            raise SimulationEnds(what) from error
        if seconds is not None:
            here.step(seconds)
            here.perform_body()
        here.end()

    @abstractmethod
    def step(self, node: Node, kind: Kind, seconds: float, text: Callable[[], str], units: int) -> None:
        """Take notice of a step.

        Args:
            node: The command.
            kind: What the time is for.
            seconds: How long it takes.
            text: Returns what the server says of it.
            units: Units of work that the server counts once it is done.
        """

    @abstractmethod
    def mark(self, text: str) -> None:
        """Take notice of a line that is no step."""

    @abstractmethod
    def parallel(self, node: Node) -> None:
        """Perform the commands of a body that run at the same time."""

    def sequence(self, node: Node) -> None:
        """Perform the commands of a sequence."""
        self.perform(node.body)

    def loop(self, node: Node, command: Loop) -> None:
        """Perform all steps of a loop."""
        assert node.walk is not None
        for value in node.walk.values(command):
            self.loop_step(node, command, value)

    def loop_step(self, node: Node, command: Loop, value: float) -> None:
        """Perform one step of a loop."""
        device = node.device
        assert device is not None

        def text() -> str:
            condition = describe_condition(command)
            shown = f"Loop '{command.device}' = {format_double(value)}{condition}{device.was}"
            return resolve(shown, node.macros)

        seconds = device.time_to(value) if command.wait else 0.0
        self.step(node, Kind.MOVE, seconds, text, 0 if node.body else 1)
        device.move(value)
        self.perform(node.body)


class Here:
    """A simulation at one of its commands; see `scan_sdk.extend.SimulationAccess`.

    Attributes:
        performance: What goes through the commands.
        node: The command in its place.
    """

    __slots__ = ("_units", "node", "performance")

    def __init__(self, performance: Performance, node: Node) -> None:
        self.performance: Performance = performance
        self.node: Node = node
        # Those of blocks are counted where their bodies are performed
        own = not isinstance(node.command, Loop | Sequence | Parallel)
        self._units = work_units(node.command, 0) if own else 0

    def resolve(self, text: str) -> str:
        """Return a text with its macros replaced."""
        return resolve(text, self.node.macros)

    def device(self, name: str) -> SimulatedDevice:
        """Return a device that the command uses.

        Raises:
            SimulationEnds: The command does not say that it uses it.
        """
        device = self.node.devices[self.resolve(name)]
        if device not in self.node.moved:
            raise SimulationEnds(
                f"{describe(self.node.command)} uses '{name}', and does not say so: see scan_sdk.extend.uses"
            )
        return device

    def step(
        self, seconds: float, text: str | Callable[[], str] | None = None, kind: Kind = Kind.OTHER
    ) -> None:
        """Add a step; with the first one the units of the command count as done."""
        units, self._units = self._units, 0
        shown = self._description if text is None else text
        self.performance.step(self.node, kind, seconds, shown if callable(shown) else lambda: shown, units)

    def _description(self) -> str:
        return self.resolve(describe(self.node.command))

    def perform_body(self) -> None:
        """Perform the body of the command once."""
        self.performance.perform(self.node.body)

    def end(self) -> None:
        """Count the units of a command that has taken no step."""
        if self._units:
            self.step(0.0)


@SIMULATING.register(Delay)
def _delay(command: Delay, here: Here) -> None:
    here.step(command.seconds, lambda: describe(command), Kind.DELAY)


@SIMULATING.register(If)
def _if(command: If, here: Here) -> None:
    here.step(0.1, lambda: f"{here.resolve(describe(command))}:")
    here.perform_body()
    here.performance.mark("End If")


@SIMULATING.register(Loop)
def _loop(command: Loop, here: Here) -> None:
    here.performance.loop(here.node, command)


@SIMULATING.register(Parallel)
def _parallel(_: Parallel, here: Here) -> None:
    here.performance.parallel(here.node)


@SIMULATING.register(Sequence)
def _sequence(_: Sequence, here: Here) -> None:
    here.performance.sequence(here.node)


@SIMULATING.register(Include)
def _include(command: Include, here: Here) -> None:
    here.performance.mark(here.resolve(describe(command)))
    here.perform_body()


@SIMULATING.register(Set)
def _set(command: Set, here: Here) -> None:
    device, value = here.node.device, command.value
    assert device is not None
    number = value if isinstance(value, float) else math.nan

    def text() -> str:
        shown = value if isinstance(value, str) else format_double(value)
        return f"Set '{command.device}' = {shown}{describe_condition(command)}{device.was}"

    here.step(device.time_to(number) if command.wait else 0.0, text, Kind.MOVE)
    device.move(value)


@SIMULATING.register(Wait)
def _wait(command: Wait, here: Here) -> None:
    device, wanted, seconds = here.node.device, command.value, 1.0
    assert device is not None
    if isinstance(wanted, float):
        if command.comparison in RELATIVE:
            if math.isnan(device.value):
                device.move(0.0)
            up = command.comparison is Comparison.INCREASE_BY
            wanted = device.value + wanted if up else device.value - wanted
        seconds = device.time_to(wanted)
    here.step(seconds, lambda: f"{describe(command)}{device.was}", Kind.WAIT)
    device.move(wanted)
