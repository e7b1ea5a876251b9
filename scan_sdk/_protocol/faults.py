"""What an answer means that is not the one hoped for.

The status alone says little: an unknown scan is 500 on GET and an empty 400 on PUT and DELETE, and a mistake
in the commands is 400 with an XML document. Where the reason is not in the answer either, flows look again.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scan_sdk._protocol.operations import excerpt
from scan_sdk._wire.replies import read_error
from scan_sdk.errors import (
    AccessRefused,
    CommandRefused,
    ProtocolError,
    ScanRejected,
    ScanSdkError,
    ServerError,
    TransportError,
    UnknownScan,
)

if TYPE_CHECKING:
    from scan_sdk._protocol.operations import Operation

NO_REASON = "the server refuses, and gives no reason"

_JAVA_CLASS = re.compile(r"^java(?:\.\w+)*\.\w*(?:Exception|Error): ")
"""What Java puts before the message in the first line of a stack trace."""
_UNKNOWN = re.compile(r"Unknown scan ID -?\d+")
_REFUSED: dict[str, type[ServerError]] = {
    "POST": ScanRejected,
    "PUT": CommandRefused,
    "DELETE": CommandRefused,
    "GET": ServerError,
}
_GATEWAY = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
_LOCKED: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it wants a token, or user and password: see token= and auth= of the client",
    HTTPStatus.FORBIDDEN: "it does not let you do that: ask whoever runs it",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "a proxy wants credentials: reach the server without it",
}


def fault(operation: Operation[Any], status: int, location: str, body: bytes) -> ScanSdkError:
    """Return the error that an answer means.

    Args:
        operation: What was asked.
        status: HTTP status, none of 200 to 299.
        location: The header of that name, empty where there is none.
        body: The answer, or as much of it as is kept.
    """
    answer = f"{operation}: answered by {_status(status)}"
    message, trace = read_error(body)
    if status in _GATEWAY:
        # No scan server says so, but what stands before one that cannot be reached.
        return TransportError(f"{answer}; the scan server behind it cannot be reached")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR}:
        if operation.scan_id is not None and _UNKNOWN.fullmatch(message):
            return UnknownScan(operation.scan_id, trace=trace)
        reason = _JAVA_CLASS.sub("", trace.partition("\n")[0] or message)
        return _REFUSED[operation.method](reason or NO_REASON, trace=trace)
    if status in _LOCKED:
        return AccessRefused(f"{answer}; {_LOCKED[status]}", trace=trace)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        answer += f" to {location or 'an unknown place'}; redirects are not followed, give the final address"
    else:
        answer += "; is this the address of a scan server?"
    return ProtocolError(answer, raw=excerpt(body))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
