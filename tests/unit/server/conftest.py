"""An engine on a clock that stands still, and a server on the demo devices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import PvConfig, ScanConfig
from scan_sdk.server.clock import ManualClock, settle
from scan_sdk.server.engine.engine import ScanEngine
from scan_sdk.server.engine.scan import Scan
from scan_sdk.server.engine.submission import Options
from scan_sdk.server.store.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from scan_sdk.models import Command

CONFIG = ScanConfig(
    read_timeout=2.0,
    macros="axis=x",
    pvs=(
        *(PvConfig(name=f"loc://{name}(0)", alias=name) for name in ("x", "y")),
        PvConfig(name='loc://text("hello")', alias="text"),
        PvConfig(name="motor://m(0, 2)", alias="m"),
        PvConfig(name="motor://m.RBV(0, 2)", alias="m.RBV"),
    ),
)


class Rig:
    """An engine and its clock."""

    def __init__(self, engine: ScanEngine, clock: ManualClock) -> None:
        self.engine = engine
        self.clock = clock

    async def submit(self, *commands: Command, name: str = "test", **options) -> Scan:
        """Submit a scan and let it go as far as it does while the clock stands still."""
        document = write_commands(commands).encode()
        scan = self.engine.scan(await self.engine.submit(name, document, Options(**options)))
        assert isinstance(scan, Scan)
        await settle()
        return scan

    async def run(self, *commands: Command, **options) -> Scan:
        """Perform a scan that takes no time to its end."""
        scan = await self.submit(*commands, **options)
        await self.until_done(scan)
        return scan

    async def until_done(self, *scans: Scan) -> None:
        for _ in range(100_000):
            if all(scan.is_done for scan in scans):
                await settle()  # what waits for the end
                return
            await asyncio.sleep(0)
        raise AssertionError([scan.info() for scan in scans])

    async def data(self, scan: Scan) -> dict[str, list[tuple[int, str]]]:
        """Return serials and values by device."""
        text = "".join([piece async for piece in self.engine.data(scan.id)])
        return {
            device.findtext("name") or "": [
                (int(sample.get("id", "")), sample.findtext("value") or "")
                for sample in device.iterfind("samples/sample")
            ]
            for device in ET.fromstring(text)
        }


async def make_rig(folder: Path, config: ScanConfig = CONFIG, files: Path | None = None) -> Rig:
    clock = ManualClock()
    engine = ScanEngine(config, Store(folder / "log"), folder=files, clock=clock)
    await engine.start()
    return Rig(engine, clock)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    made = await make_rig(tmp_path)
    yield made
    await made.engine.stop()


def values(samples: Iterable[tuple[int, str]]) -> list[str]:
    return [value for _, value in samples]


def samples(root: ET.Element) -> dict[str | None, list[tuple[int, int, str | None]]]:
    """Return what a document of data holds: serial, milliseconds and text, by device."""
    return {
        device.findtext("name"): [
            (int(sample.get("id", "")), int(sample.findtext("time", "")), sample.findtext("value"))
            for sample in device.iterfind("samples/sample")
        ]
        for device in root
    }
