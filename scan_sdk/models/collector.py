"""Building many commands at once without the garbage collector in the way."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["collector_paused"]


@contextmanager
def collector_paused(wanted: bool) -> Generator[None]:
    """Keep the garbage collector from walking a growing list of commands, none of which can be garbage.

    Args:
        wanted: Whether there are so many that it is worth it.
    """
    paused = wanted and gc.isenabled()
    if paused:
        gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()
