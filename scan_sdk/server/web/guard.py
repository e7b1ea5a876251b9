"""Who may ask: the token, and what a browser says of a request that a page of someone else makes.

A browser sends requests to any address that a page names, also to `http://127.0.0.1:4810/server/shutdown`.
But it says where they come from, in headers that no page can forge and that programs do not send. So whatever
comes without them is let through, and the rest is looked at.
"""

from __future__ import annotations

import hmac
import logging
import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from scan_sdk.server.web.http import reason

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Guard", "check_token", "is_loopback"]

_logger = logging.getLogger(__name__)

_TOKEN = re.compile(r"[!-~]+")
_OURS: Final = {b"same-origin", b"none"}
"""What a browser calls requests of a server's own pages, and those of a user who types the address."""
_UNAUTHORISED: Final = (
    "This scan server wants its token, as 'Authorization: Bearer TOKEN'; the clients of scan_sdk take it as "
    "token=, and whoever started the server knows it"
)
_FOREIGN: Final = "Another web site made this request in a browser; only the server's own page may"


def check_token(token: str | None) -> None:
    """Make sure that HTTP can carry a token.

    Raises:
        ValueError: It is empty, or has blanks or characters outside of ASCII.
    """
    if token is not None and _TOKEN.fullmatch(token) is None:
        raise ValueError("a token is at least one letter, digit or sign of ASCII, without blanks")


def is_loopback(host: str) -> bool:
    """Return whether a name or an address, without a port, means this machine and nothing else."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost"


class Guard:
    """Refuses requests before they get to the application."""

    def __init__(self, app: ASGIApp, *, token: str | None, loopback: bool) -> None:
        """Stand before an application.

        Args:
            app: The application.
            token: What a request must show; None where nothing is asked for.
            loopback: Whether only this machine can reach the server. Then a request that names another host
                comes from a page which had its name point here.
        """
        self._app = app
        self._token = None if token is None else token.encode("ascii")
        self._checks_host = loopback and token is None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope)
        if refusal is not None:
            _logger.warning("refused with %d: %s", refusal.status_code, _asked(scope))
        elif _logger.isEnabledFor(logging.DEBUG):
            _logger.debug("%s", _asked(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        is_page = scope["path"] == "/" or scope["path"].startswith("/page/")
        if self._checks_host and host and not is_loopback(_without_port(host)):
            return reason(
                403,
                f"This scan server serves its own machine only, and is not called {host!a}: use 127.0.0.1 or "
                "localhost, or start it with a token",
            )
        if _is_foreign(headers, host, is_page=is_page):
            return reason(403, _FOREIGN)
        if self._token is None or is_page or self._is_right(headers.get(b"authorization", b"")):
            return None
        refusal = reason(401, _UNAUTHORISED)
        refusal.headers["www-authenticate"] = "Bearer"
        return refusal

    def _is_right(self, given: bytes) -> bool:
        scheme, _, token = given.partition(b" ")
        assert self._token is not None
        return scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)


def _asked(scope: Scope) -> str:
    """Return what a request wants, in one line whatever its path holds."""
    client = scope["client"]
    return f"{scope['method']} {scope['path']!a} of {client[0] if client else 'unknown'}"


def _is_foreign(headers: dict[bytes, bytes], host: str, *, is_page: bool) -> bool:
    """Return whether a page of another site is behind a request. Anyone may link to the server's own page."""
    if (site := headers.get(b"sec-fetch-site")) is not None:
        return site not in _OURS and not (is_page and headers.get(b"sec-fetch-dest") == b"document")
    origin = headers.get(b"origin")
    return origin is not None and origin.decode("latin-1").lower().partition("://")[2] != host


def _without_port(host: str) -> str:
    """Return the name or address in a Host header; an IPv6 address without its brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
