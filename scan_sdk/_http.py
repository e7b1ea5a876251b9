"""HTTP for the clients, blocking and async: the only module that knows httpx.

It uses httpx's transports without its clients, whose further services a scan server has no use for and which
would take most of the time of a call: cookies, redirects, proxies named by the environment. A proxy between
the parts of a control system is more often a mistake than not, so none is used.

httpx limits the time of each read, and a server that sends byte by byte can draw a reply out for ever. Here a
deadline holds for the whole exchange: it goes through httpx in the place of the durations, and the network
streams below turn it into the time that is left.
"""

# ruff: noqa: ASYNC109 - the signatures are httpcore's

from __future__ import annotations

import socket
import ssl
import time
from functools import lru_cache
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import httpcore
import httpx

from scan_sdk._protocol.reply import Reply
from scan_sdk.errors import ConnectError, ProtocolError, ReplyTimeout, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk._protocol.connection import Connection
    from scan_sdk._protocol.operations import Operation
    from scan_sdk.errors import ScanSdkError

T = TypeVar("T")

_KEEP_ALIVE = 4.0
"""Seconds that an idle connection is kept: less than uvicorn's 5, lest the server closes it first."""
_PIECE = 2**16
"""Bytes that are written at once, so that the deadline is looked at in between."""


# -- from httpx's errors to ours ----------------------------------------------------------------------------

ERRORS: dict[type[Exception], Callable[[str], ScanSdkError]] = {
    # Nothing was sent.
    httpx.ConnectError: ConnectError,
    httpx.ConnectTimeout: ConnectError,
    httpx.PoolTimeout: ConnectError,
    httpx.ProxyError: ConnectError,
    httpx.UnsupportedProtocol: ConnectError,
    httpx.InvalidURL: ConnectError,
    # Something may have been sent.
    httpx.TimeoutException: ReplyTimeout,
    httpx.TransportError: TransportError,
    httpx.StreamError: TransportError,
    # A whole answer came and makes no sense.
    httpx.HTTPError: ProtocolError,
    httpx.CookieConflict: ProtocolError,
}
"""What each error of httpx means; one that is not listed means what the nearest of its bases does."""


def translate(error: Exception, request: str, *, repeatable: bool) -> ScanSdkError:
    """Return our error for one of httpx.

    Args:
        error: The error of httpx.
        request: What was asked, to begin the message with.
        repeatable: Whether it is the same if the request is made twice; else the message warns of that.
    """
    meaning = next(ERRORS[cls] for cls in type(error).__mro__ if cls in ERRORS)
    timed_out = isinstance(error, httpx.TimeoutException)
    message = f"{request}: {'timed out' if timed_out else str(error) or type(error).__name__}"
    if not repeatable and meaning is not ConnectError:
        message += "; the server may have received the request and carried it out"
    return meaning(message)


# -- deadlines ----------------------------------------------------------------------------------------------


class Deadline(float):
    """An instant of `time.monotonic` in a place where httpcore has a duration."""

    __slots__ = ()


