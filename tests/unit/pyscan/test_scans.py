"""Scans that old scripts have made for them: tables, any number of dimensions, alignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scan_sdk import CellSource, InvalidTable, TableFileError
from scan_sdk.pyscan import (
    AlignmentScan,
    CommandSequence,
    Comment,
    Delay,
    Include,
    Log,
    Loop,
    ScanSettings,
    Sequence,
    Set,
    TableScan,
    createNDimScan,
    getScanSettings,
    loadTableScan,
    parseSeconds,
    setScanSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def settings() -> Iterator[ScanSettings]:
    before = getScanSettings()
    found = ScanSettings()
    found.defineDeviceClass("axis.*", completion=True, readback=True, timeout=60)
    found.defineDeviceClass("total", comparison="increase by")
    setScanSettings(found)
    yield found
    setScanSettings(before)


def made(headers: list[str], *rows: list[object], lineinfo: bool = False, **options: object) -> str:
    return str(TableScan(headers, rows, **options).createScan(lineinfo=lineinfo))  # type: ignore[arg-type]


# -- tables -------------------------------------------------------------------------------------------------


def test_cells_set_devices() -> None:
    assert made([" X ", "Y"], ["  1", "up"], ["", "2.5"]) == "[Set('X', 1.0), Set('Y', 'up'), Set('Y', 2.5)]"
    assert made(["axis1"], [3]) == (
        "[Set('axis1', 3.0, completion=True, timeout=60, readback='axis1', tolerance=0.100000)]"
    )
    assert made(["-cr axis1"], [3]) == "[Set('axis1', 3.0)]"


def test_rows_are_numbered_and_empty_ones_are_not() -> None:
    assert made(["X", "Comment"], [1, ""], ["", ""], [2, "hi"], lineinfo=True) == (
        "[Comment('# Line 1'), Set('X', 1.0), "
        "Comment('# Line 2'), Set('X', 2.0), Comment('hi'), Comment('# End')]"
    )


def test_the_row_is_written_to_a_device(settings: ScanSettings) -> None:
    settings.table_scan_row = "row"
    assert made(["X"], ["[1, 2]"], lineinfo=True) == (
        "[Comment('# Line 1'), Set('row', 1.0), Set('X', 1.0), Set('X', 2.0), Comment('# End')]"
    )
    assert made(["X"], [5]) == "[Set('X', 5.0)]"


def test_waits_log_what_was_used() -> None:
    assert made(["X", "wait for", "VALUE"], [1, "seconds", 2], [2, "total", 5]) == (
        "[Set('X', 1.0), Delay(2), Log('X'), Set('X', 2.0), "
        "Wait('total', 5.0, comparison='increase by', tolerance=0.1), Log('X', 'total')]"
    )
    assert made(["Wait For", "Value"], ["time", "1:30"], log_always=["n"]) == "[Delay(90), Log('n')]"


def test_a_time_limit_of_the_settings_is_not_for_waits(settings: ScanSettings) -> None:
    settings.defineDeviceClass("total", timeout=30)
    assert made(["Wait For", "Value"], ["total", 5]) == (
        "[Wait('total', 5.0, comparison='>=', tolerance=0.1), Log('total')]"
    )


def test_trap_24_a_time_limit_counts_whatever_the_case_of_its_header() -> None:
    assert made(["Wait For", "Value", "or time"], ["total", 5, "00:01:00"]) == (
        "[Wait('total', 5.0, comparison='increase by', tolerance=0.1, timeout=60, "
        "errhandler='OnErrorContinue'), "
        "Log('total')]"
    )


def test_columns_in_parallel_and_their_completion() -> None:
    headers = ["+p A", "+p B", "C", "+p D", "Wait For", "Value", "Or Time"]
    assert made(headers, [1, 2, 3, 4, "completion", "", 9]) == (
        "[Parallel(Set('A', 1.0), Set('B', 2.0)), Set('C', 3.0), "
        "Parallel(Set('D', 4.0), timeout=9, errhandler='OnErrorContinue'), Log('A', 'B', 'C', 'D')]"
    )


def test_loops_nest_and_lists_repeat_the_row() -> None:
    assert made(["X", "Y", "Z"], ["[1, 2]", "Loop(3)", "snap"]) == (
        "[Set('X', 1.0), Loop('Y', 0, 3, 1, [ Set('Z', 'snap') ]), "
        "Set('X', 2.0), Loop('Y', 0, 3, 1, [ Set('Z', 'snap') ])]"
    )
    assert made(["X", "Y"], ["range(1, 0, 2)", [1, 2]]) == "[Set('Y', 1.0), Set('Y', 2.0)]"
    assert made(["X", "Y"], [3, "[]"]) == "[Set('X', 3.0)]"


def test_trap_25_numbers_are_read_as_people_write_them() -> None:
    assert made(["X"], ["loop(.5, 1, .1)"]) == "[Loop('X', 0.5, 1, 0.1)]"
    assert made(["X"], ["range(0, 1, 0.1)"]).count("Set(") == 10
    assert made(["X"], ["1_2"]) == "[Set('X', '1_2')]"


def test_given_commands_pass_through_a_table_as_they_are() -> None:
    pre, post, start, stop = Set("shutter", 1), [Set("shutter", 0)], Comment("go"), Sequence(Delay(1))
    table = TableScan(["X", "Wait For", "Value"], [["loop(2)", "time", 1]], pre, post, start, stop)
    commands = table.createScan(lineinfo=False)
    loop = commands[1]
    assert isinstance(loop, Loop)
    assert (commands[0], commands[2:]) == (pre, post)
    assert loop.getBody()[0] is start
    assert loop.getBody()[-1] is stop


def test_special_columns_call_a_function_with_the_cell() -> None:
    special = {
        "Run": lambda cell: Include(f"{cell}.scn"),
        "Pause": lambda cell: [Delay(parseSeconds(cell)), Delay(1)],
        "Skip": lambda cell: None,
    }
    assert made(["Run", "X", "Pause", "Skip"], ["begin", 1, "", "a"], ["", 2, 5, ""], special=special) == (
        "[Include('begin.scn'), Set('X', 1.0), Set('X', 2.0), Delay(5), Delay(1)]"
    )


def test_commands_know_the_cells_that_they_come_from() -> None:
    [first, second] = TableScan(["X", "Y"], [["", 1], [2, ""]]).createScan(lineinfo=False)
    assert (first.source, second.source) == (CellSource(1, "Y"), CellSource(2, "X"))


def test_trap_23_no_cell_is_run_and_all_that_is_wrong_is_told() -> None:
    table = TableScan(
        ["X", "Wait For", "Value"], [["(see logbook)", "total", 1], ["[__import__('os')]", "total", ""]]
    )
    with pytest.raises(InvalidTable) as caught:
        table.createScan()
    assert [(fault.place.row, fault.place.column) for fault in caught.value.problems] == [
        (1, "X"),
        (2, "X"),
        (2, "Value"),
    ]


def test_tables_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="Table needs list of rows"):
        TableScan(["X", "Y"], ["1", "2"])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="Table needs list of rows"):
        TableScan(["X"], 5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Table has 2 columns but row 1 has only 1"):
        TableScan(["X", "Y"], [[1, 2], [3]])
    with pytest.raises(ValueError, match="Table has 1 columns but row 0 has 2"):
        TableScan(["X"], [[1, 2]])
    for headers in (["X", "Wait For"], ["Wait For", "X"]):
        with pytest.raises(ValueError, match="Wait For column must be followed by Value"):
            TableScan(headers, [[1, 2]]).createScan()


def test_a_table_without_rows_is_one() -> None:
    assert TableScan(["X"], []).createScan(lineinfo=False) == []


def test_a_table_is_printed_in_columns_and_can_be_changed() -> None:
    table = TableScan(["X", TableScan.COMMENT], [[1, "long text"], ["", ""], [22, ""]])
    assert str(table) == (
        'headers=[ "X ", "Comment  " ]\nrows= [ [ "1 ", "long text" ],\n        '
        '[ "22", "         " ],\n       ]'
    )
    assert (table.name, table.cols, table.width, table.rows[1]) == ("Table Scan", 2, [2, 9], ["22", ""])
    table.rows.append(["3", ""])
    assert str(table.createScan()[-2]) == "Set('X', 3.0)"


@pytest.mark.parametrize("name", ["table.csv", "table.tab", "table.xlsx"])
def test_trap_28_tables_are_written_to_files_and_read_back(tmp_path: Path, name: str) -> None:
    table = TableScan(["X", "+p Y"], [["1", "loop(1, 2)"], ["", "text"]])
    table.save(str(tmp_path / name))
    again = loadTableScan(str(tmp_path / name), pre=Comment("begin"))
    assert (again.headers, again.rows) == (table.headers, table.rows)
    assert str(again.createScan(lineinfo=False)[0]) == "Comment('begin')"


def test_files_of_no_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableFileError):
        TableScan(["X"], [[1]]).save(tmp_path / "table.doc")
    with pytest.raises(OSError, match="No such file"):
        loadTableScan(tmp_path / "missing.csv")


# -- any number of dimensions -------------------------------------------------------------------------------


def test_loops_nest_and_log_their_devices_and_others() -> None:
    assert str(CommandSequence(createNDimScan(("axis1", 0, 4), ("y", 1, 2, 0.5), "n", "axis1"))) == (
        "[\n"
        "    Loop('axis1', 0, 4, 1,\n"
        "    [\n"
        "        Loop('y', 1, 2, 0.5,\n"
        "        [\n"
        "            Log('axis1', 'y', 'n')\n"
        "        ])\n"
        "    ], completion=True, readback='axis1', tolerance=0.1, timeout=60)\n"
        "]"
    )


def test_trap_27_commands_stand_where_they_are_given_and_lists_stay_as_they_are() -> None:
    given = [Set("a", 1), Delay(2)]
    scan = createNDimScan(Comment("begin"), ("x", 1, 2), given, "n")
    assert repr(scan) == ("[Comment('begin'), Loop('x', 1, 2, 1, [ Set('a', 1), Delay(2), Log('x', 'n') ])]")
    assert len(given) == 2
    assert createNDimScan() == []
    assert repr(createNDimScan(Delay(1))) == "[Delay(1)]"


def test_what_is_no_part_of_a_scan_is_refused() -> None:
    for parts in (("x", 1), ("x", 1, 2, 3, 4), (1, 2, 3)):
        with pytest.raises(ValueError, match=r"should be \('device', start, end, step\)"):
            createNDimScan(parts)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="give commands"):
        createNDimScan(5)  # type: ignore[arg-type]


# -- alignment ----------------------------------------------------------------------------------------------


def test_trap_27_an_alignment_logs_its_devices_in_order() -> None:
    scan = AlignmentScan(
        "x", 0, 1, 0.5, "seconds", 2, "signal", prefix="P", log_always=["t", "x"]
    ).createScan()
    assert repr(scan) == (
        "[Set('P:Height', 0), Loop('x', 0, 1, 0.5, [ Delay(2), Log('t', 'x', 'signal'), "
        "Script('WriteDataToPV', 'x', 'P:Data:X'), "
        "Script('WriteDataToPV', 'signal', 'P:Data:Y', '-', '1') ])]"
    )


def test_an_alignment_normalises_and_finds_the_peak() -> None:
    scan = AlignmentScan(
        "x",
        0,
        1,
        0.5,
        "total",
        1000,
        "signal",
        "FindPeak",
        True,
        "P",
        pre=Comment("a"),
        post=Comment("b"),
        start=[Comment("c")],
        stop=Comment("d"),
    ).createScan()
    assert repr(scan) == (
        "[Set('P:Height', 0), Comment('a'), Loop('x', 0, 1, 0.5, [ Comment('c'), "
        "Wait('total', 1000, comparison='increase by', tolerance=0.1), Comment('d'), "
        "Log('signal', 'x', 'total'), "
        "Script('WriteDataToPV', 'x', 'P:Data:X'), "
        "Script('WriteDataToPV', 'signal', 'P:Data:Y', 'total', '1000') ]), Comment('b'), "
        "Script('FindPeak', 'x', 'signal', 'total', '1000', 'P:Pos', 'P:Height', 'P:Width')]"
    )
    assert isinstance(scan[2], Loop)
    assert isinstance(scan[2].getBody()[3], Log)
