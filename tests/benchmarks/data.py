"""Prints what fetching the data of a scan costs against PyScanClient's way, and what a table of it costs.

    python tests/benchmarks/data.py [NAME ...]

Both ways go from the socket to the columns. The server is a process of its own, so what is counted is the CPU
time of the client alone, as ratios within one run: a machine's speed swings. Each figure is the median of
several rounds, in each of which both ways run one after the other.
"""

from __future__ import annotations

import gc
import multiprocessing
import statistics
import sys
import time
import tracemalloc
import urllib.request
import xml.etree.ElementTree as ET
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection

    from scan_sdk import DeviceLog, ScanClient, ScanData

ROUNDS = {10_000: 5, 100_000: 5, 1_000_000: 3}
"""By number of samples."""
AT_LEAST = 100_000
"""Samples that are fetched in each round, of short logs one after the other: the garbage collector, which has
a part in the plain way, comes every so often."""
MIXED = 1
"""Added to the number of samples, which is the id of a scan here, for one with text."""
MILLION = 1_000_000
_CHUNK = 2**16


# -- the server ---------------------------------------------------------------------------------------------


def document(count: int, *, mixed: bool) -> bytes:
    """Return the log of a scan: a motor, a counter, and a pressure or the state of a shutter."""
    each = count // 3
    states = ("Open", "Closed", "Moving, 3 left", "µ-position unknown")
    values: dict[str, Callable[[int], object]] = {
        "motor_x": lambda i: round(-50 + i * 0.0125, 4),
        "neutrons": lambda i: float(10_000 + i * 7919 % 1999),
        "shutter" if mixed else "pressure": (
            (lambda i: states[i % 4]) if mixed else (lambda i: f"{1 + i % 9}.{i % 97}E-5")
        ),
    }
    pieces = ['<?xml version="1.0" encoding="UTF-8"?>\n<data>\n']
    for name, value in values.items():
        pieces.append(f"  <device>\n    <name>{name}</name>\n    <samples>\n")
        pieces.extend(
            f'      <sample id="{i}">\n        <time>{1795345963998 + 13 * i}</time>\n'
            f"        <value>{value(i)}</value>\n      </sample>\n"
            for i in range(each if name != "motor_x" else count - 2 * each)
        )
        pieces.append("    </samples>\n  </device>\n")
    pieces.append("</data>\n")
    return "".join(pieces).encode()


class Logs(BaseHTTPRequestHandler):
    """Sends the log of the scan whose id says how large it is, in chunks as the servers do."""

    protocol_version = "HTTP/1.1"
    documents: dict[int, bytes] = {}  # noqa: RUF012  # of the process

    def do_GET(self) -> None:
        """Send a log."""
        scan_id = int(self.path.split("/")[2])
        if scan_id not in self.documents:
            count = scan_id // 10 * 10
            self.documents[scan_id] = document(count, mixed=scan_id != count)
        body = self.documents[scan_id]
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start in range(0, len(body), _CHUNK):
            piece = body[start : start + _CHUNK]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(pipe: Connection) -> None:
    """Serve in a process of its own, and tell the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Logs)
    pipe.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


@contextmanager
def running() -> Generator[str]:
    """Run the server, and give its address."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,))
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


# -- fetching -----------------------------------------------------------------------------------------------


def fetch_plainly(url: str, scan_id: int) -> dict[str, dict[str, list[object]]]:
    """Fetch a log as PyScanClient does: the whole document, its tree, lists of Python objects."""
    with urllib.request.urlopen(f"{url}/scan/{scan_id}/data") as reply:
        root = ET.fromstring(reply.read())
    found: dict[str, dict[str, list[object]]] = {}
    for device in root.findall("device"):
        ids: list[object] = []
        times: list[object] = []
        values: list[object] = []
        for sample in device.find("samples").findall("sample"):
            ids.append(int(sample.get("id")))
            times.append(int(sample.find("time").text))
            text = sample.find("value").text
            try:
                values.append(float(text))
            except ValueError:
                values.append(text)
        found[device.find("name").text] = {"id": ids, "time": times, "value": values}
    return found


def cpu(work: Callable[[], object], times: int = 1) -> float:
    """Return the CPU seconds of a call, as the mean of several, begun with a clean heap."""
    gc.collect()
    start = time.process_time()
    for _ in range(times):
        result = work()
    seconds = time.process_time() - start
    del result
    return seconds / times


def beyond_result(work: Callable[[], object]) -> tuple[float, float]:
    """Return the MB that a call takes at its peak beyond its result, and the MB of that."""
    gc.collect()
    gc.disable()  # what is only freed by it counts
    tracemalloc.start()
    result = work()
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.enable()
    del result
    return (peak - size) / 2**20, size / 2**20


def bench_fetch() -> None:
    """Fetch logs of three sizes, of numbers and of numbers and text, both ways."""
    from scan_sdk import ScanClient

    with running() as url, ScanClient(url=url) as client:
        for mixed in (False, True):
            for count in ROUNDS:
                compare(client, url, count, mixed=mixed)


def compare(client: ScanClient, url: str, count: int, *, mixed: bool) -> None:
    """Print what one log costs."""
    scan_id = count + MIXED * mixed
    times = max(1, AT_LEAST // count)

    def ours() -> ScanData:
        return client.get_data(scan_id)

    def plain() -> object:
        return fetch_plainly(url, scan_id)

    assert sum(map(len, ours().values())) == count  # and the server is ready
    pairs = [(cpu(ours, times), cpu(plain, times)) for _ in range(ROUNDS[count])]
    ratio = statistics.median(one / other for one, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    title = f"{count:,} samples, {'numbers and text' if mixed else 'numbers'}, CPU to PyScanClient's"
    seconds = f"{mine:.3f} s to {theirs:.3f} s; {1e6 * mine / count:.2f} µs each"
    print(f"{title:<66} {ratio:6.3f}  (at most 0.13; {seconds})")
    beyond, size = beyond_result(ours)
    print(f"{'  memory beyond the result, MB':<66} {beyond:6.1f}  (at most 16; result {size:.1f})")


# -- tables -------------------------------------------------------------------------------------------------


def logged(kind: str) -> ScanData:
    """Return three devices that were logged together, or in turn, or a million times and now and then."""
    import numpy as np

    from scan_sdk import DeviceLog, ScanData

    def log(name: str, serials: slice) -> DeviceLog:
        serial = np.arange(MILLION)[serials]
        return DeviceLog(name, serial, 1795345963998 + 13 * serial, np.sin(serial))

    whole = slice(None)
    steps = {
        "together": (whole, whole, whole),
        "in turn": (slice(0, None, 3), slice(1, None, 3), slice(2, None, 3)),
        "one of them now and then": (whole, slice(5, None, 7), slice(0, None, 1000)),
    }[kind]
    return ScanData(log(name, serials) for name, serials in zip("xyz", steps, strict=True))


def bench_table() -> None:
    """Align three devices by serial, a million rows."""
    for kind in ("together", "in turn", "one of them now and then"):
        data = logged(kind)
        assert len(data.table()) == MILLION
        seconds = statistics.median(cpu(data.table) for _ in range(7))
        print(f"{f'table of 1,000,000 rows, devices logged {kind}, s':<66} {seconds:6.3f}  (at most 0.3)")


BENCHMARKS = {"fetch": bench_fetch, "table": bench_table}


if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
