"""Where the elements and the comments of a command document stand.

The reader of commands makes an outline in the same pass where one is wanted. Of a document in which something
was found wrong, one can be made afterwards.
"""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from xml.parsers import expat

from scan_sdk._wire.command_plans import plan_of
from scan_sdk.models.tree import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping

    from scan_sdk._wire.command_plans import Row

__all__ = ["Element", "ElementKind", "Note", "Outline", "Outliner", "Place", "commands_in", "outline"]

Place: TypeAlias = "tuple[int, int]"
"""Line and column, from 1."""


class ElementKind(Enum):
    """What an element of a command document is."""

    COMMANDS = "commands"
    """It holds commands: the root, or a body."""
    COMMAND = "command"
    LIST = "list"
    """It holds items, such as the devices of a log."""
    TEXT = "text"
    OTHER = "other"
    """A command that nobody knows: what is in it belongs to it."""


class Note(NamedTuple):
    """A comment or a processing instruction, as it is written, and where it begins."""

    text: str
    line: int
    column: int


class Element:
    """An element of a command document.

    Attributes:
        tag: Its name.
        kind: What it is.
        content: The elements and the notes in it, in order; of a text the notes only.
        place: Line and column of its start tag, from 1.
        end: Line and column of its end tag; where it has none, of what follows.
        start: Where its start tag begins, in bytes.
        close: Where its end tag begins; where it has none, where it ends.
    """

    __slots__ = ("close", "content", "end", "kind", "place", "rows", "start", "tag")

    def __init__(self, tag: str, kind: ElementKind, place: Place, start: int) -> None:
        self.tag: str = tag
        self.kind: ElementKind = kind
        self.content: list[Element | Note] = []
        self.place: Place = place
        self.end: Place = place
        self.start: int = start
        self.close: int = start
        self.rows: Mapping[str, Row] = {}

    @property
    def children(self) -> list[Element]:
        """The elements in it."""
        return [item for item in self.content if isinstance(item, Element)]


class Outline:
    """The elements and the notes of a document.

    Attributes:
        top: What holds the root element, and the notes before and behind it.
        attributes: The attributes of the root.
        declared: Whether the document begins with an XML declaration.
        count: How many notes there are, those in unknown commands left out.
    """

    def __init__(self) -> None:
        self.top: Element = Element("", ElementKind.COMMANDS, (0, 0), 0)
        self.attributes: Mapping[str, str] = {}
        self.declared = False
        self.count = 0

    @property
    def root(self) -> Element:
        """The root element."""
        return self.top.children[0]


class Outliner:
    """Makes an outline while a parser goes through a document.

    Args:
        parser: The parser. Handlers that it has already come after those for the outline.
        wanted: The places of the commands whose elements are wanted; None for all. Of others the bodies and
            the notes are kept.
    """

    def __init__(self, parser: expat.XMLParserType, wanted: Container[Place] | None = None) -> None:
        self.outline: Outline = Outline()
        self._parser = parser
        self._wanted = wanted
        self._open = [self.outline.top]
        self._commands = 0  # how many commands are open
        self._within = 0  # how many elements are open in a text or an unknown command
        handlers: dict[str, Callable[..., None]] = {
            "XmlDeclHandler": self._declare,
            "StartElementHandler": self._start,
            "EndElementHandler": self._end,
            "CommentHandler": self._comment,
            "ProcessingInstructionHandler": self._instruction,
        }
        for name, handler in handlers.items():
            setattr(parser, name, _both(handler, getattr(parser, name)))

    def break_off(self) -> None:
        """End the elements that are open where the document breaks off."""
        self._within = 0
        while len(self._open) > 1:
            self._end("")

    def _here(self) -> Place:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _declare(self, *_: object) -> None:
        self.outline.declared = True

    def _comment(self, text: str) -> None:
        self._note(f"<!--{text}-->")

    def _instruction(self, target: str, data: str) -> None:
        self._note(f"<?{target} {data}?>" if data else f"<?{target}?>")

    def _note(self, text: str) -> None:
        around = self._open[-1]
        if around.kind is not ElementKind.OTHER:
            self.outline.count += 1
            around.content.append(Note(text, *self._here()))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        around = self._open[-1]
        row = around.rows.get(tag)
        if around.kind in _OPAQUE or self._is_unwanted(around, row):
            self._within += 1
            return
        element = Element(tag, ElementKind.TEXT, self._here(), self._parser.CurrentByteIndex)
        if len(self._open) == 1:
            element.kind = ElementKind.COMMANDS
            self.outline.attributes = attributes
        elif around.kind is ElementKind.COMMANDS:
            plan = plan_of(tag) if self._commands <= DEEPEST else None
            element.kind = ElementKind.OTHER if plan is None else ElementKind.COMMAND
            element.rows = {} if plan is None else plan.rows
            self._commands += plan is not None
        elif row is not None and row.nested:
            element.kind = ElementKind.COMMANDS if row.kind == "body" else ElementKind.LIST
        around.content.append(element)
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        if self._within:
            self._within -= 1
            return
        done = self._open.pop()
        done.end, done.close = self._here(), self._parser.CurrentByteIndex
        self._commands -= done.kind is ElementKind.COMMAND

    def _is_unwanted(self, around: Element, row: Row | None) -> bool:
        """Return whether an element belongs to a command whose elements are not wanted; bodies always are."""
        if self._wanted is None or around.kind is not ElementKind.COMMAND:
            return False
        return around.place not in self._wanted and (row is None or row.kind != "body")


_OPAQUE = {ElementKind.TEXT, ElementKind.OTHER}


def _both(first: Callable[..., None], then: Callable[..., object] | None) -> Callable[..., object]:
    if then is None:
        return first

    def both(*values: object) -> None:
        first(*values)
        then(*values)

    return both


class _Doctype(Exception):
    """There is a document type declaration, which may hold anything."""


def outline(document: bytes, encoding: str | None, wanted: Container[Place] | None = None) -> Outline:
    """Return the outline of a document, as far as it is XML.

    Args:
        document: The document.
        encoding: How to decode it; None as it says itself.
        wanted: The places of the commands whose elements are wanted; None for all.
    """

    def refuse(*_: object) -> None:
        raise _Doctype

    parser = expat.ParserCreate(encoding)
    parser.StartDoctypeDeclHandler = refuse
    outliner = Outliner(parser, wanted)
    with suppress(expat.ExpatError, LookupError, ValueError, _Doctype):  # what was found before it counts
        parser.Parse(document, True)
    outliner.break_off()
    return outliner.outline


def commands_in(element: Element) -> Iterator[Element]:
    """Yield the commands in an element that holds commands, bodies included."""
    waiting = [element]
    while waiting:
        for child in waiting.pop().children:
            if child.kind is ElementKind.COMMAND:
                yield child
            waiting.append(child)
