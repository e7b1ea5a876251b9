"""Fixtures for pytest: a scan server for each test, and a client of it.

pytest loads this by itself where the package is installed. It costs next to nothing until a test asks for a
fixture.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from scan_sdk.client import ScanClient
    from scan_sdk.models import ScanConfig
    from scan_sdk.server import EmbeddedServer
    from scan_sdk.server.clock import Clock

__all__ = ["scan_client", "scan_server", "scan_server_clock", "scan_server_config"]

_SETTINGS = {
    "scan_server_scope": (
        ("function", "session"),
        "how long one scan server lasts: 'function' for a new one in each test, 'session' for one for all",
    ),
    "scan_server_clock": (
        ("virtual", "system"),
        "the time of the scan server: 'virtual' where delays and moves take none, 'system' for the machine's",
    ),
}
"""Names of settings, what they may be, by default the first, and what they mean."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings, to the configuration file and to the command line."""
    group = parser.getgroup("scan_sdk")
    for name, (choices, meaning) in _SETTINGS.items():
        parser.addini(name, f"{meaning} (default: {choices[0]})", default=choices[0])
        group.addoption(f"--{name.replace('_', '-')}", choices=choices, default=None, help=meaning)


def _setting(config: pytest.Config, name: str) -> str:
    choices, _ = _SETTINGS[name]
    value = str(config.getoption(name) or config.getini(name))
    if value not in choices:
        raise pytest.UsageError(f"{name} is '{value}': make it one of {', '.join(choices)}")
    return value


def _scope(fixture_name: str, config: pytest.Config) -> Literal["function", "session"]:  # noqa: ARG001
    return cast("Literal['function', 'session']", _setting(config, "scan_server_scope"))


@pytest.fixture(scope=_scope)
def scan_server_config() -> ScanConfig | Path | None:
    """The configuration of `scan_server`, a `ScanConfig` or the path of a file; None for the demo devices."""
    return None


@pytest.fixture(scope=_scope)
def scan_server_clock(pytestconfig: pytest.Config) -> Clock | Literal["system", "virtual"]:
    """The time of `scan_server`: "virtual", "system" or a clock; by default what the setting says."""
    return cast("Literal['system', 'virtual']", _setting(pytestconfig, "scan_server_clock"))


@pytest.fixture(scope=_scope)
def _started_scan_server(
    scan_server_config: ScanConfig | Path | None, scan_server_clock: Clock | Literal["system", "virtual"]
) -> Generator[EmbeddedServer]:
    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        from scan_sdk.errors import MissingExtra

        raise MissingExtra("the fixture scan_server", "server")
    from scan_sdk.server import EmbeddedServer

    with EmbeddedServer(scan_server_config, clock=scan_server_clock) as server:
        yield server


@pytest.fixture
def scan_server(
    _started_scan_server: EmbeddedServer, pytestconfig: pytest.Config
) -> Generator[EmbeddedServer]:
    """A running `EmbeddedServer` without scans, faults and handles."""
    server = _started_scan_server
    yield server
    if _setting(pytestconfig, "scan_server_scope") == "session":
        try:
            server.reset()
        except RuntimeError:  # the test has stopped it
            server.stop()
            server.start()


@pytest.fixture
def scan_client(scan_server: EmbeddedServer) -> Generator[ScanClient]:
    """A `ScanClient` of `scan_server`."""
    from scan_sdk.client import ScanClient

    with ScanClient(url=scan_server.url) as client:
        yield client


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the scans of the server where a test has failed."""
    report = yield
    server = getattr(item, "funcargs", {}).get("scan_server")
    if report.failed and server is not None:
        report.sections.append(("Scan server", _tell(server)))
    return report


def _tell(server: EmbeddedServer) -> str:
    if not server.is_running:
        return "not running any more"
    lines: list[str] = []
    for info in reversed(server.scan_infos()):
        lines.append(f"{info}, after {info.runtime}")
        if info.command and not info.is_done:
            lines.append(f"    {info.address}: {info.command}")
    return "\n".join(lines) or "no scans"
