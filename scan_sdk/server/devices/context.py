"""The devices of one scan: process variables under the names by which its commands call them."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from scan_sdk._dialect.java import format_double
from scan_sdk._wire.markup import carriable
from scan_sdk.models import DeviceInfo
from scan_sdk.server.devices.pv import UnreachablePv
from scan_sdk.server.devices.values import text_of
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scan_sdk.models import ScanConfig
    from scan_sdk.server.clock import Clock
    from scan_sdk.server.devices.pv import Pv, PvPool
    from scan_sdk.server.devices.values import PvInput, Reading

__all__ = ["Device", "ScanDevices", "aliases_of"]

_logger = logging.getLogger(__name__)


def aliases_of(config: ScanConfig) -> dict[str, str]:
    """Return the names of PVs by the aliases that a configuration gives them; a PV without one is its own."""
    return {pv.alias or pv.name: pv.name for pv in config.pvs if pv.name is not None}


class Device:
    """A process variable as one scan sees it.

    Attributes:
        name: Name of the variable.
        alias: The alias from the configuration; else the name. Logged data goes by it.
    """

    def __init__(self, name: str, alias: str) -> None:
        self.name = name
        self.alias = alias
        self._pv: Pv | None = None

    def open(self, pool: PvPool) -> None:
        """Begin to use the variable."""
        self._pv = pool.acquire(self.name)

    def close(self, pool: PvPool) -> None:
        """Use it no more."""
        if self._pv is not None:
            self._pv = None
            pool.release(self.name)

    @property
    def pv(self) -> Pv:
        """The variable."""
        if self._pv is None:
            raise CommandFailed(f"{self.name} is not in use")
        return self._pv

    @property
    def reading(self) -> Reading | None:
        """What the variable last reported; None where it is not connected."""
        pv = self._pv
        if pv is None or (pv.fault is not None and pv.fault.disconnected):
            return None
        return pv.reading

    @property
    def status(self) -> str:
        """The value as text, or why there is none."""
        if self._pv is None:
            return "no PV"
        reading = self.reading
        return "Disconnected" if reading is None else text_of(reading.value)

    async def read(self) -> Reading:
        """Ask for the present value.

        Raises:
            CommandFailed: It is not connected.
        """
        pv = self.pv
        if pv.fault is not None:
            await pv.fault.befall("read", f"Failed to read {self.name}")
        try:
            reading = await pv.read()
        except Exception as error:  # the code of a device may be anybody's
            _logger.warning("Failed to read %s", self.name, exc_info=True)
            raise CommandFailed(f"Failed to read {self.name}: {type(error).__name__}: {error}") from error
        if reading is None:
            raise CommandFailed(f"Failed to read {self.name}")
        return reading

    async def write(self, value: PvInput) -> None:
        """Write without waiting for the device to get there.

        Raises:
            CommandFailed: The variable cannot hold the value, or is not connected.
        """
        pv = self.pv
        if pv.fault is not None:
            await pv.fault.befall("write", self._failure(value))
        try:
            await pv.write(value)
        except Exception as error:  # likewise
            raise self._refused(value, error) from error

    async def put(self, value: PvInput) -> asyncio.Future[None] | None:
        """Write and return a future that is done when the device is there; None where it is so at once.

        Raises:
            CommandFailed: The variable cannot hold the value, or is not connected; so does the future
                where the device refuses it later.
        """
        pv = self.pv
        if pv.fault is not None:
            pv.fault.check("write", self._failure(value))
        try:
            arrival = await pv.put(value)
        except Exception as error:  # likewise
            raise self._refused(value, error) from error
        if arrival is not None:
            arrival = asyncio.ensure_future(self._arrive(arrival, value))
        return arrival if pv.fault is None else pv.fault.late(arrival)

    async def _arrive(self, arrival: asyncio.Future[None], value: PvInput) -> None:
        try:
            await arrival
        except Exception as error:  # likewise
            raise self._refused(value, error) from error

    def _failure(self, value: PvInput) -> str:
        return f"Failed to write {text_of(value)} to {self.name}"

    def _refused(self, value: PvInput, error: Exception) -> CommandFailed:
        text = self._failure(value)
        if isinstance(error, ValueError):
            _logger.warning("%s: %s", text, error)  # the scan's error has no place for the reason
            return CommandFailed(text)
        _logger.warning("%s", text, exc_info=error)
        return CommandFailed(f"{text}: {type(error).__name__}: {error}")

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have a function called after each change."""
        self.pv.subscribe(listener)

    def unsubscribe(self, listener: Callable[[], None]) -> None:
        """Undo one `subscribe`."""
        self.pv.unsubscribe(listener)

    def info(self) -> DeviceInfo:
        """Return what the server says of the device."""
        return DeviceInfo(
            name=carriable(self.name), alias=carriable(self.alias), status=carriable(self.status)
        )

    def __str__(self) -> str:
        name = "" if self.alias == self.name else f" [{self.name}]"
        return f"{self.alias}{name}" + (f" ({self.status})" if self.status else "")


