"""What a site adds to this package: commands, devices, formats of data, rules of the check.

Everything here registers something, and is called by a module of the site. Programs and the command line find
that module by themselves if its distribution names it as an entry point:

```toml
[project.entry-points."scan_sdk.extensions"]
bl7 = "bl7_scans"
```

The commands, devices, formats and rules of this package are registered in the same tables. What clashes with
something that is there is refused with `ExtensionError`; `problems()` names what could not be loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from scan_sdk import _registry
from scan_sdk._registry import Problem, load_extensions, problems
from scan_sdk.errors import ExtensionError
from scan_sdk.models.base import CommandModel, tag_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from scan_sdk.data import DeviceLog, ScanData
    from scan_sdk.lint import Severity, Visit
    from scan_sdk.models import Command, Comparison
    from scan_sdk.server.devices import Around, Provider
    from scan_sdk.simulation import SimulatedDevice

__all__ = [
    "CommandFailed",
    "CommandModel",
    "DeviceValue",
    "Problem",
    "ScanAccess",
    "SimulationAccess",
    "checks",
    "command",
    "describes",
    "device",
    "exporter",
    "lint_rule",
    "load_extensions",
    "performs",
    "problems",
    "simulates",
    "uses",
]

M = TypeVar("M", bound=CommandModel)
T = TypeVar("T", float, None)
DeviceValue: TypeAlias = float | str | tuple[float, ...] | tuple[str, ...]
"""What a device holds: a number, a text, or a row of numbers or texts."""


class CommandFailed(Exception):
    """A command cannot be carried out; the text becomes the error of the scan.

    Attributes:
        address: That of the innermost command that has an address, which the server fills in; -1 before.
    """

    def __init__(self, text: str, address: int = -1) -> None:
        super().__init__(text)
        self.address = address


class ScanAccess(Protocol):
    """What a function that performs a command sees of the scan that it is in.

    Devices go by their names in commands, and have to be among those that `uses` gives for the command, as a
    scan connects all its devices before it begins. Macros in names are replaced. Where somebody asks for the
    next command, or aborts the scan, what waits here leaves the function.
    """

    @property
    def time(self) -> float:
        """The time of the server, in seconds since 1970."""
        ...

    def resolve(self, text: str) -> str:
        """Return a text with its macros replaced.

        Raises:
            CommandFailed: The macros refer to themselves.
        """
        ...

    def message(self, text: str) -> None:
        """Write a line to the server's log."""
        ...

    def log_writes(self, automatic: bool) -> None:
        """Log each write of the scan from now on, or no longer, as `ConfigLog` does."""
        ...

    async def read(self, device: str) -> DeviceValue:
        """Return the present value of a device.

        Raises:
            CommandFailed: It is not connected, or the scan has no such device.
        """
        ...

    async def write(
        self,
        device: str,
        value: DeviceValue,
        *,
        completion: bool = False,
        readback: bool | str = False,
        readback_value: float | str | None = None,
        tolerance: float = 0.1,
        timeout: float = 0,  # noqa: ASYNC109  # as Set has it
    ) -> None:
        """Write a value to a device and wait for it, as `Set` does with these options.

        Raises:
            CommandFailed: It cannot be written, or does not get there.
        """
        ...

    async def wait(
        self,
        device: str,
        value: float | str | tuple[str, ...],
        comparison: Comparison = ...,
        *,
        tolerance: float = 0.1,
        timeout: float = 0,  # noqa: ASYNC109  # as Wait has it
    ) -> None:
        """Wait for the value of a device, as `Wait` does; by default until it is equal to `value`.

        Raises:
            CommandFailed: It did not come in time, or the scan has no such device.
        """
        ...

    async def log(self, *devices: str) -> None:
        """Read devices and log their values under one serial, as `Log` does."""
        ...

    async def log_value(self, name: str, value: float | str) -> None:
        """Log a value that is of no device, under a serial of its own.

        Args:
            name: What it goes by in the data of the scan.
            value: A number or a text.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for a time by the server's clock; it stands still while the scan is paused."""
        ...

    async def perform_body(self) -> None:
        """Perform the commands in the body of the command, in order."""
        ...

    async def perform(self, *commands: Command) -> None:
        """Perform further commands, in order, as if they were in an included file.

        Raises:
            CommandFailed: One of them fails, or nothing performs it.
        """
        ...


