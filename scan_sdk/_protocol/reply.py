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

    __slots__ = ("_head", "_headers", "_left", "_operation", "_page", "_read", "_reader", "_status")

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
        self._read = 0
        self._reader: ReplyReader[T] | None = None
        self._page = WholeReply(bytes)
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            self._reader = operation.reader(headers)
            self._left = max_reply if operation.limit is None else operation.limit
        else:
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
            (self._reader or self._page).feed(chunk)
        except ProtocolError as error:
            raise self._placed(error) from error
        if self._reader is not None and self._operation.progress is not None:
            self._read += len(chunk)
            self._operation.progress(self._read)

    def close(self) -> T:
        """Return what was asked for, or raise what the answer means instead."""
        if self._reader is None:
            raise fault(self._operation, self._status, self._headers.get("location", ""), self._page.close())
        try:
            return self._reader.close()
        except ProtocolError as error:
            raise self._placed(error) from error

    def _too_long(self) -> ProtocolError:
        hint = "the answer is longer than it may be; for long ones max_reply= of the client says how long"
        return self._placed(ProtocolError(hint))

    def _placed(self, error: ProtocolError) -> ProtocolError:
        """Return the error with the request in its message, and with the beginning of the answer."""
        return ProtocolError(f"{self._operation}: {error}", raw=error.raw or excerpt(self._head))
