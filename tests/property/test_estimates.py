"""Whatever a server says of its scans, what is made of it makes sense."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk.estimates import Estimates, TimeBasis
from scan_sdk.models import Delay, If, Include, Log, Loop, Parallel, ScanInfo, ScanState, Set, Wait
from scan_sdk.simulation.pace import Paces
from scan_sdk.simulation.performance import Kind
from scan_sdk.simulation.profile import locate
from tests.property.test_simulation_numbers import COMMANDS, count_all

START = datetime(2026, 1, 1, tzinfo=UTC)
SCANS = (
    (Loop("x", 1, 5, 1, Set("y", 3, readback=True), Log("x")), Delay(30)),
    (If("x", "=", 1, Delay(5), Log("x")), Parallel(Delay(4), Wait("n", 50)), Loop("x", 0, 1e9, 1)),
    (Delay(0), Include("f.scn")),
    (),
    None,
)
INFOS = st.builds(
    lambda place, state, runtime, total, performed, address, created: ScanInfo(
        id=place,
        name="n",
        created=START + timedelta(seconds=created),
        state=state,
        runtime=timedelta(seconds=runtime),
        total_work_units=total,
        performed_work_units=performed,
        address=address,
    ),
    st.integers(1, 3),
    st.sampled_from(ScanState),
    st.floats(0, 1e9),
    st.integers(0, 20),
    st.integers(0, 25),
    st.integers(-1, 8),
    st.integers(0, 1),
)
LOOKS = st.lists(st.lists(INFOS, max_size=4, unique_by=lambda info: info.id), max_size=8)


@given(LOOKS, st.lists(st.sampled_from(SCANS), min_size=3, max_size=3))
def test_an_estimate_is_never_negative_nor_nonsense_whatever_the_server_says(looks, commands):
    estimates = Estimates()
    for infos in looks:
        for scan_id in estimates.wanted(infos):
            estimates.learn(scan_id, commands[scan_id - 1])
        times = estimates.update(infos)
        assert list(times) == [info.id for info in infos]
        for info in infos:
            time = times[info.id]
            assert 0 <= time.fraction <= 1
            assert time.state is info.state
            assert (time.basis is TimeBasis.DONE) == info.is_done
            assert (time.left is None) == (time.basis is TimeBasis.UNKNOWN)
            assert time.left is None or timedelta() <= time.left
            assert time.starts_in is None or time.left is None or timedelta() <= time.starts_in <= time.left
            assert str(time)


@given(COMMANDS)
def test_the_further_a_scan_is_the_less_is_left(commands):
    whole = count_all(commands)
    before = -1.0
    for units in range(whole.units + 1):
        spent = sum(locate(whole, units).before.values())
        assert spent >= before - 1e-9
        before = spent
    assert before <= whole.seconds + 1e-9


@given(COMMANDS)
def test_each_step_is_found_by_its_units_and_address(commands):
    whole = count_all(commands)
    units, seconds = 0, 0.0
    for step in flattened(whole):
        if step.units:
            found = locate(whole, units, step.node.address)
            assert found.step is not None
            assert found.step.node.address == step.node.address
            assert abs(sum(found.before.values()) - seconds) < 1e-6
        units += step.units
        seconds += step.seconds


def flattened(part):
    children = list(part.children())
    if not children and not hasattr(part, "parts"):
        yield part
    for child, count in children:
        for _ in range(count):
            yield from flattened(child)


PURPOSES = st.sampled_from([(Kind.MOVE, "a"), (Kind.WAIT, "b"), (Kind.OTHER, ""), (Kind.DELAY, "")])
SPENT = st.dictionaries(PURPOSES, st.floats(0.01, 1000), max_size=4)


@given(st.lists(st.tuples(SPENT, st.floats(0, 1e6), st.floats(0, 10), st.lists(PURPOSES, max_size=2))), SPENT)
def test_paces_stay_sensible(intervals, future):
    paces = Paces({})
    for spent, seconds, slack, glimpses in intervals:
        paces.observe(spent, seconds, slack=slack, glimpses=glimpses)
    assert paces.common >= 0
    assert all(pace >= 0 for pace in paces.seen.values())
    assert 0 <= paces.cost(future) < float("inf")


@given(st.floats(0.001, 100), st.lists(st.floats(1, 100), min_size=1, max_size=20))
def test_a_single_pace_is_found_exactly(pace, intervals):
    paces = Paces({})
    for seconds in intervals:
        paces.observe({(Kind.MOVE, "a"): seconds}, pace * seconds)
    total = sum(intervals)
    assert abs(paces.cost({(Kind.MOVE, "a"): total}) - pace * total) <= 0.05 + 1e-6 * pace * total
