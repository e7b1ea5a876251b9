import math

import pytest

from scan_sdk.server.clock import ManualClock
from scan_sdk.server.devices.local import LocalProvider, initial_value
from scan_sdk.server.devices.pv import PvName, PvPool
from scan_sdk.server.devices.schemes import Around, providers
from scan_sdk.server.devices.values import EnumValue, number_of, text_of
from scan_sdk.server.errors import CommandFailed


@pytest.fixture
def pool() -> PvPool:
    return PvPool(providers(Around(ManualClock(), 1.0)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("loc://x", 0.0),
        ("loc://x()", 0.0),
        ("loc://x(5)", 5.0),
        ("loc://x( -1e3 )", -1000.0),
        ("loc://x(0x10)", 16.0),
        ('loc://x("a b")', "a b"),
        ('loc://x("say \\"hi\\"")', 'say "hi"'),
        ('loc://x("a, (b)")', "a, (b)"),
        ("loc://x(1, 2,3)", (1.0, 2.0, 3.0)),
        ('loc://x("a", "b")', ("a", "b")),
        ('loc://x("a", 2)', ("a", "2")),
        ("loc://x<VDouble>(2)", 2.0),
        ("loc://x<VLong>(2.9)", 2),
        ("loc://x<VInt>(1e20)", 2**31 - 1),
        ("loc://x<int>", 0),
        ("loc://x<VString>(abc)", "abc"),
        ("loc://x<VBoolean>(true)", True),
        ("loc://x<VDoubleArray>(7)", (7.0,)),
        ('loc://x<VStringArray>("a")', ("a",)),
        ('loc://x<VEnum>(1, "Off", "On")', EnumValue(1, ("Off", "On"))),
    ],
)
def test_a_local_variable_begins_with_the_value_in_its_name(name, value):
    found = initial_value(PvName.parse(name))
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "name",
    [
        "loc://x(abc)",
        'loc://x("abc)',
        'loc://x("a" b)',
        "loc://x<VDouble>(1, 2)",
        "loc://x<VEnum>(1)",
        'loc://x<VEnum>(2, "a", "b")',
        "loc://x<VTable>(1)",
        "loc://x(1, z)",
    ],
)
def test_a_name_without_a_sensible_value_is_an_error_that_names_it(pool, name):
    with pytest.raises(CommandFailed, match="Error for PV loc://x: "):
        pool.acquire(name)


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("loc://x(1)", 2.5, 2.5),
        ("loc://x(1)", "2.5", 2.5),
        ('loc://x("a")', "b", "b"),
        ('loc://x("a")', 2.0, "2.0"),
        ("loc://x<VLong>(1)", 2.9, 2),
        ("loc://x<VLong>(1)", math.nan, 0),
        ("loc://x(1,2)", "3, 0x10", (3.0, 16.0)),
        ('loc://x("a","b")', "c", ("c",)),
        ("loc://x(1,2)", (3.0, 4.0, 5.0), (3.0, 4.0, 5.0)),
        ("loc://x(1,2)", ("3", "4"), (3.0, 4.0)),
        ("loc://x(1,2)", (), ()),
        ('loc://x("a","b")', ("c", "d", "e"), ("c", "d", "e")),
        ('loc://x("a","b")', (1.0, 2.0), ("1.0", "2.0")),
        ('loc://x<VEnum>(0, "Off", "On")', "On", EnumValue(1, ("Off", "On"))),
        ('loc://x<VEnum>(0, "Off", "On")', 1.0, EnumValue(1, ("Off", "On"))),
        ("loc://x<VBoolean>", "TRUE", True),
        ("loc://x<VBoolean>(true)", 0.0, False),
        ("loc://x", "text", "text"),
        ("loc://x", 3.0, 3.0),
        ("loc://x", "3", 3.0),
    ],
)
async def test_what_is_written_becomes_a_value_of_the_type(pool, name, written, value):
    pv = pool.acquire(name)
    await pv.write(written)
    assert pv.reading is not None
    assert pv.reading.value == value
    assert type(pv.reading.value) is type(value)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("loc://x(1)", "abc"),
        ("loc://x(1,2)", "[4, 5, 6]"),
        ("loc://x(1,2)", 5.0),
        ('loc://x("a","b")', 5.0),
        ("loc://x(1)", (1.0, 2.0)),
        ("loc://x", (1.0, 2.0)),
        ('loc://x("a")', ("b", "c")),
        ("loc://x(1,2)", ("3", "z")),
        ("loc://x<VLong>(1)", (1.0,)),
        ("loc://x<VBoolean>", ("true",)),
        ('loc://x<VEnum>(0, "Off", "On")', (1.0,)),
        ("motor://x", (1.0,)),
        ("counter://x", (1.0,)),
        ("loc://x<VLong>(1)", "abc"),
        ("loc://x<VBoolean>", "maybe"),
        ("loc://x(1)", "0x10"),
        ('loc://x<VEnum>(0, "Off", "On")', "Open"),
        ('loc://x<VEnum>(0, "Off", "On")', 2.0),
    ],
)
async def test_what_the_type_cannot_hold_is_refused_and_changes_nothing(pool, name, written):
    pv = pool.acquire(name)
    before = pv.reading
    with pytest.raises(ValueError):
        await pv.write(written)
    assert pv.reading == before


