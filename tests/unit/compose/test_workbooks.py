"""Tables in workbooks: XLSX, XLS, ODS and Gnumeric, as programs write them."""

from __future__ import annotations

import datetime as dt
import gzip
import sys
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from scan_sdk import MissingExtra, TableFileError, read_sheet, sheet_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scan_sdk import Sheet

HEADERS = ("motor_x", "Wait For", "On")
ROWS = ((0.5, "seconds", True), (-3, "loop(0,5)", False), (None, None, None), (1e300, "5", True))
FORMATS = ["xlsx", "xls", "ods", "gnumeric"]


def write(
    path: Path, table: Sequence[Sequence[object]], *, first: int = 0, left: int = 0, name: str = "Plan"
) -> None:
    """Write a table as a program would that knows the format."""
    writers = {".xlsx": _write_xlsx, ".xls": _write_xls, ".ods": _write_ods, ".gnumeric": _write_gnumeric}
    writers[path.suffix](path, [[]] * first + [[None] * left + list(row) for row in table], name)


def _write_xlsx(path, table, name):
    book = openpyxl.Workbook()
    book.active.title = name
    for number, row in enumerate(table, 1):
        for column, cell in enumerate(row, 1):
            book.active.cell(number, column, cell)
    book.save(path)


def _write_xls(path, table, name):
    book = xlwt.Workbook()
    page = book.add_sheet(name)
    for number, row in enumerate(table):
        for column, cell in enumerate(row):
            if cell is not None:
                page.write(number, column, cell)
    book.save(path)


def _write_ods(path, table, name):
    document = OpenDocumentSpreadsheet()
    page = Table(name=name)
    document.spreadsheet.addElement(page)
    for row in table:
        line = TableRow()
        page.addElement(line)
        for cell in row:
            if cell is None:
                held = TableCell()
            elif isinstance(cell, bool):
                held = TableCell(valuetype="boolean", booleanvalue=str(cell).lower())
            elif isinstance(cell, str):
                held = TableCell(valuetype="string")
                held.addElement(P(text=cell))
            else:
                held = TableCell(valuetype="float", value=str(cell))
            line.addElement(held)
    document.save(path)


def _write_gnumeric(path, table, name):
    kinds = {bool: "20", int: "40", float: "40", str: "60"}
    cells = "".join(
        f'<gnm:Cell Row="{number}" Col="{column}" ValueType="{kinds[type(cell)]}">{str(cell).upper() if cell is True or cell is False else cell}</gnm:Cell>'  # noqa: E501
        for number, row in enumerate(table)
        for column, cell in enumerate(row)
        if cell is not None
    )
    path.write_bytes(
        gzip.compress(
            f'<?xml version="1.0"?><gnm:Workbook xmlns:gnm="http://www.gnumeric.org/v10.dtd"><gnm:Sheets><gnm:Sheet>'
            f"<gnm:Name>{name}</gnm:Name><gnm:Cells>{cells}</gnm:Cells></gnm:Sheet></gnm:Sheets></gnm:Workbook>".encode()
        )
    )


def refused(path: Path, sheet: str | int | None = None) -> str:
    with pytest.raises(TableFileError) as caught:
        read_sheet(path, sheet=sheet)
    assert caught.value.path == str(path)
    return caught.value.reason


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_comes_as_it_was_written(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [HEADERS, *ROWS])
    sheet = read_sheet(path)
    assert (sheet.headers, sheet.rows) == (HEADERS, ROWS)
    assert sheet.numbers == (2, 3, 4, 5)
    assert (sheet.name, sheet.file) == ("Plan", str(path))
    assert [type(cell) for cell in sheet.rows[1]] == [int, str, bool]
    assert sheet_names(path) == ("Plan",)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_table_may_stand_anywhere_on_its_sheet(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [HEADERS, *ROWS], first=3, left=2)
    sheet = read_sheet(path)
    assert (sheet.headers, sheet.rows, sheet.numbers) == (HEADERS, ROWS, (5, 6, 7, 8))


