"""Submitting a scan and waiting for its end, with errors that name the place where a command was written."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from scan_sdk._documents import read
from scan_sdk._protocol import operations
from scan_sdk._protocol.flows import LEAST, Watch, ask
from scan_sdk._protocol.locating import (
    is_unconnected,
    locate,
    locate_refused,
    locate_unconnected,
    speaks_of_pvs,
)
from scan_sdk._protocol.origins import Origin
from scan_sdk._wire.commands import write_commands
from scan_sdk.errors import (
    ProtocolError,
    ScanAborted,
    ScanFailed,
    ScanLogged,
    ScanRejected,
    ServerError,
    TransportError,
)
from scan_sdk.models import ScanState
from scan_sdk.models.tree import path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from scan_sdk._documents import CommandsLike
    from scan_sdk._protocol.operations import Operation
    from scan_sdk._protocol.options import SubmitOptions, WaitOptions
    from scan_sdk._protocol.origins import Origins
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.models import Command, ScanInfo, SimulationResult
    from scan_sdk.sequence import CommandSequence

    T = TypeVar("T")

_UNSUCCESSFUL = {
    ScanState.FAILED: ScanFailed,
    ScanState.ABORTED: ScanAborted,
    ScanState.LOGGED: ScanLogged,
}


def submit(timing: Timing, options: SubmitOptions, commands: CommandsLike, origins: Origins) -> Flow[int]:
    """Submit a scan, and remember where its commands were written."""
    sequence = read(commands)
    origin = Origin.of(options.name, sequence)
    scan_id = yield from _taken(timing, sequence, lambda document: operations.submit(options, document))
    origins.keep(scan_id, origin)
    return scan_id


def simulate(timing: Timing, commands: CommandsLike) -> Flow[SimulationResult]:
    """Have the server say what commands would do."""
    return (yield from _taken(timing, read(commands), operations.simulate))


def _taken(timing: Timing, commands: CommandSequence, send: Callable[[bytes], Operation[T]]) -> Flow[T]:
    """Send commands; where the server refuses them, say where the one was written that it names."""
    document = write_commands(commands).encode()
    try:
        return (yield from ask(timing, send(document)))
    except ScanRejected as error:
        found = locate_refused(commands, error.message)
        if found is None:
            raise
        address, command = found
        raise ScanRejected(error.message, trace=error.trace, address=address, command=command) from None


def wait(timing: Timing, scan_id: int, options: WaitOptions, origins: Origins) -> Flow[ScanInfo]:
    """Wait until a scan is done, and raise what went wrong with it."""
    until = math.inf if options.timeout is None else timing.clock() + options.timeout
    watch = Watch(replace(timing, until=until), scan_id, options.patience)
    info = yield from watch.change()
    while (latest := (yield from watch.change())) is not None:
        info = latest
    assert info is not None
    if (failure := _UNSUCCESSFUL.get(info.state)) is not None:
        timing = replace(timing, until=max(until, timing.clock() + LEAST))
        raise failure(info, (yield from _culprits(timing, info, watch, origins)))
    return info


def _culprits(
    timing: Timing, info: ScanInfo, watch: Watch, origins: Origins
) -> Flow[Sequence[tuple[int, Command]]]:
    """Return the command that has failed, or those that may have; none where that cannot be told."""
    address = watch.error_address
    error = info.error or ""
    unconnected = is_unconnected(error)
    if not unconnected and (
        address == -1 or (address is None and (info.state is not ScanState.FAILED or not error))
    ):
        return ()
    try:
        commands = yield from ask(timing, operations.scan_commands(info.id))
        if unconnected:
            found = locate_unconnected(commands, error)
        elif address is not None:
            found = tuple(path(commands, address)[-1:])
        else:
            names: dict[str, str] = {}
            if speaks_of_pvs(error):
                devices = yield from ask(timing, operations.scan_devices(info.id))
                names = {device.alias or device.name: device.name for device in devices}
            found = locate(commands, error, last=watch.last_address, names=names)
    except (ProtocolError, ServerError, TransportError):
        return ()  # what is known of the end of the scan must be told in any case
    sources = origins.sources(info, commands)
    return [(at, command.at(sources[at]) if sources else command) for at, command in found]
