"""Where the commands were written that a client has submitted: the server does not keep that."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.models import Command, ScanInfo, Source


class Origin(NamedTuple):
    """Where the commands of one scan were written.

    Attributes:
        name: The scan's name.
        kinds: What tells whether a server's scan has the same commands, whatever values they have by now.
        sources: By address: the place of a command, or where that is not known, of the one that it is in.
    """

    name: str
    kinds: int
    sources: tuple[Source | None, ...]

    @classmethod
    def of(cls, name: str, commands: Iterable[Command]) -> Origin:
        """Collect what the commands know."""
        kinds: list[type[Command]] = []
        sources: list[Source | None] = []
        _collect(commands, None, kinds, sources)
        return cls(name, hash(tuple(kinds)), tuple(sources))


def _collect(
    commands: Iterable[Command],
    around: Source | None,
    kinds: list[type[Command]],
    sources: list[Source | None],
) -> None:
    for command in commands:
        state = vars(command)  # to ask for `.source` would leave a None in each command that has none
        source = state.get("source") or around
        kinds.append(type(command))
        sources.append(source)
        if inner := state.get("body"):
            _collect(inner, source, kinds, sources)


class Origins:
    """Remembers where the commands of the latest scans were written that a client has submitted.

    Scans of whose commands nothing is known take no place. The commands themselves are not kept, as the
    server has them. Threads may share it.
    """

    SCANS: Final = 100
    """The most scans that are remembered."""
    COMMANDS: Final = 200_000
    """The most commands that are remembered, those of the latest scan not counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: dict[int, Origin] = {}
        self._size = 0

    def keep(self, scan_id: int, origin: Origin) -> None:
        """Remember a scan that a server has taken; what was under its id is of a server before."""
        with self._lock:
            self._forget(scan_id)
            if any(origin.sources):
                self._kept[scan_id] = origin
                self._size += len(origin.sources)
            while len(self._kept) > 1 and (len(self._kept) > self.SCANS or self._size > self.COMMANDS):
                self._forget(next(iter(self._kept)))

    def _forget(self, scan_id: int) -> None:
        origin = self._kept.pop(scan_id, None)
        if origin is not None:
            self._size -= len(origin.sources)

    def sources(self, info: ScanInfo, commands: Iterable[Command]) -> tuple[Source | None, ...]:
        """Return where the commands of a scan were written, by address; empty where that is not known.

        Args:
            info: What a server says of the scan.
            commands: Its commands as the server holds them. A server that was set up anew gives ids out
                again: the scan is another one then, which shows by its name or commands.
        """
        with self._lock:
            origin = self._kept.get(info.id)
        if origin is None or origin[:2] != Origin.of(info.name, commands)[:2]:
            return ()
        return origin.sources
