"""What cells mean: the grammar, its refusals, and cells written back."""

from datetime import date, datetime, time, timedelta

import numpy as np
import pytest

from scan_sdk.compose.cells import (
    MOST_VALUES,
    CellError,
    NoValuesError,
    Steps,
    read_cell,
    read_seconds,
    show,
    write_cell,
)

MEANINGS = {
    "": None,
    "  ": None,
    "5": 5.0,
    " -2 ": -2.0,
    "+3": 3.0,
    ".5": 0.5,
    "5.": 5.0,
    "1e3": 1000.0,
    "-.5E-1": -0.05,
    "Open": "Open",
    "  Open  beam ": "Open  beam",
    "0x10": "0x10",
    "1,5": "1,5",
    "٣": "٣",
    "2026-01-31": "2026-01-31",
    "00:01:30": "00:01:30",
    "loopy": "loopy",
    "Range finder (left)": "Range finder (left)",
    "'til noon": "'til noon",
    "'": "'",
    "'(see logbook)'": "(see logbook)",
    '"007"': "007",
    "'nan'": "nan",
    "''": "",
    "'it''s'": "it's",
    '"say ""go"""': 'say "go"',
    "' a '": " a ",
    "loop(2, 5, 1)": Steps(2, 5, 1),
    "loop(2,5)": Steps(2, 5, 1),
    "Loop ( 3 )": Steps(0, 3, 1),
    "LOOP(5, 1, -.5)": Steps(5, 1, -0.5),
    "range(3)": (0.0, 1.0, 2.0),
    "range(2, 5)": (2.0, 3.0, 4.0),
    "Range (2,0,-1)": (2.0, 1.0),
    "range(175,245,70)": (175.0,),
    "[1, -3, 'a', \"b\"]": (1.0, -3.0, "a", "b"),
    "(1, 2)": (1.0, 2.0),
    "(7)": (7.0,),
    "[1,]": (1.0,),
    "[ 'x, y' , ']' ]": ("x, y", "]"),
}
REFUSALS = {
    "nan": "leave the cell empty",
    "-Infinity": "leave the cell empty",
    "1e999": "at most 1.7e308",
    "'it's'": "'it''s'",
    "[1, 2": "[1, -3, 'a'",
    "[1": "does not end with its ']'; in a text file, a cell that holds commas stands in double quotes",
    "loop(1": "in a text file, a cell that holds commas stands in double quotes",
    "[1 2]": "cannot read on from '1 2]'",
    "[,]": "cannot read on from ',]'",
    "[1, 2)": "does not end with its ']'",
    "(1) mm": "does not end with its ')'",
    "[Open, Closed]": "cannot read on from 'Open, Closed]'",
    "[[1]]": "cannot read on from '[1]]'",
    "[1e999]": "at most 1.7e308",
    "loop(1,2,3,4)": "expected loop(start, end, step)",
    "loop(a, b)": "expected loop(start, end, step)",
    "loop()": "expected loop(start, end, step)",
    "range(5": "expected range(start, stop, step)",
    "range(5) and more": "expected range(start, stop, step)",
    "loop(1, 2, 0)": "step 0",
    "range(0, 5, 0)": "step 0",
    "range(0, 5, 1e-400)": "step 0",
    "range(0, 1e6)": f"more than {MOST_VALUES} values",
    "range(0, 1e308, 1e-308)": f"more than {MOST_VALUES} values",
}


@pytest.mark.parametrize(("cell", "meaning"), MEANINGS.items())
def test_a_text_means(cell, meaning):
    assert read_cell(cell) == meaning
    assert type(read_cell(cell)) is type(meaning)


@pytest.mark.parametrize(("cell", "hint"), REFUSALS.items())
def test_a_text_that_begins_like_something_and_is_not_it_is_refused(cell, hint):
    with pytest.raises(CellError) as refusal:
        read_cell(cell)
    assert hint in str(refusal.value)


@pytest.mark.parametrize("cell", ["[]", "( )", "[", "range(1, 0, 2)", "range(3, 3)", "range(0)"])
def test_no_values_at_all_are_refused_as_such(cell):
    with pytest.raises(NoValuesError):
        read_cell(cell)


