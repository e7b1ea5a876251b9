"""Command documents in their canonical form, with the comments and processing instructions that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload
from xml.sax.saxutils import quoteattr

from scan_sdk._wire.command_reader import UNNAMED
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.formats.notes import read_notes
from scan_sdk.models.collector import collector_paused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk.formats.notes import Element, Notes

__all__ = ["format_commands"]

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


def _formatted(document: str | bytes, source: str) -> Iterator[bytes]:
    """Yield pieces of the canonical text."""
    commands = read_commands(document, strict=True, source=source)
    encoding = "utf-8" if isinstance(document, str) else None
    notes = read_notes(document.encode() if isinstance(document, str) else document, encoding, source)
    text = write_commands(commands).encode()
    if notes.declared:
        yield _DECLARATION
    if notes.count or notes.attributes:
        yield from _woven(notes, text)
    else:
        yield text


def _woven(notes: Notes, text: bytes) -> Iterator[bytes]:
    """Yield pieces of the canonical text with the notes between."""
    canonical = read_notes(text, "utf-8", UNNAMED).root
    weaver = _Weaver(text)
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in notes.attributes.items())
    if attributes:
        weaver.insert(canonical.start + len("<commands"), attributes)
    weaver.weave(notes.root, canonical, "")
    yield from (f"{note}\n".encode() for note in notes.root.before)
    begun = 0
    for place, more, resumed in sorted(weaver.pieces):
        yield text[begun:place]
        yield more.encode()
        begun = resumed
    yield text[begun:]
    yield from (f"{note}\n".encode() for note in notes.top.last)


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
        for child, twin in _pairs(original, canonical):
            waiting += child.before
            if twin is None:
                waiting += child.after
                continue
            if waiting:
                self.insert(twin.start, "".join(f"{note}\n{inner}" for note in waiting))
                waiting = []
            if child.holds:
                self.weave(child, twin, inner)
            if child.after:
                self.insert(self._end(twin, inner), _behind(child.after))
        self._fill(canonical, original.opened, [*waiting, *original.last], indent)

    def _fill(self, element: Element, opened: Iterable[str], last: Iterable[str], indent: str) -> None:
        """Put notes behind the start tag of an element, and before its end tag."""
        lines = "".join(f"{_INDENT}{note}\n{indent}" for note in last)
        place = element.start + len(element.tag) + 1
        if not self._text.startswith(b"/>", place):
            if opened:
                self.insert(place + 1, _behind(opened))
            if lines:
                self.insert(self._end(element, indent) - len(f"</{element.tag}>"), lines)
        elif opened or lines:
            piece = f">{_behind(opened)}\n{indent}{lines}</{element.tag}>"
            self.pieces.append((place, piece, place + len("/>")))

    def _end(self, element: Element, indent: str) -> int:
        """Return where an element ends: the end tag of one that holds others begins its line."""
        place = element.start + len(element.tag) + 1
        if self._text.startswith(b"/>", place):
            return place + len("/>")
        tag = f"</{element.tag}>"
        if element.holds:
            tag = f"\n{indent}{tag}"
        return self._text.index(tag.encode(), place) + len(tag)


def _pairs(original: Element, canonical: Element) -> Iterator[tuple[Element, Element | None]]:
    """Yield the elements in one with those in the other: fields by name, commands and items by place."""
    if original.holds_commands or original.tag in {"devices", "arguments"}:
        yield from zip(original.children, canonical.children, strict=True)
    else:
        written = {element.tag: element for element in canonical.children}
        yield from ((element, written.get(element.tag)) for element in original.children)


def _behind(notes: Iterable[str]) -> str:
    return "".join(f" {note}" for note in notes)
