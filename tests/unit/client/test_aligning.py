"""Aligning devices of a server: positions within 1 % of the range, and moves only where they are safe."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from pydantic import ValidationError

from scan_sdk import (
    Alignment,
    AlignmentFailed,
    AsyncScanClient,
    CommandSequence,
    DeviceRule,
    Include,
    Log,
    PvConfig,
    ScanAborted,
    ScanConfig,
    ScanFailed,
    ScanRejected,
    ScanSettings,
    ScanState,
    Set,
    TransportError,
)

MOTOR = "motor://m.RBV(0, 5)"
RNG = Random(20)
PEAKS = [(RNG.uniform(2, 8), RNG.uniform(0.6, 1.2), RNG.choice((1000, -50, 0.002))) for _ in range(20)]
"""Centre, deviation and height of signals with a noise of 5 %, each with a seed of its own."""


def peak(number):
    centre, deviation, height = PEAKS[number]
    return f"sim://gaussian({MOTOR}, {centre}, {deviation}, {height}, {abs(height) / 20})"


@pytest.fixture
def scan_server_config():
    signals = [PvConfig(name=peak(number), alias=f"signal_{number}") for number in range(len(PEAKS))]
    return ScanConfig(
        read_timeout=5.0,
        pvs=(
            PvConfig(name="motor://m(0, 5)", alias="m"),
            PvConfig(name=MOTOR, alias="m.RBV"),
            PvConfig(name="loc://x(0)", alias="x"),
            PvConfig(name="counter://counts(10)", alias="counts"),
            PvConfig(name=f"sim://gaussian({MOTOR}, 14, 1.5, 100)", alias="beyond"),
            PvConfig(name=f"sim://gaussian({MOTOR}, 5, 1, 10, 3)", alias="noisy"),
            PvConfig(name="sim://const(3)", alias="flat"),
            *signals,
        ),
    )


def scan(signal="signal_0", **options):
    return Alignment("m", 0, 10, 0.25, signal=signal, **options)


def position(server):
    return server.device("m").read()


def test_with_noise_of_five_percent_each_of_twenty_positions_is_within_one_percent_of_the_range(scan_client):
    for number, (centre, deviation, height) in enumerate(PEAKS):
        found = scan_client.align(scan(f"signal_{number}"))
        assert abs(found.position - centre) <= 0.1, number
        assert found.width == pytest.approx(2.3548 * deviation, rel=0.2)
        assert found.height == pytest.approx(height, rel=0.2)
        assert abs(found.position - centre) < 4.5 * found.uncertainty.position
        assert found.quality > 0.9


def test_a_result_names_its_scan_and_where_the_device_is(scan_client, scan_server):
    found = scan_client.align(scan(), "Find it")
    assert (found.moved, found.move_id, found.last_position) == (False, None, 10)
    assert [info.id for info in scan_client.scan_infos()] == [found.scan_id]
    assert scan_client.scan_info(found.scan_id).name == "Find it"
    assert position(scan_server) == 10


@pytest.mark.parametrize("method", ["gaussian", "centre of mass"])
def test_the_device_is_moved_where_that_is_asked_for(scan_client, scan_server, method):
    found = scan_client.align(scan(method=method), move=True)
    assert found.moved
    assert position(scan_server) == found.position == found.last_position
    assert scan_server.device("m.RBV").read() == pytest.approx(found.position)
    info = scan_client.scan_info(found.move_id)
    assert info.state is ScanState.FINISHED
    assert info.name == f"Alignment: move to {found.position:g}"


def test_the_move_follows_the_settings(scan_client):
    settings = ScanSettings([DeviceRule("m", readback="m.RBV", tolerance=0.01, timeout=30)])
    found = scan_client.align(scan(settings=settings), move=True)
    move, log = scan_client.scan_commands(found.move_id)
    assert move == Set("m", found.position, readback="m.RBV", tolerance=0.01, timeout=30)
    assert log == Log("m")


def test_a_poor_fit_moves_nothing(scan_client, scan_server):
    found = scan_client.align(scan("noisy"), move=True, min_quality=0.9)
    assert 0 < found.quality < 0.9
    assert not found.moved
    assert position(scan_server) == found.last_position == 10
    assert len(scan_client.scan_infos()) == 1
    assert scan_client.align(scan("noisy"), move=True, min_quality=found.quality / 2).moved


@pytest.mark.parametrize(("signal", "reason"), [("flat", "is flat"), ("beyond", "higher positions")])
def test_where_the_data_do_not_tell_the_device_stays_and_the_error_says_so(
    scan_client, scan_server, signal, reason
):
    with pytest.raises(AlignmentFailed, match=reason) as caught:
        scan_client.align(scan(signal), move=True)
    assert str(caught.value).startswith("cannot align 'm' by scan 1: ")
    assert str(caught.value).endswith(". It was not moved, and was last at 10")
    assert caught.value.scan_id == 1
    assert caught.value.data == scan_client.get_data(1)
    assert position(scan_server) == 10
    assert len(scan_client.scan_infos()) == 1


def test_counts_are_waited_for_and_counted_anew_at_each_position(scan_client):
    found = scan_client.align(
        scan(wait=("counts", 5), start=Set("counts", 0), monitor="counts", log_always=["m.RBV"])
    )
    assert found.position == pytest.approx(PEAKS[0][0], abs=0.1)
    assert list(scan_client.get_data(found.scan_id)) == ["m", "signal_0", "counts", "m.RBV"]


def test_a_scan_that_fails_is_an_error_as_ever(scan_client, scan_server):
    scan_server.device("signal_0").disconnect()
    with pytest.raises(ScanFailed) as caught:
        scan_client.align(scan(), move=True)
    assert caught.value.__notes__ == ["scan 1 'Alignment' was to align 'm'"]


def test_options_hold_for_the_scan_on_the_server(scan_client):
    with pytest.raises(ScanAborted):
        scan_client.align(scan(wait=3600), timeout=60)
    with pytest.raises(ScanRejected):
        scan_client.align(scan(pre=Include("missing.scn")))


@pytest.mark.parametrize(
    "options",
    [
        {"min_quality": 1.1},
        {"min_quality": -0.1},
        {"min_quality": float("nan")},
        {"min_quality": "good"},
        {"move": "yes"},
        {"patience": -1},
        {"name": ""},
        {"timeout": 0.5},
    ],
)
def test_options_that_cannot_be_right_are_refused_before_anything_is_sent(scan_client, options):
    with pytest.raises(ValidationError):
        scan_client.align(scan(), **options)
    assert not scan_client.scan_infos()


def test_a_move_that_fails_tells_what_was_found(scan_client, scan_server, monkeypatch):
    exchange = scan_client._transport.exchange

    def hindered(operation, deadline):
        if "move" in operation.target:
            scan_server.device("m").disconnect()
        return exchange(operation, deadline)

    monkeypatch.setattr(scan_client._transport, "exchange", hindered)
    with pytest.raises(ScanFailed) as caught:
        scan_client.align(scan(), move=True)
    assert caught.value.info.id == 2
    [note] = caught.value.__notes__
    assert note.startswith("it was to be moved there: m: peak of signal_0 at ")


def test_a_connection_that_breaks_leaves_a_note_of_the_scan_that_goes_on(scan_client, scan_server):
    scan_server.fail_next("get_data", "lost reply", times=3)
    with pytest.raises(TransportError) as caught:
        scan_client.align(scan(), "Night")
    assert caught.value.__notes__ == ["scan 1 'Night' was to align 'm'"]


def test_a_move_of_which_nothing_is_logged_was_made(scan_client, monkeypatch):
    monkeypatch.setattr(Alignment, "move", lambda self, position: CommandSequence(Set("m", position)))
    found = scan_client.align(scan(), move=True)
    assert found.moved
    assert found.last_position == found.position


def test_an_alignment_is_submitted_and_fitted_in_steps(scan_client):
    scan_id = scan_client.submit([Set("x", 1), scan()], "In steps")
    scan_client.wait_until_done(scan_id)
    assert [command.command for command in scan_client.scan_commands(scan_id)] == ["set", "loop"]
    found = scan().fit(scan_client.get_data(scan_id))
    assert found.position == pytest.approx(PEAKS[0][0], abs=0.1)
    assert found.scan_id is None


async def test_the_async_client_does_the_same(scan_server):
    async with AsyncScanClient(url=scan_server.url) as client:
        found = await asyncio.wait_for(client.align(scan(), move=True), 30)
    assert found.moved
    assert position(scan_server) == found.position
