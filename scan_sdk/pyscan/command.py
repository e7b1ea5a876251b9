"""What the commands of old scripts have in common, and how they are written as XML and as text."""

from __future__ import annotations

import difflib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, ParamSpec, TypeAlias, TypeVar, cast
from xml.etree.ElementTree import Element

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

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
    from scan_sdk.models.base import CommandModel

    found: list[Command] = []
    for item in given:
        if isinstance(item, Command):
            found.append(item)
        elif isinstance(item, CommandModel):
            from scan_sdk.pyscan.conversion import legacy_of

            found.append(legacy_of(item))
        elif isinstance(item, Iterable) and not isinstance(item, str | bytes):
            found += as_commands(*cast("Iterable[object]", item))
        elif item is not None:
            raise TypeError(f"give commands such as Set('motor_x', 10), not {item!r}")
    return found


# -- XML ----------------------------------------------------------------------------------------------------


def element(tag: str, *children: Element | None) -> Element:
    """Return an element with those of the children that are there."""
    made = Element(tag)
    made.extend([child for child in children if child is not None])
    return made


def leaf(tag: str, value: object) -> Element:
    """Return an element with a text."""
    made = Element(tag)
    made.text = str(value)
    return made


def optional(tag: str, value: object) -> Element | None:
    """Return an element with a text, nothing where there is no value."""
    return leaf(tag, value) if value else None


def handler(name: str | None) -> Element | None:
    """Return the element of an error handler, where there is one."""
    return optional("error_handler", name)


def quoted(value: object) -> str:
    """Return a text in the quotes that keep the server from taking it for a number; others as they are."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def body_of(commands: Iterable[Command]) -> Element:
    """Return the body of a command."""
    return element("body", *(command.genXML() for command in commands))


def positive(value: float | None) -> bool:
    """Tell whether a limit is one: neither missing nor 0."""
    return value is not None and float(value) > 0


# -- text ---------------------------------------------------------------------------------------------------


def short(value: object) -> str:
    """Return a number with six digits at most, as PyScanClient shows most; others as Python source."""
    try:
        return plain(value) if math.isinf(float(value)) else f"{value:g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return repr(value)


def plain(value: object) -> str:
    """Return Python source of a value; numbers of numpy as numbers."""
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return str(value)


def joined(parts: Iterable[str]) -> str:
    """Return arguments with commas between."""
    return ", ".join(part for part in parts if part)


def handler_text(name: str | None) -> str:
    """Return the argument of an error handler, where there is one."""
    return f"errhandler={name!r}" if name else ""


def list_of(commands: Iterable[Command]) -> str:
    """Return a body in one line; nothing where it is empty."""
    inner = ", ".join(map(repr, commands))
    return f"[ {inner} ]" if inner else ""


def lines_of(commands: Iterable[Command], level: int) -> str:
    """Return a body with a line for each command."""
    return ",\n".join(command.format(level + 1) for command in commands)
