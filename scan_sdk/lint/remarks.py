"""Comments that silence findings: `<!-- scan-sdk: ignore SC401 -->`, and `ignore-file` for a whole file."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk._wire.command_faults import REMARK
from scan_sdk._wire.command_outline import Element, ElementKind, Note
from scan_sdk.lint.codes import codes_of, define
from scan_sdk.lint.findings import Finding, finding
from scan_sdk.models import TextSource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk._wire.command_outline import Outline, Place

__all__ = ["Remark", "heed", "remarks_of"]

define("SC901", "unused-ignore", "warning", "The comment silences nothing.", "remove it")
define("SC902", "unknown-code", "warning", "The comment names a code that does not exist.", "fix it")
define(
    "SC903",
    "bad-directive",
    "warning",
    "The comment cannot be understood.",
    "write <!-- scan-sdk: ignore SC401 --> or <!-- scan-sdk: ignore-file SC401 -->",
)

_NOWHERE: Final = (0, 0)


class Remark(NamedTuple):
    """A comment for the check.

    Attributes:
        text: What stands behind its mark.
        place: Where it begins.
        start: Where the command begins that it is about.
        end: Where that command ends.
    """

    text: str
    place: Place
    start: Place
    end: Place


def remarks_of(outline: Outline) -> Iterator[Remark]:
    """Yield the comments for the check, those within a command before those about it.

    A comment in a command is about that command; one behind a command, on the same line, too; any other is
    about the command that comes next.
    """
    for item in outline.top.content:
        if isinstance(item, Element):
            yield from _remarks_in(item)
        else:
            yield from _remarks([item], None)


def _remarks_in(commands: Element) -> Iterator[Remark]:
    """Yield the comments among commands and in them."""
    waiting: list[Note] = []
    last: Element | None = None
    for item in commands.content:
        if isinstance(item, Element):
            about, waiting, last = waiting, [], item
            for part in _parts(item):
                if isinstance(part, Note):
                    about.append(part)
                else:
                    yield from _remarks_in(part)
            yield from _remarks(about, item)
        elif last is not None and last.end[0] == item.line:
            yield from _remarks([item], last)
        else:
            waiting.append(item)
    yield from _remarks(waiting, None)


def _parts(element: Element) -> Iterator[Element | Note]:
    """Yield the notes in a command, and the bodies that it has."""
    for item in element.content:
        if isinstance(item, Note) or item.kind is ElementKind.COMMANDS:
            yield item
        else:
            yield from _parts(item)


def _remarks(notes: Iterable[Note], about: Element | None) -> Iterator[Remark]:
    for note in notes:
        text = note.text.removeprefix("<!--").removesuffix("-->").strip()
        if note.text.startswith("<!--") and text.startswith(REMARK):
            start, end = (_NOWHERE, _NOWHERE) if about is None else (about.place, about.end)
            yield Remark(text.removeprefix(REMARK).strip(), (note.line, note.column), start, end)


def heed(findings: list[Finding], remarks: Iterable[Remark], file: str, *, unsure: str = "") -> list[Finding]:
    """Leave out the findings in a file that its comments silence.

    Args:
        findings: What was found in the file.
        remarks: Its comments for the check.
        file: Its name.
        unsure: What codes begin with that may not have been looked for, so that nothing is said of comments
            which name them in vain; empty where all have been.

    Returns:
        What is left, and what is wrong with the comments themselves.
    """
    index = _Index(findings)
    about: list[Finding] = []
    for remark in remarks:
        place = TextSource(file, *remark.place)
        directive, _, rest = remark.text.partition(" ")
        if directive not in {"ignore", "ignore-file"} or not rest.strip():
            about.append(finding("bad-directive", f"the comment says {remark.text[:40]!r}", source=place))
            continue
        span = _EVERYWHERE if directive == "ignore-file" else (remark.start, remark.end)
        for word in rest.replace(",", " ").split():
            try:
                codes = codes_of(word)
            except ValueError:
                about.append(finding("unknown-code", f"no finding has the code {word[:40]!r}", source=place))
                continue
            in_vain = not index.take(codes, *span)
            if in_vain and not (unsure and all(code.startswith(unsure) for code in codes)):
                about.append(finding("unused-ignore", f"there is no {word} to ignore", source=place))
    return index.left() + about


_EVERYWHERE: Final = (0, 0), (sys.maxsize, 0)


class _Index:
    """Findings by code and place: a file may have thousands, and as many comments."""

    def __init__(self, findings: list[Finding]) -> None:
        self._by_code: dict[str, list[tuple[Place, int]]] = {}
        self._findings: list[Finding | None] = list(findings)
        for number, one in enumerate(findings):
            place = (one.source.line, one.source.column) if isinstance(one.source, TextSource) else (0, 0)
            self._by_code.setdefault(one.code, []).append((place, number))
        for numbers in self._by_code.values():
            numbers.sort()

    def take(self, codes: Iterable[str], start: Place, end: Place) -> bool:
        """Take away findings of these codes between two places; return whether there were any."""
        taken = False
        for code in codes:
            places = self._by_code.get(code, [])
            first = bisect_left(places, (start, -1))
            last = bisect_right(places, (end, sys.maxsize))
            for _, number in places[first:last]:
                self._findings[number] = None
            del places[first:last]
            taken = taken or first < last
        return taken

    def left(self) -> list[Finding]:
        """Return what has not been taken away."""
        return [one for one in self._findings if one is not None]
