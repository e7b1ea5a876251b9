"""When a failed request is sent once more: few times, quickly, and only where that cannot do harm."""

from __future__ import annotations

from scan_sdk.errors import ReplyTimeout, TransportError

PAUSES = (0.05, 0.2)
"""Seconds before the first and the second repetition; there is no third."""


def pause_before_repeat(error: TransportError, attempt: int, *, repeatable: bool) -> float | None:
    """Return the seconds to wait before the request is sent again, None where it must not be.

    A request that surely did not reach the server may always be sent again. One that may have been carried
    out is repeated only if doing it twice is the same as doing it once: otherwise a lost reply to a submit
    would run the scan twice. A server that let the timeout pass is not asked again, as the caller's time is
    over.

    Args:
        error: How the request failed.
        attempt: How often it was repeated already.
        repeatable: Whether doing it twice is the same as doing it once.
    """
    harmless = repeatable or not error.sent
    if not harmless or isinstance(error, ReplyTimeout) or attempt >= len(PAUSES):
        return None
    return PAUSES[attempt]
