"""Running a scan server: in a thread of this process, or as the process itself."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import uvicorn

from scan_sdk.configuration import load_config
from scan_sdk.server.app import Service, create_app
from scan_sdk.server.clock import SystemClock, VirtualClock, settle
from scan_sdk.server.controls import Controls
from scan_sdk.server.demo import demo_config
from scan_sdk.server.engine.engine import ScanEngine
from scan_sdk.server.faults import HttpFaults
from scan_sdk.server.running import Running
from scan_sdk.server.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from types import FrameType, TracebackType
    from typing import Self

    from starlette.types import ASGIApp, Scope

    from scan_sdk.models import ScanConfig
    from scan_sdk.server.clock import Clock

__all__ = ["EmbeddedServer", "serve"]

_LOOPBACK: Final = "127.0.0.1"
LARGEST_BODY: Final = 64 * 1024 * 1024
"""Bytes that a request may have unless it is said otherwise."""
_GRACE: Final = 1.0
"""Seconds that requests have for their answers when the server stops."""
_CLOCKS: Final = {"system": SystemClock, "virtual": VirtualClock}


class _Source(NamedTuple):
    """A configuration and where it is from."""

    config: ScanConfig
    url: str
    folder: Path | None

    @classmethod
    def of(cls, config: ScanConfig | Path | None) -> _Source:
        if config is None:
            return cls(demo_config(), "demo", None)
        if isinstance(config, Path):
            path = config.resolve()
            return cls(load_config(config), path.as_uri(), path.parent)
        return cls(config, "", Path.cwd())


class _HttpServer(uvicorn.Server):
    """A uvicorn that says when it is ready, and stops on an event instead of looking now and then."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], stop: asyncio.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self.signals: list[int] = []

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
        until = self._loop.time() + _GRACE
        while (state.connections or state.tasks) and self._loop.time() < until:  # noqa: ASYNC110  # no event
            await asyncio.sleep(0.01)
        for task in state.tasks:
            task.cancel()
        for connection in list(state.connections):
            connection.transport.abort()
        await settle()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as uvicorn has it
        # uvicorn would raise them again before the scans are stopped and saved
        self.signals.append(sig)
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._stop.set)


@asynccontextmanager
async def _running_engine(
    source: _Source, data_log: Path, clock: Clock | None, default_pv: str
) -> AsyncGenerator[ScanEngine]:
    engine = ScanEngine(
        source.config, Store(data_log), folder=source.folder, clock=clock, default_pv=default_pv
    )
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def _serve(
    source: _Source,
    listener: socket.socket,
    data_log: Path,
    *,
    clock: Clock | None = None,
    default_pv: str = "ca",
    largest_body: int = LARGEST_BODY,
    faulty: bool = False,
    ready: Callable[[Running], None],
) -> list[int]:
    """Serve until told to stop, and return the signals that told so.

    Args:
        source: The configuration.
        listener: The socket to listen on.
        data_log: Folder for scans and data.
        clock: The time; by default the machine's.
        default_pv: The scheme of names of PVs that have none.
        largest_body: How many bytes a request may have.
        faulty: Whether requests may be made to fail.
        ready: Called once it answers.
    """
    stop = asyncio.Event()

    async def shut_down() -> None:
        stop.set()

    async with _running_engine(source, data_log, clock, default_pv) as engine:
        app: ASGIApp = create_app(Service(engine, source.url, shut_down, largest_body))
        faults = None
        if faulty:
            app = faults = HttpFaults(app, lambda scope: server.drop(scope), stop)  # noqa: PLW0108  # made below
        running = Running(engine, faults, stop)
        config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            server_header=False,
        )
        server = _HttpServer(config, lambda: ready(running), stop)
        try:
            await server.serve([listener])
        finally:
            running.handles.close_all()
    return server.signals


def _listen(host: str, port: int) -> socket.socket:
    # Named as TCP, for asyncio then sends small replies at once; otherwise each takes 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


