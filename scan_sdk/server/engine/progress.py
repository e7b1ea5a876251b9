"""How far a scan is, in units of work."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Progress"]


class Progress:
    """Counts the work that a scan has done.

    What is shown lies between 0 and the total, and never gets less while the scan is performed: a patch may
    make a loop longer than it was when the total was worked out.

    Attributes:
        total: Units of work that the scan's own commands count for, as they were submitted; 0 or more.
        done: Units of work that were counted; those of the pre-scan until the scan's own commands begin.
    """

    __slots__ = ("done", "total")

    def __init__(self, total: int) -> None:
        self.total: int = max(0, total)  # a loop of more than 2^31 steps counts backwards
        self.done: int = 0

    def restart(self) -> None:
        """Count from 0 again, now that the pre-scan is over."""
        self.done = 0

    @contextmanager
    def uncounted(self) -> Generator[None]:
        """Count nothing of what is done meanwhile, which is the post-scan."""
        done = self.done
        try:
            yield
        finally:
            self.done = done

    @property
    def shown(self) -> int:
        """What the server says of a scan that is being performed."""
        return min(self.done, self.total)
