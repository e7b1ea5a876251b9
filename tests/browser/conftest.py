"""A real Chromium, an embedded server on real sockets, and a page in which no error may go unnoticed."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from scan_sdk import ScanClient
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


# Of the package, not the session: while playwright is there, its event loop counts as running, and tests
# elsewhere could have none of their own. It is begun before the first test here is, and so is no leak of it.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)  # what is expected comes within 5 s but on a busy machine

    path = shutil.which("chromium")
    if path is None:
        message = "there is no Chromium: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[ScanClient]:
    with ScanClient(url=server.url) as client:
        yield client


@dataclass
class Faults:
    """What the browser complained of, and which complaints a test is about."""

    found: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """Expect complaints that contain a pattern."""
        self.allowed.append(pattern)

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self.found if not any(re.search(pattern, text) for pattern in self.allowed)]


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    assert faults.unexpected == []


class Opener:
    """Opens the page, each time in a browser that knows nothing of the others."""

    def __init__(self, chromium: Browser, faults: Faults, stack: ExitStack) -> None:
        self._chromium = chromium
        self._faults = faults
        self._stack = stack

    def context(self, **options) -> BrowserContext:
        options = {"viewport": {"width": 1280, "height": 800}, **options}
        return self._stack.enter_context(self._chromium.new_context(**options))

    def blank(self, **options) -> Page:
        page = self.context(**options).new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self._faults.found.append(f"pageerror: {error}"))
        page.on("console", self._hear)
        return page

    def _hear(self, message) -> None:
        if message.type in {"error", "warning"}:
            self._faults.found.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def __call__(self, server: EmbeddedServer, fragment: str = "", **options) -> Page:
        page = self.blank(**options)
        page.goto(f"{server.url}/{fragment}")
        return page


@pytest.fixture
def open_page(chromium: Browser, faults: Faults, server: EmbeddedServer) -> Iterator[Opener]:
    del server  # it is there until the pages are closed, which would complain otherwise
    with ExitStack() as stack:
        yield Opener(chromium, faults, stack)


@pytest.fixture
def page(open_page: Opener, server: EmbeddedServer) -> Page:
    return open_page(server)
