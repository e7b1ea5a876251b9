"""A server as a process: killed, stopped, and started again on what it left."""

import random
import signal
import subprocess
import sys
import time

import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import Comment, Delay, Log, Loop, Set

from .conftest import PROGRAM

pytestmark = pytest.mark.slow  # each starts processes

ENDLESS = Loop("loc://x", 1, 1e9, 1, [Delay(1e-4), Log("loc://x", "loc://y")])
SLOW = Loop("loc://z", 1, 1e9, 1, [Delay(0.01), Log("loc://z")])
TIGHT = Loop("loc://t", 1, 1e9, 1, [Log("loc://t")])


def whole(device, count):
    """Whether a device logged 1, 2, 3, ... under all serials from 0."""
    return all(device[serial] == f"{float(serial + 1)}" for serial in range(count))


def test_killed_in_the_middle_of_a_scan_it_has_lost_nothing_that_it_told(start, tmp_path):
    first = start()
    finished = first.submit(Loop("loc://x", 1, 100, 1, [Log("loc://x")]))
    failed = first.submit(Set("loc://x(0)", "abc"))
    patched = first.submit(Comment("before"))
    deleted = first.submit(Log("loc://p"))
    for scan in (finished, failed, patched, deleted):
        first.finish(scan)
    patch = "<patch><address>0</address><property>comment</property><value>after</value></patch>"
    assert first.http.put(f"/scan/{patched}/patch", content=patch).status_code == 200
    aborted = first.submit(Delay(1000))
    first.http.put(f"/scan/{aborted}/abort")
    first.http.delete(f"/scan/{deleted}")
    queued = first.submit(Delay(1000), queue=True)
    waiting = first.submit(Comment("a"), queue=True)
    running = first.submit(ENDLESS)
    while first.serial(running) < 1000:
        pass
    told = first.data(running)
    known = {scan: first.scan(scan) for scan in (finished, failed, patched, aborted)}
    commands = {scan: first.http.get(f"/scan/{scan}/commands").text for scan in (*known, queued, running)}
    last = first.submit(Comment("the last"))
    first.finish(last)
    first.http.delete(f"/scan/{last}")
    first.kill()
    assert (tmp_path / "log" / "scans.sqlite-wal").stat().st_size

    second = start()
    for scan, before in known.items():
        assert second.scan(scan) == before
    for scan in (queued, waiting, running):
        now = second.scan(scan)
        assert (now["state"], now["error"]) == ("Failed", "interrupted by server stop")
    for scan, text in commands.items():
        assert second.http.get(f"/scan/{scan}/commands").text == text
    assert second.http.get(f"/scan/{deleted}").status_code == 500
    assert whole(second.data(finished)["loc://x"], 100)
    kept = second.data(running)
    assert len(told["loc://x"]) >= 1000
    assert kept["loc://x"].items() >= told["loc://x"].items()
    assert kept["loc://y"].keys() >= told["loc://y"].keys()
    assert second.serial(running) == max(kept["loc://x"])
    assert whole(kept["loc://x"], len(kept["loc://x"]))
    assert second.submit(Comment("next")) == last + 1
    second.stop()
    assert not (tmp_path / "log" / "scans.sqlite-wal").exists()


def test_however_often_it_is_killed_what_was_told_a_second_before_is_there(start):
    rng = random.Random(4)
    kept = {}
    for scans in ([ENDLESS], [ENDLESS, SLOW], [TIGHT, SLOW], []):
        server = start()
        for scan, serial in kept.items():
            assert server.serial(scan) >= serial
            document = server.http.get(f"/scan/{scan}/data").content
            assert document.count(b"<sample ") > serial
        running = [server.submit(scan) for scan in scans]
        told = []
        end = time.monotonic() + 1.3 + rng.random()
        while scans and time.monotonic() < end:
            told += [(time.monotonic(), scan, server.serial(scan)) for scan in running]
        server.kill()
        killed = time.monotonic()
        kept |= {scan: serial for moment, scan, serial in told if moment < killed - 1}
    assert len(kept) == 5
    assert min(kept.values()) > 5


