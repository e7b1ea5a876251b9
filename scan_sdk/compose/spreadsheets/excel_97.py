"""Workbooks of Excel 97 to 2003 (.xls), read by calamine once their records have been looked through.

As with newer workbooks, calamine gives empty cells for errors and for formulas without values, and takes
memory for all cells between the outermost two.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from scan_sdk.compose.spreadsheets.calamine import fill, opened
from scan_sdk.compose.spreadsheets.compound import streams
from scan_sdk.compose.spreadsheets.grid import MAX_CELLS, Grid, cell_name, too_large
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from scan_sdk.compose.spreadsheets.grid import Choice

__all__ = ["read_excel_97"]

_BOF, _EOF, _SHEET, _PASSWORD, _DIMENSIONS = 0x0809, 0x000A, 0x0085, 0x002F, 0x0200
_FORMULA, _BOOLEAN_OR_ERROR, _ROW_OF_NUMBERS = 0x0006, 0x0205, 0x00BD
_CELLS: Final = {_FORMULA, _BOOLEAN_OR_ERROR, _ROW_OF_NUMBERS, 0x0203, 0x0204, 0x00D6, 0x027E, 0x00FD}
_NO_NUMBER: Final = b"\xff\xff"
_ERROR_RESULT, _EMPTY_RESULT = 2, 3
_MOST: Final = 65_536 * 256
_ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_RECORD: Final = struct.Struct("<HH")


def read_excel_97(path: Path, content: bytes, choice: Choice) -> Grid | None:
    """Return the cells of a sheet.

    Raises:
        TableFileError: The file is damaged, protected or no workbook, or the sheet too large.
        MissingExtra: calamine is not installed.
    """
    try:
        parts = streams(content, {"workbook", "book", "encryptedpackage"})
        if "encryptedpackage" in parts:
            raise TableFileError(path, "is protected by a password: save it without")
        book = parts.get("workbook") or parts.get("book")
        if book is None:
            raise TableFileError(path, "is a document of Microsoft Office, but no workbook of Excel")
        grids = _look_through(path, book)
    except (ValueError, IndexError, struct.error) as error:
        if isinstance(error, TableFileError):
            raise
        raise TableFileError(path, f"is damaged, or was not copied whole ({error})") from error
    with opened(path, content) as workbook:
        if len(workbook.sheets_metadata) != len(grids):
            raise TableFileError(path, "is damaged: its sheets are not those that it lists")
        for place, sheet in enumerate(workbook.sheets_metadata):
            visible = str(sheet.visible).endswith(".Visible")
            if str(sheet.typ).endswith(".WorkSheet") and choice.offer(sheet.name, visible=visible):
                grid = grids[place]
                grid.name = sheet.name
                fill(path, workbook, place, grid)
                return grid
    return None


def _records(book: bytes, start: int) -> Generator[tuple[int, int, int]]:
    """Yield kind, place and length of the records of a part of the workbook, without parts within."""
    depth = 0
    while start + 4 <= len(book):
        kind, length = _RECORD.unpack_from(book, start)
        start += 4
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            if depth <= 1:
                return
            depth -= 1
        elif depth <= 1:
            yield kind, start, length
        start += length


def _look_through(path: Path, book: bytes) -> list[Grid]:
    """Return a grid for each sheet, with what is noted of its cells.

    Raises:
        TableFileError: The workbook is protected, or a sheet too large.
        struct.error: It is damaged.
    """
    grids: list[Grid] = []
    for kind, start, _ in _records(book, 0):
        if kind == _PASSWORD:
            raise TableFileError(path, "is protected by a password: save it without")
        if kind == _SHEET:
            (place,) = struct.unpack_from("<I", book, start)
            grids.append(Grid())
            _look_through_sheet(path, book, place, grids[-1])
    return grids


def _look_through_sheet(path: Path, book: bytes, place: int, grid: Grid) -> None:
    rows = columns = 0
    for kind, start, length in _records(book, place):
        if kind in _CELLS:
            row, column = _RECORD.unpack_from(book, start)
            last = column
            if kind == _FORMULA:
                _note_formula(book[start + 6 : start + 14], cell_name(row, column), grid)
            elif kind == _BOOLEAN_OR_ERROR and book[start + 7]:
                grid.errors.append((cell_name(row, column), _error(book[start + 6])))
            elif kind == _ROW_OF_NUMBERS:
                (last,) = struct.unpack_from("<H", book, start + length - 2)
            rows, columns = max(rows, row + 1), max(columns, column + 1, last + 1)
        elif kind == _DIMENSIONS:
            first_row, last_row, _, last_column = struct.unpack_from(
                "<IIHH" if length == 14 else "<HHHH", book, start
            )
            if (
                last_row * last_column > _MOST or first_row > last_row
            ):  # calamine takes memory for all of them
                raise too_large(path, last_row, last_column)
    if rows * columns > MAX_CELLS:
        raise too_large(path, rows, columns)


def _error(code: int) -> str:
    return _ERRORS.get(code, f"error {code}")


def _note_formula(result: bytes, name: str, grid: Grid) -> None:
    """Note a formula that gives an error or nothing; an empty text cannot be told from no result."""
    if result[6:8] == _NO_NUMBER:
        if result[0] == _ERROR_RESULT:
            grid.errors.append((name, _error(result[2])))
        elif result[0] == _EMPTY_RESULT:
            grid.uncounted.append(name)
