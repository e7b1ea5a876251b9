"""Formats of data that extensions register are those of the package in all ways."""

import pytest

from scan_sdk import DataFileError, DeviceLog, ExtensionError, ScanData, _registry, extend
from scan_sdk.data.files import formats, suffixes

DATA = ScanData([DeviceLog("x", [0, 1], [1000, 2000], [1.0, 2.5])])


def write_lines(data, path):
    if "bad" in data:
        raise ValueError("'bad' is no name for this format")
    rows = (
        f"{name} {serial} {time} {value!r}"
        for name, log in data.items()
        for serial, time, value in rows_of(log)
    )
    path.write_text("#S\n" + "".join(f"{row}\n" for row in rows))


def rows_of(log):
    return zip(log.serial.tolist(), log.time.tolist(), log.value.tolist(), strict=True)


def read_lines(path):
    found = {}
    for line in path.read_text().splitlines()[1:]:
        name, serial, time, value = line.split()
        for column, item in zip(
            found.setdefault(name, ([], [], [])), (int(serial), int(time), float(value)), strict=True
        ):
            column.append(item)
    return [DeviceLog(name, *columns) for name, columns in found.items()]


@pytest.fixture
def lines():
    extend.exporter(
        "lines",
        suffixes=[".spec", ".LINES"],
        write=write_lines,
        read=read_lines,
        recognises=lambda beginning: beginning.startswith(b"#S"),
    )
    yield
    _registry.EXPORTERS.remove("lines")


@pytest.mark.usefixtures("lines")
def test_a_registered_format_is_written_and_read_back(tmp_path):
    for target, chosen in (
        (tmp_path / "a.spec", None),
        (tmp_path / "b.lines", None),
        (tmp_path / "c", "lines"),
    ):
        DATA.write(target, format=chosen)
        assert ScanData.read(target) == DATA
    assert formats()[-1] == "lines"
    assert suffixes()[".lines"] == "lines"


@pytest.mark.usefixtures("lines")
def test_what_a_registered_format_cannot_hold_is_reported_and_leaves_no_file(tmp_path):
    with pytest.raises(DataFileError, match="'bad' is no name"):
        ScanData([DeviceLog("bad", [0], [0], [1.0])]).write(tmp_path / "a.spec")
    with pytest.raises(
        DataFileError, match="a lines file has no place for units: leave it out, or write nexus"
    ):
        DATA.write(tmp_path / "a.spec", units={"x": "mm"})
    assert list(tmp_path.iterdir()) == []


def test_without_it_the_formats_that_there_are_are_named(tmp_path):
    with pytest.raises(
        DataFileError, match=r"the suffix '.spec' names no format: give csv, parquet, nexus or json"
    ):
        DATA.write(tmp_path / "a.spec")


@pytest.mark.usefixtures("lines")
def test_formats_that_clash_are_refused():
    with pytest.raises(ExtensionError, match=r"files that end in \.spec are of the format 'lines' already"):
        extend.exporter("other", suffixes=[".spec"], write=write_lines)
    with pytest.raises(ExtensionError, match=r"files that end in \.csv are of the format 'csv' already"):
        extend.exporter("mine", suffixes=[".csv"], write=write_lines)
    with pytest.raises(ExtensionError, match="the format of data 'json' of"):
        extend.exporter("json", suffixes=[".j"], write=write_lines)