@pytest.mark.parametrize("suffix", FORMATS)
def test_cells_of_blanks_are_empty_and_others_keep_theirs(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [["a", "b", " "], [" x ", "  "], ["  "]])
    sheet = read_sheet(path)
    assert (sheet.headers, sheet.rows) == (("a", "b"), ((" x ", None),))


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_empty_sheet_is_refused(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [])
    assert 'the sheet "Plan" is empty' in refused(path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("other", ["csv", "xls", "xlsx", "gnumeric"])
def test_the_content_tells_the_format_not_the_suffix(tmp_path, suffix, other):
    write(tmp_path / f"t.{suffix}", [HEADERS, *ROWS])
    (tmp_path / f"t.{suffix}").rename(tmp_path / f"lying.{other}")
    assert read_sheet(tmp_path / f"lying.{other}").rows == ROWS


@pytest.mark.parametrize("suffix", FORMATS)
def test_half_a_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [HEADERS, *ROWS])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged" in refused(path)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    write(path, [HEADERS])
    assert refused(path, "plan") == 'has no sheet "plan"; there are "Plan"; did you mean "Plan"?'
    assert refused(path, "xyz") == 'has no sheet "xyz"; there are "Plan"'
    assert refused(path, 1) == 'has no sheet at place 1; they are counted from 0, and there are "Plan"'
    assert read_sheet(path, sheet=0) == read_sheet(path, sheet="Plan") == read_sheet(path)


def test_missing_packages_are_named_with_their_extra(tmp_path, monkeypatch):
    write(tmp_path / "t.xlsx", [HEADERS])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(MissingExtra, match=r"scan_sdk\[tables\]"):
        read_sheet(tmp_path / "t.xlsx")


# Several sheets


def two_sheets(path: Path, *states: str) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "First & <last>"
    book.active.append(["a"])
    book.active.sheet_state = states[0]
    book.create_chartsheet("Chart", 0)
    book.create_sheet("Second").append(["b"])
    book["Second"].sheet_state = states[1]
    book.save(path)
    return path


def test_the_first_visible_sheet_is_read_and_charts_are_none(tmp_path):
    path = two_sheets(tmp_path / "t.xlsx", "hidden", "visible")
    assert read_sheet(path).headers == ("b",)
    assert read_sheet(path, sheet="First & <last>").headers == ("a",)
    assert read_sheet(path, sheet=0).headers == ("a",)
    assert sheet_names(path) == ("First & <last>", "Second")
    assert 'there are "First & <last>", "Second"' in refused(path, "Chart")


def test_where_all_sheets_are_hidden_one_has_to_be_named(tmp_path):
    book = xlwt.Workbook()
    for name in ("One", "Two"):
        page = book.add_sheet(name)
        page.write(0, 0, name)
        page.visibility = 1
    book.save(tmp_path / "t.xls")
    assert 'all sheets are hidden: say which to read with sheet=, of "One", "Two"' in refused(
        tmp_path / "t.xls"
    )
    assert read_sheet(tmp_path / "t.xls", sheet="Two").headers == ("Two",)


# Dates and times


MOMENT = dt.datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001  # cells have no time zone
TIMES = (dt.date(2026, 3, 4), MOMENT, dt.time(1, 0), dt.time(12, 30, 15, 500000), dt.timedelta(hours=30))


def test_dates_and_times_of_xlsx(tmp_path):
    write(tmp_path / "t.xlsx", [["a"] * 5, TIMES])
    assert read_sheet(tmp_path / "t.xlsx").rows == (TIMES,)


def test_dates_and_times_of_xls(tmp_path):
    book = xlwt.Workbook()
    page = book.add_sheet("S")
    formats = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "h:mm:ss", "h:mm:ss.0")
    for column, (cell, style) in enumerate(zip(TIMES, formats, strict=False)):
        page.write(0, column, "a")
        page.write(1, column, cell, xlwt.easyxf(num_format_str=style))
    page.write(0, 4, "a")
    page.write(1, 4, 1.25, xlwt.easyxf(num_format_str="[h]:mm:ss"))
    book.save(tmp_path / "t.xls")
    assert read_sheet(tmp_path / "t.xls").rows[0][:3] == TIMES[:3]
    assert read_sheet(tmp_path / "t.xls").rows[0][4] == TIMES[4]


