"""Running `scan-sdk` in this process, as the shell would."""

from __future__ import annotations

import sys
from typing import NamedTuple

import pytest

from scan_sdk.cli.app import run


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def config_file(tmp_path_factory, monkeypatch):
    """The file of named servers, in a folder of the test and not of who runs it; not there at first."""
    folder = tmp_path_factory.mktemp("config")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    for name in ("SCAN_SDK_URL", "SCAN_SDK_SERVER", "SCAN_SDK_TOKEN", "SCAN_SDK_TRACEBACK", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    path = folder / "scan-sdk" / "config.toml"
    path.parent.mkdir()
    return path


@pytest.fixture
def scan_sdk(scan_server, monkeypatch, capfd):
    """Run the program on the server of the test, and return its exit code and what it printed."""
    monkeypatch.setenv("SCAN_SDK_URL", scan_server.url)

    def program(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["scan-sdk", *map(str, arguments)])
        capfd.readouterr()
        try:
            code = run()
        except SystemExit as end:
            code = end.code
        return Ran(code, *capfd.readouterr())

    return program
