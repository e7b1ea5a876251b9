"""Every exchange recorded with a real scan server reads, and what we write is what it wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import pytest

from scan_sdk import InvalidCommands
from scan_sdk._wire import replies
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk._wire.log import LogReader, write_log
from scan_sdk._wire.patch import read_patch

if TYPE_CHECKING:
    from collections.abc import Callable


class Exchange(TypedDict):
    name: str
    method: str
    path: str
    request: str
    status: int
    content_type: str | None
    body: str


RECORDED = Path(__file__).parents[2] / "contract" / "recorded" / "exchanges.json"
EXCHANGES: list[Exchange] = json.loads(RECORDED.read_text())
FIRST_TAG = re.compile(r"<(\w+)")
ANSWERED = [item for item in EXCHANGES if item["status"] == 200 and item["body"]]


def replies_of(root: str) -> list[object]:
    """Return the recorded replies with that root element, for parametrize."""
    found = [item["body"] for item in ANSWERED if FIRST_TAG.findall(item["body"])[0] == root]
    assert found, root
    return [pytest.param(body.encode(), id=f"{root}{number}") for number, body in enumerate(found)]


READ_AND_WRITTEN: dict[str, tuple[Callable[[bytes], object], Callable[..., str]]] = {
    "scan": (replies.read_scan, replies.write_scan),
    "scans": (replies.read_scans, replies.write_scans),
    "server": (replies.read_server, replies.write_server),
    "devices": (replies.read_devices, replies.write_devices),
    "commands": (read_commands, lambda commands: write_commands(commands, as_server=True)),
}


@pytest.mark.parametrize("root", READ_AND_WRITTEN)
def test_what_is_read_is_written_as_the_server_did(root: str) -> None:
    read, write = READ_AND_WRITTEN[root]
    for parameter in replies_of(root):
        [body] = parameter.values
        assert write(read(body)) == body.decode()


@pytest.mark.parametrize("body", replies_of("data"))
def test_data(body: bytes) -> None:
    reader = LogReader(numbers=False)
    reader.feed(body)
    logs = reader.close()
    devices = ((name, zip(log.serials, log.times, log.values, strict=True)) for name, log in logs.items())
    assert "".join(write_log(devices)) == body.decode()


@pytest.mark.parametrize("body", replies_of("simulation"))
def test_simulations(body: bytes) -> None:
    result = replies.read_simulation(body)
    assert result.log.startswith("Simulation:\n--------\n00:00:00 - ")
    assert result.log.splitlines()[-1].endswith("   Total estimated execution time")
    assert result.seconds > 0
    assert replies.read_simulation(replies.write_simulation(result).encode()) == result


@pytest.mark.parametrize("body", replies_of("id"))
def test_ids(body: bytes) -> None:
    assert replies.read_id(body) > 0


@pytest.mark.parametrize("body", replies_of("serial"))
def test_serials(body: bytes) -> None:
    assert replies.read_serial(body) >= -1


@pytest.mark.parametrize("body", replies_of("bye"))
def test_the_farewell(body: bytes) -> None:
    replies.read_bye(body)


def test_no_reply_was_left_out() -> None:
    roots = [*READ_AND_WRITTEN, "data", "simulation", "id", "serial", "bye"]
    assert len(ANSWERED) == sum(len(replies_of(root)) for root in roots)


REFUSED = [item for item in EXCHANGES if item["status"] >= 400 and item["body"]]


@pytest.mark.parametrize("item", REFUSED, ids=lambda item: item["name"])
def test_every_error_has_a_reason(item: Exchange) -> None:
    message, trace = replies.read_error(item["body"].encode())
    assert message
    assert "&" not in message
    assert "<" not in message
    if item["method"] == "POST" and "xml" in (item["content_type"] or ""):
        assert message == "Failed to simulate" or message.endswith(" failed to submit")
        assert trace
        assert ":" in trace.splitlines()[0] or ";" in trace.splitlines()[0]
    else:
        assert trace == ""


def test_the_reasons_of_unknown_scans() -> None:
    reasons = {item["name"]: replies.read_error(item["body"].encode())[0] for item in REFUSED}
    assert reasons["scanInfo-deleted"] == "Unknown scan ID 3"
    assert reasons["err-data-unknown"] == "Error retrieving log data"
    assert reasons["err-scan-notnumber"] == "Cannot parse path element 'abc'"


SUBMITTED = [item for item in EXCHANGES if item["method"] == "POST" and item["path"] != "/server/info"]
# What the server refused for what the document itself says; others for what their commands ask for.
UNREADABLE = {
    "err-submit-malformed": "not well-formed",
    "err-submit-wrongroot": "the root element is <scan>",
    "simulate-loop-nan": "<step> wants a number",
}


@pytest.mark.parametrize("item", SUBMITTED, ids=lambda item: item["name"])
def test_submitted_documents(item: Exchange) -> None:
    if item["name"] in UNREADABLE:
        assert item["status"] == 400
        with pytest.raises(InvalidCommands, match=UNREADABLE[item["name"]]):
            read_commands(item["request"])
        return
    commands = read_commands(item["request"])
    assert commands
    assert write_commands(read_commands(write_commands(commands))) == write_commands(commands)


@pytest.mark.parametrize(
    "item", [item for item in EXCHANGES if "<patch" in item["request"]], ids=lambda item: item["name"]
)
def test_patches(item: Exchange) -> None:
    readable = item["name"] not in {"err-patch-noproperty", "err-patch-malformed", "err-patch-wrongroot"}
    if readable:
        assert read_patch(item["request"].encode()).property
    else:
        with pytest.raises(ValueError, match=r".+"):
            read_patch(item["request"].encode())
