"""Where a server listens, and how it bears with clients that are slow, silent or too many."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final, NamedTuple

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from scan_sdk.server.web.guard import is_loopback

if TYPE_CHECKING:
    import asyncio
    from typing import Any

    from uvicorn.config import Config
    from uvicorn.server import ServerState

__all__ = ["Address", "CannotListen", "PatientProtocol"]

MOST_CONNECTIONS: Final = 500
"""How many clients may be connected: less than the files that a process may have open by default."""
PATIENCE: Final = 60.0
"""Seconds that a request may take to come, and that a client may take nothing of its answer."""
_CROWDED: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain;charset=utf-8\r\nconnection: close\r\n\r\n"
    b"Too many clients are connected to this scan server\n"
)
_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain;charset=utf-8\r\nconnection: close\r\n\r\n"
    b"The request did not come to its end in time\n"
)


class CannotListen(OSError):
    """The address or the port that a server is to listen on cannot be had."""


class Address(NamedTuple):
    """Where to listen.

    Attributes:
        family: The kind of socket.
        host: The address in numbers.
    """

    family: socket.AddressFamily
    host: str

    @classmethod
    def of(cls, host: str) -> Address:
        """Look up a name or an address of this machine.

        Raises:
            CannotListen: There is none of that name.
        """
        try:
            found = socket.getaddrinfo(host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError) as error:
            raise CannotListen(f"cannot listen on {host}: no such address ({error})") from error
        family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return cls(family, str(address[0]))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def is_open(self) -> bool:
        """Whether it means all addresses of the machine."""
        return self.host in {"0.0.0.0", "::"}  # noqa: S104  # compared, not listened on

    def url(self, port: int) -> str:
        """Return how this machine reaches it."""
        ipv6 = self.family == socket.AF_INET6
        host = ("::1" if ipv6 else "127.0.0.1") if self.is_open else self.host
        return f"http://[{host}]:{port}" if ipv6 else f"http://{host}:{port}"

    def listen(self, port: int) -> socket.socket:
        """Return a socket that listens on a port, 0 for a free one.

        Raises:
            CannotListen: The port is taken, or may not be had.
        """
        # Named as TCP, for asyncio then sends small replies at once; otherwise each takes 40 ms
        listener = socket.socket(self.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self.host, port))
            listener.listen(128)
        except OSError as error:
            listener.close()
            reason = error.strerror or str(error)
            raise CannotListen(
                error.errno, f"cannot listen on port {port} of {self.host}: {reason}"
            ) from error
        return listener


class PatientProtocol(H11Protocol):
    """The server's end of a connection, with an end to its patience.

    uvicorn bounds the time between two requests only. A client that begins one and stops, or that does not
    take its answer, would be waited for without end.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._owing_since: float | None = None  # the rest of a request
        self._look: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._untaken = 0  # bytes of the answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin to wait for a request, unless there are too many clients."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            self._end(_CROWDED)
            return
        self._owing_since = self.loop.time()
        self._look = self.loop.call_later(PATIENCE, self._look_at_request)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        for timer in (self._look, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Keep in mind since when the rest of a request is missing."""
        super().handle_events()
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY}:
            self._owing_since = None
        elif self._owing_since is None:
            self._owing_since = self.loop.time()

    def _look_at_request(self) -> None:
        now = self.loop.time()
        since = now if self._owing_since is None else self._owing_since
        if now - since >= PATIENCE:
            self._end(_TOO_SLOW)
        else:
            self._look = self.loop.call_later(since + PATIENCE - now, self._look_at_request)

    def _end(self, answer: bytes) -> None:
        """Close the connection, with an answer where none has begun."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(answer)
        self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; in the middle of an answer there is nothing left to say."""
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """Begin to wait for a client that does not take its answer as fast as it comes."""
        super().pause_writing()
        self._untaken = self.transport.get_write_buffer_size()
        self._stalled = self.loop.call_later(PATIENCE, self._look_at_answer)

    def _look_at_answer(self) -> None:
        untaken = self.transport.get_write_buffer_size()
        if untaken >= self._untaken:
            self.transport.abort()
        else:
            self._untaken = untaken
            self._stalled = self.loop.call_later(PATIENCE, self._look_at_answer)

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        assert self._stalled is not None  # pause_writing() came before
        self._stalled.cancel()
