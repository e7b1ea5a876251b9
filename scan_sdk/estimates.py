"""How long scans take until they are done, from what they do and how fast that goes.

A server counts commands, not time (trap 35). `Estimates` instead simulates the commands of a scan, and
measures how fast each device is in comparison. It asks nobody: who has a client asks that for `time_left` or
`times_left`, which feed one that the client keeps. Else it goes like this, again and again:

    infos = ...                              # all scans, as `ScanClient.scan_infos` returns them
    for scan_id in estimates.wanted(infos):  # scans whose commands it has yet to see
        estimates.learn(scan_id, ...)        # them, as `ScanClient.scan_commands` returns them, or None
    times = estimates.update(infos)          # a TimeLeft for each scan, by id

The more often that is done while a scan runs, the better it knows which device takes how long.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from scan_sdk.models import ScanConfig, ScanState
from scan_sdk.models.base import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scan_sdk.models import Command, ScanInfo

__all__ = ["Estimates", "TimeBasis", "TimeLeft"]


class TimeBasis(StrEnum):
    """What an estimate rests upon, the best first."""

    DONE = "done"
    """The scan is over."""
    MEASURED = "measured"
    """Its commands, simulated, and how fast they went until now."""
    SIMULATED = "simulated"
    """Its commands, simulated with the slew rates that are known; nothing was measured yet."""
    COUNTED = "counted"
    """Its work units and its run time, as the server has them; its steps may differ in length."""
    UNKNOWN = "unknown"
    """Nothing tells."""


class TimeLeft(Model):
    """How long a scan takes until it is done, as far as can be told.

    A paused scan, or one behind it, is taken to go on now.
    """

    scan_id: int
    """The scan."""
    state: ScanState
    """Where it is in its life."""
    basis: TimeBasis
    """What the estimate rests upon."""
    starts_in: timedelta | None = None
    """Time until it begins: none for one that has begun, None where nothing tells."""
    left: timedelta | None = None
    """Time until it is done, that in the queue included; None where nothing tells."""
    finish: datetime | None = None
    """When it will be done by this machine's clock, in local time; of one that is done, when it was."""
    fraction: float = 0.0
    """Share of its time that is over, from 0 to 1."""

    @property
    def seconds(self) -> float | None:
        """The time until it is done in seconds, None where nothing tells."""
        return None if self.left is None else self.left.total_seconds()

    def __str__(self) -> str:
        if self.state.is_done:
            return "done"
        if self.left is None:
            return "time left unknown"
        text = f"{_rounded(self.left)} left"
        if self.state is ScanState.IDLE and self.starts_in is not None:
            text = f"begins in {_rounded(self.starts_in)}, {text}"
        return text + (" once it goes on" if self.state is ScanState.PAUSED else "")


class Estimates:
    """Estimates how long scans take, from all that was seen of them. Threads must not share it.

    Attributes:
        config: Slew rates of devices, as far as they are known.
    """

    def __init__(self, config: ScanConfig | None = None) -> None:
        """Begin knowing nothing of scans.

        Args:
            config: Slew rates of devices, where they are known.
        """
        self.config: ScanConfig = config or ScanConfig()
        self._commands: dict[int, tuple[Command, ...] | None] = {}

    def wanted(self, infos: Iterable[ScanInfo]) -> tuple[int, ...]:
        """Return the ids of scans whose commands are to be learnt, as they would help."""
        return tuple(info.id for info in infos if not info.is_done and info.id not in self._commands)

    def learn(self, scan_id: int, commands: Iterable[Command] | None) -> None:
        """Take the commands of a scan; None where they cannot be had."""
        self._commands[scan_id] = None if commands is None else tuple(commands)

    def update(self, infos: Sequence[ScanInfo], now: datetime | None = None) -> dict[int, TimeLeft]:
        """Return how long scans take until they are done, by id.

        Args:
            infos: All scans of the server, the most recent first, as it lists them.
            now: The time; by default this machine's.
        """
        moment = datetime.now(UTC).astimezone() if now is None else now
        ahead: timedelta | None = timedelta()
        return {info.id: _time_left(info, ahead, moment) for info in infos}


def _time_left(info: ScanInfo, ahead: timedelta | None, now: datetime) -> TimeLeft:
    if info.state.is_done:
        none = timedelta()
        return TimeLeft(
            scan_id=info.id,
            state=info.state,
            basis=TimeBasis.DONE,
            starts_in=none,
            left=none,
            finish=info.finish,
            fraction=1.0,
        )
    waits = info.state is ScanState.IDLE
    rest = None if waits else _by_count(info)
    return TimeLeft(
        scan_id=info.id,
        state=info.state,
        basis=TimeBasis.UNKNOWN if rest is None else TimeBasis.COUNTED,
        starts_in=ahead if waits else timedelta(),
        left=rest,
        finish=None if rest is None else now + rest,
    )


def _by_count(info: ScanInfo) -> timedelta | None:
    done = info.performed_work_units
    return info.runtime * (info.total_work_units - done) / done if done else None


def _rounded(time: timedelta) -> str:
    """Return a time in one or two units, such as `1 h 20 min`."""
    seconds = round(time.total_seconds())
    if seconds < 100:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
