"""Command documents in their canonical form, with the comments and processing instructions that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, overload
from xml.sax.saxutils import quoteattr

from scan_sdk._wire.command_faults import UNNAMED
from scan_sdk._wire.command_outline import ElementKind, Note, outline
from scan_sdk._wire.command_verbatim import end_of
from scan_sdk._wire.commands import read_with_outline, write_commands
from scan_sdk._wire.markup import encoded
from scan_sdk.models.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk._wire.command_outline import Element, Outline

__all__ = ["count_notes", "format_commands"]

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_LARGE = 2**20
"""Size of a document from which the garbage collector costs a good part of the time."""
_INDENT = "  "


@overload
def format_commands(document: str, *, source: str = UNNAMED) -> str: ...
@overload
def format_commands(document: bytes, *, source: str = UNNAMED) -> bytes: ...
def format_commands(document: str | bytes, *, source: str = UNNAMED) -> str | bytes:
    """Return a command document in the form that `CommandSequence.to_xml` writes, its comments kept.

    Comments and processing instructions stay by the element that they stand before, or behind on the same
    line. The attributes of the root stay, too, by which editors find a schema. An XML declaration stays where
    there was one, and says UTF-8 then. The commands in it are the same, and a second time changes nothing.

    Args:
        document: The document. Bytes are decoded as their XML declaration or byte order mark says, else as
            UTF-8.
        source: Name of the document for messages.

    Returns:
        Text for text, and UTF-8 for bytes.

    Raises:
        InvalidCommands: The document holds something that the server refuses, ignores or silently changes,
            and that would be lost here; with line and column.

    Example:
        >>> print(format_commands("<commands><!-- Zz --><delay><seconds>2</seconds></delay></commands>"))
        <commands>
          <!-- Zz -->
          <delay>
            <seconds>2.0</seconds>
          </delay>
        </commands>
        <BLANKLINE>
    """
    with collector_paused(len(document) > _LARGE):
        text = b"".join(_formatted(document, source))
    return text if isinstance(document, bytes) else text.decode()


def count_notes(document: bytes) -> int:
    """Return how many comments and processing instructions a document has that was read before.

    Those in commands that nobody knows belong to these, and are not counted.
    """
    body, encoding = encoded(document, UNNAMED)
    return outline(body, encoding, wanted=()).count


def _formatted(document: str | bytes, source: str) -> Iterator[bytes]:
    """Yield pieces of the canonical text."""
    commands, original = read_with_outline(document, source)
    text = write_commands(commands).encode()
    if original.declared:
        yield _DECLARATION
    if original.count or original.attributes:
        yield from _woven(original, text)
    else:
        yield text


def _woven(original: Outline, text: bytes) -> Iterator[bytes]:
    """Yield pieces of the canonical text with the notes between."""
    canonical = outline(text, "utf-8").root
    weaver = _Weaver(text)
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in original.attributes.items())
    if attributes:
        weaver.insert(canonical.start + len("<commands"), attributes)
    weaver.weave(original.root, canonical, "")
    around = _Spread(original.top)
    yield from (f"{note}\n".encode() for note in around.children[0].before)
    begun = 0
    for place, more, resumed in sorted(weaver.pieces):
        yield text[begun:place]
        yield more.encode()
        begun = resumed
    yield text[begun:]
    yield from (f"{note}\n".encode() for note in (*around.children[0].after, *around.last))


class _Child(NamedTuple):
    """An element with the notes on lines before it, and those behind its end tag, on the same line."""

    element: Element
    before: list[str]
    after: list[str]


class _Spread:
    """The content of an element, each note by what it stands by.

    Attributes:
        opened: Notes behind its start tag, on the same line.
        children: Its elements.
        last: Notes on lines before its end tag.
    """

    def __init__(self, element: Element) -> None:
        self.opened: list[str] = []
        self.children: list[_Child] = []
        waiting: list[Note] = []
        behind, line = self.opened, element.place[0]  # where notes go that are on the line of the last tag
        for item in element.content:
            if isinstance(item, Note):
                waiting.append(item)
                continue
            before = _settle(waiting, behind, line, item.place[0])
            inner = [note.text for note in item.content if isinstance(note, Note)]
            after = inner if item.kind is ElementKind.TEXT else []
            self.children.append(_Child(item, before, after))
            waiting, behind, line = [], after, item.end[0]
        self.last = _settle(waiting, behind, line, element.end[0])


def _settle(waiting: Iterable[Note], behind: list[str], line: int, here: int) -> list[str]:
    """Put the notes on the line of the last tag behind it, if this tag is on another; return the rest."""
    notes = list(waiting)
    while here > line and notes and notes[0].line == line:
        behind.append(notes.pop(0).text)
    return [note.text for note in notes]


class _Weaver:
    """Collects what goes where into a canonical text."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.pieces: list[tuple[int, str, int]] = []
        """Where a piece goes, the piece, and where the text goes on after it."""

    def insert(self, place: int, piece: str) -> None:
        """Put a piece into the text."""
        self.pieces.append((place, piece, place))

    def weave(self, original: Element, canonical: Element, indent: str) -> None:
        """Put the notes in an element where they belong in its canonical form."""
        inner = indent + _INDENT
        waiting: list[str] = []  # by elements that the canonical form leaves out, as they say nothing
        spread = _Spread(original)
        for (child, before, after), twin in _pairs(original, spread.children, canonical):
            waiting += before
            if twin is None:
                waiting += after
                continue
            if waiting:
                self.insert(twin.start, "".join(f"{note}\n{inner}" for note in waiting))
                waiting = []
            if child.kind not in _OPAQUE:
                self.weave(child, twin, inner)
            if after:
                self.insert(end_of(self._text, twin.start, twin.close), _behind(after))
        self._fill(canonical, spread.opened, [*waiting, *spread.last], indent)

    def _fill(self, element: Element, opened: Iterable[str], last: Iterable[str], indent: str) -> None:
        """Put notes behind the start tag of an element, and before its end tag."""
        lines = "".join(f"{_INDENT}{note}\n{indent}" for note in last)
        place = element.start + len(element.tag) + 1
        if not self._text.startswith(b"/>", place):
            if opened:
                self.insert(place + 1, _behind(opened))
            if lines:
                self.insert(element.close, lines)
        elif opened or lines:
            piece = f">{_behind(opened)}\n{indent}{lines}</{element.tag}>"
            self.pieces.append((place, piece, place + len("/>")))


_OPAQUE: Final = {ElementKind.TEXT, ElementKind.OTHER}


def _pairs(
    original: Element, children: Iterable[_Child], canonical: Element
) -> Iterator[tuple[_Child, Element | None]]:
    """Yield the elements in one with those in the other: fields by name, commands and items by place."""
    if original.kind is not ElementKind.COMMAND:
        yield from zip(children, canonical.children, strict=True)
    else:
        written = {element.tag: element for element in canonical.children}
        yield from ((child, written.get(child.element.tag)) for child in children)


def _behind(notes: Iterable[str]) -> str:
    return "".join(f" {note}" for note in notes)