def test_dates_and_times_of_ods(ods):
    cells = "".join(
        f'<table:table-cell office:value-type="{kind}" office:{kind}-value="{value}"/>'
        for kind, value in (
            ("date", "2026-03-04"),
            ("date", "2026-03-04T05:06:07"),
            ("time", "PT01H00M00S"),
            ("time", "PT12H30M15.500000000S"),
            ("time", "PT30H00M00S"),
            ("time", "-PT00H00M01.5S"),
        )
    )
    path = ods(f"<table:table-row>{cells}</table:table-row>")
    assert read_sheet(path).headers == (*TIMES, dt.timedelta(seconds=-1.5))


# What holds no plain value


def test_formulas_that_openpyxl_writes_have_no_values(tmp_path):
    write(tmp_path / "t.xlsx", [HEADERS, [1, "=A2+1"], ["=1+1"]])
    assert refused(tmp_path / "t.xlsx") == (
        'sheet "Plan": the formulas in B2, A3 have not been calculated: '
        "open the file in a spreadsheet program and save it as XLSX, or write the values"
    )


def rewrite(path: Path, part: str, *changes: tuple[str, str]) -> None:
    """Change a part of a zipped file."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    parts[part] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


SHEET = "xl/worksheets/sheet1.xml"
STALE = ('fullCalcOnLoad="1"', "")


def calculated(path: Path, value: str, kind: str = "") -> Path:
    """Write a workbook whose formula in B2 has a value, as Excel saves it."""
    write(path, [["a", "b"], [1, "=A2+1"]])
    rewrite(path, "xl/workbook.xml", STALE)
    rewrite(path, SHEET, ('r="B2"', f'r="B2"{kind}'), ("<v></v>", f"<v>{value}</v>"))
    return path


def test_a_formula_with_a_value_is_that_value(tmp_path):
    assert read_sheet(calculated(tmp_path / "t.xlsx", "2")).rows == ((1, 2),)


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(tmp_path):
    assert read_sheet(calculated(tmp_path / "t.xlsx", "", ' t="str"')).rows == ((1, None),)


def test_values_that_a_program_wrote_without_calculating_are_no_values(tmp_path):
    path = calculated(tmp_path / "t.xlsx", "0")
    rewrite(path, "xl/workbook.xml", ('calcId="124519"', 'calcId="124519" fullCalcOnLoad="1"'))
    assert "the formulas in B2 have not been calculated" in refused(path)


def test_errors_are_named(tmp_path):
    write(tmp_path / "t.xlsx", [["a", "b"], [1, "#DIV/0!"], ["#REF!", 2]])
    assert refused(tmp_path / "t.xlsx") == (
        'sheet "Plan": there are errors in B2 (#DIV/0!), A3 (#REF!): correct the formulas'
    )


def test_merged_cells_are_named_but_not_where_they_hold_nothing(tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [None, 3]):
        book.active.append(row)
    book.active.merge_cells("A4:B5")
    book.save(tmp_path / "t.xlsx")
    assert read_sheet(tmp_path / "t.xlsx").rows == ((1, 2), (None, 3))
    book.active.merge_cells("A2:A3")
    book.save(tmp_path / "t.xlsx")
    assert refused(tmp_path / "t.xlsx") == (
        'sheet "Sheet": the cells A2:A3 are merged: '
        "split them, and write the value into each cell where it is meant"
    )


def test_many_cells_are_counted_and_all_that_is_wrong_is_said(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "#N/A"])
    for _ in range(2000):
        book.active.append(["=1+1"])
    book.active.merge_cells("B1:C1")
    book.save(tmp_path / "t.xlsx")
    reason = refused(tmp_path / "t.xlsx")
    assert "A2, A3, A4, A5, A6, A7, A8, A9 and 1,992 more have not" in reason
    assert "errors in B1 (#N/A)" in reason
    assert "merged" not in reason  # what calamine reads of an error is empty


def test_xls_names_what_holds_no_plain_value(tmp_path):
    book = xlwt.Workbook()
    page = book.add_sheet("Plan")
    page.write(0, 0, "a")
    page.write(1, 0, xlwt.Formula("1+1"))
    page.row(2).set_cell_error(0, "#DIV/0!")
    page.write_merge(3, 4, 0, 1, "m")
    page.row(5).set_cell_boolean(0, value=True)
    book.save(tmp_path / "t.xls")
    reason = refused(tmp_path / "t.xls")
    assert "the formulas in A2 have" in reason
    assert "errors in A3 (#DIV/0!)" in reason
    assert "the cells A4:B5 are merged" in reason


def cell(value: object = "", extra: str = "") -> str:
    """Return a cell of OpenDocument; of nothing if no value is given."""
    if value == "":
        return f"<table:table-cell {extra}/>"
    if isinstance(value, str):
        extra += ' office:value-type="string"'
    else:
        extra += f' office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {extra}><text:p>{value}</text:p></table:table-cell>"


def row(*cells: str, extra: str = "") -> str:
    return f"<table:table-row {extra}>{''.join(cells)}</table:table-row>"


COLUMNS = 'table:number-columns-repeated="{}"'.format
LINES = 'table:number-rows-repeated="{}"'.format


def test_repeated_cells_and_rows_of_ods_are_as_many_as_they_say(ods):
    path = ods(
        row(cell("", COLUMNS(3)), extra=LINES(2)),
        row(cell(), cell("a"), cell("", COLUMNS(2)), cell("b", COLUMNS(2)), cell("", COLUMNS(16000))),
        row(cell("", COLUMNS(9)), extra=LINES(3)),
        row(cell(), cell(1), cell(2, COLUMNS(4)), extra=LINES(2)),
        row(cell("", COLUMNS(16384)), extra=LINES(1048000)),
    )
    sheet = read_sheet(path)
    assert sheet.headers == ("a", None, None, "b", "b")
    assert sheet.rows == ((None,) * 5,) * 3 + ((1, 2, 2, 2, 2),) * 2
    assert sheet.numbers == (4, 5, 6, 7, 8)


def test_ods_names_what_holds_no_plain_value(ods):
    formula = 'table:formula="of:=IF([.A1]>1;2;3)"'
    path = ods(
        row(cell("a", COLUMNS(2)), cell("b")),
        row(cell("", formula), cell(2, formula), cell("", formula)),
        row(cell("x"), extra=LINES(2)),
        row(cell("#DIV/0!", formula), cell("", 'table:number-columns-spanned="1"')),
        row(cell("", 'calcext:value-type="error" office:value-type="string" ' + formula), extra=LINES(1)),
        row(
            cell("m", 'table:number-columns-spanned="2" table:number-rows-spanned="3"'),
            "<table:covered-table-cell/>",
        ),
    )
    reason = refused(path)
    assert "the formulas in A2, C2 have" in reason
    assert "errors in A5 (#DIV/0!), A6 (an error)" in reason
    assert "the cells A7:B9 are merged" in reason


def test_texts_of_ods_are_whole(ods):
    text = '<table:table-cell office:value-type="string"><office:annotation><text:p>note</text:p></office:annotation><text:p>a<text:s text:c="3"/><text:span>b &lt; c</text:span></text:p><text:p>d</text:p></table:table-cell>'  # noqa: E501
    assert read_sheet(ods(row(text))).headers == ("a   b < c\nd",)


# Gnumeric


def gnm(name: str, value: object, extra: str = 'ValueType="60"') -> str:
    column, number = "ABCDEF".index(name[0]), int(name[1:]) - 1
    return f'<gnm:Cell Row="{number}" Col="{column}" {extra}>{value}</gnm:Cell>\n'


def number(name: str, value: object, style: str = "") -> str:
    return gnm(name, value, f'ValueType="40" ValueFormat="{style}"' if style else 'ValueType="40"')


def test_dates_and_times_of_gnumeric(gnumeric):
    days = 46085 + (5 + (6 + 7 / 60) / 60) / 24
    cells = [
        number("A1", 46085, "yyyy-mm-dd"),
        number("B1", repr(days), "yyyy-mm-dd hh:mm:ss"),
        number("C1", 1 / 24, "h:mm:ss"),
        number("D1", (12.5 + 15.5 / 3600) / 24, "h:mm:ss.0 &quot;yd&quot;"),
        number("E1", 1.25, "[h]:mm:ss"),
        number("F1", 1.25, "h:mm"),
        number("A2", 5.0, "0.00&quot; days&quot;"),
        number("B2", 1, "mmm"),
        number("C2", 61, "d/m/yy"),
        number("D2", 45, "General"),
    ]
    sheet = read_sheet(gnumeric("".join(cells)))
    assert sheet.headers == (*TIMES, TIMES[4])
    assert sheet.rows == ((5, dt.date(1900, 1, 1), dt.date(1900, 3, 1), 45, None, None),)


def test_days_of_gnumeric_may_be_counted_from_1904(gnumeric):
    book = '<gnm:Calculation DateConvention="Apple:1904"/>'
    assert read_sheet(gnumeric(number("A1", 1, "yyyy-mm-dd"), book=book)).headers == (dt.date(1904, 1, 2),)


def test_a_format_of_gnumeric_may_stand_with_the_styles(gnumeric):
    style = '<gnm:StyleRegion startCol="{}" startRow="{}" endCol="{}" endRow="{}"><gnm:Style Format="{}"><gnm:Font>Sans</gnm:Font></gnm:Style></gnm:StyleRegion>'.format  # noqa: E501
    styles = style(0, 0, 9, 0, "General") + style(0, 1, 0, 9, "h:mm:ss") + style(1, 1, 1, 1, "0.00")
    cells = "".join(gnm(f"{x}1", x) + number(f"{x}2", 0.5) for x in "AB")
    assert read_sheet(gnumeric(cells, styles=styles)).rows == ((dt.time(12), 0.5),)


def test_cells_of_gnumeric_may_come_in_any_order(gnumeric):
    cells = (
        gnm("B3", "z") + number("A3", 1) + gnm("B1", "b") + gnm("A1", "a &amp; &lt;c&gt;") + gnm("B3", "x")
    )
    sheet = read_sheet(gnumeric(cells))
    assert (sheet.headers, sheet.rows) == (("a & <c>", "b"), ((None, None), (1, "x")))


def test_gnumeric_names_what_holds_no_plain_value(gnumeric):
    cells = (
        gnm("A1", "a")
        + gnm("A2", "=1+1", "")
        + gnm("B2", "=A1+1", 'ExprID="1"')
        + gnm("C2", "", 'ExprID="1"')
        + gnm("A3", "=1+1", 'ExprID="2" ValueType="40" Value="2"')
        + gnm("A4", "#DIV/0!", 'ValueType="50"')
        + gnm("A5", "text without a kind", "")
    )
    merged = "<gnm:Merge>A3:B4</gnm:Merge><gnm:Merge>D1:E1</gnm:Merge>"
    reason = refused(gnumeric(cells, merged=merged))
    assert "the formulas in A2, B2, C2 have" in reason
    assert "errors in A4 (#DIV/0!)" in reason
    assert "the cells A3:B4 are merged" in reason


def test_sheets_of_gnumeric(gnumeric):
    def page(name: str, visibility: str) -> str:
        return f'<gnm:Sheet Visibility="GNM_SHEET_VISIBILITY_{visibility}"><gnm:Name>{name}</gnm:Name><gnm:Names><gnm:Name><gnm:name>Rate</gnm:name></gnm:Name></gnm:Names><gnm:Cells>{gnm("A1", name)}</gnm:Cells></gnm:Sheet>'  # noqa: E501

    path = gnumeric(whole=page("One", "HIDDEN") + page("Two", "VISIBLE"))
    assert read_sheet(path).headers == ("Two",)
    assert read_sheet(path, sheet="One").headers == ("One",)
    assert sheet_names(path) == ("One", "Two")


def test_gnumeric_without_sheets_is_refused(gnumeric):
    assert "has no sheet" in refused(gnumeric(whole="<gnm:Other/>"))


def same(one: Sheet, other: Sheet) -> bool:
    return (one.headers, one.rows, one.numbers) == (other.headers, other.rows, other.numbers)


def test_gnumeric_is_the_same_in_gzip_and_in_pieces_of_it(gnumeric, tmp_path):
    path = gnumeric("".join(gnm(f"A{n}", "text" * 100) for n in range(1, 2000)))
    (tmp_path / "packed").write_bytes(gzip.compress(path.read_bytes()))
    assert same(read_sheet(tmp_path / "packed"), read_sheet(path))