class SimulationAccess(Protocol):
    """What a function sees of a simulation that says what a command does in it."""

    def resolve(self, text: str) -> str:
        """Return a text with its macros replaced."""
        ...

    def device(self, name: str) -> SimulatedDevice:
        """Return a device as the simulation last left it.

        Args:
            name: As the command gives it; one of those that `uses` names for the command.
        """
        ...

    def step(self, seconds: float, text: str | None = None) -> None:
        """Add a step.

        Args:
            seconds: How long it takes.
            text: What it does; by default the description of the command.
        """
        ...

    def perform_body(self) -> None:
        """Simulate the commands in the body of the command."""
        ...


def command(model: type[M]) -> type[M]:
    """Register the model of a command, so that its element is read as it; a decorator.

    Raises:
        ExtensionError: There is another model for that element.
    """
    if not tag_of(model):
        raise ExtensionError(f"{model.__name__} has no element: derive it from a class that has one")
    _registry.COMMANDS.add(tag_of(model), model, owner=model.__module__)
    return model


def describes(*models: type[M]) -> Callable[[Callable[[M], str]], Callable[[M], str]]:
    """Return a decorator for the function that says in one line what a command does.

    Without one a command is described by its Python source.

    Raises:
        ExtensionError: There is such a function already. Likewise for all that follow.
    """
    return _registry.WORDING.register(*models)


def uses(*models: type[M]) -> Callable[[Callable[[M], Iterable[str]]], Callable[[M], Iterable[str]]]:
    """Return a decorator for the function that names the devices of a command, those of its body left out."""
    return _registry.DEVICES.register(*models)


def performs(
    *models: type[M], work_units: int | Callable[[M, int], int] = 1
) -> Callable[[Callable[[M, ScanAccess], Awaitable[None]]], Callable[[M, ScanAccess], Awaitable[None]]]:
    """Return a decorator for the async function by which the embedded server performs a command.

    It is called with the command and a `ScanAccess`. `CommandFailed` fails the scan with its text. Any other
    exception does so too, with its kind and text, and goes to the server's log. The function runs on the
    event loop of the server, and must not block it.

    Args:
        *models: The kinds of commands.
        work_units: Units of work that one counts for besides those of its body, which are counted once it was
            performed. Where a body is performed several times, a function of the command and of the units of
            its body, which returns all units.
    """

    def register(
        function: Callable[[M, ScanAccess], Awaitable[None]],
    ) -> Callable[[M, ScanAccess], Awaitable[None]]:
        _registry.PERFORMING.register(*models)(function)
        if work_units != 1:
            _registry.WORK_UNITS.register(*models)(_units(work_units, function.__module__))
        return function

    return register


def _units(units: int | Callable[[M, int], int], owner: str) -> Callable[[M, int], int]:
    if not isinstance(units, int):
        return units

    def count(_: M, body: int) -> int:
        return units + body

    count.__module__ = owner
    return count


def simulates(
    *models: type[M],
) -> Callable[[Callable[[M, SimulationAccess], T]], Callable[[M, SimulationAccess], T]]:
    """Return a decorator for the function that says what a command does in a simulation.

    It is called with the command and a `SimulationAccess`. It may return how many seconds the command takes;
    its body is then performed once after that. Or it does everything itself and returns None. What it does
    may depend on the command and on the devices that it uses and on nothing else, as loops are not gone
    through step by step where that is not needed.

    Without such a function a command takes the tenth of a second that a scan server takes for what it knows
    no better.

    Example:
        >>> from scan_sdk import simulate
        >>> from scan_sdk.extend import SimulationAccess, simulates
        >>> from scan_sdk.models import Set
        >>> class Park(Set):
        ...     "Moves a device slowly."
        >>> @simulates(Park)
        ... def park(command: Park, simulation: SimulationAccess) -> None:
        ...     device = simulation.device(command.device)
        ...     simulation.step(2 * device.time_to(0.0), f"Park '{device.name}'")
        ...     device.move(0.0)
        >>> print(simulate([Set("x", 0.5), Park("x", 0)]).log.splitlines()[3])
        00:00:00 - Park 'x'
    """

    def register(function: Callable[[M, SimulationAccess], T]) -> Callable[[M, SimulationAccess], T]:
        _registry.SIMULATING.register(*models)(function)
        return function

    return register


