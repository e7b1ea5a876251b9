"""Gnumeric's workbooks (.gnumeric): XML, plain or in gzip.

Gnumeric saves formulas without their values, so those are refused.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.compose.spreadsheets.grid import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Grid,
    cell_name,
    column_number,
    tidy_number,
    too_large,
)
from scan_sdk.compose.spreadsheets.markup import Found, new_parser, reading
from scan_sdk.compose.spreadsheets.times import is_time_format, time_of
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from scan_sdk.compose.spreadsheets.grid import Choice
    from scan_sdk.compose.spreadsheets.sheet import Cell

__all__ = ["read_gnumeric", "unzipped"]

_CHUNK: Final = 1 << 16
_BOOLEAN, _INTEGER, _FLOAT, _ERROR = "20", "30", "40", "50"
_RANGE: Final = re.compile(r"\$?([A-Z]{1,4})\$?(\d{1,8}):\$?([A-Z]{1,4})\$?(\d{1,8})")


class _Region(NamedTuple):
    """Cells with a style, bounds included."""

    top: int
    left: int
    bottom: int
    right: int
    format: str


def unzipped(path: Path, content: bytes) -> Generator[bytes]:
    """Yield what is in gzip, piece by piece; content that is not comes as it is.

    Raises:
        TableFileError: It is damaged, or larger than what is read.
    """
    if not content.startswith(b"\x1f\x8b"):
        yield content
        return
    size = 0
    stream = zlib.decompressobj(wbits=31)
    rest = content
    try:
        while rest and not stream.eof:
            piece = stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            size += len(piece)
            if size > MAX_BYTES:
                raise TableFileError(path, f"holds more than {MAX_BYTES // 2**20} MB, which is not read")
            yield piece
    except zlib.error as error:
        raise TableFileError(path, f"is damaged: {error}") from error
    if not stream.eof:
        raise TableFileError(path, "is damaged: it ends too early, copy it once more")


def read_gnumeric(path: Path, content: bytes, choice: Choice) -> Grid | None:
    """Return the cells of a sheet.

    Raises:
        TableFileError: The file is damaged or no workbook of Gnumeric.
    """
    reader = _GnumericReader(path, choice)
    with reading(path, "the file"):
        for piece in unzipped(path, content):
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    return reader.grid


class _GnumericReader:
    """What is known of a document as it goes by: the sheet, its cell."""

    def __init__(self, path: Path, choice: Choice) -> None:
        self._path = path
        self._choice = choice
        self._prefix = ""
        self._texts: list[str] = []
        self._attributes: dict[str, str] = {}
        self._within_sheet = 0  # depth below the element of a sheet
        self._visible = True
        self._from_1904 = False
        self._region = _Region(0, 0, -1, -1, "")
        self._regions: list[_Region] = []
        self._columns: dict[int, list[_Region]] = {}
        self._merged: list[str] = []
        self._rows: list[list[Cell]] = []
        self._held = 0
        self.grid: Grid | None = None
        self.parser = new_parser()
        self.parser.StartElementHandler = self._start_root
        self.parser.CharacterDataHandler = self._texts.append
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "Calculation": self._start_calculation,
            "Sheet": self._start_sheet,
            "StyleRegion": self._start_region,
            "Style": self._start_style,
            "Cells": self._start_cells,
        }

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        prefix, _, local = name.rpartition(":")
        if local != "Workbook" or not any("gnumeric" in value for value in attributes.values()):
            reason = f"is XML, but no workbook of Gnumeric ({name}): save it as XLSX, ODS or CSV"
            raise TableFileError(self._path, reason)
        self._prefix = f"{prefix}:" if prefix else ""
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._texts.clear()
        self._within_sheet += 1
        handler = self._starts.get(name.removeprefix(self._prefix))
        if handler is not None:
            handler(attributes)

    def _end(self, name: str) -> None:
        self._within_sheet -= 1
        local = name.removeprefix(self._prefix)
        if local == "Name" and self._within_sheet == 1:
            self._end_name("".join(self._texts))
        elif local == "Merge":
            self._merged.append("".join(self._texts))
        elif local == "Sheet" and self.grid is not None:
            self._end_sheet(self.grid)

    def _start_calculation(self, attributes: dict[str, str]) -> None:
        self._from_1904 = any("1904" in value for value in attributes.values())

    def _start_sheet(self, attributes: dict[str, str]) -> None:
        self._visible = attributes.get("Visibility", "GNM_SHEET_VISIBILITY_VISIBLE").endswith("_VISIBLE")
        self._within_sheet = 1
        self._regions = []
        self._merged = []

    def _end_name(self, name: str) -> None:
        if self._choice.offer(name, visible=self._visible):
            self.grid = Grid(name)

    def _start_region(self, attributes: dict[str, str]) -> None:
        top, left, bottom, right = (
            int(attributes[name]) for name in ("startRow", "startCol", "endRow", "endCol")
        )
        self._region = _Region(top, left, bottom, right, "")

    def _start_style(self, attributes: dict[str, str]) -> None:
        style = attributes.get("Format", "")
        if is_time_format(style):
            self._regions.append(self._region._replace(format=style))

    def _start_cells(self, _: object) -> None:
        if self.grid is not None:
            self.parser.StartElementHandler = self._start_cell
            self.parser.EndElementHandler = self._end_cell

    def _start_cell(self, _: str, attributes: dict[str, str]) -> None:
        self._attributes = attributes
        self._texts.clear()

    def _end_cell(self, name: str) -> None:
        attributes = self._attributes
        if name.endswith("Cells"):
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
            self._end(name)
            return
        row, column = int(attributes["Row"]), int(attributes["Col"])
        if not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
            raise too_large(self._path, row + 1, column + 1)
        value = self._value(row, column, "".join(self._texts))
        if value is None:
            return
        rows = self._rows
        while len(rows) <= row:
            rows.append([])
        cells = rows[row]
        gap = column - len(cells)
        if gap:
            self._held += max(gap, 0)
            if self._held > MAX_CELLS:
                raise too_large(self._path, row + 1, column + 1)
            cells += [None] * gap
        if gap < 0:
            cells[column] = value
        else:
            cells.append(value)

    def _value(self, row: int, column: int, text: str) -> Cell:
        """Return what the cell holds, and note a formula or an error."""
        assert self.grid is not None
        attributes = self._attributes
        kind = attributes.get("ValueType")
        if "ExprID" in attributes or (kind is None and text.startswith("=")):
            if kind is None or "Value" not in attributes:
                self.grid.uncounted.append(cell_name(row, column))
                return None
            text = attributes["Value"]
        if kind in {_FLOAT, _INTEGER}:
            style = attributes.get("ValueFormat") or (self._format_at(row, column) if self._regions else "")
            number = float(text)
            return time_of(number, style, from_1904=self._from_1904) if style else tidy_number(number)
        if kind == _BOOLEAN:
            return text.upper() == "TRUE"
        if kind == _ERROR:
            self.grid.errors.append((cell_name(row, column), text))
        return text if text.strip() else None

    def _format_at(self, row: int, column: int) -> str:
        """Return the format of the style of a cell, empty where it shows no time."""
        if column not in self._columns:
            self._columns[column] = [
                region for region in self._regions if region.left <= column <= region.right
            ]
        found = (region.format for region in self._columns[column] if region.top <= row <= region.bottom)
        return next(found, "")

    def _end_sheet(self, grid: Grid) -> None:
        grid.rows = self._rows
        for text in self._merged:
            found = _RANGE.fullmatch(text)
            if found is None:
                raise ValueError(f"{text} is no range of cells")
            top, bottom = int(found[2]) - 1, int(found[4]) - 1
            left, right = column_number(found[1]), column_number(found[3])
            grid.note_merged(top, left, bottom, right)
        raise Found
