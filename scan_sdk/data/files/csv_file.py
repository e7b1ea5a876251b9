"""Data as CSV: the table of all devices, with serials and times."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from scan_sdk.data.columns import kind_of
from scan_sdk.data.conversions import check_names
from scan_sdk.data.files.replacing import naming

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk.data.columns import Column
    from scan_sdk.data.scan_data import ScanData

__all__ = ["write_csv"]


def write_csv(data: ScanData, path: Path) -> None:
    """Write the table; numbers as Python writes them."""
    table = data.table()
    check_names(table, serial=True, time=True)
    times = np.datetime_as_string(table.datetime, unit="ms", timezone="UTC").tolist()
    columns: list[list[str]] = []
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        with naming(name):
            columns.append([""] * start + _csv_cells(column[start:]))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["serial", "time", *table.names])
        writer.writerows(zip(table.serial.tolist(), times, *columns, strict=True))


def _csv_cells(column: Column) -> list[str]:
    """Return numbers as Python writes them, rows of them in brackets, texts as they are."""
    kind = kind_of(column)
    if kind == "rows":
        return [str(row.tolist()) for row in column]
    if kind == "numbers":
        return list(map(repr, column.tolist()))
    texts: list[str] = column.tolist()
    "".join(texts).encode()  # what UTF-8 cannot hold fails here, where the column is known
    return texts
