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
from typing import TYPE_CHECKING, Final

from scan_sdk.models import Include, ScanConfig, ScanState
from scan_sdk.models.base import Model
from scan_sdk.sequence import CommandSequence
from scan_sdk.simulation.offline import count_commands
from scan_sdk.simulation.pace import Paces
from scan_sdk.simulation.profile import added, begins, difference, locate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scan_sdk.models import Command, ScanInfo
    from scan_sdk.simulation.profile import Place, Purpose, Row, Spent, Step

__all__ = ["Estimates", "TimeBasis", "TimeLeft"]

_LONGEST: Final = 1000 * 365.25 * 86400.0
"""Seconds beyond which an estimate is none: a date has to have room for it."""


class TimeBasis(StrEnum):
    """What an estimate is made from, the best first."""

    DONE = "done"
    """The scan is over."""
    MEASURED = "measured"
    """Its commands, simulated, and how fast they went until now."""
    SIMULATED = "simulated"
    """Its commands, simulated with the slew rates that are known; nothing of it was measured yet."""
    COUNTED = "counted"
    """Its work units and its run time, as the server has them; its steps may differ in length."""
    UNKNOWN = "unknown"
    """Nothing: no time can be given."""


class TimeLeft(Model, use_attribute_docstrings=True):
    """An estimate of how long a scan takes until it is done.

    For a paused scan, and for scans that wait for it, the estimate assumes that it goes on now.
    """

    scan_id: int
    """Id of the scan on its server."""
    state: ScanState
    """State of the scan when the estimate was made."""
    basis: TimeBasis
    """What the estimate is made from."""
    starts_in: timedelta | None = None
    """Time until the scan begins: 0 if it has begun, None if that is not known."""
    left: timedelta | None = None
    """Time until the scan is done, with the time in the queue; None if that is not known."""
    finish: datetime | None = None
    """When the scan will be done, by this machine's clock; when it was done, by the server's clock."""
    fraction: float = 0.0
    """Share of the scan's time that is over, from 0 to 1."""

    @property
    def seconds(self) -> float | None:
        """`left` in seconds, None if that is not known."""
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
    """Estimates how long scans take, from all that was seen of them. Threads must not share it."""

    def __init__(self, config: ScanConfig | None = None) -> None:
        """Start without measurements.

        Args:
            config: Slew rates of devices, in units per second, for those that are known.
        """
        self._config = config or ScanConfig()
        self._scans: dict[int, _Scan] = {}
        self._paces: dict[Purpose, float] = {}

    @property
    def config(self) -> ScanConfig:
        """Slew rates of devices, as far as they are known; a change begins all scans anew."""
        return self._config

    @config.setter
    def config(self, config: ScanConfig) -> None:
        if config != self._config:
            self._config, self._scans = config, {}

    def wanted(self, infos: Sequence[ScanInfo], scan_id: int | None = None) -> tuple[int, ...]:
        """Return the ids of scans whose commands would help and have yet to be seen.

        They are to be seen again when a scan begins or goes on after a pause, as they may have been patched.

        Args:
            infos: All scans of the server, the most recent first, as it lists them.
            scan_id: The scan of interest, None for all.
        """
        chosen = [info for info in infos if not info.is_done]
        if scan_id is not None:
            chosen = _before(chosen, scan_id)
        return tuple(info.id for info in chosen if self._scan(info).wants_commands)

    def learn(self, scan_id: int, commands: Iterable[Command] | None) -> None:
        """Take the commands of a scan that were wanted; None where they cannot be had."""
        if scan_id in self._scans:
            self._scans[scan_id].learn(None if commands is None else tuple(commands), self._config)

    def update(self, infos: Sequence[ScanInfo], now: datetime | None = None) -> dict[int, TimeLeft]:
        """Return how long scans take until they are done, by id.

        Args:
            infos: All scans of the server, the most recent first, as it lists them.
            now: The time; by default this machine's.
        """
        now = datetime.now(UTC).astimezone() if now is None else now
        found: dict[int, TimeLeft] = {}
        running: float | None = 0.0
        queued: float | None = 0.0
        for info in reversed(infos):
            if info.is_done:
                found[info.id] = _over(info)
                continue
            scan = self._scan(info)
            scan.see(info)
            rest, basis = scan.rest(info)
            self._paces.update(scan.measured)
            waiting: float | None = 0.0
            if info.state is ScanState.IDLE:
                # Of those that run, the one that holds the queue cannot be told from parallel ones
                waiting = _plus(running, queued)
                queued = _plus(queued, rest)
            else:
                running = None if running is None or rest is None else max(running, rest)
            left = _plus(waiting, rest)
            found[info.id] = _time_left(info, basis, waiting, left, now=now, active=scan.active)
        self._scans = {info.id: self._scans[info.id] for info in infos if not info.is_done}
        return {info.id: found[info.id] for info in infos}

    def _scan(self, info: ScanInfo) -> _Scan:
        scan = self._scans.get(info.id)
        if scan is None or scan.created != info.created:  # a new server gives the same ids again
            scan = self._scans[info.id] = _Scan(info.created, self._paces)
        return scan


