"""Every exception that scan_sdk raises, sorted by what it means for the caller.

Wrong arguments are pydantic's `ValidationError` (a `ValueError`). Everything else derives from
`ScanSdkError`. All of them survive pickling, so that they can cross process borders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scan_sdk.data import ScanData
    from scan_sdk.models import CellSource, Command, ScanInfo, Source

__all__ = [
    "AccessRefused",
    "AlignmentFailed",
    "CellProblem",
    "CommandRefused",
    "ConnectError",
    "DataFileError",
    "ExtensionError",
    "InvalidCommands",
    "InvalidConfig",
    "InvalidSchema",
    "InvalidScript",
    "InvalidSettings",
    "InvalidTable",
    "MissingExtra",
    "NotTabular",
    "ProtocolError",
    "ReplyTimeout",
    "ScanAborted",
    "ScanFailed",
    "ScanLogged",
    "ScanOutcomeError",
    "ScanRejected",
    "ScanSdkError",
    "ServerError",
    "TableFileError",
    "TransportError",
    "UnknownScan",
    "WaitTimeout",
]


class ScanSdkError(Exception):
    """The root of all errors of this package."""

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from text and attributes, whatever arguments the subclass's constructor wants."""
        return _rebuild, (type(self), self.args, self.__dict__)


def _rebuild(cls: type[ScanSdkError], args: tuple[object, ...], state: dict[str, object]) -> ScanSdkError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


class InvalidCommands(ScanSdkError, ValueError):
    """A command document cannot be read.

    Attributes:
        source: Name of the document: a path, or `commands` for text.
        line: Line of the fault, from 1; 0 where it is not known.
        column: Column of the fault, from 1; 0 where it is not known.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, reason: str, *, source: str = "commands", line: int = 0, column: int = 0) -> None:
        """Compose the text `source:line:column: reason`."""
        place = f"{source}:{line}:{column}" if line else source
        super().__init__(f"{place}: {reason}")
        self.source = source
        self.line = line
        self.column = column
        self.reason = reason


class InvalidConfig(ScanSdkError, ValueError):
    """The configuration file of a scan server cannot be used.

    Attributes:
        source: Name of the file.
        problems: All that is wrong, in the order of the file: line and column, both from 1, and what to fix.
    """

    def __init__(self, *problems: tuple[int, int, str], source: str = "scan_config.xml") -> None:
        """Compose the text: a line `source:line:column: reason` for each problem."""
        super().__init__(
            "\n".join(f"{source}:{line}:{column}: {reason}" for line, column, reason in problems)
        )
        self.source = source
        self.problems = problems


class InvalidSchema(ScanSdkError, ValueError):
    """A schema has a part of which no command can be made; the text says which, why, and what to do."""


class InvalidScript(ScanSdkError, ValueError):
    """A Python script cannot be read.

    Attributes:
        source: Name of the script: a path, or `-` for the standard input.
        line: Line of the fault, from 1; 0 where it is not known.
        column: Column of the fault, from 1; 0 where it is not known.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, reason: str, *, source: str = "-", line: int = 0, column: int = 0) -> None:
        """Compose the text `source:line:column: reason`."""
        place = f"{source}:{line}:{column}" if line else source
        super().__init__(f"{place}: {reason}")
        self.source = source
        self.line = line
        self.column = column
        self.reason = reason


class InvalidSettings(ScanSdkError, ValueError):
    """Settings for devices cannot be used.

    Attributes:
        source: Name of the file, or `settings` where they come from no file.
        problems: All that is wrong: where, such as the pattern of a rule or a line, and what to fix.
    """

    def __init__(self, *problems: tuple[str, str], source: str = "settings") -> None:
        """Compose the text: a line `source: where: what to fix` for each problem."""
        super().__init__("\n".join(f"{source}: {place}: {reason}" for place, reason in problems))
        self.source = source
        self.problems = problems


_MOST_TOLD: Final = 100
"""The most problems that a text lists: a terminal shows no more."""


