"""What a scan logged: columns by device, and tables of them."""

from __future__ import annotations

import numpy as np
import pytest

from scan_sdk import DeviceLog, ProtocolError, ScanData
from scan_sdk._wire.log import write_log


def data(**logs: list[tuple[int, str]]) -> ScanData:
    """Build data from serials and texts; times are a thousand times the serial."""
    pieces = write_log(
        (name, [(serial, serial * 1000, text) for serial, text in samples]) for name, samples in logs.items()
    )
    return ScanData.from_xml(piece.encode() for piece in pieces)


X = [(0, "1.0"), (2, "2.0"), (4, "3.0")]
N = [(1, "500.0"), (2, "700.0")]
TEXT = [(2, "Open"), (3, "1.0")]


def test_columns_by_device() -> None:
    found = data(x=X, text=TEXT)
    assert list(found) == ["x", "text"]
    assert len(found) == 2
    assert "x" in found
    assert "y" not in found
    x = found["x"]
    assert (x.name, len(x)) == ("x", 3)
    assert (x.serial.dtype, x.time.dtype, x.value.dtype) == (np.int64, np.int64, np.float64)
    assert x.serial.tolist() == [0, 2, 4]
    assert x.time.tolist() == [0, 2000, 4000]
    assert x.value.tolist() == [1.0, 2.0, 3.0]
    assert x.datetime.dtype == np.dtype("datetime64[ms]")
    assert str(x.datetime[1]) == "1970-01-01T00:00:02.000"
    assert found["text"].value.tolist() == ["Open", "1.0"]
    assert repr(found) == "ScanData(x: 3, text: 2)"
    assert repr(x) == "DeviceLog('x', 3 samples of numbers)"
    assert repr(found["text"]) == "DeviceLog('text', 2 samples of text)"


def test_trap_10_a_text_that_looks_like_a_number_stays_text() -> None:
    for text in (
        "007",
        "1_000",
        "nan",
        "inf",
        "",
        "+1.0",
        "1.",
        ".5",
        "1e5",
        " 1.0",
        "1.0 ",
        "٣",
        "[1.0, 2.0",
        "[1.0,2.0]",
        "[1.0, Open]",
        "9007199254740993",
        "True",
    ):
        column = data(x=[(0, text), (1, "2.0")])["x"].value
        assert column.dtype == object
        assert column.tolist() == [text, "2.0"]


def test_numbers_as_the_server_writes_them() -> None:
    texts = [
        "1.0",
        "-1.5",
        "0.0",
        "-0.0",
        "1.0E-5",
        "1.0E300",
        "-2.5E10",
        "NaN",
        "Infinity",
        "-Infinity",
        "7",
    ]
    column = data(x=list(enumerate(texts)))["x"].value
    assert column.dtype == np.float64
    assert (
        repr(column.tolist()) == "[1.0, -1.5, 0.0, -0.0, 1e-05, 1e+300, -25000000000.0, nan, inf, -inf, 7.0]"
    )


def test_serials_and_times_keep_64_bits() -> None:
    most, odd = 2**63 - 1, 2**53 + 1
    document = "".join(write_log([("x", [(odd, odd, "1.0"), (most, most, "2.0")])]))
    found = ScanData.from_xml(document.encode())
    assert found["x"].serial.tolist() == [odd, most]
    assert found["x"].time.tolist() == [odd, most]
    assert found.table("x").serial.tolist() == [odd, most]


def test_a_device_that_was_not_logged() -> None:
    with pytest.raises(KeyError, match="'y' was not logged; logged: x, n"):
        data(x=X, n=N)["y"]
    with pytest.raises(KeyError, match="'y' was not logged; logged: x, n"):
        data(x=X, n=N).table("x", "y")
    with pytest.raises(KeyError, match="'y' was not logged; logged: nothing"):
        ScanData()["y"]
    assert data(x=X).get("y") is None


def test_a_table_is_aligned_by_serial() -> None:
    """As the seed's createTable: a value stands until the next one is logged."""
    table = data(x=X, n=N, text=TEXT).table("x", "n", "text")
    assert table.names == ("x", "n", "text")
    assert len(table) == 5
    assert table.serial.tolist() == [0, 1, 2, 3, 4]
    assert table["x"].tolist() == [1.0, 1.0, 2.0, 2.0, 3.0]
    assert repr(table["n"].tolist()) == "[nan, 500.0, 700.0, 700.0, 700.0]"
    assert table["text"].tolist() == [None, None, "Open", "1.0", "1.0"]


