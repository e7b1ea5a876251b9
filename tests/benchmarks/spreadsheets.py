"""Prints what reading a table of 100,000 rows and 5 columns costs against a plain way, as ratios.

    python tests/benchmarks/spreadsheets.py [NAME ...]

The plain way is what is at hand for the format: `csv.reader`, openpyxl's read-only way, calamine alone, or
ElementTree, none of which sees what is wrong with a cell. Each figure is the median of several rounds of CPU
time, in each of which both ways run one after the other.
"""

from __future__ import annotations

import csv
import gc
import statistics
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from scan_sdk import read_sheet, write_sheet

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
COUNT = 100_000
XLS_COUNT = 65_535
HEADERS = ["motor_x", "motor_y", "Comment", "Wait For", "Value"]
ROWS = [[i * 0.5, i, f"step {i}", "seconds", 1.25] for i in range(COUNT)]


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, begun with a clean heap."""
    gc.collect()
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    del result
    return seconds


def compare(title: str, ours: Callable[[], object], plain: Callable[[], object]) -> None:
    """Print the median ratio of our way to the plain way."""
    pairs = [(cpu(ours), cpu(plain)) for _ in range(ROUNDS)]
    ratio = statistics.median(one / other for one, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title:<50} {ratio:6.2f}  ({mine:.2f} s to {theirs:.2f} s)")


def bench_csv(folder: Path) -> None:
    """Read CSV."""
    path = folder / "t.csv"
    write_sheet(path, HEADERS, ROWS)

    def plain() -> object:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    compare("CSV to csv.reader", lambda: read_sheet(path), plain)


def calamine(path: Path) -> object:
    """Read the first sheet with calamine alone."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(path) as book:
        return book.get_sheet_by_index(0).to_python()


def bench_xlsx(folder: Path) -> None:
    """Read XLSX."""
    import openpyxl

    path = folder / "t.xlsx"
    write_sheet(path, HEADERS, ROWS)

    def plain() -> object:
        book = openpyxl.load_workbook(path, read_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
        return rows

    compare("XLSX to openpyxl, read-only", lambda: read_sheet(path), plain)
    compare("XLSX to calamine alone", lambda: read_sheet(path), lambda: calamine(path))


def bench_xls(folder: Path) -> None:
    """Read XLS, which has 65,536 rows at most."""
    import xlwt

    path = folder / "t.xls"
    book = xlwt.Workbook()
    page = book.add_sheet("Plan")
    for number, row in enumerate([HEADERS, *ROWS[:XLS_COUNT]]):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    book.save(path)
    compare("XLS (65,536 rows) to calamine alone", lambda: read_sheet(path), lambda: calamine(path))


ODS_BEGIN = (
    '<?xml version="1.0"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="Plan">'
)
ODS_END = "</table:table></office:spreadsheet></office:body></office:document-content>"
MIME = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME}"/></manifest:manifest>'
)


def ods_cell(value: object) -> str:
    """Return a cell as LibreOffice writes it."""
    kind = "string" if isinstance(value, str) else "float"
    held = "" if isinstance(value, str) else f' office:value="{value}"'
    attributes = f'office:value-type="{kind}"{held} calcext:value-type="{kind}"'
    return f"<table:table-cell {attributes}><text:p>{value}</text:p></table:table-cell>"


def bench_ods(folder: Path) -> None:
    """Read ODS."""
    path = folder / "t.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", MIME, zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        rows = (
            f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in [HEADERS, *ROWS]
        )
        archive.writestr("content.xml", f"{ODS_BEGIN}{''.join(rows)}{ODS_END}")
    compare("ODS to calamine alone", lambda: read_sheet(path), lambda: calamine(path))


def bench_gnumeric(folder: Path) -> None:
    """Read Gnumeric."""
    path = folder / "t.gnumeric"
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0"?><gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd">'
            "<gnm:Sheets><gnm:Sheet><gnm:Name>Plan</gnm:Name><gnm:Cells>"
        )
        for number, row in enumerate([HEADERS, *ROWS]):
            for column, cell in enumerate(row):
                kind = 60 if isinstance(cell, str) else 40
                file.write(f'<gnm:Cell Row="{number}" Col="{column}" ValueType="{kind}">{cell}</gnm:Cell>\n')
        file.write("</gnm:Cells></gnm:Sheet></gnm:Sheets></gnm:Workbook>")
    compare("Gnumeric to ElementTree.parse", lambda: read_sheet(path), lambda: ET.parse(path))


BENCHMARKS = {
    "csv": bench_csv,
    "xlsx": bench_xlsx,
    "xls": bench_xls,
    "ods": bench_ods,
    "gnumeric": bench_gnumeric,
}


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        for name in sys.argv[1:] or BENCHMARKS:
            BENCHMARKS[name](Path(temporary))
