"""The small helpers of old scripts: times, ranges, spreadsheets, XML."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from scan_sdk import TableFileError
from scan_sdk.pyscan import formatSecondsAsTime, parseSeconds, readSpreadsheet, writeSpreadsheet
from scan_sdk.pyscan.ranges import (
    expandRangeInRow,
    expandRanges,
    getIterable,
    getRangeOrLoop,
    loop_matcher,
    range_matcher,
)
from scan_sdk.pyscan.spreadsheet import writeCsv
from scan_sdk.pyscan.xml_helper import XML_HEADER, indent

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:07", 7), ("1:2:3", 3723), (" 2:05 ", 125), ("90", 90.0), ("1:02.5", 62.5), (12, 12)],
)
def test_times_become_seconds(text: str | int, seconds: float) -> None:
    found = parseSeconds(text)
    assert (found, type(found)) == (seconds, type(seconds))


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Cannot parse seconds"):
        parseSeconds(text)


def test_seconds_become_times() -> None:
    assert [formatSecondsAsTime(count) for count in (0, 59.9, 61, 7384)] == [
        "00:00:00",
        "00:00:59",
        "00:01:01",
        "02:03:04",
    ]


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("range(2, 6, 0.5)", "(2.0, 6.0, 0.5)"),
        ("range (6)", "(0, 6.0, 1)"),
        ("Range( 2 , 6 )", "(2.0, 6.0, 1)"),
        ("range(.5, 1, .1)", "(0.5, 1.0, 0.1)"),
        ("loop(2)", "None"),
        ("text", "None"),
    ],
)
def test_ranges_are_told_from_other_cells(cell: str, found: str) -> None:
    assert repr(getRangeOrLoop(cell, range_matcher)) == found
    swapped = cell.lower().replace("range", "L").replace("loop", "range").replace("L", "loop")
    assert repr(getRangeOrLoop(swapped, loop_matcher)) == found


def test_ranges_that_lead_nowhere_are_refused() -> None:
    for cell in ("range(1, 2, 0)", "range(a)", "range(1"):
        with pytest.raises(ValueError, match=r"step 0|expected"):
            getRangeOrLoop(cell, range_matcher)


@pytest.mark.parametrize(
    ("cell", "values"),
    [
        ("range(3)", "[0, 1, 2]"),
        ("range(1, 2, 0.5)", "[1.0, 1.5]"),
        ("range(3, 0, 1)", "[]"),
        ("[1, 2.5, 'a']", "[1, 2.5, 'a']"),
        ("(1, 2)", "(1, 2)"),
        ("[]", "[]"),
        ("loop(1, 2)", "None"),
        ("'quoted'", "None"),
        (5, "None"),
    ],
)
def test_cells_stand_for_values(cell: object, values: str) -> None:
    assert repr(getIterable(cell)) == values


def test_rows_are_repeated_for_each_value() -> None:
    assert expandRangeInRow(["a", "1"]) is None
    assert expandRangeInRow([1, "[2, 3]", "[4]"]) == [[1, "2", "[4]"], [1, "3", "[4]"]]
    assert expandRanges([["x", "[]"], ["[1, 2]", "range(2)"], ["y", "z"]]) == [
        ["x", ""],
        ["1", "0"],
        ["1", "1"],
        ["2", "0"],
        ["2", "1"],
        ["y", "z"],
    ]


def test_trap_28_spreadsheets_are_lists_of_texts(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    writeSpreadsheet(file, [["X", "Y"], [1, "µ, m"], [0.5, ""]])
    assert readSpreadsheet(str(file)) == [["X", "Y"], ["1", "µ, m"], ["0.5", ""]]
    sheet = tmp_path / "table.xlsx"
    writeSpreadsheet(sheet, [["X"], [1.5], [2]])
    assert readSpreadsheet(sheet) == [["X"], ["1.5"], ["2"]]


def test_text_files_end_as_such(tmp_path: Path) -> None:
    writeCsv(tmp_path / "a.csv", [["X"], [1]])
    with pytest.raises(TableFileError, match=r"has to end with one of \.csv, \.tab"):
        writeCsv(tmp_path / "a.xlsx", [["X"], [1]])
    with pytest.raises(TableFileError, match="no rows to write"):
        writeSpreadsheet(tmp_path / "a.csv", [])


def test_xml_is_indented() -> None:
    tree = ET.fromstring("<a><b/></a>")
    indent(tree)
    assert XML_HEADER + ET.tostring(tree, encoding="unicode") == '<?xml version="1.0"?><a>\n  <b />\n</a>'
