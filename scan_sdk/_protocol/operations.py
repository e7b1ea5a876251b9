"""The scan server's interface: one value per request, with how to understand its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Generic, Literal, NamedTuple, Protocol, TypeVar

from scan_sdk._wire.commands import read_commands
from scan_sdk._wire.log import LogReader
from scan_sdk._wire.patch import write_patch
from scan_sdk._wire.replies import (
    read_bye,
    read_devices,
    read_id,
    read_scan,
    read_scans,
    read_serial,
    read_server,
    read_simulation,
)
from scan_sdk.errors import InvalidCommands, ProtocolError
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scan_sdk._protocol.options import SubmitOptions
    from scan_sdk.data import ScanData
    from scan_sdk.models import DeviceInfo, Patch, ScanInfo, ScanServerInfo, SimulationResult

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Verb = Literal["pause", "resume", "abort", "next"]
"""What can be done to a scan without saying more."""

Values = Literal["typed", "text"]
"""Whether logged values get the type of their column, or stay texts as the server has written them."""

ALL = -1
"""In place of a scan's id: every scan that the server can still control."""

SHORT = 2**20
"""Bytes of the longest answer to expect where the answer does not grow with the scan."""


class ReplyReader(Protocol[T_co]):
    """Takes an answer in pieces and makes a value of it."""

    def feed(self, chunk: bytes, /) -> None:
        """Take the next piece."""
        ...

    def close(self) -> T_co:
        """Return the value; raises `ProtocolError` where there is none."""
        ...


class WholeReply(Generic[T]):
    """Keeps the answer and decodes it at its end."""

    __slots__ = ("_chunks", "_decode")

    def __init__(self, decode: Callable[[bytes], T]) -> None:
        """Decode by this function, which raises `ProtocolError`."""
        self._decode = decode
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes, /) -> None:
        """Keep the next piece."""
        self._chunks.append(chunk)

    def close(self) -> T:
        """Decode the whole."""
        return self._decode(b"".join(self._chunks))


class DataReply:
    """Reads logged data as it arrives, so that the whole is never held as XML."""

    __slots__ = ("_log", "_typed_values")

    def __init__(self, _: Mapping[str, str], *, typed_values: bool = True) -> None:
        self._log = LogReader(numbers=typed_values)
        self._typed_values = typed_values

    def feed(self, chunk: bytes, /) -> None:
        """Read the next piece."""
        self._log.feed(chunk)

    def close(self) -> ScanData:
        """Return the columns."""
        from scan_sdk.data import ScanData

        return ScanData.from_raw(self._log.close(), typed_values=self._typed_values)


class Look(NamedTuple):
    """How a scan is, and which of its commands is to blame."""

    info: ScanInfo
    error_address: int | None
    """The command that failed, or was being performed when the scan was aborted; -1 where the server knows
    that it was none of the scan's own. None where it does not say."""


class LookReply:
    """Reads how a scan is, and what the embedded server adds in a header."""

    __slots__ = ("_body", "_error_address")

    def __init__(self, headers: Mapping[str, str]) -> None:
        address = headers.get("scan-error-address", "")
        self._error_address = int(address) if _ADDRESS.fullmatch(address) else None
        self._body = WholeReply(read_scan)

    def feed(self, chunk: bytes, /) -> None:
        """Keep the next piece."""
        self._body.feed(chunk)

    def close(self) -> Look:
        """Return the scan, and what was added."""
        return Look(self._body.close(), self._error_address)


_ADDRESS = re.compile(r"-1|[0-9]{1,9}")


class LogPart(NamedTuple):
    """What came in answer to a request for the data that are new."""

    data: ScanData
    size: int
    """Bytes of the answer."""
    takes_after: bool
    """Whether the server says that it leaves out samples up to the serial that the client has given."""


class LogPartReply:
    """Reads logged data, and how the server answers requests for a part of them."""

    __slots__ = ("_data", "_size", "_takes_after")

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._data = DataReply(headers)
        self._size = 0
        self._takes_after = headers.get("scan-data-after", "").lower() == "yes"

    def feed(self, chunk: bytes, /) -> None:
        """Read the next piece."""
        self._data.feed(chunk)
        self._size += len(chunk)

    def close(self) -> LogPart:
        """Return the columns, and what goes with them."""
        return LogPart(self._data.close(), self._size, self._takes_after)


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One request and how to understand its answer.

    Attributes:
        method: HTTP method.
        target: Path and query below the server's address, percent-encoded.
        reader: Makes what takes the answer, from its headers by names in lower case.
        body: What to send, XML; empty for nothing.
        repeatable: Whether doing it twice is the same as doing it once.
        limit: Bytes that the answer may have; None where that is the user's to say.
        streamed: Whether the answer may take its time: each piece must come within the timeout, not all.
        scan_id: The scan it is about, where it is about one.
        progress: Called while the answer arrives, with the number of its bytes so far.
    """

    method: Literal["GET", "PUT", "POST", "DELETE"]
    target: str
    reader: Callable[[Mapping[str, str]], ReplyReader[T]]
    body: bytes = b""
    repeatable: bool = False
    limit: int | None = SHORT
    streamed: bool = False
    scan_id: int | None = None
    progress: Callable[[int], object] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


def _whole(decode: Callable[[bytes], T]) -> Callable[[Mapping[str, str]], ReplyReader[T]]:
    return lambda _: WholeReply(decode)


def server_info() -> Operation[ScanServerInfo]:
    """Ask for the server's version, configuration and memory."""
    return Operation("GET", "/server/info", _whole(read_server), repeatable=True)


