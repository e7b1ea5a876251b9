import sqlite3
from contextlib import closing
from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest

from scan_sdk.models import ScanState
from scan_sdk.server.devices.values import EnumValue, Reading
from scan_sdk.server.errors import Refused
from scan_sdk.server.store.store import ScanRecord, Store

from .conftest import samples


@pytest.fixture
async def store(tmp_path):
    store = Store(tmp_path / "deep" / "folder")
    assert await store.open() == []
    yield store
    await store.close()


async def document(store, scan_id, after=-1):
    return ET.fromstring("".join([piece async for piece in store.data(scan_id, after)]))


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
    record = ScanRecord(first, "one", 10, ScanState.FAILED, "why", 11, 17, 3, 1)
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
    with pytest.raises(
        OSError, match=r"scans.sqlite cannot be used: file is not a database: .* move it away"
    ):
        await Store(tmp_path).open()


async def test_a_file_of_another_layout_is_an_error_and_left_alone(tmp_path):
    with closing(sqlite3.connect(tmp_path / "scans.sqlite")) as connection:
        connection.execute("CREATE TABLE scans (id)")
    with pytest.raises(OSError, match="another version of scan_sdk wrote it"):
        await Store(tmp_path).open()
    with closing(sqlite3.connect(tmp_path / "scans.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("scans",)]


async def test_two_servers_do_not_share_a_file(tmp_path, store):
    first = Store(tmp_path)
    await first.open()
    with pytest.raises(OSError, match="another server uses it"):
        await Store(tmp_path).open()
    await first.close()


async def test_data_after_a_serial_is_what_was_logged_since_of_the_devices_that_were(store):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    log.add_all([("x", Reading(0.0, 10)), ("early", Reading("a", 10))])
    await store.flush()
    for index in range(1, 12_000):
        log.add("x", log.next_serial(), Reading(float(index), index))
    found = samples(await document(store, scan, 11_990))
    assert list(found) == ["x"]
    assert [serial for serial, _, _ in found["x"]] == list(range(11_991, 12_000))
    assert len(samples(await document(store, scan, 0))["x"]) == 11_999
    assert samples(await document(store, scan, 11_999)) == {}
    assert list(samples(await document(store, scan, -5))) == ["x", "early"]


async def test_values_logged_together_have_one_serial(store):
    log = store.log(await store.add("a", 1, ""))
    log.add_all([("x", Reading(1.0, 1)), ("y", Reading(2.0, 1))])
    log.add_all([])
    log.add_all([("x", Reading(3.0, 2))])
    found = samples(await document(store, log.scan_id))
    assert found == {"x": [(0, 1, "1.0"), (2, 2, "3.0")], "y": [(0, 1, "2.0")]}
    assert log.last_serial == 2


async def test_only_blocks_that_hold_newer_samples_are_read(store, monkeypatch):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    for _ in range(5):
        log.add("x", log.next_serial(), Reading(1.0, 1))
        await store.flush()
    read = []
    unpack = store._file.samples
    monkeypatch.setattr(store._file, "samples", lambda block: read.append(block) or unpack(block))
    await document(store, scan, 2)
    assert len(read) == 2


async def test_rows_of_numbers_count_for_what_they_take_in_memory(store):
    log = store.log(await store.add("a", 1, ""))
    row = tuple(map(float, range(40_000)))
    log.add("x", log.next_serial(), Reading(row, 1))
    assert store._round is not None  # written at once, not after a while
    for _ in range(21):
        log.add("x", log.next_serial(), Reading(row, 1))
    assert store.crowded
    await store.flush()
    assert not store.crowded


async def test_a_value_of_an_unheard_of_type_does_not_keep_others_from_being_written(store):
    log = store.log(await store.add("a", 1, ""))
    log.add("x", log.next_serial(), Reading(Fraction(1, 3), 1))
    await store.flush()
    assert samples(await document(store, log.scan_id)) == {"x": [(0, 1, "1/3")]}


async def test_the_last_of_a_deleted_scans_data_is_an_error_not_less(store):
    scan = await store.add("a", 1, "")
    log = store.log(scan)
    for index in range(20_000):
        log.add("x", log.next_serial(), Reading(float(index), index))
    pieces = store.data(scan)
    await anext(pieces)
    await store.delete([scan])
    with pytest.raises(Refused, match="was deleted while"):
        [piece async for piece in pieces]
    assert await store.commands(scan) == ""


async def test_all_that_waited_is_written_in_one_round(store, monkeypatch):
    rounds = []
    write = store._file.write
    monkeypatch.setattr(store._file, "write", lambda *args: rounds.append(args) or write(*args))
    logs = [store.log(await store.add("a", 1, "")) for _ in range(3)]
    for log in logs:
        log.add("x", log.next_serial(), Reading(1.0, 1))
    await store.flush()
    assert [len(blocks) for blocks, _ in rounds] == [3]
