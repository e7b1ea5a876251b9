"""Data goes through files of every format, and through other libraries, as it is."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scan_sdk import DeviceLog, ScanData
from scan_sdk.testing.strategies import scan_data

WHOLE = [-(2**63), 2**63 - 1, 0]
ODD = ScanData(
    [
        DeviceLog("a/b:c", WHOLE, WHOLE, [math.nan, -0.0, -math.inf]),
        DeviceLog("a_b_c", [], [], []),
        DeviceLog("µ", [3], [3], [""]),
        DeviceLog("", [0, 1], [0, 1], ["\r\n", "NaN"]),
        DeviceLog(".", [0, 1], [0, 1], [[], [-0.0, math.nan]]),
        DeviceLog("entry", [0, 1], [0, 1], [[], []]),
        DeviceLog("🔬", [0, 1], [0, 1], [[1e308, 5e-324], [math.inf, -0.0]]),
        DeviceLog("no text", [], [], np.array([], dtype=object)),
    ]
)


def exactly(data: ScanData) -> list[tuple[str, ...]]:
    """Return all that is in data as texts, which tell 0.0 from -0.0 and one kind of column from another."""
    return [
        (
            log.name,
            log.kind,
            str(log.serial.tolist()),
            str(log.time.tolist()),
            str(log.value.shape),
            repr([cell.tolist() if isinstance(cell, np.ndarray) else cell for cell in log.value.tolist()]),
        )
        for log in data.values()
    ]


@pytest.mark.parametrize("suffix", ["parquet", "nxs", "json"])
@given(data=scan_data())
@example(data=ODD)
@example(data=ScanData())
def test_files_keep_all_that_was_logged(suffix: str, data: ScanData) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, f"run.{suffix}")
        data.write(path)
        found = ScanData.read(path)
        assert [entry.name for entry in Path(folder).iterdir()] == [path.name]
    assert found == data
    assert exactly(found) == exactly(data)


@given(data=scan_data())
@example(data=ODD)
def test_csv_has_the_cells_of_the_table(data: ScanData) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "run.csv")
        data.write(path)
        text = path.read_bytes().decode()
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    table = data.table()
    assert header == ["serial", "time", *data]
    assert [int(row[0]) for row in rows] == table.serial.tolist()
    for index, (column, start) in enumerate(zip(table.columns, table.starts, strict=True)):
        cells = [row[2 + index] for row in rows]
        assert cells[:start] == [""] * start
        wanted = [
            repr(cell.tolist()) if isinstance(cell, np.ndarray) else str(cell)
            for cell in column[start:].tolist()
        ]
        if column.ndim == 2:
            wanted = [str(row) for row in column[start:].tolist()]
        assert cells[start:] == wanted


def plain(cell: object) -> str:
    return repr(cell.tolist() if isinstance(cell, np.ndarray) else cell)


def wanted_columns(data: ScanData) -> dict[str, list[str]]:
    table = data.table()
    return {
        name: [plain(None if row < start else cell) for row, cell in enumerate(column.tolist())]
        for name, column, start in zip(table.names, table.columns, table.starts, strict=True)
    }


@given(data=scan_data())
@example(data=ODD)
def test_arrow_and_polars_have_the_cells_of_the_table_and_null_before(data: ScanData) -> None:
    wanted = wanted_columns(data)
    arrow = data.to_arrow()
    assert {name: [plain(cell) for cell in arrow[name].to_pylist()] for name in data} == wanted
    frame = data.to_polars()
    assert {name: [plain(cell) for cell in frame[name].to_list()] for name in data} == wanted
    assert frame.columns == list(data)


@given(data=scan_data(), serial=st.booleans(), time=st.booleans())
@example(data=ODD, serial=True, time=True)
def test_pandas_has_the_cells_of_the_table(data: ScanData, *, serial: bool, time: bool) -> None:
    frame = data.to_pandas(serial=serial, time=time)
    table = data.table()
    assert list(frame) == ["serial"] * serial + ["time"] * time + list(data)
    if serial:
        assert frame["serial"].tolist() == table.serial.tolist()
    if time:
        assert str(frame["time"].dtype) == "datetime64[ms, UTC]"
        assert frame["time"].dt.tz_localize(None).to_numpy().view(np.int64).tolist() == table.time.tolist()
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        cells = list(frame[name])
        assert frame[name].isna().tolist()[:start] == [True] * start
        assert [plain(cell) for cell in cells[start:]] == [plain(cell) for cell in column[start:].tolist()]


@given(data=scan_data())
@example(data=ODD)
def test_xarray_has_the_cells_of_the_table(data: ScanData) -> None:
    found = data.to_xarray()
    table = data.table()
    assert found["serial"].values.tolist() == table.serial.tolist()
    assert found["time"].values.astype(np.int64).tolist() == table.time.tolist()
    for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
        for cell, wanted in zip(found[name].values[start:], column[start:], strict=True):
            if isinstance(wanted, np.ndarray):
                assert plain(cell[: len(wanted)].tolist()) == plain(wanted.tolist())
                assert np.isnan(cell[len(wanted) :]).all()
            else:
                assert plain(cell) == plain(wanted)


def test_arrow_tells_nan_from_nothing() -> None:
    data = ScanData([DeviceLog("x", [0, 1], [0, 1], [1, 2]), DeviceLog("n", [1], [1], [math.nan])])
    assert data.to_arrow()["n"].null_count == 1
    assert data.to_arrow()["n"].type == pa.float64()
