"""Logged data in the forms of old scripts."""

from __future__ import annotations

from datetime import datetime

import pytest

from scan_sdk import ProtocolError
from scan_sdk.pyscan import (
    Data,
    alignSerial,
    alignTime,
    createTable,
    getDatetime,
    getTable,
    getTimeSeries,
    iterateSamples,
    iterateTable,
    parseXMLData,
)
from scan_sdk.pyscan.logdata import LogData, LoggedDevice

LOG: LogData = {
    "x": LoggedDevice(id=[0, 2, 4], time=[10, 12, 14], value=[0.5, 2.5, 4.5]),
    "n": LoggedDevice(id=[1, 2, 7], time=[11, 30, 15], value=["a", None, "c"]),
}


def document(*values: str, name: str = "x") -> str:
    samples = "".join(
        f'<sample id="{place}"><time>{1000 + place}</time><value>{value}</value></sample>'
        for place, value in enumerate(values)
    )
    return f"<data><device><name>{name}</name><samples>{samples}</samples></device></data>"


def test_a_log_is_a_dictionary_of_lists() -> None:
    log = parseXMLData(document("1.0", "-2.5E-3"))
    assert log == {"x": {"id": [0, 1], "time": [1000, 1001], "value": [1.0, -0.0025]}}
    assert list(log["x"]) == ["id", "time", "value"]
    assert {type(item) for column in log["x"].values() for item in column} == {int, float}  # type: ignore[attr-defined]


def test_each_value_is_a_number_where_python_reads_one() -> None:
    log = parseXMLData(document("1.0", "open", "007", "", "[1.0, 2.0]"))
    assert log["x"]["value"] == [1.0, "open", 7.0, None, "[1.0, 2.0]"]


def test_a_log_is_taken_as_text_and_as_bytes_of_utf8() -> None:
    text = document("1.0", name="µm")
    assert list(parseXMLData(text)) == list(parseXMLData(text.encode())) == ["µm"]


def test_what_is_no_log_is_refused() -> None:
    for bad in ("<scans/>", "<data>", ""):
        with pytest.raises(ProtocolError):
            parseXMLData(bad)


def test_samples_come_one_by_one() -> None:
    assert list(iterateSamples(LOG, "x")) == [(0, 10, 0.5), (2, 12, 2.5), (4, 14, 4.5)]
    assert list(alignSerial(LOG, "x")) == [(0, 0.5, 10), (2, 2.5, 12), (4, 4.5, 14)]
    assert list(alignTime(LOG, "x")) == [(10, 0.5), (12, 2.5), (14, 4.5)]
    with pytest.raises(KeyError):
        list(iterateSamples(LOG, "y"))


ROWS = [[0.5, None], [0.5, "a"], [2.5, None], [4.5, None], [4.5, "c"]]


def test_trap_11_each_row_of_a_table_is_a_list_of_its_own() -> None:
    rows = list(iterateTable(iterateSamples(LOG, "x"), iterateSamples(LOG, "n")))
    assert rows == ROWS
    assert len({id(row) for row in rows}) == len(rows)


def test_a_table_has_a_column_for_each_device() -> None:
    columns = list(map(list, zip(*ROWS, strict=True)))
    assert createTable(LOG, "x", "n") == columns
    assert createTable(LOG) == []
    assert getTable(LOG, "x", "n") == columns
    assert getTable(LOG, "x", "n", with_id=True, with_time=True) == [
        [0, 1, 2, 4, 7],
        [11, 12, 30, 15, 15],
        *columns,
    ]
    assert getTable(LOG, "x", with_id=True) == [[0, 2, 4], [0.5, 2.5, 4.5]]


def test_a_device_without_samples_has_an_empty_column_beside_others() -> None:
    log: LogData = {**LOG, "none": LoggedDevice(id=[], time=[], value=[])}
    assert createTable(log, "none", "x") == [[None] * 3, [0.5, 2.5, 4.5]]


def test_data_keeps_the_texts_of_the_server() -> None:
    data = Data(document("1.0", "007"))
    assert data.PVlist() == ["x"]
    assert data.PV("x") == data["x"] == {"id": [0, 1], "time": [1000, 1001], "value": ["1.0", "007"]}
    assert (data.PVvalue("x"), data.PVtime("x")) == (["1.0", "007"], [1000, 1001])
    assert str(data) == (
        "x : \n{\n    'id' : [0, 1] ,\n    'time'   : [1000, 1001] ,\n    'value'  : ['1.0', '007']\n} , \n"
    )
    assert getTable(data, "x") == [["1.0", "007"]]
    assert Data(document("µ").encode()).PVvalue("x") == ["µ"]


def test_a_time_series_has_times_and_values() -> None:
    assert getTimeSeries(LOG, "x") == [[10, 12, 14], [0.5, 2.5, 4.5]]
    times, values = getTimeSeries(LOG, "x", "datetime")
    assert (times[0], values) == (str(getDatetime(10)), [0.5, 2.5, 4.5])
    with pytest.raises(ValueError, match='give "plain" or "datetime"'):
        getTimeSeries(LOG, "x", "time")  # type: ignore[arg-type]


def test_a_datetime_is_local() -> None:
    moment = getDatetime(1_427_913_270_351)
    assert moment.tzinfo is None
    assert moment == datetime.fromtimestamp(1_427_913_270.351)  # noqa: DTZ006  # local
