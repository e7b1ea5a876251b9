"""Prints what it takes to follow a scan, against fetching all whenever the last serial has changed.

    python tests/benchmarks/follow.py [STEPS]

The server is a process of its own; its scan logs two devices with each step. It is followed
as it is, then made to look like one that only sends whole logs.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scan_sdk import Delay, Log, Loop, ScanClient, ScanData
from scan_sdk._protocol import operations
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from multiprocessing.connection import Connection

STEPS = 20_000
PAUSE = 0.001
"""Seconds of each step: the scan takes half a minute."""
SPACING = 0.2
"""Seconds between two looks of the naive way, as follow has it."""


def serve(pipe: Connection, *, plain: bool) -> None:
    """Run a server until the other end says something."""
    if plain:
        Store.is_orderly = lambda *_: False
    with EmbeddedServer() as server:
        pipe.send(server.url)
        pipe.recv()


@contextmanager
def server(*, plain: bool) -> Generator[str]:
    """Run a server in a process of its own; its URL is what one gets."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=serve, args=(theirs,), kwargs={"plain": plain}
    )
    process.start()
    yield ours.recv()
    ours.send(None)
    process.join()


def naive(client: ScanClient, scan_id: int) -> ScanData:
    """Fetch all whenever the last serial has changed."""
    seen, data = -1, ScanData()
    while True:
        done = client.scan_info(scan_id).is_done
        if (serial := client.last_serial(scan_id)) != seen or done:
            seen, data = serial, client.get_data(scan_id)
        if done:
            return data
        time.sleep(SPACING)


def follow(client: ScanClient, scan_id: int) -> ScanData:
    """Follow, and join the pieces."""
    return ScanData.concat(client.follow(scan_id))


def measure(title: str, url: str, steps: int, way: Callable[[ScanClient, int], ScanData]) -> None:
    """Print the bytes of data moved and the CPU time of the client."""
    moved = 0

    def feed(
        reply: operations.DataReply, chunk: bytes, read: Callable[..., None] = operations.DataReply.feed
    ) -> None:
        nonlocal moved
        moved += len(chunk)
        read(reply, chunk)

    kept, operations.DataReply.feed = operations.DataReply.feed, feed
    with ScanClient(url=url) as client:
        scan_id = client.submit(Loop("setpoint", 1, steps, 1, [Log("setpoint", "signal"), Delay(PAUSE)]))
        begun, wall = time.process_time(), time.perf_counter()
        data = way(client, scan_id)
        cpu, wall = time.process_time() - begun, time.perf_counter() - wall
        before = moved
        assert data == client.get_data(scan_id)
        final = moved - before
    operations.DataReply.feed = kept
    print(
        f"{title:<34} {before / 1e6:9.1f} MB {before / final:8.2f} times the log of {final / 1e6:.1f} MB, "
        f"{cpu:6.2f} s of CPU in {wall:.0f} s"
    )


def main() -> None:
    """Measure all ways."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else STEPS
    with server(plain=False) as url:
        measure("follow, with after", url, steps, follow)
    with server(plain=True) as url:
        measure("follow, whole logs (at most 5)", url, steps, follow)
        measure("all on each change", url, steps, naive)


if __name__ == "__main__":
    main()
