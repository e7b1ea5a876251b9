"""What holds for every test: nothing stays open, and how hard Hypothesis tries."""

from __future__ import annotations

import gc
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from scan_sdk.server.devices.pv import Provider, UnreachablePv

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk.server.devices.pv import Pv, PvName

# Chosen with --hypothesis-profile. In CI the examples are the same each time: what fails is due to a change.
slow = [HealthCheck.too_slow]  # machines differ
fast = settings(max_examples=50, deadline=None, suppress_health_check=slow)
settings.register_profile("fast", fast)
settings.register_profile("ci", fast, derandomize=True, database=None, print_blob=True)
settings.register_profile("thorough", fast, max_examples=2000)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "fast")


@pytest.fixture(autouse=True)
def no_epics_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep servers off the network, but in tests that bring an IOC: their EPICS devices never connect."""
    if request.node.get_closest_marker("ioc") is None:
        from scan_sdk.server.devices import schemes

        for name in ("ChannelAccessProvider", "PvAccessProvider"):
            monkeypatch.setattr(schemes, name, lambda *_: NobodyProvider())


class NobodyProvider(Provider):
    """Makes variables that nobody serves."""

    def create(self, name: PvName) -> Pv:
        return UnreachablePv()


_OPEN_FILES = Path("/proc/self/fd")
_GRACE = 30.0  # seconds, which a busy machine may need; a test that leaves nothing open waits for none


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Fail a test after which a thread still runs or a socket is still open that it began with neither."""
    threads = set(threading.enumerate())
    sockets = open_sockets()
    yield
    left: list[str] = []
    until = time.monotonic() + _GRACE
    for thread in set(threading.enumerate()) - threads:
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive():
            left.append(f"thread {thread.name}")
    for pause in (0.0, 0.001, 0.005, 0.01):  # a server closes in its own thread, soon
        time.sleep(pause)
        if not open_sockets() - sockets:
            break
    else:
        gc.collect()  # what only a cycle holds is not left open, but warned of by the interpreter
        while (found := open_sockets() - sockets) and time.monotonic() < until:
            time.sleep(0.01)
        left += sorted(found)
    assert not left, f"left open: {', '.join(left)}"


def open_sockets() -> set[str]:
    """Return the sockets of this process by number; none where the system does not tell."""
    found: set[str] = set()
    for path in _OPEN_FILES.iterdir() if _OPEN_FILES.exists() else ():
        try:
            target = str(path.readlink())
        except OSError:  # the folder listed itself, and is closed by now
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found