@pytest.mark.parametrize("way", ["signal", "request"])
def test_stopping_aborts_scans_performs_the_post_scan_and_saves_all(start, tmp_path, way):
    (tmp_path / "post.scn").write_text(write_commands([Log("loc://after(7)")]))
    config = tmp_path / "scan_config.xml"
    config.write_text("<scan_config><post_scan>post.scn</post_scan></scan_config>")
    server = start(config=config)
    running = server.submit(Loop("loc://x", 1, 1e9, 1, [Delay(1e-4), Log("loc://x")]))
    delayed = server.submit(Log("loc://x"), Delay(1000))
    waiting = [server.submit(Delay(1000), queue=True) for _ in range(2)][1]
    while server.serial(running) < 1000 or server.serial(delayed) < 0:
        pass
    if way == "signal":
        server.stop()
    else:
        assert server.http.get("/server/shutdown").status_code == 200
        assert server.end() == 0
    assert server.errors == ""

    again = start(config=config)
    for scan in (running, delayed):
        found = again.scan(scan)
        assert (found["state"], found["error"]) == ("Aborted", "Aborted (server stop)")
        assert list(again.data(scan)["loc://after(7)"].values()) == ["7.0"]
    assert again.scan(waiting)["state"] == "Aborted"
    data = again.data(running)
    assert whole(data["loc://x"], len(data["loc://x"]))
    assert again.serial(running) == max(data["loc://after(7)"])
    again.stop()


def test_ctrl_c_ends_it_as_any_program(start):
    server = start()
    scan = server.submit(Delay(1000))
    assert server.end(signal.SIGINT, traceback=True) == -signal.SIGINT  # the program does not catch it
    assert server.errors.rstrip().endswith("KeyboardInterrupt")
    again = start()
    assert again.scan(scan)["error"] == "Aborted (server stop)"


def refusal(log):
    """Start a server that cannot be, and return how it ended and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(log)], capture_output=True, text=True, timeout=30, check=False
    )
    return done.returncode, done.stderr.splitlines()[-1]


def test_a_second_server_on_the_same_folder_is_refused_and_harms_nothing(start, tmp_path):
    server = start()
    scan = server.submit(Log("loc://x"))
    server.finish(scan)
    code, said = refusal(tmp_path / "log")
    assert code == 1
    assert said == (
        f"OSError: the data log {tmp_path}/log/scans.sqlite cannot be used:"
        " database is locked: another server uses it"
    )
    assert server.scan(scan)["state"] == "Finished"
    assert len(server.data(scan)["loc://x"]) == 1


@pytest.mark.parametrize("size", [10, 5000, 100_000])
def test_garbage_in_place_of_the_file_is_refused_with_its_path_and_left_as_it_is(tmp_path, size):
    path = tmp_path / "scans.sqlite"
    garbage = random.Random(size).randbytes(size)
    path.write_bytes(garbage)
    code, said = refusal(tmp_path)
    assert code == 1
    assert said.startswith(f"OSError: the data log {path} cannot be used: file is not a database")
    assert "move it away" in said
    assert path.read_bytes() == garbage


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    code, said = refusal(tmp_path / "file")
    assert code == 1
    assert f"the data log {tmp_path}/file/scans.sqlite cannot be used" in said


def test_a_wal_that_a_killed_server_left_can_be_moved_along_with_the_file(start, tmp_path):
    first = start()
    scan = first.submit(Loop("loc://x", 1, 500, 1, [Log("loc://x")]))
    first.finish(scan)
    first.kill()
    (tmp_path / "log").rename(tmp_path / "moved")
    second = start(tmp_path / "moved")
    assert whole(second.data(scan)["loc://x"], 500)