class CellProblem(NamedTuple):
    """What is wrong with one cell of a table, or with a header or a row as a whole.

    Attributes:
        place: The cell.
        text: Text of the cell.
        reason: What was expected, and what to do about it.
    """

    place: CellSource
    text: str
    reason: str

    def __str__(self) -> str:
        shown = f" {self.text!r}:" if self.text else ""
        return f"{self.place}:{shown} {self.reason}"


class InvalidTable(ScanSdkError, ValueError):
    """A table cannot be turned into a scan.

    Attributes:
        problems: All that is wrong, in the order of the table.
    """

    def __init__(self, *problems: CellProblem) -> None:
        """Compose the text: a line for each of the first hundred problems, and how many more there are."""
        lines = list(map(str, problems[:_MOST_TOLD]))
        if len(problems) > _MOST_TOLD:
            lines.append(f"and {len(problems) - _MOST_TOLD:,} more: see the problems of this error")
        super().__init__("\n".join(lines))
        self.problems = problems


class NotTabular(ScanSdkError, ValueError):
    """Commands cannot be written as a table, since no table makes them.

    Attributes:
        address: Address of the first command that does not fit, counted depth first from 0.
        command: That command, as Python.
        reason: Why it does not fit, and what to do about it.
    """

    def __init__(self, address: int, command: str, reason: str) -> None:
        """Compose the text `command address, Delay(2): reason`."""
        super().__init__(f"command {address}, {command}: {reason}")
        self.address = address
        self.command = command
        self.reason = reason


class TableFileError(ScanSdkError, ValueError):
    """A file has no table that can be read, or cannot be written as asked.

    Attributes:
        path: The file.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        """Compose the text `path: reason`."""
        super().__init__(f"{path}: {reason}")
        self.path: str = str(path)
        self.reason = reason


class DataFileError(ScanSdkError, ValueError):
    """A file of data cannot be written as asked, or has no data that can be read.

    What the system refuses, such as a folder that is not there or a full disk, is Python's own `OSError`.

    Attributes:
        path: The file.
        reason: What is wrong, and what to do about it.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        """Compose the text `path: reason`."""
        super().__init__(f"{path}: {reason}")
        self.path: str = str(path)
        self.reason = reason


class AlignmentFailed(ScanSdkError):
    """What was logged does not tell where a device is aligned; it was not moved.

    Attributes:
        device: The device that was scanned.
        reason: What is wrong with the data, and what to do about it.
        last_position: Where the device was last logged, None where it was not.
        data: What the scan has logged.
        scan_id: The scan, None where that is not known.
    """

    def __init__(
        self,
        device: str,
        reason: str,
        *,
        last_position: float | None = None,
        data: ScanData | None = None,
        scan_id: int | None = None,
    ) -> None:
        scan = "" if scan_id is None else f" by scan {scan_id}"
        place = "" if last_position is None else f", and was last at {last_position:g}"
        super().__init__(f"cannot align '{device}'{scan}: {reason}. It was not moved{place}")
        self.device = device
        self.reason = reason
        self.last_position = last_position
        self.data = data
        self.scan_id = scan_id


class ExtensionError(ScanSdkError, ValueError):
    """What an extension registers cannot be used, such as a command whose element another extension has."""


class MissingExtra(ScanSdkError, ImportError):
    """An optional part of scan_sdk is used, and the packages that it needs are not installed.

    Attributes:
        extra: Name of the extra that brings them.
    """

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs packages that are not installed: pip install 'scan_sdk[{extra}]'")
        self.extra = extra


class TransportError(ScanSdkError):
    """The exchange with the server broke: no reply came, or not a whole one.

    Attributes:
        sent: Whether the request may have reached the server. After a failed submit this answers
            "is my scan queued?": False means surely not; True means look at `scan_infos()`.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class ConnectError(TransportError):
    """No connection to the server could be made, so nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, sent=False)


class ReplyTimeout(TransportError, TimeoutError):
    """The server accepted the request and did not answer within the timeout."""


class ProtocolError(ScanSdkError):
    """The server answered something that is not what the scan server's interface defines.

    Attributes:
        raw: The beginning of the reply's body, as text.
    """

    def __init__(self, message: str, *, raw: str = "") -> None:
        super().__init__(message)
        self.raw = raw


