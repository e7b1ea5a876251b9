"""Stopping on Ctrl-C and SIGTERM: in order the first time, at once the second."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["StopSignals"]

_NUMBERS: Final = (signal.SIGINT, signal.SIGTERM)


class StopSignals:
    """Turns the first signal to stop into a call; the next one has the effect that it had before.

    Attributes:
        received: Number of the signal that came, None where none did.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, signal.Handlers | Callable[[int, FrameType | None], object] | int | None] = {}

    def call(self, stop: Callable[[], object]) -> None:
        """Have a signal call this from now on; only the main thread of a process gets any."""

        def on_signal(number: int, _frame: FrameType | None) -> None:
            self.restore()
            self.received = number
            stop()

        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, on_signal) for number in _NUMBERS}

    def restore(self) -> None:
        """Put everything back as it was."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}
