"""Tables in text files: whatever separates the cells, whatever the bytes mean."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import TableFileError, read_sheet, sheet_names

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, content: str | bytes) -> tuple[tuple[object, ...], ...]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    sheet = read_sheet(path)
    return (sheet.headers, *sheet.rows)


def refused(path: Path, content: str | bytes) -> str:
    with pytest.raises(TableFileError) as caught:
        read(path, content)
    assert caught.value.path == str(path)
    return caught.value.reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt", "t.tab", "t"])
def test_what_separates_is_found_whatever_the_file_is_called(tmp_path, name, delimiter):
    text = "motor_x|Wait For|Comment\r\n1|seconds|a\r\n2||\r\n".replace("|", delimiter)
    assert read(tmp_path / name, text) == (
        ("motor_x", "Wait For", "Comment"),
        ("1", "seconds", "a"),
        ("2", None, None),
    )


def test_commas_within_cells_of_a_file_with_tabs_separate_nothing(tmp_path):
    text = "motor_x\tmotor_y\nloop(0,5,1)\trange(0,3)\n[1,2]\t3\n"
    assert read(tmp_path / "t.csv", text)[1] == ("loop(0,5,1)", "range(0,3)")


def test_one_column_is_left_whole_by_what_stands_in_its_texts(tmp_path):
    assert read(tmp_path / "t.csv", "Comment\nHello, world\nAgain\n") == (
        ("Comment",),
        ("Hello, world",),
        ("Again",),
    )


def test_a_first_line_as_excel_writes_it_says_what_separates(tmp_path):
    path = tmp_path / "t.csv"
    assert read(path, "sep=;\r\na,b;c\r\n1;2\r\n") == (("a,b", "c"), ("1", "2"))
    assert read_sheet(path).numbers == (2,)  # spreadsheet programs do not show that line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
def test_bytes_are_read_as_what_they_are(tmp_path, encoding):
    assert read(tmp_path / "t.csv", "Probe,Länge µm\r\nGrün,5\r\n".encode(encoding))[0] == (
        "Probe",
        "Länge µm",
    )


def test_bytes_that_windows_does_not_know_are_latin_1(tmp_path):
    assert read(tmp_path / "t.csv", b"a,\x81\xe4\n1,2\n")[0] == ("a", "\x81ä")


def test_utf_16_without_its_mark_is_refused(tmp_path):
    assert "no table" in refused(tmp_path / "t.csv", "a,b\n".encode("utf-16-le"))


def test_utf_16_that_ends_within_a_character_is_refused(tmp_path):
    assert "begins as utf-16 does, but is not" in refused(
        tmp_path / "t.csv", "a,b".encode("utf-16") + b"\x00"
    )


def test_rows_are_numbered_as_spreadsheet_programs_count_them(tmp_path):
    path = tmp_path / "t.csv"
    read(path, '\n , \na,b\n"x\ny",1\n\n3,4\n,\n\n')
    sheet = read_sheet(str(path))
    assert sheet.headers == ("a", "b")
    assert sheet.rows == (("x\ny", "1"), (None, None), ("3", "4"))
    assert sheet.numbers == (4, 5, 6)
    assert (sheet.name, sheet.file) == ("", str(path))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(tmp_path, end):
    assert read(tmp_path / "t.csv", f"a,b{end}1,2{end}3,4") == (("a", "b"), ("1", "2"), ("3", "4"))


def test_short_rows_are_padded_and_long_ones_keep_their_cells(tmp_path):
    assert read(tmp_path / "t.csv", "a,b,,\n1\n1,2,3\n1,2,,,\n") == (
        ("a", "b"),
        ("1", None),
        ("1", "2", "3"),
        ("1", "2"),
    )


def test_columns_that_are_empty_at_the_left_are_left_out(tmp_path):
    assert read(tmp_path / "t.csv", ",,a,b\n,,1,2\n") == (("a", "b"), ("1", "2"))
    assert read(tmp_path / "t.csv", ",,a,b\n,x,1,2\n") == ((None, "a", "b"), ("x", "1", "2"))


def test_blanks_around_cells_and_before_quotes_are_layout(tmp_path):
    assert read(tmp_path / "t.csv", 'a , b, "c"\n1, 2 , "x, y"\n') == (("a", "b", "c"), ("1", "2", "x, y"))


def test_quotes_within_a_cell_are_text(tmp_path):
    assert read(tmp_path / "t.csv", 'a,b\n5" tube,"say ""hi"""\n')[1] == ('5" tube', 'say "hi"')


