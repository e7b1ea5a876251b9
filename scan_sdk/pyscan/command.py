"""What the commands of old scripts have in common, and what modern commands become among them."""

from __future__ import annotations

import difflib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cache, wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeAlias, TypeVar, cast
from xml.etree import ElementTree as ET

from scan_sdk._wire.commands import write_commands
from scan_sdk.models.base import CommandModel, fields_of, tag_of
from scan_sdk.pyscan.spelling import element, optional

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Self
    from xml.etree.ElementTree import Element

    from scan_sdk.models import Command as Modern
    from scan_sdk.models import Source

__all__ = ["Command", "Commands"]

P = ParamSpec("P")
T = TypeVar("T")

Commands: TypeAlias = "Command | Modern | Iterable[Commands]"
"""Commands of old scripts, of `scan_sdk`, or any nesting of iterables of them."""


class Command(ABC):
    """A command of an old script; site-specific ones derive from it.

    Modern: `scan_sdk.Command`.
    """

    source: Source | None = None
    """Where the command was written, such as the cell of a table; None where that is not known."""

    @abstractmethod
    def genXML(self) -> Element:
        """Return the command as PyScanClient writes it for the server."""

    @abstractmethod
    def __repr__(self) -> str:
        """Return Python source of the command, as PyScanClient shows it."""

    def __str__(self) -> str:
        return repr(self)

    def indent(self, level: int) -> str:
        """Return the blanks before a line at a level of nesting."""
        return "    " * level

    def format(self, level: int = 0) -> str:
        """Return the command as `repr` does, with bodies on lines of their own; indented by a level."""
        return self.indent(level) + str(self)


class KnownCommand(Command):
    """One of the commands of PyScanClient itself, and what it says of a modern one that it was made from."""

    _model: ClassVar[type[CommandModel]]
    _errhandler: str | None = None
    _more: tuple[Element, ...] = ()
    """Elements of the modern command that this one does not write by itself."""

    def __init_subclass__(cls, model: type[CommandModel] | None = None) -> None:
        super().__init_subclass__()
        if model is not None:
            cls._model = model
            _KNOWN[model] = cls

    @classmethod
    def model(cls) -> type[CommandModel]:
        """Return the modern command of the same name."""
        return cls._model

    @abstractmethod
    def _elements(self) -> Iterable[Element | None]:
        """Return what the command is written with, but for its error handler."""

    def genXML(self) -> Element:
        """Return the command as XML."""
        made = element(tag_of(self._model), *self._elements(), optional("error_handler", self._errhandler))
        made.extend(more for more in self._more if made.find(more.tag) is None)
        return made

    @classmethod
    def with_fields(cls, fields: dict[str, object]) -> Self:
        """Return the command that has what a modern one has in these fields."""
        build = cast("Callable[..., Self]", cls)
        return build(**{parameter: fields[name] for name, parameter in _shared(cls)})

    def complete(self, command: CommandModel) -> None:
        """Take from a modern command its error handler, and what this one does not write by itself."""
        values = command.__dict__
        self._errhandler = values.get("error_handler") or None
        written = {child.tag for child in self.genXML()}
        more = {
            tag
            for name, tag, default in _fields(type(command))
            if tag not in written and values[name] != default
        }
        if more:  # readers would take the default
            self._more = tuple(child for child in _element_of(command) if child.tag in more)


class Block(KnownCommand):
    """A command that holds others."""

    _body: list[Command]

    def getBody(self) -> list[Command]:
        """Return the body itself: what is changed in the list is changed in the command."""
        return self._body

    def _body_element(self) -> Element:
        """Return the body as XML."""
        return element("body", *(command.genXML() for command in self._body))


class PassedCommand(Command):
    """A command of `scan_sdk` that PyScanClient does not know: it is passed on as it is.

    Attributes:
        command: The command.
    """

    def __init__(self, command: Modern) -> None:
        self.command = command

    def genXML(self) -> Element:
        """Return the command as `scan_sdk` writes it."""
        return _element_of(self.command)

    def __repr__(self) -> str:
        return repr(self.command)


_KNOWN: dict[type[CommandModel], type[KnownCommand]] = {}
"""The commands of PyScanClient by those of `scan_sdk`."""
_RENAMED = {"automatic": "auto", "path": "script", "scan_file": "scan"}
"""What PyScanClient calls fields otherwise."""


def legacy_of(command: Modern) -> Command:
    """Return the command as old scripts have it; `modern_of` makes the same of it again.

    Fields that PyScanClient does not know are kept, and sent with the others. Commands that it does not know,
    such as those of a site, are passed on as they are.
    """
    made = _made(command)
    if command.source is not None:
        made.source = command.source
    return made


def _made(command: Modern) -> Command:
    known = _KNOWN.get(type(command))
    if known is None:
        return PassedCommand(command)
    values = command.__dict__
    made = known.with_fields({name: values[name] for name, _, _ in _fields(type(command))})
    made.complete(command)
    if isinstance(made, Block):  # as they are: to append would lay sequences out flat
        made.getBody().extend(map(legacy_of, cast("tuple[Modern, ...]", getattr(command, "body", ()))))
    return made


@cache
def _fields(model: type[CommandModel]) -> list[tuple[str, str, object]]:
    """Return name, tag and default of the fields of a modern command, its body left out."""
    fields = (field for field in fields_of(model) if field.kind != "body")
    return [(field.attribute, field.tag, field.default) for field in fields]


@cache
def _shared(kind: type[KnownCommand]) -> list[tuple[str, str]]:
    """Return the fields that PyScanClient knows, and the parameters that it has for them."""
    parameters = signature(kind).parameters
    named = [(name, _RENAMED.get(name, name)) for name in kind.model().model_fields]
    return [(name, parameter) for name, parameter in named if parameter in parameters and name != "body"]


def _element_of(command: CommandModel) -> Element:
    document = write_commands([command])
    [found] = ET.fromstring(document)  # noqa: S314  # written here
    return found


# -- arguments ----------------------------------------------------------------------------------------------


def refuse_unknown(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Refuse keywords that a function does not know, rather than pass over them (trap 18).

    Raises:
        TypeError: There is one; the text names what may be meant.
    """
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(known)}"
            raise TypeError(f"{what}() got an unexpected keyword argument '{name}'; {hint}")


def knows_keywords(function: Callable[P, T]) -> Callable[P, T]:
    """Make a function say what may be meant by a keyword that it does not know."""
    kinds = Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY
    parameters = signature(function).parameters.values()
    known = [item.name for item in parameters if item.kind in kinds and item.name != "self"]
    what = function.__qualname__.removesuffix(".__init__")

    @wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> T:
        refuse_unknown(what, kwargs, known)
        return function(*args, **kwargs)

    return checked


def as_commands(*given: object) -> list[Command]:
    """Return commands in a new list, laid out flat; modern ones become those of old scripts.

    Raises:
        TypeError: There is something else among them.
    """
    found: list[Command] = []
    for item in given:
        if isinstance(item, Command):
            found.append(item)
        elif isinstance(item, CommandModel):
            found.append(legacy_of(item))
        elif isinstance(item, Iterable) and not isinstance(item, str | bytes):
            found += as_commands(*cast("Iterable[object]", item))
        elif item is not None:
            raise TypeError(f"give commands such as Set('motor_x', 10), not {item!r}")
    return found
