"""What the commands of `scan-sdk` share: options, exit codes, and how they say what went wrong."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console
from rich.markup import escape

from scan_sdk.errors import DataFileError, MissingExtra, TransportError, UnknownScan

if TYPE_CHECKING:
    from collections.abc import Generator

    from scan_sdk import ScanClient
    from scan_sdk.errors import ScanSdkError

__all__ = [
    "DEFAULT_URL",
    "Complaint",
    "Exit",
    "Format",
    "ScanId",
    "Token",
    "Url",
    "Values",
    "check_target",
    "complain",
    "connect",
    "exit_code",
    "replacing",
    "writing",
]

Format: TypeAlias = Literal["table", "csv", "json", "parquet", "nexus"]
"""What data can be written as."""
Values: TypeAlias = Literal["typed", "text"]
"""Whether values that are numbers are taken for numbers."""
Url = Annotated[str, typer.Option("--url", envvar="SCAN_SDK_URL", help="The scan server.")]
Token = Annotated[
    str | None,
    typer.Option(
        envvar="SCAN_SDK_TOKEN",
        help="What requests have to show. Other users can see it here, but not in the environment.",
        show_default=False,
    ),
]
ScanId = Annotated[int, typer.Argument(metavar="ID", min=0, help="The scan.", show_default=False)]
DEFAULT_URL = "http://localhost:4810"


class Exit(IntEnum):
    """Exit codes, as docs/reference/command-line.md lists them."""

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
    FINDINGS = 20
    NOT_READ = 21
    INTERRUPTED = 130


_MEANINGS = {
    MissingExtra: Exit.NOT_INSTALLED,
    TransportError: Exit.NO_SERVER,
    UnknownScan: Exit.NO_SCAN,
    DataFileError: Exit.NOT_WRITTEN,
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


def complain(text: str) -> None:
    """Say what went wrong, on the standard error stream."""
    Console(stderr=True).print(f"[red]scan-sdk:[/red] {escape(text)}", highlight=False, soft_wrap=True)


def connect(url: str, token: str | None) -> ScanClient:
    """Return a client of the server that the options name.

    Raises:
        Complaint: They make no sense.
    """
    from pydantic import ValidationError

    from scan_sdk import ScanClient

    try:
        return ScanClient(url=url, token=token)
    except ValidationError as error:
        raise Complaint(Exit.WRONG_USE, f"{error.errors()[0]['msg']}; see --url and --token") from None


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
    check_target(path)
    target = path.resolve()
    with writing(path), TemporaryDirectory(prefix=".scan-sdk-", dir=target.parent) as folder:
        written = Path(folder, target.name)
        yield written
        written.replace(target)


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
