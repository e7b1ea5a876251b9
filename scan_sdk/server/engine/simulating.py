"""Simulating a scan: what the simulation needs of devices, files and scripts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from scan_sdk.server.devices.context import ScanDevices
from scan_sdk.server.devices.values import number_of
from scan_sdk.server.engine.patching import property_of
from scan_sdk.server.errors import CommandFailed, Refused
from scan_sdk.server.scripts.context import ScriptCommand, SimulationContext
from scan_sdk.server.scripts.names import SimulationHook
from scan_sdk.server.scripts.thread import ScriptRaised, ScriptThread
from scan_sdk.simulation import SimulationEnds, SimulationView, narrate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.models import Command, ScanConfig, SimulationResult
    from scan_sdk.server.engine.nodes import AnyNode
    from scan_sdk.server.engine.submission import Surroundings
    from scan_sdk.server.files import ScanFiles
    from scan_sdk.server.scripts.classes import Scripted

__all__ = ["simulate_scan"]

_LONGEST: Final = 60.0
"""Seconds after which a simulation is given up: a hook may do anything."""


async def simulate_scan(
    commands: tuple[Command, ...],
    nodes: Iterable[AnyNode],
    config: ScanConfig,
    around: Surroundings,
    files: ScanFiles,
) -> SimulationResult:
    """Simulate a scan.

    Args:
        commands: Its commands.
        nodes: The same as things that are performed.
        config: Slew rates, limits and hook.
        around: Devices and macros of the server.
        files: Where included files and scripts are.

    Raises:
        Refused: It could not be performed either, or the hook takes too long.
    """
    name = config.simulation_hook
    scripted = files.script(name, SimulationHook) if name else None
    await files.load(around.clock)
    try:
        names = list(dict.fromkeys(name for node in nodes for name in node.device_names(around.macros)))
    except (CommandFailed, ValueError) as error:
        raise Refused(str(error)) from error
    values = await _values(names, config, around)
    hook = None if scripted is None else _Hook(scripted)
    # In a thread of its own, as neither a long scan nor a hook should keep others from being submitted
    thread = ScriptThread(around.clock)
    try:
        async with asyncio.timeout(_LONGEST):
            return await thread.start(
                lambda: narrate(
                    commands, config, load=files.commands, read=values.get, devices=names, hook=hook
                )
            )
    except ScriptRaised as raised:
        raise Refused(str(raised.error)) from raised.error
    except TimeoutError:
        raise Refused(f"The simulation takes more than {_LONGEST} seconds") from None
    finally:
        thread.stop()


async def _values(names: Iterable[str], config: ScanConfig, around: Surroundings) -> dict[str, float]:
    """Return the values of devices, and of the PVs that hold their limits, as far as they connect."""
    devices = ScanDevices(around.aliases)
    for name in names:
        devices.add(name)
    used = {device.name for device in devices}
    for pv in config.pvs:
        if pv.name in used:
            for limit in filter(None, (pv.minimum, pv.maximum)):
                devices.add(limit)
    try:
        devices.open(around.pool)
    except CommandFailed as error:
        raise Refused(str(error)) from error
    try:
        await devices.connected(around.read_timeout, around.clock)
    except CommandFailed:
        pass  # the simulation says which are missing
    finally:
        values = {
            device.name: number_of(device.reading.value) for device in devices if device.reading is not None
        }
        devices.close(around.pool)
    return values


class _Hook:
    """A hook of a script, as the simulation calls it."""

    def __init__(self, scripted: Scripted[SimulationHook]) -> None:
        self._scripted = scripted

    def __call__(self, command: Command, simulation: SimulationView) -> bool:
        shown = ScriptCommand(command, -1, lambda name: property_of(command, name), _never)
        try:
            return bool(self._scripted.object.handle(shown, SimulationContext(simulation)))
        except SimulationEnds:
            raise
        except BaseException as error:  # the outermost edge of what others wrote
            text = self._scripted.classes.explain(error)
            raise SimulationEnds(f"{self._scripted.name}:{text}") from error


def _never(name: str, value: float | str) -> None:  # noqa: ARG001
    raise CommandFailed(f"{name} cannot be changed in a simulation")
