"""When to look at a scan again: soon where its end is near, seldom where it is far.

What the server says of a running scan tells something about its end: the time that a delay has left, and
the pace at which work units got done. None of it can be relied on (the next command may take longer, someone
may press `next`), so it only decides how long to wait before the next look. The time between looks is a share
of the time to the expected end, and after that a share of the time since: an end expected wrongly costs a few
requests, not seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from scan_sdk.models import ScanState

if TYPE_CHECKING:
    from scan_sdk.models import ScanInfo

LONGEST = 1.0
"""Seconds between two looks at most."""

_Progress: TypeAlias = tuple[ScanState, int, int, bool]

_DELAY = re.compile(r"Delay (\S+) sec\. Remaining: (\d+):(\d\d):(\d\d)(\.\d+)?$")
"""A running delay. Its time left has milliseconds in the last second only, and is cut off before."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a scan is expected to end, by what was last seen of it.

    Attributes:
        end: The instant, by the clock of who looks.
        begun: When it was first seen as far as it is now.
        since: When it was first seen.
        progress: How far it is.
        runtime: Seconds that it had run.
    """

    end: float
    begun: float
    since: float
    progress: _Progress
    runtime: float

    @classmethod
    def of(cls, info: ScanInfo, now: float, previous: Forecast | None = None) -> Forecast:
        """Return what to expect of a scan that looks like this now, and looked like `previous` before."""
        runtime = info.runtime.total_seconds()
        delay = _delay(info.command)
        progress = (info.state, info.address, info.performed_work_units, delay is not None and delay.exact)
        end = now
        if info.state is ScanState.RUNNING:
            end += _time_left(info, delay, runtime, previous)
        if previous is None or previous.progress != progress:
            return cls(end, now, now if previous is None else previous.since, progress, runtime)
        # Nothing has happened since. The earliest guess stands, so that it can run out: a pace worked out
        # anew would move the end away for as long as the current command takes. The time left of a delay is
        # shown up to a tenth of a second too long, so there too the earliest is the best.
        return cls(min(end, previous.end), previous.begun, previous.since, progress, runtime)

    def pause(self, now: float) -> float:
        """Return the seconds to wait before the next look."""
        running = self.progress[0] is ScanState.RUNNING
        age = self.runtime if running else now - self.begun
        ahead = self.end - now
        # Half of the way to the expected end, or a third of the way since; the older a scan, the later its
        # end may be noticed. But as anyone may end it at any time, not too large a part of its age; nor of
        # the time that it was watched, as the server may go by a clock on which hours pass at once.
        distance = 0.5 * ahead if ahead > 0 else -0.35 * ahead
        known = min(age, now - self.since)
        return min(LONGEST, 0.025 + 0.004 * age + distance, 0.1 + 0.4 * known)


@dataclass(frozen=True, slots=True)
class _Delay:
    total: float
    left: float
    exact: bool


def _delay(command: str) -> _Delay | None:
    found = _DELAY.match(command)
    if found is None:
        return None
    total, hours, minutes, seconds, fraction = found.groups(default="")
    try:
        return _Delay(
            total=float(total),
            left=int(hours) * 3600 + int(minutes) * 60 + float(seconds + fraction),
            exact=bool(fraction),
        )
    except ValueError:
        return None


def _time_left(info: ScanInfo, delay: _Delay | None, runtime: float, previous: Forecast | None) -> float:
    """Return the seconds to the end if each unit takes as long as those before, or the latest of them."""
    done, units = info.performed_work_units, info.total_work_units
    spent = runtime
    if delay is not None:
        spent -= max(0.0, delay.total - delay.left)
    paces: list[float] = []
    if done > 0:
        paces.append(max(0.0, spent) / done)
    if previous is not None and done > (before := previous.progress[2]):
        paces.append(max(0.0, runtime - previous.runtime) / (done - before))
    if delay is not None:
        return delay.left + max(0, units - done - 1) * min(paces, default=0.0)
    # The current unit is half done on average. While the first lasts, it is expected to last as long again.
    return max(0.0, units - done - 0.5) * min(paces, default=runtime)