def _left(timeout: float | None, over: type[Exception]) -> float | None:
    """Return the duration that a timeout stands for; raise the error where a deadline has passed."""
    if not isinstance(timeout, Deadline):
        return timeout
    left = timeout - time.monotonic()
    if left <= 0:
        raise over("the time is over")
    return left


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the addresses of the host in turn, each for its share of the time that is left.

        Left to itself the standard library would give each address the whole of it.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the host {host!r} is not known: {error}") from error
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        if len(addresses) == 1:
            addresses = [host]
        while True:
            address = addresses.pop(0)
            left = _left(timeout, httpcore.ConnectTimeout)
            share = None if left is None else left / (len(addresses) + 1)
            try:
                return _Stream(self._backend.connect_tcp(address, port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not addresses:
                    raise


class _AsyncStream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return await self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _AsyncStream(await self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    def __init__(self) -> None:
        self._backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = await self._backend.connect_tcp(host, port, left, local_address, socket_options)
        return _AsyncStream(stream)


# -- transports ---------------------------------------------------------------------------------------------


class _Pool(httpx.HTTPTransport):
    """httpx's transport on network streams that know deadlines, which its constructor does not take."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(verify=context or False, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, keepalive_expiry=_KEEP_ALIVE, max_connections=100, network_backend=_Backend()
        )


class _AsyncPool(httpx.AsyncHTTPTransport):
    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(verify=context or False, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            keepalive_expiry=_KEEP_ALIVE,
            max_connections=100,
            network_backend=_AsyncBackend(),
        )


class _Exchange:
    """What both transports have in common: making requests, and making sense of what comes back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._url = httpx.URL(scheme=connection.scheme, host=connection.host, port=connection.port)
        self._headers = httpx.Headers(connection.fixed_headers())
        self._xml_headers = httpx.Headers(
            [*connection.fixed_headers(), (b"content-type", b"text/xml; charset=utf-8")]
        )
        self._closed = False

    def _request(self, operation: Operation[Any], deadline: float) -> httpx.Request:
        if self._closed:
            raise RuntimeError("this client is closed")
        by = Deadline(deadline)
        timeouts = {
            "pool": max(0.0, deadline - time.monotonic()),
            "connect": by,
            "write": by,
            "read": self._connection.timeout if operation.streamed else by,
        }
        target = (self._connection.prefix + operation.target).encode("ascii")
        return httpx.Request(
            operation.method,
            self._url,
            headers=self._xml_headers if operation.body else self._headers,
            content=operation.body or None,
            extensions={"target": target, "timeout": timeouts},
        )

    def _reply(self, operation: Operation[T], response: httpx.Response) -> Reply[T]:
        return Reply(operation, response.status_code, response.headers, self._connection.max_reply)

    def _error(self, error: Exception, operation: Operation[Any]) -> ScanSdkError:
        request = f"{operation.method} {self._connection.url}{operation.target}"
        return translate(error, request, repeatable=operation.repeatable)


class Transport(_Exchange):
    """Performs operations, blocking; may be used by several threads at once."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._pool = _Pool(_ssl_context(connection))

    def exchange(self, operation: Operation[T], deadline: float) -> T:
        """Perform an operation, by an instant of `time.monotonic`."""
        request = self._request(operation, deadline)
        try:
            response = self._pool.handle_request(request)
            try:
                reply = self._reply(operation, response)
                assert isinstance(response.stream, httpx.SyncByteStream)
                for chunk in response.stream:
                    reply.feed(chunk)
            finally:
                response.close()
        except tuple(ERRORS) as error:
            raise self._error(error, operation) from error
        return reply.close()

    def close(self) -> None:
        """Close all connections."""
        self._closed = True
        self._pool.close()


class AsyncTransport(_Exchange):
    """Performs operations on an event loop of asyncio."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._pool = _AsyncPool(_ssl_context(connection))

    async def exchange(self, operation: Operation[T], deadline: float) -> T:
        """Perform an operation, by an instant of `time.monotonic`."""
        request = self._request(operation, deadline)
        try:
            response = await self._pool.handle_async_request(request)
            try:
                reply = self._reply(operation, response)
                assert isinstance(response.stream, httpx.AsyncByteStream)
                async for chunk in response.stream:
                    reply.feed(chunk)
            finally:
                await response.aclose()
        except tuple(ERRORS) as error:
            raise self._error(error, operation) from error
        return reply.close()

    async def aclose(self) -> None:
        """Close all connections."""
        self._closed = True
        await self._pool.aclose()


def _ssl_context(connection: Connection) -> ssl.SSLContext | None:
    """Return what checks the server's certificate; none for plain HTTP, as making one takes 40 ms."""
    if connection.scheme == "http":
        return None
    verify = connection.verify
    if isinstance(verify, ssl.SSLContext):
        return verify
    return _make_ssl_context(verify if isinstance(verify, bool) else fspath(verify))


@lru_cache(maxsize=8)
def _make_ssl_context(verify: bool | str) -> ssl.SSLContext:
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify)
    authorities = Path(verify)
    if authorities.is_dir():
        return ssl.create_default_context(capath=verify)
    return ssl.create_default_context(cafile=verify)