class ScanDevices:
    """The devices of one scan, each under its alias and its name."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self._aliases = aliases
        self._devices: dict[str, Device] = {}
        self._by_name: dict[str, Device] = {}

    def add(self, name: str) -> None:
        """Add a device by its alias or the name of its PV, unless it is there already.

        A PV that was added by its name first and by its alias later is two devices, as on the real server.
        """
        if name in self._devices or name in self._by_name:
            return
        device = Device(self._aliases.get(name, name), name)
        self._devices[name] = device
        self._by_name.setdefault(device.name, device)

    def __getitem__(self, name: str) -> Device:
        """Return the device of that alias or name.

        Raises:
            CommandFailed: The scan has no such device.
        """
        device = self._devices.get(name) or self._by_name.get(name)
        if device is None:
            raise CommandFailed(f"Unknown device '{name}'")
        return device

    def __iter__(self) -> Iterator[Device]:
        return iter(self._devices.values())

    def open(self, pool: PvPool) -> None:
        """Begin to use all of them; where one fails, none is in use.

        Raises:
            CommandFailed: There is no such scheme, or it cannot make a variable of that name.
        """
        try:
            for device in self:
                device.open(pool)
        except CommandFailed:
            self.close(pool)
            raise

    def close(self, pool: PvPool) -> None:
        """Use none of them any more."""
        for device in self:
            device.close(pool)

    async def connected(self, seconds: float, clock: Clock) -> None:
        """Return once all of them are connected.

        Args:
            seconds: How long they have at most; 0 for any time.
            clock: By which time.

        Raises:
            CommandFailed: Not all of them were connected in time.
        """
        if not self.missing():
            return
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def look() -> None:
            if not over.done() and not self.missing():
                over.set_result(None)

        def give_up() -> None:
            if not over.done():
                over.set_exception(
                    CommandFailed(f"No connection within {format_double(seconds)} sec: {self._why()}")
                )

        for device in self:
            device.subscribe(look)
        timer = clock.call_later(seconds, give_up) if seconds > 0 else None
        try:
            await over
        finally:
            if timer is not None:
                timer.cancel()
            for device in self:
                device.unsubscribe(look)

    def missing(self) -> list[Device]:
        """Return those that are not connected."""
        return [device for device in self if device.reading is None]

    def _why(self) -> str:
        """Return which are not connected, and the reasons that are known."""
        missing = self.missing()
        reasons = {device.pv.reason for device in missing if isinstance(device.pv, UnreachablePv)} - {""}
        return "; ".join([", ".join(map(str, missing)), *sorted(reasons)])

    def waiting_text(self) -> str:
        """Return what the server says while it waits for connections."""
        missing = self.missing()
        return f"Waiting for device {', '.join(map(str, missing))}" if missing else "All devices ready"
