"""A disk that is full, a file that is gone or damaged: nothing is lost in silence."""

import asyncio
import logging
import os
import threading
from xml.etree import ElementTree as ET

import pytest

from scan_sdk.models import Comment, Delay, Log, Loop, ScanState
from scan_sdk.server.devices.values import Reading
from scan_sdk.server.errors import CommandFailed, Refused
from scan_sdk.server.store import store as store_module
from scan_sdk.server.store.store import ScanRecord, Store

from .conftest import make_rig, samples

FULL = "database or disk is full: free some space"
TEXT = "x" * 10


async def limit(store, pages):
    await store._run(lambda: store._file._connection.execute(f"PRAGMA max_page_count = {pages}"))


async def fill(store):
    """Let the file have no more pages, and use up what is left in them."""
    await limit(store, 1)  # SQLite makes that the present size
    log = store.log(await store.add("filler", 1, ""))
    while store.failure is None:
        log.add("noise", log.next_serial(), Reading(os.urandom(2000).hex(), 1))
        await store._settle()
    return log


async def make_room(store):
    await limit(store, 1_000_000)


async def until(condition):
    for _ in range(1_000_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


@pytest.fixture
async def store(tmp_path):
    store = Store(tmp_path)
    await store.open()
    yield store
    await make_room(store)
    await store.close()


async def data(store, scan_id, after=-1):
    return samples(ET.fromstring("".join([piece async for piece in store.data(scan_id, after)])))


async def reopened(folder):
    store = Store(folder)
    return store, {record.id: record for record in await store.open()}


async def test_what_cannot_be_written_is_served_from_memory_and_written_once_there_is_room(tmp_path, caplog):
    store = Store(tmp_path)
    await store.open()
    scan = await store.add("a", 1, "<a/>")
    log = store.log(scan)
    log.add("x", log.next_serial(), Reading(1.0, 1))
    await fill(store)
    assert store.failure == FULL
    with pytest.raises(CommandFailed, match=f"^Cannot log: {FULL}$"):
        log.add("x", log.next_serial(), Reading(0.0, 2))
    with pytest.raises(Refused, match=rf"the data log .*scans.sqlite cannot be written: {FULL}"):
        await store.add("b", 1, "")
    assert log.last_serial == 0
    store.update(ScanRecord(scan, "a", 1, ScanState.FAILED, "first", 1, 2, 1, 0), "<patched/>")
    store.update(ScanRecord(scan, "a", 1, ScanState.FAILED, "why", 1, 2, 1, 0), "<patched/>")
    assert await store.commands(scan) == "<patched/>"

    await make_room(store)
    await store.flush()
    assert store.failure is None
    log.add("x", log.next_serial(), Reading(3.0, 3))
    assert (await data(store, scan))["x"] == [(0, 1, "1.0"), (2, 3, "3.0")]
    await store.close()
    store, records = await reopened(tmp_path)
    assert records[scan] == ScanRecord(scan, "a", 1, ScanState.FAILED, "why", 1, 2, 1, 2)
    assert await store.commands(scan) == "<patched/>"
    assert (await data(store, scan))["x"] == [(0, 1, "1.0"), (2, 3, "3.0")]
    await store.close()
    told = [record.message for record in caplog.records if record.name == "scan_sdk.server.store.store"]
    assert len(told) == 2, told
    assert "until it can, scans that log will fail" in told[0]
    assert "can be written again" in told[1]


async def test_all_samples_that_waited_are_in_the_file_in_order_and_after_counts_them(tmp_path):
    store = Store(tmp_path)
    await store.open()
    log = await fill(store)
    serials = list(range(log.last_serial + 1))
    before = await data(store, log.scan_id)
    assert [serial for serial, _, _ in before["noise"]] == serials
    assert await data(store, log.scan_id, serials[-2]) == {"noise": before["noise"][-1:]}
    await make_room(store)
    await store.close()
    store, records = await reopened(tmp_path)
    assert await data(store, log.scan_id) == before
    assert records[log.scan_id].last_serial == serials[-1]
    await store.close()


async def test_writing_is_tried_again_without_being_asked(store, monkeypatch):
    monkeypatch.setattr(store_module, "_RETRY_AFTER", 0.01)
    await fill(store)
    tries = []
    write = store._file.write
    monkeypatch.setattr(store._file, "write", lambda *args: tries.append(args) or write(*args))
    await until(lambda: len(tries) > 3)
    assert store.failure == FULL
    await make_room(store)
    await until(lambda: store.failure is None)
    assert not store._blocks


async def test_deleting_a_scan_makes_room(tmp_path):
    store = Store(tmp_path)
    await store.open()
    old = store.log(await store.add("old", 1, ""))
    for _ in range(20):
        old.add("noise", old.next_serial(), Reading(os.urandom(4000).hex(), 1))
    await store.flush()
    log = await fill(store)
    await store.delete([old.scan_id])
    await store.flush()
    assert store.failure is None
    assert len((await data(store, log.scan_id))["noise"]) == log.last_serial + 1
    assert await store.add("next", 1, "") > log.scan_id
    await store.close()


async def test_what_is_lost_when_the_server_stops_is_said(tmp_path, caplog):
    store = Store(tmp_path)
    await store.open()
    log = await fill(store)
    store.update(ScanRecord(log.scan_id, "filler", 1, ScanState.FAILED, "full", 1, 2, 1, log.last_serial))
    waiting = sum(len(block.samples) for block in store._blocks)
    await store.close()
    last = caplog.records[-1].getMessage()
    assert f"lost are {waiting} sample(s) of scan(s) 1, and how scan(s) 1 ended" in last
    assert str(tmp_path / "scans.sqlite") in last
    assert FULL in last
    store, records = await reopened(tmp_path)
    assert records[log.scan_id].error == "interrupted by server stop"
    assert records[log.scan_id].last_serial == log.last_serial - waiting
    await store.close()


async def test_a_scan_that_logs_fails_with_the_reason_and_the_next_runs_once_there_is_room(tmp_path):
    rig = await make_rig(tmp_path)
    store = rig.engine._store
    running = await rig.submit(Loop("x", 1, 1000, 1, Delay(1), Log("x", "text")), queue=False)
    await rig.clock.advance(3)
    assert running.last_serial == 2
    idle = await rig.submit(Delay(3600), queue=False)
    await fill(store)
    await rig.clock.advance(1)
    assert (running.state, running.info().error) == (ScanState.FAILED, f"Cannot log: {FULL}")
    assert running.last_serial == 2
    assert idle.state is ScanState.RUNNING
    with pytest.raises(Refused, match=FULL):
        await rig.submit(Comment("a"))
    await store._run(lambda: store._file._connection.execute("PRAGMA query_only = ON"))
    with pytest.raises(Refused, match="cannot be written"):
        await rig.engine.remove(running.id)
    assert rig.engine.scan(running.id) is running

    await store._run(lambda: store._file._connection.execute("PRAGMA query_only = OFF"))
    await make_room(store)
    assert (await rig.run(Log("x"), queue=False)).state is ScanState.FINISHED
    await rig.engine.abort(idle.id)
    assert len((await rig.data(running))["x"]) == 3
    await rig.engine.stop()
    store, records = await reopened(tmp_path / "log")
    assert records[running.id].error == f"Cannot log: {FULL}"
    assert records[running.id].last_serial == 2
    await store.close()


async def test_a_scan_that_ends_before_its_data_is_written_has_not_finished_well(tmp_path):
    rig = await make_rig(tmp_path)
    store = rig.engine._store
    scan = await rig.submit(Log("x"), Delay(1), Log("x"))
    await store._run(lambda: store._file._connection.execute("ALTER TABLE blocks RENAME TO hidden"))
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert scan.info().error == "Cannot log: no such table: blocks"
    await store._run(lambda: store._file._connection.execute("ALTER TABLE hidden RENAME TO blocks"))
    await rig.engine.stop()
    store, records = await reopened(tmp_path / "log")
    assert (records[scan.id].state, records[scan.id].last_serial) == (ScanState.FAILED, 1)
    await store.close()


async def test_a_file_that_is_moved_away_is_noticed_and_its_return_too(tmp_path, store):
    log = store.log(await store.add("a", 1, ""))
    (tmp_path / "scans.sqlite").rename(tmp_path / "elsewhere")
    log.add("x", log.next_serial(), Reading(1.0, 1))
    with pytest.raises(CommandFailed, match=r"Cannot log: .*No such file .*scans.sqlite"):
        await store.flush()
    (tmp_path / "scans.sqlite").write_bytes(b"")
    with pytest.raises(Refused, match="another file is in its place"):
        await store.add("b", 1, "")
    (tmp_path / "elsewhere").rename(tmp_path / "scans.sqlite")
    await store.flush()
    assert await data(store, log.scan_id) == {"x": [(0, 1, "1.0")]}


def damage(path, first_page, last_page=None):
    """Overwrite pages of a file."""
    size = path.stat().st_size
    end = size if last_page is None else 4096 * last_page
    with path.open("r+b") as file:
        file.seek(4096 * first_page)
        file.write(os.urandom(end - 4096 * first_page))


async def with_much_data(folder):
    """Return a store on a file of many pages, none of which it has read yet, and a scan in it."""
    store = Store(folder)
    await store.open()
    log = store.log(await store.add("a", 1, "<commands/>"))
    for index in range(100):
        log.add("x", log.next_serial(), Reading(os.urandom(2000).hex(), index))
        log.add("y", log.next_serial(), Reading(float(index), index))
    await store.close()
    store, _ = await reopened(folder)
    return store, log.scan_id


async def test_damaged_pages_are_an_error_that_names_the_file_and_what_to_do(tmp_path):
    store, scan = await with_much_data(tmp_path)
    damage(tmp_path / "scans.sqlite", 6)
    with pytest.raises(
        Refused, match=r"scans.sqlite cannot be read: .* it is damaged; stop the server and move it"
    ):
        await data(store, scan)
    await store.close()


async def test_a_damaged_sample_is_an_error_and_not_another_value(tmp_path):
    store, scan = await with_much_data(tmp_path)
    path = tmp_path / "scans.sqlite"
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:  # in the middle of a chain of pages, which SQLite does not check
        file.seek(4096 * (pages // 2) + 2000)
        file.write(b"damage")
    with pytest.raises(Refused, match=r"cannot be read: Error .* it is damaged"):
        await data(store, scan)
    await store.close()


async def test_a_file_that_is_damaged_when_the_server_starts_is_an_error_that_says_what_to_do(tmp_path):
    store, _ = await with_much_data(tmp_path)
    await store.close()
    damage(tmp_path / "scans.sqlite", 1)
    with pytest.raises(
        OSError, match=r"scans.sqlite cannot be used: .* malformed: .* move it away, with the -wal"
    ):
        await Store(tmp_path).open()


async def test_a_damaged_file_does_not_stop_the_others_work(tmp_path, caplog):
    rig = await make_rig(tmp_path)
    scan = await rig.run(Log("x"))
    store = rig.engine._store
    assert len(await rig.data(scan)) == 1

    def hurt():
        store._file._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage(store._file.path, 1)
        store._file._connection.execute("PRAGMA shrink_memory")

    await store._run(hurt)
    with pytest.raises(Refused, match="damaged"):
        await rig.data(scan)
    assert scan.info().state is ScanState.FINISHED
    with pytest.raises(Refused, match="damaged"):
        await rig.submit(Log("x"))
    await rig.engine.stop()
    assert not any(record.exc_info for record in caplog.records)


async def test_a_fault_of_the_program_keeps_what_waits_and_is_said(store, monkeypatch, caplog):
    log = store.log(await store.add("a", 1, ""))
    monkeypatch.setattr(store._file, "write", lambda blocks, ends: 1 / 0)
    log.add("x", log.next_serial(), Reading(1.0, 1))
    with pytest.raises(CommandFailed, match="ZeroDivisionError"):
        await store.flush()
    monkeypatch.undo()
    caplog.set_level(logging.WARNING)
    await store.flush()
    assert await data(store, log.scan_id) == {"x": [(0, 1, "1.0")]}


@pytest.mark.slow
async def test_a_scan_waits_for_a_slow_disk_and_can_be_aborted_meanwhile(tmp_path, monkeypatch):
    rig = await make_rig(tmp_path)
    store = rig.engine._store
    disk = threading.Event()
    write = store._file.write
    monkeypatch.setattr(store._file, "write", lambda *args: disk.wait(30) and write(*args))
    scan = await rig.submit(Loop("x", 1, 1e9, 1, Log("x")), queue=False)
    before = -1
    while not store.crowded or scan.last_serial != before:
        before = scan.last_serial
        await asyncio.sleep(0)
    assert 100_000 < before < 200_000
    assert scan.state is ScanState.RUNNING
    await rig.engine.abort(scan.id)
    assert scan.state is ScanState.ABORTED
    disk.set()
    await store.flush()
    assert not store.crowded
    assert len((await rig.data(scan))["x"]) == scan.last_serial + 1
    await rig.engine.stop()
