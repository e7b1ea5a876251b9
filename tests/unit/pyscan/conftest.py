"""A client of old scripts, and a server for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scan_sdk.pyscan import ScanClient
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    """A server with the demo devices and the machine's clock."""
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def client(server: EmbeddedServer) -> Iterator[ScanClient]:
    """A client of a server that has no scans."""
    server.reset()
    client = ScanClient(server.host, str(server.port))
    yield client
    client.modern.close()
