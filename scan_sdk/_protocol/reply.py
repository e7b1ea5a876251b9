"""An answer as it arrives: pieces in, a value or an error out, and never more than it may have."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Generic, TypeVar

from scan_sdk._protocol.faults import fault
from scan_sdk._protocol.operations import SHORT, ReplyReader, WholeReply, excerpt
from scan_sdk.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scan_sdk._protocol.operations import Operation

T = TypeVar("T")


class Reply(Generic[T]):
    """The answer to one operation.

    All methods raise `ProtocolError` for an answer that is too long or cannot be understood.
    """

    __slots__ = ("_head", "_headers", "_left", "_operation", "_reader", "_status")

    def __init__(
        self, operation: Operation[T], status: int, headers: Mapping[str, str], max_reply: int
    ) -> None:
        """Begin an answer.

        Args:
            operation: What was asked.
            status: HTTP status.
            headers: HTTP headers, by names in lower case.
            max_reply: Bytes that an answer may have where the operation does not say.
        """
        self._operation = operation
        self._status = status
        self._headers = headers
        self._head = b""
        self._reader: ReplyReader[T]
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            self._reader = operation.reader()
            self._left = max_reply if operation.limit is None else operation.limit
        else:
            self._reader = WholeReply(self._refuse)
            self._left = SHORT
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._left:
            raise self._too_long()

    def feed(self, chunk: bytes) -> None:
        """Take the next piece."""
        if not self._head:
            self._head = chunk[:2000]
        self._left -= len(chunk)
        if self._left < 0:
            raise self._too_long()
        try:
            self._reader.feed(chunk)
        except ProtocolError as error:
            raise self._placed(error) from error

    def close(self) -> T:
        """Return what was asked for, or raise what the answer means instead."""
        try:
            return self._reader.close()
        except ProtocolError as error:
            raise self._placed(error) from error

    def _refuse(self, body: bytes) -> T:
        raise fault(self._operation, self._status, self._headers.get("location", ""), body)

    def _too_long(self) -> ProtocolError:
        answer = (
            f"the answer to {self._operation} is longer than it may be; max_reply= of the client limits data"
        )
        return ProtocolError(answer, raw=excerpt(self._head))

    def _placed(self, error: ProtocolError) -> ProtocolError:
        """Return the error with the request in its message."""
        message = str(error)
        request = str(self._operation)
        if message.startswith(request):
            return error
        return ProtocolError(f"{request}: {message}", raw=error.raw or excerpt(self._head))