def test_trap_23_a_cell_is_never_run_as_python(tmp_path):
    witness = tmp_path / "witness"
    for cell in (
        f"[open({str(witness)!r}, 'w')]",
        f"(__import__('pathlib').Path({str(witness)!r}).touch(),)",
    ):
        with pytest.raises(CellError):
            read_cell(cell)
    assert not witness.exists()
    with pytest.raises(CellError, match="in quotes"):
        read_cell("(see logbook)")
    assert read_cell("'(see logbook)'") == "(see logbook)"


def test_trap_25_numbers_are_read_as_people_write_them_and_ranges_are_counted():
    assert read_cell("loop(.5,1,.1)") == Steps(0.5, 1, 0.1)
    assert read_cell("1_2") == "1_2"
    assert read_cell("range(0,1,0.1)") == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
    assert read_cell("range(0.2, 5.4, 0.7)") == (0.2, 0.9, 1.6, 2.3, 3.0, 3.7, 4.4, 5.1)


def test_a_range_is_counted_by_rounding():
    third = read_cell(f"range(0, 1, {1 / 3})")
    assert third == (0.0, 1 / 3, 2 / 3)
    longest = read_cell(f"range({MOST_VALUES})")
    assert isinstance(longest, tuple)
    assert (len(longest), longest[-1]) == (MOST_VALUES, MOST_VALUES - 1)


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        (None, None),
        (5, 5.0),
        (2.5, 2.5),
        (np.int64(3), 3.0),
        (np.float64(0.5), 0.5),
        (time(0, 1, 30), "00:01:30"),
        (time(1, 2, 3, 500000), "01:02:03.500000"),
        (timedelta(hours=30, minutes=2), "30:02:00"),
        (timedelta(seconds=1.5), "00:00:01.5"),
        (timedelta(seconds=-90), "-00:01:30"),
        (datetime.fromisoformat("2026-01-31T12:00"), "2026-01-31 12:00:00"),
        (date(2026, 1, 31), "2026-01-31"),
    ],
)
def test_a_cell_of_a_spreadsheet_means(cell, meaning):
    assert read_cell(cell) == meaning


@pytest.mark.parametrize("cell", [True, np.bool_(True), float("nan"), float("inf"), 10**400, object(), 1j])
def test_a_cell_that_is_no_finite_number_is_refused(cell):
    with pytest.raises(CellError):
        read_cell(cell)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (20.0, 20),
        (0.0, 0),
        ("1:30", 90),
        ("00:01:30", 90),
        ("90:00", 5400),
        ("100:00:00.5", 360000.5),
        ("00:00:01.5", 1.5),
    ],
)
def test_a_time_is_seconds_or_written_with_colons(content, seconds):
    assert read_seconds(content) == seconds


@pytest.mark.parametrize(
    "content",
    [
        -1.0,
        "soon",
        "",
        None,
        (1.0,),
        Steps(1, 2, 1),
        "1:60",
        "1:75:00",
        "-00:01:30",
        "1:2:3:4",
        "9" * 400 + ":00",
    ],
)
def test_what_is_no_time_is_refused(content):
    with pytest.raises(CellError):
        read_seconds(content)


def test_cells_are_shown_as_people_see_them():
    cells = [None, 5.0, 5, 2.5, True, "x", time(1), timedelta(1), (1, "it's"), [2.5]]
    assert list(map(show, cells)) == [
        "", "5", "5", "2.5", "TRUE", "x", "01:00:00", "24:00:00", "[1, 'it''s']", "[2.5]"
    ]  # fmt: skip


def test_numbers_of_numpy_are_shown_as_numbers_and_read_back():
    cells = [np.float64(0.5), np.float32(0.1), np.int64(3), np.float64("nan"), list(np.linspace(0, 1, 3))]
    assert list(map(show, cells)) == ["0.5", "0.1", "3", "nan", "[0.0, 0.5, 1.0]"]
    assert read_cell(show(cells[-1])) == (0, 0.5, 1)


@pytest.mark.parametrize(
    "value", [1.5, "Open", "5", "", " x", "nan", "it's", "'a'", "(x", "loop(1)", '"', "[1]"]
)
def test_a_value_is_written_so_that_it_is_read_back(value):
    assert read_cell(write_cell(value)) == value
