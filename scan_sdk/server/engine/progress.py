"""How far a scan has got."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from scan_sdk.models import Parallel

if TYPE_CHECKING:
    from collections.abc import Generator

    from scan_sdk.server.engine.nodes import AnyNode

__all__ = ["Progress"]

_LATEST: Final = 253_402_300_799_000
"""The last moment that a date can name, in milliseconds since 1970."""


class Progress:
    """How far a scan has got: its work units, its times, and the commands being performed.

    `performed` is from 0 to `total`, and only grows while the scan's own commands are performed. It is 0 for
    a scan that has not begun, and `total` for one that has begun and is over, however it ended.

    Attributes:
        total: Units of work of the scan's own commands.
        counted: Units of work done. There can be more than `total`: pre-scans count too until they are over.
        active: The commands being performed, each after the one that it is part of.
        started: When the scan began, in milliseconds since 1970; None before.
        ended: When it was over, likewise; None before, and where it never began.
    """

    __slots__ = ("_over", "active", "counted", "ended", "started", "total")

    def __init__(self, total: int) -> None:
        self.total: int = max(0, total)
        self.counted: int = 0
        self.active: list[AnyNode] = []
        self.started: int | None = None
        self.ended: int | None = None
        self._over = False

    def add(self, units: int) -> None:
        """Count units of work as done."""
        assert units >= 0
        self.counted += units

    def begin(self) -> None:
        """Count anew: what was performed until now is no part of the scan."""
        self.counted = 0

    @contextmanager
    def aside(self) -> Generator[None]:
        """Forget what is counted meanwhile."""
        counted = self.counted
        try:
            yield
        finally:
            self.counted = counted

    def end(self, now: int | None) -> None:
        """Have the scan be over.

        Args:
            now: The time in milliseconds since 1970; None where it never began.
        """
        self.ended, self._over = now, True

    @property
    def performed(self) -> int:
        """Units of work that the scan has done."""
        if self.started is None:
            return 0
        return self.total if self._over else min(self.counted, self.total)

    def runtime(self, now: int) -> int:
        """Return how long the scan has run at a time, both in milliseconds."""
        if self.started is None:
            return 0
        return (now if self.ended is None else self.ended) - self.started

    def finish(self, now: int) -> int | None:
        """Return when the scan was over, or will be if all units take as long; None before it begins."""
        if self._over or self.started is None:
            return self.ended
        left = self.started + self.runtime(now) * self.total // self.counted if self.counted else now
        return min(left, _LATEST)

    @property
    def command(self) -> str:
        """What the server says of the innermost command that is being performed; empty for none."""
        if self._over:
            return "" if self.started is None else "- end -"
        return self.active[-1].text() if self.active else ""

    @property
    def address(self) -> int:
        """The address of the innermost command that is being performed, -1 for none."""
        return self.active[-1].address if self.active and not self._over else -1

    @property
    def place(self) -> int:
        """The address of the innermost command that all belongs to which is being performed, -1 for none."""
        address = -1
        for node in self.active:
            if node.address < 0:
                break
            address = node.address
            if isinstance(node.command, Parallel):
                break
        return address
