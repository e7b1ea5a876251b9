"""What a simulation without a server tells."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final

from scan_sdk.models import Log, SimulationResult, Wait
from scan_sdk.models.base import Model
from scan_sdk.simulation.performance import Kind
from scan_sdk.simulation.profile import Step, in_order, repetitions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.simulation.counting import Counted
    from scan_sdk.simulation.performance import Node
    from scan_sdk.simulation.profile import Part, Row

_ERROR: Final = "ERROR: "


class LoopTotals(Model, use_attribute_docstrings=True):
    """The steps, points and time of all runs of one loop."""

    address: int
    """The loop, counted as `CommandSequence.walk` does; -1 for one in an included file."""
    device: str
    """The device that the loop moves, with macros replaced."""
    runs: int
    """How often it is performed: once, unless it is in another loop."""
    steps: int
    """Number of values in all runs."""
    points: int
    """Number of performed Log commands in the loop, in all runs."""
    seconds: float
    """Seconds that all runs take."""


class DeviceTime(Model, use_attribute_docstrings=True):
    """The time that one device takes."""

    device: str
    """Name of the device, with macros replaced."""
    moves: int
    """How often a value is written to the device."""
    moving: float
    """Seconds of its moves, if the scan waits for them."""
    waits: int
    """How often the scan waits for a value that it has not written, such as that of a counter."""
    waiting: float
    """Seconds of these waits."""


class LocalSimulation(SimulationResult):
    """What a scan would do, and how long it would take, in all and by loop and device.

    The times follow the rules of the server: devices move at their slew rates, logging and the like
    take a tenth of a second, parallel commands take as long as one after the other, and the body of an If is
    performed.
    """

    errors: tuple[str, ...] = ()
    """What would go wrong: devices that cannot be reached, and what ends the scan before its end."""
    work_units: int = 0
    """Number of work units that the server counts."""
    points: int = 0
    """Number of performed Log commands."""
    moving: float = 0.0
    """Seconds in which devices move."""
    waiting: float = 0.0
    """Seconds in which Wait commands wait."""
    delays: float = 0.0
    """Seconds of Delay commands."""
    other: float = 0.0
    """Seconds of all other commands."""
    loops: tuple[LoopTotals, ...] = ()
    """The loops, in the order in which they begin."""
    devices: tuple[DeviceTime, ...] = ()
    """The devices that are written to or waited for, in order of their first use."""

    @property
    def summary(self) -> str:
        """The numbers in words, a line for each loop and device."""
        totals = (
            f"{_many(self.points, 'point')}, {_many(self.work_units, 'work unit')}, {_time(self.seconds)}: "
            f"moving {_time(self.moving)}, waiting {_time(self.waiting)}, delays {_time(self.delays)}, "
            f"other {_time(self.other)}"
        )
        lines = [totals]
        for loop in self.loops:
            place = f"Loop {loop.address}" if loop.address >= 0 else "Included loop"
            runs = f" in {loop.runs} runs" if loop.runs > 1 else ""
            lines.append(
                f"{place} '{loop.device}': {_many(loop.steps, 'step')}{runs}, {_many(loop.points, 'point')}, "
                f"{_time(loop.seconds)}"
            )
        for device in self.devices:
            parts = [f"{_many(device.moves, 'move')}, {_time(device.moving)}"] if device.moves else []
            parts += [f"{_many(device.waits, 'wait')}, {_time(device.waiting)}"] if device.waits else []
            lines.append(f"Device '{device.device}': {'; '.join(parts)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.log}\n{self.summary}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _time(seconds: float) -> str:
    """Return a time as `hours:minutes:seconds`, one below a minute in seconds."""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def total(result: SimulationResult, counted: Counted) -> LocalSimulation:
    """Return what the server says of a simulation, and what was counted."""
    order = in_order(counted.whole)
    points = _points(order)
    loops: dict[int, _Loop] = {}
    devices: dict[str, DeviceTime] = {}
    kinds = dict.fromkeys(Kind, 0.0)
    for part, times in repetitions(order):
        if isinstance(part, Step):
            for (kind, _), seconds in part.spent.items():
                kinds[kind] += seconds * times
            _add_step(devices, part, times)
        elif part.loop is not None:
            loops.setdefault(id(part.loop), _Loop(part.loop)).add(part, points[id(part)], times)
    return LocalSimulation(
        log=result.log,
        seconds=result.seconds,
        errors=_errors(result, counted),
        work_units=counted.whole.units,
        points=points[id(counted.whole)],
        moving=kinds[Kind.MOVE],
        waiting=kinds[Kind.WAIT],
        delays=kinds[Kind.DELAY],
        other=kinds[Kind.OTHER],
        loops=tuple(loop.totals() for loop in loops.values()),
        devices=tuple(devices.values()),
    )


def _errors(result: SimulationResult, counted: Counted) -> tuple[str, ...]:
    """Return what cannot be reached, which the text begins with, and what ends the scan."""
    first = takewhile(lambda line: line.startswith(_ERROR), result.log.splitlines()[2:])
    found = [line.removeprefix(_ERROR) for line in first]
    if counted.problem is not None:
        found.append(counted.problem)
    return tuple(dict.fromkeys(found))


def _points(order: Iterable[Part]) -> dict[int, int]:
    """Return how many times something is logged in each part, by its identity."""
    points: dict[int, int] = {}
    for part in order:
        if isinstance(part, Step):
            points[id(part)] = int(isinstance(part.node.command, Log))
        else:
            points[id(part)] = sum(points[id(child)] * count for child, count in part.children())
    return points


def _add_step(devices: dict[str, DeviceTime], step: Step, times: int) -> None:
    if step.node.device is None:
        return
    name, seconds = step.node.device.name, step.seconds * times
    known = devices.get(name) or DeviceTime(device=name, moves=0, moving=0.0, waits=0, waiting=0.0)
    update = (
        {"waits": known.waits + times, "waiting": known.waiting + seconds}
        if isinstance(step.node.command, Wait)
        else {"moves": known.moves + times, "moving": known.moving + seconds}
    )
    devices[name] = known.model_copy(update=update)


class _Loop:
    def __init__(self, node: Node) -> None:
        self._node = node
        self._runs = self._steps = self._points = 0
        self._seconds = 0.0

    def add(self, run: Row, points: int, times: int) -> None:
        self._runs += times
        self._steps += times * run.steps
        self._points += times * points
        self._seconds += times * run.seconds

    def totals(self) -> LoopTotals:
        device = self._node.device
        assert device is not None
        return LoopTotals(
            address=self._node.address,
            device=device.name,
            runs=self._runs,
            steps=self._steps,
            points=self._points,
            seconds=self._seconds,
        )
