"""Logged data against a plain way of doing the same, and through XML."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import ScanData
from scan_sdk._dialect.java import format_double
from scan_sdk._wire.log import LogReader, sample_text, write_log
from scan_sdk.testing.strategies import scan_data

Cell = float | str | list[float] | None


def rows_one_by_one(data: ScanData, names: list[str]) -> tuple[list[int], list[tuple[Cell, ...]]]:
    """Align values as one would by hand: go through the serials, keeping the last value of each device."""
    samples = {
        name: dict(zip(data[name].serial.tolist(), data[name].value.tolist(), strict=True)) for name in names
    }
    serials = sorted({serial for found in samples.values() for serial in found})
    last: dict[str, Cell] = {}
    for name in names:
        column = data[name].value
        nothing = [math.nan] * column.shape[1] if column.ndim == 2 else math.nan
        last[name] = None if column.dtype == object else nothing
    rows: list[tuple[Cell, ...]] = []
    for serial in serials:
        for name in names:
            last[name] = samples[name].get(serial, last[name])
        rows.append(tuple(last[name] for name in names))
    return serials, rows


def alike(one: Cell, other: Cell) -> bool:
    """Tell whether two cells are the same; NaN is here, and a row is a list."""
    return plain(one) == plain(other)


def plain(cell: Cell | np.ndarray) -> str:
    return repr(cell.tolist() if isinstance(cell, np.ndarray) else cell)


@given(scan_data(), st.data())
def test_tables_are_what_one_gets_by_hand(data: ScanData, choice: st.DataObject) -> None:
    names = choice.draw(st.permutations(list(data)))
    names = names[: choice.draw(st.integers(0, len(names)))] or list(data)
    table = data.table(*names)
    serials, rows = rows_one_by_one(data, names)
    assert table.serial.tolist() == serials
    found = list(table)
    assert len(found) == len(rows)
    assert all(
        alike(one, other)
        for mine, theirs in zip(found, rows, strict=True)
        for one, other in zip(mine, theirs, strict=True)
    )
    for index, name in enumerate(names):
        assert [plain(cell) for cell in table[name].tolist()] == [plain(row[index]) for row in rows]
    assert str(table).count("\n") >= min(len(rows), 20)  # of many rows only the first and last are shown


@given(scan_data(), st.integers(1, 50))
def test_data_survives_xml_in_pieces_of_any_size(data: ScanData, size: int) -> None:
    devices = [
        (
            log.name,
            zip(log.serial.tolist(), log.time.tolist(), map(sample_text, log.value.tolist()), strict=True),
        )
        for log in data.values()
    ]
    body = "".join(write_log(devices)).encode()
    reader = LogReader()
    for start in range(0, len(body), size):
        reader.feed(body[start : start + size])
    assert ScanData.from_raw(reader.close()) == data


@given(scan_data())
def test_columns_have_one_length(data: ScanData) -> None:
    for name, log in data.items():
        assert log.name == name
        assert len(log) == len(log.serial) == len(log.time) == len(log.value) == len(log.datetime)
        assert bool(np.all(np.diff(log.serial) > 0))


def read(devices: dict[str, list[tuple[int, int, str]]]) -> ScanData:
    reader = LogReader()
    reader.feed("".join(write_log(devices.items())).encode())
    return ScanData.from_raw(reader.close())


doubles = st.floats(width=32).map(format_double)
rows = st.lists(doubles, min_size=2, max_size=3).map(lambda items: f"[{', '.join(items)}]")
VALUES = doubles | rows | st.sampled_from(["off", "[]"])
"""What servers write; a row of one number they write as that number."""


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("xyz"), VALUES | doubles), max_size=5), max_size=5),
)
def test_pieces_join_to_what_the_whole_is(pieces: list[list[tuple[str, str]]]) -> None:
    whole: dict[str, list[tuple[int, int, str]]] = {}
    parts: list[ScanData] = []
    for serial, piece in enumerate(pieces):
        part: dict[str, list[tuple[int, int, str]]] = {}
        for name, text in piece:
            for log in (whole, part):
                log.setdefault(name, []).append((serial, 1000 * serial, text))
        parts.append(read(part))
    assert ScanData.concat(parts) == read(whole)
