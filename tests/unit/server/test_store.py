import sqlite3
from xml.etree import ElementTree as ET

import pytest

from scan_sdk.models import ScanState
from scan_sdk.server.devices.values import EnumValue, Reading
from scan_sdk.server.errors import CommandFailed
from scan_sdk.server.store import ScanRecord, Store


@pytest.fixture
async def store(tmp_path):
    store = Store(tmp_path / "deep" / "folder")
    assert await store.open() == []
    yield store
    await store.close()


async def document(store, scan_id):
    return ET.fromstring("".join([piece async for piece in store.data(scan_id)]))


def samples(root):
    return {
        device.findtext("name"): [
            (int(sample.get("id")), int(sample.findtext("time")), sample.findtext("value"))
            for sample in device.iterfind("samples/sample")
        ]
        for device in root
    }


async def test_data_is_read_back_with_what_is_not_yet_written(store):
    scan = await store.add("a", 1, "<commands/>")
    log = store.log(scan)
    for index in range(3):
        serial = log.next_serial()
        log.add("x", serial, Reading(index / 2, 1000 + index))
        log.add("y", serial, Reading("µ & <", 2000))
    assert log.last_serial == 2
    found = samples(await document(store, scan))
    assert found["x"] == [(0, 1000, "0.0"), (1, 1001, "0.5"), (2, 1002, "1.0")]
    assert found["y"] == [(n, 2000, "µ & <") for n in range(3)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (1e300, "1.0E300"),
        (7, "7"),
        ("007", "007"),
        ("a\x07b", "a_b"),
        ((1.0, 2.5), "[1.0, 2.5]"),
        (("a", "b"), "[a, b]"),
        ((3.0,), "3.0"),
        (EnumValue(1, ("Off", "On")), "On"),
        (True, "true"),
    ],
)
async def test_every_kind_of_value_comes_back_as_the_server_writes_it(store, value, text):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    log.add("x", log.next_serial(), Reading(value, 5))
    assert samples(await document(store, scan)) == {"x": [(0, 5, text)]}


async def test_many_samples_of_many_flushes_stay_in_order(store):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    count = 12_345
    for index in range(count):
        log.add("x", log.next_serial(), Reading(float(index), index))
    found = samples(await document(store, scan))["x"]
    assert found == [(index, index, found[index][2]) for index in range(count)]
    assert not store.crowded


async def test_a_serial_without_samples_is_used_up_but_not_the_last(store):
    log = store.log(await store.add("a", 1, ""))
    log.next_serial()
    assert log.last_serial == -1
    log.add("x", log.next_serial(), Reading(1.0, 5))
    assert log.last_serial == 1


async def test_scans_and_their_ends_are_there_after_a_restart(tmp_path):
    store = Store(tmp_path)
    await store.open()
    first, second = await store.add("one", 10, "<a/>"), await store.add("two", 20, "<b/>")
    log = store.log(first)
    log.add("x", log.next_serial(), Reading(1.0, 5))
    log.add("x", log.next_serial(), Reading(2.0, 6))
    record = ScanRecord(first, "one", 10, ScanState.FAILED, "why", 7, 17, 3, 1)
    store.update(record, "<patched/>")
    await store.close()

    store = Store(tmp_path)
    again, interrupted = await store.open()
    assert again == record
    assert (interrupted.state, interrupted.error) == (ScanState.FAILED, "interrupted by server stop")
    assert (await store.commands(first), await store.commands(second)) == ("<patched/>", "<b/>")
    assert len(samples(await document(store, first))["x"]) == 2
    assert await store.add("three", 30, "") > second
    await store.close()


async def test_deleted_scans_are_gone_with_their_data_and_their_ids_stay_used(tmp_path):
    store = Store(tmp_path)
    await store.open()
    scan = await store.add("one", 10, "")
    log = store.log(scan)
    log.add("x", log.next_serial(), Reading(1.0, 5))
    await store.delete([scan])
    log.add("x", log.next_serial(), Reading(2.0, 5))  # too late
    await store.flush()
    assert store.failure is None
    assert len(await document(store, scan)) == 0
    await store.close()
    connection = sqlite3.connect(tmp_path / "scans.sqlite")
    assert connection.execute("SELECT count(*) FROM blocks").fetchone() == (0,)
    connection.close()
    store = Store(tmp_path)
    assert await store.open() == []
    assert await store.add("two", 20, "") > scan
    await store.close()


async def test_a_folder_that_cannot_be_used_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"data log .*file/log/scans.sqlite cannot be used"):
        await Store(tmp_path / "file" / "log").open()


async def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path):
    (tmp_path / "scans.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(OSError, match="cannot be used: file is not a database"):
        await Store(tmp_path).open()


async def test_two_servers_do_not_share_a_file(tmp_path, store):
    first = Store(tmp_path)
    await first.open()
    with pytest.raises(OSError, match="locked"):
        await Store(tmp_path).open()
    await first.close()


async def test_once_writing_fails_scans_are_told_instead_of_losing_data(store):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    await store._run(lambda: store._file.execute("DROP TABLE blocks"))
    log.add("x", log.next_serial(), Reading(1.0, 5))
    with pytest.raises(CommandFailed, match="Cannot log: no such table"):
        await store.flush()
    with pytest.raises(CommandFailed, match="Cannot log: no such table"):
        log.add("x", log.next_serial(), Reading(1.0, 5))


async def test_a_scan_whose_data_cannot_be_written_fails(tmp_path):
    from scan_sdk.models import Delay, Log

    from .conftest import make_rig

    rig = await make_rig(tmp_path)
    store = rig.engine._store
    scan = await rig.run(Log("x"))
    await store._run(lambda: store._file.execute("DROP TABLE blocks"))
    last = await rig.run(Log("x"))
    assert last.info().error == "Cannot log: no such table: blocks"
    looping = await rig.run(Delay(0), Log("x"))
    assert looping.state is ScanState.FAILED
    assert scan.state is ScanState.FINISHED
    await rig.engine.stop()
