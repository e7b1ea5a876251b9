"""How far a download is, on the terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    FileSizeColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TransferSpeedColumn,
)

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = ["Download"]

_SHORT: Final = 0.5
"""Seconds within which a download is over before anyone wonders."""


class Download:
    """Shows on the standard error stream how much has come, and how fast, where a download takes long.

    How much is to come is not known: the server does not say. Where the stream is no terminal, and nobody
    looks, nothing is shown.
    """

    def __init__(self, console: Console | None = None) -> None:
        """Show it on a console; by default that of the standard error stream."""
        self._console = console or Console(stderr=True)
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("downloaded"),
            FileSizeColumn(),
            TransferSpeedColumn(),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)
        self._shown = False
        self._begun = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def progress(self, count: int) -> None:
        """Take notice of the bytes that have come so far."""
        self._bar.update(self._task, completed=count)
        if not self._shown and time.monotonic() - self._begun > _SHORT:
            self._shown = True
            self._bar.start()