async def test_an_undecided_variable_stays_a_number_after_a_number(pool):
    pv = pool.acquire("loc://x")
    await pv.write(1.0)
    with pytest.raises(ValueError):
        await pv.write("text")


async def test_a_value_has_the_time_when_it_was_written():
    clock = ManualClock(1000)
    pv = LocalProvider(clock).create(PvName.parse("loc://x"))
    await clock.advance(2.5)
    assert pv.reading is not None
    assert pv.reading.time == 1_000_000
    await pv.write(1.0)
    assert pv.reading.time == 1_002_500


async def test_users_share_a_variable_until_the_last_gives_it_back(pool):
    first, second = pool.acquire("loc://x(1)"), pool.acquire("loc://x(7)")
    assert first is second
    await first.write(3.0)
    pool.release("loc://x(1)")
    assert second.reading is not None
    assert second.reading.value == 3.0
    pool.release("loc://x")
    fresh = pool.acquire("loc://x(7)").reading
    assert fresh is not None
    assert fresh.value == 7.0


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "Empty PV name"), ("  ", "Empty PV name"), ("foo://x", "foo://x has unknown PV type 'foo'")],
)
def test_a_name_that_no_server_knows_is_an_error(pool, name, reason):
    with pytest.raises(CommandFailed, match=f"^{reason}$"):
        pool.acquire(name)


@pytest.mark.parametrize("name", ["plain", "ca://x", "pva://x", "://x"])
async def test_variables_of_networks_that_are_not_spoken_never_connect(pool, name):
    pv = pool.acquire(name)
    assert pv.reading is None
    with pytest.raises(ValueError):
        await pv.write(1.0)


@pytest.mark.parametrize(
    ("value", "number", "text"),
    [
        (1.0, 1.0, "1.0"),
        (1e-5, 1e-5, "1.0E-5"),
        (7, 7.0, "7"),
        (True, 1.0, "true"),
        ("2.5", 2.5, "2.5"),
        (EnumValue(1, ("Off", "On")), 1.0, "On"),
        (EnumValue(5, ("Off", "On")), 5.0, "5"),
        ((3.0, 4.0), 3.0, "[3.0, 4.0]"),
        (("a", "b"), math.nan, "[a, b]"),
        ("abc", math.nan, "abc"),
        ((), math.nan, "[]"),
    ],
)
def test_values_show_as_number_and_text(value, number, text):
    assert number_of(value) == pytest.approx(number, nan_ok=True)
    assert text_of(value) == text
