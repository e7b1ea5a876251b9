"""Renders monitor.svg, the picture in docs/how-to/watch-in-a-terminal.md: the monitor while a raster runs.

python docs/images/render_monitor.py
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

from scan_sdk import AsyncScanClient, Comment, Delay, Log, Loop, ScanClient, ScanOutcomeError, Set, Wait
from scan_sdk.cli._monitor.app import Monitor
from scan_sdk.cli._monitor.plot import Plot
from scan_sdk.server import EmbeddedServer

TARGET = Path(__file__).with_name("monitor.svg")
POINTS = 40


def submit_scans(client: ScanClient) -> None:
    """Submit some scans, one of which runs for a while."""
    align = [Set("motor_x", 1, completion=True), Loop("motor_x", 1, 2, 0.1, [Log("motor_x", "neutrons")])]
    client.wait_until_done(client.submit(align, "Align sample"))
    with contextlib.suppress(ScanOutcomeError):
        client.wait_until_done(client.submit([Wait("motor_x", 60, timeout=0.2)], "Wait for beam"))
    step = [Delay(0.1), Log("motor_x", "motor_y", "signal")]
    inner = Loop("motor_x", 0, 4, 0.25, step, completion=True)
    raster = [Comment("Raster over the sample"), Loop("motor_y", 0, 8, 2, [inner], completion=True)]
    client.submit(raster, "Raster of 5 by 17")
    client.submit([Set("motor_x", 0, completion=True), Delay(30)], "Background")
    client.submit(raster, "Raster again")


def points(monitor: Monitor) -> int:
    """Return how many points are drawn."""
    plot = monitor.query_one(Plot)
    return 0 if plot.axes is None else len(plot.samples.points(*plot.axes)[0])


async def picture(url: str) -> str:
    """Look at the monitor until there is something to see."""
    async with AsyncScanClient(url=url) as client:
        monitor = Monitor(client, "http://localhost:4810")
        async with monitor.run_test(size=(150, 40)) as pilot:
            while points(monitor) < POINTS:
                await pilot.pause(0.1)
            await pilot.pause(1)
            return monitor.export_screenshot(title="scan-sdk monitor")


def main() -> None:
    """Run the scans and take the picture."""
    with EmbeddedServer() as server, ScanClient(url=server.url) as client:
        submit_scans(client)
        svg = asyncio.run(picture(server.url))
    # Fonts would be fetched from elsewhere; any monospace will do.
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "monitor", svg)
    TARGET.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