class _Scan:
    """What is known of one scan.

    Attributes:
        created: When it was submitted.
        active: Seconds that it has run, pauses left out that were seen.
    """

    def __init__(self, created: datetime, expected: Mapping[Purpose, float]) -> None:
        self.created = created
        self.active = 0.0
        self._paces = Paces(expected)
        self._whole: Row | None = None
        self._includes = False
        self._commands: tuple[Command, ...] | None = None
        self._stale = True
        self._seen: ScanInfo | None = None
        self._prepares = False  # whether it was seen before its first command
        self._place: Place | None = None
        self._since = 0.0  # when it got to that place, as a value of `active`
        self._first = 0.0  # when it was first seen there
        self._passed = 0  # work units of bodies that were passed over, as conditions of Ifs were not met
        self._mark: tuple[Spent, float] = {}, 0.0  # how far it had got at a value of `active`

    # Commands

    @property
    def wants_commands(self) -> bool:
        """Whether the commands are to be had, perhaps again."""
        return self._stale

    def learn(self, commands: tuple[Command, ...] | None, config: ScanConfig) -> None:
        """Take the commands; None where they cannot be had."""
        self._stale = False
        if commands == self._commands:
            return
        self._commands, self._whole, self._place, self._passed = commands, None, None, 0
        if commands is None:
            return
        try:
            counted = count_commands(commands, config, concurrent=True)
        except ValueError:
            return  # macros that cannot be read: the scan will fail
        if counted.problem is None:
            self._whole = counted.whole
            self._includes = _any_include(commands)

    @property
    def _followed(self) -> Row | None:
        """What the commands take; None where that is not all that the server counts."""
        whole, info = self._whole, self._seen
        if whole is None or info is None:
            return None
        return whole if not self._includes or whole.units == info.total_work_units else None

    # Watching

    def see(self, info: ScanInfo) -> None:
        """Take notice of how the scan is."""
        before, self._seen = self._seen, info
        last = self.active
        runtime = info.runtime.total_seconds()
        if before is None:
            self.active = runtime
        elif before.state is not ScanState.PAUSED:
            self.active += max(0.0, runtime - before.runtime.total_seconds())
        if before is not None and before.state is not info.state:
            self._stale = info.state is ScanState.RUNNING  # it may have been patched
        whole = self._followed
        if whole is None or not info.state.is_active:
            return
        if info.address < 0 and not info.performed_work_units:
            self._prepares = True  # devices connect, or the pre-scan is performed
            return
        moved = before is None or _progress(info) != _progress(before)
        if self._place is None or moved:
            # It got there at some time since it was last seen
            self._passed = max(self._passed, begins(whole, info.address) - info.performed_work_units)
            units = info.performed_work_units + self._passed
            place = locate(whole, units, info.address)
            if place != self._place:  # in a parallel command there is much to see in the same place
                self._arrive(place, last)

    def _arrive(self, place: Place, last: float) -> None:
        """Take notice that the scan has got to a place since it was last seen, at a value of `active`."""
        before, self._place = self._place, place
        if before is None and place.before and place.step is not None:
            self._find(place.before, place.step)
            return
        when = 0.0 if before is None and not self._prepares else (last + self.active) / 2
        surely: Spent = {}
        if before is not None and before.step is not None and len(before.step.spent) == 1:
            surely = dict.fromkeys(before.step.spent, max(0.0, last - self._first))
        done, at = self._mark
        glimpses = [purpose for seen in (before, place) if seen and seen.step for purpose in seen.step.spent]
        self._paces.observe(
            difference(place.before, done),
            when - at,
            slack=self.active - when,
            surely=surely,
            glimpses=glimpses,
        )
        self._mark = place.before, when
        self._since, self._first = when, self.active

    def _find(self, before: Spent, step: Step) -> None:
        """Take notice of a scan that has begun long ago: it is somewhere in a step, in the middle at best."""
        middle = added(before, [step], 0.5)
        if sum(before.values()) > step.seconds:
            self._paces.observe(middle, self.active)
        self._since = self.active - min(self.active, 0.5 * self._paces.cost(step.spent))
        self._mark = middle, self.active
        self._first = self.active

    # Estimating

    @property
    def measured(self) -> dict[Purpose, float]:
        """The paces of what was seen."""
        return self._paces.seen

    def rest(self, info: ScanInfo) -> tuple[float | None, TimeBasis]:
        """Return the seconds that the scan will yet run, and what that rests upon."""
        whole, place = self._followed, self._place
        if whole is None:
            done = min(info.performed_work_units, info.total_work_units)
            rest = self.active * (info.total_work_units - done) / done if done else None
            return rest, TimeBasis.UNKNOWN if rest is None else TimeBasis.COUNTED
        if place is None:
            return self._paces.cost(whole.spent), TimeBasis.SIMULATED
        if place.step is None:
            return 0.0, TimeBasis.MEASURED
        elapsed = max(0.0, self.active - self._since)
        present = place.step.spent
        if not self._paces.measured and elapsed > (due := self._paces.cost(present)) > 0:
            factor = elapsed / due  # all that is known is that things are slower than thought
            return factor * self._paces.cost(
                difference(whole.spent, place.before)
            ) - elapsed, TimeBasis.SIMULATED
        after = self._paces.cost(difference(difference(whole.spent, place.before), present))
        basis = TimeBasis.MEASURED if self._paces.measured else TimeBasis.SIMULATED
        return after + max(0.0, self._paces.cost(present) - elapsed), basis


