"""The PVs that tell of scans, as the configuration's status_pv_prefix names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scan_sdk.models import Comment, Delay, Log, ScanState, Set
from scan_sdk.server.clock import settle
from scan_sdk.server.engine.status import _compact

from .conftest import CONFIG, make_rig

PREFIX = "loc://Demo:"
NAMES = ("Active", "State", "Status", "Progress", "Finish")


@pytest.fixture
async def rig(tmp_path):
    made = await make_rig(tmp_path, CONFIG.model_copy(update={"status_pv_prefix": PREFIX}))
    for name in NAMES:  # so that they outlive the scans, as records of a database do
        made.engine.pool.acquire(PREFIX + name)
    yield made
    await made.engine.stop()


def status(rig):
    """Return what the PVs hold."""
    found = {}
    for name in NAMES:
        found[name] = rig.engine.pool.acquire(PREFIX + name).reading.value
        rig.engine.pool.release(PREFIX + name)
    return found


async def test_they_tell_of_a_scan_from_its_beginning_to_its_end(rig):
    scan = await rig.submit(Delay(1), Delay(1), Comment("a"), Comment("b"), name="Mine")
    now = status(rig)
    assert now == {"Active": 1.0, "State": 1.0, "Status": "Mine", "Progress": 0.0, "Finish": "Starting ..."}
    await rig.clock.advance(1)
    local = datetime.fromtimestamp(rig.clock.time() + 3, UTC).astimezone()
    assert status(rig) == {**now, "Progress": 25.0, "Finish": f"{local:%H:%M:%S}"}
    await rig.clock.advance(1)
    await rig.until_done(scan)
    local = datetime.fromtimestamp(rig.clock.time(), UTC).astimezone()
    assert status(rig) == {
        "Active": 0.0,
        "State": 5.0,
        "Status": "",
        "Progress": 100.0,
        "Finish": f"{local:%Y-%m-%d %H:%M:%S}.000",
    }
    assert not [device for device in scan.devices if device.reading is not None]


@pytest.mark.parametrize(
    ("command", "state"), [(Set("x", "abc"), ScanState.FAILED), (Comment("a"), ScanState.FINISHED)]
)
async def test_the_state_at_the_end_is_how_the_scan_ended(rig, command, state):
    scan = await rig.run(command)
    assert (scan.state, status(rig)["State"]) == (
        state,
        {ScanState.FAILED: 4.0, ScanState.FINISHED: 5.0}[state],
    )


async def test_they_follow_pause_resume_and_abort(rig):
    scan = await rig.submit(Delay(10))
    seen = []
    for control in (rig.engine.pause, rig.engine.resume):
        control(scan.id)
        await rig.clock.advance(0.2)
        seen.append(status(rig)["State"])
    await rig.engine.abort(scan.id)
    assert [*seen, status(rig)["State"]] == [2.0, 1.0, 3.0]


async def test_active_stays_while_others_wait(rig):
    first = await rig.submit(Delay(1))
    second = await rig.submit(Delay(1))
    await rig.clock.advance(1)
    assert first.is_done
    assert status(rig)["Active"] == 1.0
    await rig.clock.advance(1.2)
    assert second.is_done
    assert status(rig)["Active"] == 0.0


async def test_they_are_devices_of_the_scan_but_not_logged(rig):
    scan = await rig.run(Log("x"))
    assert {PREFIX + name for name in NAMES} < {device.name for device in scan.devices}
    assert list(await rig.data(scan)) == ["x"]


async def test_a_status_pv_that_takes_nothing_keeps_scans_from_beginning(tmp_path, caplog):
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"status_pv_prefix": "loc://Bad<VEnum>:"}))
    scan = await rig.run(Comment("a"))
    assert scan.state is ScanState.FAILED
    await rig.engine.stop()
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"status_pv_prefix": "motor://x.RBV"}))
    scan = await rig.run(Comment("a"))
    assert scan.info().error.startswith("Failed to write test to motor://x.RBV")
    assert "status PV" not in caplog.text
    await rig.engine.stop()


async def test_a_status_pv_that_fails_later_is_logged_and_the_scan_goes_on(rig, caplog):
    scan = await rig.submit(Delay(1), Comment("a"))
    await settle()
    device = scan.devices[f"{PREFIX}Progress"]
    state = scan.devices[f"{PREFIX}State"]

    async def refuse(value):
        raise ValueError(value)

    device.pv.write = refuse
    state.pv.write = refuse
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert scan.state is ScanState.FINISHED
    assert "status PV: Failed to write 100.0 to loc://Demo:Progress" in caplog.text
    assert "status PV: Failed to write 5.0 to loc://Demo:State" in caplog.text


def test_an_expected_end_is_shown_in_short():
    now = datetime(2026, 3, 4, 12, tzinfo=UTC).astimezone()
    shown = [
        _compact(now + distance, now.timestamp())
        for distance in (timedelta(hours=1), timedelta(days=3), timedelta(days=400))
    ]
    assert [len(text) for text in shown] == [8, 11, 10]
