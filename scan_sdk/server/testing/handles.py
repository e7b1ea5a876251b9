"""Devices of a running server in the hands of a test."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from scan_sdk.server.devices.context import aliases_of
from scan_sdk.server.devices.fault import Fault
from scan_sdk.server.devices.values import as_logged
from scan_sdk.server.errors import CommandFailed, NotRunning

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

    from scan_sdk.server.devices.fault import Access
    from scan_sdk.server.devices.pv import Pv
    from scan_sdk.server.running import Running

    T = TypeVar("T")

__all__ = ["DeviceHandle", "DeviceHandles", "DeviceValue"]

DeviceValue: TypeAlias = float | int | str | tuple[float, ...] | tuple[str, ...]
"""A number, a text, the label of a choice, or a row of numbers or texts."""

_PATIENCE: Final = 5.0
"""Seconds that a device has to connect where the configuration names no time."""


class DeviceHandle:
    """A device of a running server in the hands of a test; `EmbeddedServer.device` makes it.

    What a handle reads and sets is the device itself, without what `disconnect` and `delay` do to scans.
    While there is a handle, its device stays in use: a `loc://` variable keeps its value from scan to scan.

    Handles are closed with the server at the latest. Used as a context manager, one is closed at the end.

    Attributes:
        name: The alias or name that was asked for.
        pv_name: Name of the process variable.

    Example:
        >>> from scan_sdk import Log, ScanClient
        >>> from scan_sdk.server import EmbeddedServer
        >>> with EmbeddedServer() as server, ScanClient(url=server.url) as client:
        ...     with server.device("setpoint") as setpoint:
        ...         setpoint.set(5)
        ...         scan_id = client.submit([Log("setpoint")])
        ...         print(client.wait_until_done(scan_id), setpoint.read())
        Scan 1 'UnNamed': Finished 5.0
    """

    def __init__(self, name: str, pv_name: str, pv: Pv, handles: DeviceHandles) -> None:
        self.name = name
        self.pv_name = pv_name
        self._pv = pv
        self._handles = handles

    def _call(self, work: Callable[[], Coroutine[None, None, T]]) -> T:
        return self._handles.running.call(work)

    def read(self) -> DeviceValue:
        """Return the present value.

        Raises:
            TimeoutError: The device does not connect.
            RuntimeError: The handle is closed, or the server has stopped. So for all methods.
        """

        async def read() -> DeviceValue:
            await self._connected()
            reading = await self._pv.read()
            if reading is None:
                raise self._missing()
            return as_logged(reading.value)

        return self._call(read)

    def set(self, value: float | str) -> None:
        """Write a value, without waiting for the device to get there.

        Raises:
            ValueError: The device cannot hold it, or is read only.
            TimeoutError: The device does not connect.
        """

        async def write() -> None:
            await self._connected()
            try:
                await self._pv.write(value if isinstance(value, str) else float(value))
            except ValueError as error:
                raise ValueError(f"cannot set {self.name} to {value!r}: {error}") from error

        self._call(write)

    def disconnect(self) -> None:
        """Have scans find the device disconnected.

        Reading and writing it fails, a wait for it goes on waiting, and a scan that begins waits for it as
        long as the read timeout of the configuration allows.
        """
        self._set_disconnected(True)

    def reconnect(self) -> None:
        """Undo `disconnect`."""
        self._set_disconnected(False)

    def _set_disconnected(self, disconnected: bool) -> None:
        async def change() -> None:
            self._fault().disconnected = disconnected
            self._pv.update(self._pv.reading)  # so that whoever listens looks

        self._call(change)

    def delay(self, seconds: float) -> None:
        """Have each access of scans take longer, by the clock of the server.

        A read or write takes that long before it happens. A write with completion happens at once, and
        completes that much later.

        Args:
            seconds: How much longer; 0 for no more.

        Raises:
            ValueError: It is negative or not finite.
        """
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError(f"give a time in seconds, 0 or more, not {seconds}")

        async def change() -> None:
            self._fault().delay = seconds

        self._call(change)

    def close(self) -> None:
        """Let the device go, in good health again; nothing where that has happened."""

        async def let_go() -> None:
            if self._handles.of(self._pv) is self:
                self._handles.close(self._pv)

        with suppress(NotRunning):
            self._call(let_go)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<DeviceHandle {self.name} [{self.pv_name}]>"

    def _fault(self) -> Fault:
        if self._pv.fault is None or self._handles.of(self._pv) is not self:
            raise RuntimeError(f"the handle of {self.name} is closed: ask the server for another")
        return self._pv.fault

    async def _connected(self) -> None:
        """Return once there is a value."""
        self._fault()
        if self._pv.reading is not None:
            return
        changed = asyncio.Event()
        self._pv.subscribe(changed.set)
        try:
            async with asyncio.timeout(self._handles.patience):
                while self._pv.reading is None:
                    await changed.wait()
                    changed.clear()
        except TimeoutError:
            raise self._missing() from None
        finally:
            self._pv.unsubscribe(changed.set)

    def _missing(self) -> TimeoutError:
        return TimeoutError(
            f"{self.name} [{self.pv_name}] is not connected: is that the name in the configuration?"
        )


class DeviceHandles:
    """The handles of a running server; all methods are to be called on its event loop.

    Attributes:
        running: The server.
        patience: Seconds that a device has to connect.
    """

    def __init__(self, running: Running) -> None:
        self.running = running
        self.patience: float = running.engine.config.read_timeout or _PATIENCE
        self._engine = running.engine
        self._handles: dict[Pv, DeviceHandle] = {}

    def of(self, pv: Pv) -> DeviceHandle | None:
        """Return the handle of a variable, None where there is none."""
        return self._handles.get(pv)

    async def open(self, name: str) -> DeviceHandle:
        """Return the handle of a device, made where there is none.

        Raises:
            ValueError: There cannot be such a device.
        """
        pv_name = aliases_of(self._engine.config).get(name, name)
        try:
            pv = self._engine.pool.acquire(pv_name)
        except CommandFailed as error:
            raise ValueError(str(error)) from error
        handle = self._handles.get(pv)
        if handle is not None:
            self._engine.pool.release(pv_name)
            return handle
        pv.fault = Fault(self._engine.clock)
        handle = self._handles[pv] = DeviceHandle(name, pv_name, pv, self)
        return handle

    async def fail(self, name: str, access: Access, reason: str | None, times: int) -> None:
        """Have the next accesses to a device fail.

        Raises:
            ValueError: There cannot be such a device.
        """
        handle = await self.open(name)
        for pv, held in self._handles.items():
            if held is handle and pv.fault is not None:
                pv.fault.fail(access, reason, times)

    def forget_failures(self) -> None:
        """Undo each `fail`."""
        for pv in self._handles:
            if pv.fault is not None:
                pv.fault.forget_failures()

    def close(self, pv: Pv) -> None:
        """Close the handle of a variable."""
        handle = self._handles.pop(pv)
        pv.fault = None
        pv.update(pv.reading)  # so that whoever listens looks
        self._engine.pool.release(handle.pv_name)

    def close_all(self) -> None:
        """Close all handles."""
        for pv in tuple(self._handles):
            self.close(pv)