def _progress(info: ScanInfo) -> tuple[int, int]:
    return info.performed_work_units, info.address


def _any_include(commands: tuple[Command, ...]) -> bool:
    return any(isinstance(command, Include) for _, command in CommandSequence(commands).walk())


def _before(infos: list[ScanInfo], scan_id: int) -> list[ScanInfo]:
    """Return a scan and those that it waits for, of some that are not done, the most recent first."""
    place = next((index for index, info in enumerate(infos) if info.id == scan_id), len(infos))
    waits = infos[place : place + 1] and infos[place].state is ScanState.IDLE
    return infos[place:] if waits else infos[place : place + 1]


def _plus(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _over(info: ScanInfo) -> TimeLeft:
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


def _time_left(
    info: ScanInfo,
    basis: TimeBasis,
    waiting: float | None,
    left: float | None,
    *,
    now: datetime,
    active: float,
) -> TimeLeft:
    known = left is not None and left < _LONGEST
    rest = timedelta(seconds=left) if left is not None and known else None
    return TimeLeft(
        scan_id=info.id,
        state=info.state,
        basis=basis if known else TimeBasis.UNKNOWN,
        starts_in=timedelta(seconds=waiting) if waiting is not None and waiting < _LONGEST else None,
        left=rest,
        finish=None if rest is None else now + rest,
        fraction=active / (active + left) if left is not None and active > 0 else 0.0,
    )


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
