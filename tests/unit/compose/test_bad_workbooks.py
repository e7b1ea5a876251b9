"""Workbooks that are damaged, protected, too large, or made to do harm."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlwt

from scan_sdk import TableFileError, read_sheet
from scan_sdk.compose.spreadsheets import archive, reading
from scan_sdk.compose.spreadsheets import gnumeric as gnumeric_module
from scan_sdk.compose.spreadsheets.compound import streams

if TYPE_CHECKING:
    from pathlib import Path

SHEET = "xl/worksheets/sheet1.xml"


def refused(path: Path) -> str:
    with pytest.raises(TableFileError) as caught:
        read_sheet(path)
    assert caught.value.path == str(path)
    return caught.value.reason


@pytest.fixture
def xlsx(tmp_path):
    """Write a workbook with parts put in place of what openpyxl writes, or added; `None` leaves one out."""

    def write(parts: dict[str, bytes | None] | None = None, *, data: bytes | None = None) -> Path:
        book = openpyxl.Workbook()
        book.active.append(["a", "b"])
        book.active.append([1, 2])
        stream = io.BytesIO()
        book.save(stream)
        with zipfile.ZipFile(stream) as source:
            held = {name: source.read(name) for name in source.namelist()}
        held["xl/workbook.xml"] = held["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', b"")
        if data is not None:
            held[SHEET] = (
                b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
                b"<sheetData>" + data + b"</sheetData></worksheet>"
            )
        path = tmp_path / "t.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name, content in {**held, **(parts or {})}.items():
                if content is not None:
                    target.writestr(name, content)
        return path

    return write


def test_a_zip_file_that_is_no_spreadsheet_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as target:
        target.writestr("photo.jpg", b"...")
    assert "is a zip file, but no spreadsheet" in refused(tmp_path / "t.xlsx")


def test_a_binary_workbook_is_refused_with_what_to_do(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.xlsb", "w") as target:
        target.writestr("xl/workbook.bin", b"...")
    assert "save it as XLSX" in refused(tmp_path / "t.xlsb")


def test_a_workbook_without_its_sheet_is_refused(xlsx):
    assert 'it lacks the sheet "Sheet"' in refused(xlsx({SHEET: None}))


@pytest.mark.parametrize("part", ["xl/_rels/workbook.xml.rels", "xl/workbook.xml", "xl/styles.xml"])
def test_a_part_that_is_no_xml_is_refused(xlsx, part):
    assert "damaged" in refused(xlsx({part: b"<a><b></a>"}))


def test_a_workbook_without_a_list_of_parts_is_refused(xlsx):
    assert "xl/_rels/workbook.xml.rels" in refused(xlsx({"xl/_rels/workbook.xml.rels": None}))


BOMB = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxxxxxxxx">]>'


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET])
def test_document_types_are_refused(xlsx, part):
    with zipfile.ZipFile(xlsx()) as source:
        content = source.read(part)
    reason = refused(xlsx({part: BOMB + content}))
    assert "document type" in reason or "written in a way that is not read" in reason


def test_comments_and_marked_sections_hide_nothing(xlsx):
    cells = b'<row r="1"><!-- <c r="XFD1048576"><v>1</v></c> --><c r="A1"><v>1</v></c></row>'
    assert read_sheet(xlsx(data=cells)).headers == (1,)


def test_a_sheet_in_another_encoding_is_refused(xlsx):
    declared = b'<?xml version="1.0" encoding="UTF-16"?><worksheet/>'
    assert "written in a way that is not read" in refused(xlsx({SHEET: declared}))


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1'><c r='A1'><v>1</v></c><c r='XFD1048576'><v>1</v></c></row>",
        b'<row r="1048576">' + b"<c><v>1</v></c>" * 100 + b'</row><row r="1"><c r="A1"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="9999999"><c r="A9999999"><v>1</v></c></row>',
        b'<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZ1"><v>1</v></c></row>',
    ],
)
def test_a_sheet_that_spans_too_much_is_refused_before_it_takes_memory(xlsx, cells):
    assert "are too many" in refused(xlsx(data=cells))


def test_formats_far_away_do_no_harm(xlsx):
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert read_sheet(xlsx(data=cells)).headers == (1,)


def test_cells_without_names_follow_one_another(xlsx):
    cells = b'<row><c><v>1</v></c><c t="str"><f>A1</f><v>x</v></c></row><row><c><v>3</v></c></row>'
    sheet = read_sheet(xlsx(data=cells))
    assert (sheet.headers, sheet.rows) == ((1, "x"), ((3, None),))
    assert "a cell without a name" in refused(xlsx(data=b"<row><c><f>1+1</f></c></row>"))


def test_elements_may_have_a_prefix(xlsx):
    sheet = (
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        b'<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="B1"><x:f>A1</x:f></x:c></x:row>'
        b"</x:sheetData></x:worksheet>"
    )
    assert "the formulas in B1 have" in refused(xlsx({SHEET: sheet}))


def test_what_unpacks_to_too_much_is_refused(xlsx, monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 100_000)
    assert "when unpacked" in refused(xlsx({"xl/media/image.bin": bytes(200_000)}))


def test_what_unpacks_to_more_than_it_says_is_refused(xlsx):
    path = xlsx({"xl/media/image.bin": bytes(200_000)})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 200_000), struct.pack("<I", 2_000)))
    assert "damaged" in refused(path)


def test_a_large_file_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    (tmp_path / "t.csv").write_bytes(b"a,b\n" * 1000)
    assert "has more than" in refused(tmp_path / "t.csv")


def test_encrypted_parts_are_told_from_damaged_ones(xlsx):
    path = xlsx()
    content = bytearray(path.read_bytes())
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(start) + flags] |= 1
    path.write_bytes(content)
    assert "password" in refused(path)


# OpenDocument


def test_a_protected_ods_is_refused(ods):
    assert "password" in refused(ods(manifest="<manifest:encryption-data/>"))


def test_a_document_type_in_ods_is_refused(ods):
    assert "document type" in refused(ods(before=BOMB.decode()))


FULL = '<table:table-cell office:value-type="float" office:value="1"/>'
FAR = '<table:table-cell table:number-columns-repeated="20000"/>'
LINES = '<table:table-row table:number-rows-repeated="{}">'.format


@pytest.mark.parametrize(
    "rows",
    [
        f"{LINES(1_048_576)}{FULL}</table:table-row>" * 2,
        f"{LINES(900_000)}{FULL}{FULL}</table:table-row>{LINES(1)}{FULL * 900}</table:table-row>",
        f"{LINES(1)}{FAR}{FULL}</table:table-row>",
    ],
)
def test_an_ods_that_repeats_too_much_is_refused(ods, rows):
    assert "are too many" in refused(ods(rows))


@pytest.mark.parametrize("whole", ['<table:table table:name="Plan"><table:table-row>', "<table:table>"])
def test_an_ods_whose_xml_does_not_end_is_refused(ods, whole):
    assert "content.xml is damaged" in refused(ods(whole=whole))


def test_an_ods_with_endless_blanks_is_refused(ods):
    text = '<text:p>a<text:s text:c="99999999"/></text:p>'
    cell = f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    assert "blanks side by side" in refused(ods(f"<table:table-row>{cell}</table:table-row>"))


# Gnumeric


def test_a_document_type_in_gnumeric_is_refused(tmp_path):
    path = tmp_path / "t.gnumeric"
    path.write_bytes(b'<?xml version="1.0"?>' + BOMB + b"<gnm:Workbook xmlns:gnm='gnumeric'/>")
    assert "document type" in refused(path)


@pytest.mark.parametrize(
    "place", ['Row="1048576" Col="0"', 'Row="0" Col="16384"', 'Row="-1" Col="0"', 'Row="9" Col="-5"']
)
def test_a_cell_of_gnumeric_that_lies_too_far_is_refused(gnumeric, place):
    assert "are too many" in refused(gnumeric(f'<gnm:Cell {place} ValueType="60">x</gnm:Cell>'))


def test_a_gnumeric_sheet_of_too_many_cells_is_refused(gnumeric, monkeypatch):
    monkeypatch.setattr(gnumeric_module, "MAX_CELLS", 100)
    cells = "".join(f'<gnm:Cell Row="{row}" Col="50" ValueType="60">x</gnm:Cell>' for row in range(4))
    assert "are too many" in refused(gnumeric(cells))


@pytest.mark.parametrize(
    ("cells", "merged"),
    [
        ('<gnm:Cell Col="0" ValueType="60">x</gnm:Cell>', ""),
        ('<gnm:Cell Row="a" Col="0" ValueType="60">x</gnm:Cell>', ""),
        ('<gnm:Cell Row="0" Col="0" ValueType="40">x</gnm:Cell>', ""),
        ('<gnm:Cell Row="0" Col="0" ValueType="40" ValueFormat="yyyy">1e300</gnm:Cell>', ""),
        ("", "<gnm:Merge>everything</gnm:Merge>"),
    ],
)
def test_gnumeric_that_makes_no_sense_is_refused(gnumeric, cells, merged):
    assert "cannot be read" in refused(gnumeric(cells, merged=merged))


def test_gzip_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(gnumeric_module, "MAX_BYTES", 100_000)
    (tmp_path / "t.gnumeric").write_bytes(gzip.compress(b"<?xml version='1.0'?>" + b" " * 1_000_000))
    assert "holds more than" in refused(tmp_path / "t.gnumeric")


def test_gzip_of_something_else_is_refused(tmp_path):
    (tmp_path / "t.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert "damaged" in refused(tmp_path / "t.gz")
    (tmp_path / "t.gz").write_bytes(gzip.compress(b"a,b\n1,2\n")[:10] + b"junk, and more of it")
    assert "damaged" in refused(tmp_path / "t.gz")


# Excel 97


@pytest.fixture
def xls(tmp_path):
    """Write a workbook of Excel 97, with bytes of its records replaced."""

    def write(*changes: tuple[bytes, bytes]) -> Path:
        book = xlwt.Workbook()
        page = book.add_sheet("Plan")
        page.write(0, 0, "a")
        page.write(1, 0, 1 / 3)
        page.write(2, 0, 2)
        page.write(2, 1, 3)
        book.save(tmp_path / "t.xls")
        content = (tmp_path / "t.xls").read_bytes()
        for old, new in changes:
            assert old in content
            content = content.replace(old, new)
        (tmp_path / "t.xls").write_bytes(content)
        return tmp_path / "t.xls"

    return write


NUMBER = struct.pack("<HHHH", 0x0203, 14, 1, 0)


def test_an_xls_with_a_cell_too_far_away_is_refused(xls):
    assert "are too many" in refused(xls((NUMBER, struct.pack("<HHHH", 0x0203, 14, 0xFFFF, 0xFFFF))))


def test_an_xls_that_says_it_is_too_large_is_refused(xls):
    old = struct.pack("<HHIIHH", 0x0200, 14, 0, 3, 0, 2)
    assert "are too many" in refused(xls((old, struct.pack("<HHIIHH", 0x0200, 14, 0, 0xFFFFFF, 0, 0xFFFF))))


def test_an_xls_whose_first_row_comes_after_its_last_is_refused(xls):
    old = struct.pack("<HHIIHH", 0x0200, 14, 0, 3, 0, 2)
    assert "are too many" in refused(xls((old, struct.pack("<HHIIHH", 0x0200, 14, 9, 3, 0, 2))))


def test_what_calamine_panics_at_is_refused(tmp_path):
    book = xlwt.Workbook()
    book.add_sheet("Plan").write(0, 0, xlwt.Formula("1+1"))
    book.save(tmp_path / "t.xls")
    content = (tmp_path / "t.xls").read_bytes()
    old = b"\x07\x00\x1e\x01\x00\x1e"  # the length of the formula
    assert old in content
    (tmp_path / "t.xls").write_bytes(content.replace(old, b"\xff\xff" + old[2:]))
    assert "is damaged (range end" in refused(tmp_path / "t.xls")


def test_a_protected_xls_is_refused(xls):
    # The first record after the beginning says how the file is protected
    content = xls().read_bytes()
    start = content.index(struct.pack("<HH", 0x0809, 16)) + 20
    kind = content[start : start + 2]
    path = xls((content[start - 20 : start] + kind, content[start - 20 : start] + struct.pack("<H", 0x002F)))
    assert "password" in refused(path)


def renamed(xls, name: str) -> Path:
    old = "Workbook".encode("utf-16-le") + b"\0\0"
    new = name.encode("utf-16-le").ljust(len(old), b"\0")
    return xls((old, new))


def test_a_document_of_office_that_is_no_workbook_is_refused(xls):
    assert "no workbook of Excel" in refused(renamed(xls, "Document"))


def test_a_protected_xlsx_is_a_compound_file(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"short"}))
    assert "password" in refused(path)


def compound(parts: dict[str, bytes]) -> bytes:
    """Return a compound file: header, table of sectors, directory, short streams, their table, long ones."""
    sectors: list[bytes] = [b"", b"", b"", b""]
    table = [0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFE]
    minis, mini_table, entries = b"", [], []
    for name, content in parts.items():
        if len(content) < 4096:
            start = len(mini_table)
            count = -(-len(content) // 64)
            mini_table += [*range(start + 1, start + count), 0xFFFFFFFE]
            minis += content.ljust(count * 64, b"\0")
        else:
            start = len(table)
            count = -(-len(content) // 512)
            table += [*range(start + 1, start + count), 0xFFFFFFFE]
            sectors += [content[n * 512 : (n + 1) * 512].ljust(512, b"\0") for n in range(count)]
        entries.append((name, 2, start, len(content)))
    entries.insert(0, ("Root Entry", 5, 2, len(minis)))
    directory = b"".join(
        struct.pack("<64sHB49xIII", name.encode("utf-16-le"), 2 * len(name) + 2, kind, start, length, 0)
        for name, kind, start, length in entries
    )
    sectors[0] = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    sectors[1] = directory.ljust(512, b"\0")
    sectors[2] = minis.ljust(512, b"\0")
    sectors[3] = struct.pack("<128I", *mini_table, *[0xFFFFFFFF] * (128 - len(mini_table)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIII4xIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 4096, 3, 1, 0xFFFFFFFE, 0)
    return head + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + b"".join(sectors)


def test_streams_of_a_compound_file_are_found_short_and_long():
    parts = {"Short": b"few bytes", "Other": b"y" * 100, "Long": b"x" * 5000}
    assert streams(compound(parts), {"short", "long", "none"}) == {"short": b"few bytes", "long": b"x" * 5000}


@pytest.mark.parametrize(
    "change",
    [
        (30, struct.pack("<H", 3)),  # the size of a sector
        (48, struct.pack("<I", 99)),  # where the directory starts
        (512 + 4, struct.pack("<I", 1)),  # a directory that goes round in a circle
        (44, struct.pack("<I", 0xFFFFFFF0)),  # more tables than there are sectors
        (68, struct.pack("<II", 99, 1)),  # a further table that is not there
    ],
)
def test_a_compound_file_that_makes_no_sense_is_refused(tmp_path, change):
    place, new = change
    content = compound({"Workbook": b"x" * 5000})
    (tmp_path / "t.xls").write_bytes(content[:place] + new + content[place + len(new) :])
    assert "damaged" in refused(tmp_path / "t.xls")
