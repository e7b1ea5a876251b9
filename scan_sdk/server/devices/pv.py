"""Process variables: named values that scans read and write, shared by all who use them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from scan_sdk.server.devices.values import Reading

__all__ = ["Provider", "Pv", "PvName", "PvPool", "UnreachablePv"]

_LAYOUT = re.compile(r"([A-Za-z][-A-Za-z0-9:_.]*)(?:<([^>]*)>)?(?:\((.*)\))?.*", re.DOTALL)


class PvName(NamedTuple):
    """A name such as `loc://x<VString>("a")` in its parts."""

    scheme: str
    """What stands before `://`; `ca` where nothing does."""
    base: str
    """The name proper."""
    type: str | None = None
    """What stands between `<` and `>`."""
    arguments: str | None = None
    """What stands between the brackets."""

    @classmethod
    def parse(cls, text: str) -> PvName:
        """Take a name apart.

        Raises:
            CommandFailed: The name is empty.
        """
        text = text.strip()
        if not text:
            raise CommandFailed("Empty PV name")
        scheme, separator, rest = text.partition("://")
        if not (scheme and separator):
            return cls("ca", text)
        found = _LAYOUT.fullmatch(rest)
        return cls(scheme, found[1], found[2], found[3]) if found else cls(scheme, rest)

    @property
    def key(self) -> str:
        """The name by which all users share the variable, such as `loc://x`."""
        return f"{self.scheme}://{self.base}"


class Pv(ABC):
    """A process variable. Everything happens on the event loop of the server.

    Attributes:
        reading: What it holds now; None while it is not connected.
    """

    def __init__(self, reading: Reading | None = None) -> None:
        """Begin with a value, or not connected."""
        self.reading = reading
        self._listeners: list[Callable[[], None]] = []

    async def read(self) -> Reading | None:
        """Ask for the present value, where `reading` is the last that was reported."""
        return self.reading

    @abstractmethod
    async def write(self, value: float | str) -> None:
        """Write without waiting for the device to get there.

        Raises:
            ValueError: The variable cannot hold the value.
        """

    async def put(self, value: float | str) -> asyncio.Future[None] | None:
        """Write, and say when the device is there.

        Returns:
            A future that the caller may cancel; None where the device is there at once.

        Raises:
            ValueError: The variable cannot hold the value.
        """
        await self.write(value)
        return None

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Have a function called after each change of `reading`."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[], None]) -> None:
        """Undo one `subscribe`."""
        self._listeners.remove(listener)

    def update(self, reading: Reading | None) -> None:
        """Take a new reading and tell the listeners."""
        self.reading = reading
        for listener in tuple(self._listeners):
            listener()

    def close(self) -> None:  # noqa: B027  # most hold nothing
        """Let go of what the variable uses; nobody uses it any more."""


class UnreachablePv(Pv):
    """A variable that nobody serves, so it never connects."""

    async def write(self, value: float | str) -> None:
        """Refuse."""
        raise ValueError(value, "not connected")


class Provider(ABC):
    """Makes the variables of one scheme, such as `loc`."""

    @abstractmethod
    def create(self, name: PvName) -> Pv:
        """Make the variable of that name.

        Raises:
            ValueError: The name makes no sense for this scheme.
        """


class _Shared:
    def __init__(self, pv: Pv) -> None:
        self.pv = pv
        self.users = 0


class PvPool:
    """The variables in use, each one once however many scans use it."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        """Take the providers by scheme."""
        self._providers = providers
        self._shared: dict[str, _Shared] = {}

    @property
    def in_use(self) -> list[str]:
        """The names of the variables in use."""
        return list(self._shared)

    def acquire(self, name: str) -> Pv:
        """Return the variable of that name, made where nobody uses it yet.

        Raises:
            CommandFailed: There is no such scheme, or it cannot make a variable of that name.
        """
        parsed = PvName.parse(name)
        shared = self._shared.get(parsed.key)
        if shared is None:
            shared = self._shared[parsed.key] = _Shared(self._create(name, parsed))
        shared.users += 1
        return shared.pv

    def _create(self, name: str, parsed: PvName) -> Pv:
        provider = self._providers.get(parsed.scheme)
        if provider is None:
            raise CommandFailed(f"{name} has unknown PV type '{parsed.scheme}'")
        try:
            return provider.create(parsed)
        except ValueError as error:
            raise CommandFailed(f"Error for PV {parsed.key}: {error}") from error

    def release(self, name: str) -> None:
        """Give back what `acquire` gave; the last user closes the variable."""
        key = PvName.parse(name).key
        shared = self._shared[key]
        shared.users -= 1
        if not shared.users:
            del self._shared[key]
            shared.pv.close()
