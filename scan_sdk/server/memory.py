"""How much memory the server takes."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["memory", "memory_percentage"]


def memory() -> tuple[int, int]:
    """Return the bytes of memory that the process uses and that the machine has; 0 where not known."""
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return used * page, os.sysconf("SC_PHYS_PAGES") * page
    except (OSError, ValueError, AttributeError):
        return 0, 0


def memory_percentage() -> float:
    """Return how much of the machine's memory the process uses; 0 where not known."""
    used, most = memory()
    return 100 * used / most if most else 0.0
