"""Names, connections and disconnects, with a variable that a test can pull the plug of."""

import asyncio
import logging

import pytest

from scan_sdk.models import Log, ScanState, Set, Wait
from scan_sdk.server.devices.context import Device, ScanDevices
from scan_sdk.server.devices.pv import Provider, Pv, PvPool
from scan_sdk.server.devices.values import Reading
from scan_sdk.server.errors import CommandFailed

from .conftest import make_rig


class Plug(Pv):
    """Connected while a test says so."""

    async def write(self, value):
        if self.reading is None:
            raise ValueError("not connected")
        self.update(Reading(value, 0))


class PlugProvider(Provider):
    def __init__(self):
        self.plugs = {}

    def create(self, name):
        return self.plugs.setdefault(name.base, Plug())


@pytest.fixture
async def plugged(tmp_path):
    rig = await make_rig(tmp_path)
    provider = PlugProvider()
    rig.engine.pool._providers = {**rig.engine.pool._providers, "plug": provider}
    rig.plugs = provider.plugs
    rig.plug = lambda name: provider.plugs.setdefault(name, Plug())
    yield rig
    await rig.engine.stop()


async def test_a_scan_begins_once_the_last_device_is_connected(plugged):
    scan = await plugged.submit(Log("plug://a", "plug://b"))
    plugged.plug("a").update(Reading(1.0, 5))
    await plugged.clock.advance(1)
    assert scan.info().command == "Waiting for device plug://b (Disconnected)"
    plugged.plug("b").update(Reading(2.0, 5))
    await plugged.until_done(scan)
    assert await plugged.data(scan) == {"plug://a": [(0, "1.0")], "plug://b": [(0, "2.0")]}
    assert plugged.clock.next_due is None


async def test_a_device_that_is_lost_fails_the_command_that_needs_it(plugged):
    plugged.plug("a").update(Reading(1.0, 5))
    scan = await plugged.submit(Wait("x", 1), Log("plug://a"))
    plugged.plug("a").update(None)
    await plugged.run(Set("x", 1), queue=False)
    await plugged.until_done(scan)
    assert scan.info().error == "Failed to read plug://a"


async def test_a_write_to_a_lost_device_names_value_and_device(plugged):
    plugged.plug("a").update(Reading(1.0, 5))
    scan = await plugged.submit(Wait("x", 1), Set("plug://a", 2, completion=True))
    plugged.plug("a").update(None)
    await plugged.run(Set("x", 1), queue=False)
    await plugged.until_done(scan)
    assert scan.info().error == "Failed to write 2.0 to plug://a"


class Distant(Plug):
    """Answers a question when a test says so, and takes time to get there."""

    def __init__(self):
        super().__init__()
        self.answer = asyncio.get_running_loop().create_future()
        self.arrival = asyncio.get_running_loop().create_future()

    async def read(self):
        before = self.reading
        return self._take(before, await self.answer)

    async def put(self, value):
        return self.arrival


@pytest.mark.parametrize(
    ("reported", "answer", "taken"),
    [
        (
            [],
            Reading(2.0, 4),
            Reading(2.0, 4),
        ),  # an answer that is older by the device's clock, which was set
        ([Reading(3.0, 7)], Reading(2.0, 6), Reading(3.0, 7)),
        ([Reading(3.0, 7)], Reading(4.0, 8), Reading(4.0, 8)),
        ([Reading(3.0, 7)], Reading(4.0, 7), Reading(4.0, 7)),
    ],
)
async def test_of_an_answer_and_a_report_the_later_one_is_taken(reported, answer, taken):
    pv = Distant()
    pv.update(Reading(1.0, 5))
    question = asyncio.ensure_future(pv.read())
    await asyncio.sleep(0)
    for reading in reported:
        pv.update(reading)
    pv.answer.set_result(answer)
    assert await question == taken
    assert pv.reading == taken


async def test_an_answer_of_a_device_lost_meanwhile_counts_but_does_not_bring_it_back():
    pv = Distant()
    pv.update(Reading(1.0, 5))
    question = asyncio.ensure_future(pv.read())
    await asyncio.sleep(0)
    pv.update(None)
    pv.answer.set_result(Reading(2.0, 6))
    assert await question == Reading(2.0, 6)
    assert pv.reading is None


async def test_a_report_that_comes_with_the_answer_to_the_question_ends_a_wait(plugged):
    pv = Distant()
    plugged.plugs["a"] = pv
    pv.update(Reading(1.0, 5))
    scan = await plugged.submit(Wait("plug://a", 3))
    pv.answer.set_result(Reading(1.0, 5))
    pv.update(Reading(3.0, 6))
    await plugged.until_done(scan)
    assert scan.state is ScanState.FINISHED


async def test_a_device_that_refuses_a_value_later_fails_the_scan_and_the_log_says_why(plugged, caplog):
    pv = plugged.plugs["a"] = Distant()
    pv.update(Reading(1.0, 5))
    scan = await plugged.submit(Set("plug://a", 2, completion=True))
    with caplog.at_level(logging.WARNING):
        pv.arrival.set_exception(ValueError("no air pressure"))
        await plugged.until_done(scan)
    assert scan.info().error == "Failed to write 2.0 to plug://a"
    assert caplog.messages == ["Failed to write 2.0 to plug://a: no air pressure"]


async def test_a_wait_survives_a_disconnect(plugged):
    plugged.plug("a").update(Reading(1.0, 5))
    scan = await plugged.submit(Wait("plug://a", 3))
    plugged.plug("a").update(None)
    assert scan.devices["plug://a"].status == "Disconnected"
    plugged.plug("a").update(Reading(3.0, 5))
    await plugged.until_done(scan)
    assert scan.state is ScanState.FINISHED


def test_a_device_goes_by_alias_or_name_whichever_is_added_first():
    devices = ScanDevices({"x": "loc://x(0)"})
    devices.add("x")
    devices.add("loc://x(0)")
    assert devices["loc://x(0)"] is devices["x"]
    devices = ScanDevices({"x": "loc://x(0)"})
    devices.add("loc://x(0)")
    devices.add("x")
    assert [device.alias for device in devices] == ["loc://x(0)", "x"]
    assert devices["loc://x(0)"].alias == "loc://x(0)"
    with pytest.raises(CommandFailed, match=r"^Unknown device 'y'$"):
        devices["y"]


def test_where_one_device_cannot_be_used_none_is():
    provider = PlugProvider()
    pool = PvPool({"plug": provider}, default_pv="plug")
    devices = ScanDevices({})
    for name in ("plug://a", "nonsense://b", "plug://c"):
        devices.add(name)
    with pytest.raises(CommandFailed, match="unknown PV type"):
        devices.open(pool)
    assert not pool.in_use
    assert {device.status for device in devices} == {"no PV"}


async def test_a_device_that_is_not_in_use_cannot_be_read():
    device = Device("loc://x", "x")
    assert str(device) == "x [loc://x] (no PV)"
    assert device.reading is None
    with pytest.raises(CommandFailed, match="not in use"):
        await device.read()
