"""Where the elements of a document stand, and which of them its comments speak about.

Only a document in which something was found, or that has comments for the check, is gone through for this.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from xml.parsers import expat

from scan_sdk._wire.command_faults import REMARK

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = ["Outline", "Place", "Remark", "outline"]

Place: TypeAlias = "tuple[int, int]"
"""Line and column, from 1."""


class Remark(NamedTuple):
    """A comment for the check.

    Attributes:
        text: What stands behind its mark.
        place: Where it begins.
        start: Where the command begins that it is about.
        end: Where the closing tag of that command begins.
    """

    text: str
    place: Place
    start: Place
    end: Place


class Outline(NamedTuple):
    """What is where.

    Attributes:
        elements: The places of the elements of a command, by their names, by the place of the command.
        remarks: The comments for the check.
    """

    elements: dict[Place, dict[str, Place]]
    remarks: list[Remark]


def outline(document: bytes, encoding: str | None, wanted: Container[Place]) -> Outline:
    """Go through a document, as far as it is XML.

    Args:
        document: The document.
        encoding: How to decode it; None as it says itself.
        wanted: The places of the commands whose elements are wanted.
    """
    reader = _Reader(encoding, wanted)
    with suppress(expat.ExpatError, LookupError, ValueError, _Doctype):  # what was found before it counts
        reader.parser.Parse(document, True)
    reader.remark_on_open_elements()
    return Outline(reader.elements, reader.remarks)


class _Doctype(Exception):
    """There is a document type declaration, which may hold anything."""


_NOWHERE: Place = (0, 0)


class _Element:
    """An element that is open.

    Attributes:
        holds_commands: Whether commands stand in it: it is the root, or a body.
        last: Where the last command in it begins and ends.
        waiting: Comments about the command that comes next in it.
        about: Comments about this element.
    """

    __slots__ = ("about", "holds_commands", "last", "place", "waiting")

    def __init__(self, place: Place, *, holds_commands: bool) -> None:
        self.place = place
        self.holds_commands = holds_commands
        self.last: tuple[Place, Place] = _NOWHERE, _NOWHERE
        self.waiting: list[tuple[str, Place]] = []
        self.about: list[tuple[str, Place]] = []


class _Reader:
    def __init__(self, encoding: str | None, wanted: Container[Place]) -> None:
        self.elements: dict[Place, dict[str, Place]] = {}
        self.remarks: list[Remark] = []
        self._wanted = wanted
        self._open: list[_Element] = []
        parser = self.parser = expat.ParserCreate(encoding)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = self._comment
        parser.StartDoctypeDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise _Doctype

    def _here(self) -> Place:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        place = self._here()
        around = self._open[-1] if self._open else None
        element = _Element(place, holds_commands=around is None or tag == "body")
        if around is not None:
            if around.place in self._wanted:
                self.elements.setdefault(around.place, {}).setdefault(tag, place)
            if around.waiting:
                element.about, around.waiting = around.waiting, []
        self._open.append(element)

    def _end(self, _tag: str) -> None:
        done = self._open.pop()
        end = self._here()
        for text, place in done.about:
            self.remarks.append(Remark(text, place, done.place, end))
        for text, place in done.waiting:  # nothing comes that they could be about
            self.remarks.append(Remark(text, place, _NOWHERE, _NOWHERE))
        if self._open:
            self._open[-1].last = done.place, end

    def remark_on_open_elements(self) -> None:
        """Let comments count in elements at which the document breaks off."""
        while self._open:
            self._end("")

    def _comment(self, text: str) -> None:
        text = text.strip()
        if not text.startswith(REMARK):
            return
        text = text.removeprefix(REMARK).strip()
        place = self._here()
        if not self._open:
            self.remarks.append(Remark(text, place, _NOWHERE, _NOWHERE))
        elif not self._open[-1].holds_commands:
            command = next(
                inner
                for inner, outer in zip(self._open[::-1], self._open[-2::-1], strict=False)
                if outer.holds_commands
            )
            command.about.append((text, place))
        elif self._open[-1].last[1][0] == place[0]:
            self.remarks.append(Remark(text, place, *self._open[-1].last))
        else:
            self._open[-1].waiting.append((text, place))
