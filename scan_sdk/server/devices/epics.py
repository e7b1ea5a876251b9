"""The libraries of EPICS, aioca and p4p, as far as they are used, with the types that they lack.

They are imported with the first variable that needs them: that takes a while, and opens sockets.
"""

# Neither library has types: what comes from them is Any, here and nowhere else.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportPrivateUsage=false

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["CaChannel", "CaClient", "CaSample", "PvaClient", "PvaSample"]

T = TypeVar("T")

_EXTRA: Final = "epics"
_MOST_SHOWN: Final = 100
"""Elements of an array that are looked at where it is only shown."""


class CaChannel(NamedTuple):
    """What Channel Access knows of a connected variable."""

    datatype: int
    """A code such as `CaClient.ENUM`."""
    length: int
    """How many elements it has at most."""


class CaSample(NamedTuple):
    """A value as Channel Access brings it."""

    value: object
    """A number or bytes, or a list of these."""
    seconds: int
    """When the device had it, in seconds since 1970."""
    nanoseconds: int
    """And how much later."""


class CaClient:
    """Channel Access on one event loop. What the network refuses is a ValueError here.

    libca has one context for the whole process, which aioca makes with the first channel and keeps to the
    end: UDP sockets, and threads that Python does not see. All else goes with `forget` and `close`.
    """

    STRING: Final = 0
    SHORT: Final = 1
    FLOAT: Final = 2
    ENUM: Final = 3
    CHAR: Final = 4
    LONG: Final = 5
    DOUBLE: Final = 6

    def __init__(self, on_late_error: Callable[[str], object]) -> None:
        """Load the library.

        Args:
            on_late_error: Called on the event loop with errors that no call waits for.

        Raises:
            MissingExtra: It is not installed.
        """
        try:
            import aioca
            from aioca import _catools
            from epicscorelibs.ca import cadef
        except ImportError as error:
            raise MissingExtra("EPICS Channel Access", _EXTRA) from error
        self._aioca: Any = aioca
        self._catools: Any = _catools
        self._cadef: Any = cadef
        self._errors: tuple[type[Exception], ...] = (
            aioca.CANothing,
            cadef.CAException,
            cadef.Disconnected,
        )
        loop = self._loop = asyncio.get_running_loop()

        def tell(text: str) -> None:
            loop.call_soon_threadsafe(on_late_error, text)

        self._tell = tell
        _tell_late_errors.append(tell)

    async def _call(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except self._errors as error:
            raise ValueError(str(error)) from error

    async def connect(self, name: str) -> CaChannel:
        """Wait until a variable is connected, and return what is known of it.

        Raises:
            ValueError: There can be none of that name, it may not be read, or it was lost again at once.
        """
        await self._call(self._aioca.connect(name, wait=False))
        _watch_late_errors(self._cadef)
        info = await self._call(self._aioca.cainfo(name, timeout=None))
        if not info.read:
            raise ValueError("its server does not let this program read it")
        return CaChannel(info.datatype, info.count)

    async def labels(self, name: str) -> tuple[str, ...]:
        """Return the labels of a choice.

        Raises:
            ValueError: The variable was lost.
        """
        control = self._aioca.caget(name, self.ENUM, self._aioca.FORMAT_CTRL, timeout=None)
        return tuple((await self._call(control)).enums)

    async def get(self, name: str, datatype: object, seconds: float | None) -> CaSample:
        """Ask for the value.

        Args:
            name: The variable.
            datatype: In which type.
            seconds: How long to wait at most; None for any time.

        Raises:
            ValueError: It did not come.
        """
        call = self._aioca.caget(name, datatype, self._aioca.FORMAT_TIME, timeout=seconds)
        return _ca_sample(await self._call(call))

    async def put(self, name: str, value: object, datatype: int, *, wait: bool) -> None:
        """Write.

        Args:
            name: The variable.
            value: What to write.
            datatype: The type of it.
            wait: Whether to wait for the put-callback; otherwise this returns once it is sent.

        Raises:
            ValueError: The variable is lost, or its server refused the value.
        """
        await self._call(self._aioca.caput(name, value, datatype, wait, timeout=None))

    def monitor(
        self, name: str, datatype: object, changed: Callable[[CaSample | None], None]
    ) -> Callable[[], None]:
        """Have a function called with each change, and with None where the variable is lost.

        Returns:
            What ends that.
        """

        def update(value: Any) -> None:
            changed(_ca_sample(value) if value.ok else None)

        subscription = self._aioca.camonitor(
            name,
            update,
            datatype=datatype,
            format=self._aioca.FORMAT_TIME,
            notify_disconnect=True,
        )
        return cast("Callable[[], None]", subscription.close)

    def monitor_labels(self, name: str, changed: Callable[[tuple[str, ...]], None]) -> Callable[[], None]:
        """Have a function called when the labels of a choice change.

        Returns:
            What ends that.
        """

        def update(value: Any) -> None:
            changed(tuple(value.enums))

        subscription = self._aioca.camonitor(
            name,
            update,
            events=self._aioca.DBE_PROPERTY,
            datatype=self.ENUM,
            format=self._aioca.FORMAT_CTRL,
        )
        return cast("Callable[[], None]", subscription.close)

    # aioca keeps each channel for ever, and `purge_channel_caches` would close those of other event loops as
    # well, another server's perhaps. So these two reach for what belongs to one loop.

    def forget(self, name: str) -> None:
        """Close the channel of a variable, or stop searching for it."""
        cache = self._catools._Context._channel_caches.get(self._loop)  # noqa: SLF001
        channel = None if cache is None else cache._ChannelCache__channels.pop(name, None)  # noqa: SLF001
        if channel is not None:
            channel._purge()  # noqa: SLF001

    def close(self) -> None:
        """Close all channels of the event loop."""
        _tell_late_errors.remove(self._tell)
        cache = self._catools._Context._channel_caches.pop(self._loop, None)  # noqa: SLF001
        if cache is not None:
            cache.purge()


_tell_late_errors: Final[list[Callable[[str], None]]] = []
_watched: Final[list[object]] = []
"""libca has one handler of late errors in each process, which has to stay alive."""


def _watch_late_errors(cadef: Any) -> None:
    if _watched:
        return

    # libca calls it in a thread of its own, where coverage does not look
    def tell(args: Any) -> None:  # pragma: no cover
        context = (args.ctx or b"").decode(errors="replace")
        for tell in tuple(_tell_late_errors):
            tell(f"{cadef.ca_message(args.stat)}: {context}")

    _watched.append(cadef.exception_handler(tell))
    cadef.ca_add_exception_event(_watched[0], None)


def _ca_sample(value: Any) -> CaSample:
    plain = value.tolist() if hasattr(value, "tolist") else value
    if value.datatype == CaClient.FLOAT and isinstance(plain, float):
        plain = _decimal(plain)
    return CaSample(plain, *value.raw_stamp)


def _decimal(single: float) -> float:
    """Return what a number of single precision stands for: 0.1, where it holds 0.10000000149011612."""
    import numpy as np

    return float(str(np.float32(single)))


class PvaSample(NamedTuple):
    """A value as PV Access brings it."""

    code: str
    """Its type as p4p writes it, such as `d` or `as`; `enum` for a choice, else empty."""
    value: object
    """A number or text, or a list of these; the index of a choice; the fields of another structure."""
    choices: tuple[str, ...] = ()
    """The labels of a choice."""
    seconds: int = 0
    """When the device had it, in seconds since 1970."""
    nanoseconds: int = 0
    """And how much later."""
    alarm: tuple[int, int, str] = (0, 0, "")
    """Severity, status and message."""


class PvaClient:
    """PV Access on one event loop. What the network refuses is a ValueError here."""

    def __init__(self) -> None:
        """Load the library and open its sockets.

        Raises:
            MissingExtra: It is not installed.
        """
        try:
            from p4p.client import asyncio as p4p
        except ImportError as error:
            raise MissingExtra("EPICS PV Access", _EXTRA) from error
        library: Any = p4p
        refused = (library.Cancelled, library.Disconnected, library.RemoteError, TimeoutError)
        self._errors: tuple[type[Exception], ...] = refused
        self._context: Any = library.Context("pva", nt=False)

    async def _call(self, call: Awaitable[T], seconds: float | None) -> T:
        try:
            return await asyncio.wait_for(call, seconds)
        except self._errors as error:
            raise ValueError(str(error) or "no answer") from error

    async def get(self, name: str, seconds: float | None) -> PvaSample:
        """Ask for the value.

        Args:
            name: The variable.
            seconds: How long to wait at most; None for any time.

        Raises:
            ValueError: It did not come.
        """
        return _pva_sample(await self._call(self._context.get(name), seconds))

    async def put(
        self, name: str, fields: Mapping[str, object], *, wait: bool, seconds: float | None
    ) -> None:
        """Write.

        Args:
            name: The variable.
            fields: What to write.
            wait: Whether to wait for the device to get there; otherwise for its server to take the value.
            seconds: How long to wait at most; None for any time.

        Raises:
            ValueError: It was refused, or there was no answer.
        """
        await self._call(self._context.put(name, dict(fields), wait=wait, get=False), seconds)

    def monitor(self, name: str, changed: Callable[[PvaSample | None, str], None]) -> Callable[[], None]:
        """Have a function called with each change, and with None and the reason where the variable is lost.

        Returns:
            What ends that.
        """

        async def update(value: Any) -> None:  # p4p wants a coroutine
            lost = isinstance(value, Exception)
            changed(None if lost else _pva_sample(value), str(value) if lost else "")

        subscription = self._context.monitor(name, update, notify_disconnect=True)
        return cast("Callable[[], None]", subscription.close)

    def close(self) -> None:
        """Close all channels and sockets."""
        self._context.close()


def _pva_sample(value: Any) -> PvaSample:
    stamp = (value.get("timeStamp.secondsPastEpoch", 0), value.get("timeStamp.nanoseconds", 0))
    alarm = (value.get("alarm.severity", 0), value.get("alarm.status", 0), value.get("alarm.message", ""))
    if value.get("value.index") is not None and value.get("value.choices") is not None:
        return PvaSample("enum", value["value.index"], tuple(value["value.choices"]), *stamp, alarm)
    code = value.type()["value"] if "value" in value else ""
    if not isinstance(code, str) or code.strip("a") not in set("?sbBhHiIlLfd"):
        fields = value.todict("value" if "value" in value else None)
        return PvaSample("", _shown(fields), (), *stamp, alarm)
    content = value["value"]
    if hasattr(content, "tolist"):
        content = content.tolist()
    return PvaSample(code, _decimal(content) if code == "f" else content, (), *stamp, alarm)


def _shown(value: Any) -> object:
    """Return plain Python of a structure, of long rows the beginning."""
    if hasattr(value, "todict"):
        value = value.todict()
    if isinstance(value, dict):
        return {name: _shown(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, list) or getattr(value, "ndim", None):
        row = cast("list[Any]", value)
        items = list(map(_shown, row[:_MOST_SHOWN]))
        return [*items, "..."] if len(row) > _MOST_SHOWN else items
    return value.item() if hasattr(value, "item") else value  # of an array
