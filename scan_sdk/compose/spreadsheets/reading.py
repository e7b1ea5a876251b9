"""How a file is read: what is in it decides, not what it is called."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk.compose.spreadsheets.grid import MAX_BYTES, Choice
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from scan_sdk.compose.spreadsheets.grid import Grid
    from scan_sdk.compose.spreadsheets.sheet import Sheet

__all__ = ["read_sheet", "sheet_names"]

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_GZIP = b"\x1f\x8b"
_KNOWN = "text with separators, XLSX, ODS, XLS and Gnumeric can be read"


def read_sheet(path: Path | str, *, sheet: str | int | None = None) -> Sheet:
    """Return a table of a file: text with separators, XLSX, ODS, XLS or Gnumeric.

    The content tells the format, not the suffix. docs/reference says what each format's cells become.

    Args:
        path: The file.
        sheet: Name of the sheet, or its place from 0; the first visible one if not given.

    Raises:
        TableFileError: The file holds no table that can be read, lacks the sheet, or has cells that hold no
            plain value: formulas that have not been calculated, errors, merged cells.
        MissingExtra: The packages that read Excel's files are not installed.
        OSError: The file cannot be opened.
    """
    source = Path(path)
    choice = Choice(source, sheet)
    grid = _grid(source, choice)
    if grid is None:
        raise choice.missed()
    return grid.table(source)


def sheet_names(path: Path | str) -> tuple[str, ...]:
    """Return the names of the sheets of a file, hidden ones too; none of a text file.

    Raises:
        TableFileError: The file holds no table that can be read.
        OSError: The file cannot be opened.
    """
    source = Path(path)
    choice = Choice(source, None, pick=False)
    _grid(source, choice)
    return tuple(choice.names)


def _grid(path: Path, choice: Choice) -> Grid | None:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise TableFileError(path, f"has more than {MAX_BYTES // 2**20} MB, which is not read")
    if content.startswith(_ZIP):
        return _zipped(path, content, choice)
    if content.startswith(_COMPOUND):
        from scan_sdk.compose.spreadsheets.excel_97 import read_excel_97

        return read_excel_97(path, content, choice)
    if content.startswith(_GZIP) or _begins(content, b"<?xml", b"<gnm:", b"<gmr:"):
        from scan_sdk.compose.spreadsheets.gnumeric import read_gnumeric

        return read_gnumeric(path, content, choice)
    if _begins(content, b"<!doctype html", b"<html", b"<table"):
        raise TableFileError(path, f"is a page of HTML, whatever it is called: {_KNOWN}")
    if not content:
        raise TableFileError(path, "is empty")
    from scan_sdk.compose.spreadsheets.delimited import read_delimited

    choice.check_single()
    return read_delimited(path, content)


def _begins(content: bytes, *beginnings: bytes) -> bool:
    start = content[:100].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(beginnings)


def _zipped(path: Path, content: bytes, choice: Choice) -> Grid | None:
    from scan_sdk.compose.spreadsheets.archive import unpack

    parts = unpack(path, content)
    if "xl/workbook.xml" in parts:
        from scan_sdk.compose.spreadsheets.excel import read_excel

        return read_excel(path, content, parts, choice)
    if "content.xml" in parts:
        from scan_sdk.compose.spreadsheets.opendocument import read_opendocument

        return read_opendocument(path, content, parts, choice)
    if "xl/workbook.bin" in parts:
        raise TableFileError(path, "is a binary workbook of Excel (XLSB): save it as XLSX")
    raise TableFileError(path, f"is a zip file, but no spreadsheet: {_KNOWN}")