def device(scheme: str, factory: Callable[[Around], Provider]) -> None:
    """Register devices of a scheme: those whose names begin with it and `://`.

    Args:
        scheme: Such as `tango`.
        factory: Makes, for each server, what makes its devices. `scan_sdk.server.devices` has the classes.

    Raises:
        ExtensionError: There are devices of that scheme already.
    """
    _registry.SCHEMES.add(scheme, factory, owner=factory.__module__)


def lint_rule(*, code: str, name: str, severity: Severity, title: str, advice: str) -> None:
    """Register a kind of finding, which rules of the check then report by its name.

    Args:
        code: Letters and a number, such as `BL7001`. It names the finding in comments and options. Codes that
            begin with `SC` are those of this package.
        name: Words with hyphens, such as `shutter-without-completion`.
        severity: `error`, `warning` or `info`.
        title: What is the matter, as a sentence.
        advice: What to do, as half a sentence that begins with a verb.

    Raises:
        ExtensionError: The code begins with `SC`, or another kind of finding has that code or that name.

    Example:
        >>> from scan_sdk import Set, check
        >>> from scan_sdk.extend import checks, lint_rule
        >>> lint_rule(
        ...     code="BL7001",
        ...     name="shutter-without-completion",
        ...     severity="warning",
        ...     title="The shutter may still move.",
        ...     advice="give completion=True and a timeout",
        ... )
        >>> class SetShutter(Set):
        ...     "Opens or closes a shutter."
        >>> @checks(SetShutter)
        ... def check_shutter(command, visit):
        ...     if not command.completion:
        ...         visit.report("shutter-without-completion", "the shutter may still move", tag="completion")
        >>> for finding in check([SetShutter("shutter", "Open")]):
        ...     print(finding)
        command 0: BL7001 the shutter may still move: give completion=True and a timeout
    """
    if code.startswith("SC"):
        raise ExtensionError(
            f"codes that begin with SC are those of scan_sdk: give {name} another than {code}"
        )
    _registry.add_code(_registry.Code(code, name, severity, title, advice), owner=name)


def checks(*models: type[M]) -> Callable[[Callable[[M, Visit], None]], Callable[[M, Visit], None]]:
    """Return a decorator for a rule of the check: a function of a command and of a `scan_sdk.lint.Visit`.

    The rule is called for each command of these kinds and of their subclasses, besides the rules that are
    there. `CommandModel` means all commands. It reports what it finds with `Visit.report`, by a name that
    `lint_rule` has registered. `Visit.scope` says which loops are around the command, `Visit.macros` which
    macros are in force, and `Visit.pv` which PV a name means.

    Args:
        *models: The kinds of commands.
    """
    return _registry.CHECKS.register(*models)


def exporter(
    name: str,
    *,
    suffixes: Iterable[str],
    write: Callable[[ScanData, Path], None],
    read: Callable[[Path], Iterable[DeviceLog]] | None = None,
    recognises: Callable[[bytes], bool] | None = None,
    is_text: bool = True,
) -> None:
    r"""Register a format of data, for `ScanData.write`, `ScanData.read` and the command line.

    Args:
        name: What it is called, such as `spec`.
        suffixes: What the names of its files end in, such as `.spec`.
        write: Writes data to the path of a new file, which takes the place of the old one when it is whole. A
            ValueError says what the format cannot hold.
        read: Returns what was logged, from a file; None for a format that is only written.
        recognises: Whether a file is in this format, by its first 512 bytes; by default its suffix says it.
        is_text: Whether people can read it on a terminal.

    Raises:
        ExtensionError: There is a format of that name already, or another one has such a suffix.

    Example:
        >>> from scan_sdk import DeviceLog, ScanData
        >>> def write(data, path):
        ...     path.write_text("".join(f"{name}: {log.value[-1]:g}\n" for name, log in data.items()))
        >>> exporter("last", suffixes=[".last"], write=write)
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "run.last")
        ...     ScanData([DeviceLog("x", [0, 1], [0, 0], [2, 5])]).write(path)
        ...     print(path.read_text(), end="")
        x: 5
    """
    from scan_sdk.data.files import suffixes as known  # it takes numpy, which not all extensions need

    ending = tuple(suffix.lower() for suffix in suffixes)
    for suffix, other in known().items():
        if suffix in ending and other != name:
            raise ExtensionError(f"files that end in {suffix} are of the format {other!r} already")
    made = _registry.Exporter(name, ending, write, read, recognises, is_text=is_text)
    _registry.EXPORTERS.add(name, made, owner=write.__module__)
