"""The rows of a table, turned into commands one after the other."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

from scan_sdk.compose.assembly import reason_of
from scan_sdk.compose.cells import MOST_VALUES, CellError, read_cell, show
from scan_sdk.compose.columns import CommentColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from scan_sdk.compose.assembly import Assembly
    from scan_sdk.compose.cells import Content
    from scan_sdk.compose.columns import Column
    from scan_sdk.compose.spreadsheets import Cell, Sheet

__all__ = ["RowReader"]


class RowReader:
    """Reads the cells of rows, makes more rows where there are lists, and lets columns add their commands."""

    def __init__(
        self,
        sheet: Sheet,
        assembly: Assembly,
        columns: Sequence[Column],
        announce: Callable[[int], None],
    ) -> None:
        """Read the rows of a table.

        Args:
            sheet: The table.
            assembly: What the commands are added to.
            columns: The columns that add commands.
            announce: Called with the number of each row, before its commands are added.
        """
        self._sheet = sheet
        self._assembly = assembly
        self._columns = columns
        self._announce = announce
        self._names = [show(header).strip() for header in sheet.headers]
        self._comments = {column.index for column in columns if isinstance(column, CommentColumn)}
        self._read = {index for index, name in enumerate(self._names) if name} - self._comments
        self._complained: set[int] = set()
        self._known: dict[str, Content] = {}
        self._count = 0
        self._announced: int | None = None

    def read(self) -> None:
        """Add the commands of all rows."""
        for number, row in zip(self._sheet.numbers, self._sheet.rows, strict=True):
            self._assembly.begin_row(number, row)
            contents = self._contents(row)
            if contents.count(None) < len(contents):
                if number != self._announced:  # several rows of one number are parts of one
                    self._announce(number)
                    self._announced = number
                for values in self._expand(contents):
                    self._perform(values)

    def _contents(self, row: Sequence[Cell]) -> list[Content]:
        """Return what the cells hold, None for those that are wrong."""
        contents: list[Content] = []
        for index, cell in enumerate(row):
            if index not in self._read:
                contents.append(self._unread(index, show(cell).strip()))
                continue
            try:
                contents.append(self._content(cell))
            except CellError as error:
                self._assembly.complain(index, str(error))
                contents.append(None)
        contents += [None] * (len(self._names) - len(row))
        return contents

    def _content(self, cell: Cell) -> Content:
        if not isinstance(cell, str):
            return read_cell(cell)
        known = self._known
        if cell not in known:  # tables repeat themselves
            known[cell] = read_cell(cell)
        return known[cell]

    def _unread(self, index: int, text: str) -> str | None:
        """Return the text of a cell that the grammar is not for: a comment, or one that no header is for."""
        if index in self._comments:
            return text or None
        if not text or index in self._complained:
            return None
        if index < len(self._names):
            self._complained.add(index)  # once is enough for a column
            reason = f"column {index + 1} has no header: give it one, or clear the column"
        else:
            reason = (
                f"is cell {index + 1} of a row, and there are {len(self._names)} headers: "
                "give its column a header, or clear it"
            )
        self._assembly.complain(index, reason)
        return None

    def _expand(self, contents: list[Content]) -> Iterable[Sequence[Content]]:
        """Yield a row for each combination of the values of lists, the last list being the fastest."""
        if tuple not in map(type, contents):
            yield contents
            return
        lists = {index: content for index, content in enumerate(contents) if isinstance(content, tuple)}
        self._count += math.prod(map(len, lists.values()))
        if self._count > MOST_VALUES:
            reason = f"lists and ranges make more than {MOST_VALUES} rows so far: use loop(start, end, step)"
            self._assembly.complain(next(iter(lists)), reason)
            return
        for values in product(*lists.values()):
            row = list(contents)
            for index, value in zip(lists, values, strict=True):
                row[index] = value
            yield row

    def _perform(self, contents: Sequence[Content]) -> None:
        for column in self._columns:
            try:
                column.add(self._assembly, contents)
            except ValueError as error:
                self._assembly.complain(column.index, reason_of(error))
        self._assembly.end_row()
