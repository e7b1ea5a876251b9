"""Comments and processing instructions of a command document, and the elements that they stand by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.parsers import expat

from scan_sdk.errors import InvalidCommands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Element", "Notes", "count_notes", "read_notes"]

_OF_COMMANDS: Final = {"commands", "body"}
"""Elements that hold commands."""
_LISTS: Final = {"body", "devices", "arguments"}
"""Elements of a command that hold elements."""


class Element:
    """An element, and the notes by it; a note is a comment or a processing instruction as it is written.

    Attributes:
        tag: Its name.
        holds: Whether it holds elements, and not text.
        children: The elements in it, in order.
        before: Notes on lines before it.
        opened: Notes behind its start tag, on the same line.
        last: Notes on lines before its end tag.
        after: Notes behind its end tag, on the same line.
        start: Where its start tag begins, in bytes.
    """

    __slots__ = ("after", "before", "children", "holds", "last", "opened", "start", "tag")

    def __init__(self, tag: str, start: int, *, holds: bool) -> None:
        self.tag: str = tag
        self.holds: bool = holds
        self.children: list[Element] = []
        self.before: Iterable[str] = ()
        self.opened: Iterable[str] = ()
        self.last: Iterable[str] = ()
        self.after: tuple[str, ...] = ()
        self.start: int = start

    @property
    def holds_commands(self) -> bool:
        """Whether it holds commands."""
        return self.holds and self.tag in _OF_COMMANDS


class Notes:
    """What a document holds besides its commands.

    Attributes:
        top: What holds the root element.
        root: The root element.
        attributes: The attributes of the root.
        declared: Whether the document begins with an XML declaration.
        count: How many comments and processing instructions there are.
    """

    def __init__(self) -> None:
        self.top: Element = Element("", 0, holds=True)
        self.attributes: Mapping[str, str] = {}
        self.declared = False
        self.count = 0

    @property
    def root(self) -> Element:
        """The root element."""
        return self.top.children[0]


def read_notes(document: bytes, encoding: str | None, source: str) -> Notes:
    """Return the notes of a document that was read as commands, strictly, before.

    Args:
        document: The document.
        encoding: Its encoding where that is not the one that it declares.
        source: Name of the document for messages.

    Raises:
        InvalidCommands: A text has something in its middle, so that the server takes its beginning only; or
            an element other than the root has attributes.
    """
    reader = _Reader(encoding, source)
    return reader.read(document)


def count_notes(document: bytes) -> int:
    """Return how many comments and processing instructions a document has that was read before."""
    count = 0

    def note(*_: object) -> None:
        nonlocal count
        count += 1

    parser = expat.ParserCreate()
    parser.CommentHandler = parser.ProcessingInstructionHandler = note
    parser.Parse(document, True)
    return count


class _Reader:
    """The state of one reading."""

    def __init__(self, encoding: str | None, source: str) -> None:
        self._source = source
        self._notes = Notes()
        self._path = [self._notes.top]
        self._waiting: list[tuple[int, str]] = []  # notes since the last tag, with their lines
        self._line = 0  # of the last tag
        self._opened = True  # whether the last tag was a start tag
        self._text: list[str] = []
        self._cut: tuple[int, int, str] | None = None  # where the text of an element ends for the server
        parser = self._parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        parser.CharacterDataHandler = self._text.append
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._interrupt

    def read(self, document: bytes) -> Notes:
        self._parser.Parse(document, True)
        self._notes.top.last = [text for _, text in self._waiting]
        return self._notes

    def _error(self, reason: str, line: int, column: int) -> InvalidCommands:
        return InvalidCommands(reason, source=self._source, line=line, column=column + 1)

    def _declare(self, *_: object) -> None:
        self._notes.declared = True

    def _comment(self, text: str) -> None:
        self._note(f"<!--{text}-->")

    def _instruction(self, target: str, data: str) -> None:
        self._note(f"<?{target} {data}?>" if data else f"<?{target}?>")

    def _note(self, text: str) -> None:
        self._notes.count += 1
        self._waiting.append((self._parser.CurrentLineNumber, text))
        self._interrupt()

    def _interrupt(self) -> None:
        if self._cut is None and not self._path[-1].holds:
            parser = self._parser
            self._cut = parser.CurrentLineNumber, parser.CurrentColumnNumber, "".join(self._text)

    def _start_cdata(self) -> None:
        if self._text:
            self._interrupt()

    def _settle(self) -> list[str]:
        """Give the notes on the line of the last tag to its element, and return those before this tag."""
        here = self._parser.CurrentLineNumber
        line, waiting = self._line, self._waiting
        self._line = here
        if not waiting:
            return []
        self._waiting = []
        with_last = [text for number, text in waiting if number == line] if here > line else []
        if with_last:
            element = self._path[-1] if self._opened else self._path[-1].children[-1]
            if self._opened:
                element.opened = with_last
            else:
                element.after += tuple(with_last)
        return [text for _, text in waiting[len(with_last) :]]

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        around = self._path[-1]
        holds = len(self._path) == 1 or around.holds_commands or tag in _LISTS
        element = Element(tag, self._parser.CurrentByteIndex, holds=holds)
        if len(self._path) == 1:
            self._notes.attributes = attributes
        elif attributes:
            reason = (
                f"<{tag}> has attributes ({', '.join(attributes)}), which the server ignores: remove them"
            )
            raise self._error(reason, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)
        element.before = self._settle()
        around.children.append(element)
        self._path.append(element)
        self._opened = True
        self._text.clear()
        self._cut = None

    def _end(self, _tag: str) -> None:
        element = self._path[-1]
        if element.holds:
            element.last = self._settle()
        else:
            self._end_text(element)
        self._path.pop()
        self._opened = False
        self._text.clear()
        self._cut = None

    def _end_text(self, element: Element) -> None:
        if self._cut is not None:
            line, column, text = self._cut
            if "".join(self._text)[len(text) :].strip():
                reason = (
                    f"the server takes {text[:40]!r} for the text of <{element.tag}>: leave one piece of text"
                )
                raise self._error(reason, line, column)
        element.after = tuple(text for _, text in self._waiting)
        self._waiting = []
        self._line = self._parser.CurrentLineNumber
