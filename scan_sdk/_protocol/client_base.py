"""What the two clients have in common: their arguments, checked, and their appearance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from scan_sdk._protocol.connection import DEFAULT_HOST, DEFAULT_PORT, MAX_REPLY, Connection
from scan_sdk._protocol.origins import Origins
from scan_sdk._protocol.steps import Timing

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from datetime import tzinfo
    from os import PathLike

    from scan_sdk._protocol.estimating import Knowledge


class ClientBase(ABC):
    """A client, but for how it waits for answers."""

    def __init__(
        self,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        *,
        url: str | None = None,
        timeout: float = 10.0,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        token: str | None = None,
        verify: bool | str | PathLike[str] | ssl.SSLContext = True,
        timezone: tzinfo | None = None,
        max_reply: int = MAX_REPLY,
    ) -> None:
        self._connection = Connection.check(
            host=host,
            port=port,
            url=url,
            timeout=timeout,
            headers=dict(headers or {}),
            auth=auth,
            token=token,
            verify=verify,
            timezone=timezone,
            max_reply=max_reply,
        )
        self._timing = Timing(self._connection.timeout)
        self._origins = Origins()
        self._prepare(self._connection)

    @cached_property
    def _knowledge(self) -> Knowledge:
        """What is known of how long scans take; few ask, so what that needs is imported only then."""
        from scan_sdk._protocol.estimating import Knowledge

        return Knowledge()

    @abstractmethod
    def _prepare(self, connection: Connection) -> None:
        """Prepare the transport."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self._connection.url!r}, timeout={self._connection.timeout:g})"
