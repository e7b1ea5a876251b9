"""Variables that change by rules."""

from __future__ import annotations

import math
import statistics

import pytest

from scan_sdk import Log, Loop, ScanClient, ScanFailed, Set, Wait
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.clock import ManualClock
from scan_sdk.server.devices.pv import PvPool
from scan_sdk.server.devices.schemes import Around, providers
from scan_sdk.server.devices.values import text_of
from scan_sdk.server.errors import CommandFailed


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pool(clock) -> PvPool:
    return PvPool(providers(Around(clock, 1.0)))


async def value(pv):
    return (await pv.read()).value


async def values(pv, clock, count, seconds=1.0):
    """Return so many values, one each time that so many seconds have passed."""
    found = []
    for _ in range(count):
        found.append(await value(pv))
        await clock.advance(seconds)
    return found


async def test_a_ramp_begins_again_after_its_last_value(pool, clock):
    ramp = pool.acquire("sim://ramp(1, 2, 0.25, 0.1)")
    assert await values(ramp, clock, 7, 0.1) == [1, 1.25, 1.5, 1.75, 2, 1, 1.25]


async def test_a_ramp_may_go_down(pool, clock):
    assert await values(pool.acquire("sim://ramp(0, 3, -1, 1)"), clock, 5) == [3, 2, 1, 0, 3]


async def test_a_step_of_nothing_is_one_as_in_cs_studio(pool, clock):
    assert await values(pool.acquire("sim://ramp(0, 1, 0, 1)"), clock, 3) == [0, 1, 0]


@pytest.mark.parametrize(
    "name", ["sim://ramp", "sim://ramp(-5, 5, 1)", "sim://ramp(-5 5 1 1)", "sim://ramp()"]
)
async def test_a_ramp_without_numbers_is_that_of_cs_studio(pool, clock, name):
    assert await values(pool.acquire(name), clock, 12) == [*range(-5, 6), -5]


@pytest.mark.parametrize("name", ["sim://sine(0, 2, 4, 1)", "sim://sine(0, 2, 4, 1.0)"])
async def test_a_sine_goes_through_its_range_in_so_many_steps(pool, clock, name):
    assert await values(pool.acquire(name), clock, 5) == pytest.approx([1, 2, 1, 0, 1])


async def test_a_sine_without_steps_has_ten(pool, clock):
    found = await values(pool.acquire("sim://sine(-5, 5, 2)"), clock, 11, 2)
    assert found == pytest.approx([5 * math.sin(step * math.pi / 5) for step in range(11)])


async def test_a_sine_without_numbers_is_that_of_cs_studio(pool, clock):
    found = await values(pool.acquire("sim://sine"), clock, 11)
    assert found == pytest.approx([5 * math.sin(step * math.pi / 5) for step in range(11)])


async def test_after_a_reset_values_change_as_from_the_start(pool, clock):
    await clock.advance(3.5)
    assert await value(pool.acquire("sim://ramp")) == -2
    pool.release("sim://ramp")
    pool.reset()
    assert await values(pool.acquire("sim://ramp"), clock, 2) == [-5, -4]


async def test_noise_stays_in_its_range_and_is_the_same_in_each_run(pool, clock):
    found = await values(pool.acquire("sim://noise(2, 4, 1)"), clock, 200)
    assert all(2 <= number < 4 for number in found)
    assert 2.8 < statistics.mean(found) < 3.2
    later = ManualClock()
    again = await values(PvPool(providers(Around(later, 1.0))).acquire("sim://noise(2, 4, 1)"), later, 200)
    assert again == found


async def test_noise_of_another_name_is_other_noise(pool, clock):
    one, other = pool.acquire("sim://noise(0, 1, 1)"), pool.acquire("sim://noise(0, 1, 2)")
    assert one is not other
    assert await value(one) != await value(other)


async def test_gaussian_noise_has_a_centre_and_a_deviation(pool, clock):
    found = await values(pool.acquire("sim://gaussianNoise(10, 2, 1)"), clock, 400)
    assert 9.5 < statistics.mean(found) < 10.5
    assert 1.7 < statistics.stdev(found) < 2.3


async def test_a_flipflop_is_false_and_true_in_turn(pool, clock):
    found = await values(pool.acquire("sim://flipflop"), clock, 3)
    assert [text_of(value) for value in found] == ["false", "true", "false"]


async def test_texts_grow_and_begin_again(pool, clock):
    assert await values(pool.acquire("sim://strings(2, 0.5)"), clock, 3, 0.5) == ["A", "AA", "A"]
    assert await values(pool.acquire("sim://strings(1)"), clock, 2) == ["A" * 2, "A" * 3]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("sim://const(3)", 3), ('sim://const("a")', "a"), ("sim://const(1, 2)", (1, 2)), ("sim://const", 0)],
)
async def test_a_constant_is_what_it_is(pool, clock, name, expected):
    constant = pool.acquire(name)
    assert await values(constant, clock, 2) == [expected, expected]


