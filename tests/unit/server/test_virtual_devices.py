import pytest

from scan_sdk.server.clock import ManualClock, settle
from scan_sdk.server.devices.pv import PvPool
from scan_sdk.server.devices.schemes import Around, providers
from scan_sdk.server.errors import CommandFailed


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def pool(clock) -> PvPool:
    return PvPool(providers(Around(clock, 1.0)))


async def value(pv) -> float:
    return (await pv.read()).value


async def test_the_readback_of_a_motor_moves_at_its_rate_and_stops_at_the_target(pool, clock):
    motor, readback = pool.acquire("motor://m(1, 2)"), pool.acquire("motor://m.RBV")
    assert (await value(motor), await value(readback)) == (1, 1)
    await motor.write(5.0)
    await clock.advance(0.5)
    assert (await value(motor), await value(readback)) == (5, 2)
    await clock.advance(10)
    assert await value(readback) == 5


async def test_a_motor_turns_round_from_where_it_is(pool, clock):
    motor, readback = pool.acquire("motor://m(0, 1)"), pool.acquire("motor://m.RBV")
    await motor.write(10.0)
    await clock.advance(4)
    await motor.write(0.0)
    await clock.advance(1)
    assert await value(readback) == 3
    await clock.advance(3)
    assert await value(readback) == 0


async def test_a_write_with_completion_completes_on_arrival(pool, clock):
    motor = pool.acquire("motor://m(0, 2)")
    done = await motor.put(5.0)
    await clock.advance(2.4)
    assert not done.done()
    await clock.advance(0.2)
    assert done.done()


async def test_a_write_that_is_overtaken_completes_when_the_motor_stops(pool, clock):
    motor = pool.acquire("motor://m(0, 1)")
    first = await motor.put(1.0)
    second = await motor.put(3.0)
    await clock.advance(2)
    assert not first.done()
    await clock.advance(1)
    assert first.done()
    assert second.done()


async def test_a_caller_may_give_up_a_write(pool, clock):
    motor = pool.acquire("motor://m(0, 1)")
    (await motor.put(1.0)).cancel()
    await clock.advance(2)


async def test_whoever_listens_hears_of_the_movement(pool, clock):
    motor, readback = pool.acquire("motor://m(0, 1)"), pool.acquire("motor://m.RBV")
    heard = []
    readback.subscribe(listener := lambda: heard.append(readback.reading.value))
    await motor.write(1.0)
    await clock.advance(2)
    assert heard[0] > 0
    assert heard == sorted(heard)
    assert heard[-1] == 1
    readback.unsubscribe(listener)
    await clock.advance(1)
    count = len(heard)
    await clock.advance(1)
    assert len(heard) == count
    assert clock.next_due is None


async def test_the_time_of_a_motor_at_rest_is_that_of_its_arrival(pool, clock):
    motor, readback = pool.acquire("motor://m(0, 1)"), pool.acquire("motor://m.RBV")
    start = clock.time()
    await motor.write(1.0)
    await clock.advance(5)
    assert (await readback.read()).time == int((start + 1) * 1000)


async def test_a_motor_stays_where_it_is_when_nobody_uses_it(pool, clock):
    await pool.acquire("motor://m(0, 1)").write(3.0)
    await clock.advance(3)
    pool.release("motor://m")
    assert await value(pool.acquire("motor://m.RBV(0, 1)")) == 3


async def test_a_counter_counts_up_from_what_is_written(pool, clock):
    counter = pool.acquire("counter://n(10)")
    await clock.advance(1.55)
    assert await value(counter) == 15
    await counter.write(0.0)
    await clock.advance(0.25)
    assert await value(counter) == 2


async def test_closing_ends_the_reports(pool, clock):
    counter = pool.acquire("counter://n(10)")
    counter.subscribe(lambda: None)
    pool.release("counter://n")
    assert clock.next_due is None


@pytest.mark.parametrize(
    ("name", "written"), [("motor://m", "abc"), ("motor://m", float("inf")), ("motor://m.RBV", 1.0)]
)
async def test_what_makes_no_sense_is_not_written(pool, name, written):
    with pytest.raises(ValueError):
        await pool.acquire(name).write(written)


@pytest.mark.parametrize("name", ["motor://m(a)", "motor://m(0, 0)", "motor://m(1,2,3)", "counter://n(-1)"])
def test_a_name_with_bad_arguments_is_an_error(pool, name):
    with pytest.raises(CommandFailed, match="Error for PV"):
        pool.acquire(name)


async def test_the_manual_clock_calls_in_order_and_at_the_right_time():
    clock = ManualClock(1000)
    calls = []
    clock.call_later(2, lambda: calls.append(("two", clock.monotonic())))
    clock.call_later(1, lambda: calls.append(("one", clock.monotonic())))
    clock.call_later(1.5, lambda: calls.append("cancelled")).cancel()
    await clock.advance(1.9)
    assert calls == [("one", 1)]
    await clock.advance(1)
    assert calls == [("one", 1), ("two", 2)]
    assert clock.time() == 1002.9
    await settle()
