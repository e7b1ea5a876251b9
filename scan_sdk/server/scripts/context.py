"""What scripts are given: the scan, the command that failed, the error, the simulation.

The names and signatures are the real server's. All of it is used from the script's thread.
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from scan_sdk._dialect.wording import describe
from scan_sdk.models.other import name_of
from scan_sdk.server.devices.values import EnumValue, number_of, text_of
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models import Command
    from scan_sdk.server.devices.values import LoggedValue, PvInput, PvValue, Reading
    from scan_sdk.server.scripts.thread import ScriptThread
    from scan_sdk.simulation import SimulatedDevice, SimulationView

    Readable = float | str | list[float] | list[str]
    Writable = float | str | Iterable[float] | Iterable[str]

__all__ = ["Sample", "ScanScriptContext", "ScriptCommand", "ScriptError", "ScriptedScan", "SimulationContext"]


class Sample(NamedTuple):
    """One value of the log."""

    serial: int
    time: int
    value: LoggedValue

    def getSerial(self) -> int:
        """Return the number of the Log call."""
        return self.serial

    def getValues(self) -> list[float | str]:
        """Return the value, or the values of a row."""
        return list(self.value) if isinstance(self.value, list | tuple) else [self.value]


class ScriptedScan(Protocol):
    """The scan, as the context of a script reaches it on the event loop."""

    async def read(self, name: str) -> Reading:
        """Read a device."""
        ...

    async def write(
        self,
        name: str,
        value: PvInput,
        *,
        completion: bool,
        readback: str | None,
        tolerance: float,
        limit: float,
    ) -> None:
        """Write to a device as a set command does."""
        ...

    async def samples(self) -> dict[str, list[Sample]]:
        """Return all that was logged, by device."""
        ...

    async def log(self, device: str, values: list[float]) -> None:
        """Log values under the serials 0, 1, 2, and so on."""
        ...


class ScanScriptContext:
    """The scan that a script or error handler belongs to."""

    def __init__(self, scan: ScriptedScan, thread: ScriptThread) -> None:
        self._scan = scan
        self._thread = thread

    def read(self, device_name: str) -> Readable:
        """Return the value of a device: a number, a text, or a list for a row.

        Raises:
            CommandFailed: It cannot be read, or the scan has no such device.
        """
        value = self._thread.call(lambda: self._scan.read(device_name)).value
        if isinstance(value, tuple):
            return [float(item) for item in value if not isinstance(item, str)] or [
                str(item) for item in value
            ]
        return text_of(value) if isinstance(value, str | bool | EnumValue) else value

    def write(  # noqa: PLR0917  # as the real server has it
        self,
        device_name: str,
        value: Writable,
        completion: bool | str = True,
        readback: str | None = None,
        tolerance: float = 0.1,
        timeout: float | timedelta | None = None,
    ) -> None:
        """Write to a device.

        Args:
            device_name: Its alias or name.
            value: A number, a text, or a row of them.
            completion: Whether to wait for the completion of the write. A text here is the readback, without
                completion, as in the three-argument form of the real server.
            readback: The device to wait for; None for none.
            tolerance: How close the readback has to come.
            timeout: Seconds, or a duration; None or 0 waits for ever.

        Raises:
            CommandFailed: The device cannot be written, does not get there, or is none of the scan's.
        """
        completes = completion if isinstance(completion, bool) else False
        if isinstance(completion, str):
            readback = completion
        seconds = timeout.total_seconds() if isinstance(timeout, timedelta) else float(timeout or 0)
        given = _input(device_name, value)
        self._thread.call(
            lambda: self._scan.write(
                device_name,
                given,
                completion=completes,
                readback=readback,
                tolerance=tolerance,
                limit=seconds,
            )
        )

    def getData(self, *devices: str) -> list[list[float]]:
        """Return what devices have logged until now, aligned by serial.

        Returns:
            A list for each device, all of one length: an entry for each serial at which any of them has a
            sample. A device without one repeats its last; before its first, and for texts, it is NaN.
        """
        log = self.getScanData()
        columns = [{sample.serial: _number(sample.value) for sample in log.get(name, ())} for name in devices]
        serials = sorted({serial for column in columns for serial in column})
        return [_staircase(column, serials) for column in columns]

    def getScanData(self) -> dict[str, list[Sample]]:
        """Return all that was logged until now, by device."""
        return self._thread.call(self._scan.samples)

    def logData(self, device: str, data: object) -> None:
        """Log numbers for a device under the serials 0, 1, 2, and so on.

        Args:
            device: A name; it need be no device of the scan.
            data: A number, or numbers in lists or arrays, which are taken row by row.

        Raises:
            CommandFailed: It is none of these.
        """
        try:
            values = [float(value) for value in np.asarray(data, dtype=np.float64).ravel()]
        except (TypeError, ValueError) as error:
            raise CommandFailed(f"Cannot log data of type {type(data).__name__}") from error
        self._thread.call(lambda: self._scan.log(device, values))


def _input(device: str, value: Writable) -> PvInput:
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    if array.dtype.kind == "U":
        return tuple(str(item) for item in array.ravel().tolist())
    if array.dtype.kind not in "biuf":
        raise CommandFailed(f"Cannot write {value!r} to {device}: it is neither number nor text")
    numbers = tuple(float(item) for item in array.ravel())
    return numbers if array.ndim else numbers[0]


def _number(value: LoggedValue) -> float:
    if isinstance(value, list | tuple):
        return _number(value[0]) if value else math.nan
    return math.nan if isinstance(value, str) else float(value)


def _staircase(column: dict[int, float], serials: list[int]) -> list[float]:
    last = math.nan
    return [last := column.get(serial, last) for serial in serials]


class ScriptCommand:
    """A command as scripts see it."""

    def __init__(
        self,
        command: Command,
        address: int,
        read: Callable[[str], object],
        write: Callable[[str, float | str], None],
    ) -> None:
        self._command = command
        self._address = address
        self._read = read
        self._write = write

    def getCommandID(self) -> str:
        """Return the name of its element in XML, such as `set`."""
        return name_of(self._command)

    def getCommandName(self) -> str:
        """Return the name that the real server's class has, such as `SetCommand`."""
        return command_name(self._command)

    def getAddress(self) -> int:
        """Return its address; -1 where it is from a file."""
        return self._address

    def getProperty(self, name: str) -> object:
        """Return a property by the server's name for it.

        Raises:
            CommandFailed: It has no such property.
        """
        return self._read(name)

    def setProperty(self, name: str, value: float | str) -> None:
        """Change a property, as `patch` does.

        Raises:
            CommandFailed: It has no such property, or not with such a value.
        """
        self._write(name, value)

    def __str__(self) -> str:
        return describe(self._command)


