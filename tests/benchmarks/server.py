"""Prints how fast the embedded server is, each figure with its limit.

    python tests/benchmarks/server.py [NAME ...]

The server is a process of its own, so it has a core to itself and the client another. Its data log is in the
folder for temporary files.
"""

from __future__ import annotations

import http.client
import multiprocessing
import re
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event

    from scan_sdk import Command

ROUNDS = 5
STEPS = 10_000
PROGRAM = """
import sys
from pathlib import Path
from scan_sdk.server import serve

serve(port=0, data_log=Path(sys.argv[1]), ready=lambda url, _: print(url, flush=True))
"""
BUSY_STEPS = 200_000
CLIENTS = 50
MILLION = 1_000_000


def report(title: str, figure: float, unit: str, limit: str) -> None:
    """Print a figure beside its limit."""
    print(f"{title:<62} {figure:12,.2f} {unit:<9} ({limit})")


class Server:
    """A server process and one connection to it."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        assert process.stdout is not None
        self.folder = folder
        self.process = process
        self.port = int(process.stdout.readline().rpartition(":")[2])
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port)

    def get(self, path: str) -> str:
        """Return the reply to a GET request."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()

    def submit(self, *commands: Command) -> int:
        """Submit a scan that begins at once, and return its id."""
        from scan_sdk import CommandSequence

        body = CommandSequence(commands).to_xml()
        self._connection.request("POST", "/scan/benchmark?queue=false", body, {"content-type": "text/xml"})
        return number("id", self._connection.getresponse().read().decode())

    def seconds(self, scan_id: int) -> float:
        """Wait for the end of a scan, its data in the file, and return how long the server took."""
        while "<finish>" not in (found := self.get(f"/scan/{scan_id}")) or "<state>Running" in found:
            time.sleep(0.01)
        assert "<state>Finished" in found, found
        return number("runtime", found) / 1000

    def rate(self, command: Command, steps: int) -> float:
        """Return how many steps a second a scan performs."""
        return steps / self.seconds(self.submit(command))

    def memory(self) -> float:
        """Return the memory that the process uses, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s*(\d+)", status)
        assert found is not None
        return int(found[1]) / 1024


def number(tag: str, text: str) -> int:
    """Return the whole number in an element."""
    found = re.search(rf"<{tag}>(\d+)", text)
    assert found is not None, text
    return int(found[1])


@contextmanager
def running() -> Generator[Server]:
    """Run a server on an empty folder."""
    with (
        TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, folder], stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            yield Server(process, Path(folder))
        finally:
            process.terminate()


def bench_steps() -> None:
    """Perform loops that write, and loops that log."""
    from scan_sdk import Log, Loop, Set

    write = Loop("loc://x", 1, STEPS, 1, [Set("loc://y", 1)])
    log = Loop("loc://x", 1, STEPS, 1, [Log("loc://x")])
    with running() as server:
        writes = [server.rate(write, STEPS) for _ in range(ROUNDS)]
        logged = [server.rate(log, STEPS) for _ in range(ROUNDS)]
        with_end = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            server.seconds(server.submit(log))
            with_end.append(STEPS / (time.perf_counter() - begun))
    report("10,000 steps with one local write", statistics.median(writes), "writes/s", "at least 40,000")
    report(
        "10,000 steps with one log, all in the file", statistics.median(logged), "steps/s", "at least 15,000"
    )
    report("  as the client sees it, from submit to end", statistics.median(with_end), "steps/s", "no limit")


def bench_requests() -> None:
    """Ask for one scan over and over, and for a list of 1,000."""
    from scan_sdk import Comment

    with running() as server:
        scan_id = server.submit(Comment("a"))
        server.seconds(scan_id)
        rates = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            for _ in range(1000):
                server.get(f"/scan/{scan_id}")
            rates.append(1000 / (time.perf_counter() - begun))
        report("GET /scan/{id} on one connection", statistics.median(rates), "/s", "at least 2,500")
        for _ in range(999):
            server.submit(Comment("a"))
        report("GET /scans with 1,000 scans", list_time(server), "ms", "under 30")


def list_time(server: Server) -> float:
    """Return the milliseconds that a list of scans takes."""
    times = []
    for _ in range(20):
        begun = time.perf_counter()
        text = server.get("/scans")
        times.append(1000 * (time.perf_counter() - begun))
    assert text.count("<scan>") == 1000
    return statistics.median(times)


def bench_data() -> None:
    """Fetch a million samples, and the last of them."""
    from scan_sdk import Log, Loop

    with running() as server:
        scan_id = server.submit(Loop("loc://x", 1, MILLION, 1, [Log("loc://x")]))
        seconds = server.seconds(scan_id)
        report(
            "a million steps with one log, all in the file", MILLION / seconds, "steps/s", "at least 15,000"
        )
        size = sum(path.stat().st_size for path in server.folder.iterdir())
        report("  what they take on disk", size / 1e6, "MB", "no limit")
        before = highest = server.memory()
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        begun = time.perf_counter()
        connection.request("GET", f"/scan/{scan_id}/data")
        reply = connection.getresponse()
        received = 0
        while piece := reply.read(1 << 20):
            received += len(piece)
            highest = max(highest, server.memory())
        seconds = time.perf_counter() - begun
        report("/data of a million samples", received / 1e6 / seconds, "MB/s", "at least 15")
        report("  growth of the server's memory meanwhile", highest - before, "MB", "under 100")
        begun = time.perf_counter()
        assert server.get(f"/scan/{scan_id}/data?after={MILLION - 11}").count("<sample ") == 10
        report(
            "/data?after= with the last 10 of them", 1000 * (time.perf_counter() - begun), "ms", "no limit"
        )


def bench_clients() -> None:
    """Log while 50 clients poll, to the same without clients."""
    from scan_sdk import Log, Loop

    command = Loop("loc://x", 1, BUSY_STEPS, 1, [Log("loc://x")])
    context = multiprocessing.get_context("spawn")
    with running() as server:
        watched = server.submit(command)
        server.seconds(watched)
        ratios, rates = [], []
        for _ in range(ROUNDS):
            alone = server.rate(command, BUSY_STEPS)
            polling, stop, count = context.Event(), context.Event(), context.Value("l", 0)
            process = context.Process(target=poll, args=(server.port, watched, polling, stop, count))
            process.start()
            polling.wait()
            begun, before = time.perf_counter(), count.value
            ratios.append(server.rate(command, BUSY_STEPS) / alone)
            rates.append((count.value - before) / (time.perf_counter() - begun))
            stop.set()
            process.join()
    report("steps/s while 50 clients poll, to those without", statistics.median(ratios), "", "at least 0.5")
    report("  requests that are answered meanwhile", statistics.median(rates), "/s", "no limit")


def poll(port: int, scan_id: int, polling: Event, stop: Event, count: Synchronized[int]) -> None:
    """Be 50 clients, each of which asks for a scan as soon as it has been answered."""
    import selectors
    import socket

    request = f"GET /scan/{scan_id} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    with selectors.DefaultSelector() as ready:
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(CLIENTS)]
        for client in clients:
            ready.register(client, selectors.EVENT_READ)
            client.sendall(request)
        while not stop.is_set():
            for key, _ in ready.select(0.1):
                client = key.fileobj
                assert isinstance(client, socket.socket)
                if client.recv(65536).rstrip().endswith(b"</scan>"):
                    client.sendall(request)
                    count.value += 1
            polling.set()
        for client in clients:
            client.close()


BENCHMARKS = {"steps": bench_steps, "requests": bench_requests, "data": bench_data, "clients": bench_clients}


if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
