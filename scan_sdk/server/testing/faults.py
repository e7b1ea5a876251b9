"""Requests that go wrong on purpose, for tests of what people do about it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from scan_sdk.server.web.http import error_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HttpFaults", "Mishap", "Planned", "Request"]

Request: TypeAlias = Literal[
    "any",
    "server_info",
    "shutdown_server",
    "submit",
    "simulate",
    "scan_infos",
    "scan_info",
    "scan_commands",
    "scan_devices",
    "last_serial",
    "get_data",
    "pause",
    "resume",
    "abort",
    "next_command",
    "pause_all",
    "resume_all",
    "abort_all",
    "next_command_all",
    "move",
    "patch",
    "delete",
    "clear",
]
"""A kind of request, by the method of `ScanClient` that is named after it; `any` for whichever comes."""

Mishap: TypeAlias = Literal["lost request", "lost reply", "no reply"]
"""What may happen to a request other than an error: the connection breaks before it was carried out, or after
that and before the reply; or the connection stays open and nothing comes."""

_LEAST, _MOST = 400, 599
"""HTTP statuses that are errors."""


@dataclass
class Planned:
    """Something that is to go wrong.

    Attributes:
        request: With which requests.
        how: An HTTP status, or what else.
        reason: What the server's page for an error of that status says.
        body: The answer, where it is to be another than that page.
        times: How many more times.
    """

    request: Request
    how: int | Mishap
    reason: str | None
    body: str | None
    times: int

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ValueError: Requests cannot fail in this way.
        """
        explained = self.reason is not None or self.body is not None
        if isinstance(self.how, int):
            if not _LEAST <= self.how <= _MOST:
                raise ValueError(f"{self.how} is no error: give an HTTP status from {_LEAST} to {_MOST}")
            if self.reason is not None and self.body is not None:
                raise ValueError("give the reason or the whole body, not both")
        elif self.how not in get_args(Mishap):
            raise ValueError(f"'{self.how}' is none of {', '.join(get_args(Mishap))}, and no HTTP status")
        elif explained:
            raise ValueError(f"a reason or a body goes with an HTTP status, not with '{self.how}'")

    def answer(self, scope: Scope) -> Response:
        """Return the answer to a request."""
        assert isinstance(self.how, int)
        if self.body is None:
            return error_page(HttpRequest(scope), self.how, self.reason or "Injected by a test")
        kind = "xml" if self.body.startswith("<") else "plain"
        return Response(self.body, self.how, {"content-type": f"text/{kind};charset=utf-8"})


class HttpFaults:
    """An ASGI application that stands before another one, and has requests fail when it is asked to.

    All but `is_request` is to be called on the event loop of the server.
    """

    def __init__(self, app: ASGIApp, drop: Callable[[Scope], object], stopping: asyncio.Event) -> None:
        """Let everything through at first.

        Args:
            app: The application.
            drop: Breaks the connection that a request came on.
            stopping: Set when the server is about to stop.
        """
        self._app = app
        self._drop = drop
        self._stopping = stopping
        self._planned: list[Planned] = []
        self._released = asyncio.Event()

    @staticmethod
    def is_request(name: str) -> TypeGuard[Request]:
        """Return whether there are requests of that name."""
        return name in get_args(Request)

    def plan(self, planned: Planned) -> None:
        """Have the next requests of a kind fail."""
        self._planned.append(planned)

    def clear(self) -> None:
        """Let everything through again, and drop what still waits for a reply."""
        self._planned.clear()
        self._released.set()
        self._released = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or have it fail."""
        planned = self._take(scope["method"], scope["path"]) if self._planned else None
        if planned is None:
            await self._app(scope, receive, send)
        elif isinstance(planned.how, int):
            await _read(receive)
            await planned.answer(scope)(scope, receive, send)
        else:
            if planned.how == "lost reply":
                await self._app(scope, receive, _nowhere)
            elif planned.how == "no reply":
                await _read(receive)
                await self._released_or_gone(receive)
            self._drop(scope)
            await _gone(receive)  # else uvicorn would answer in our place

    def _take(self, method: str, path: str) -> Planned | None:
        """Return what is planned for a request, one time less."""
        name = request_name(method, path)
        for planned in self._planned:
            if planned.request in {"any", name}:
                planned.times -= 1
                if not planned.times:
                    self._planned.remove(planned)
                return planned
        return None

    async def _released_or_gone(self, receive: Receive) -> None:
        events = [
            asyncio.ensure_future(event)
            for event in (self._released.wait(), self._stopping.wait(), _gone(receive))
        ]
        await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        for event in events:
            event.cancel()
        await asyncio.wait(events)


async def _nowhere(_message: Message) -> None:
    """Send nothing."""


async def _read(receive: Receive) -> None:
    """Take the whole request."""
    while (await receive()).get("more_body", False):
        pass


async def _gone(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def request_name(method: str, path: str) -> str | None:
    """Return the method of `ScanClient` that makes a request; None where none does."""
    match method, path.split("/")[1:]:
        case "POST", ["scan", *_]:
            return "submit"
        case "GET", ["scan", _]:
            return "scan_info"
        case "DELETE", ["scan", _]:
            return "delete"
        case "GET", ["scan", _, what]:
            return _PARTS.get(what)
        case "PUT", ["scan", scan_id, verb, *_]:
            return ("next_command" if verb == "next" else verb) + ("_all" if scan_id == "-1" else "")
        case _:
            return _OTHERS.get((method, path))


_PARTS: Final = {
    "commands": "scan_commands",
    "devices": "scan_devices",
    "last_serial": "last_serial",
    "data": "get_data",
}
_OTHERS: Final = {
    ("GET", "/server/info"): "server_info",
    ("GET", "/server/shutdown"): "shutdown_server",
    ("POST", "/simulate"): "simulate",
    ("GET", "/scans"): "scan_infos",
    ("DELETE", "/scans/completed"): "clear",
}
