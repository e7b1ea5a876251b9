"""An IOC in a process of its own, on the loopback address and ports of its own, and servers that talk to it.

The environment has to be set before this process loads the libraries of EPICS, which the first server does.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import pytest

from scan_sdk import ScanClient, ScanConfig, ScanInfo
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.clock import SystemClock
from scan_sdk.server.devices.pv import PvPool
from scan_sdk.server.devices.schemes import Around, providers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Any

    from scan_sdk import Command
    from scan_sdk.server.devices.pv import Pv

PREFIX = "SDK"
READ_TIMEOUT = 5.0
IMPATIENCE = 1.0
PATIENCE = 20.0
"""Seconds after which a test that waits has failed."""


class Ioc:
    """The process of the IOC."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Return once it serves; nothing where it does."""
        if self._process is None:
            command = [sys.executable, str(Path(__file__).with_name("records.py")), PREFIX]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
            )
            assert self._process.stdout is not None
            for line in self._process.stdout:
                if line == "ready\n":
                    return
            raise AssertionError("the IOC did not start")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep it from answering, with its connections open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None


@pytest.fixture(scope="session")
def epics_network() -> Iterator[None]:
    """Set the environment of both sides, and open what libca keeps for as long as the process lives."""
    with ExitStack() as resources:
        ports = [resources.enter_context(free_port()) for _ in range(3)]
        ca, pva, search = (holder.getsockname()[1] for holder in ports)
        # libca starts a repeater, which would outlive the tests, unless somebody has its port
        repeater = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        repeater.bind(("", 0))
        for holder in ports:
            holder.close()
        resources.callback(repeater.close)
        patch = resources.enter_context(pytest.MonkeyPatch.context())
        for name, value in environment(ca, pva, search, repeater.getsockname()[1]).items():
            patch.setenv(name, value)
        asyncio.run(open_channel_access())
        yield


@contextmanager
def free_port() -> Iterator[socket.socket]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder


def environment(ca: int, pva: int, search: int, repeater: int) -> dict[str, str]:
    loopback = "127.0.0.1"
    return {
        "EPICS_CA_SERVER_PORT": str(ca),
        "EPICS_CA_REPEATER_PORT": str(repeater),
        "EPICS_CA_ADDR_LIST": loopback,
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CAS_INTF_ADDR_LIST": loopback,
        "EPICS_CAS_BEACON_ADDR_LIST": loopback,
        "EPICS_CAS_AUTO_BEACON_ADDR_LIST": "NO",
        "EPICS_PVA_SERVER_PORT": str(pva),
        "EPICS_PVA_BROADCAST_PORT": str(search),
        "EPICS_PVA_ADDR_LIST": loopback,
        "EPICS_PVA_AUTO_ADDR_LIST": "NO",
        "EPICS_PVAS_INTF_ADDR_LIST": loopback,
        "EPICS_PVAS_BEACON_ADDR_LIST": loopback,
        "EPICS_PVAS_AUTO_BEACON_ADDR_LIST": "NO",
    }


async def open_channel_access() -> None:
    """Have libca make its context: it keeps two UDP sockets to the end, which no test has left open."""
    from scan_sdk.server.devices.epics import CaClient

    client = CaClient(print)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.connect("nobody")
    client.close()


@pytest.fixture(scope="session")
def running_ioc(epics_network: None) -> Iterator[Ioc]:
    ioc = Ioc()
    yield ioc
    ioc.kill()


@pytest.fixture
def ioc(running_ioc: Ioc) -> Ioc:
    """The IOC, running."""
    running_ioc.start()
    return running_ioc


@asynccontextmanager
async def connected(name: str) -> AsyncIterator[Pv]:
    """A variable without a server around it."""
    pool = PvPool(providers(Around(SystemClock(), READ_TIMEOUT)))
    pv = pool.acquire(name)
    try:
        await until(pv, lambda _: True)
        yield pv
    finally:
        pool.release(name)
        pool.close()


async def until(pv: Pv, wanted: Callable[[Any], bool]) -> None:
    """Wait until a variable has a value that is wanted."""
    changed = asyncio.Event()
    pv.subscribe(changed.set)
    async with asyncio.timeout(PATIENCE):
        while pv.reading is None or not wanted(pv.reading.value):
            await changed.wait()
            changed.clear()
    pv.unsubscribe(changed.set)


@pytest.fixture(params=["ca", "pva"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


class Bench:
    """A server whose plain names are PVs of one kind, and a client of it."""

    def __init__(self, server: EmbeddedServer, client: ScanClient, scheme: str) -> None:
        self.url = server.url
        self.client = client
        self.scheme = scheme

    def run(self, *commands: Command | list[Command]) -> dict[str, list[tuple[int, str]]]:
        """Run a scan and return what it logged: times and texts by device."""
        scan_id = self.client.submit(commands, queue=False)
        self.client.wait_until_done(scan_id, timeout=PATIENCE)
        return self.logged(scan_id)

    def logged(self, scan_id: int) -> dict[str, list[tuple[int, str]]]:
        with urlopen(f"{self.url}/scan/{scan_id}/data") as reply:
            document = ET.fromstring(reply.read())
        return {
            device.findtext("name", ""): [
                (int(sample.findtext("time", "")), sample.findtext("value", ""))
                for sample in device.iterfind("samples/sample")
            ]
            for device in document
        }

    def until(self, scan_id: int, wanted: Callable[[ScanInfo], bool]) -> ScanInfo:
        """Return the first state of a scan that is wanted."""
        for info in self.client.watch(scan_id):
            if wanted(info):
                return info
        raise AssertionError(self.client.scan_info(scan_id))

    def until_status(self, scan_id: int, status: str) -> None:
        """Return once the first device of a scan has a status."""
        end = time.monotonic() + PATIENCE
        while self.client.scan_devices(scan_id)[0].status != status:
            assert time.monotonic() < end, self.client.scan_devices(scan_id)


@contextmanager
def bench_of(scheme: str, read_timeout: float = READ_TIMEOUT) -> Iterator[Bench]:
    config = ScanConfig(read_timeout=read_timeout)
    with EmbeddedServer(config, default_pv=scheme) as server, ScanClient(url=server.url) as client:
        yield Bench(server, client, scheme)


@pytest.fixture
def bench(ioc: Ioc, scheme: str) -> Iterator[Bench]:
    with bench_of(scheme) as made:
        yield made


@pytest.fixture
def impatient(ioc: Ioc, scheme: str) -> Iterator[Bench]:
    """A bench for devices that will not answer."""
    with bench_of(scheme, IMPATIENCE) as made:
        yield made
