"""Damaged spreadsheets: whatever is wrong, there is a table or an error that names the file."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from scan_sdk import Sheet, TableFileError, read_sheet

ROWS = [
    ["motor_x", "Comment", "When"],
    [1.5, "first", dt.time(1, 2)],
    [2, "=1+1", 3],
    [True, "last", "#REF!"],
]


def csv() -> bytes:
    return '"motor_x";"Com""ment";n\r\n1,5;"a\nb";=1+1\r\n-2,25;ä;\r\n'.encode()


def xlsx() -> bytes:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.active.merge_cells("A6:B7")
    book.create_sheet("Other").sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls() -> bytes:
    book = xlwt.Workbook()
    page = book.add_sheet("Plan")
    for number, row in enumerate(ROWS):
        for column, cell in enumerate(row):
            page.write(number, column, cell)
    page.write(5, 0, xlwt.Formula("A1+1"))
    page.write_merge(6, 7, 0, 1, "m")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods() -> bytes:
    document = OpenDocumentSpreadsheet()
    page = Table(name="Plan")
    document.spreadsheet.addElement(page)
    for row in ROWS:
        line = TableRow(numberrowsrepeated=2)
        page.addElement(line)
        line.addElement(TableCell(valuetype="float", value="1.5", numbercolumnsrepeated=3))
        line.addElement(TableCell(valuetype="time", timevalue="PT30H00M00S"))
        text = TableCell(valuetype="string", formula="of:=1+1")
        text.addElement(P(text=str(row[1])))
        line.addElement(text)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def gnumeric() -> bytes:
    cells = "".join(
        f'<gnm:Cell Row="{number}" Col="{column}" ValueType="40" ValueFormat="h:mm">0.5</gnm:Cell>'
        for number in range(3)
        for column in range(3)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd">'
        '<gnm:Calculation DateConvention="Lotus:1900"/><gnm:Sheets><gnm:Sheet><gnm:Name>Plan</gnm:Name>'
        '<gnm:Styles><gnm:StyleRegion startCol="0" startRow="0" endCol="9" endRow="9">'
        '<gnm:Style Format="yyyy"/></gnm:StyleRegion></gnm:Styles>'
        f"<gnm:Cells>{cells}</gnm:Cells><gnm:MergedRegions><gnm:Merge>A5:B6</gnm:Merge></gnm:MergedRegions>"
        "</gnm:Sheet></gnm:Sheets></gnm:Workbook>"
    ).encode()


WHOLE = {
    "csv": csv(),
    "xlsx": xlsx(),
    "xls": xls(),
    "ods": ods(),
    "gnumeric": gnumeric(),
    "gz": gzip.compress(gnumeric()),
}
CHANGES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 3), st.binary(max_size=4)),
    min_size=1,
    max_size=8,
)


def damaged(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Put bytes in the place of others, at parts of the whole length."""
    for part, count, new in changes:
        place = int(part * len(content))
        content = content[:place] + new + content[place + count :]
    return content


def read(folder, content: bytes) -> None:
    path = folder / "damaged"
    path.write_bytes(content)
    try:
        sheet = read_sheet(path)
    except TableFileError as error:
        assert error.path == str(path)  # noqa: PT017  # there may be none
    else:
        assert isinstance(sheet, Sheet)
        assert sheet.headers
        assert len(sheet.rows) == len(sheet.numbers)


@pytest.mark.parametrize("kind", WHOLE)
@given(changes=CHANGES)
def test_damaged_bytes_give_a_table_or_an_error_that_names_the_file(tmp_path_factory, kind, changes):
    read(tmp_path_factory.getbasetemp(), damaged(WHOLE[kind], changes))


PARTS = [
    ("xlsx", "xl/worksheets/sheet1.xml"),
    ("xlsx", "xl/workbook.xml"),
    ("xlsx", "xl/styles.xml"),
    ("xlsx", "xl/_rels/workbook.xml.rels"),
    ("ods", "content.xml"),
]


@pytest.mark.parametrize(("kind", "part"), PARTS)
@given(changes=CHANGES)
def test_damaged_parts_in_whole_archives_do_too(tmp_path_factory, kind, part, changes):
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE[kind])) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, damaged(content, changes) if name == part else content)
    read(tmp_path_factory.getbasetemp(), stream.getvalue())


@given(content=st.binary(max_size=200))
@pytest.mark.parametrize(
    "start", [b"", b"PK\x03\x04", b"\x1f\x8b", b"<?xml", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_junk_does_too(tmp_path_factory, start, content):
    read(tmp_path_factory.getbasetemp(), start + content)
