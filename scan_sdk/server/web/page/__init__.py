"""The page at `/`: scans in a browser, with nothing to install.

Its files lie beside this module and are all that can be asked for. They are plain HTML and JavaScript, and
talk to the same endpoints as every client.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["page_routes"]

_INDEX: Final = "index.html"
_TYPES: Final = {
    "html": "text/html;charset=utf-8",
    "css": "text/css;charset=utf-8",
    "js": "text/javascript;charset=utf-8",
    "svg": "image/svg+xml",
}
_HEADERS: Final = {
    "cache-control": "no-cache",  # asked for each time, and sent again only when changed
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


class _File(NamedTuple):
    """A file as it is served."""

    content: bytes
    headers: dict[str, str]


def page_routes() -> list[Route]:
    """Return the routes `/` and `/page/{name}`, which tell nothing of the server's scans."""
    return [Route("/", _index), Route("/page/{name}", _named)]


async def _index(request: Request) -> Response:
    return _reply(request, _INDEX)


async def _named(request: Request) -> Response:
    return _reply(request, request.path_params["name"])


def _reply(request: Request, name: str) -> Response:
    file = _files().get(name)
    if file is None:
        raise HTTPException(404)
    if file.headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=file.headers)
    return Response(file.content, headers=file.headers)


@cache
def _files() -> dict[str, _File]:
    """Return all that is served, by name: a table, so that no path can lead anywhere else."""
    return {
        file.name: _file(file.read_bytes(), kind)
        for file in files(__name__).iterdir()
        if (kind := _TYPES.get(file.name.rpartition(".")[2])) is not None
    }


def _file(content: bytes, kind: str) -> _File:
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    return _File(content, {"content-type": kind, "etag": etag, **_HEADERS})
