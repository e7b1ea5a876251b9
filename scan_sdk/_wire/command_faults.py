"""What can be wrong with a command document, each kind by a name of its own."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from scan_sdk.models.base import tag_of
from scan_sdk.models.simple import MEMBERSHIP, RELATIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel

__all__ = [
    "MOST_FAULTS",
    "REMARK",
    "Fault",
    "FaultKind",
    "Refusal",
    "Survey",
    "beginning",
    "nearest",
    "refusals",
]

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


MOST_FAULTS: Final = 10_000
"""No more are noted: who has so many needs no further ones, and memory is finite."""
REMARK: Final = "scan-sdk:"
"""What a comment that is meant for the check begins with."""


class Fault(NamedTuple):
    """Something that is wrong with a document.

    Attributes:
        kind: What it is.
        reason: What it is, in words.
        line: Line, from 1.
        column: Column, from 1.
        tag: The element within the command at that place that is meant; empty where the place is its own.
        address: The address of the command that it is about, None where it is about none.
    """

    kind: FaultKind
    reason: str
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


class Refusal(NamedTuple):
    """Why a constructor refuses a command.

    Attributes:
        kind: What it is.
        reason: What it is, in words.
        tag: The element that is meant; empty for the command as a whole.
    """

    kind: FaultKind
    reason: str
    tag: str


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
        place = f" <{attribute}>" if attribute else ""
        reason = f"<{tag_of(cls)}>{place}: {fault['msg']}"
        if kind == "comparison-in-if":  # that the value does not fit is what comes of it
            reason = f"<if>: the comparison {values['comparison']} works in Wait only"
        yield Refusal(kind, reason, _TAGS.get(kind, attribute))


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


def beginning(text: str, line: int, column: int) -> tuple[int, int]:
    """Return where a text begins that ends at a place, without its blanks; column 0 where it is not known."""
    word = text.lstrip(" \t\r\n")
    blanks = text[: len(text) - len(word)]
    if "\n" in blanks:
        column = len(blanks) - blanks.rindex("\n") - 1
    else:
        column = 0 if "\n" in word else max(0, column - len(word))
    return line - word.count("\n"), column


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that is likely meant; empty where none is like it."""
    return _near(name[:40], tuple(known))


@lru_cache(maxsize=1024)  # comparing takes its time, and what is misspelt once is so again
def _near(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f": did you mean {near[0]}?" if near else ""
