"""Running the monitor without a terminal, on a server of the test."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from scan_sdk import AsyncScanClient
from scan_sdk.cli._monitor import watcher
from scan_sdk.cli._monitor.app import Monitor

_PATIENCE = 8.0


class Screen:
    """The monitor as someone at the keyboard has it."""

    def __init__(self, app, pilot):
        self.app = app
        self.pilot = pilot

    @property
    def text(self):
        """All that is on the screen, as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @property
    def toasts(self):
        return [toast.message for toast in self.app._notifications]

    async def press(self, *keys):
        await self.pilot.press(*keys)

    async def until(self, condition):
        """Go on until something is so."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not condition():
                    await self.pilot.pause(0.05)
        except TimeoutError:
            pytest.fail(f"it did not come to this; toasts: {self.toasts}\n{self.text}")

    async def sees(self, *texts):
        """Go on until all texts are on the screen."""
        await self.until(lambda: all(text in self.text for text in texts))

    async def is_told(self, text):
        """Go on until a toast says something."""
        await self.until(lambda: any(text in toast for toast in self.toasts))


@asynccontextmanager
async def monitor(server, size=(120, 32)):
    async with AsyncScanClient(url=server.url) as client:
        app = Monitor(client, server.url)
        async with app.run_test(size=size) as pilot:
            yield Screen(app, pilot)


@pytest.fixture
def held_clock(scan_server):
    """Time stands still on the server, so that what runs goes on running."""
    with scan_server.virtual_clock.held():
        yield


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """It looks often, so that tests are quick."""
    monkeypatch.setattr(watcher, "_BUSY", 0.2)
    monkeypatch.setattr(watcher, "_QUIET", 0.2)
    monkeypatch.setattr(watcher, "_SHARE", 0)
    monkeypatch.setattr(watcher, "_LOST", (0.05,))
