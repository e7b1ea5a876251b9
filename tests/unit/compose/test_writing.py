"""Tables that are written: what comes back, and what is refused."""

from __future__ import annotations

import datetime as dt
import stat
import sys
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import MissingExtra, TableFileError, read_sheet, write_sheet

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = ["csv", "tsv", "tab", "xlsx"]
MOMENT = dt.datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001  # cells have no time zone


def refused(path: Path, headers, rows=(), **options) -> str:
    with pytest.raises(TableFileError) as caught:
        write_sheet(path, headers, rows, **options)
    assert caught.value.path == str(path)
    assert not list(path.parent.glob("*")), "nothing is left of it"
    return caught.value.reason


@pytest.mark.parametrize("suffix", FORMATS)
def test_texts_that_look_like_formulas_and_errors_stay_texts(tmp_path, suffix):
    headers = ("+p motor_x", "-c shutter", "=1+1", "@x")
    rows = (("=SUM(A1)", "#N/A", "'5", "=") * 1, ("_x0041_", "a_x000D_", "007", "5.0"))
    write_sheet(tmp_path / f"t.{suffix}", headers, rows)
    sheet = read_sheet(tmp_path / f"t.{suffix}")
    assert (sheet.headers, sheet.rows) == (headers, rows)


def test_xlsx_gives_back_cells_of_all_kinds(tmp_path):
    row = (1, -2.5, True, None, "x", MOMENT, MOMENT.date(), dt.time(1, 2, 3), dt.timedelta(hours=30))
    write_sheet(tmp_path / "t.XLSX", ["a"] * len(row), [row], sheet="Night plan")
    sheet = read_sheet(tmp_path / "t.XLSX", sheet="Night plan")
    assert sheet.rows == (row,)
    assert openpyxl.load_workbook(tmp_path / "t.XLSX").sheetnames == ["Night plan"]


def test_text_files_hold_cells_as_people_write_them(tmp_path):
    row = (1, -2.5, True, False, None, MOMENT, MOMENT.date(), dt.time(1, 2, 3))
    spans = (dt.timedelta(hours=30), dt.timedelta(seconds=-90.5), dt.timedelta(minutes=5))
    write_sheet(str(tmp_path / "t.csv"), ["a"] * 11, [row + spans])
    assert (tmp_path / "t.csv").read_bytes() == (
        b"a,a,a,a,a,a,a,a,a,a,a\r\n"
        b"1,-2.5,TRUE,FALSE,,2026-03-04 05:06:07,2026-03-04,01:02:03,30:00:00,-00:01:30.500000,00:05:00\r\n"
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_is_replaced_with_its_permissions_and_through_links(tmp_path, suffix):
    path = tmp_path / f"t.{suffix}"
    path.write_text("old")
    path.chmod(0o640)
    link = tmp_path / f"link.{suffix}"
    link.symlink_to(path)
    write_sheet(link, ["a"], [[1]])
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert read_sheet(path).headers == ("a",)
    assert set(tmp_path.iterdir()) == {path, link}


def test_a_file_stays_as_it_was_if_writing_fails(tmp_path):
    path = tmp_path / "t.xlsx"
    write_sheet(path, ["a"], [[1]])
    with pytest.raises(TableFileError):
        write_sheet(path, ["a"], [["x" * 40_000]])
    assert read_sheet(path).rows == ((1,),)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["t.xls", "t.ods", "t", "t.txt"])
def test_a_suffix_that_names_no_format_is_refused(tmp_path, name):
    assert "take .csv, .tsv or .xlsx" in refused(tmp_path / name, ["a"])


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        (float("nan"), "A2 is nan"),
        (float("inf"), "A2 is inf"),
        ("a\x00b", "A2 has characters that are no text"),
        ("\ud800", "A2 has characters that are no text"),
    ],
)
def test_a_cell_that_would_not_come_back_is_refused(tmp_path, suffix, cell, hint):
    assert hint in refused(tmp_path / f"t.{suffix}", ["a"], [[cell]])


@pytest.mark.parametrize("headers", [[], [None, ""], [" "]])
def test_empty_headers_are_refused(tmp_path, headers):
    assert "headers are empty" in refused(tmp_path / "t.csv", headers, [[1]])


@pytest.mark.parametrize("name", ["", "x" * 32, "a/b", "a:b", "[a]", "'a'"])
def test_a_name_that_excel_does_not_take_is_refused(tmp_path, name):
    assert "is no name of a sheet" in refused(tmp_path / "t.xlsx", ["a"], sheet=name)


def test_what_xlsx_has_no_place_for_is_refused(tmp_path):
    assert "has more than 32,767 characters" in refused(tmp_path / "t.xlsx", ["a"], [["x" * 32_768]])
    assert "time zone" in refused(tmp_path / "t.xlsx", ["a"], [[MOMENT.replace(tzinfo=dt.UTC)]])
    assert "at most 1,048,576 rows" in refused(tmp_path / "t.xlsx", ["a"] * 16_385)


def test_the_package_that_writes_xlsx_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"scan_sdk\[tables\]"):
        write_sheet(tmp_path / "t.xlsx", ["a"], [])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path):
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        write_sheet(tmp_path / "t.csv", ["a"], [])


def number_with_a_comma(text: str) -> bool:
    """Tell whether a text of a text file may be read as a number with a decimal comma."""
    return "," in text and not set(text) - set("0123456789,+-eE")


LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(LETTERS | st.sampled_from(',;|\t"\n=+_x 1')).map(str.strip)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
CELLS = TEXTS.map(lambda text: text or None) | NUMBERS | st.booleans() | st.none()


@st.composite
def tables(draw, cells):
    width = draw(st.integers(1, 4))
    headers = draw(st.lists(TEXTS.filter(bool), min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width).map(tuple), max_size=5))
    while rows and all(cell is None for cell in rows[-1]):
        rows.pop()
    return tuple(headers), tuple(rows)


@given(table=tables(CELLS))
def test_any_table_comes_back_from_xlsx(tmp_path_factory, table):
    path = tmp_path_factory.getbasetemp() / "trip.xlsx"
    write_sheet(path, *table)
    sheet = read_sheet(path)
    assert (sheet.headers, sheet.rows) == table


@given(table=tables(TEXTS.filter(lambda text: not number_with_a_comma(text)).map(lambda text: text or None)))
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_any_table_of_texts_comes_back_from_text_files(tmp_path_factory, suffix, table):
    headers, rows = table
    headers = tuple("x" + header for header in headers)
    path = tmp_path_factory.getbasetemp() / f"trip.{suffix}"
    write_sheet(path, headers, rows)
    sheet = read_sheet(path)
    assert (sheet.headers, sheet.rows) == (headers, rows)
