"""The files that scans name: included commands and classes of scripts, from the configured folders only."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from scan_sdk._wire.commands import read_commands
from scan_sdk._wire.text import describe
from scan_sdk.errors import InvalidCommands
from scan_sdk.server.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from scan_sdk.models import Command, Include

__all__ = ["DEEPEST", "ScanFiles", "read_file"]

DEEPEST: Final = 100
"""How deep commands may be nested, included files counted: each level takes some of Python's stack."""


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
    """The files of one submitted or simulated scan."""

    def __init__(self, folders: tuple[Path, ...], *, simulated: bool = False) -> None:
        """Take the folders, in the order of search.

        Args:
            folders: The script path.
            simulated: Whether the scan is only simulated, so that scripts need not run.
        """
        self._folders = folders
        self._simulated = simulated
        self._depth = 0

    def commands(self, name: str) -> tuple[Command, ...]:
        """Return the commands of a file that a scan includes.

        Raises:
            Refused: It is not in the folders, or cannot be read.
        """
        path = self._find(name)
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
        if self._depth >= DEEPEST:
            raise Refused(f"commands are nested more than {DEEPEST} deep, or files include each other")
        self._depth += 1
        yield
        self._depth -= 1

    def require_class(self, name: str) -> None:
        """Make sure that there is a class of that name for a script or an error handler.

        Raises:
            Refused: There is none, or it would have to run.
        """
        file = f"{name.lower()}.py"
        if self._find(file) is None:
            raise Refused(f"Error loading class {name}: there is no {file} on the script path")
        if not self._simulated:
            raise Refused(f"{name} cannot be used: this version of the server does not run scripts yet")

    def _find(self, name: str) -> Path | None:
        for folder in self._folders:
            root = folder.resolve()
            try:
                path = (root / name).resolve()
                if path.is_relative_to(root) and path.is_file():
                    return path
            except (OSError, ValueError):  # a name that no file can have
                return None
        return None
