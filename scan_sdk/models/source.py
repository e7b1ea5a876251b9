"""Where a command was written: a place in a file, or a cell of a table."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CellSource", "Source", "TextSource", "text_source"]


class TextSource(NamedTuple):
    """A place in a text file; as text it is `night.scn:12:5`, which editors and terminals can jump to.

    Attributes:
        file: Path of the file, or what stands for it, such as `commands`.
        line: Line, from 1.
        column: Column, from 1.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class CellSource(NamedTuple):
    """A cell of a table; as text it is `night.xlsx, sheet "Plan", row 7, column "Wait For"`.

    Attributes:
        row: Row, from 1: of a table built in Python the rows below the headers are counted, of a file all
            rows as spreadsheet programs number them; 0 where the header itself is meant.
        column: The column's header; empty where the whole row is meant.
        sheet: Name of the sheet, empty where there is none.
        file: Path of the file, empty for a table built in Python.
    """

    row: int
    column: str = ""
    sheet: str = ""
    file: str = ""

    def __str__(self) -> str:
        parts = [self.file] if self.file else []
        if self.sheet:
            parts.append(f'sheet "{self.sheet}"')
        if self.row:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f'column "{self.column}"')
        return ", ".join(parts)


text_source: Callable[[tuple[str, int, int]], TextSource] = cast(
    "Callable[[tuple[str, int, int]], TextSource]",
    partial(tuple.__new__, TextSource),  # pyright: ignore[reportUnknownMemberType]  # its stub says too little
)
"""Makes a `TextSource` of a tuple of its fields, in a fraction of the time that its constructor takes."""

Source: TypeAlias = TextSource | CellSource
"""Where a command was written."""
