"""How clients come to know how long scans take."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scan_sdk._protocol.estimating import Knowledge
from scan_sdk.async_client import AsyncScanClient
from scan_sdk.client import ScanClient
from scan_sdk.errors import UnknownScan
from scan_sdk.estimates import TimeBasis
from scan_sdk.models import Delay, Log, Loop, PvConfig, ScanConfig, ScanState
from scan_sdk.server import EmbeddedServer
from tests.unit.client.conftest import HTML

NEAR = {"abs": 2.0}


@pytest.fixture
def embedded():
    with EmbeddedServer() as running:
        yield running


@pytest.fixture
def client(embedded):
    with ScanClient(url=embedded.url) as made:
        yield made


def test_the_time_left_of_a_running_scan_and_of_those_behind_it(client):
    first = client.submit(Loop("setpoint", 1, 10, 1, Delay(10)))
    second = client.submit(Delay(50))
    third = client.submit(Delay(7))
    last = client.time_left(third)
    assert last.state is ScanState.IDLE
    assert last.starts_in.total_seconds() == pytest.approx(150, **NEAR)
    assert last.seconds == pytest.approx(157, **NEAR)
    times = client.times_left()
    assert list(times) == [third, second, first]
    assert times[first].seconds == pytest.approx(100, **NEAR)
    assert times[first].starts_in.total_seconds() == 0
    client.abort_all()
    assert client.time_left(second).basis is TimeBasis.DONE


async def test_it_is_the_same_for_who_awaits_it(embedded):
    async with AsyncScanClient(url=embedded.url) as client:
        scan_id = await client.submit(Delay(60))
        assert (await client.time_left(scan_id)).seconds == pytest.approx(60, **NEAR)
        assert list(await client.times_left()) == [scan_id]


def test_only_the_commands_that_matter_are_asked_for_and_once(client, monkeypatch):
    asked = []
    exchange = client._transport.exchange

    def note(operation, deadline):
        asked.append(operation.target)
        return exchange(operation, deadline)

    monkeypatch.setattr(client._transport, "exchange", note)
    first = client.submit(Delay(60))
    client.submit(Delay(60))
    client.time_left(first)
    client.time_left(first)
    assert asked[2:] == ["/scans", f"/scan/{first}/commands", "/scans"]


def test_a_scan_that_there_is_not_is_an_error(client):
    with pytest.raises(UnknownScan):
        client.time_left(99)


def test_slew_rates_help_where_nothing_was_measured(client):
    client.submit(Delay(60))
    scan_id = client.submit(Loop("motor_x", 0, 100, 1, Log("motor_x"), readback="motor_x.RBV"))
    config = ScanConfig(pvs=(PvConfig(name="motor_x", slew_rate=5.0),))
    assert client.time_left(scan_id).seconds > 2000
    assert client.time_left(scan_id, config=config).seconds == pytest.approx(60 + 20 + 10, abs=4)


def test_a_scan_whose_commands_the_server_does_not_tell_is_counted(server, perform, timing):
    scan_id = server.add(runtime=timedelta(minutes=1), total_work_units=3, performed_work_units=1)
    server.hook = lambda request: (500, HTML.format("lost")) if request.endswith("/commands") else None
    time = perform(Knowledge().time_left(timing, scan_id))
    assert time.basis is TimeBasis.COUNTED
    assert time.left == timedelta(minutes=2)
    assert sum(request.endswith("/commands") for request in server.requests) == 1
