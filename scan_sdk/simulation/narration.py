"""The text of a simulation, step by step as the scan server gives it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from scan_sdk._dialect.macros import parse_macros, resolve
from scan_sdk.models import ScanConfig, SimulationResult
from scan_sdk.simulation.counting import count
from scan_sdk.simulation.devices import SimulatedDevices, SimulationEnds, devices_of, initial_number
from scan_sdk.simulation.performance import Performance, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from scan_sdk.models import Command
    from scan_sdk.simulation.counting import Counted
    from scan_sdk.simulation.devices import SimulatedDevice
    from scan_sdk.simulation.performance import Kind, Load, Node

MOST_LINES: Final = 200_000
"""Steps that a simulation shows; a loop can easily have a billion."""


def narrate(
    commands: Iterable[Command],
    config: ScanConfig | None = None,
    *,
    macros: Mapping[str, str] | None = None,
    load: Load | None = None,
    read: Callable[[str], float | str | None] | None = None,
    devices: Iterable[str] | None = None,
    hook: Callable[[Command, SimulationView], bool] | None = None,
    counted: Counted | None = None,
) -> SimulationResult:
    """Simulate a scan, and return what the scan server says of it.

    Args:
        commands: The commands.
        config: Aliases, slew rates, limits and macros of the server; none of them by default.
        macros: Macros besides those of the configuration.
        load: Reads an included file by its name; without it, includes are named but not followed.
        read: Reads a PV by its full name, None where it cannot be reached. By default all can be reached, and
            a limit is the initial value of a `loc://` PV.
        devices: The devices that the scan uses; by default those that its commands name.
        hook: Asked before each command whether it simulates that itself; it may raise `SimulationEnds`.
        counted: What the scan takes, if that was counted already.

    Returns:
        The steps as text, and the estimated time. A value outside the limits of its device ends the steps
        with a line that starts `ERROR:`; a device that cannot be reached adds such a line. Where there are
        too many steps the last line says so, and the time is of all of them, but with a hook.

    Raises:
        ValueError: Macros cannot be read, or files include each other without end.
    """
    commands = tuple(commands)
    config = config or ScanConfig()
    in_force = parse_macros(config.macros) | dict(macros or {})

    def prepare() -> tuple[tuple[Node, ...], SimulatedDevices]:
        found = SimulatedDevices(config, read or initial_number)
        return Program(found, load).nodes(commands, in_force), found

    nodes, known = prepare()
    narration = _Narration(hook)
    if read is not None:
        used = devices_of(commands, in_force, load) if devices is None else devices
        narration.lines += [f"ERROR: Cannot access {name} (Disconnected)" for name in known.unreachable(used)]
    seconds = None
    try:
        narration.perform(nodes)
    except _TooManyLines:
        done = "simulated" if hook else "shown"
        narration.lines.append(f"ERROR: More than {MOST_LINES} steps are not {done}")
        if not hook:
            seconds = (counted or count(prepare()[0])).whole.seconds
    except SimulationEnds as error:
        narration.lines.append(f"ERROR: {error}")
    seconds = narration.seconds if seconds is None else seconds
    total = f"{_clock_text(seconds)}   Total estimated execution time"
    lines = ["Simulation:", "--------", *narration.lines, "--------", total, ""]
    return SimulationResult(log="\n".join(lines), seconds=seconds)


class _TooManyLines(SimulationEnds):
    """There are more steps than are shown."""


class _Narration(Performance):
    def __init__(self, hook: Callable[[Command, SimulationView], bool] | None) -> None:
        self.lines: list[str] = []
        self.seconds: float = 0.0
        self._hook = hook
        self._level = 0

    def perform_one(self, node: Node) -> None:
        if self._hook is None or not self._hook(node.command, SimulationView(self, node)):
            super().perform_one(node)

    def step(self, node: Node, kind: Kind, seconds: float, text: Callable[[], str], units: int) -> None:  # noqa: ARG002 - of use to other kinds of performance
        self.log(text(), seconds)

    def mark(self, text: str) -> None:
        self.log(text, 0.0)

    def log(self, text: str, seconds: float) -> None:
        if len(self.lines) >= MOST_LINES:
            raise _TooManyLines
        self.lines.append(f"{_clock_text(self.seconds)} - {text}")
        self.seconds += seconds

    def parallel(self, node: Node) -> None:
        self._level += 1
        level = f" (level {self._level})" if self._level > 1 else ""
        self.mark(f"Start following commands in parallel{level}")
        self.perform(node.body)
        self.mark(f"Await completion of above commands{level}")
        self._level -= 1


class SimulationView:
    """A simulation as a hook takes part in it, at one command."""

    def __init__(self, simulation: _Narration, node: Node) -> None:
        self._simulation = simulation
        self._node = node

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
        return resolve(text, self._node.macros)

    def device(self, name: str) -> SimulatedDevice:
        """Return a device, by a name that may hold macros."""
        return self._node.devices[self.resolve(name)]


def _clock_text(seconds: float) -> str:
    whole = int(seconds) if math.isfinite(seconds) else 0
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
