"""What every server is made of: configuration, engine, application, and the HTTP server around them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import uvicorn

from scan_sdk.configuration import load_config
from scan_sdk.server.clock import settle
from scan_sdk.server.demo import demo_config
from scan_sdk.server.engine.engine import PATIENCE, ScanEngine
from scan_sdk.server.running import Running
from scan_sdk.server.store.store import Store
from scan_sdk.server.testing.faults import HttpFaults
from scan_sdk.server.web.app import Service, create_app
from scan_sdk.server.web.guard import Guard, check_token, is_loopback
from scan_sdk.server.web.listening import Address, PatientProtocol

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping

    from starlette.types import ASGIApp, Scope

    from scan_sdk.models import ScanConfig
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.schemes import Factory

__all__ = ["LARGEST_BODY", "Serving", "Source", "checked_address"]

LARGEST_BODY: Final = 64 * 1024 * 1024
"""Bytes that a request may have unless it is said otherwise."""
_GRACE: Final = 1.0
"""Seconds that open connections have when the server stops."""


class Source(NamedTuple):
    """A configuration and where it is from."""

    config: ScanConfig
    """The configuration."""
    url: str
    """Where it is from, for people to read."""
    folder: Path | None
    """Where relative paths in it start; None where there are no such files."""

    @classmethod
    def of(cls, config: ScanConfig | Path | None) -> Source:
        """Take a configuration, read it from a file, or take that of the demo.

        Raises:
            OSError: It cannot be read.
            InvalidConfig: It makes no sense.
        """
        if config is None:
            return cls(demo_config(), "demo", None)
        if isinstance(config, Path):
            path = config.resolve()
            return cls(load_config(config), path.as_uri(), path.parent)
        return cls(config, "", Path.cwd())


def checked_address(host: str, token: str | None, *, insecure: bool) -> Address:
    """Return where to listen, if that is safe.

    Raises:
        ValueError: Others could reach the server, and there is neither a token nor `insecure`; or HTTP cannot
            carry the token.
        OSError: There is no such host.
    """
    check_token(token)
    address = Address.of(host)
    if not (address.is_loopback or token is not None or insecure):
        raise ValueError(
            f"whoever reaches {host} could move devices: give a token, which clients then have to show, or "
            "say insecure if anyone may"
        )
    return address


@dataclass(frozen=True)
class Serving:
    """How a server is served."""

    source: Source
    """Its configuration."""
    data_log: Path
    """Folder for scans and data."""
    token: str | None = None
    """What requests must show, if anything."""
    clock: Clock | None = None
    """The time; by default the machine's."""
    default_pv: str = "ca"
    """The scheme of names of PVs that have none."""
    largest_body: int = LARGEST_BODY
    """How many bytes a request may have."""
    devices: Mapping[str, Factory] | None = None
    """What makes devices of further schemes, by scheme."""
    faulty: bool = False
    """Whether requests may be made to fail."""

    async def run(self, listener: socket.socket, ready: Callable[[Running], None]) -> None:
        """Serve until it is asked to stop.

        Args:
            listener: The socket to listen on.
            ready: Called once the server answers.

        Raises:
            OSError: The data log cannot be used.
            ValueError: There are no PVs of the scheme `default_pv`.
        """
        stop = asyncio.Event()

        async def shut_down() -> None:
            stop.set()

        async with self._engine() as engine:
            app: ASGIApp = create_app(Service(engine, self.source.url, shut_down, self.largest_body))
            faults = None
            if self.faulty:
                app = faults = HttpFaults(app, lambda scope: server.drop(scope), stop)  # noqa: PLW0108  # see below
            running = Running(engine, faults, stop)
            loopback = is_loopback(str(listener.getsockname()[0]))
            config = uvicorn.Config(
                Guard(app, token=self.token, loopback=loopback),
                http=PatientProtocol,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                date_header=False,
                server_header=False,
            )
            server = _HttpServer(config, lambda: ready(running), stop)
            patience = PATIENCE
            try:
                await server.serve([listener])
            except asyncio.CancelledError:  # asked again to stop, by a second Ctrl-C
                patience = 0
                raise
            finally:
                await engine.end_scans(patience)
                running.handles.close_all()

    @asynccontextmanager
    async def _engine(self) -> AsyncGenerator[ScanEngine]:
        engine = ScanEngine(
            self.source.config,
            Store(self.data_log),
            folder=self.source.folder,
            clock=self.clock,
            default_pv=self.default_pv,
            devices=self.devices,
        )
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()


class _HttpServer(uvicorn.Server):
    """A uvicorn that says when it is ready, and stops on an event instead of looking now and then."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stop: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def drop(self, scope: Scope) -> None:
        """Break the connection that a request came on."""
        for connection in list(self.server_state.connections):
            if connection.transport.get_extra_info("peername") == scope["client"]:
                connection.transport.abort()

    async def main_loop(self) -> None:
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End as uvicorn does, but at once where nothing is left to wait for."""
        del sockets  # they are closed where they were opened
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        await settle()
        loop = asyncio.get_running_loop()
        until = loop.time() + _GRACE
        while (state.connections or state.tasks) and loop.time() < until:  # noqa: ASYNC110  # there is no event
            await asyncio.sleep(0.01)
        for task in state.tasks:
            task.cancel()
        for connection in list(state.connections):
            connection.transport.abort()
        await settle()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone: the scans have to end before the process does."""
        yield
