"""Where the server is and how to talk to it, checked before anything is connected."""

import base64
import re
import ssl
from datetime import tzinfo
from os import PathLike
from typing import Annotated, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from scan_sdk._protocol.options import refusal

DEFAULT_HOST = "localhost"
DEFAULT_PORT = 4810
MAX_REPLY = 512 * 2**20
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[^\s/?#@\[\]\\]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN = re.compile(r"[!-~]+")
_HEADER_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*")


def _check_host(host: str) -> str:
    """Return the host as the network has it, in ASCII."""
    try:
        if _HOST.fullmatch(host) is not None:
            return host.encode("idna").decode()
    except UnicodeError:
        pass
    raise refusal("a host is a name or an address. For a whole URL there is url=")


class Connection(BaseModel):
    """The address of a server and the terms of talking to it.

    Secrets (`headers`, `auth`, `token`) stay out of its `repr`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    scheme: str = "http"
    """`http` or `https`."""
    host: Annotated[str, AfterValidator(_check_host)] = DEFAULT_HOST
    """Name or address; an IPv6 address without brackets."""
    port: Annotated[int, Field(ge=1, le=65535)] = DEFAULT_PORT
    """TCP port of the server."""
    prefix: str = ""
    """Path that all requests begin with, percent-encoded, without a slash at its end."""
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    """Seconds that a call may take."""
    headers: Annotated[dict[str, str], Field(repr=False)] = {}
    """Further headers for each request."""
    auth: Annotated[tuple[str, str] | None, Field(repr=False)] = None
    """User and password for HTTP basic authentication."""
    token: Annotated[str | None, Field(repr=False)] = None
    """The token of the server, sent as a bearer token; None for none."""
    verify: Annotated[bool | str | PathLike[str] | ssl.SSLContext, Field(repr=False)] = True
    """How the certificate of a server with https is checked."""
    timezone: Annotated[tzinfo | None, Field(repr=False)] = None
    """Time zone of the server, for deadlines; None if it is not known."""
    max_reply: Annotated[int, Field(gt=0)] = MAX_REPLY
    """The most bytes that a long reply may have."""

    @classmethod
    def check(cls, **options: object) -> Self:
        """Return the terms for a host and port, or a URL in their place; raises `ValidationError`."""
        return cls.model_validate(options)

    @model_validator(mode="before")
    @classmethod
    def _read_url(cls, options: dict[str, object]) -> dict[str, object]:
        options = dict(options)
        url = options.pop("url", None)
        if url is None:
            return options
        if (options.pop("host", DEFAULT_HOST), options.pop("port", DEFAULT_PORT)) != (
            DEFAULT_HOST,
            DEFAULT_PORT,
        ):
            raise refusal("give host and port, or a URL, not both")
        if not isinstance(url, str):
            raise refusal("the URL of a server is text, such as 'https://beamline.example:4811/scan'")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise refusal(f"this URL cannot be understood: {error}") from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise refusal(
                "give a URL such as 'http://beamline.example:4810' or 'https://beamline.example/scan'"
            )
        if parts.query or parts.fragment:
            raise refusal("the URL of a server has no query and no fragment")
        if parts.username is not None:
            raise refusal("give user and password as auth=, not in the URL")
        options.update(
            scheme=parts.scheme,
            host=parts.hostname,
            port=_PORTS[parts.scheme] if port is None else port,
            prefix=quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~"),
        )
        return options

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, value in self.headers.items():
            if _HEADER_NAME.fullmatch(name) is None or _HEADER_VALUE.fullmatch(value) is None:
                raise refusal(f"HTTP cannot carry the header {name!r} with this value")
        if self.auth is not None and ":" in self.auth[0]:
            raise refusal("the user of HTTP basic authentication cannot hold a colon")
        if self.token is not None and _TOKEN.fullmatch(self.token) is None:
            raise refusal("a token is at least one letter, digit or sign of ASCII, without blanks")
        if self.token is not None and self.auth is not None:
            raise refusal("give a token, or user and password, not both")
        return self

    @property
    def url(self) -> str:
        """The address as a URL, without a slash at its end."""
        return f"{self.scheme}://{self.authority}{self.prefix}"

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def fixed_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers of every request."""
        given = {name.lower(): value for name, value in self.headers.items()}
        fixed = {"host": self.authority, "user-agent": "scan_sdk", "accept-encoding": "identity"}
        if self.auth is not None:
            encoded = base64.b64encode(":".join(self.auth).encode()).decode()
            fixed["authorization"] = f"Basic {encoded}"
        if self.token is not None:
            fixed["authorization"] = f"Bearer {self.token}"
        return [(name.encode(), value.encode("latin-1")) for name, value in (fixed | given).items()]