@pytest.mark.parametrize("row", ['1,"open', '1,"a"b'])
def test_a_quote_that_ends_nothing_is_refused_with_its_row(tmp_path, row):
    reason = refused(tmp_path / "t.csv", f"a,b\n{row}\n2,3\n")
    assert reason.startswith("row 2 cannot be read")
    assert "doubled" in reason


def test_decimal_commas_become_points_where_there_is_no_doubt(tmp_path):
    text = "x;y;Comment\n1,5;-0,25;a, b\n,5;1,500;1,2,3\n2;1e3;10,5e-3\n"
    assert read(tmp_path / "t.csv", text)[1:] == (
        ("1.5", "-0.25", "a, b"),
        (".5", "1.500", "1,2,3"),
        ("2", "1e3", "10.5e-3"),
    )


def test_a_comma_that_may_part_thousands_is_refused(tmp_path):
    reason = refused(tmp_path / "t.csv", "x;y\n1;2\n1,500;3\n")
    assert reason == "A3 (1,500) can mean 1.500 or 1500: write one of them"


def test_points_and_commas_side_by_side_are_refused(tmp_path):
    reason = refused(tmp_path / "t.csv", "x;y\n1,5;2.5\n")
    assert "B2 (2.5)" in reason
    assert "A2 (1,5)" in reason


@pytest.mark.parametrize("content", ["", "\n\n", " , ,\n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert "empty" in refused(tmp_path / "t.csv", content)


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no table"),
        (b"%PDF-1.7\n\x00\x01", "no table"),
        (bytes(range(256)), "no table"),
        (b"<html><table><tr><td>1", "HTML"),
        (b"\n<!DOCTYPE HTML>", "HTML"),
        (
            b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>",
            "Gnumeric",
        ),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.xls"])
def test_what_is_no_table_is_refused_whatever_it_is_called(tmp_path, name, content, hint):
    assert hint in refused(tmp_path / name, content)


def test_a_cell_longer_than_what_pythons_csv_reads_is_refused(tmp_path):
    assert "row 2 cannot be read" in refused(tmp_path / "t.csv", f'a,b\n"{"x" * 200_000}\n1,2\n')


def test_a_text_file_has_no_sheets(tmp_path):
    path = tmp_path / "t.csv"
    read(path, "a,b\n1,2\n")
    assert sheet_names(path) == ()
    assert read_sheet(path, sheet=0).headers == ("a", "b")
    with pytest.raises(TableFileError, match="has no sheets, so none is called 'Plan'"):
        read_sheet(path, sheet="Plan")


@pytest.mark.parametrize("kind", [FileNotFoundError, IsADirectoryError])
def test_what_the_system_refuses_is_the_systems_error(tmp_path, kind):
    path = tmp_path if kind is IsADirectoryError else tmp_path / "none.csv"
    with pytest.raises(kind, match=str(path)):
        read_sheet(path)


HEADERS = st.text(st.sampled_from("abcMotor_:1 "), min_size=1).map(str.strip).filter(bool)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from(',;|\t"\n. ')).map(
    str.strip
)
CELLS = TEXTS.filter(
    lambda text: not text.replace(",", "").replace("+", "").replace("-", "").isdecimal()
) | st.integers(-999, 999).map(str)


@st.composite
def tables(draw) -> list[list[str]]:
    width = draw(st.integers(2, 5))
    headers = draw(st.lists(HEADERS, min_size=width, max_size=width))
    return [headers, *draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6))]


@given(
    table=tables(),
    delimiter=st.sampled_from(",;|\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_any_table_in_any_dialect_comes_back(tmp_path_factory, table, delimiter, quoting, end, encoding):
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)
    path = tmp_path_factory.getbasetemp() / "dialect.csv"
    path.write_bytes(written.getvalue().encode(encoding))
    sheet = read_sheet(path)
    while not any(table[-1]):
        table.pop()
    assert [list(sheet.headers), *map(list, sheet.rows)] == [[cell or None for cell in row] for row in table]
