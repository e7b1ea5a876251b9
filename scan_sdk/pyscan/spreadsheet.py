"""Tables in files, as old scripts read and write them: lists of rows, with all cells as text.

Modern: `scan_sdk.read_sheet`, or at once `scan_sdk.TableScan.read`.
"""

from __future__ import annotations

from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk.compose.cells import show
from scan_sdk.compose.spreadsheets import read_sheet, write_sheet
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

__all__ = [
    "WRITE_TYPES",
    "readCsv",
    "readExcel",
    "readGnumeric",
    "readSpreadsheet",
    "writeCsv",
    "writeSpreadsheet",
]

WRITE_TYPES = (".csv", ".tab")
"""The ends of the names of files that `writeCsv` writes."""


def readSpreadsheet(filename: str | PathLike[str]) -> list[list[str]]:
    """Return the rows of a table in a file, the headers first; its content says what kind it is.

    Modern: `scan_sdk.read_sheet(path)`.

    Raises:
        TableFileError: The file holds no table that can be read.
        MissingExtra: The packages for this kind of file are not installed.
        OSError: The file cannot be opened.
    """
    sheet = read_sheet(fspath(filename))
    return [[show(cell) for cell in row] for row in (sheet.headers, *sheet.rows)]


def writeSpreadsheet(filename: str | PathLike[str], table: Sequence[Sequence[float | str]]) -> None:
    """Write a table to a file: `.csv`, `.tab` or `.xlsx`.

    Modern: `scan_sdk.write_sheet(path, headers, rows)`.

    Args:
        filename: The file.
        table: The rows, the headers first.

    Raises:
        TableFileError: The end of the name says no kind of file, or there are no rows.
        OSError: The file cannot be written.
    """
    if not table:
        raise TableFileError(fspath(filename), "there are no rows to write, not even headers")
    headers, *rows = table
    write_sheet(fspath(filename), headers, rows)


def writeCsv(filename: str | PathLike[str], table: Sequence[Sequence[float | str]]) -> None:
    """Write a table to a text file: `.csv` or `.tab`.

    Modern: `scan_sdk.write_sheet(path, headers, rows)`.

    Raises:
        TableFileError: The file has another end, or there are no rows.
        OSError: The file cannot be written.
    """
    if Path(filename).suffix not in WRITE_TYPES:
        raise TableFileError(fspath(filename), f"the name has to end with one of {', '.join(WRITE_TYPES)}")
    writeSpreadsheet(filename, table)


readCsv = readSpreadsheet
readExcel = readSpreadsheet
readGnumeric = readSpreadsheet
