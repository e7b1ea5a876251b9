"""The scan server's interface: one value per request, with how to understand its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeVar

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
    from collections.abc import Callable

    from scan_sdk._protocol.options import SubmitOptions
    from scan_sdk.data import ScanData
    from scan_sdk.models import DeviceInfo, Patch, ScanInfo, ScanServerInfo, SimulationResult

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Verb = Literal["pause", "resume", "abort", "next"]
"""What can be done to a scan without saying more."""

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


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One request and how to understand its answer.

    Attributes:
        method: HTTP method.
        target: Path and query below the server's address, percent-encoded.
        decode: Makes a value of the whole answer.
        reader: Makes a value of the answer piece by piece, in place of `decode`. Such an answer may take
            its time: each piece must come within the timeout, not the whole.
        body: What to send, XML; empty for nothing.
        repeatable: Whether doing it twice is the same as doing it once.
        limit: Bytes that the answer may have; None where that is the user's to say.
        scan_id: The scan it is about, where it is about one.
    """

    method: Literal["GET", "PUT", "POST", "DELETE"]
    target: str
    decode: Callable[[bytes], T]
    reader: Callable[[], ReplyReader[T]] | None = None
    body: bytes = b""
    repeatable: bool = False
    limit: int | None = SHORT
    scan_id: int | None = None

    def open(self) -> ReplyReader[T]:
        """Return what takes the answer."""
        return WholeReply(self.decode) if self.reader is None else self.reader()

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


def server_info() -> Operation[ScanServerInfo]:
    """Ask for the server's version, configuration and memory."""
    return Operation("GET", "/server/info", read_server, repeatable=True)


def shutdown() -> Operation[None]:
    """Stop the server. A GET, but one that must not be repeated: the next server would be stopped too."""
    return Operation("GET", "/server/shutdown", read_bye)


def submit(options: SubmitOptions, document: bytes) -> Operation[int]:
    """Submit a scan; the answer is its id."""
    return Operation("POST", options.target, read_id, body=document)


def simulate(document: bytes) -> Operation[SimulationResult]:
    """Have the server say what a scan would do. Nothing is kept, so it may be repeated."""
    return Operation("POST", "/simulate", read_simulation, body=document, repeatable=True, limit=None)


def scan_infos() -> Operation[tuple[ScanInfo, ...]]:
    """Ask for all scans, the most recent first."""
    return Operation("GET", "/scans", read_scans, repeatable=True, limit=None)


def scan_info(scan_id: int) -> Operation[ScanInfo]:
    """Ask for one scan."""
    return Operation("GET", f"/scan/{scan_id}", read_scan, repeatable=True, scan_id=scan_id)


def scan_commands(scan_id: int) -> Operation[CommandSequence]:
    """Ask for the commands of a scan as the server holds them, patches included."""
    target = f"/scan/{scan_id}/commands"
    return Operation("GET", target, _read_sequence, repeatable=True, limit=None, scan_id=scan_id)


def scan_devices(scan_id: int | None) -> Operation[tuple[DeviceInfo, ...]]:
    """Ask for the devices that a scan uses, or for those that the server's configuration names."""
    target = f"/scan/{ALL if scan_id is None else scan_id}/devices"
    return Operation("GET", target, read_devices, repeatable=True, limit=None, scan_id=scan_id)


def last_serial(scan_id: int) -> Operation[int]:
    """Ask for the serial of what was logged last, -1 where nothing was."""
    target = f"/scan/{scan_id}/last_serial"
    return Operation("GET", target, read_serial, repeatable=True, scan_id=scan_id)


def get_data(scan_id: int) -> Operation[ScanData]:
    """Ask for all that a scan has logged."""
    return Operation(
        "GET",
        f"/scan/{scan_id}/data",
        _read_log,
        reader=LogReader,
        repeatable=True,
        limit=None,
        scan_id=scan_id,
    )


def steer(scan_id: int, verb: Verb) -> Operation[None]:
    """Pause, resume, abort or advance a scan, or `ALL`. To advance twice is more than to advance once."""
    about = None if scan_id == ALL else scan_id
    return Operation(
        "PUT", f"/scan/{scan_id}/{verb}", _read_nothing, repeatable=verb != "next", scan_id=about
    )


def move(scan_id: int, steps: int) -> Operation[None]:
    """Move a scan in the queue, relative to where it is: not repeatable."""
    return Operation("PUT", f"/scan/{scan_id}/move/{steps}", _read_nothing, scan_id=scan_id)


def patch(scan_id: int, change: Patch) -> Operation[None]:
    """Change a property of a command of a scan."""
    return Operation(
        "PUT",
        f"/scan/{scan_id}/patch",
        _read_nothing,
        body=write_patch(change).encode(),
        repeatable=True,
        scan_id=scan_id,
    )


def delete(scan_id: int) -> Operation[None]:
    """Remove a scan and its data. The second time it is gone already, which the caller can tell."""
    return Operation("DELETE", f"/scan/{scan_id}", _read_nothing, repeatable=True, scan_id=scan_id)


def clear() -> Operation[None]:
    """Remove all scans that are done."""
    return Operation("DELETE", "/scans/completed", _read_nothing, repeatable=True)


def _read_nothing(body: bytes) -> None:
    if body.strip():
        raise ProtocolError("an empty answer was expected", raw=excerpt(body))


def _read_sequence(body: bytes) -> CommandSequence:
    try:
        return CommandSequence.from_xml(body)
    except InvalidCommands as error:
        raise ProtocolError(f"the server's commands cannot be read: {error}", raw=excerpt(body)) from error


def _read_log(body: bytes) -> ScanData:
    reader = LogReader()
    reader.feed(body)
    return reader.close()


def excerpt(body: bytes) -> str:
    """Return the beginning of an answer as text, to show to people."""
    return body[:2000].decode("utf-8", "replace")