def shutdown() -> Operation[None]:
    """Stop the server. A GET, but one that must not be repeated: the next server would be stopped too."""
    return Operation("GET", "/server/shutdown", _whole(read_bye))


def submit(options: SubmitOptions, document: bytes) -> Operation[int]:
    """Submit a scan; the answer is its id."""
    return Operation("POST", options.target, _whole(read_id), body=document)


def simulate(document: bytes) -> Operation[SimulationResult]:
    """Have the server say what a scan would do. Nothing is kept, so it may be repeated."""
    return Operation("POST", "/simulate", _whole(read_simulation), body=document, repeatable=True, limit=None)


def scan_infos() -> Operation[tuple[ScanInfo, ...]]:
    """Ask for all scans, the most recent first."""
    return Operation("GET", "/scans", _whole(read_scans), repeatable=True, limit=None)


def scan_info(scan_id: int) -> Operation[Look]:
    """Ask for one scan."""
    return Operation("GET", f"/scan/{scan_id}", LookReply, repeatable=True, scan_id=scan_id)


def scan_commands(scan_id: int) -> Operation[CommandSequence]:
    """Ask for the commands of a scan as the server holds them, patches included."""
    target = f"/scan/{scan_id}/commands"
    return Operation("GET", target, _whole(_read_sequence), repeatable=True, limit=None, scan_id=scan_id)


def scan_devices(scan_id: int | None) -> Operation[tuple[DeviceInfo, ...]]:
    """Ask for the devices that a scan uses, or for those that the server's configuration names."""
    target = f"/scan/{ALL if scan_id is None else scan_id}/devices"
    return Operation("GET", target, _whole(read_devices), repeatable=True, limit=None, scan_id=scan_id)


def last_serial(scan_id: int) -> Operation[int]:
    """Ask for the serial of what was logged last, -1 where nothing was."""
    target = f"/scan/{scan_id}/last_serial"
    return Operation("GET", target, _whole(read_serial), repeatable=True, scan_id=scan_id)


def get_data(
    scan_id: int, values: Values = "typed", progress: Callable[[int], object] | None = None
) -> Operation[ScanData]:
    """Ask for all that a scan has logged.

    Raises:
        ValueError: `values` is neither "typed" nor "text".
    """
    if values not in {"typed", "text"}:
        raise ValueError(f'values="{values}": give "typed" or "text"')
    return Operation(
        "GET",
        f"/scan/{scan_id}/data",
        partial(DataReply, typed_values=values == "typed"),
        repeatable=True,
        limit=None,
        streamed=True,
        scan_id=scan_id,
        progress=progress,
    )


def log_part(scan_id: int, after: int | None) -> Operation[LogPart]:
    """Ask for what a scan has logged: for all, or for samples with a higher serial than `after`.

    Only the embedded server knows `after`, and says so in each answer.
    """
    target = f"/scan/{scan_id}/data" + ("" if after is None else f"?after={after}")
    return Operation("GET", target, LogPartReply, repeatable=True, limit=None, streamed=True, scan_id=scan_id)


def steer(scan_id: int, verb: Verb) -> Operation[None]:
    """Pause, resume, abort or advance a scan, or `ALL`.

    To advance twice is more than to advance once; and `ALL` may be others the second time.
    """
    target = f"/scan/{scan_id}/{verb}"
    if scan_id == ALL:
        return Operation("PUT", target, _whole(_read_nothing))
    return Operation("PUT", target, _whole(_read_nothing), repeatable=verb != "next", scan_id=scan_id)


def move(scan_id: int, steps: int) -> Operation[None]:
    """Move a scan in the queue, relative to where it is: not repeatable."""
    return Operation("PUT", f"/scan/{scan_id}/move/{steps}", _whole(_read_nothing), scan_id=scan_id)


def patch(scan_id: int, change: Patch) -> Operation[None]:
    """Change a property of a command of a scan."""
    return Operation(
        "PUT",
        f"/scan/{scan_id}/patch",
        _whole(_read_nothing),
        body=write_patch(change).encode(),
        repeatable=True,
        scan_id=scan_id,
    )


def delete(scan_id: int) -> Operation[None]:
    """Remove a scan and its data. The second time it is gone already, which the caller can tell."""
    return Operation("DELETE", f"/scan/{scan_id}", _whole(_read_nothing), repeatable=True, scan_id=scan_id)


def clear() -> Operation[None]:
    """Remove all scans that are done. The second time these may be more than the user has seen."""
    return Operation("DELETE", "/scans/completed", _whole(_read_nothing))


def _read_nothing(body: bytes) -> None:
    if body.strip():
        raise ProtocolError("an empty answer was expected", raw=excerpt(body))


def _read_sequence(body: bytes) -> CommandSequence:
    try:
        return CommandSequence(read_commands(body))  # without places: they would be those in the answer
    except InvalidCommands as error:
        raise ProtocolError(f"the server's commands cannot be read: {error}", raw=excerpt(body)) from error


def excerpt(body: bytes) -> str:
    """Return the beginning of an answer as text, to show to people."""
    return body[:2000].decode("utf-8", "replace")
