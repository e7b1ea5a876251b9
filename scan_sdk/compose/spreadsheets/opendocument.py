"""OpenDocument spreadsheets (.ods), read by calamine once their XML has been looked through.

calamine gives empty cells for formulas without values, and texts for errors, does not tell of merged cells,
and repeats a cell as often as the file says, so the XML is searched for those first.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.compose.spreadsheets.calamine import fill, opened
from scan_sdk.compose.spreadsheets.grid import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, Grid, cell_name, too_large
from scan_sdk.compose.spreadsheets.markup import new_parser, plain_elements, reading
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

    from scan_sdk.compose.spreadsheets.grid import Choice
    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["read_opendocument"]

_TABLE: Final = re.compile(rb"<table:table(?=[\s>])")
_ROW: Final = re.compile(rb"<table:table-row(?=[\s>/])")
_CELL: Final = re.compile(
    rb"""<table:(?:covered-)?table-cell(?=[\s>/])((?:[^>"']|"[^"]*"|'[^']*')*?)(?:/>|>(</table:)?)"""
)
_COLUMNS_REPEATED: Final = re.compile(rb"""number-columns-repeated\s*=\s*["'](\d{1,9})""")
_ROWS_REPEATED: Final = re.compile(rb"""number-rows-repeated\s*=\s*["'](\d{1,9})""")
_COLUMNS_SPANNED: Final = re.compile(rb"""number-columns-spanned\s*=\s*["'](\d{1,9})""")
_ROWS_SPANNED: Final = re.compile(rb"""number-rows-spanned\s*=\s*["'](\d{1,9})""")
_FORMULA: Final = re.compile(rb"\stable:formula\s*=")
_VALUE: Final = re.compile(rb"\soffice:value-type\s*=")
_ERROR: Final = re.compile(rb"""\scalcext:value-type\s*=\s*["']error""")
_SHOWN: Final = re.compile(rb"<text:p(?:\s[^>]*)?>(#(?:DIV/0!|REF!|NAME\?|VALUE!|N/A|NUM!|NULL!)|Err:\d+)</")
_BLANKS: Final = re.compile(rb"""\stext:c\s*=\s*["']\d{5}""")
_DURATION: Final = re.compile(r"(-?)P(?:(\d+)D)?T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d*)?)S)?")


class _Found(NamedTuple):
    """A cell that holds something, and where it stands, counted from 0."""

    row: int
    column: int
    repeats: int
    attributes: bytes
    content: bytes


def read_opendocument(path: Path, content: bytes, parts: Mapping[str, bytes], choice: Choice) -> Grid | None:
    """Return the cells of a sheet.

    Raises:
        TableFileError: The file is damaged or protected, or a sheet too large.
        MissingExtra: calamine is not installed.
    """
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise TableFileError(path, "is protected by a password: save it without")
    with reading(path, "content.xml"):  # calamine never ends with some documents that are not well-formed
        new_parser().Parse(parts["content.xml"], True)
    document = plain_elements(path, parts["content.xml"])
    if b"text:c" in document and _BLANKS.search(document):
        raise TableFileError(path, "has a text with 10,000 blanks side by side or more")
    tables = [_ROW.split(table) for table in _TABLE.split(document)[1:]]
    for table in tables:
        _check_size(path, table)
    with opened(path, content) as workbook:
        if len(workbook.sheets_metadata) != len(tables):
            raise TableFileError(path, "has tables within tables, which are not read")
        for place, sheet in enumerate(workbook.sheets_metadata):
            if choice.offer(sheet.name, visible=str(sheet.visible).endswith(".Visible")):
                grid = Grid(sheet.name)
                fill(path, workbook, place, grid)
                if any(sign in document for sign in (b"table:formula", b"-spanned", b'"error"', b"'error'")):
                    _note_faults(tables[place], grid)
                if b"office:time-value" in document:
                    grid.rows = [[_span(cell) for cell in row] for row in grid.rows]
                return grid
    return None


def _check_size(path: Path, table: Sequence[bytes]) -> None:
    """See that the cells that hold something do not span more than what is read."""
    rows = columns = row = 0
    for piece in table[1:]:
        if b"-repeated" in piece:
            width = max((found.column + found.repeats for found in _cells(piece, row)), default=0)
            row += _rows(piece)
        else:
            width = piece.count(b"table-cell")  # too many, by those that end in a tag of their own
            row += 1
        if width:
            rows, columns = row, max(columns, width)
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise too_large(path, rows, columns)


def _rows(piece: bytes) -> int:
    """Return how many rows an element stands for."""
    return _number(_ROWS_REPEATED, piece[: piece.find(b">")])


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    """Return a number that an attribute gives; 1 if it is not there."""
    found = pattern.search(attributes)
    return int(found[1]) if found else 1


def _cells(piece: bytes, row: int) -> Generator[_Found]:
    """Yield the cells of a row that hold something."""
    column = 0
    found = _CELL.search(piece)
    while found:
        following = _CELL.search(piece, found.end())
        attributes = found[1]
        repeats = _number(_COLUMNS_REPEATED, attributes)
        content = piece[found.end() : following.start() if following else None]
        closed = found[0].endswith(b"/>") or found[2] is not None
        if not closed or b"office:" in attributes or b"table:formula" in attributes:
            yield _Found(row, column, repeats, attributes, b"" if closed else content)
        column += repeats
        found = following


def _note_faults(table: Sequence[bytes], grid: Grid) -> None:
    """Note what calamine does not tell of: formulas without values, errors, merged cells."""
    row = 0
    for piece in table[1:]:
        for found in _cells(piece, row):
            name = cell_name(found.row, found.column)
            formula = _FORMULA.search(found.attributes)
            shown = _SHOWN.search(found.content)
            if _ERROR.search(found.attributes) or (formula and shown):
                grid.errors.append((name, shown[1].decode() if shown else "an error"))
            elif formula and not _VALUE.search(found.attributes):
                grid.uncounted.append(name)
            height = _number(_ROWS_SPANNED, found.attributes)
            width = _number(_COLUMNS_SPANNED, found.attributes)
            grid.note_merged(row, found.column, row + height - 1, found.column + width - 1)
        row += _rows(piece)


def _span(cell: Cell) -> Cell:
    """Return the time span that a text means, which calamine leaves where it is no time of day."""
    found = _DURATION.fullmatch(cell) if isinstance(cell, str) else None
    if found is None:
        return cell
    sign, days, hours, minutes, seconds = found.groups()
    span = dt.timedelta(
        days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0), seconds=float(seconds or 0)
    )
    return -span if sign else span
