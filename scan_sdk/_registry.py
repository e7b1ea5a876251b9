"""What extensions register: tables by name and by kind of command, filled by calls and by entry points.

A table holds what this package registers itself and what extensions add, by the same calls. Extensions are
loaded when a table is asked for what it does not have, or for all that it has, so that nobody who needs none
pays for them.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from scan_sdk.errors import ExtensionError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
    from pathlib import Path

__all__ = [
    "CHECKS",
    "COMMANDS",
    "DEVICES",
    "EXPORTERS",
    "GROUP",
    "LINT_CODES",
    "LINT_NAMES",
    "PERFORMING",
    "SCHEMES",
    "SIMULATING",
    "WORDING",
    "WORK_UNITS",
    "AllByKind",
    "ByKind",
    "Code",
    "Exporter",
    "Problem",
    "Registry",
    "Severity",
    "add_code",
    "keeping",
    "load_extensions",
    "problems",
]

GROUP: Final = "scan_sdk.extensions"
"""The group of entry points that name modules of extensions."""

T = TypeVar("T")
H = TypeVar("H")
K = TypeVar("K", bound="Hashable")


class Problem(NamedTuple):
    """An extension that could not be loaded; the others are.

    Attributes:
        extension: Its entry point, such as `bl7 (bl7_scans.commands)`.
        reason: What went wrong.
    """

    extension: str
    reason: str


class Exporter(NamedTuple):
    """A format of files of data.

    Attributes:
        name: Its name, such as `parquet`.
        suffixes: What the names of its files end in, in lower case with the point.
        write: Writes data to a new file: a function of the data, of the path, and of `Extras` where it takes
            them. ValueError says what it cannot hold.
        read: Returns the devices' logs of a file; None for a format that is only written.
        recognises: Whether a file is in this format by its first 512 bytes; None where its name says it.
        takes_extras: Whether it has a place for what is known of the scan besides the data.
        is_text: Whether it can be shown on a terminal.
    """

    name: str
    suffixes: tuple[str, ...]
    write: Callable[..., None]
    read: Callable[[Path], Iterable[Any]] | None = None
    recognises: Callable[[bytes], bool] | None = None
    takes_extras: bool = False
    is_text: bool = True


class _Loader:
    """Loads the entry points of extensions, once."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.done = False
        self.loading = ""
        self.problems: list[Problem] = []

    def load(self) -> None:
        if self.done:
            return
        import logging
        from importlib.metadata import entry_points  # it takes longer than most of this package

        logger = logging.getLogger("scan_sdk.extensions")

        with self.lock:
            if self.done or self.loading:  # an extension that asks a table while it is loaded
                return
            for entry in entry_points(group=GROUP):
                self.loading = f"{entry.name} ({entry.value})"
                try:
                    entry.load()
                except Exception as error:  # noqa: BLE001  # other people's code: it is named, and the rest works
                    self.problems.append(Problem(self.loading, f"{type(error).__name__}: {error}"))
                    logger.warning("the extension %s cannot be loaded: %s", *self.problems[-1])
                finally:
                    self.loading = ""
            self.done = True


_loader: Final = _Loader()


def load_extensions() -> None:
    """Load all extensions that are installed, where that was not done yet."""
    _loader.load()


def problems() -> tuple[Problem, ...]:
    """Return the extensions that could not be loaded, and why."""
    _loader.load()
    return tuple(_loader.problems)


class Registry(Generic[K, T]):
    """A table of what may be added to: what this package has, and what extensions register.

    Args:
        what: What a key is, for messages, such as `scheme`.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[K, T] = {}
        self._owners: dict[K, str] = {}

    def add(self, key: K, item: T, *, owner: str) -> None:
        """Register something.

        Args:
            key: What it goes by.
            item: What it is.
            owner: The module that it is from, for messages.

        What this package has itself goes first: registered later, it takes the place of an extension's, which
        is then one of the `problems`.

        Raises:
            ExtensionError: Something else goes by that key.
        """
        ours = owner.partition(".")[0] == "scan_sdk"
        owner = owner if ours else _loader.loading or owner
        if key in self._items and self._items[key] is not item:
            first = self._owners[key]
            if not ours or first.partition(".")[0] == "scan_sdk":
                raise ExtensionError(f"the {self._what} {key!r} of {owner} is that of {first} already")
            _loader.problems.append(
                Problem(first, f"ExtensionError: the {self._what} {key!r} is that of {owner} already")
            )
        self._items[key] = item
        self._owners[key] = owner

    def remove(self, key: K) -> None:
        """Take something out again, as tests do."""
        self._items.pop(key, None)
        self._owners.pop(key, None)

    def get(self, key: K) -> T | None:
        """Return what goes by a key, None where nothing does."""
        item = self._items.get(key)
        if item is None and not _loader.done:
            _loader.load()
            item = self._items.get(key)
        return item

    def owner(self, key: K) -> str:
        """Return the module or the extension that something is from."""
        return self._owners[key]

    def __getitem__(self, key: K) -> T:
        return self._items[key]

    def items(self) -> Iterator[tuple[K, T]]:
        """Yield all that is registered, in the order in which it was."""
        _loader.load()
        yield from tuple(self._items.items())


class ByKind(Generic[H]):
    """What is to be done with each kind of command, by its class; a subclass inherits it.

    Args:
        what: What is registered, for messages, such as `wording`.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._own: Registry[type, H] = Registry(what)
        self._known: dict[type, H | None] = {}

    def register(self, *kinds: type) -> Callable[[H], H]:
        """Return a decorator that registers something for kinds of commands."""

        def add(handler: H) -> H:
            for kind in kinds:
                self._own.add(kind, handler, owner=getattr(handler, "__module__", "?"))
            self._known.clear()
            return handler

        return add

    def of(self, kind: type) -> H | None:
        """Return what is registered for a kind of command or the nearest of its bases; None for nothing."""
        try:
            return self._known[kind]
        except KeyError:
            found = (handler for base in kind.__mro__ if (handler := self._own.get(base)) is not None)
            self._known[kind] = handler = next(found, None)
            return handler

    def forget(self, kind: type) -> None:
        """Take out what is registered for a kind, as tests do."""
        self._own.remove(kind)
        self._known.clear()


