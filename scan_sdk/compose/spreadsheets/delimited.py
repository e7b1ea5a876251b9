"""Tables in text files: what separates the cells, and what the bytes mean, are found from the text itself.

Cells are texts; nothing is made of them but that blanks around them go, an empty one is `None`, and a decimal
comma becomes a point where that is certain.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.compose.spreadsheets.grid import Grid, cell_name
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["read_delimited"]

_DELIMITERS: Final = "\t|;,"
"""What may separate cells, first what hardly stands within them."""
_SAMPLE: Final = 200
_NOT_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SEP_LINE: Final = re.compile(r'sep=([^"\r\n])(?:\r\n|\r|\n)', re.IGNORECASE)
_QUOTE_AFTER_BLANK: Final = re.compile(r'[\t|;,] +"')
_COMMA_NUMBER: Final = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
_POINT_NUMBER: Final = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?")
_THOUSANDS: Final = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # it begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_delimited(path: Path, content: bytes) -> Grid:
    """Return the cells of a text file.

    Raises:
        TableFileError: It is not text, has a quote that does not end, or numbers that can be read
            in two ways.
    """
    text = _text(path, content)
    stated = _SEP_LINE.match(text)
    if stated:
        text = text[stated.end() :]
    delimiter = (
        stated[1] if stated else _delimiter(text, "\t" if path.suffix.lower() in {".tsv", ".tab"} else ",")
    )
    return Grid(rows=_point_numbers(path, _records(path, text, delimiter)))


def _text(path: Path, content: bytes) -> str:
    encoding = next((name for bom, name in _BOMS if content.startswith(bom)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            reason = f"begins as {encoding.removesuffix('-sig')} does, but is not: save it once more as UTF-8"
            raise TableFileError(path, reason) from error
        text = _windows_text(content)
    if _NOT_TEXT.search(text):
        known = "text with separators, XLSX, XLS, ODS and Gnumeric"
        raise TableFileError(path, f"is no table: of files those are read that are {known}")
    return text


def _windows_text(content: bytes) -> str:
    """Read what is not UTF-8 as Windows does in the West, which has Latin-1's letters and more."""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _reader(text: str, delimiter: str) -> Iterable[list[str]]:
    blanks = _QUOTE_AFTER_BLANK.search(text) is not None
    lines = io.StringIO(text, newline="")
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=blanks, strict=True)


def _delimiter(text: str, usual: str) -> str:
    """Return what separates the cells.

    The headers tell: they hold it, and a name of a device hardly holds another. Of several that the headers
    hold, it is the one that gives most rows as many cells as there are headers, and of such the one that
    leaves fewest quotes within cells. Where they hold none, there is one column, and it is what leaves the
    rows whole.
    """
    found = {delimiter: _fit(text, delimiter) for delimiter in _DELIMITERS}
    several = [delimiter for delimiter in _DELIMITERS if found[delimiter].headers > 1]
    candidates = several or [usual, *_DELIMITERS]

    def quality(delimiter: str) -> tuple[float, int]:
        return found[delimiter].share, found[delimiter].quotes

    return max(candidates, key=quality)


class _Fit(NamedTuple):
    """How well a text reads with a delimiter.

    Attributes:
        headers: How many headers there are.
        share: The share of rows with as many cells, negative where quotes make no sense.
        quotes: Minus the number of quotes within cells.
    """

    headers: int
    share: float
    quotes: int


def _fit(text: str, delimiter: str) -> _Fit:
    widths: list[int] = []
    quotes = 0
    try:
        for row in islice(_reader(text, delimiter), _SAMPLE):
            if any(map(str.strip, row)):
                widths.append(len(row))
                quotes += sum(cell.count('"') for cell in row)
    except csv.Error:
        return _Fit(widths[0] if widths else 1, -1, -quotes)
    if not widths:
        return _Fit(1, 1, 0)
    return _Fit(widths[0], widths.count(widths[0]) / len(widths), -quotes)


def _records(path: Path, text: str, delimiter: str) -> list[list[Cell]]:
    records: list[list[Cell]] = []
    try:
        records.extend([cell.strip() or None for cell in row] for row in _reader(text, delimiter))
    except csv.Error as error:
        advice = "a quote may lack its end, and one within quotes has to be doubled"
        reason = f"row {len(records) + 1} cannot be read ({error}): {advice}"
        raise TableFileError(path, reason) from error
    return records


def _point_numbers(path: Path, rows: list[list[Cell]]) -> list[list[Cell]]:
    """Turn decimal commas into points, where the file leaves no doubt that they are meant.

    Raises:
        TableFileError: There is doubt.
    """
    commas: list[tuple[int, int, str]] = []
    point = ""
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if not isinstance(cell, str):
                continue
            if "," in cell and _COMMA_NUMBER.fullmatch(cell):
                commas.append((number, column, cell))
            elif not point and "." in cell and _POINT_NUMBER.fullmatch(cell):
                point = f"{cell_name(number, column)} ({cell})"
    if not commas:
        return rows
    number, column, cell = commas[0]
    place = f"{cell_name(number, column)} ({cell})"
    if point:
        reason = (
            f"has a number with a point in {point} and one with a comma in {place}: write all with points"
        )
        raise TableFileError(path, reason)
    if all(_THOUSANDS.fullmatch(cell) for _, _, cell in commas):
        whole, fraction = cell.split(",")
        reason = f"{place} can mean {whole}.{fraction} or {whole}{fraction}: write one of them"
        raise TableFileError(path, reason)
    for number, column, cell in commas:
        rows[number][column] = cell.replace(",", ".")
    return rows
