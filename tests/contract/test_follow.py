"""Both clients follow scans of the embedded server, as it is and as a plain server would look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from scan_sdk.data import ScanData
from scan_sdk.models import Log, Loop
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with EmbeddedServer() as server:
        yield server.url


@pytest.fixture
def client(url: str, make_client: Any) -> Iterator[Any]:
    client = make_client(url=url)
    yield client
    client.abort_all()
    client.clear()


def test_what_was_followed_is_what_was_logged(client):
    commands = Loop("motor_x", 1, 3, 1, [Loop("motor_y", 1, 2, 1, Log("motor_y")), Log("motor_x", "motor_y")])
    scan_id = client.submit(commands)
    pieces = list(client.follow(scan_id))
    assert all(pieces)
    assert ScanData.concat(pieces) == client.get_data(scan_id)
