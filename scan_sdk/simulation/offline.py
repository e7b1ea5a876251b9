"""Simulating a scan where there is no server."""

from __future__ import annotations

from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk._dialect.macros import parse_macros
from scan_sdk._documents import EXAMPLES, find_file, path_of
from scan_sdk._documents import read as read_commands
from scan_sdk.configuration import load_config
from scan_sdk.errors import InvalidCommands
from scan_sdk.models import ScanConfig
from scan_sdk.sequence import CommandSequence
from scan_sdk.simulation.counting import count
from scan_sdk.simulation.devices import SimulatedDevices, initial_number
from scan_sdk.simulation.narration import narrate
from scan_sdk.simulation.performance import Program
from scan_sdk.simulation.results import LocalSimulation, total

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from os import PathLike

    from scan_sdk._documents import CommandsLike
    from scan_sdk.models import Command
    from scan_sdk.simulation.counting import Counted
    from scan_sdk.simulation.performance import Load


def simulate(
    commands: CommandsLike,
    config: ScanConfig | str | PathLike[str] | None = None,
    *,
    macros: Mapping[str, str] | None = None,
    folder: str | PathLike[str] | None = None,
    load: Callable[[str], Iterable[Command]] | None = None,
    read: Callable[[str], float | str | None] | None = None,
) -> LocalSimulation:
    """Return what a scan would do and how long it would take, as the scan server reckons, without a server.

    Args:
        commands: As for `ScanClient.submit`: commands, in iterables nested as you like; or an XML document;
            or the path of an `.scn` file. Text that begins with `<` is a document, other text a path.
        config: The configuration of the server, or the path of its `scan_config.xml`: aliases, slew rates,
            limits and macros. By default there are none, and all devices move 0.05 units in a second.
        macros: Macros besides those of the configuration.
        folder: Where included files are looked for first; by default in the folder of the command file. Then
            come those that the configuration names, relative to the configuration's file, or to the current
            folder where it is none. Where there is no folder, includes are named but not followed.
        load: Reads an included file by its name, in place of those folders.
        read: Reads a PV by its full name, None where it cannot be reached. By default all can be reached, and
            a limit is the initial value of a `loc://` PV.

    Returns:
        The steps as text, the time, and what it is spent for. A device that cannot be reached adds a line to
        the text that starts with `ERROR:`, and a value outside limits ends it so. A loop may have billions
        of steps: the text has the first 200000, but the numbers are of all of them.

    Raises:
        InvalidCommands: The document or a file cannot be read; macros refer to themselves; or files are not
            found, or include each other.
        InvalidConfig: The configuration makes no sense.
        OSError: A file cannot be opened.
        pydantic.ValidationError: Something given is no command.

    Example:
        >>> from scan_sdk import Log, Loop, simulate
        >>> result = simulate(Loop("motor_x", 1, 3, 1, Log("motor_x"), readback=True))
        >>> result.points, round(result.seconds, 3)
        (3, 41.3)
    """
    sequence = read_commands(commands)
    path = path_of(commands)
    if folder is None and path is not None:
        folder = path.parent
    folders = [] if folder is None else [Path(fspath(folder))]
    if config is None or isinstance(config, ScanConfig):
        settings, home = config or ScanConfig(), Path()
    else:
        settings, home = load_config(config), Path(fspath(config)).parent
    folders += [home / place for place in settings.paths if not place.startswith(EXAMPLES)]
    if load is None and folders:
        load = _Files(folders)
    source = "commands" if path is None else str(path)
    try:
        counted = count_commands(sequence, settings, macros=macros, load=load, read=read)
        result = narrate(sequence, settings, macros=macros, load=load, read=read, counted=counted)
    except InvalidCommands:
        raise
    except ValueError as error:
        raise InvalidCommands(str(error), source=source) from error
    return total(result, counted)


def count_commands(
    commands: Iterable[Command],
    config: ScanConfig,
    *,
    macros: Mapping[str, str] | None = None,
    load: Load | None = None,
    read: Callable[[str], float | str | None] | None = None,
    concurrent: bool = False,
) -> Counted:
    """Return what commands take; see `narrate` and `count`.

    Raises:
        ValueError: Macros cannot be read, or files include each other without end.
    """
    devices = SimulatedDevices(config, read or initial_number)
    in_force = parse_macros(config.macros) | dict(macros or {})
    return count(Program(devices, load).nodes(commands, in_force), concurrent=concurrent)


class _Files:
    """Reads included files from folders, each once."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._known: dict[str, CommandSequence] = {}

    def __call__(self, name: str) -> CommandSequence:
        if name not in self._known:
            path = find_file(name, self._folders)
            if path is None:
                folders = ", ".join(str(folder) for folder in self._folders)
                raise InvalidCommands(f"there is no such file to include in {folders}", source=name)
            self._known[name] = CommandSequence.from_xml(path)
        return self._known[name]
