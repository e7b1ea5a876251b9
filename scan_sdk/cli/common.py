"""What the commands of `scan-sdk` share: options, exit codes, and how they say what went wrong."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import typer

from scan_sdk.errors import (
    AccessRefused,
    CommandRefused,
    DataFileError,
    InvalidCommands,
    InvalidConfig,
    MissingExtra,
    ProtocolError,
    ScanAborted,
    ScanFailed,
    ScanLogged,
    ScanRejected,
    TransportError,
    UnknownScan,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from scan_sdk.errors import ScanSdkError

__all__ = [
    "LAST",
    "AsJson",
    "Complaint",
    "Exit",
    "OptionalScan",
    "ScanRef",
    "ScanRefs",
    "Values",
    "Yes",
    "blanked",
    "check_target",
    "checking",
    "complain",
    "exit_code",
    "printable",
    "replacing",
    "writing",
]

Values: TypeAlias = Literal["typed", "text"]
"""Whether values that are numbers are taken for numbers."""
LAST: Final = "last"
"""What stands for the most recent scan."""


def _check_scan(given: str | list[str] | None) -> str | list[str] | None:
    """Return what names scans, if each is a number or the word for the most recent one."""
    for text in [given] if isinstance(given, str) else given or []:
        if text != LAST and not (text.isascii() and text.isdecimal()):
            raise typer.BadParameter(f"'{text}' is no number of a scan; {LAST} is the most recent one")
    return given


_SCAN_HELP: Final = f"The number of the scan; {LAST} for the most recent one."
ScanRef = Annotated[
    str, typer.Argument(metavar="ID", callback=_check_scan, help=_SCAN_HELP, show_default=False)
]
"""The argument that names a scan."""
OptionalScan = Annotated[
    str | None, typer.Argument(metavar="[ID]", callback=_check_scan, help=_SCAN_HELP, show_default=False)
]
"""The argument that may name a scan."""
ScanRefs = Annotated[
    list[str],
    typer.Argument(
        metavar="ID...",
        callback=_check_scan,
        help=f"The numbers of scans; {LAST} for the most recent one.",
        show_default=False,
    ),
]
"""The argument that names one scan or more."""
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
"""The option for those that read with a program."""
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
"""The option for those that are sure."""


class Exit(IntEnum):
    """Exit codes; docs/reference/command-line.md says what each means."""

    ERROR = 1
    WRONG_USE = 2
    NO_CONFIG = 3
    NO_PORT = 4
    NO_DATA_LOG = 5
    NO_SERVER = 6
    NO_SCAN = 7
    NO_SUCH_DATA = 8
    NOT_WRITTEN = 9
    NOT_INSTALLED = 10
    REJECTED = 11
    REFUSED = 12
    NO_ACCESS = 13
    NO_ANSWER = 14
    NOT_CONFIRMED = 15
    FINDINGS = 20
    NOT_READ = 21
    NOT_FORMATTED = 22
    FAILED = 30
    ABORTED = 31
    LOGGED = 32
    UNFORESEEN = 70
    INTERRUPTED = 130


_MEANINGS = {
    MissingExtra: Exit.NOT_INSTALLED,
    TransportError: Exit.NO_SERVER,
    ProtocolError: Exit.NO_ANSWER,
    UnknownScan: Exit.NO_SCAN,
    ScanRejected: Exit.REJECTED,
    CommandRefused: Exit.REFUSED,
    AccessRefused: Exit.NO_ACCESS,
    InvalidCommands: Exit.NOT_READ,
    InvalidConfig: Exit.NO_CONFIG,
    DataFileError: Exit.NOT_WRITTEN,
    ScanFailed: Exit.FAILED,
    ScanAborted: Exit.ABORTED,
    ScanLogged: Exit.LOGGED,
}


class Complaint(Exception):
    """What ends a command.

    Attributes:
        code: The exit code.
    """

    def __init__(self, code: Exit, reason: str) -> None:
        """Keep the exit code and what to say."""
        super().__init__(reason)
        self.code = code


def exit_code(error: ScanSdkError) -> Exit:
    """Return the exit code of an error."""
    return next((code for kind, code in _MEANINGS.items() if isinstance(error, kind)), Exit.ERROR)


def printable(text: str) -> str:
    """Return text in which nothing steers the terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def blanked(text: str) -> str:
    """Return text of the same length in one line, in which nothing steers the terminal."""
    return "".join(char if char.isprintable() else " " for char in text)


def complain(text: str) -> None:
    """Say what went wrong, on the standard error stream."""
    text = "\n".join(map(printable, text.split("\n")))
    from rich.console import Console
    from rich.markup import escape

    Console(stderr=True).print(f"[red]scan-sdk:[/red] {escape(text)}", highlight=False, soft_wrap=True)


@contextmanager
def checking(options: str) -> Generator[None]:
    """Turn what the models say against an argument into a complaint that names the options.

    Raises:
        Complaint: An argument cannot be right.
    """
    from pydantic import ValidationError

    try:
        yield
    except ValidationError as error:
        raise Complaint(Exit.WRONG_USE, f"{error.errors()[0]['msg']}; see {options}") from None


def check_target(path: Path) -> None:
    """See that a file has a place to be written to, before anything is fetched for it.

    Raises:
        Complaint: There is no such folder, or the file is one.
    """
    with writing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not path.parent.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Give a file to write that takes the place of another at the end; after an error there is nothing of it.

    It has the same suffix and stands on the same disk.

    Raises:
        Complaint: It cannot be written.
    """
    from scan_sdk.data.files import in_place_of

    check_target(path)
    with writing(path), in_place_of(path.resolve()) as written:
        yield written


@contextmanager
def writing(target: Path | str) -> Generator[None]:
    """Turn what the system says against writing into a complaint that names the target.

    Raises:
        Complaint: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno == errno.EPIPE:  # whoever read it has seen enough: typer knows what to do then
            raise
        raise Complaint(Exit.NOT_WRITTEN, f"cannot write {target}: {error.strerror or error}") from error
