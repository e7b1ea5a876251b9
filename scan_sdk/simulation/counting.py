"""The numbers of a simulation: times, work units and points, without going through each step of a loop."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.simulation.devices import SimulationEnds
from scan_sdk.simulation.performance import Performance
from scan_sdk.simulation.profile import Repeat, Row, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from scan_sdk.models import Loop
    from scan_sdk.models.loops import LoopValues, LoopWalk
    from scan_sdk.simulation.devices import SimulatedDevice
    from scan_sdk.simulation.performance import Kind, Node
    from scan_sdk.simulation.profile import Part

    _Signature: TypeAlias = tuple[object, ...]
    """What decides how long commands take: values of devices, and directions of loops."""

MOST_STEPS: Final = 500_000
"""Steps that are gone through one by one at most."""


class _Run(NamedTuple):
    """One run of a loop, to be used again where all is as it was.

    Attributes:
        row: Its steps.
        values: Where it leaves devices that it takes to values of its own.
        shifts: By how much it shifts others.
        directions: Which way the loops in it go next.
    """

    row: Row
    values: tuple[tuple[SimulatedDevice, float], ...]
    shifts: tuple[tuple[SimulatedDevice, float], ...]
    directions: tuple[int, ...]


class Counted(NamedTuple):
    """What a scan takes.

    Attributes:
        whole: All of it.
        problem: Why the scan could not be followed to its end; None where it was.
    """

    whole: Row
    problem: str | None


def count(nodes: Iterable[Node], *, concurrent: bool = False) -> Counted:
    """Count what commands take that were made ready for it; they are used up by that.

    Args:
        nodes: The commands.
        concurrent: Whether commands in parallel take the time of the longest of them, as they do, and not of
            all together, as the server simulates them.
    """
    counting = _Count(concurrent)
    problem = None
    try:
        counting.perform(nodes)
    except SimulationEnds as error:
        problem = str(error)
    return Counted(Row(counting.parts), problem)


class _Count(Performance):
    """Counts what a scan takes.

    The steps of a loop take the same time again once all that its body depends on is as it was one or two
    steps before: two, as loops in the body may change direction. The rest of the steps are then multiplied.
    A loop whose body moves the loop's own device is gone through step by step.
    """

    def __init__(self, concurrent: bool) -> None:
        self.parts: list[Part] = []
        self._concurrent = concurrent
        self._steps = 0
        self._runs: dict[_Signature, _Run] = {}

    def step(self, node: Node, kind: Kind, seconds: float, text: Callable[[], str], units: int) -> None:  # noqa: ARG002 - nothing is shown
        device = node.device.name if node.device is not None else ""
        self._add(Step(node, units, {(kind, device): seconds} if seconds else {}))

    def _add(self, step: Step) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise SimulationEnds(f"More than {MOST_STEPS} steps that differ from each other are not counted")
        self.parts.append(step)

    def mark(self, text: str) -> None:
        pass  # what is no step takes no time

    def sequence(self, node: Node) -> None:
        self._add(Step(node, 1, {}))
        self.perform(node.body)

    def parallel(self, node: Node) -> None:
        if not self._concurrent:
            self.perform(node.body)
            self._add(Step(node, 1, {}))
            return
        outer, rows = self.parts, list[Row]()
        try:
            for one in node.body:
                self.parts = []
                self.perform_one(one)
                rows.append(Row(self.parts))
        finally:
            self.parts = outer
        longest = max(rows, key=lambda row: row.seconds, default=Row([]))
        self._add(Step(node, 1 + sum(row.units for row in rows), longest.spent))

    def loop(self, node: Node, command: Loop) -> None:
        limited = {device for device in node.shifted if device.limited}
        kept = tuple(node.moved | limited)
        free = tuple(node.shifted - node.moved - limited)
        key = (id(node), *_signature(kept, node.turning))
        run = self._runs.get(key)
        if run is None:
            before = [0.0 if math.isnan(device.value) else device.value for device in free]
            row = self._row_of(node, command, kept, free)
            self._runs[key] = _Run(
                row,
                tuple((device, device.value) for device in kept),
                tuple((device, device.value - value) for device, value in zip(free, before, strict=True)),
                tuple(walk.direction for walk in node.turning),
            )
            return
        self.parts.append(run.row)
        for device, value in run.values:
            device.value = value
        for device, shift in run.shifts:
            device.value = shift + (0.0 if math.isnan(device.value) else device.value)
        for walk, direction in zip(node.turning, run.directions, strict=True):
            walk.direction = direction

    def _row_of(
        self, node: Node, command: Loop, kept: tuple[SimulatedDevice, ...], free: tuple[SimulatedDevice, ...]
    ) -> Row:
        """Count one run of a loop."""
        assert node.walk is not None
        outer, self.parts = self.parts, []
        try:
            self._go_through(node, command, node.walk.values(command), kept, free)
        finally:
            steps = sum(2 * part.count if isinstance(part, Repeat) else 1 for part in self.parts)
            row = Row(self.parts, node, steps)
            outer.append(row)
            self.parts = outer
        return row

    def _go_through(
        self,
        node: Node,
        command: Loop,
        values: LoopValues,
        kept: tuple[SimulatedDevice, ...],
        free: tuple[SimulatedDevice, ...],
    ) -> None:
        own = node.device
        assert own is not None
        others = tuple(device for device in kept if device is not own)
        repeats = not any(own in inner.moved or own in inner.shifted for inner in node.body)
        marks: deque[tuple[_Signature, list[float]]] = deque(maxlen=3)
        index = 0
        while index < len(values):
            self._add_step(node, command, values[index])
            index += 1
            if not repeats:
                continue
            marks.append((_signature(others, node.turning), [device.value for device in free]))
            if len(marks) == 3 and marks[0][0] == marks[2][0]:
                repeats = False  # but for what is left then, to the last, which may be shorter
                pairs = (_last_allowed(own, values) - index) // 2
                if pairs > 0:
                    self.parts.append(Repeat(Row(self.parts[-2:]), pairs))
                    index += 2 * pairs
                    own.value = values[index - 1]
                    for device, then, now in zip(free, marks[0][1], marks[2][1], strict=True):
                        device.value += pairs * (now - then)

    def _add_step(self, node: Node, command: Loop, value: float) -> None:
        outer, self.parts = self.parts, []
        try:
            self.loop_step(node, command, value)
        finally:
            if self.parts:
                outer.append(Row(self.parts))
            self.parts = outer


def _signature(devices: tuple[SimulatedDevice, ...], walks: tuple[LoopWalk, ...]) -> _Signature:
    values = (None if math.isnan(device.value) else device.value for device in devices)
    return (*values, *(walk.direction for walk in walks))


def _last_allowed(device: SimulatedDevice, values: LoopValues) -> int:
    """Return the number of the last step that is surely no other than the one before it."""
    last = len(values) - 1
    if not device.refuses(values[last]):
        return last
    return bisect_left(range(last), True, key=lambda index: device.refuses(values[index]))
