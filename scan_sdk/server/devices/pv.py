"""Process variables: named values that scans read and write, shared by all who use them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.errors import MissingExtra
from scan_sdk.server.errors import CommandFailed

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

    from scan_sdk.server.devices.fault import Fault
    from scan_sdk.server.devices.values import PvInput, Reading

__all__ = ["Provider", "Pv", "PvName", "PvPool"]

NETWORKS: Final = frozenset({"ca", "pva"})
"""Schemes whose servers give names a meaning: brackets in them are theirs."""

_VIRTUAL: Final = frozenset({"loc", "motor", "counter", "sim"})
"""Schemes whose names end, as in CS-Studio, at the first character that is of no name."""

_LAYOUT: Final = re.compile(r"([A-Za-z][-A-Za-z0-9:_.]*)(?:<([^>]*)>)?(?:\((.*)\))?.*", re.DOTALL)
_ANY_LAYOUT: Final = re.compile(r"([^<(]*)(?:<([^>]*)>)?(?:\((.*)\))?", re.DOTALL)


class PvName(NamedTuple):
    """A name such as `loc://x<VString>("a")` in its parts."""

    scheme: str
    """What stands before `://`; the default where nothing does."""
    base: str
    """The name proper."""
    type: str | None = None
    """What stands between `<` and `>`."""
    arguments: str | None = None
    """What stands between the brackets."""

    @classmethod
    def parse(cls, text: str, *, default: str = "ca") -> PvName:
        """Take a name apart.

        Args:
            text: The name.
            default: The scheme of a name that has none.

        Raises:
            CommandFailed: The name is empty.
        """
        text = text.strip()
        if not text:
            raise CommandFailed("Empty PV name")
        scheme, separator, rest = text.partition("://")
        if not (scheme and separator):
            scheme, rest = default, text
        if scheme in NETWORKS:
            return cls(scheme, rest.strip())
        found = (_LAYOUT if scheme in _VIRTUAL else _ANY_LAYOUT).fullmatch(rest)
        return cls(scheme, found[1], found[2], found[3]) if found else cls(scheme, rest)

    @property
    def key(self) -> str:
        """The name by which all users share the variable, such as `loc://x`.

        What a `sim` variable does is all in its arguments; elsewhere they say what to begin with.
        """
        arguments = f"({self.arguments})" if self.scheme == "sim" and self.arguments else ""
        return f"{self.scheme}://{self.base}{arguments}"


class Pv(ABC):
    """A process variable. Everything happens on the event loop of the server.

    Args:
        reading: What it holds at first; None where it is not connected.

    Attributes:
        reading: What it holds now; None while it is not connected.
        fault: What a test has it suffer from, as scans see it; None for nothing.
    """

    fault: Fault | None = None

    def __init__(self, reading: Reading | None = None) -> None:
        self.reading: Reading | None = reading
        self._listeners: list[Callable[[], None]] = []

    async def read(self) -> Reading | None:
        """Ask for the present value, where `reading` is the last that was reported."""
        return self.reading

    @abstractmethod
    async def write(self, value: PvInput) -> None:
        """Write without waiting for the device to get there.

        Raises:
            ValueError: The variable cannot hold the value, or is not connected.
        """

    async def put(self, value: PvInput) -> asyncio.Future[None] | None:
        """Write, and say when the device is there.

        Returns:
            A future that the caller may cancel, and that fails with ValueError where the device refuses the
            value later; None where the device is there at once.

        Raises:
            ValueError: The variable cannot hold the value, or is not connected.
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
        """Take a new reading and call the listeners."""
        self.reading = reading
        for listener in tuple(self._listeners):
            listener()

    def _take(self, before: Reading, asked: Reading) -> Reading:
        """Take the answer to a question, with no call to listeners, unless something later was reported.

        Args:
            before: `reading` at the time of the question.
            asked: The answer.

        Returns:
            The later of the two.
        """
        reported = self.reading
        if reported is None:
            return asked
        if reported is before or asked.time >= reported.time:
            self.reading = asked
        return self.reading or asked

    def close(self) -> None:  # noqa: B027  # most hold nothing
        """Let go of what the variable uses; nobody uses it any more."""


class UnreachablePv(Pv):
    """A variable that never connects.

    Args:
        reason: Why it never does, and what helps; empty where nobody knows.
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason: str = reason

    async def write(self, value: PvInput) -> None:
        """Refuse."""
        raise ValueError(value, self.reason or "not connected")


class Provider(ABC):
    """Makes the variables of one scheme, such as `loc`.

    Attributes:
        pool: The pool that it makes them for; some follow others from there.
    """

    pool: PvPool

    @abstractmethod
    def create(self, name: PvName) -> Pv:
        """Make the variable of that name.

        Raises:
            ValueError: The name makes no sense for this scheme.
            MissingExtra: A package that the scheme needs is not installed.
        """

    def close(self) -> None:  # noqa: B027  # most hold nothing
        """Let go of what all its variables share; none of them is in use any more."""

    def reset(self) -> None:  # noqa: B027  # most remember nothing
        """Forget what was kept of variables that nobody uses any more."""


class _Shared:
    def __init__(self, pv: Pv) -> None:
        self.pv = pv
        self.users = 0


class PvPool:
    """The variables in use, each one once however many scans use it."""

    def __init__(self, providers: Mapping[str, Provider], *, default_pv: str = "ca") -> None:
        """Take the providers by scheme.

        Args:
            providers: The providers.
            default_pv: The scheme of names that have none.

        Raises:
            ValueError: There is no such scheme.
        """
        if default_pv not in providers:
            raise ValueError(f"default_pv is '{default_pv}': choose one of {', '.join(sorted(providers))}")
        self._providers = providers
        for provider in providers.values():
            provider.pool = self
        self._default = default_pv
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
        parsed = PvName.parse(name, default=self._default)
        shared = self._shared.get(parsed.key)
        if shared is None:
            shared = self._shared[parsed.key] = _Shared(self._create(name, parsed))
        shared.users += 1
        return shared.pv

    def reset(self) -> None:
        """Have variables that are kept while nobody uses them begin anew."""
        for provider in self._providers.values():
            provider.reset()

    def _create(self, name: str, parsed: PvName) -> Pv:
        provider = self._providers.get(parsed.scheme)
        if provider is None:
            raise CommandFailed(f"{name} has unknown PV type '{parsed.scheme}'")
        try:
            return provider.create(parsed)
        except MissingExtra as error:
            return UnreachablePv(str(error))
        except ValueError as error:
            raise CommandFailed(f"Error for PV {parsed.key}: {error}") from error
        except Exception as error:  # the code of a device may be anybody's
            raise CommandFailed(f"Error for PV {parsed.key}: {type(error).__name__}: {error}") from error

    def release(self, name: str) -> None:
        """Give back what `acquire` gave; the last user closes the variable."""
        key = PvName.parse(name, default=self._default).key
        shared = self._shared[key]
        shared.users -= 1
        if not shared.users:
            del self._shared[key]
            shared.pv.close()

    def close(self) -> None:
        """Have the providers let go of what they hold; no variable is in use any more."""
        for provider in self._providers.values():
            provider.close()
