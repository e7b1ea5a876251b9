"""Running a scan server: in a thread of this process, or as the process itself."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, Literal

from scan_sdk.server.clock import SystemClock, VirtualClock
from scan_sdk.server.devices.schemes import checked
from scan_sdk.server.serving import LARGEST_BODY, Serving, Source, checked_address
from scan_sdk.server.signals import StopSignals
from scan_sdk.server.testing.controls import Controls

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from scan_sdk.models import ScanConfig
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.schemes import Factory
    from scan_sdk.server.running import Running

__all__ = ["EmbeddedServer", "serve"]

_LOOPBACK: Final = "127.0.0.1"
_CLOCKS: Final = {"system": SystemClock, "virtual": VirtualClock}


class EmbeddedServer(Controls):
    """A scan server in a thread of this process, on the loopback address unless `host` names another.

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
        host: str = _LOOPBACK,
        token: str | None = None,
        insecure: bool = False,
        devices: Mapping[str, Factory] | None = None,
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
            host: Name or address to listen on.
            token: What requests have to show, as `ScanClient(token=...)` does; None where anyone may ask.
            insecure: Whether anyone may ask also where others than this machine can reach the server.
            devices: What makes devices of further schemes, by the text before `://` in their names: functions
                of an `Around` that return a `Provider`, both of `scan_sdk.server.devices`. Those that are
                registered by `scan_sdk.extend.device` are there anyway.

        Raises:
            OSError: The configuration cannot be read, or there is no such host.
            InvalidConfig: It makes no sense.
            ExtensionError: There are devices of such a scheme already.
            ValueError: Others could reach the server, and there is neither a token nor `insecure`; or HTTP
                cannot carry the token.
        """
        self.host = host
        self._token = token
        self._address = checked_address(host, token, insecure=insecure)
        self._source = Source.of(config)
        self._wanted_port = port
        self._data_log = data_log
        self._clock = _CLOCKS[clock]() if isinstance(clock, str) else clock
        self._default_pv = default_pv
        self._devices = checked(devices or {})
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
        return self._address.url(self.port)

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
            listener = resources.enter_context(self._address.listen(self._wanted_port))
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
                serving = Serving(
                    self._source,
                    folder,
                    token=self._token,
                    clock=self._clock,
                    default_pv=self._default_pv,
                    largest_body=self._largest_body,
                    devices=self._devices,
                    faulty=True,
                )
                runner.run(serving.run(listener, ready.set_result))
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
    ready: Callable[[str, Path], None] | None = None,
    host: str = _LOOPBACK,
    token: str | None = None,
    insecure: bool = False,
) -> None:
    """Serve until Ctrl-C, SIGTERM or `GET /server/shutdown`; the scans have then been aborted.

    A second Ctrl-C or SIGTERM does not wait for that.

    Args:
        config: As for `EmbeddedServer`.
        port: TCP port; by default the one in the configuration.
        data_log: Folder where scans and data are kept; by default the one in the configuration.
        default_pv: As for `EmbeddedServer`.
        ready: Called with the URL and the folder of the data once the server answers.
        host: As for `EmbeddedServer`, and so `token` and `insecure`.
        token: What requests have to show.
        insecure: Whether anyone may ask.

    Raises:
        CannotListen: The port is taken, or there is no such host; an `OSError`.
        OSError: The configuration cannot be read, or the data log cannot be used.
        InvalidConfig: The configuration makes no sense.
        ValueError: As for `EmbeddedServer`.
        KeyboardInterrupt: It was stopped by Ctrl-C.
    """
    address = checked_address(host, token, insecure=insecure)
    source = Source.of(config)
    folder = data_log or (source.folder or Path.cwd()) / source.config.data_log
    signals = StopSignals()
    with address.listen(source.config.port if port is None else port) as listener:
        url = address.url(listener.getsockname()[1])

        def begin(running: Running) -> None:
            signals.call(running.stop)
            if ready is not None:
                ready(url, folder)

        try:
            serving = Serving(source, folder, token=token, default_pv=default_pv)
            asyncio.run(serving.run(listener, begin))
        finally:
            signals.restore()
    if signals.received == signal.SIGINT:
        raise KeyboardInterrupt