async def test_a_value_has_the_time_at_which_it_came(pool, clock):
    start = int(clock.time() * 1000)
    await clock.advance(12.5)
    assert (await pool.acquire("sim://ramp(0, 100, 1, 5)").read()) == (2, start + 10_000)


async def test_whoever_listens_hears_of_each_value_when_it_comes(pool, clock):
    await clock.advance(0.7)
    ramp = pool.acquire("sim://ramp(0, 100, 1, 1)")
    heard = []
    ramp.subscribe(listener := lambda: heard.append((ramp.reading.value, clock.monotonic())))
    await clock.advance(2.5)
    assert heard == [(1, 1), (2, 2), (3, 3)]
    ramp.unsubscribe(listener)
    await clock.advance(5)
    assert clock.next_due is None


async def test_a_value_changes_a_hundred_times_a_second_at_most(pool, clock):
    assert await values(pool.acquire("sim://ramp(0, 100, 1, 0)"), clock, 3, 0.01) == [0, 1, 2]


@pytest.mark.parametrize(
    "name", ["sim://ramp", "sim://const(1)", "sim://flipflop", "sim://gaussian(loc://x, 1, 1, 1)"]
)
async def test_they_are_read_only(pool, name):
    with pytest.raises(ValueError, match="read only"):
        await pool.acquire(name).write(1)


@pytest.mark.parametrize(
    "name",
    [
        "sim://sinus",
        "sim://",
        "sim://sine(1)",
        "sim://sine(1, 2, 3, 4, 5)",
        "sim://sine(a, b, c)",
        "sim://noise(1, inf, 1)",
        "sim://noise(1, 2)",
        "sim://gaussian",
        "sim://gaussian(loc://x, 1, 2)",
        "sim://gaussian(1, 2, 3)",
        "sim://gaussian(loc://x, 1, 0, 3)",
        "sim://gaussian(nonsense://x, 1, 1, 3)",
    ],
)
def test_a_name_that_makes_no_sense_is_an_error(pool, name):
    with pytest.raises(CommandFailed):
        pool.acquire(name)
    assert pool.in_use == []


# The peak


async def test_a_peak_is_highest_at_its_centre(pool):
    x = pool.acquire("loc://x(3)")
    peak = pool.acquire("sim://gaussian(loc://x(3), 3, 0.5, 100)")
    assert await value(peak) == 100
    await x.write(3.5)
    assert await value(peak) == pytest.approx(100 * math.exp(-0.5))
    await x.write(2.0)
    assert await value(peak) == pytest.approx(100 * math.exp(-2))


async def test_a_peak_follows_a_motor(pool, clock):
    motor = pool.acquire("motor://m(0, 1)")
    peak = pool.acquire("sim://gaussian(motor://m.RBV(0, 1), 5, 1, 10)")
    heard = []
    peak.subscribe(listener := lambda: heard.append(peak.reading.value))
    await motor.write(5.0)
    await clock.advance(5.1)
    assert heard == sorted(heard)
    assert heard[-1] == 10
    peak.subscribe(other := lambda: None)
    peak.unsubscribe(listener)
    assert clock.next_due is not None
    peak.unsubscribe(other)
    await clock.advance(1)
    assert clock.next_due is None


async def test_a_peak_may_be_noisy_and_is_so_in_the_same_way_each_time(clock):
    name = "sim://gaussian(loc://x(3), 3, 0.5, 100, 10)"
    runs = [await values(PvPool(providers(Around(clock, 1.0))).acquire(name), clock, 100) for _ in range(2)]
    assert runs[0] == runs[1]
    assert 8 < statistics.stdev(runs[0]) < 12


async def test_a_peak_uses_the_variable_that_it_follows(pool):
    name = "sim://gaussian(loc://x, 3, 0.5, 100)"
    pool.acquire(name)
    assert set(pool.in_use) == {name, "loc://x"}
    pool.release(name)
    assert pool.in_use == []


async def test_a_peak_over_what_is_not_connected_is_not_connected(pool):
    peak = pool.acquire("sim://gaussian(ca://nobody, 3, 0.5, 100)")
    assert await peak.read() is None


# In scans


def test_scans_use_them_as_any_device():
    commands = [
        Loop("motor_x", 1, 5, 1, Log("sim://gaussian(motor://motor_x.RBV, 3, 1, 100)"), completion=True),
        Wait("sim://ramp(0, 1000, 1, 1)", 600, comparison=">="),
        Log("sim://ramp(0, 1000, 1, 1)"),
    ]
    with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
        info = client.wait_until_done(client.submit(commands), timeout=30)
        data = client.get_data(info.id)
        assert info.runtime.total_seconds() == 600
        assert data["sim://ramp(0, 1000, 1, 1)"].value.tolist() == [600]
        counts = data["sim://gaussian(motor://motor_x.RBV, 3, 1, 100)"].value
        assert counts.argmax() == 2
        with pytest.raises(ScanFailed, match=r"Failed to write 1\.0 to sim://ramp"):
            client.wait_until_done(client.submit(Set("sim://ramp", 1)), timeout=30)