def test_a_table_has_the_rows_of_its_devices_only() -> None:
    found = data(x=X, n=N)
    assert found.table("x").serial.tolist() == [0, 2, 4]
    assert found.table("n", "x").names == ("n", "x")
    assert found.table().names == ("x", "n")
    assert found.table("x", "x").names == ("x", "x")


def test_a_table_of_little() -> None:
    empty = ScanData().table()
    assert (len(empty), empty.names, list(empty)) == (0, (), [])
    found = data(x=X, nothing=[])
    assert repr(found.table("x", "nothing")["nothing"].tolist()) == "[nan, nan, nan]"
    assert len(found.table("nothing")) == 0
    assert list(found.table("nothing")) == []


def test_a_column_that_a_table_does_not_have() -> None:
    with pytest.raises(KeyError, match="'y' is not in this table; it has: x, n"):
        data(x=X, n=N).table()["y"]


def test_trap_11_rows_are_tuples_of_their_own() -> None:
    table = data(x=X, text=[(0, "a"), (2, "b"), (4, "c")]).table("x", "text")
    rows = list(table)
    assert rows == [(1.0, "a"), (2.0, "b"), (3.0, "c")]
    assert len(set(map(id, rows))) == 3
    assert all(type(cell) in {float, str} for row in rows for cell in row)
    assert list(table) == rows


def test_a_table_in_words() -> None:
    table = data(x=X, a_long_device_name=N, text=TEXT).table()
    assert str(table) == (
        "           x  a_long_device_name          text\n"
        "           1                 nan          None\n"
        "           1                 500          None\n"
        "           2                 700          Open\n"
        "           2                 700           1.0\n"
        "           3                 700           1.0"
    )
    assert str(ScanData().table()) == ""


def test_equality() -> None:
    assert data(x=X, t=TEXT) == data(x=X, t=TEXT)
    assert data(x=X) != data(x=N)
    assert data(x=X) != data(y=X)
    assert data(x=X) != {"x": X}
    assert data(x=[(0, "NaN")]) == data(x=[(0, "NaN")])
    assert data(x=[(0, "1.0")]) != data(x=[(0, "a")])
    one = data(x=X)["x"]
    assert (one == "x") is False
    assert one != DeviceLog("x", one.serial, one.time + 1, one.value)
    assert one != DeviceLog("x", one.serial + 1, one.time, one.value)
    assert one != DeviceLog("x", one.serial, one.time, one.value + 1)
    for unhashable in (one, data(x=X)):
        with pytest.raises(TypeError, match="unhashable"):
            hash(unhashable)


SAMPLE = '<sample id="{0}"><time>{1}</time><value>{2}</value></sample>'.format
DOCUMENT = (
    f"<data><device><name>x</name><samples>{SAMPLE(0, 10, '1.0')}{SAMPLE(1, 20, '2.0')}</samples>"
    f"</device><device><name>t</name><samples>{SAMPLE(1, 20, 'a &amp; b')}</samples></device></data>"
).encode()


def test_data_from_a_document() -> None:
    found = ScanData.from_xml(DOCUMENT)
    assert list(found.table("x", "t")) == [(1.0, None), (2.0, "a & b")]
    assert ScanData.from_xml(iter([DOCUMENT[:50], DOCUMENT[50:]])) == found


def test_data_from_an_open_file(tmp_path) -> None:
    path = tmp_path / "data.xml"
    path.write_bytes(DOCUMENT)
    with path.open("rb") as file:
        assert ScanData.from_xml(file) == ScanData.from_xml(DOCUMENT)


def test_values_that_are_never_converted() -> None:
    found = ScanData.from_xml(DOCUMENT, values="text")
    assert found["x"].kind == "text"
    assert found["x"].value.tolist() == ["1.0", "2.0"]
    assert ScanData.from_xml(b"<data/>", values="text") == ScanData()
    rows = DOCUMENT.replace(b"1.0", b"[1.0, 2.0]")
    assert ScanData.from_xml(rows)["x"].kind == "rows"
    assert ScanData.from_xml(rows, values="text")["x"].value.tolist() == ["[1.0, 2.0]", "2.0"]
    with pytest.raises(ValueError, match='values="floats": give "typed" or "text"'):
        ScanData.from_xml(DOCUMENT, values="floats")


def test_what_is_no_document_of_data() -> None:
    with pytest.raises(ProtocolError, match="at line 1: "):
        ScanData.from_xml(DOCUMENT[:-1])


def test_a_large_log_is_read_in_columns() -> None:
    count = 20_000
    table = data(x=[(serial, "1.5") for serial in range(count)]).table("x")
    assert table["x"].sum() == 1.5 * count
