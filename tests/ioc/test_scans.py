"""Commands on devices that take their time, refuse, vanish, come back, or never come."""

from __future__ import annotations

import time

import pytest

from scan_sdk import Log, Loop, ScanAborted, ScanFailed, ScanState, Set, Wait

from .conftest import bench_of

pytestmark = pytest.mark.ioc

LATE = 0.3
"""Seconds after which `slow` is done, as records.py has it."""


def test_completion_takes_as_long_as_the_record_does(bench):
    scan = [Set("SDK:slow", 3, wait=False), Wait("SDK:slow:rbv", 3)]
    bench.run(scan)
    begin = time.monotonic()
    logged = bench.run(Set("SDK:slow", 5, completion=True, readback="SDK:slow:rbv"), Log("SDK:slow:rbv"))
    assert time.monotonic() - begin >= LATE
    assert [text for _, text in logged["SDK:slow:rbv"]] == ["5.0"]


def test_without_completion_a_readback_is_waited_for(bench):
    logged = bench.run(
        Loop("SDK:x", 10, 12, 1, Log("SDK:x:rbv"), wait=True, readback="SDK:x:rbv", tolerance=0, timeout=5)
    )
    assert [text for _, text in logged["SDK:x:rbv"]] == ["10.0", "11.0", "12.0"]


def test_a_record_that_is_not_done_in_time_fails_the_scan(bench):
    with pytest.raises(ScanFailed, match=r"Completion timeout for SDK:stuck = 2\.0$"):
        bench.run(Set("SDK:stuck", 2, completion=True, timeout=0.2))


def test_abort_ends_the_wait_for_completion_at_once(bench):
    taken: list[float] = []
    for _ in range(3):  # once the machine may have been busy with something else
        scan_id = bench.client.submit(Set("SDK:stuck", 3, completion=True))
        bench.until(scan_id, lambda info: info.address == 0)
        begin = time.monotonic()
        bench.client.abort(scan_id)
        with pytest.raises(ScanAborted):
            bench.client.wait_until_done(scan_id, timeout=5)
        taken.append(time.monotonic() - begin)
    assert min(taken) < 0.2


def test_a_wait_follows_a_device_that_changes_by_itself(bench):
    logged = bench.run(Wait("SDK:count", 3, comparison="increase by", timeout=5), Log("SDK:count"))
    assert len(logged["SDK:count"]) == 1


def test_a_server_that_stops_leaves_the_channels_of_another_alone(bench):
    bench.run(Set("SDK:n", 0))
    scan_id = bench.client.submit([Wait("SDK:n", 5), Log("SDK:n")])
    bench.until(scan_id, lambda info: info.address == 0)
    with bench_of(bench.scheme) as other:
        other.run(Log("SDK:n"))
    bench.run(Set("SDK:n", 5))
    bench.client.wait_until_done(scan_id, timeout=5)


def test_the_default_is_one_name_among_others(bench):
    bench.run(Set("SDK:n", 7))
    other = {"ca": "pva", "pva": "ca"}[bench.scheme]
    logged = bench.run(
        Set("SDK:n", 7), Log("SDK:n", f"{bench.scheme}://SDK:n", f"{other}://SDK:n", "loc://n(7)")
    )
    assert {text for samples in logged.values() for _, text in samples} == {"7", "7.0"}


def test_a_device_that_never_connects_fails_its_scan_by_name_and_the_next_one_runs(impatient):
    begin = time.monotonic()
    lost = impatient.client.submit(Log("SDK:n", "SDK:nowhere"))
    after = impatient.client.submit(Log("SDK:n"))
    with pytest.raises(ScanFailed, match=r"No connection within 1\.0 sec: SDK:nowhere \(Disconnected\)$"):
        impatient.client.wait_until_done(lost, timeout=10)
    assert time.monotonic() - begin < 2
    impatient.client.wait_until_done(after, timeout=10)
    assert list(impatient.logged(after)) == ["SDK:n"]


@pytest.mark.parametrize("scheme", ["ca"], indirect=True)  # PV Access lets everybody read
def test_a_device_that_may_not_be_read_never_connects(impatient):
    with pytest.raises(ScanFailed, match=r"No connection within 1\.0 sec: SDK:secret"):
        impatient.run(Log("SDK:secret"))


def test_a_device_that_does_not_answer_in_time_fails_the_scan(impatient, ioc):
    scan_id = impatient.client.submit([Log("SDK:n"), Wait("loc://go", 1), Log("SDK:n")], queue=False)
    impatient.until(scan_id, lambda info: info.address == 1)
    with ioc.frozen():
        impatient.run(Set("loc://go", 1))
        begin = time.monotonic()
        with pytest.raises(ScanFailed, match=r"Failed to read SDK:n$"):
            impatient.client.wait_until_done(scan_id, timeout=10)
        assert time.monotonic() - begin < 2
    assert list(impatient.run(Log("SDK:n"))) == ["SDK:n"]


def test_a_log_of_a_lost_device_fails_and_a_wait_goes_on_when_it_is_back(bench, ioc):
    client = bench.client
    bench.run(Set("SDK:n", 0))
    waits = client.submit([Wait("SDK:n", 99), Log("SDK:n")], queue=False)
    logs = client.submit([Log("SDK:n"), Wait("loc://go", 1), Log("SDK:n")], queue=False)
    sets = client.submit([Log("SDK:n"), Wait("loc://go", 1), Set("SDK:n", 1)], queue=False)
    for scan_id, address in ((waits, 0), (logs, 1), (sets, 1)):
        bench.until(scan_id, lambda info, address=address: info.address == address)
    ioc.kill()
    for scan_id in (waits, logs):
        bench.until_status(scan_id, "Disconnected")
    bench.run(Set("loc://go", 1))
    with pytest.raises(ScanFailed, match=r"Failed to read SDK:n$"):
        client.wait_until_done(logs, timeout=5)
    with pytest.raises(ScanFailed, match=r"Failed to write 1\.0 to SDK:n$"):
        client.wait_until_done(sets, timeout=5)
    assert client.scan_info(waits).state is ScanState.RUNNING
    ioc.start()
    bench.until_status(waits, "7")
    bench.run(Set("SDK:n", 99))
    client.wait_until_done(waits, timeout=5)
    assert [text for _, text in bench.logged(waits)["SDK:n"]] == ["99"]


def test_a_device_that_is_lost_while_it_completes_fails_the_scan(bench, ioc):
    scan_id = bench.client.submit([Set("SDK:stuck", 5, completion=True)])
    bench.until(scan_id, lambda info: info.address == 0)
    ioc.kill()
    with pytest.raises(ScanFailed, match=r"Failed to write 5\.0 to SDK:stuck$"):
        bench.client.wait_until_done(scan_id, timeout=10)


def test_what_goes_wrong_after_a_write_is_logged(bench, caplog):
    write = Set("SDK:disabled", 1, wait=False)
    if bench.scheme == "pva":  # its server answers at once
        with pytest.raises(ScanFailed, match=r"Failed to write 1\.0 to SDK:disabled$"):
            bench.run(write)
    else:
        bench.run(write, Set("SDK:n", 3, completion=True))
    assert "SDK:disabled" in caplog.text
