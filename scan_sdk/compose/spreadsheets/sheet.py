"""A table as a file holds it: headers, rows of cells, and where they stand."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Cell", "Sheet"]

Cell: TypeAlias = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
"""What a cell holds; `None` where it is empty."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file.

    What is empty around it is left out: rows above the headers and below the last one, columns at both sides.
    A blank row between others stays, as a row of empty cells.

    Attributes:
        headers: The first row that is not blank.
        rows: The rows below it. Each has at least as many cells as there are headers; one that has more keeps
            them, so that whoever reads the table can complain of them.
        numbers: For each row its number in the file, as spreadsheet programs show it, from 1.
        name: Name of the sheet; empty where the format has no sheets.
        file: Path of the file.
    """

    headers: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: tuple[int, ...]
    name: str = ""
    file: str = ""
