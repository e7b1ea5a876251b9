"""What answers mean that no recording shows."""

import pytest

from scan_sdk._protocol import operations
from scan_sdk._protocol.options import SubmitOptions
from scan_sdk._protocol.reply import Reply
from scan_sdk.errors import (
    AccessRefused,
    CommandRefused,
    ProtocolError,
    ScanRejected,
    ServerError,
    TransportError,
)

SCAN = operations.scan_info(3)
SUBMIT = operations.submit(SubmitOptions.check(name="x"), b"")


def answer(operation, status, body=b"", headers=None, max_reply=2**30):
    reply = Reply(operation, status, headers or {}, max_reply)
    if body:
        reply.feed(body)
    return reply.close()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body>Please log in</body></html>", "<html> where <scan> is due"),
        (b"<!DOCTYPE html><html><p>Hello", "GET /scan/3"),
        (b"<scan><id>3</id>", "GET /scan/3"),
        (b"<scans/>", "<scans> where <scan> is due"),
        (b"<scan><id>x</id></scan>", "<scan> does not fit"),
        (b"", "GET /scan/3"),
        (b"\xff\xfe\x00", "GET /scan/3"),
    ],
)
def test_an_answer_that_is_no_scan_is_a_protocol_error_with_its_beginning(body, reason):
    with pytest.raises(ProtocolError, match="GET /scan/3: ") as caught:
        answer(SCAN, 200, body)
    assert reason in str(caught.value)
    assert caught.value.raw == body.decode("utf-8", "replace")


def test_something_where_nothing_is_due_is_a_protocol_error():
    with pytest.raises(ProtocolError, match="an empty answer was expected"):
        answer(operations.steer(3, "pause"), 200, b"<html>Welcome</html>")


def test_a_redirect_is_named_and_not_followed():
    with pytest.raises(ProtocolError, match=r"302 Found to https://elsewhere/scan/3.*not followed"):
        answer(SCAN, 302, b"", {"location": "https://elsewhere/scan/3"})


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_does_not_reach_the_server_is_a_lost_connection(status):
    with pytest.raises(TransportError, match=f"answered by {status}") as caught:
        answer(SUBMIT, status, b"<html><title>Bad Gateway</title></html>")
    assert caught.value.sent


@pytest.mark.parametrize(
    ("status", "key"), [(401, "token= and auth="), (403, "ask whoever runs it"), (407, "without it")]
)
def test_a_locked_door_points_to_the_key(status, key):
    with pytest.raises(AccessRefused, match=key):
        answer(SCAN, status, b"<html><title>Who are you?</title></html>")


@pytest.mark.parametrize("status", [404, 405, 418, 299 + 100, 599])
def test_a_status_that_no_scan_server_has_is_a_protocol_error(status):
    with pytest.raises(ProtocolError, match=f"answered by {status}"):
        answer(SCAN, status, b"<html></html>")


def test_trap_02_the_reason_of_a_refused_scan_is_kept_also_where_the_xml_is_broken():
    body = (
        b"<error>\n<message>a & <b> failed to submit</message>\n<trace>\n"
        b"java.lang.Exception: Empty 'device'\n\tat org.csstudio.scan.A.b(A.java:1)\n"
        b"Caused by: java.lang.Exception: x & y\n</trace>\n</error>\n"
    )
    with pytest.raises(ScanRejected) as caught:
        answer(SUBMIT, 400, body)
    assert caught.value.message == str(caught.value) == "Empty 'device'"
    assert caught.value.trace.startswith("java.lang.Exception: Empty 'device'\n\tat org")
    assert caught.value.trace.endswith("x & y")


def test_trap_09_no_error_shows_a_stack_trace_or_a_page():
    page = b"<html><title>Error 500</title><table><tr><th>MESSAGE:</th><td>No &apos;x&apos;</td></tr></table>"
    with pytest.raises(ServerError) as caught:
        answer(SCAN, 500, page)
    assert str(caught.value) == "No 'x'"
    with pytest.raises(CommandRefused) as refused:
        answer(operations.steer(3, "pause"), 400)
    assert str(refused.value) == "the server refuses, and gives no reason"


def test_an_answer_announced_too_long_is_not_received():
    with pytest.raises(ProtocolError, match="longer than it may be"):
        Reply(SCAN, 200, {"content-length": str(2**40)}, 2**30)


def test_an_answer_that_grows_too_long_is_broken_off():
    reply = Reply(SCAN, 200, {}, 2**30)
    for _ in range(16):
        reply.feed(b"x" * 2**16)
    with pytest.raises(ProtocolError, match="longer than it may be") as caught:
        reply.feed(b"x")
    assert caught.value.raw == "x" * 2000


def test_the_limit_of_long_answers_is_the_clients():
    reply = Reply(operations.scan_infos(), 200, {}, 10)
    with pytest.raises(ProtocolError, match="max_reply"):
        reply.feed(b"x" * 11)
    with pytest.raises(ProtocolError, match="max_reply"):
        Reply(operations.get_data(3), 200, {}, 10).feed(b"<data>        ")


def test_commands_that_cannot_be_read_are_a_protocol_error():
    with pytest.raises(
        ProtocolError, match=r"GET /scan/3/commands: the server's commands cannot be read: .*2:"
    ):
        answer(operations.scan_commands(3), 200, b"<commands>\n<log/></commands>")


def test_commands_that_nobody_knows_are_read_beside_the_others():
    found = answer(
        operations.scan_commands(3),
        200,
        b"<commands><beam_dump><mode>3</mode></beam_dump><delay/></commands>",
    )
    assert [type(command).__name__ for command in found] == ["OtherCommand", "Delay"]


def test_data_that_is_none_fails_as_soon_as_that_shows():
    reply = Reply(operations.get_data(3), 200, {}, 2**20)
    with pytest.raises(ProtocolError, match="GET /scan/3/data: ") as caught:
        reply.feed(b"<html><body>Please log in</body></html>")
    assert caught.value.raw.startswith("<html>")


def test_progress_counts_the_bytes_of_an_answer_and_not_those_of_a_refusal():
    told = []
    operation = operations.get_data(3, progress=told.append)
    reply = Reply(operation, 200, {}, 2**30)
    for piece in (b"<data>", b"</da", b"ta>"):
        reply.feed(piece)
    assert len(reply.close()) == 0
    assert told == [6, 10, 13]
    with pytest.raises(ServerError):
        answer(operation, 500, b"<html>no</html>")
    assert told == [6, 10, 13]


SCAN_BODY = b"<scan><id>3</id><name/><created>1</created><state>Failed</state><runtime>1</runtime></scan>"
ADDRESSES = {"7": 7, "0": 0, "-1": -1, "": None, "-2": None, "7.0": None, "\u0667": None, "9" * 99: None}


@pytest.mark.parametrize(("header", "address"), ADDRESSES.items())
def test_the_command_that_failed_is_told_by_a_header(header, address):
    assert answer(SCAN, 200, SCAN_BODY, {"scan-error-address": header}).error_address == address
    assert answer(SCAN, 200, SCAN_BODY).error_address is None
