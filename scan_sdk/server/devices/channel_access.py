"""`ca://NAME`: variables of EPICS Channel Access.

Numbers, texts, choices and rows are what their servers say that they are. A row of characters is a text, as
it is for the scan server of CS-Studio: it is read up to the first zero, and written with a zero at its end.

The network keeps its own time, so waiting for it goes by the event loop and not by the clock of the scans.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, cast

from scan_sdk.server.devices.conversion import Kind, Shape, fit, milliseconds_of, text_from
from scan_sdk.server.devices.epics import CaClient
from scan_sdk.server.devices.pv import Provider, Pv
from scan_sdk.server.devices.values import EnumValue, Reading

if TYPE_CHECKING:
    from scan_sdk.server.devices.conversion import Fitted
    from scan_sdk.server.devices.epics import CaChannel, CaSample
    from scan_sdk.server.devices.pv import PvName
    from scan_sdk.server.devices.values import PvInput, PvValue

__all__ = ["ChannelAccessProvider", "reading_of", "shape_of", "to_send"]

_LONGEST_TEXT: Final = 39
"""Bytes that a text of Channel Access has at most."""
_RETRY: Final = 1.0
"""Seconds after which a variable that could be reached but not read is tried again."""

_logger = logging.getLogger(__name__)


class ChannelAccessProvider(Provider):
    """Makes `ca://` variables.

    Args:
        read_timeout: Seconds that a variable has to answer; 0 for any time.
    """

    def __init__(self, read_timeout: float) -> None:
        self._read_timeout = read_timeout or None
        self._client: CaClient | None = None

    def create(self, name: PvName) -> Pv:
        """Make the variable, which begins to search for its server."""
        if not name.base:
            raise ValueError("the name is empty")
        if self._client is None:
            self._client = CaClient(lambda text: _logger.warning("Channel Access: %s", text))
        return _CaPv(name.base, self._client, self._read_timeout)

    def close(self) -> None:
        """Close all channels."""
        if self._client is not None:
            self._client.close()
            self._client = None


class _CaPv(Pv):
    """A channel, its subscription, and the task that brings both back when they are lost."""

    def __init__(self, name: str, client: CaClient, read_timeout: float | None) -> None:
        super().__init__()
        self._name = name
        self._client = client
        self._read_timeout = read_timeout
        self._shape = Shape(Kind.NUMBER)
        self._datatype: object = None
        self._task = asyncio.get_running_loop().create_task(self._follow(), name=f"ca://{name}")

    async def _follow(self) -> None:
        """Keep subscribed; after a loss begin anew, for the variable may come back as something else."""
        reported = ""
        while True:
            try:
                channel = await self._client.connect(self._name)
                choice = channel.datatype == CaClient.ENUM
                labels = await self._client.labels(self._name) if choice else ()
            except ValueError as error:
                if str(error) != reported:
                    reported = str(error)
                    _logger.warning("ca://%s: %s", self._name, reported)
                await asyncio.sleep(_RETRY)
                continue
            self._shape = shape_of(channel, labels)
            self._datatype = _request(channel)
            await self._subscribed(choice=choice)

    async def _subscribed(self, *, choice: bool) -> None:
        """Report changes until the variable is lost."""
        lost = asyncio.Event()

        def changed(sample: CaSample | None) -> None:
            self.update(None if sample is None else reading_of(sample, self._shape))
            if sample is None:
                lost.set()

        ends = [self._client.monitor(self._name, self._datatype, changed)]
        if choice:
            ends.append(self._client.monitor_labels(self._name, self._relabel))
        try:
            await lost.wait()
        finally:
            for end in ends:
                end()

    def _relabel(self, labels: tuple[str, ...]) -> None:
        if labels == self._shape.choices:
            return
        self._shape = Shape(Kind.CHOICE, labels)
        if self.reading is not None and isinstance(self.reading.value, EnumValue):
            self.update(self.reading._replace(value=EnumValue(self.reading.value.number, labels)))

    async def read(self) -> Reading | None:
        """Ask the device; None where it is not connected or does not answer in time."""
        before = self.reading
        if before is None:
            return None
        try:
            sample = await self._client.get(self._name, self._datatype, self._read_timeout)
        except ValueError as error:
            _logger.warning("ca://%s: %s", self._name, error)
            return None
        now = reading_of(sample, self._shape)
        return self._take(before, now)

    async def write(self, value: PvInput) -> None:
        """Send the value. What goes wrong on the device later is logged."""
        await self._client.put(self._name, *self._to_send(value), wait=False)

    async def put(self, value: PvInput) -> asyncio.Future[None]:
        """Send the value, and be done at the put-callback."""
        call = self._client.put(self._name, *self._to_send(value), wait=True)
        return asyncio.ensure_future(call)

    def _to_send(self, value: PvInput) -> tuple[object, int]:
        if self.reading is None:
            raise ValueError("not connected")
        return to_send(fit(value, self._shape), self._shape.kind, self._name)

    def close(self) -> None:
        """End the subscription and close the channel."""
        self._task.cancel()
        self._client.forget(self._name)


def shape_of(channel: CaChannel, labels: tuple[str, ...]) -> Shape:
    """Return what a variable holds by what its server says of it."""
    single, capacity = channel.length == 1, channel.length
    if channel.datatype == CaClient.STRING:
        return Shape(Kind.TEXT) if single else Shape(Kind.TEXTS, capacity=capacity)
    if channel.datatype == CaClient.ENUM and single:
        return Shape(Kind.CHOICE, labels)
    if channel.datatype == CaClient.CHAR and not single:
        return Shape(Kind.BYTES, capacity=capacity)
    limits = _LIMITS.get(channel.datatype)
    return Shape(Kind.NUMBER if single else Kind.NUMBERS, capacity=capacity, limits=limits)


_LIMITS: Final = {
    CaClient.CHAR: (-128, 255),  # signed ones look like others there
    CaClient.SHORT: (-(2**15), 2**15 - 1),
    CaClient.ENUM: (0, 2**16 - 1),
    CaClient.LONG: (-(2**31), 2**31 - 1),
}
"""What whole numbers are from and to, by type."""


def _request(channel: CaChannel) -> object:
    """Return as what to ask for values: as they are, but for texts, whose bytes may be in any encoding."""
    return bytes if channel.datatype == CaClient.STRING else channel.datatype


def reading_of(sample: CaSample, shape: Shape) -> Reading:
    """Return the reading that a sample of a variable of that shape gives."""
    return Reading(_value_of(sample.value, shape), milliseconds_of(sample.seconds, sample.nanoseconds))


def _value_of(raw: object, shape: Shape) -> PvValue:
    match shape.kind:
        case Kind.TEXT:
            return text_from(cast("bytes", raw))
        case Kind.CHOICE:
            return EnumValue(int(cast("int", raw)), shape.choices)
        case Kind.BYTES:
            return text_from(bytes(cast("list[int]", raw)))
        case Kind.TEXTS:
            return tuple(map(text_from, cast("list[bytes]", raw)))
        case Kind.NUMBERS:
            return tuple(map(float, cast("list[float]", raw)))
        case _:
            return float(raw) if isinstance(raw, float) else int(cast("int", raw))


def to_send(fitted: Fitted, kind: Kind, name: str) -> tuple[object, int]:
    """Return what to send for a value, and of which type that is.

    Raises:
        ValueError: A text is longer than Channel Access carries.
    """
    match kind:
        case Kind.TEXT:
            return _text_to_send(cast("str", fitted), name), CaClient.STRING
        case Kind.TEXTS:
            return [_text_to_send(text, name) for text in cast("tuple[str, ...]", fitted)], CaClient.STRING
        case Kind.BYTES:
            return list(cast("bytes", fitted)), CaClient.CHAR
        case _:
            return fitted, CaClient.DOUBLE  # the device turns it into what it has


def _text_to_send(text: str, name: str) -> bytes:
    encoded = text.encode()
    if len(encoded) > _LONGEST_TEXT:
        field = name if "." in name else f"{name}.VAL"
        raise ValueError(
            f"Channel Access carries {_LONGEST_TEXT} bytes of text, and this has {len(encoded)}: "
            f"use {field}$, or ask for a record that holds more"
        )
    return encoded
