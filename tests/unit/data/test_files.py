"""Files of data: all or nothing, and what is said of those that cannot be written or read."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scan_sdk import (
    DataFileError,
    DeviceLog,
    Log,
    Loop,
    MissingExtra,
    ScanData,
    ScanInfo,
    ScanState,
)

if TYPE_CHECKING:
    from pathlib import Path

X = DeviceLog("x", [0, 1], [1000, 2000], [1.0, 2.0])
DATA = ScanData([X, DeviceLog("n", [1], [2500], [500.0]), DeviceLog("shutter", [0], [900], ["Open"])])
INFO = ScanInfo(
    id=7,
    name="Night",
    created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    state=ScanState.FINISHED,
    runtime=timedelta(seconds=60),
    finish=datetime(2026, 1, 2, 3, 10, tzinfo=UTC),
)
FORMATS = ["csv", "parquet", "nexus", "json"]


@pytest.mark.parametrize(
    "name", ["run.parquet", "run.pq", "run.nxs", "RUN.NX5", "run.h5", "run.hdf5", "run.hdf", "run.json"]
)
def test_the_suffix_names_the_format(tmp_path: Path, name: str) -> None:
    DATA.write(tmp_path / name)
    assert ScanData.read(str(tmp_path / name)) == DATA


@pytest.mark.parametrize("chosen", ["parquet", "nexus", "json"])
def test_a_format_that_is_named_needs_no_suffix(tmp_path: Path, chosen: str) -> None:
    DATA.write(str(tmp_path / "run.csv"), format=chosen)
    assert ScanData.read(tmp_path / "run.csv") == DATA


def test_csv_is_the_table(tmp_path: Path) -> None:
    DATA.write(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_bytes() == (
        b"serial,time,x,n,shutter\r\n"
        b"0,1970-01-01T00:00:01.000Z,1.0,,Open\r\n"
        b"1,1970-01-01T00:00:02.500Z,2.0,500.0,Open\r\n"
    )


def test_csv_is_not_read_back_and_says_so(tmp_path: Path) -> None:
    DATA.write(tmp_path / "run.csv")
    with pytest.raises(DataFileError, match=r"run\.csv: a csv file holds a table, .* keep data as parquet"):
        ScanData.read(tmp_path / "run.csv")


def test_a_parquet_file_has_a_row_for_each_sample(tmp_path: Path) -> None:
    DATA.write(tmp_path / "run.parquet")
    frame = pq.read_table(tmp_path / "run.parquet")
    assert frame.column_names == ["device", "serial", "time", "number", "text", "row"]
    assert frame["device"].to_pylist() == ["x", "x", "n", "shutter"]
    assert frame["number"].to_pylist() == [1, 2, 500, None]
    assert frame["text"].to_pylist() == [None, None, None, "Open"]
    assert frame["time"].to_pylist()[2] == datetime(1970, 1, 1, 0, 0, 2, 500000, tzinfo=UTC)


def test_json_is_that_of_the_model(tmp_path: Path) -> None:
    DATA.write(tmp_path / "run.json")
    assert json.loads((tmp_path / "run.json").read_bytes()) == json.loads(DATA.model_dump_json())


@pytest.mark.parametrize("chosen", FORMATS)
def test_a_file_that_is_there_is_replaced_and_keeps_its_mode(tmp_path: Path, chosen: str) -> None:
    path = tmp_path / "run"
    path.write_text("old")
    path.chmod(0o640)
    DATA.write(path, format=chosen)
    assert path.read_bytes() != b"old"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_mode_of_any_other(tmp_path: Path) -> None:
    DATA.write(tmp_path / "run.json")
    (tmp_path / "other").touch()
    assert (tmp_path / "run.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "run.json")
    DATA.write(tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert ScanData.read(tmp_path / "run.json") == DATA


NO_UTF8 = ScanData([X, DeviceLog("label", [0], [0], ["\ud800"])])
WITH_NUL = ScanData([X, DeviceLog("label", [0], [0], ["a\0b"])])
TWICE = ScanData([DeviceLog("time", [0], [0], [1.0])])


@pytest.mark.parametrize(
    ("data", "chosen", "problem"),
    [
        *[(NO_UTF8, chosen, "cannot be written: the column of 'label': .*surrogates") for chosen in FORMATS],
        (WITH_NUL, "nexus", "cannot be written: the column of 'label': .*NULL"),
        (TWICE, "csv", "cannot be written: there would be two columns 'time'"),
    ],
)
def test_a_column_that_cannot_be_written_is_named_and_the_old_file_stays(
    tmp_path: Path, data: ScanData, chosen: str, problem: str
) -> None:
    path = tmp_path / "run"
    path.write_text("old")
    with pytest.raises(DataFileError, match=f"run: {problem}") as caught:
        data.write(path, format=chosen)
    assert caught.value.path == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


LIMITED = """
import resource, signal, sys
from scan_sdk import DeviceLog, ScanData
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
values = [number / 7 for number in range(10_000)]
data = ScanData([DeviceLog("x", range(10_000), range(10_000), values)])
try:
    data.write(sys.argv[1], format=sys.argv[2])
