"""Excel's workbooks (.xlsx, .xlsm), read by calamine once their XML has been looked through.

calamine gives empty cells for errors and for formulas without values, and takes memory for all cells between
the outermost two, so the XML is searched for those first.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.compose.spreadsheets.calamine import fill, opened
from scan_sdk.compose.spreadsheets.grid import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Grid,
    column_number,
    too_large,
)
from scan_sdk.compose.spreadsheets.markup import new_parser, plain_elements, reading
from scan_sdk.errors import TableFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from scan_sdk.compose.spreadsheets.grid import Choice

__all__ = ["read_excel"]

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_REFERENCE: Final = re.compile(rb' r="([A-Z]+\d+)"')
_LETTERS: Final = bytes(range(ord("A"), ord("Z") + 1))
_ROW: Final = re.compile(rb"""<(?:\w+:)?row(?=[\s>])(?:[^>]*?\sr\s*=\s*["'](\d+))?[^>]*(?<!/)>""")
_CELL: Final = re.compile(rb"""<(?:\w+:)?c(?=[\s>])(?:[^>]*?\sr\s*=\s*["']([A-Za-z]+)(\d+))?[^>]*(?<!/)>""")
_NAME: Final = re.compile(rb"""\sr\s*=\s*["'](\w+)""")
_TEXT_TYPE: Final = re.compile(rb"""\st\s*=\s*["']str["']""")
_FORMULA: Final = re.compile(rb"<(?:\w+:)?c(?=[\s>])([^>]*)>\s*<(?:\w+:)?f[\s/>]")
_UNCOUNTED: Final = re.compile(
    rb"<(?:\w+:)?c(?=[\s>])([^>]*)>\s*"
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|(?<!/)>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v(?:\s[^>]*)?(?:/>|>\s*</(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
_ERROR: Final = re.compile(
    rb"""<(?:\w+:)?c(?=\s)([^>]*?\st\s*=\s*["']e["'][^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)""",
    re.DOTALL,
)


class _Entry(NamedTuple):
    """A sheet as the workbook lists it."""

    name: str
    relation: str
    visible: bool


@dataclass
class _Workbook:
    """What a workbook says of its sheets.

    Attributes:
        sheets: All sheets, those of charts too.
        parts: The part of the file of each worksheet, by its relation.
        stale: Whether the values of formulas are to be calculated anew, since whoever wrote the file did not.
    """

    sheets: list[_Entry] = field(default_factory=list[_Entry])
    parts: dict[str, str] = field(default_factory=dict[str, str])
    stale: bool = False


def read_excel(path: Path, content: bytes, parts: Mapping[str, bytes], choice: Choice) -> Grid | None:
    """Return the cells of a sheet.

    Raises:
        TableFileError: The file is damaged, or the sheet too large.
        MissingExtra: calamine is not installed.
    """
    workbook = _workbook(path, parts)
    for place, sheet in enumerate(workbook.sheets):
        part = workbook.parts.get(sheet.relation)
        if part is None or not choice.offer(sheet.name, visible=sheet.visible):
            continue
        if part not in parts:
            raise TableFileError(path, f'is damaged: it lacks the sheet "{sheet.name}", {part}')
        grid = Grid(sheet.name)
        _look_through(path, parts[part], grid, stale=workbook.stale)
        with opened(path, content) as calamine:
            fill(path, calamine, place, grid)
        return grid
    return None


def _workbook(path: Path, parts: Mapping[str, bytes]) -> _Workbook:
    workbook = _Workbook()

    def start_relation(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            part = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
            workbook.parts[attributes["Id"]] = part

    def start_sheet(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            visible = attributes.get("state", "visible") == "visible"
            workbook.sheets.append(_Entry(attributes["name"], relation, visible))
        elif local == "calcPr":
            workbook.stale = attributes.get("fullCalcOnLoad") in {"1", "true"}

    for part, handler in ((_RELATIONS, start_relation), (_WORKBOOK, start_sheet)):
        with reading(path, part):
            parser = new_parser()
            parser.StartElementHandler = handler
            parser.Parse(parts[part], True)
    return workbook


def _look_through(path: Path, document: bytes, grid: Grid, *, stale: bool) -> None:
    """Note the cells of a sheet that calamine would take for empty, and see that it is not too large.

    Patterns do it in a fifth of the time that a parser takes.
    """
    document = plain_elements(path, document)
    _check_size(path, document)
    if b"<f" in document or b":f" in document:
        for found in (_FORMULA if stale else _UNCOUNTED).finditer(document):
            if stale or not _TEXT_TYPE.search(found[1]):  # a formula may well give an empty text
                grid.uncounted.append(_name(found[1]))
    if b'"e"' in document or b"'e'" in document:
        grid.errors += [
            (_name(found[1]), found[2].decode(errors="replace")) for found in _ERROR.finditer(document)
        ]


def _name(attributes: bytes) -> str:
    found = _NAME.search(attributes)
    return found[1].decode() if found else "a cell without a name"


def _check_size(path: Path, document: bytes) -> None:
    """See that the cells that hold something do not span more than what is read.

    All names of cells are looked at in a fast way first. Where that gives too many, or cells have no names,
    they are looked at in a way that knows which are empty.
    """
    names = b" ".join(_REFERENCE.findall(document))
    rows = _last_row(names.translate(None, _LETTERS).split())
    columns = _last_column(names.translate(None, b"0123456789").split())
    named = document.count(b"</c>") <= names.count(b" ") + 1
    if named and 0 < rows <= MAX_ROWS and columns <= MAX_COLUMNS and rows * columns <= MAX_CELLS:
        return
    found = set(_CELL.findall(document))
    numbers = _ROW.findall(document)
    rows = _last_row([*numbers, *(row for _, row in found)]) + numbers.count(b"")
    columns = _last_column([letters.upper() for letters, _ in found])
    if (b"", b"") in found:  # such cells come after those before them
        columns += max(piece.count(b"<c") + piece.count(b":c") for piece in document.split(b"row"))
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise too_large(path, rows, columns)


def _last_row(numbers: Iterable[bytes]) -> int:
    return max((int(number[:9]) for number in set(numbers) if number), default=0)


def _last_column(letters: Iterable[bytes]) -> int:
    return max((column_number(one[:9].decode()) + 1 for one in set(letters) if one), default=0)
