"""The HTTP interface of a scan server: the paths, statuses and bodies of the real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from scan_sdk._wire.patch import read_patch
from scan_sdk._wire.replies import (
    write_devices,
    write_error,
    write_scan,
    write_scans,
    write_server,
    write_simulation,
)
from scan_sdk.models import ScanServerInfo
from scan_sdk.server.errors import Refused, UnknownScanId
from scan_sdk.server.memory import memory
from scan_sdk.server.web.http import (
    BodyTooLarge,
    DataReply,
    document_reply,
    error_page,
    read_body,
    read_options,
    reason,
    require_xml,
    scan_id,
    segments,
    whole_number,
    xml,
)
from scan_sdk.server.web.page import page_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scan_sdk.server.engine.engine import AnyScan, ScanEngine

__all__ = ["Service", "create_app"]


@dataclass(frozen=True)
class Service:
    """What the endpoints work with."""

    engine: ScanEngine
    """The scans."""
    source: str
    """Where the configuration is from, as a URL."""
    shut_down: Callable[[], object]
    """Makes the server stop; may be a coroutine function."""
    largest_body: int
    """How many bytes a request may have."""


def create_app(service: Service) -> Starlette:
    """Return the application that answers for a server."""
    routes = page_routes() + [
        Route(f"/{name}{rest}", endpoint)
        for name, endpoint in (
            ("scan", _ScanEndpoint),
            ("scans", _ScansEndpoint),
            ("server", _ServerEndpoint),
            ("simulate", _SimulateEndpoint),
        )
        for rest in ("", "/{rest:path}")
    ]
    handlers = {HTTPException: _http_error, BodyTooLarge: _too_large, ClientDisconnect: _gone}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.service = service
    return app


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return _answer(request, 405, f"HTTP method {request.method} is not supported by this URL")
    return _answer(request, error.status_code, error.detail)


async def _too_large(request: Request, error: Exception) -> Response:
    return _answer(request, 413, str(error))


async def _gone(request: Request, error: Exception) -> Response:
    """Answer a client that has left before its request was complete: nobody hears it."""
    return _answer(request, 400, str(error))


def _answer(request: Request, status: int, message: str) -> Response:
    """Return an error: as a page where the real server makes one, else as text."""
    if request.method in {"GET", "HEAD", "POST"}:
        return error_page(request, status, message)
    return reason(status, message)


_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"}


class _Endpoint(HTTPEndpoint):
    """All that is asked under one first part of the path."""

    async def dispatch(self) -> None:
        """Answer a request; a method that is none must not get to what has its name here."""
        if self.scope["method"] in _METHODS:
            await super().dispatch()
            return
        request = Request(self.scope)
        refusal = _answer(request, 501, f"HTTP method {request.method} is not implemented by this URL")
        await refusal(self.scope, self.receive, self.send)

    async def options(self, request: Request) -> Response:
        """Name the methods."""
        del request
        return Response(headers={"allow": ", ".join(self._allowed_methods)})


def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


class _ScanEndpoint(_Endpoint):
    """`/scan/...`: one scan."""

    async def get(self, request: Request) -> Response:
        """Tell of a scan."""
        engine = _service(request).engine
        try:
            number = scan_id(request)
        except Refused as error:
            return error_page(request, 400, str(error))
        what = next(iter(segments(request)[1:]), None)
        try:
            if what is not None and what.lower() == "data":
                return await _data(request, engine, number)
            if what is None:
                return _about(engine.scan(number))
            return xml(await _tell(engine, number, what))
        except Refused as error:
            return error_page(request, 500, str(error))

    async def post(self, request: Request) -> Response:
        """Take a scan; the path is its name."""
        if (refusal := require_xml(request)) is not None:
            return refusal
        service = _service(request)
        name = request.path_params.get("rest")
        if name is None:
            name = f"Scan from {request.client.host if request.client else 'unknown'}"
        document = await read_body(request, service.largest_body)
        try:
            number = await service.engine.submit(
                name, document, read_options(request.query_params.multi_items())
            )
        except Refused as error:
            return document_reply(write_error(f"{name} failed to submit", str(error)), 400)
        return document_reply(f"<id>{number}</id>\n")

    async def put(self, request: Request) -> Response:
        """Control a scan."""
        try:
            await _control(request)
        except (Refused, ValueError) as error:
            return reason(400, str(error))
        return Response()

    async def delete(self, request: Request) -> Response:
        """Forget a scan."""
        try:
            number = scan_id(request)
            if len(segments(request)) > 1:
                return reason(400, "Expecting a scan ID and nothing more")
            await _service(request).engine.remove(number)
        except Refused as error:
            return reason(400, str(error))
        return Response()


def _about(scan: AnyScan) -> Response:
    """Tell how a scan is; which command failed has no place in the document, so a header says it."""
    reply = xml(write_scan(scan.info()))
    if scan.error_address is not None:
        reply.headers["scan-error-address"] = str(scan.error_address)
    return reply


async def _tell(engine: ScanEngine, number: int, what: str) -> str:
    match what.lower():
        case "commands":
            return await engine.scan(number).document()
        case "devices":
            return write_devices(engine.devices(number))
        case "last_serial":
            return f"<serial>{engine.scan(number).last_serial}</serial>"
        case _:
            raise Refused(f"Unknown request object {what}")


async def _data(request: Request, engine: ScanEngine, number: int) -> Response:
    try:
        after = whole_number(request.query_params.get("after", "-1"))
    except ValueError as error:
        return error_page(request, 400, f"Invalid after: {error}; give the last serial that you have")
    try:
        pieces = engine.data(number, after)
    except UnknownScanId:
        return error_page(request, 500, "Error retrieving log data")
    headers = {"content-type": "text/xml"}
    if request.method == "HEAD":
        return Response(headers=headers | _takes_after(engine, number))
    first = await anext(pieces)  # what is wrong from the beginning is said with a status
    headers |= (takes_after := _takes_after(engine, number))
    if after >= 0 and not takes_after:
        await pieces.aclose()
        pieces = engine.data(number)
        first = await anext(pieces)
    return DataReply(_chain(first, pieces), headers=headers)


def _takes_after(engine: ScanEngine, number: int) -> dict[str, str]:
    """Return the header that says that `after` was heeded.

    To be asked when the samples were collected, as a script may log while that is done.
    """
    return {"scan-data-after": "yes"} if engine.logs_in_order(number) else {}


async def _chain(first: str, others: AsyncIterator[str]) -> AsyncIterator[str]:
    yield first
    async for piece in others:
        yield piece


async def _control(request: Request) -> None:
    service = _service(request)
    engine, parts = service.engine, segments(request)
    if len(parts) < 2:
        raise Refused("Missing scan ID and command")
    number = scan_id(request)
    match parts[1:]:
        case ["next"]:
            engine.skip(number)
        case ["pause"]:
            engine.pause(number)
        case ["resume"]:
            engine.resume(number)
        case ["abort"]:
            await engine.abort(number)
        case ["move", steps]:
            engine.move(number, whole_number(steps))
        case ["patch"]:
            patch = read_patch(await read_body(request, service.largest_body))
            engine.patch(number, patch.address, patch.property, patch.value)
        case ["move", *_]:
            raise Refused("move wants the number of steps and nothing more: PUT /scan/ID/move/STEPS")
        case _:
            raise Refused(f"Unknown command '{parts[1]}', or something after it: PUT /scan/ID/COMMAND")


class _ScansEndpoint(_Endpoint):
    """`/scans/...`: all scans."""

    async def get(self, request: Request) -> Response:
        """Tell of all scans, the newest first."""
        return xml(write_scans(_service(request).engine.infos()))

    async def delete(self, request: Request) -> Response:
        """Forget the scans that are done."""
        if request.path_params.get("rest") != "completed":
            return reason(400, f"Illegal path '{request.url.path}', only /scans/completed can be deleted")
        try:
            await _service(request).engine.remove_completed()
        except Refused as error:
            return reason(400, str(error))
        return Response()


class _SimulateEndpoint(_Endpoint):
    """`/simulate`: what a scan would do."""

    async def post(self, request: Request) -> Response:
        """Simulate a scan."""
        if (refusal := require_xml(request)) is not None:
            return refusal
        service = _service(request)
        document = await read_body(request, service.largest_body)
        try:
            result = await service.engine.simulate(document)
        except Refused as error:
            return document_reply(write_error("Failed to simulate", str(error)), 400)
        return document_reply(write_simulation(result))


class _ServerEndpoint(_Endpoint):
    """`/server/...`: the server itself."""

    async def get(self, request: Request) -> Response:
        """Tell of the server, or stop it."""
        service = _service(request)
        match segments(request):
            case ["info"]:
                return xml(write_server(_server_info(service)))
            case ["shutdown"]:
                bye = xml('<?xml version="1.0" encoding="UTF-8"?>\n<bye/>\n')
                bye.background = BackgroundTask(service.shut_down)
                return bye
            case [detail]:
                return error_page(request, 400, f"Invalid request /server/{detail}")
            case _:
                return error_page(request, 400, "Missing '/server/*' request detail")


def _server_info(service: Service) -> ScanServerInfo:
    used, most = memory()
    config = service.engine.config
    return ScanServerInfo(
        version=version("scan_sdk"),
        start_time=datetime.fromtimestamp(service.engine.started / 1000, UTC),
        scan_config=service.source,
        script_paths=config.paths,
        macros=config.macros,
        used_mem=used,
        max_mem=most,
    )
