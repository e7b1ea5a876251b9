"""Tables for pandas, polars, pyarrow and xarray."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from scan_sdk import DeviceLog, MissingExtra, ScanData

DATA = ScanData(
    [
        DeviceLog("x", [0, 1], [1000, 2000], [1.0, float("nan")]),
        DeviceLog("n", [1], [2500], [500.0]),
        DeviceLog("shutter", [1], [900], ["Open"]),
        DeviceLog("image", [1], [1], [[1.0, 2.0]]),
        DeviceLog("peaks", [1, 2], [1, 2], [[1.0], [3.0, 4.0]]),
    ]
)
TIMES = ["1970-01-01T00:00:01.000", "1970-01-01T00:00:02.500", "1970-01-01T00:00:02.500"]


def test_arrow_has_types_and_null_where_there_is_nothing_yet() -> None:
    table = DATA.to_arrow(serial=True, time=True)
    rows = pa.large_list(pa.float64())
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == {
        "serial": pa.int64(),
        "time": pa.timestamp("ms", "UTC"),
        "x": pa.float64(),
        "n": pa.float64(),
        "shutter": pa.string(),
        "image": rows,
        "peaks": rows,
    }
    assert [table[name].null_count for name in table.column_names] == [0, 0, 0, 1, 1, 1, 1]
    assert table["peaks"].to_pylist() == [None, [1.0], [3.0, 4.0]]


def test_pandas_has_types_and_its_missing_values() -> None:
    frame = DATA.to_pandas(serial=True, time=True)
    assert {name: str(kind) for name, kind in frame.dtypes.items()} == {
        "serial": "int64",
        "time": "datetime64[ms, UTC]",
        "x": "float64",
        "n": "float64",
        "shutter": "string",
        "image": "object",
        "peaks": "object",
    }
    assert frame["time"].dt.tz_localize(None).tolist() == [pd.Timestamp(text) for text in TIMES]
    assert frame["shutter"].isna().tolist() == [True, False, False]
    assert frame["image"][0] is None
    assert frame["peaks"][2].tolist() == [3.0, 4.0]


def test_polars_has_types_and_null() -> None:
    frame = DATA.to_polars(serial=True, time=True)
    assert frame.schema == {
        "serial": pl.Int64,
        "time": pl.Datetime("ms", "UTC"),
        "x": pl.Float64,
        "n": pl.Float64,
        "shutter": pl.String,
        "image": pl.List(pl.Float64),
        "peaks": pl.List(pl.Float64),
    }
    assert frame["n"].to_list() == [None, 500.0, 500.0]
    assert frame["x"].is_nan().to_list() == [False, True, True]


def test_xarray_has_coordinates_and_further_dimensions() -> None:
    found = DATA.to_xarray()
    assert dict(found.sizes) == {"serial": 3, "image_index": 2, "peaks_index": 2}
    assert found["serial"].to_numpy().tolist() == [0, 1, 2]
    assert found["time"].dims == ("serial",)
    assert found["time"].to_numpy().astype("datetime64[ms]").astype(str).tolist() == TIMES
    nan = np.nan
    np.testing.assert_array_equal(found["n"], [nan, 500, 500])
    np.testing.assert_array_equal(found["image"], [[nan, nan], [1, 2], [1, 2]])
    np.testing.assert_array_equal(found["peaks"], [[nan, nan], [1, nan], [3, 4]])
    assert found["shutter"].to_numpy()[1:].tolist() == ["Open", "Open"]
    assert pd.isna(found["shutter"].to_numpy()[0])


def test_serials_and_times_are_there_only_when_asked_for() -> None:
    table = DATA.table("n", "x", how="inner")
    assert table.to_pandas().columns.tolist() == table.to_polars().columns == ["n", "x"]
    assert table.to_arrow(serial=True).column_names == ["serial", "n", "x"]
    assert table.to_arrow(time=True).column_names == ["time", "n", "x"]


@pytest.mark.parametrize("method", ["to_arrow", "to_pandas", "to_polars"])
def test_columns_of_one_name_are_refused(method: str) -> None:
    data = ScanData([DeviceLog("time", [0], [0], [1.0])])
    assert getattr(data, method)(serial=True) is not None
    with pytest.raises(ValueError, match="there would be two columns 'time': choose devices"):
        getattr(data, method)(time=True)
    with pytest.raises(ValueError, match="two columns 'time'"):
        getattr(data.table("time", "time"), method)()
    with pytest.raises(ValueError, match="two columns 'time'"):
        data.to_xarray()


@pytest.mark.parametrize(
    ("call", "library"),
    [
        ("to_arrow", "pyarrow"),
        ("to_pandas", "pandas"),
        ("to_pandas", "pyarrow"),
        ("to_polars", "polars"),
        ("to_polars", "pyarrow"),
        ("to_xarray", "xarray"),
    ],
)
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, call: str, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=rf"{library}.*\) needs .* pip install 'scan_sdk\[data\]'"):
        getattr(DATA, call)()


def test_a_grid_without_xarray_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MissingExtra, match=r"grid \(xarray\) needs .* pip install 'scan_sdk\[data\]'"):
        DATA.grid("x", "n")
