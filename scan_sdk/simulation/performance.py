"""What commands do in a simulation, and how long that takes: once for its text, and once for its numbers."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from scan_sdk._dialect.java import format_double
from scan_sdk._dialect.macros import parse_macros, resolve
from scan_sdk._dialect.wording import describe, describe_condition
from scan_sdk._registry import SIMULATING
from scan_sdk.models import Comparison, Delay, If, Include, Loop, Parallel, Sequence, Set, Wait
from scan_sdk.models.loops import LoopWalk
from scan_sdk.models.tree import DEEPEST, body_of
from scan_sdk.simulation.devices import TOO_DEEP, SimulatedDevice

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
        body: The nodes of its body, or of the file that it includes.
        device: The device that it moves or waits for; None for none.
        walk: What a loop remembers between runs.
        moved: Devices that it, or its body, takes to values that it says.
        shifted: Devices that it, or its body, waits for to change by what it says.
        turning: The loops in it, itself included, that change direction.
    """

    __slots__ = ("address", "body", "command", "device", "macros", "moved", "shifted", "turning", "walk")

    def __init__(
        self, command: Command, macros: Mapping[str, str], address: int, device: SimulatedDevice | None
    ) -> None:
        self.command: Command = command
        self.macros: Mapping[str, str] = macros
        self.address: int = address
        self.device: SimulatedDevice | None = device
        self.body: tuple[Node, ...] = ()
        self.walk: LoopWalk | None = LoopWalk(command) if isinstance(command, Loop) else None
        self.moved: frozenset[SimulatedDevice] = _NONE
        self.shifted: frozenset[SimulatedDevice] = _NONE
        self.turning: tuple[LoopWalk, ...] = ()

    def gather(self) -> None:
        """Collect what the command and its body do to devices."""
        command, own = self.command, _NONE
        if self.device is not None and (isinstance(command, Loop) or _is_numeric(command)):
            own = frozenset((self.device,))
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
    """Commands made ready to be simulated: files read, macros replaced, devices found, addresses given."""

    def __init__(self, devices: SimulatedDevices, load: Load | None) -> None:
        """Use these devices; without `load`, included files are not followed."""
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
        device = None
        if isinstance(command, Set | Loop | Wait):
            device = self._devices[resolve(command.device, macros)]
        node = Node(command, macros, -1 if self._included else self._address, device)
        self._address += not self._included
        if isinstance(command, Include):
            node.macros = {**macros, **parse_macros(command.macros)}
            if self._load is not None:
                self._included += 1
                node.body = self.nodes(self._file(command.scan_file, self._load), node.macros)
                self._included -= 1
        elif body := body_of(command):
            node.body = self.nodes(body, macros)
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
        """Perform one command."""
        simulate = SIMULATING.of(type(node.command))
        if simulate is None:
            self.take(node, 0.1)
        else:
            simulate(self, node)

    def take(self, node: Node, seconds: float) -> None:
        """Take notice of a command that does nothing but take some seconds."""
        self.step(node, Kind.OTHER, seconds, lambda: resolve(describe(node.command), node.macros))

    @abstractmethod
    def step(self, node: Node, kind: Kind, seconds: float, text: Callable[[], str]) -> None:
        """Take notice of a step that takes some seconds."""

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

        self.step(node, Kind.MOVE, device.time_to(value) if command.wait else 0.0, text)
        device.move(value)
        self.perform(node.body)


@SIMULATING.register(Set)
def _set(simulation: Performance, node: Node) -> None:
    command = cast("Set", node.command)
    device, value = node.device, command.value
    assert device is not None
    number = value if isinstance(value, float) else math.nan

    def text() -> str:
        shown = value if isinstance(value, str) else format_double(value)
        return f"Set '{command.device}' = {shown}{describe_condition(command)}{device.was}"

    simulation.step(node, Kind.MOVE, device.time_to(number) if command.wait else 0.0, text)
    device.move(value)


@SIMULATING.register(Loop)
def _loop(simulation: Performance, node: Node) -> None:
    simulation.loop(node, cast("Loop", node.command))


@SIMULATING.register(Wait)
def _wait(simulation: Performance, node: Node) -> None:
    command = cast("Wait", node.command)
    device, wanted, seconds = node.device, command.value, 1.0
    assert device is not None
    if isinstance(wanted, float):
        if command.comparison in RELATIVE:
            if math.isnan(device.value):
                device.move(0.0)
            up = command.comparison is Comparison.INCREASE_BY
            wanted = device.value + wanted if up else device.value - wanted
        seconds = device.time_to(wanted)
    simulation.step(node, Kind.WAIT, seconds, lambda: f"{describe(command)}{device.was}")
    device.move(wanted)


@SIMULATING.register(Delay)
def _delay(simulation: Performance, node: Node) -> None:
    command = cast("Delay", node.command)
    simulation.step(node, Kind.DELAY, command.seconds, lambda: describe(command))


@SIMULATING.register(If)
def _if(simulation: Performance, node: Node) -> None:
    simulation.step(node, Kind.OTHER, 0.1, lambda: f"{resolve(describe(node.command), node.macros)}:")
    simulation.perform(node.body)
    simulation.mark("End If")


@SIMULATING.register(Parallel)
def _parallel(simulation: Performance, node: Node) -> None:
    simulation.parallel(node)


@SIMULATING.register(Sequence)
def _sequence(simulation: Performance, node: Node) -> None:
    simulation.sequence(node)


@SIMULATING.register(Include)
def _include(simulation: Performance, node: Node) -> None:
    simulation.mark(resolve(describe(node.command), node.macros))
    simulation.perform(node.body)