def command_name(command: Command) -> str:
    """Return the name that the real server's class for a command has, such as `ConfigLogCommand`."""
    return "".join(part.title() for part in name_of(command).split("_")) + "Command"


class ScriptError(Exception):
    """The error of a command as error handlers see it."""

    def getMessage(self) -> str:
        """Return its text."""
        return str(self)


class SimulationContext:
    """The simulation that a hook takes part in."""

    def __init__(self, simulation: SimulationView) -> None:
        self._simulation = simulation

    def getSimulationSeconds(self) -> float:
        """Return how long the scan has taken so far, in seconds."""
        return self._simulation.seconds

    def logExecutionStep(self, info: str, seconds: float) -> None:
        """Add a step.

        Args:
            info: Its text.
            seconds: How long it takes.
        """
        self._simulation.log(str(info), float(seconds))

    def logError(self, error: str) -> None:
        """Add a line with an error."""
        self._simulation.error(str(error))

    def getMacros(self) -> SimulationMacros:
        """Return the macros in force."""
        return SimulationMacros(self._simulation)

    def getDevice(self, name: str) -> SimulatedPv:
        """Return a device as the simulation last left it."""
        return SimulatedPv(self._simulation.device(name))


class SimulationMacros:
    """The macros in force at one place of a simulation."""

    def __init__(self, simulation: SimulationView) -> None:
        self._simulation = simulation

    def resolveMacros(self, text: str) -> str:
        """Return a text with its macros replaced."""
        return self._simulation.resolve(text)


class SimulatedPv:
    """A device of a simulation."""

    def __init__(self, device: SimulatedDevice) -> None:
        self._device = device

    def read(self) -> float:
        """Return its value; NaN where it is not known."""
        return self._device.value

    def write(self, value: PvValue) -> None:
        """Give it a new value, unless that is a text; outside its limits the simulation ends."""
        if not isinstance(value, str):
            self._device.move(number_of(value))
