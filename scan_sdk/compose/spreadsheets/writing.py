"""How a table is written to a file that gives it back when it is read."""

from __future__ import annotations

import datetime as dt
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scan_sdk.compose.spreadsheets.grid import MAX_COLUMNS, MAX_ROWS, cell_name
from scan_sdk.errors import MissingExtra, TableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from openpyxl.cell import Cell as ExcelCell

    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["write_sheet"]

_DELIMITERS: Final = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_TO_QUOTE: Final = re.compile(r'[,;\t|"\r\n]')
_NOT_WRITTEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST_TEXT: Final = 32_767
_LONGEST_NAME: Final = 31
_NOT_IN_NAMES: Final = frozenset("[]:*?/\\")


def write_sheet(
    path: Path | str, headers: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, sheet: str = "Sheet1"
) -> None:
    """Write a table to a file, in place of what is there; after an error there is what was.

    The suffix says which format: `.csv` (commas), `.tsv` or `.tab` (tabs), `.xlsx`. `read_sheet` gives the
    table back: of XLSX the same cells, but that 5.0 is 5 there; of text files the texts of the cells, without
    blanks around them. A text that looks like a formula, such as `=1+1`, stays a text in XLSX.

    Args:
        path: The file.
        headers: The first row.
        rows: The rows below it.
        sheet: Name of the sheet in XLSX.

    Raises:
        TableFileError: The suffix names no format, all headers are empty, or a cell holds what the format has
            no place for.
        MissingExtra: The package that writes XLSX is not installed.
        OSError: The file cannot be written.
    """
    from scan_sdk.data.files import in_place_of

    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in {*_DELIMITERS, ".xlsx"}:
        raise TableFileError(
            target, f"the suffix '{target.suffix}' names no format: take .csv, .tsv or .xlsx"
        )
    table = [headers, *rows]
    if all(cell is None or not str(cell).strip() for cell in headers):
        raise TableFileError(target, "the headers are empty")
    if suffix == ".xlsx":
        _check_excel(target, table, sheet)
    _check(target, table, _problem_of_excel if suffix == ".xlsx" else _problem)
    with in_place_of(target.resolve()) as temporary:
        if suffix == ".xlsx":
            _write_excel(temporary, table, sheet)
        else:
            _write_delimited(temporary, table, _DELIMITERS[suffix])


def _check(path: Path, table: Sequence[Sequence[Cell]], problem: Callable[[Cell], str]) -> None:
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            reason = problem(cell)
            if reason:
                raise TableFileError(path, f"cannot be written: {cell_name(number, column)} {reason}")


def _problem(cell: Cell) -> str:
    """Say why a cell would not come back from any file; empty where it would."""
    if isinstance(cell, str) and _NOT_WRITTEN.search(cell):
        return "has characters that are no text"
    if isinstance(cell, float) and not math.isfinite(cell):
        return f"is {cell}, which spreadsheets have no number for"
    return ""


def _problem_of_excel(cell: Cell) -> str:
    """Say why a cell would not come back from XLSX; empty where it would."""
    if isinstance(cell, str) and len(cell) > _LONGEST_TEXT:
        return f"has more than {_LONGEST_TEXT:,} characters: take .csv"
    if isinstance(cell, dt.datetime | dt.time) and cell.tzinfo:
        return "has a time zone, which XLSX has no place for"
    return _problem(cell)


def _check_excel(path: Path, table: Sequence[Sequence[Cell]], sheet: str) -> None:
    if len(table) > MAX_ROWS or max(map(len, table)) > MAX_COLUMNS:
        raise TableFileError(path, f"XLSX holds at most {MAX_ROWS:,} rows and {MAX_COLUMNS:,} columns")
    if not 0 < len(sheet) <= _LONGEST_NAME or set(sheet) & _NOT_IN_NAMES or sheet != sheet.strip("'"):
        reason = f"'{sheet}' is no name of a sheet: take up to {_LONGEST_NAME} characters, none of []:*?/\\"
        raise TableFileError(path, reason)


def _write_delimited(path: Path, table: Sequence[Sequence[Cell]], delimiter: str) -> None:
    lines = (delimiter.join(map(_quoted, row)) for row in table)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"{line}\r\n" for line in lines)


def _quoted(cell: Cell) -> str:
    """Return what a text file holds of a cell; whatever could separate cells is quoted."""
    text = cell if isinstance(cell, str) else _shown(cell)
    if _TO_QUOTE.search(text):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text


def _shown(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, dt.timedelta):
        return _hours(cell)
    return str(cell)


def _hours(span: dt.timedelta) -> str:
    """Return a time span as H:MM:SS, with more than 24 hours where it is longer than a day."""
    sign = "-" if span < dt.timedelta(0) else ""
    minutes, seconds = divmod(abs(span), dt.timedelta(minutes=1))
    hours, minutes = divmod(minutes, 60)
    fraction = f".{seconds.microseconds:06}" if seconds.microseconds else ""
    return f"{sign}{hours:02}:{minutes:02}:{seconds.seconds:02}{fraction}"


def _write_excel(path: Path, table: Sequence[Sequence[Cell]], sheet: str) -> None:
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError as error:
        raise MissingExtra("writing XLSX", "tables") from error
    workbook = Workbook(write_only=True)
    page = workbook.create_sheet(sheet)

    def held(cell: Cell) -> ExcelCell | Cell:
        """Return a cell that keeps what openpyxl would take for a formula or an error, or would round."""
        if isinstance(cell, str):
            text = _ESCAPE.sub("_x005F_", cell)
            if text[:1] not in {"=", "#"}:
                return text
            kept = WriteOnlyCell(page, text)
            kept.data_type = "s"
            return kept
        if isinstance(cell, float) and float(f"{cell:.16g}") != cell:
            kept = WriteOnlyCell(page, repr(cell))
            kept.data_type = "n"
            return kept
        return cell

    for row in table:
        page.append([held(cell) for cell in row])
    workbook.save(path)
