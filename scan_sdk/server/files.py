"""The files that scans name: included commands and classes of scripts, from the configured folders only."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from scan_sdk._dialect.wording import describe
from scan_sdk._documents import EXAMPLES, find_file
from scan_sdk._wire.commands import read_commands
from scan_sdk.errors import InvalidCommands
from scan_sdk.models.tree import DEEPEST, TOO_DEEP
from scan_sdk.server.errors import Refused
from scan_sdk.server.scripts.classes import ScriptClasses, Scripted
from scan_sdk.server.scripts.thread import ScriptRaised, ScriptThread

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from scan_sdk.models import Command, Include
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.scripts.classes import ScriptFolder

__all__ = ["ScanFiles", "located", "read_file"]


_LOADING: Final = 20.0
"""Seconds that the scripts of a scan have to load."""

B = TypeVar("B")


def located(path: str, folder: Path | None) -> Path | None:
    """Return where a path of the configuration leads.

    Args:
        path: The path, relative to the folder or absolute, or `examples:` and the name of a file that comes
            with the server.
        folder: The folder of the configuration file, None where there is no such file.

    Returns:
        The place; None for a path that has none, as the configuration is no file.
    """
    if path.startswith(EXAMPLES):
        return Path(__file__).parent / "_examples" / path.removeprefix(EXAMPLES).lstrip("/")
    return None if folder is None else folder / path


def read_file(path: Path, name: str) -> tuple[Command, ...]:
    """Read a command file.

    Args:
        path: Where it is.
        name: What to call it in messages.

    Raises:
        Refused: It cannot be read, or holds no commands.
    """
    try:
        return read_commands(path.read_bytes(), source=name)
    except OSError as error:
        raise Refused(f"cannot open '{name}': {error.strerror}") from error
    except InvalidCommands as error:
        raise Refused(str(error)) from error


class ScanFiles:
    """The files of one submitted or simulated scan.

    Args:
        folders: The folders of the script path, in the order of search.
    """

    def __init__(self, folders: tuple[ScriptFolder, ...]) -> None:
        self._folders = folders
        self._classes = ScriptClasses(folders)
        self._scripted: list[Scripted[object]] = []
        self._depth = 0

    def commands(self, name: str) -> tuple[Command, ...]:
        """Return the commands of a file that a scan includes.

        Raises:
            Refused: It is not in the folders, or cannot be read.
        """
        path = find_file(name, (folder.path for folder in self._folders))
        if path is None:
            raise Refused(f"cannot open '{name}': it is not on the script path")
        return read_file(path, name)

    def included(self, command: Include) -> tuple[Command, ...]:
        """Return the commands of an included file.

        Raises:
            Refused: It is not in the folders, or cannot be read.
        """
        try:
            return self.commands(command.scan_file)
        except Refused as error:
            raise Refused(f"{describe(command)} {error}") from error

    @contextmanager
    def one_level_deeper(self) -> Generator[None]:
        """Go into a body or an included file.

        Raises:
            Refused: That is deeper than commands may be nested; files that include each other are.
        """
        if self._depth > DEEPEST + 1:  # the top is a level too, and so is the body that a command may have
            raise Refused(f"{TOO_DEEP}, or files include each other")
        self._depth += 1
        yield
        self._depth -= 1

    def script(self, name: str, base: type[B], arguments: Sequence[str] = ()) -> Scripted[B]:
        """Return a place for an object of a script, which `load` fills."""
        scripted = Scripted(name, base, arguments, self._classes)
        self._scripted.append(scripted)
        return scripted

    async def load(self, clock: Clock) -> None:
        """Load all scripts that were asked for, in a thread: their files may do anything.

        Args:
            clock: The time, which stands still meanwhile.

        Raises:
            Refused: One of them is not there, fails, or takes too long.
        """
        scripted, self._scripted = self._scripted, []
        if not scripted:
            return
        thread = ScriptThread(clock)

        def work() -> None:
            for one in scripted:
                one.load()

        try:
            async with asyncio.timeout(_LOADING):
                await thread.start(work)
        except ScriptRaised as raised:
            raise raised.error from None
        except TimeoutError:
            names = ", ".join(one.name for one in scripted)
            raise Refused(f"Loading {names} took more than {_LOADING} seconds") from None
        finally:
            thread.stop()