class EmbeddedServer(Controls):
    """A scan server on the loopback address, in a thread of this process.

    It answers when the `with` statement is entered, and has ended its scans and given everything back when it
    is left.

    Attributes:
        host: The address that it listens on.
    """

    def __init__(
        self,
        config: ScanConfig | Path | None = None,
        *,
        port: int = 0,
        data_log: Path | None = None,
        clock: Clock | Literal["system", "virtual"] = "system",
        default_pv: str = "ca",
        largest_body: int = LARGEST_BODY,
    ) -> None:
        """Set up a server that has yet to be started.

        Args:
            config: A configuration, or the path of a `scan_config.xml`, from whose folder the paths in it
                start. Its port and data log are not looked at. By default there are demo devices: `motor_x`,
                `motor_y`, `neutrons`, `signal`, `setpoint`, `readback`, `shutter` and `text`.
            port: TCP port; 0 takes a free one.
            data_log: Folder where scans and their data are kept; by default one that is removed at the end.
            clock: The time by which scans go: "system" for the machine's; "virtual" for one on which delays,
                timeouts and moves of simulated devices take no time, see `VirtualClock`; or a clock of your
                own.
            default_pv: What names of PVs without `://` are: `ca` for EPICS Channel Access, `pva` for PV
                Access, `loc`, or another scheme.
            largest_body: How many bytes a request may have.

        Raises:
            OSError: The configuration cannot be read.
            InvalidConfig: It makes no sense.
        """
        self.host = _LOOPBACK
        self._source = _Source.of(config)
        self._wanted_port = port
        self._data_log = data_log
        self._clock = _CLOCKS[clock]() if isinstance(clock, str) else clock
        self._default_pv = default_pv
        self._largest_body = largest_body
        self._port = 0
        self._thread: threading.Thread | None = None
        self._resources = ExitStack()

    @property
    def port(self) -> int:
        """The TCP port that the server listens on; 0 before it is started."""
        return self._port

    @property
    def url(self) -> str:
        """The URL of the server, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def virtual_clock(self) -> VirtualClock:
        """The clock of a server with `clock="virtual"`.

        Raises:
            RuntimeError: The server goes by another clock.
        """
        if not isinstance(self._clock, VirtualClock):
            raise RuntimeError('no virtual clock: give EmbeddedServer clock="virtual"')  # noqa: TRY004  # state
        return self._clock

    def start(self) -> None:
        """Start the server; returns once it answers.

        Raises:
            RuntimeError: It is running already.
            ValueError: There are no PVs of the scheme `default_pv`.
            OSError: The port is taken, or the data log cannot be used.
        """
        if self._thread is not None:
            raise RuntimeError("the server is running already: stop it first")
        with ExitStack() as resources:
            folder = self._data_log or Path(resources.enter_context(TemporaryDirectory(prefix="scan_sdk-")))
            listener = resources.enter_context(_listen(self.host, self._wanted_port))
            ready: Future[Running] = Future()
            thread = threading.Thread(
                target=self._run, args=(listener, folder, ready), name="scan server", daemon=True
            )
            thread.start()
            resources.callback(thread.join)
            self._running = ready.result()
            self._port = listener.getsockname()[1]
            self._thread = thread
            self._resources = resources.pop_all()

    def _run(self, listener: socket.socket, folder: Path, ready: Future[Running]) -> None:
        loop = self._clock.event_loop if isinstance(self._clock, VirtualClock) else None
        try:
            with asyncio.Runner(loop_factory=loop) as runner:
                runner.run(
                    _serve(
                        self._source,
                        listener,
                        folder,
                        clock=self._clock,
                        default_pv=self._default_pv,
                        largest_body=self._largest_body,
                        faulty=True,
                        ready=ready.set_result,
                    )
                )
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)  # start() raises it

    def stop(self) -> None:
        """Stop the server, aborting its scans; returns once its thread has ended. Does nothing twice."""
        if self._thread is not None:
            if self._thread.is_alive():
                self._reach().stop()
            self._thread.join()
            self._thread = self._running = None
            self._resources.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    config: ScanConfig | Path | None = None,
    *,
    port: int | None = None,
    data_log: Path | None = None,
    default_pv: str = "ca",
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve on the loopback address until Ctrl-C, SIGTERM or `GET /server/shutdown`.

    Args:
        config: As for `EmbeddedServer`.
        port: TCP port; by default the one in the configuration.
        data_log: Folder where scans and data are kept; by default the one in the configuration.
        default_pv: As for `EmbeddedServer`.
        ready: Called with the URL once the server answers.

    Raises:
        ValueError: There are no PVs of the scheme `default_pv`.
        OSError: The port is taken, or the data log cannot be used.
        KeyboardInterrupt: It was stopped by Ctrl-C.
    """
    source = _Source.of(config)
    folder = data_log or (source.folder or Path.cwd()) / source.config.data_log
    with _listen(_LOOPBACK, source.config.port if port is None else port) as listener:
        url = f"http://{_LOOPBACK}:{listener.getsockname()[1]}"
        signals = asyncio.run(
            _serve(
                source,
                listener,
                folder,
                default_pv=default_pv,
                ready=lambda _: ready(url) if ready is not None else None,
            )
        )
    for number in signals:  # all is saved: let them have the effect that they have on any program
        signal.raise_signal(number)