class AllByKind(Generic[H]):
    """What is to be done in turn with each kind of command: all that its class and its bases have."""

    def __init__(self) -> None:
        self._own: dict[type, list[H]] = {}
        self._known: dict[type, tuple[H, ...]] = {}

    def register(self, *kinds: type) -> Callable[[H], H]:
        """Return a decorator that adds something for kinds of commands, and for their subclasses."""

        def add(handler: H) -> H:
            for kind in kinds:
                self._own.setdefault(kind, []).append(handler)
            self._known.clear()
            return handler

        return add

    def of(self, kind: type) -> tuple[H, ...]:
        """Return all that is registered for a kind of command and its bases, that of itself first."""
        try:
            return self._known[kind]
        except KeyError:
            _loader.load()
            found = (handler for base in kind.__mro__ for handler in self._own.get(base, ()))
            self._known[kind] = handlers = tuple(found)
            return handlers

    def forget(self, handler: H) -> None:
        """Take something out again, as tests do."""
        for handlers in self._own.values():
            if handler in handlers:
                handlers.remove(handler)
        self._known.clear()


Severity: TypeAlias = Literal["error", "warning", "info"]
"""How grave a finding is: an error is refused, misunderstood or hangs; a warning often does harm; the rest is
good to know."""


class Code(NamedTuple):
    """A kind of finding.

    Attributes:
        code: Its code, such as `SC401`; it never comes to mean something else.
        name: Its name, such as `wait-without-timeout`.
        severity: How grave it is.
        title: What is the matter, as a sentence.
        advice: What to do.
    """

    code: str
    name: str
    severity: Severity
    title: str
    advice: str


COMMANDS: Final = Registry[str, type]("command")
"""Models of commands by the name of their element, which is also what `command` says in JSON."""
WORDING: Final[ByKind[Callable[..., str]]] = ByKind("wording")
"""How the server describes a command: a function of the command that returns one line."""
DEVICES: Final[ByKind[Callable[..., Iterable[str]]]] = ByKind("devices")
"""Which devices a command uses itself, those of its body left out: a function of the command."""
WORK_UNITS: Final[ByKind[Callable[..., int]]] = ByKind("work units")
"""How many units of work a command counts for: a function of the command and of the units of its body."""
PERFORMING: Final[ByKind[Callable[..., object]]] = ByKind("performer")
"""What performs a command: an async function of the command and the scan, or the engine's class of nodes."""
SIMULATING: Final[ByKind[Callable[..., float | None]]] = ByKind("simulation")
"""What a command does in a simulation: a function of the command and the simulation."""
SCHEMES: Final[Registry[str, Callable[..., Any]]] = Registry("scheme of devices")
"""What makes the provider of a scheme of devices, such as `loc`, from their surroundings."""
CHECKS: Final[AllByKind[Callable[..., None]]] = AllByKind()
"""Rules of lint by kind of command: functions of the command and of the `Visit`, to which they report."""
LINT_CODES: Final = Registry[str, Code]("code of lint")
"""Kinds of findings by their codes."""
LINT_NAMES: Final = Registry[str, Code]("name of a finding")
"""Kinds of findings by their names."""


def add_code(code: Code, *, owner: str) -> None:
    """Register a kind of finding.

    Raises:
        ExtensionError: Another has its code or its name.
    """
    LINT_CODES.add(code.code, code, owner=owner)
    try:
        LINT_NAMES.add(code.name, code, owner=owner)
    except ExtensionError:
        LINT_CODES.remove(code.code)
        raise


EXPORTERS: Final[Registry[str, Exporter]] = Registry("format of data")
"""Formats of files of data by their names."""


@contextmanager
def keeping() -> Generator[None]:
    """Forget all that is registered meanwhile, as tests of extensions want it."""
    kinds = (Registry, ByKind, AllByKind)
    tables = [vars(item) for item in globals().values() if isinstance(item, kinds)]
    before = [deepcopy(table) for table in tables]
    try:
        yield
    finally:
        for table, held in zip(tables, before, strict=True):
            table.update(held)
