"""All cells of a sheet, from which its table is cut, and what in them is no plain value."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

from scan_sdk.compose.spreadsheets.sheet import Cell, Sheet
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = [
    "LARGEST_WHOLE",
    "MAX_BYTES",
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Choice",
    "Grid",
    "cell_name",
    "column_number",
    "tidy_number",
    "too_large",
]

MAX_BYTES: Final = 256 * 1024 * 1024
"""Size of a file, packed or unpacked, in bytes."""
MAX_ROWS: Final = 1_048_576
MAX_COLUMNS: Final = 16_384
MAX_CELLS: Final = 10_000_000
LARGEST_WHOLE: Final = 2.0**53
"""Up to here floats tell whole numbers apart."""
_NAMED: Final = 8
"""How many cells an error names."""


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell as spreadsheet programs show it, such as `B7`.

    Args:
        row: Row, from 0.
        column: Column, from 0.
    """
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


def column_number(letters: str) -> int:
    """Return the number of a column, from 0; that of `B` is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def tidy_number(number: float) -> int | float:
    """Return a whole number as an int, for spreadsheets do not tell 5 from 5.0."""
    return int(number) if number.is_integer() and abs(number) <= LARGEST_WHOLE else number


def too_large(path: Path, rows: int, columns: int) -> TableFileError:
    """Return the error of a sheet that is larger than what is read."""
    reason = (
        f"{rows:,} rows and {columns:,} columns are too many, at most {MAX_CELLS:,} cells are read: "
        "delete what stands far from the table"
    )
    return TableFileError(path, reason)


@dataclass
class Grid:
    """All cells of a sheet; rows and columns are counted from 0.

    Attributes:
        name: Name of the sheet.
        rows: The cells, in which what is empty is `None`; each row is as long as it is.
        uncounted: Names of cells whose formula has no value in the file.
        errors: Names of cells that hold an error such as `#DIV/0!`, and which.
        merged: Ranges of merged cells that hold something.
    """

    name: str = ""
    rows: Sequence[Sequence[Cell]] = ()
    uncounted: list[str] = field(default_factory=list[str])
    errors: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    merged: list[str] = field(default_factory=list[str])

    def note_merged(self, top: int, left: int, bottom: int, right: int) -> None:
        """Keep merged cells, if they are several and hold something."""
        row = self.rows[top] if top < len(self.rows) else ()
        if (top, left) != (bottom, right) and left < len(row) and row[left] is not None:
            self.merged.append(f"{cell_name(top, left)}:{cell_name(bottom, right)}")

    def table(self, path: Path) -> Sheet:
        """Return the table that the cells make.

        Raises:
            TableFileError: There is none, or a cell holds no plain value; all such cells are told of.
        """
        self._check(path)
        first = next((number for number, row in enumerate(self.rows) if _width(row)), None)
        if first is None:
            what = f'the sheet "{self.name}"' if self.name else "the file"
            raise TableFileError(path, f"{what} is empty: its first row has to hold the headers")
        left = _left(islice(self.rows, first, None))
        headers = tuple(self.rows[first][left : _width(self.rows[first])])
        blank = (None,) * len(headers)
        rows: list[tuple[Cell, ...]] = []
        filled = cells = 0
        for row in islice(self.rows, first + 1, None):
            width = _width(row)
            if width:
                cut = tuple(row[left:width])
                rows.append(cut if len(cut) >= len(headers) else cut + blank[len(cut) :])
                filled = len(rows)
                cells += len(rows[-1])
                if cells > MAX_CELLS:
                    raise too_large(path, len(self.rows), max(map(len, self.rows)))
            else:
                rows.append(blank)
        numbers = range(first + 2, first + 2 + filled)
        return Sheet(headers, tuple(rows[:filled]), tuple(numbers), self.name, str(path))

    def _check(self, path: Path) -> None:
        faults: list[str] = []
        if self.uncounted:
            advice = "open the file in a spreadsheet program and save it as XLSX, or write the values"
            faults.append(f"the formulas in {_several(self.uncounted)} have not been calculated: {advice}")
        if self.errors:
            cells = _several([f"{name} ({error})" for name, error in self.errors])
            faults.append(f"there are errors in {cells}: correct the formulas")
        if self.merged:
            advice = "split them, and write the value into each cell where it is meant"
            faults.append(f"the cells {_several(self.merged)} are merged: {advice}")
        if faults:
            where = f'sheet "{self.name}": ' if self.name else ""
            raise TableFileError(path, where + "; ".join(faults))


def _several(names: Sequence[str]) -> str:
    """Join some names, and say how many more there are."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _width(row: Sequence[Cell]) -> int:
    """Return how many cells are left without the empty ones at the end."""
    width = len(row)
    while width and row[width - 1] is None:
        width -= 1
    return width


def _left(rows: Iterable[Sequence[Cell]]) -> int:
    """Return how many columns at the left are empty in all rows."""
    left: int | None = None
    for row in rows:
        for column in range(len(row) if left is None else min(left, len(row))):
            if row[column] is not None:
                left = column
                break
        if left == 0:
            break
    return left or 0


class Choice:
    """Picks the sheet that is asked for, while the sheets of a file come along.

    Attributes:
        names: Names of all sheets that came along, in their order.
    """

    def __init__(self, path: Path, wanted: str | int | None, *, pick: bool = True) -> None:
        """Ask for a sheet by its name or its place, for the first visible one, or only for the names."""
        self._path = path
        self._wanted = wanted
        self._pick = pick
        self._found = False
        self.names: list[str] = []

    def check_single(self) -> None:
        """See that no sheet is asked for but the only one that a text file has.

        Raises:
            TableFileError: There is.
        """
        if self._wanted not in {None, 0}:
            reason = (
                f"is a text file, which has no sheets, so none is called {self._wanted!r}: leave sheet= out"
            )
            raise TableFileError(self._path, reason)

    def offer(self, name: str, *, visible: bool) -> bool:
        """Return whether this sheet is the one."""
        place = len(self.names)
        self.names.append(name)
        if self._pick and not self._found:
            if self._wanted is None:
                self._found = visible
            else:
                self._found = self._wanted in (name, place)
            return self._found
        return False

    def missed(self) -> TableFileError:
        """Return the error that says which sheets there are."""
        if not self.names:
            return TableFileError(self._path, "has no sheet with cells")
        there = ", ".join(f'"{name}"' for name in self.names)
        if self._wanted is None:
            return TableFileError(
                self._path, f"all sheets are hidden: say which to read with sheet=, of {there}"
            )
        if isinstance(self._wanted, int):
            reason = f"has no sheet at place {self._wanted}; they are counted from 0, and there are {there}"
            return TableFileError(self._path, reason)
        close = get_close_matches(self._wanted, self.names, 1)
        hint = f'; did you mean "{close[0]}"?' if close else ""
        return TableFileError(self._path, f'has no sheet "{self._wanted}"; there are {there}{hint}')
