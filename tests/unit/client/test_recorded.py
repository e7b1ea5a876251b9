"""Every exchange recorded with the real server: its answer is understood, or means the right error."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scan_sdk._protocol import operations
from scan_sdk._protocol.operations import Look, Operation, WholeReply
from scan_sdk._protocol.options import SubmitOptions
from scan_sdk._protocol.reply import Reply
from scan_sdk.data import ScanData
from scan_sdk.errors import CommandRefused, ProtocolError, ScanRejected, ServerError, UnknownScan
from scan_sdk.models import DeviceInfo, Patch, ScanInfo, ScanServerInfo, SimulationResult
from scan_sdk.sequence import CommandSequence

RECORDED = Path(__file__).parents[2] / "contract" / "recorded" / "exchanges.json"
EXCHANGES = json.loads(RECORDED.read_text("utf-8"))

SUBMIT = operations.submit(SubmitOptions.check(name="x"), b"")
OPERATIONS = {
    r"GET /server/info": (operations.server_info(), ScanServerInfo),
    r"GET /server/shutdown": (operations.shutdown(), type(None)),
    r"POST /scan(/.*)?": (SUBMIT, int),
    r"POST /simulate": (operations.simulate(b""), SimulationResult),
    r"GET /scans": (operations.scan_infos(), tuple),
    r"GET /scan/9999": (operations.scan_info(9999), Look),
    r"GET /scan/-?\d+": (operations.scan_info(3), Look),
    r"GET /scan/\d+/commands": (operations.scan_commands(3), CommandSequence),
    r"GET /scan/\d+/data": (operations.get_data(3), ScanData),
    r"GET /scan/\d+/last_serial": (operations.last_serial(3), int),
    r"GET /scan/-?\d+/devices": (operations.scan_devices(3), tuple),
    r"PUT /scan/-?\d+/(next|pause|resume|abort)": (operations.steer(3, "pause"), type(None)),
    r"PUT /scan/\d+/move/-?\d+": (operations.move(3, 1), type(None)),
    r"PUT /scan/\d+/patch": (
        operations.patch(3, Patch(address=0, property="seconds", value=1)),
        type(None),
    ),
    r"DELETE /scan/\d+": (operations.delete(3), type(None)),
    r"DELETE /scans/completed": (operations.clear(), type(None)),
}

ERRORS = {
    "scanInfo-deleted": (UnknownScan, "the server knows no scan 3"),
    "err-scan-notnumber": (ServerError, "Cannot parse path element 'abc'"),
    "err-scan-noid-slash": (ServerError, "Cannot parse path element ''"),
    "err-data-unknown": (ServerError, "Error retrieving log data"),
    "err-serial-unknown": (UnknownScan, "the server knows no scan"),
    "scan-minus1": (UnknownScan, "the server knows no scan"),
    "err-put-unknown-pause": (CommandRefused, "gives no reason"),
    "err-put-unknown-abort": (CommandRefused, "gives no reason"),
    "err-put-nocmd": (CommandRefused, "gives no reason"),
    "err-delete-noid": (CommandRefused, "gives no reason"),
    "err-delete-scans-bogus": (CommandRefused, "gives no reason"),
    "err-server-none": (ServerError, "Missing '/server/*' request detail"),
    "err-notfound": (ProtocolError, "404 Not Found; is this the address of a scan server?"),
    "err-post-server": (ProtocolError, "405 Method Not Allowed"),
    "err-put-scans": (ProtocolError, "405 Method Not Allowed"),
    "err-submit-malformed": (
        ScanRejected,
        "XML document structures must start and end within the same entity.",
    ),
    "err-submit-wrongroot": (ScanRejected, "Wrong document type"),
    "err-submit-noctype": (ScanRejected, "Cannot invoke"),
    "err-submit-neg-timeout": (ScanRejected, "Invalid timeout '-1'"),
    "err-submit-bad-deadline": (ScanRejected, "Invalid deadline 'tomorrow'"),
    "simulate-loop-nan": (ScanRejected, "Expected double for <step>"),
    "submit-error-handler-missing": (ScanRejected, "Error loading Jython class NoSuchHandler"),
    "err-patch-address": (CommandRefused, "gives no reason"),
    "err-patch-noproperty": (CommandRefused, "gives no reason"),
    "err-patch-malformed": (CommandRefused, "gives no reason"),
    "err-patch-wrongroot": (CommandRefused, "gives no reason"),
    "patch-loop-body-log": (CommandRefused, "gives no reason"),
    "err-patch-comment": (CommandRefused, "gives no reason"),
    "err-submit-script-missing": (ScanRejected, "Error loading Jython class NoSuchScript"),
    "err-submit-include-missing": (ScanRejected, "Include 'nosuch.scn' cannot open 'nosuch.scn'"),
}


def of(exchange: dict[str, str]) -> tuple[Operation[object], type]:
    request = f"{exchange['method']} {exchange['path'].partition('?')[0]}"
    for pattern, (operation, kind) in OPERATIONS.items():
        if re.fullmatch(pattern, request):
            return operation, kind
    method, target = request.split()
    return Operation(method, target, lambda _: WholeReply(bytes)), bytes


def reply_to(exchange: dict[str, str]) -> object:
    reply = Reply(of(exchange)[0], exchange["status"], {}, 2**20)
    body = exchange["body"].encode()
    for start in range(0, len(body), 100):
        reply.feed(body[start : start + 100])
    return reply.close()


@pytest.mark.parametrize(
    "exchange", [each for each in EXCHANGES if each["status"] == 200], ids=lambda e: e["name"]
)
def test_every_answer_is_understood(exchange):
    answer = reply_to(exchange)
    assert isinstance(answer, of(exchange)[1])
    if isinstance(answer, Look):
        assert answer.error_address is None
    elif isinstance(answer, tuple):
        assert all(isinstance(item, ScanInfo | DeviceInfo) for item in answer)


@pytest.mark.parametrize(
    "exchange", [each for each in EXCHANGES if each["status"] != 200], ids=lambda e: e["name"]
)
def test_every_refusal_means_the_right_error(exchange):
    error, reason = ERRORS[exchange["name"]]
    with pytest.raises(error) as caught:
        reply_to(exchange)
    assert type(caught.value) is error
    assert reason in str(caught.value)
    assert not str(caught.value).startswith("java")
    assert "\n" not in str(caught.value)
    if error is ScanRejected:
        assert caught.value.trace.count("\tat ") > 5 or exchange["status"] == 500
