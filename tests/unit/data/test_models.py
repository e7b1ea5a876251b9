"""Logged data as models: made, compared, pickled, printed, and through JSON."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError

from scan_sdk import DeviceLog, ScanData
from scan_sdk.testing.strategies import scan_data

X = DeviceLog("x", [0, 1], [10, 20], [1.0, 2.5])


@given(scan_data())
def test_data_survives_json_pickle_and_copy(data):
    assert ScanData.model_validate_json(data.model_dump_json()) == data
    assert TypeAdapter(ScanData).validate_python(data) == data
    assert pickle.loads(pickle.dumps(data)) == data
    assert copy.deepcopy(data) == data
    assert ScanData.model_validate(data.model_dump()) == data


def test_json_says_what_the_values_are():
    log = DeviceLog("x", [0, 1], [10, 20], ["NaN", "1.0"])
    text = log.model_dump_json()
    assert '"kind":"text"' in text
    assert DeviceLog.model_validate_json(text).value.tolist() == ["NaN", "1.0"]
    numbers = DeviceLog("x", [0, 1], [10, 20], [float("nan"), float("-inf")])
    assert '"value":["NaN","-Infinity"]' in numbers.model_dump_json()
    assert DeviceLog.model_validate_json(numbers.model_dump_json()) == numbers


def test_json_without_a_kind_is_taken_for_what_it_looks_like():
    document = '{"name": "x", "serial": [0], "time": [1], "value": [VALUE]}'
    for value, kind in (("1.5", "numbers"), ('"a"', "text"), ("[1, 2]", "rows")):
        assert DeviceLog.model_validate_json(document.replace("VALUE", value)).kind == kind


def test_logs_take_lists_arrays_and_keywords_alike():
    arrays = DeviceLog(name="x", serial=np.array([0, 1]), time=np.array([10, 20]), value=np.array([1.0, 2.5]))
    assert arrays == X
    assert DeviceLog("x", [], [], []).kind == "numbers"
    assert DeviceLog("x", [0, 1], [1, 2], [[1], [2, 3]]).kind == "rows"
    assert DeviceLog("x", [0, 1], [1, 2], [True, False]).value.dtype == np.float64


def test_columns_cannot_be_written_to_and_the_arrays_they_were_made_of_can():
    given_values = np.array([1.0, 2.5])
    log = DeviceLog("x", [0, 1], [10, 20], given_values)
    with pytest.raises(ValueError, match="read-only"):
        log.value[0] = 5
    given_values[0] = 5
    with pytest.raises(ValidationError):
        log.name = "y"
    with pytest.raises(TypeError):
        hash(log)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (("x", [0], [1, 2], [1.0]), "have 1, 2 and 1 entries"),
        (("x", [0.5], [1], [1.0]), "whole numbers in one row"),
        (("x", [[0]], [1], [1.0]), "whole numbers in one row"),
        (("x", [0], [1], np.array([1j])), "numbers, texts, or rows of numbers"),
        (("x", [0], [1], np.array([None], dtype=object)), "numbers, texts, or rows of numbers"),
        (("x", [0], [1], np.zeros((1, 1, 1))), "numbers, texts, or rows of numbers"),
    ],
)
def test_columns_that_make_no_sense_are_refused_with_what_is_wanted(fields, reason):
    with pytest.raises(ValidationError, match=reason):
        DeviceLog(*fields)


def test_a_device_stands_in_the_data_once():
    with pytest.raises(ValidationError, match="more than one log of: x; give each device once"):
        ScanData([X, X])


def test_logs_differ_by_each_of_their_columns():
    assert DeviceLog("y", [0, 1], [10, 20], [1.0, 2.5]) != X
    assert DeviceLog("x", [0, 2], [10, 20], [1.0, 2.5]) != X
    assert DeviceLog("x", [0, 1], [10, 21], [1.0, 2.5]) != X
    assert DeviceLog("x", [0, 1], [10, 20], [1.0, 2.0]) != X
    assert DeviceLog("x", [0, 1], [10, 20], ["1.0", "2.5"]) != X
    assert DeviceLog("x", [0, 1], [10, 20], [[1.0], [2.5]]) != X
    assert X != "x"
    assert ScanData([X]) != {"x": X}
    assert ScanData([X]) != ScanData()


def test_data_prints_as_a_table_and_a_long_one_is_cut_in_the_middle():
    assert str(ScanData()) == "nothing was logged"
    count = 1000
    data = ScanData([DeviceLog("x", range(count), range(count), np.arange(count, dtype=float))])
    lines = str(data).splitlines()
    assert len(lines) == 22
    assert [lines[1].strip(), lines[11].strip(), lines[-1].strip()] == ["0", "...", "999"]


def test_notebooks_show_a_table_in_which_names_and_texts_are_only_text():
    data = ScanData([DeviceLog("<x>", [0, 1], [0, 0], ["<b>", "a & b"])])
    page = data._repr_html_()
    assert "<th>&lt;x&gt;</th>" in page
    assert "<td>&lt;b&gt;</td>" in page
    assert "<td>a &amp; b</td>" in page
    assert "2 rows, 1 devices" in page
    assert ScanData()._repr_html_() == "<p>nothing was logged</p>"


def test_rows_print_in_short():
    data = ScanData([DeviceLog("r", [0, 1], [0, 0], [[1.0, 2.0], [1.0, 2.0, 3.0, 4.0]])])
    assert [line.strip() for line in str(data).splitlines()] == ["r", "[1, 2]", "[1, 2, 3, ...]"]


def test_tables_compare_by_what_they_hold():
    data = ScanData([X])
    assert data.table() == data.table("x")
    assert data.table() != ScanData([DeviceLog("x", [0, 1], [10, 20], [1.0, 3.0])]).table()
    assert data.table() != 5
