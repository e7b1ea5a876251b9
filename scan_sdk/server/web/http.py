"""The pieces of HTTP that the endpoints share: paths, bodies, and replies as the real server words them."""

from __future__ import annotations

import asyncio
import html
import logging
import re
from calendar import monthrange
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from scan_sdk.server.engine.submission import Options
from scan_sdk.server.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

__all__ = [
    "BodyTooLarge",
    "DataReply",
    "document_reply",
    "error_page",
    "read_body",
    "read_options",
    "reason",
    "require_xml",
    "scan_id",
    "segments",
    "whole_number",
    "xml",
]

_logger = logging.getLogger(__name__)

_PAGE = """\
<html>
<head>
<meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
<title>Error {status} {message}</title>
</head>
<body><h2>HTTP ERROR {status} {message}</h2>
<table>
<tr><th>URI:</th><td>{path}</td></tr>
<tr><th>STATUS:</th><td>{status}</td></tr>
<tr><th>MESSAGE:</th><td>{message}</td></tr>
</table>
</body>
</html>
"""


class BodyTooLarge(Exception):
    """A request brings more than the server takes."""


def xml(text: str) -> Response:
    """Return what was asked for, as XML in UTF-8; the real server does not name the encoding here."""
    return Response(text, headers={"content-type": "text/xml"})


def document_reply(text: str, status: int = 200) -> Response:
    """Return the answer to a document, as XML in UTF-8; the real server names the encoding here."""
    return Response(text, status, {"content-type": "text/xml;charset=utf-8"})


class DataReply(StreamingResponse):
    """A document in pieces.

    Where it cannot be had to its end the connection breaks off, so that nobody takes a part for the whole.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply."""
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:  # by uvicorn, which would show where
            _logger.warning("a reply with data was broken off: the server stops")

    async def stream_response(self, send: Send) -> None:
        """Send the pieces."""
        try:
            await super().stream_response(send)
        except Refused as error:
            _logger.warning("a reply with data was broken off: %s", error)


def error_page(request: Request, status: int, message: str) -> Response:
    """Return the page that a servlet container makes of an error."""
    path = html.escape(request.url.path)
    page = _PAGE.format(status=status, message=html.escape(message), path=path)
    return Response(page, status, {"content-type": "text/html;charset=utf-8"})


def reason(status: int, message: str) -> Response:
    """Return a plain text, where the real server would say nothing."""
    return Response(f"{message}\n", status, {"content-type": "text/plain;charset=utf-8"})


def segments(request: Request) -> list[str]:
    """Return the parts of the path after the first one, as the real server splits it.

    Nothing at all is no part, a lone slash is one empty part, and else empty parts at the end do not count.
    """
    rest: str | None = request.path_params.get("rest")
    if rest is None:
        return []
    parts = rest.split("/")
    while rest and parts and not parts[-1]:
        parts.pop()
    return parts


_INTEGER = re.compile(r"[+-]?[0-9]+")


def whole_number(text: str) -> int:
    """Return a whole number of 64 bits as Java reads it.

    Raises:
        ValueError: The text is none, or it is too large.
    """
    if _INTEGER.fullmatch(text) is None:
        raise ValueError(f"'{text}' is no whole number")
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError(f"'{text}' is too large")
    return number


async def read_body(request: Request, largest: int) -> bytes:
    """Return the body of a request.

    Args:
        request: The request.
        largest: How many bytes it may have.

    Raises:
        BodyTooLarge: It has more.
    """
    pieces: list[bytes] = []
    size = int(request.headers.get("content-length", "0"))  # h11 has seen to it that this is a number
    if size <= largest:
        size = 0
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                break
    if size > largest:
        raise BodyTooLarge(f"The request has more than {largest} bytes")
    return b"".join(pieces)


def read_options(parameters: Iterable[tuple[str, str]]) -> Options:
    """Return how a scan is to be performed.

    Args:
        parameters: Those of the request; of several of one name the first counts.

    Raises:
        Refused: The timeout or the deadline makes no sense.
    """
    query = dict(reversed(list(parameters)))
    timeout, deadline = 0, None
    if (text := query.get("timeout")) is not None:
        try:
            timeout = whole_number(text)
        except ValueError:
            timeout = -1
        if timeout < 0:
            raise Refused(f"Invalid timeout '{text}': give whole seconds, 0 or more")
    if (text := query.get("deadline")) not in {None, _NO_DEADLINE}:
        try:
            deadline = _read_deadline(text or "")
        except ValueError:
            raise Refused(f"Invalid deadline '{text}': give the local time as yyyy-MM-dd HH:mm:ss") from None
        if timeout > 0:
            raise Refused("Cannot specify both timeout and deadline")
    return Options(
        queue=query.get("queue", "").lower() != "false",
        pre_post=query.get("pre_post", "").lower() != "false",
        timeout=timeout,
        deadline=deadline,
    )


_NO_DEADLINE = "0000-00-00 00:00:00"
_DEADLINE = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d:\d\d)", re.ASCII)


def _read_deadline(text: str) -> datetime:
    """Return a moment in the local time of the server; as in Java a 31st is the last of any month."""
    found = _DEADLINE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.groups()[:3])
    if 28 < day <= 31 and year > 0:
        day = min(day, monthrange(year, month)[1])
    return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02} {found[4]}")


def require_xml(request: Request) -> Response | None:
    """Return what to answer to a request whose body is not said to be XML, None where it is."""
    kind = request.headers.get("content-type")
    if kind is None:
        # A fault of the caller, but this is the status that the real server gives
        return error_page(request, 500, "The request has no content type; it must be text/xml")
    if "/xml" not in kind:
        return error_page(request, 400, f"Expecting XML content with scan, got format '{kind}'")
    return None


def scan_id(request: Request) -> int:
    """Return the id at the beginning of the path.

    Raises:
        Refused: There is none.
    """
    parts = segments(request)
    if not parts:
        raise Refused("Missing scan ID")
    try:
        return whole_number(parts[0])
    except ValueError:
        raise Refused(f"Cannot parse path element '{parts[0]}'") from None
