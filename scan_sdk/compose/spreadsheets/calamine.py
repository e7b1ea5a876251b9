"""What calamine reads, in Python's types, and its errors as ours."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scan_sdk.compose.spreadsheets.grid import LARGEST_WHOLE, MAX_CELLS, too_large
from scan_sdk.errors import MissingExtra, TableFileError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from python_calamine import CalamineWorkbook

    from scan_sdk.compose.spreadsheets.grid import Grid
    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["fill", "opened"]


def _plain(row: Sequence[Cell]) -> list[Cell]:
    """Return cells with whole numbers as ints, as spreadsheets show them, and what is blank as `None`."""
    return [
        (cell if cell.strip() else None)
        if type(cell) is str
        else int(cell)
        if type(cell) is float and cell.is_integer() and abs(cell) <= LARGEST_WHOLE
        else cell
        for cell in row
    ]


@contextmanager
def opened(path: Path, content: bytes) -> Generator[CalamineWorkbook]:
    """Open a workbook, and name the file in what calamine says against it.

    Raises:
        TableFileError: The file is damaged.
        MissingExtra: calamine is not installed.
    """
    try:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError
    except ImportError as error:
        raise MissingExtra("reading spreadsheets", "tables") from error
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            yield workbook
    except PasswordError as error:
        raise TableFileError(path, "is protected by a password: save it without") from error
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        if isinstance(error, TableFileError):
            raise
        raise TableFileError(path, f"is damaged, or was not copied whole ({error})") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # what Rust panics with, which is no Exception
            raise
        raise TableFileError(path, f"is damaged ({error})") from error


def fill(path: Path, workbook: CalamineWorkbook, place: int, grid: Grid) -> None:
    """Give a grid the cells of a sheet, and what is merged of them.

    Args:
        path: The file.
        workbook: What is in it.
        place: Place of the sheet in the workbook, from 0.
        grid: Where the cells go.

    Raises:
        TableFileError: There are too many.
    """
    sheet = workbook.get_sheet_by_index(place)
    if sheet.start is None or sheet.end is None:
        return
    top, left = sheet.start
    if (sheet.end[0] + 1) * (sheet.end[1] + 1) > MAX_CELLS:
        raise too_large(path, sheet.end[0] + 1, sheet.end[1] + 1)
    margin: list[Cell] = [None] * left
    blank: list[list[Cell]] = [[] for _ in range(top)]
    grid.rows = blank + [margin + _plain(row) for row in sheet.to_python()]
    for start, end in sheet.merged_cell_ranges or ():
        grid.note_merged(*start, *end)
