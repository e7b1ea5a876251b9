"""Every kind of value as it is read, logged and written."""

from __future__ import annotations

import pytest

from scan_sdk import If, Log, ScanFailed, Set, Wait
from scan_sdk.server.clock import SystemClock, settle
from scan_sdk.server.devices.pv import PvPool
from scan_sdk.server.devices.schemes import Around, providers

from .conftest import connected, until

pytestmark = pytest.mark.ioc

STAMP_MS = 1_600_000_000_123


def texts(samples: list[tuple[int, str]]) -> list[str]:
    return [text for _, text in samples]


def test_each_kind_of_value_is_logged_as_the_real_server_writes_it(bench):
    names = ["SDK:x", "SDK:n", "SDK:text", "SDK:shutter", "SDK:row", "SDK:invalid"]
    logged = bench.run(
        Set("SDK:x", 1.5, wait=False),
        Set("SDK:n", 7, wait=False),
        Set("SDK:text", "hello", wait=False),
        Set("SDK:shutter", "Closed"),
        Log(*names),
    )
    assert {name: texts(logged[name]) for name in names} == {
        "SDK:x": ["1.5"],
        "SDK:n": ["7"],
        "SDK:text": ["hello"],
        "SDK:shutter": ["Closed"],
        "SDK:row": ["[1.0, 2.5, 3.0]"],
        "SDK:invalid": ["3.0"],  # an invalid alarm is no reason not to use the value
    }


def test_the_time_of_a_sample_is_that_of_the_device(bench):
    assert bench.run(Log("SDK:stamped")) == {"SDK:stamped": [(STAMP_MS, "42.0")]}


def test_a_written_value_is_read_back_at_once(bench):
    logged = bench.run(
        [[Set("SDK:n", value, completion=True), Log("SDK:n")] for value in range(20)],
    )
    assert texts(logged["SDK:n"]) == [str(value) for value in range(20)]


@pytest.mark.parametrize(
    ("value", "label"), [("Open", "Open"), (2, "Moving"), ("0", "Closed"), ("1", "Open")]
)
def test_a_choice_is_written_by_label_or_number(bench, value, label):
    logged = bench.run(Set("SDK:shutter", value, wait=False), Wait("SDK:shutter", label), Log("SDK:shutter"))
    assert texts(logged["SDK:shutter"]) == [label]


def test_a_choice_is_compared_by_label_and_by_number(bench):
    logged = bench.run(
        Set("SDK:shutter", "Open"),
        If("SDK:shutter", "=", "Open", body=[Log("SDK:shutter")]),
        If("SDK:shutter", "=", 1, body=[Log("SDK:shutter")]),
        If("SDK:shutter", "=", "Closed", body=[Log("SDK:n")]),
    )
    assert list(logged) == ["SDK:shutter"]
    assert len(logged["SDK:shutter"]) == 2


@pytest.mark.parametrize("text", ["short", "µm, 40 °C, 日本", "x" * 99, ""])
def test_a_row_of_characters_is_a_text(bench, text):
    logged = bench.run(Set("SDK:note", "long before" * 5), Set("SDK:note", text), Log("SDK:note"))
    assert texts(logged["SDK:note"]) == [text]


def test_a_number_written_to_a_text_is_its_text(bench):
    logged = bench.run(
        Set("SDK:note", 5, wait=False),
        Set("SDK:text", 5, wait=False),
        Wait("SDK:text", 5),
        Log("SDK:note", "SDK:text"),
    )
    assert {name: texts(samples) for name, samples in logged.items()} == {
        "SDK:note": ["5.0"],
        "SDK:text": ["5.0"],
    }


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SDK:line", (1, 2.5), (1.0, 2.5)),
        ("SDK:line", 4, (4.0,)),
        ("SDK:line", (), ()),
        ("SDK:names", ("µm", "b"), ("µm", "b")),
        ("SDK:names", "one", ("one",)),
        ("SDK:note", (104, 105, 0, 33), "hi"),
        ("SDK:note", (176,), "°"),  # no UTF-8
    ],
)
async def test_rows_are_written_and_read(ioc, scheme, name, value, read):
    async with connected(f"{scheme}://{name}") as pv:
        arrival = await pv.put(value)
        assert arrival is not None
        await arrival
        reading = await pv.read()
        assert reading is not None
        assert reading.value == read


async def test_single_precision_is_no_reason_to_show_more_digits(ioc):
    async with connected("ca://SDK:single") as pv:
        await pv.write(0.1)
        await until(pv, lambda value: value == 0.1)


async def test_a_text_that_channel_access_cannot_carry_is_refused_with_a_way_out(ioc):
    async with connected("ca://SDK:text") as pv:
        with pytest.raises(ValueError, match=r"39 bytes of text, and this has 40: use SDK:text\.VAL\$"):
            await pv.write("x" * 40)
    async with connected("ca://SDK:text.VAL$") as pv:
        await pv.write("also by this name")
        await until(pv, lambda value: value == "also by this name")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SDK:shutter", "Ajar"),
        ("SDK:shutter", 9.0),
        ("SDK:x", "fast"),
        ("SDK:n", 1e12),
        ("SDK:locked", 1.0),
    ],
)
@pytest.mark.parametrize("completion", [False, True])
def test_a_value_that_is_refused_fails_the_scan(bench, name, value, completion):
    with pytest.raises(ScanFailed, match=rf"Failed to write .* to {name}$"):
        bench.run(Set(name, value, completion=completion, wait=False))


async def test_new_labels_of_a_choice_are_taken_over(ioc, scheme):
    async with connected(f"{scheme}://SDK:shutter") as shutter, connected("ca://SDK:shutter.ONST") as label:
        for text in ("Ajar", "Open"):
            await label.write(text)
            await until(shutter, lambda value, text=text: value.choices == ("Closed", text, "Moving"))


async def test_a_variable_may_be_given_back_before_it_has_begun(epics_network, scheme):
    pool = PvPool(providers(Around(SystemClock(), 1.0)))
    pool.acquire(f"{scheme}://SDK:n")
    pool.release(f"{scheme}://SDK:n")
    pool.close()


async def test_nothing_searches_for_a_variable_that_nobody_uses(epics_network):
    import aioca

    pool = PvPool(providers(Around(SystemClock(), 1.0)))
    pool.acquire("nowhere")
    pool.acquire("elsewhere")
    await settle()
    assert len(aioca.get_channel_infos()) == 2
    pool.release("nowhere")
    assert [channel.name for channel in aioca.get_channel_infos()] == ["elsewhere"]
    pool.release("elsewhere")
    pool.close()
