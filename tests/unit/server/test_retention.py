"""How many scans a server keeps, and how much of them in memory."""

import os

import pytest

from scan_sdk.models import Comment, Delay, Log, Loop, Set
from scan_sdk.server.engine import engine as engine_module
from scan_sdk.server.engine.past import PastScan
from scan_sdk.server.engine.scan import Scan
from scan_sdk.server.errors import Refused
from scan_sdk.server.memory import memory, memory_percentage

from .conftest import CONFIG, make_rig


async def limited(folder, **options):
    return await make_rig(folder, CONFIG.model_copy(update=options))


def ids(rig):
    return [info.id for info in rig.engine.infos()]


async def test_only_so_many_scans_are_kept_besides_the_new_one(tmp_path):
    rig = await limited(tmp_path, log_limit=2)
    scans = [await rig.run(Log("x")) for _ in range(5)]
    assert ids(rig) == [5, 4, 3]
    store = rig.engine._store
    rows = await store._run(
        lambda: store._file._connection.execute("SELECT DISTINCT scan FROM blocks").fetchall()
    )
    assert rows == [(scan.id,) for scan in scans[2:]]
    await rig.engine.stop()


async def test_scans_that_run_or_wait_count_but_are_never_removed(tmp_path):
    rig = await limited(tmp_path, log_limit=2)
    running = await rig.submit(Delay(100), queue=False)
    waiting = [await rig.submit(Delay(100)) for _ in range(3)]
    assert ids(rig) == [4, 3, 2, 1]
    done = await rig.run(Comment("a"), queue=False)
    last = await rig.run(Comment("a"), queue=False)
    assert done.id not in ids(rig)
    assert ids(rig) == [last.id, *(scan.id for scan in reversed(waiting)), running.id]
    await rig.engine.stop()


async def test_a_limit_counts_scans_of_earlier_servers_with_the_first_new_one(tmp_path):
    rig = await make_rig(tmp_path)
    for _ in range(4):
        await rig.run(Comment("a"))
    await rig.engine.stop()
    rig = await limited(tmp_path, log_limit=2)
    assert ids(rig) == [4, 3, 2, 1]
    await rig.run(Comment("a"))
    assert ids(rig) == [5, 4, 3]
    with pytest.raises(Refused):
        await rig.engine.submit("bad", b"<commands>")
    assert ids(rig) == [5, 4]  # as the real server: room is made before the commands are read
    await rig.engine.stop()


async def test_where_memory_is_short_scans_that_are_done_are_let_go_of_and_nothing_of_them_is_lost(tmp_path):
    rig = await limited(tmp_path, old_scan_removal_threshold=0)
    first = await rig.run(Loop("x", 1, 3, 1, [Log("x")]))
    rig.engine.patch(first.id, 0, "end", 5)
    failed = await rig.run(Set("x", "abc"))
    running = await rig.submit(Delay(100), queue=False)
    never = await rig.submit(Delay(100), queue=True)
    infos = {scan.id: scan.info() for scan in (first, failed)}
    document, data = await first.document(), await rig.data(first)
    await rig.submit(Comment("a"), queue=True)
    for scan in (first, failed):
        past = rig.engine.scan(scan.id)
        assert isinstance(past, PastScan)
        assert past.info() == infos[scan.id]
        assert past.last_serial == scan.last_serial
    assert await rig.engine.scan(first.id).document() == document
    assert "<end>5.0</end>" in document
    assert await rig.data(first) == data
    for scan in (running, never):
        assert rig.engine.scan(scan.id) is scan
    await rig.engine.remove(first.id)
    assert first.id not in ids(rig)
    await rig.engine.stop()


async def test_the_oldest_are_let_go_of_first_and_ten_at_most_with_each_new_scan(tmp_path, monkeypatch):
    percentage = 50.0  # the threshold, which is not above itself
    monkeypatch.setattr(engine_module, "memory_percentage", lambda: percentage)
    rig = await make_rig(tmp_path)
    for _ in range(12):
        await rig.run(Comment("a"))

    def in_memory():
        return [scan.id for scan in rig.engine._scans if isinstance(scan, Scan)]

    assert in_memory() == [*range(1, 13)]
    percentage = 50.1
    await rig.run(Comment("a"))
    assert in_memory() == [11, 12, 13]
    await rig.run(Comment("a"))
    assert in_memory() == [14]
    await rig.engine.stop()


def test_where_the_system_does_not_tell_of_memory_none_is_short(monkeypatch):
    used, most = memory()
    assert 0 < used < most
    assert 0 < memory_percentage() < 100
    monkeypatch.delattr(os, "sysconf")
    assert memory() == (0, 0)
    assert memory_percentage() == 0


async def test_a_scan_that_was_aborted_before_its_turn_can_be_let_go_of(tmp_path):
    rig = await limited(tmp_path, old_scan_removal_threshold=0)
    running = await rig.submit(Delay(5))
    waiting = await rig.submit(Comment("a"))
    await rig.engine.abort(waiting.id)
    after = await rig.submit(Comment("b"))
    assert rig.engine.scan(waiting.id).info() == waiting.info()
    await rig.clock.advance(5)
    await rig.until_done(running, after)
    await rig.engine.stop()