class ServerError(ScanSdkError):
    """The server understood the request and refused it, or failed to carry it out.

    Attributes:
        message: The server's reason in one line.
        trace: The server's stack trace where it sent one, else empty.
    """

    def __init__(self, message: str, *, trace: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.trace = trace


class ScanRejected(ServerError):
    """The server refused to submit or to simulate the commands.

    Where the server names a file or a script that one of them asks for, the text begins with the place where
    that command was written, if it is known.

    Attributes:
        address: Address of the first command that asks for what the server names, else None.
        command: That command.
        source: Where it was written, None where that is not known.
    """

    def __init__(
        self, message: str, *, trace: str = "", address: int | None = None, command: Command | None = None
    ) -> None:
        super().__init__(message, trace=trace)
        self.address = address
        self.command = command
        self.source: Source | None = None if command is None else command.source

    def __str__(self) -> str:
        """Return the server's reason, after the place where that is known."""
        return self.message if self.source is None else f"{self.source}: {self.message}"


class AccessRefused(ServerError):
    """The server, or a proxy before it, wants a token or a password, or refuses those that were sent."""


class UnknownScan(ServerError, LookupError):
    """The server knows no scan of that id.

    Attributes:
        scan_id: The id that was asked for.
    """

    def __init__(self, scan_id: int, *, trace: str = "") -> None:
        message = f"the server knows no scan {scan_id}: it was deleted, or never submitted here"
        super().__init__(message, trace=trace)
        self.scan_id = scan_id


class CommandRefused(ServerError):
    """A control call (pause, resume, next, move, patch, delete) had no effect, for the reason given."""


_MOST_PLACES = 3
"""Places that the text of an error names."""


class ScanOutcomeError(ScanSdkError):
    """A scan that was waited for did not finish successfully.

    The text names the place where the command was written that failed, such as a cell of a table or a line of
    a file, if the client that waits has submitted the scan. The embedded server reports which command
    failed. For other servers it is found by the reason, which names devices and values: if several commands
    fit, the text names `one of` up to three places, and these attributes are None.

    Attributes:
        info: What the server last said of the scan; `info.error` is its reason.
        address: Address of the command that failed, or that was being performed when the scan was aborted;
            counted as `CommandSequence.walk` does. None where that is not known. For a failure in an included
            file it is that of the `Include`; the commands of a pre- or post-scan have none.
        command: That command, as it is on the server.
        source: Where it was written; if that is not known, where the command around it was written.
    """

    def __init__(self, info: ScanInfo, culprits: Sequence[tuple[int, Command]] = ()) -> None:
        """Name the scan, its state, the place and the server's reason.

        Args:
            info: What the server last said of the scan.
            culprits: The commands one of which has failed, with their addresses; none where nothing is known.
        """
        places = list(dict.fromkeys(command.source for _, command in culprits))
        known = [str(place) for place in places if place is not None]
        place = ""
        if known and len(known) == len(places) <= _MOST_PLACES:
            place = known[0] if len(known) == 1 else f"one of {'; '.join(known)}"
        parts = [f"scan {info.id} '{info.name}' {info.state}", place, info.error]
        super().__init__(": ".join(part for part in parts if part))
        self.info = info
        self.address: int | None = None
        self.command: Command | None = None
        if len(culprits) == 1:
            self.address, self.command = culprits[0]
        self.source: Source | None = places[0] if len(places) == 1 else None


class ScanFailed(ScanOutcomeError):
    """The scan ended as Failed; `info.error` is the server's reason."""


class ScanAborted(ScanOutcomeError):
    """The scan was aborted, by someone or by its own timeout or deadline."""


class ScanLogged(ScanOutcomeError):
    """The server only has the logged data of the scan, and nobody knows whether it succeeded.

    A scan becomes Logged when the server restarts, or drops it to save memory (traps 4 and 32).
    """


class WaitTimeout(ScanSdkError, TimeoutError):
    """Our own deadline for waiting passed; the scan still runs.

    Attributes:
        info: What the server last said of the scan, None where it said nothing.
    """

    def __init__(self, message: str, info: ScanInfo | None = None) -> None:
        super().__init__(message)
        self.info = info
