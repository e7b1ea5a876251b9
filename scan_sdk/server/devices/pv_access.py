"""`pva://NAME`: variables of EPICS PV Access.

Of the normative types, scalars, rows and choices are values. A row of signed bytes, which is what records
make of characters, is a text. Any other structure shows as a text, and cannot be written.

The network keeps its own time, so waiting for it goes by the event loop and not by the clock of the scans.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, cast

from scan_sdk.server.devices.conversion import Kind, Shape, fit, milliseconds_of, text_from
from scan_sdk.server.devices.epics import PvaClient
from scan_sdk.server.devices.pv import Provider, Pv
from scan_sdk.server.devices.values import EnumValue, Reading

if TYPE_CHECKING:
    from scan_sdk.server.devices.epics import PvaSample
    from scan_sdk.server.devices.pv import PvName
    from scan_sdk.server.devices.values import PvInput, PvValue

__all__ = ["PvAccessProvider", "fields_to_send", "reading_of", "shape_of"]

_DISCONNECTED: Final = (3, 7, "Disconnected")
"""The alarm by which a server reports that it has lost the device: invalid, of the client, with this text.

Other alarms, invalid ones too, are no reason not to use a value; so it is on the scan server of CS-Studio.
"""
_BITS: Final = {"b": 8, "h": 16, "i": 32, "l": 64}
_INTEGERS: Final = {
    "?": (0, 1),
    **{code: (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for code, bits in _BITS.items()},
    **{code.upper(): (0, 2**bits - 1) for code, bits in _BITS.items()},
}
"""What whole numbers are from and to, by the code of their type."""

_logger = logging.getLogger(__name__)


class PvAccessProvider(Provider):
    """Makes `pva://` variables.

    Args:
        read_timeout: Seconds that a variable has to answer; 0 for any time.
    """

    def __init__(self, read_timeout: float) -> None:
        self._read_timeout = read_timeout or None
        self._client: PvaClient | None = None

    def create(self, name: PvName) -> Pv:
        """Make the variable, which begins to search for its server."""
        if not name.base:
            raise ValueError("the name is empty")
        if self._client is None:
            self._client = PvaClient()
        return _PvaPv(name.base, self._client, self._read_timeout)

    def close(self) -> None:
        """Close all channels."""
        if self._client is not None:
            self._client.close()
            self._client = None


class _PvaPv(Pv):
    """A subscription, which the library brings back when it is lost."""

    def __init__(self, name: str, client: PvaClient, read_timeout: float | None) -> None:
        super().__init__()
        self._name = name
        self._client = client
        self._read_timeout = read_timeout
        self._shape = Shape(Kind.STRUCTURE)
        self._lost = asyncio.Event()
        self._end = client.monitor(name, self._changed)

    def _changed(self, sample: PvaSample | None, reason: str) -> None:
        if sample is None:
            _logger.debug("pva://%s: %s", self._name, reason)
            self._lost.set()
            self.update(None)
        else:
            self._lost.clear()
            self._shape = shape_of(sample)
            self.update(reading_of(sample))

    async def read(self) -> Reading | None:
        """Ask the device; None where it is not connected or does not answer in time."""
        before = self.reading
        if before is None:
            return None
        try:
            now = reading_of(await self._client.get(self._name, self._read_timeout))
        except ValueError as error:
            _logger.warning("pva://%s: %s", self._name, error)
            return None
        return None if now is None else self._take(before, now)

    async def write(self, value: PvInput) -> None:
        """Send the value and return once its server has taken it."""
        await self._send(self._to_send(value), wait=False, seconds=self._read_timeout)

    async def put(self, value: PvInput) -> asyncio.Future[None]:
        """Send the value, and be done when the device has processed it."""
        return asyncio.ensure_future(self._send(self._to_send(value), wait=True, seconds=None))

    async def _send(self, fields: dict[str, object], *, wait: bool, seconds: float | None) -> None:
        """Send; a loss of the device ends it, where the library would wait, and send once more."""
        put = asyncio.ensure_future(self._client.put(self._name, fields, wait=wait, seconds=seconds))
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait((put, lost), return_when=asyncio.FIRST_COMPLETED)
            if not put.done():
                raise ValueError("the connection was lost")
            put.result()
        finally:
            put.cancel()
            lost.cancel()

    def _to_send(self, value: PvInput) -> dict[str, object]:
        if self.reading is None:
            raise ValueError("not connected")
        return fields_to_send(value, self._shape)

    def close(self) -> None:
        """End the subscription."""
        self._end()


def shape_of(sample: PvaSample) -> Shape:
    """Return what a variable holds."""
    code = sample.code
    if code == "enum":
        return Shape(Kind.CHOICE, sample.choices)
    if not code:
        return Shape(Kind.STRUCTURE)
    if code == "ab":
        return Shape(Kind.BYTES)
    row, item = code.startswith("a"), code[-1]
    if item == "s":
        return Shape(Kind.TEXTS if row else Kind.TEXT)
    return Shape(Kind.NUMBERS if row else Kind.NUMBER, limits=_INTEGERS.get(item))


def reading_of(sample: PvaSample) -> Reading | None:
    """Return the reading that a sample gives; None where its server has lost the device."""
    if sample.alarm == _DISCONNECTED:
        return None
    return Reading(_value_of(sample), milliseconds_of(sample.seconds, sample.nanoseconds))


def _value_of(sample: PvaSample) -> PvValue:
    raw = sample.value
    match shape_of(sample).kind:
        case Kind.CHOICE:
            return EnumValue(cast("int", raw), sample.choices)
        case Kind.BYTES:
            return text_from(bytes(number % 256 for number in cast("list[int] | None", raw) or ()))
        case Kind.NUMBERS:
            return tuple(map(float, cast("list[float] | None", raw) or ()))
        case Kind.TEXTS:
            return tuple(cast("list[str] | None", raw) or ())
        case Kind.STRUCTURE:
            return str(raw)
        case _:
            return cast("float | int | str | bool", raw)


def fields_to_send(value: PvInput, shape: Shape) -> dict[str, object]:
    """Return the fields to write for a value.

    Raises:
        ValueError: The variable cannot hold the value.
    """
    fitted = fit(value, shape)
    if shape.kind is Kind.CHOICE:
        return {"value.index": fitted}
    if isinstance(fitted, bytes):
        return {"value": [byte - 256 if byte > 127 else byte for byte in fitted]}
    return {"value": list(fitted) if isinstance(fitted, tuple) else fitted}