except OSError as error:
    print("refused:", error)
"""


@pytest.mark.parametrize("chosen", FORMATS)
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, chosen: str) -> None:
    path = tmp_path / "run"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), chosen], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("refused: "), done.stderr
    assert "File too large" in done.stdout
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_system_refuses_is_its_own_error_about_the_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/run\.json'$"):
        DATA.write(tmp_path / "nowhere" / "run.json")
    with pytest.raises(IsADirectoryError, match=f"'{tmp_path}'$"):
        DATA.write(tmp_path, format="json")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match=r"file/run\.json'$"):
        DATA.write(tmp_path / "file" / "run.json")
    with pytest.raises(FileNotFoundError, match=r"none\.json'$"):
        ScanData.read(tmp_path / "none.json")
    with pytest.raises(IsADirectoryError):
        ScanData.read(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_an_error_about_the_file(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=r"run\.json'$"):
        DATA.write(tmp_path / "run.json")


def test_unknown_formats_are_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        DataFileError, match=r"the suffix '\.xls' names no format: give csv, parquet, nexus or"
    ):
        DATA.write(tmp_path / "run.xls")
    with pytest.raises(DataFileError, match="there is no format 'xml': give csv, parquet, nexus or json"):
        DATA.write(tmp_path / "run.csv", format="xml")
    assert not list(tmp_path.iterdir())


def test_only_nexus_has_a_place_for_what_is_known_of_the_scan(tmp_path: Path) -> None:
    with pytest.raises(
        DataFileError, match="a csv file has no place for info and units: leave it out, or write"
    ):
        DATA.write(tmp_path / "run.csv", info=INFO, units={})


@pytest.mark.parametrize(("chosen", "library"), [("parquet", "pyarrow"), ("nexus", "h5py")])
def test_a_library_that_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, library: str
) -> None:
    path = tmp_path / "run"
    DATA.write(path, format=chosen)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=rf"{library}\) needs .* pip install 'scan_sdk\[data\]'"):
        DATA.write(tmp_path / "other", format=chosen)
    with pytest.raises(MissingExtra, match=rf"{library}\) needs .* pip install 'scan_sdk\[data\]'"):
        ScanData.read(path)
    assert list(tmp_path.iterdir()) == [path]


# What is read


def rows(**changes: object) -> pa.Table:
    columns = {
        "device": pa.array(["x"]),
        "serial": pa.array([1]),
        "time": pa.array([1]).cast(pa.timestamp("ms", "UTC")),
        "number": pa.array([1.0]),
        "text": pa.array([None], pa.string()),
        "row": pa.array([None], pa.large_list(pa.float64())),
    }
    return pa.table({**columns, **changes})


def described(table: pa.Table, *devices: dict[str, object]) -> pa.Table:
    return table.replace_schema_metadata({"scan_sdk": json.dumps({"devices": devices})})


ONE = {"name": "x", "kind": "numbers", "samples": 1}


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (rows(), "its metadata say nothing of scan_sdk"),
        (rows().replace_schema_metadata({"scan_sdk": "no JSON"}), "Invalid JSON"),
        (described(rows(), {**ONE, "samples": 2}), "other samples than its 1 rows"),
        (described(rows(), {**ONE, "kind": "text"}), "'x' lacks values"),
        (described(rows(), {**ONE, "kind": "pickle"}), "devices: 0: kind: Input should be 'numbers'"),
        (described(rows(number=pa.array(["a"])), ONE), "Failed to parse string"),
        (described(rows().drop_columns(["number"]), ONE), "number"),
        (described(rows(row=pa.array([[1.0]])), {**ONE, "kind": "rows", "length": 3}), "cannot reshape"),
        (described(rows(), ONE, {**ONE, "samples": 0}), "more than one log of: x"),
    ],
)
def test_parquet_files_of_others_and_damaged_ones_are_refused(
    tmp_path: Path, table: pa.Table, problem: str
) -> None:
    path = tmp_path / "run.parquet"
    pq.write_table(table, path)
    with pytest.raises(DataFileError, match=rf"run\.parquet: holds no data of scan_sdk: .*{problem}"):
        ScanData.read(path)


@pytest.mark.parametrize("suffix", ["parquet", "nxs", "json"])
def test_a_file_that_ends_early_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"run.{suffix}"
    DATA.write(path)
    whole = path.read_bytes()
    for size in (9, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataFileError, match=rf"run\.{suffix}: holds no data of scan_sdk: "):
            ScanData.read(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"<data/>", b"[]"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.parquet"
    path.write_bytes(content)
    with pytest.raises(DataFileError, match=r"run\.parquet: is neither parquet, nexus nor json"):
        ScanData.read(path)


def test_json_of_others_is_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text('{"devices": [{"name": "x", "serial": [1], "time": ["a"], "value": [1]}]}')
    with pytest.raises(DataFileError, match=r"no data of scan_sdk: devices: 0: time: .*whole numbers"):
        ScanData.read(path)
    path.write_text('{"other": 1}')
    with pytest.raises(DataFileError, match=r"no data of scan_sdk: devices: Field required"):
        ScanData.read(path)


def spoil(what: str, file: h5py.File, elsewhere: Path) -> None:
    group = file["entry/logs/x"]
    if what == "links":
        del group["value"]
        group["value"] = h5py.ExternalLink(str(elsewhere), "/entry/logs/x/value")
    elif what == "external":
        del group["value"]
        group.create_dataset("value", shape=(2,), dtype="f8", external=[(str(elsewhere), 0, 16)])
    elif what == "virtual":
        del group["value"]
        layout = h5py.VirtualLayout(shape=(2,), dtype="f8")
        layout[:] = h5py.VirtualSource(str(elsewhere), "/entry/logs/x/value", shape=(2,))
        group.create_virtual_dataset("value", layout)
    elif what == "lacks":
        del group["time"]
    elif what == "name":
        del group.attrs["device"]
    elif what == "objects":
        del group["value"]
        group.create_dataset("value", data=[group.ref, group.ref], dtype=h5py.ref_dtype)
    elif what == "lengths":
        del group["time"]
        group["time"] = [1]
    elif what == "creator":
        del file.attrs["creator"]
    else:
        del file["entry"]


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("links", "/entry/logs/x/value is not in the file itself"),
        ("external", "/entry/logs/x/value is not in the file itself"),
        ("virtual", "/entry/logs/x/value is not in the file itself"),
        ("lacks", "time"),
        ("name", "device"),
        ("objects", "holds neither numbers nor text"),
        ("lengths", "serial, time and value have 2, 1 and 2 entries"),
        ("creator", "scan_sdk did not write it"),
        ("entry", "entry"),
    ],
)
def test_hdf5_files_of_others_and_those_that_lead_elsewhere_are_refused(
    tmp_path: Path, what: str, problem: str
) -> None:
    path = tmp_path / "run.nxs"
    DATA.write(path)
    DATA.write(tmp_path / "other.nxs")
    with h5py.File(path, "r+") as file:
        spoil(what, file, tmp_path / "other.nxs")
    with pytest.raises(DataFileError, match=rf"run\.nxs: holds no data of scan_sdk: .*{problem}"):
        ScanData.read(path)


# What a NeXus file says


def attributes(item: h5py.Group | h5py.Dataset) -> dict[str, object]:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in item.attrs.items()
    }


def test_nexus_has_title_and_times(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    DATA.write(path, info=INFO, units={"x": "mm", "shutter": ""})
    with h5py.File(path) as file:
        entry = file["entry"]
        assert attributes(file) == {"NX_class": "NXroot", "default": "entry", "creator": "scan_sdk"}
        assert attributes(entry) == {"NX_class": "NXentry", "default": "data"}
        assert entry["title"].asstr()[()] == "Night"
        assert entry["entry_identifier"].asstr()[()] == "7"
        assert entry["start_time"].asstr()[()] == "2026-01-02T03:09:00.000+00:00"
        assert entry["end_time"].asstr()[()] == "2026-01-02T03:10:00.000+00:00"
        log = entry["logs/x"]
        assert attributes(log) == {"NX_class": "NXlog", "device": "x", "index": 0}
        assert attributes(log["time"]) == {"units": "ms", "start": "1970-01-01T00:00:00.000Z"}
        assert log["average_value"][()] == 1.5
        assert (log["minimum_value"][()], log["maximum_value"][()]) == (1, 2)
        assert attributes(log["average_value"]) == {"units": "mm"}
        assert attributes(entry["logs/shutter/value"]) == {"units": ""}
        shown = entry["data"]
        assert attributes(shown) == {"NX_class": "NXdata", "signal": "n", "axes": ["x"], "x_indices": 0}
        assert attributes(shown["x"]) == {"units": "mm", "long_name": "x"}
        np.testing.assert_array_equal(shown["n"], [np.nan, 500])


def test_a_scan_that_still_runs_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    DATA.write(path, info=INFO.model_copy(update={"state": ScanState.RUNNING}))
    with h5py.File(path) as file:
        assert "end_time" not in file["entry"]
        assert file["entry/start_time"].asstr()[()] == "2026-01-02T03:04:05.000+00:00"


def mapped(*names: str, counts: int = 4) -> ScanData:
    points = [(1.0, 10.0), (1.0, 20.0), (2.0, 20.0), (2.0, 10.0)][:counts]
    columns = [*zip(*points, strict=True), [float(number) for number in range(counts)]]
    return ScanData(
        [
            *(
                DeviceLog(name, range(counts), range(counts), list(column))
                for name, column in zip(names, columns, strict=True)
            ),
            DeviceLog("image", range(counts), range(counts), [[1.0, 2.0]] * counts),
        ]
    )


def test_nested_loops_are_a_grid_in_nexus(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    loops = Loop("m:x", 1, 2, 1, [Loop("m/y", 10, 20, 10, [Log("n")])])
    mapped("m:x", "m/y", "n").write(path, commands=loops)
    with h5py.File(path) as file:
        shown = file["entry/data"]
        assert attributes(shown) == {
            "NX_class": "NXdata",
            "signal": "image",
            "axes": ["m_x", "m_y", "."],
            "auxiliary_signals": ["n"],
            "m_x_indices": 0,
            "m_y_indices": 1,
        }
        assert shown["n"][...].tolist() == [[0, 1], [3, 2]]
        assert attributes(shown["m_y"]) == {"long_name": "m/y"}


def test_loops_that_form_no_grid_are_a_list_in_nexus(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    data = ScanData([DeviceLog(name, range(3), range(3), [1.0, 2.0, 3.0]) for name in ("x", "y", "n")])
    data.write(path, commands=Loop("x", 1, 2, 1, [Loop("y", 10, 20, 10, [Log("n")])]))
    with h5py.File(path) as file:
        shown = file["entry/data"]
        assert attributes(shown) == {
            "NX_class": "NXdata",
            "signal": "n",
            "axes": ["x"],
            "x_indices": 0,
            "y_indices": 0,
        }
        assert shown["n"].shape == (3,)


@pytest.mark.parametrize(
    ("data", "signal", "axes"),
    [
        (ScanData([X]), "x", []),
        (ScanData([DeviceLog("s", [0], [0], [[1.0, 2.0]])]), "s", []),
    ],
)
def test_a_single_device_is_shown_alone_in_nexus(
    tmp_path: Path, data: ScanData, signal: str, axes: list[str]
) -> None:
    path = tmp_path / "run.nxs"
    data.write(path)
    with h5py.File(path) as file:
        shown = file["entry/data"]
        assert shown.attrs["signal"] == signal
        assert list(shown) == [*axes, signal]


def test_a_loop_whose_device_alone_was_logged_is_the_signal_in_nexus(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    ScanData([X]).write(path, commands=Loop("x", 1, 2, 1, [Log("x")]))
    with h5py.File(path) as file:
        assert file["entry/data"].attrs["signal"] == "x"


def test_what_holds_no_numbers_has_no_plot_in_nexus(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    ScanData([DeviceLog("t", [0], [0], ["a"]), DeviceLog("e", [], [], [])]).write(path)
    with h5py.File(path) as file:
        assert list(file["entry"]) == ["logs"]
        assert "default" not in file["entry"].attrs


def test_a_log_without_finite_numbers_has_no_average(tmp_path: Path) -> None:
    path = tmp_path / "run.nxs"
    ScanData([DeviceLog("x", [0], [0], [float("nan")])]).write(path)
    with h5py.File(path) as file:
        assert sorted(file["entry/logs/x"]) == ["scan_serial", "time", "value"]
