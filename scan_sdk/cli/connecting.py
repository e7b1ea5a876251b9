"""Which scan server a command talks to, and which of its scans is meant."""

from __future__ import annotations

import os
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Annotated, Concatenate, Final, NamedTuple, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import typer

from scan_sdk.cli.common import LAST, Complaint, Exit, checking
from scan_sdk.cli.servers import NamedServer, read_servers

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk import AsyncScanClient, ScanClient

__all__ = ["DEFAULT_URL", "Where", "address", "connect", "connect_async", "on_server", "scan_of"]

DEFAULT_URL: Final = "http://localhost:4810"

P = ParamSpec("P")
R = TypeVar("R")
Client = TypeVar("Client", "ScanClient", "AsyncScanClient")


class Where(NamedTuple):
    """A server as it is given on the command line; nothing given means what the surroundings say.

    Attributes:
        url: Its address.
        server: Its name in the configuration file.
        token: What requests have to show.
    """

    url: str | None = None
    server: str | None = None
    token: str | None = None


def _names(incomplete: str) -> list[str]:
    """Return the servers that may be meant, for the completion of the shell."""
    try:
        return [name for name in read_servers().named if name.startswith(incomplete)]
    except Complaint:  # completion has nowhere to say so
        return []


_OPTIONS: Final = {
    "url": Annotated[
        str | None,
        typer.Option(
            "--url",
            metavar="URL",
            help=f"Address of the scan server, or SCAN_SDK_URL in the environment. By default {DEFAULT_URL}.",
            show_default=False,
        ),
    ],
    "server": Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="NAME",
            help="Name of a scan server in the configuration file, or SCAN_SDK_SERVER in the environment.",
            show_default=False,
            autocompletion=_names,
        ),
    ],
    "token": Annotated[
        str | None,
        typer.Option(
            "--token",
            metavar="TOKEN",
            help="What requests have to show, or SCAN_SDK_TOKEN in the environment, where other users "
            "of the machine cannot see it.",
            show_default=False,
        ),
    ],
}


def on_server(function: Callable[Concatenate[Where, P], R]) -> Callable[P, R]:
    """Give a command the options that say which server, and the function what they say."""

    @wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        url, server, token = (kwargs.pop(name, None) for name in _OPTIONS)
        return function(Where(_text(url), _text(server), _text(token)), *args, **kwargs)

    own = list(signature(function, eval_str=True).parameters.values())[1:]
    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    vars(command)["__signature__"] = Signature([*own, *shared])
    return command


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def address(where: Where) -> str:
    """Return the address of the server that is meant.

    Raises:
        Complaint: The options do not go together, or the configuration file has no such server.
    """
    return _resolve(where).url


def connect(where: Where) -> ScanClient:
    """Return a client of the server that is meant.

    Raises:
        Complaint: The options make no sense, or the configuration file has no such server.
    """
    from scan_sdk import ScanClient

    return _open(ScanClient, where)


def connect_async(where: Where) -> AsyncScanClient:
    """Return an async client of the server that is meant.

    Raises:
        Complaint: The options make no sense, or the configuration file has no such server.
    """
    from scan_sdk import AsyncScanClient

    return _open(AsyncScanClient, where)


def _open(client: type[Client], where: Where) -> Client:
    server = _resolve(where)
    zone = None if server.timezone is None else ZoneInfo(server.timezone)
    try:
        with checking("--url and --token"):
            return client(url=server.url, token=server.token, timezone=zone, verify=server.verify)
    except OSError as error:
        raise Complaint(Exit.NO_CONFIG, f"cannot read {server.verify}: {error.strerror or error}") from None


def _resolve(where: Where) -> NamedServer:
    """Return the server that is meant, its token included.

    The command line counts before the environment, and that before the configuration file. The token of a
    named server counts before that of the environment, which may belong to another server.
    """
    if where.url is not None and where.server is not None:
        raise Complaint(Exit.WRONG_USE, "give --url or --server, not both")
    url, name = where.url, where.server
    if url is None and name is None:
        url = os.environ.get("SCAN_SDK_URL") or None
        name = os.environ.get("SCAN_SDK_SERVER") or None
    token = os.environ.get("SCAN_SDK_TOKEN") or None
    if url is not None:
        return NamedServer(url, where.token or token)
    servers = read_servers()
    name = name or servers.default
    if name is None:
        return NamedServer(DEFAULT_URL, where.token or token)
    server = servers.find(name)
    return server._replace(token=where.token or server.secret() or token)


def scan_of(client: ScanClient, scan: str) -> int:
    """Return the id of a scan that is given by its number, or as the most recent one.

    Raises:
        Complaint: The server has no scans.
    """
    if scan != LAST:
        return int(scan)
    infos = client.scan_infos()
    if not infos:
        raise Complaint(Exit.NO_SCAN, "the server has no scans")
    return max(info.id for info in infos)
