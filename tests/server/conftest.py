"""A server that is a process of its own, as `serve` makes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx
import pytest

from scan_sdk._wire.commands import write_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from scan_sdk.models import Command

PROGRAM = """
import sys
from pathlib import Path
from scan_sdk.server import serve

config = Path(sys.argv[2]) if sys.argv[2:] else None
serve(config, port=0, data_log=Path(sys.argv[1]), ready=lambda url, _: print(url, flush=True))
"""
DONE = {"Finished", "Failed", "Aborted"}


class ServerProcess:
    """A server on a folder, with all that it says on stderr in a file."""

    def __init__(self, log: Path, errors: Path, config: Path | None = None) -> None:
        self._errors = errors
        with errors.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, str(log), *([str(config)] if config else [])],
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, self.errors
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)

    @property
    def errors(self) -> str:
        """What it said on stderr."""
        return self._errors.read_text()

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def submit(self, *commands: Command, queue: bool = False) -> int:
        """Submit a scan, which begins at once."""
        reply = self.http.post(
            f"/scan/test?queue={str(queue).lower()}",
            content=write_commands(commands),
            headers={"content-type": "text/xml"},
        )
        assert reply.status_code == 200, reply.text
        return int(ET.fromstring(reply.text).text or "")

    def scan(self, scan_id: int) -> dict[str, str | None]:
        """Return what the server says of a scan."""
        return {child.tag: child.text for child in ET.fromstring(self.http.get(f"/scan/{scan_id}").content)}

    def finish(self, scan_id: int) -> dict[str, str | None]:
        """Wait for the end of a scan."""
        while (found := self.scan(scan_id))["state"] not in DONE:
            pass
        return found

    def serial(self, scan_id: int) -> int:
        return int(ET.fromstring(self.http.get(f"/scan/{scan_id}/last_serial").text).text or "")

    def data(self, scan_id: int) -> dict[str | None, dict[int, str | None]]:
        """Return texts by serial, by device."""
        reply = self.http.get(f"/scan/{scan_id}/data")
        assert reply.status_code == 200, reply.text
        return {
            device.findtext("name"): {
                int(sample.get("id", "")): sample.findtext("value")
                for sample in device.iterfind("samples/sample")
            }
            for device in ET.fromstring(reply.content)
        }

    def kill(self) -> None:
        """Kill it as nothing can be: with signal 9."""
        self.end(signal.SIGKILL)

    def stop(self) -> None:
        """Stop it as a service manager does."""
        assert self.end(signal.SIGTERM) == 0

    def end(self, number: int | None = None, *, traceback: bool = False) -> int:
        """End it with a signal, or wait for its end, and return its exit code."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self.http.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        assert ("Traceback" in self.errors) == traceback, self.errors
        return code


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """A function that starts a server, on the same folder each time unless it is told another."""
    servers: list[ServerProcess] = []

    def start_one(log: Path = tmp_path / "log", config: Path | None = None) -> ServerProcess:
        servers.append(ServerProcess(log, tmp_path / f"stderr-{len(servers)}", config))
        return servers[-1]

    yield start_one
    for server in servers:
        if server.process.poll() is None:
            server.kill()
