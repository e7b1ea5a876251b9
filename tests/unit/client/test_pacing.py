"""When a scan is looked at again: the schedule by itself, and on a clock of its own with whole scans."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate

import pytest

from scan_sdk._protocol import outcomes
from scan_sdk._protocol.options import WaitOptions
from scan_sdk._protocol.origins import Origins
from scan_sdk._protocol.pacing import LONGEST, Forecast
from scan_sdk.models import ScanState

FIXED_POLL = 11
"""Requests that a poll each 100 ms needs for a scan of one second."""


def clock_text(seconds: float) -> str:
    """As the server writes time left: with milliseconds in the last second only, cut off before."""
    if seconds < 1:
        return f"00:00:0{seconds:.3f}"
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


@dataclass
class Scan:
    """A scan that runs by a clock: units of work, each a delay (shows its time left) or not."""

    units: list[tuple[str, float]]
    tick: float
    """Seconds between updates of the time left: the real server's is up to 0.1 s old."""
    queued: float = 0.005
    closing: float = 0.0

    @property
    def end(self) -> float:
        return self.queued + sum(seconds for _, seconds in self.units) + self.closing

    def fields(self, time: float) -> dict[str, object]:
        runtime = time - self.queued
        if runtime < 0:
            return {"state": ScanState.IDLE, "total_work_units": len(self.units)}
        if time >= self.end:
            return {"state": ScanState.FINISHED, "address": -1, "command": "- end -"}
        ends = list(accumulate(seconds for _, seconds in self.units))
        done = sum(end <= runtime for end in ends)
        command, address = "", -1
        if done < len(self.units):
            kind, seconds = self.units[done]
            command, address = kind, done
            if kind == "delay":
                spent = runtime - (ends[done] - seconds)
                left = seconds - (spent // self.tick) * self.tick if self.tick else seconds - spent
                command = f"Delay {seconds} sec. Remaining: {clock_text(left)}"
        return {
            "state": ScanState.RUNNING,
            "runtime": timedelta(milliseconds=int(runtime * 1000)),
            "total_work_units": len(self.units),
            "performed_work_units": done,
            "address": address,
            "command": command,
        }


def delays(*seconds: float) -> list[tuple[str, float]]:
    return [("delay", each) for each in seconds]


def others(*seconds: float) -> list[tuple[str, float]]:
    return [("Set 'x' = 1.0", each) for each in seconds]


ONE_SECOND = {
    "a delay": delays(1),
    "two delays": delays(0.5, 0.5),
    "twenty delays": delays(*[0.05] * 20),
    "a loop that sets, waits and logs": [
        *[unit for _ in range(20) for unit in (*others(0.0005), *delays(0.048), *others(0.0015))]
    ],
    "a delay before quick commands": delays(1) + others(*[0.001] * 3),
    "a delay between quick commands": others(0.002) + delays(1) + others(0.002),
    "a delay after many quick commands": others(*[0.001] * 100) + delays(0.9),
    "a thousand quick commands": others(*[0.001] * 1000),
}


@pytest.fixture
def wait_for(server, clock, timing, perform):
    """Return a function that waits for a scan and tells the requests used and the seconds too late."""

    def wait_for(scan: Scan) -> tuple[int, float]:
        scan_id = server.add(ScanState.IDLE)
        begin = clock.now
        server.requests.clear()
        server.hook = lambda _: server.set(scan_id, **scan.fields(clock.now - server.trip / 2 - begin))
        perform(outcomes.wait(timing, scan_id, WaitOptions.check(patience=0), Origins()))
        return len(server.requests), clock.now - begin - scan.end

    return wait_for


@pytest.mark.parametrize("tick", [0.0, 0.1], ids=["exact", "real server"])
@pytest.mark.parametrize("name", ONE_SECOND)
def test_the_end_of_a_second_is_noticed_within_50_ms_at_no_more_requests_than_a_fixed_poll(
    wait_for, server, name, tick
):
    chance = random.Random(name)
    requests, lateness = [], []
    for _ in range(50):
        server.trip = chance.uniform(0.001, 0.006)
        scan = Scan(ONE_SECOND[name], tick, chance.uniform(0, 0.01), chance.uniform(0, 0.01))
        count, late = wait_for(scan)
        requests.append(count)
        lateness.append(late)
    lateness.sort()
    nine_of_ten = lateness[len(lateness) * 9 // 10]
    assert max(requests) <= FIXED_POLL
    assert nine_of_ten <= (0.05 if tick == 0 else 0.06)
    assert sum(lateness) / len(lateness) <= 0.035


def test_a_second_without_any_hint_costs_no_more_than_a_fixed_poll(wait_for):
    requests, lateness = wait_for(Scan(others(1), 0))
    assert requests <= FIXED_POLL
    assert lateness < 0.3


@pytest.mark.parametrize("units", [delays(600), others(*[0.5] * 1200), others(600)])
def test_ten_minutes_cost_a_request_a_second_at_most_and_are_late_by_a_second_at_most(wait_for, units):
    requests, lateness = wait_for(Scan(units, 0))
    assert requests < 660
    assert lateness <= 1.01


def test_a_pace_that_changes_costs_a_fraction_of_the_time_passed(wait_for):
    _, lateness = wait_for(Scan(others(*[0.01] * 10, 4, *[0.01] * 10), 0))
    assert lateness < 1.0
    requests, _ = wait_for(Scan(others(*[0.001] * 1000, 9), 0))
    assert requests < 40


# -- the schedule by itself ---------------------------------------------------------------------------------


@pytest.fixture
def info(server):
    def info(state=ScanState.RUNNING, seconds=0.0, **fields):
        return server.scans[server.add(state, runtime=timedelta(seconds=seconds), **fields)]

    return info


def test_a_scan_just_submitted_is_looked_at_again_soon(info):
    assert Forecast.of(info(ScanState.IDLE), 5.0).pause(5.0) <= 0.05


def test_what_stands_still_is_looked_at_ever_less_often(info):
    paused = info(ScanState.PAUSED)
    forecast = Forecast.of(paused, 0.0)
    pauses = []
    now = 0.0
    for _ in range(40):
        now += forecast.pause(now)
        forecast = Forecast.of(paused, now, forecast)
        pauses.append(forecast.pause(now))
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST


def test_the_time_left_of_a_delay_tells_the_end(info):
    command = "Delay 10.0 sec. Remaining: 00:00:04"
    assert Forecast.of(info(seconds=6, total_work_units=1, command=command), 100.0).end == 104.0


def test_commands_after_a_delay_are_expected_to_take_as_long_as_those_before(info):
    command = "Delay 1.0 sec. Remaining: 00:00:00.500"
    running = info(seconds=4.5, total_work_units=7, performed_work_units=4, command=command)
    assert Forecast.of(running, 0.0).end == pytest.approx(0.5 + 2 * 1.0)


def test_the_latest_pace_counts_where_it_is_faster(info):
    before = Forecast.of(info(seconds=10, total_work_units=101, performed_work_units=1), 0.0)
    now = Forecast.of(info(seconds=10.1, total_work_units=101, performed_work_units=11), 0.1, before)
    assert now.end - 0.1 == pytest.approx(89.5 * 0.01)


def test_an_expected_end_that_has_passed_is_not_put_off_without_progress(info):
    before = Forecast.of(info(seconds=1, total_work_units=2, performed_work_units=1), 0.0)
    later = Forecast.of(info(seconds=5, total_work_units=2, performed_work_units=1), 4.0, before)
    assert later.end == before.end
    assert later.pause(4.0) > before.pause(0.0)


@pytest.mark.parametrize(
    "command", ["", "- end -", "Delay x sec. Remaining: 00:00:01", "Delay 1 sec. Remaining: soon"]
)
def test_other_texts_are_no_hint(info, command):
    assert Forecast.of(info(command=command, total_work_units=1), 3.0).end == 3.0
