"""How the monitor words and orders scans. It knows nothing of terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk import ScanState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from scan_sdk import ScanInfo, TimeLeft

__all__ = ["bar", "clock", "in_order", "state_text", "time_text"]

_SYMBOLS: Final = {
    ScanState.IDLE: "…",
    ScanState.RUNNING: "▶",
    ScanState.PAUSED: "‖",
    ScanState.FINISHED: "✓",
    ScanState.FAILED: "✗",
    ScanState.ABORTED: "■",
    ScanState.LOGGED: "≡",
}
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


def in_order(infos: Sequence[ScanInfo]) -> list[ScanInfo]:
    """Return scans as they are listed: what is performed, what waits in the order of its turn, what is done.

    Args:
        infos: The scans as servers list them, the most recent first.

    Returns:
        Those that are done with the most recent first.
    """
    active = [info for info in reversed(infos) if info.state.is_active]
    waiting = [info for info in reversed(infos) if info.state is ScanState.IDLE]
    return [*active, *waiting, *(info for info in infos if info.is_done)]


def state_text(state: ScanState) -> str:
    """Return a state as a sign and the server's word."""
    return f"{_SYMBOLS[state]} {state}"


def clock(duration: timedelta) -> str:
    """Return a duration as `1:05`, `2:01:05` or `3 d 02 h`; cut off to whole seconds."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds >= 86400:
        return f"{seconds // 86400} d {seconds % 86400 // 3600:02} h"
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def time_text(info: ScanInfo, left: TimeLeft | None) -> str:
    """Return the time that a scan has left, when it begins, or how long it took; short."""
    if info.is_done:
        return f"took {clock(info.runtime)}"
    if left is None or left.left is None:
        return "?"
    if info.state is ScanState.IDLE:
        return "?" if left.starts_in is None else f"in {clock(left.starts_in)}"
    return f"{clock(left.left)} left"


def bar(fraction: float, width: int) -> str:
    """Return a bar of some characters' width that is filled to a fraction."""
    eighths = round(min(1.0, max(0.0, fraction)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width, "·")
