"""A disk that is really full, under a real server."""

import subprocess
import sys
from pathlib import Path

import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import Comment, Delay, Log, Loop

from .conftest import PROGRAM

MANY = Loop("loc://x", 1, 1e9, 1, [Delay(1e-4), Log("loc://x")])
KIB = 1024

pytestmark = [
    pytest.mark.slow,  # each starts processes
    pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit or tmpfs"),
]


def submit(server):
    return server.http.post(
        "/scan/next", content=write_commands([Comment("a")]), headers={"content-type": "text/xml"}
    )


def told_of_a_full_disk(server):
    """Log until there is no more room, and return the scan, which has lost nothing."""
    other = server.submit(Delay(3600))  # while there still is room
    scan = server.submit(MANY)
    found = server.finish(scan)
    assert found["state"] == "Failed"
    assert found["error"].startswith("Cannot log: ")
    assert server.scan(other)["state"] == "Running"
    assert no_sample_is_missing(server, scan)
    return scan, found


def no_sample_is_missing(server, scan):
    data = server.data(scan)["loc://x"]
    assert server.serial(scan) == max(data)
    return [*data.values()] == [f"{float(serial + 1)}" for serial in range(server.serial(scan) + 1)]


def recovered(server):
    """Wait until the server takes scans again."""
    while submit(server).status_code != 200:
        pass


def test_files_that_may_not_grow_fail_scans_and_when_they_may_nothing_is_lost(start, tmp_path):
    import resource

    server = start()
    before = server.submit(Log("loc://x"))
    server.finish(before)
    pid, (_, hard) = server.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (64 * KIB, hard))
    scan, found = told_of_a_full_disk(server)
    reply = submit(server)
    assert reply.status_code == 400
    assert f"the data log {tmp_path}/log/scans.sqlite cannot be written" in reply.text
    assert server.http.delete(f"/scan/{before}").status_code == 400
    assert server.scan(before)["state"] == "Finished"

    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    recovered(server)
    assert no_sample_is_missing(server, scan)
    server.kill()
    assert server.errors.count("\n") == 2, server.errors
    again = start()
    assert again.scan(scan) == found
    assert no_sample_is_missing(again, scan)


def test_a_server_that_stops_on_a_full_disk_says_what_is_lost(start):
    import resource

    server = start()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (64 * KIB, hard))
    scan, _ = told_of_a_full_disk(server)
    serial = server.serial(scan)
    server.stop()
    last = server.errors.splitlines()[-1]
    assert f"of scan(s) {scan}, and how scan(s) {scan - 1}, {scan} ended" in last
    lost = int(last.partition("lost are ")[2].split()[0])
    again = start()
    assert len(again.data(scan)["loc://x"]) == serial + 1 - lost
    assert again.scan(scan)["error"] == "interrupted by server stop"


@pytest.fixture
def disk(tmp_path):
    """A disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_fails_scans_and_nothing_is_lost_once_there_is_room(start, disk: Path):
    server = start(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(880 * KIB))
    scan, found = told_of_a_full_disk(server)
    assert found["error"] == "Cannot log: database or disk is full: free some space"
    assert submit(server).status_code == 400
    ballast.unlink()
    recovered(server)
    server.kill()
    again = start(disk)
    assert again.scan(scan) == found
    assert no_sample_is_missing(again, scan)
    again.kill()


def test_a_disk_that_cannot_be_written_is_refused_at_start(start, disk: Path):
    server = start(disk)
    server.finish(server.submit(Comment("a")))
    server.kill()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(disk)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert f"OSError: the data log {disk}/scans.sqlite cannot be used: " in done.stderr
