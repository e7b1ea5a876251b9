"""Where commands and their options stand in the text of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.errors import InvalidCommands
from scan_sdk.models import TextSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError

    from scan_sdk.sequence import CommandSequence

__all__ = ["Fault", "Lines", "decoded", "first_fault", "mark"]


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Lines:
    """Tells the line and column of a place in a text.

    Args:
        text: The text.
        source: Name of the file, for places and messages.
    """

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._line = 1
        self._begins = 0

    def place(self, index: int) -> TextSource:
        """Return the place of a character, which stands no earlier than the last one that was asked for."""
        self._line += self._text.count("\n", self._begins, index)
        self._begins = self._text.rfind("\n", self._begins, index) + 1 or self._begins
        return TextSource(self._source, self._line, index - self._begins + 1)

    def error(self, index: int, reason: str) -> InvalidCommands:
        """Return an error at a character."""
        place = self.place(index)
        return InvalidCommands(reason, source=place.file, line=place.line, column=place.column)


def decoded(document: str | bytes, source: str) -> str:
    """Return a document as text with line ends as Python has them; bytes are UTF-8.

    Raises:
        InvalidCommands: They are not, or the text cannot be written as UTF-8.
    """
    if isinstance(document, str):
        text = document
    else:
        try:
            text = document.decode()
        except UnicodeDecodeError as error:
            line = document.count(b"\n", 0, error.start) + 1
            column = error.start - document.rfind(b"\n", 0, error.start)
            reason = f"not UTF-8: byte {document[error.start]:#04x}; save the file as UTF-8"
            raise InvalidCommands(reason, source=source, line=line, column=column) from None
    half = _SURROGATE.search(text)
    if half is not None:
        raise Lines(text, source).error(half.start(), "half of a surrogate pair, which UTF-8 cannot carry")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


class Fault(NamedTuple):
    """What is wrong with commands.

    Attributes:
        kind: What pydantic calls it.
        path: Where it is, by indices and names.
        reason: What is wrong, and what to do about it.
    """

    kind: str
    path: tuple[int | str, ...]
    reason: str


def first_fault(error: ValidationError) -> Fault:
    """Return the first of the faults that pydantic found."""
    faults = error.errors(include_url=False, include_input=False)
    fault = faults[0]
    if fault["type"] == "missing":  # perhaps since it is misspelt, of which the error says more
        misspelt = (other for other in faults if other["type"] == "extra_forbidden")
        fault = next((other for other in misspelt if other["loc"][:-1] == fault["loc"][:-1]), fault)
    no_list = fault["type"] in {"list_type", "tuple_type"}
    return Fault(fault["type"], fault["loc"], "give a list of commands" if no_list else fault["msg"])


def mark(commands: CommandSequence, places: Iterable[TextSource]) -> None:
    """Tell commands that were just built where they stand, in the order of their addresses."""
    for (_, command), place in zip(commands.walk(), places, strict=False):
        object.__setattr__(command, "source", place)  # frozen, and no part of its value
