"""What PV Access has beyond scalars and rows, from a server that is no IOC."""

from __future__ import annotations

import asyncio
import os

import pytest

from .conftest import connected, until

pytestmark = pytest.mark.ioc


@pytest.fixture(scope="module")  # p4p keeps sockets of its server until the next one
def served(running_ioc):
    """Variables by name, on the ports of the IOC."""
    import numpy as np
    from p4p import Type, Value
    from p4p.nt import NTNDArray, NTScalar, NTTable
    from p4p.server import Server
    from p4p.server.thread import SharedPV

    running_ioc.kill()
    table = NTTable([("position", "d"), ("label", "s")])
    rows = [{"position": 1.5, "label": "a"}, {"position": 2.0, "label": "b"}]
    bare = Type([("x", "d"), ("inner", ("S", None, [("names", "as")])), ("any", "v")])
    variables = {
        "table": SharedPV(nt=table, initial=rows),
        "image": SharedPV(nt=NTNDArray(), initial=np.zeros((20, 30), dtype=np.uint8)),
        "bare": SharedPV(initial=Value(bare, {"x": 1.5, "inner": {"names": ["a"]}, "any": 3})),
        "empty": SharedPV(nt=NTScalar("ab"), initial={}),
        "single": SharedPV(nt=NTScalar("f"), initial=0.1),
        "lost": SharedPV(nt=NTScalar("d"), initial=1.0),
    }
    conf = {"EPICS_PVAS_INTF_ADDR_LIST": "127.0.0.1", "EPICS_PVAS_AUTO_BEACON_ADDR_LIST": "NO"}
    conf["EPICS_PVAS_SERVER_PORT"] = os.environ["EPICS_PVA_SERVER_PORT"]
    conf["EPICS_PVAS_BROADCAST_PORT"] = os.environ["EPICS_PVA_BROADCAST_PORT"]
    with Server(providers=[variables], conf=conf, useenv=False):
        yield variables


@pytest.mark.parametrize(
    ("name", "begins", "ends"),
    [
        ("table", "{'position': [1.5, 2.0], 'label': ['a', 'b']}", ""),
        ("image", "[0, 0, 0, ", ", 0, '...']"),
        ("bare", "{'x': 1.5, 'inner': {'names': ['a']}, 'any': 3}", ""),
        ("empty", "", ""),
    ],
)
async def test_a_structure_shows_as_text(served, name, begins, ends):
    async with connected(f"pva://{name}") as pv:
        assert pv.reading is not None
        assert isinstance(pv.reading.value, str)
        assert pv.reading.value.startswith(begins)
        assert pv.reading.value.endswith(ends)
        assert len(pv.reading.value) < 500
        assert await pv.read() == pv.reading


async def test_single_precision_is_no_reason_to_show_more_digits(served):
    async with connected("pva://single") as pv:
        assert pv.reading is not None
        assert pv.reading.value == 0.1


async def test_a_structure_is_not_written(served):
    async with connected("pva://table") as pv:
        with pytest.raises(ValueError, match="a structure cannot be written"):
            await pv.write("x")


async def test_a_server_without_a_use_for_values_refuses_them(served):
    async with connected("pva://lost") as pv:
        with pytest.raises(ValueError):
            await pv.write(2.0)


async def test_a_gateway_that_has_lost_its_device_is_a_disconnect(served):
    def report(value, *alarm):
        fields = dict(zip(("severity", "status", "message"), alarm, strict=True))
        served["lost"].post({"value": value, "alarm": fields})

    async with connected("pva://lost") as pv:
        report(2.0, 3, 7, "Disconnected")
        while pv.reading is not None:
            await changed(pv)
        assert await pv.read() is None
        report(3.0, 3, 2, "UDF")
        await until(pv, lambda value: value == 3.0)


async def changed(pv):
    """Return with the next change."""
    event = asyncio.Event()
    pv.subscribe(event.set)
    async with asyncio.timeout(5):
        await event.wait()
    pv.unsubscribe(event.set)
