"""What can be wrong with a command document, each kind by a name of its own."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

from scan_sdk.errors import InvalidCommands
from scan_sdk.models.base import tag_of
from scan_sdk.models.commands import MEMBERSHIP, RELATIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from xml.parsers.expat import XMLParserType

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel

__all__ = [
    "REMARK",
    "UNNAMED",
    "Fault",
    "FaultKind",
    "Faults",
    "Refusal",
    "Survey",
    "nearest",
    "refusals",
    "with_advice",
]

Place: TypeAlias = "tuple[int, int]"
"""Line, from 1, and column, from 0."""
FaultKind: TypeAlias = Literal[
    "not-well-formed",
    "document-type",
    "unreadable-encoding",
    "too-deep",
    "wrong-root",
    "unknown-command",
    "unknown-element",
    "misplaced-element",
    "repeated-element",
    "missing-element",
    "element-in-text",
    "attribute",
    "stray-text",
    "not-a-number",
    "not-a-boolean",
    "unknown-comparison",
    "out-of-range",
    "bad-name",
    "cut-text",
    "boolean-misread",
    "empty-number",
    "no-name",
    "log-of-nothing",
    "step-zero",
    "loop-never-runs",
    "comparison-in-if",
    "relative-text",
    "not-texts",
    "not-finite",
]


UNNAMED: Final = "commands"
"""What a document without a name is called."""
_MOST: Final = 10_000
"""No more are noted: who has so many needs no further ones, and memory is finite."""
REMARK: Final = "scan-sdk:"
"""What a comment that is meant for the check begins with."""


class Fault(NamedTuple):
    """Something that is wrong with a document.

    Attributes:
        kind: What it is.
        reason: What it is, in words.
        advice: What to do; empty where that is what is always advised.
        line: Line, from 1.
        column: Column, from 1.
        tag: The element within the command at that place that is meant; empty where the place is its own.
        address: The address of the command that it is about, None where it is about none.
    """

    kind: FaultKind
    reason: str
    advice: str
    line: int
    column: int
    tag: str = ""
    address: int | None = None


class Survey(NamedTuple):
    """A document with all that is wrong with it.

    Attributes:
        commands: The commands, as far as they could be read.
        places: The line and the column of each, both from 1, by its address.
        faults: What is wrong, as it was come upon. Not only what the server refuses, but also what strict
            reading reports, and what does not fit the schema.
        damaged: The addresses of the commands that are not what was meant.
        has_remarks: Whether it has comments that are meant for the check.
    """

    commands: tuple[Command, ...]
    places: list[tuple[int, int]]
    faults: list[Fault]
    damaged: set[int]
    has_remarks: bool


class Faults:
    """Raises what is wrong with a document, or notes it where all is wanted.

    Args:
        parser: What goes through the document: it knows the place.
        source: Name of the document.
        collect: Whether to note faults and go on.
    """

    def __init__(self, parser: XMLParserType, source: str | None, *, collect: bool) -> None:
        self.noted: list[Fault] = []
        self._parser = parser
        self._source = source or UNNAMED
        self._collect = collect

    def report(
        self,
        kind: FaultKind,
        reason: str,
        advice: str = "",
        *,
        place: Place | None = None,
        text: str = "",
        tag: str = "",
        address: int | None = None,
    ) -> None:
        """Raise a fault, or note it.

        Args:
            kind: What it is.
            reason: What it is, in words.
            advice: What to do about it, where that is not what is always advised.
            place: Line, from 1, and column, from 0; by default those where the parser is.
            text: What it is about, with blanks before it, where the parser is behind it.
            tag: The element of the command that is meant.
            address: The address of the command that it is in.

        Raises:
            InvalidCommands: Faults are not noted.
        """
        line, column = place or self._here()
        if text and place is None:
            line, column = _beginning(text, line, column)
        if not self._collect:
            raise self._error(reason, advice, (line, column))
        if len(self.noted) < _MOST:
            self.noted.append(Fault(kind, reason, advice, line, column + 1, tag, address))

    def end(
        self, kind: FaultKind, reason: str, advice: str = "", *, place: Place | None = None
    ) -> InvalidCommands:
        """Note what ends the reading in any case, and return the error for it."""
        line, column = place or self._here()
        self.noted.append(Fault(kind, reason, advice, line, column + 1))
        return self._error(reason, advice, (line, column))

    def _here(self) -> Place:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber

    def _error(self, reason: str, advice: str, place: Place) -> InvalidCommands:
        text = with_advice(reason, advice)
        return InvalidCommands(text, source=self._source, line=place[0], column=place[1] + 1)


class Refusal(NamedTuple):
    """Why a constructor refuses a command.

    Attributes:
        kind: What it is.
        subject: What is refused, such as `<set> <tolerance>`.
        reason: Why; empty where the advice says it all.
        advice: What to do; empty where that is what is always advised.
        tag: The element that is meant; empty for the command as a whole.
    """

    kind: FaultKind
    subject: str
    reason: str
    advice: str
    tag: str

    @property
    def sentence(self) -> str:
        """What is wrong, as a sentence that can stand without the advice."""
        if self.reason:
            return with_advice(self.subject, self.reason)
        return f"{self.subject.rpartition(' ')[2]} does not fit"


def refusals(
    cls: type[CommandModel], values: Mapping[str, object], given: Collection[str], error: ValidationError
) -> Iterator[Refusal]:
    """Sort all that pydantic has against the values of a command.

    Args:
        cls: The class of the command.
        values: Its values.
        given: The names of those that are not defaults.
        error: What pydantic found.
    """
    for fault in error.errors(include_url=False, include_input=False):
        attribute = str(fault["loc"][0]) if fault["loc"] else ""
        if attribute == "body" or (attribute == "readback" and attribute not in given):
            continue  # the inner command, or the device that is taken for the readback, has its own
        kind = _kind(cls, values, given, attribute, fault)
        subject = f"<{tag_of(cls)}> <{attribute}>" if attribute else f"<{tag_of(cls)}>"
        context = cast("dict[str, str]", fault.get("ctx", {}))
        advice = context.get("advice", "")
        reason = context.get("reason", "" if advice else fault["msg"])
        if kind == "comparison-in-if":  # that the value does not fit is what comes of it
            subject, reason, advice = "<if>", f"the comparison {values['comparison']} works in Wait only", ""
        yield Refusal(kind, subject, reason, advice, _TAGS.get(kind, attribute))


# What a rule across several elements is best shown at.
_TAGS: dict[FaultKind, str] = {
    "step-zero": "step",
    "loop-never-runs": "step",
    "comparison-in-if": "comparison",
    "relative-text": "value",
    "not-texts": "value",
}
# By the types that the models give their errors.
_KINDS: dict[str, FaultKind] = {
    "seconds": "out-of-range",
    "tolerance": "out-of-range",
    "number": "out-of-range",
    "loop_step": "step-zero",
    "loop_steps": "loop-never-runs",
}


def _kind(
    cls: type[CommandModel],
    values: Mapping[str, object],
    given: Collection[str],
    attribute: str,
    fault: ErrorDetails,
) -> FaultKind:
    kind = fault["type"]
    if kind in _KINDS:
        return _KINDS[kind]
    comparison = values.get("comparison")
    if tag_of(cls) == "if" and (comparison in MEMBERSHIP or kind == "comparison"):
        return "comparison-in-if"
    if kind == "comparison":
        return "relative-text" if comparison in RELATIVE else "not-texts"
    if kind in {"value", "value_or_texts"}:
        return "not-finite"
    if kind == "devices" and not values.get("devices"):
        return "log-of-nothing"
    return "bad-name" if attribute in given else "no-name"


def _beginning(text: str, line: int, column: int) -> tuple[int, int]:
    """Return where a text begins that ends at a place, without its blanks; column 0 where it is not known."""
    word = text.lstrip(" \t\r\n")
    blanks = text[: len(text) - len(word)]
    if "\n" in blanks:
        column = len(blanks) - blanks.rindex("\n") - 1
    else:
        column = 0 if "\n" in word else max(0, column - len(word))
    return line - word.count("\n"), column


def with_advice(reason: str, advice: str) -> str:
    """Return what is wrong and what to do as one text; either may be empty."""
    return f"{reason}: {advice}" if reason and advice else reason or advice


def nearest(name: str, known: Iterable[str]) -> str:
    """Return advice with the known name that is likely meant; empty where none is like it."""
    return _near(name[:40], tuple(known))


@lru_cache(maxsize=1024)  # comparing takes its time, and what is misspelt once is so again
def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else ""
