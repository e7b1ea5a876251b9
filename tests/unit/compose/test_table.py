"""Table scans: what each column makes of its cells, every problem at once, and where commands come from."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from scan_sdk import (
    CellSource,
    CommandSequence,
    Comment,
    Delay,
    DeviceRule,
    Include,
    InvalidTable,
    Log,
    Loop,
    Parallel,
    ScanSettings,
    Sequence,
    Set,
    Sheet,
    TableScan,
    Wait,
)
from scan_sdk.compose.cells import read_seconds
from scan_sdk.models.tree import DEEPEST

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk import ScanClient

SITE = ScanSettings(
    [DeviceRule("motor.*", completion=True, readback=lambda name: f"{name}.RBV", timeout=100)],
    table_scan_row="table:row",
)


def made(headers, rows, **options):
    """Return the commands of a table without its comments."""
    options.setdefault("line_comments", False)
    return list(TableScan(headers, rows, **options))


def problems(headers, rows, **options):
    """Return what is wrong with a table: row, column, text and reason of each."""
    with pytest.raises(InvalidTable) as refusal:
        made(headers, rows, **options)
    return [(place.row, place.column, text, reason) for place, text, reason in refusal.value.problems]


def counting(value):
    return Wait("counts", value, ">=")


def test_each_cell_sets_its_device_row_by_row():
    assert made(["T", " x "], [["50", 1], ["", "2"], [None, " Open "]]) == [
        Set("T", 50), Set("x", 1), Set("x", 2), Set("x", "Open")
    ]  # fmt: skip


def test_rows_are_announced_with_their_number_and_empty_ones_are_passed_over():
    scan = TableScan(["x"], [[1], [""], [None], ["[3, 4]"]], settings=ScanSettings(table_scan_row="row"))
    assert list(scan) == [
        Comment("# Line 1"), Set("row", 1), Set("x", 1),
        Comment("# Line 4"), Set("row", 4), Set("x", 3), Set("x", 4),
        Comment("# End"),
    ]  # fmt: skip
    assert list(TableScan([], [])) == [Comment("# End")]


def test_settings_and_prefixes_say_how_a_device_is_set():
    assert made(["motor1", "-cr motor2", "+c x"], [[1, "loop(2, 3)", 3]], settings=SITE)[1:] == [
        Set("motor1", 1, completion=True, readback="motor1.RBV", timeout=100),
        Loop("motor2", 2, 3, 1, Set("x", 3, completion=True)),
    ]


def test_loops_nest_to_the_right():
    assert made(["x", "y", "camera"], [["loop(1,10)", "Loop(2, 5, .5)", "snap"], [1]]) == [
        Loop("x", 1, 10, 1, Loop("y", 2, 5, 0.5, Set("camera", "snap"))),
        Set("x", 1),
    ]


def test_lists_and_ranges_become_rows_of_which_the_right_one_is_the_fastest():
    expected = [
        Set("T", 50),
        Set("x", 1),
        Set("T", 50),
        Set("x", 2),
        Set("T", 100),
        Set("x", 1),
        Set("T", 100),
    ]
    assert made(["T", "x"], [["[50, 100]", "range(1, 3)"]]) == [*expected, Set("x", 2)]
    assert made(["T", "x"], [[[50, 100], range(1, 3)]]) == [*expected, Set("x", 2)]
    assert made(["x"], [[("a", "it's")]]) == [Set("x", "a"), Set("x", "it's")]


def test_a_list_right_of_a_loop_repeats_the_loop():
    assert made(["x", "y"], [["loop(3)", "[1, 2]"]]) == [
        Loop("x", 0, 3, 1, Set("y", 1)), Loop("x", 0, 3, 1, Set("y", 2))
    ]  # fmt: skip


def test_a_comment_is_what_it_looks_like():
    assert made(["Comment"], [["(see logbook)"], ["[1, 2"], [5], ["'quoted'"], [" "]]) == [
        Comment("(see logbook)"), Comment("[1, 2"), Comment("5"), Comment("'quoted'")
    ]  # fmt: skip


def test_waits_log_what_was_used_up_to_there():
    assert made(
        ["x", "Wait For", "Value", "y"],
        [
            [1, "counts", "1e6", ""],
            [2, "seconds", 10, 5],
            ["", "Time", "1:30", ""],
            ["", "time", time(0, 2), ""],
        ],
        log_always="neutrons",
    ) == [
        Set("x", 1), Wait("counts", 1e6, ">="), Log("neutrons", "x", "counts"),
        Set("x", 2), Delay(10), Log("neutrons", "x", "counts"), Set("y", 5),
        Delay(90), Log("neutrons", "x", "counts", "y"),
        Delay(120), Log("neutrons", "x", "counts", "y"),
    ]  # fmt: skip


def test_a_wait_for_no_time_only_logs_and_without_devices_not_even_that():
    assert made(["x", "Wait For", "Value"], [["", "seconds", 2], [1, "seconds", 0]]) == [
        Delay(2), Set("x", 1), Log("x")
    ]  # fmt: skip


def test_texts_and_several_values_are_waited_for():
    assert made(["Wait For", "Value"], [["shutter", "Open"], ["n", "[1, 2]"]])[::2] == [
        Wait("shutter", "Open", ">="), Wait("n", 1, ">="), Wait("n", 2, ">=")
    ]  # fmt: skip


def test_a_time_limit_lets_the_scan_go_on():
    limited = {"timeout": 3600, "error_handler": "OnErrorContinue"}
    rows = [["", "n", 5, "01:00:00"], [1, "Completion", "", 3600]]
    assert made(["+p x", "Wait For", "Value", "Or Time"], rows) == [
        Wait("n", 5, ">=", **limited), Log("n"), Parallel(Set("x", 1), **limited), Log("n", "x")
    ]  # fmt: skip


def test_without_a_limit_the_timeout_of_the_settings_holds():
    settings = ScanSettings([DeviceRule("n", timeout=60, comparison="increase by")])
    [wait, _] = made(["Wait For", "Value"], [["n", 5]], settings=settings)
    assert wait == Wait("n", 5, "increase by", timeout=60)


@pytest.mark.parametrize(
    "headers",
    [("wait for", "value", "or time"), ("WAIT FOR", "VALUE", "Or  time"), ("WaitFor", "Value", "OrTime")],
)
def test_trap_24_headers_count_in_any_case(headers):
    [wait, _] = made(headers, [["n", 5, 60]])
    assert wait == Wait("n", 5, ">=", timeout=60, error_handler="OnErrorContinue")


def test_trap_24_an_empty_value_and_a_long_row_are_told_of_with_their_cells():
    assert problems(["x", "Wait For", "Value"], [[1, "counts", ""], [1, "", "", "", "more"]]) == [
        (1, "Value", "", "expected the number or text that counts has to reach"),
        (2, "", "more", "is cell 5 of a row, and there are 3 headers: give its column a header, or clear it"),
    ]


def test_devices_in_parallel_are_performed_when_something_else_comes():
    start, stop = Comment("start"), Comment("stop")
    assert made(
        ["+p A", "+p B", "C", "+p D", "Wait For", "Value"],
        [[1, 2, 3, 4, "completion", ""], [5, "loop(3)", "", 6, "Seconds", 10], [7, 8]],
        start=start, stop=[stop],
    ) == [
        Parallel(Set("A", 1), Set("B", 2)), Set("C", 3),
        start, Parallel(Set("D", 4)), Log("A", "B", "C", "D"), stop,
        Parallel(Set("A", 5), Loop("B", 0, 3, 1), Set("D", 6)),
        start, Delay(10), Log("A", "B", "C", "D"), stop,
        Parallel(Set("A", 7), Set("B", 8)),
    ]  # fmt: skip


def test_pre_and_post_stand_around_the_rows():
    scan = TableScan(["x"], [[1]], pre=Set("shutter", 1), post=[Set("shutter", 0)])
    assert list(scan) == [
        Set("shutter", 1), Comment("# Line 1"), Set("x", 1), Set("shutter", 0), Comment("# End")
    ]  # fmt: skip


def test_special_columns_call_a_function_with_what_the_cell_holds():
    calls = []

    def control(value):
        calls.append(value)
        return Include(f"{value}.scn")

    special = {"Run Control": control, "Delay": lambda value: [Delay(read_seconds(value)), Comment("rested")]}
    rows = [["Start", 1, "[2, '1:00']"], ["loop(3)"], [5]]
    assert made(["Run Control", "+p x", "Delay"], rows, special=special) == [
        Include("Start.scn"), Parallel(Set("x", 1)), Delay(2), Comment("rested"),
        Include("Start.scn"), Parallel(Set("x", 1)), Delay(60), Comment("rested"),
        Include("loop(3).scn"), Include("5.0.scn"),
    ]  # fmt: skip
    assert calls == ["Start", "Start", "loop(3)", 5.0]


def test_a_special_column_may_have_the_name_of_another():
    assert made(["Comment", "Value"], [["a", 3]], special={"Value": counting}) == [Comment("a"), counting(3)]


def test_a_value_that_a_special_function_refuses_is_a_problem_and_other_errors_name_the_cell():
    delay = {"Delay": lambda value: Delay(read_seconds(value))}
    [(row, column, text, reason)] = problems(["Delay"], [["soon"]], special=delay)
    assert (row, column, text) == (1, "Delay", "soon")
    assert reason.startswith("expected a time")
    [(*_, reason)] = problems(["Odd"], [[3]], special={"Odd": lambda value: value})
    assert "commands such as" in reason
    with pytest.raises(ZeroDivisionError) as failure:
        made(["Odd"], [[1], [0]], special={"Odd": lambda value: Delay(1 / value)})
    assert failure.value.__notes__ == ['in the function for a column of a table: row 2, column "Odd"']


def test_every_problem_is_told_at_once_in_the_order_of_the_table():
    found = problems(
        ["x", "+p y", "Wait For", "Value", "Or Time", ""],
        [
            ["range(1, 3", True, "counts", "", "soon", "a"],
            ["loop(1, 2, 0)", "\x00", "", 5, 5, "b"],
            ["loop(0, 1e12, .1)", "", "completion", "", ""],
            ["", "", "seconds", -1, "1:00"],
            ["", "", "time", "00:61:00", ""],
            ["", 1, 7, "", ""],
            ["", "", "counts", "loop(3)", -5],
            ["", "", "+x counts", 1, 0],
            ["", "", "", "", 1],
            [float("nan")],
        ],
    )
    assert [(row, column) for row, column, _, _ in found] == [
        (1, "x"), (1, "+p y"), (1, "Value"), (1, "Or Time"), (1, ""),
        (2, "x"), (2, "+p y"), (2, "Value"), (2, "Or Time"),
        (3, "x"),
        (4, "Value"), (4, "Or Time"),
        (5, "Value"),
        (6, "Wait For"),
        (7, "Value"), (7, "Or Time"),
        (8, "Wait For"), (8, "Or Time"),
        (9, "Or Time"),
        (10, "x"),
    ]  # fmt: skip
    reasons = [reason for *_, reason in found]
    for part, reason in zip(
        [
            "range(start, stop, step)", "write 1 or 0", "number or text that counts", "expected a time",
            "column 6",
            "step 0", "control characters", "is empty", "is empty",
            "more than 2147483646 steps",
            "less than 0", "ends by itself",
            "59 minutes",
            "expected the name of a device, or one of seconds, time and completion",
            "number or text that counts", "less than 0",
            "'+x' is no prefix", "above 0",
            "is empty",
            "finite number",
        ],
        reasons,
        strict=True,
    ):  # fmt: skip
        assert part in reason


def test_a_problem_names_the_cell_and_what_stands_there():
    with pytest.raises(InvalidTable) as refusal:
        made(["x"], [[1], ["(see logbook)"]])
    assert str(refusal.value) == (
        "row 2, column \"x\": '(see logbook)': expected a list such as [1, -3, 'a', \"b\"] or (1, 2); "
        "a text that begins so is written in quotes, 'like this'; cannot read on from 'see logbook)'"
    )


def test_completion_needs_something_to_complete():
    [(row, column, text, reason)] = problems(["+p x", "y", "Wait For", "Value"], [[1, 2, "completion"]])
    assert (row, column, text) == (1, "Wait For", "completion")
    assert "+p" in reason


def test_a_wrong_cell_is_not_blamed_on_its_neighbours():
    assert (
        len(
            problems(["+p x", "Wait For", "Value"], [["nan", "completion"], ["", "nan", 5], ["", "n", "nan"]])
        )
        == 3
    )
    assert len(problems(["+x x", "Wait For", "Value"], [[1, "completion"]])) == 1


@pytest.mark.parametrize(
    ("headers", "column", "hint"),
    [
        (["Wait For"], "Wait For", '"Value" next to it on the right'),
        (["Wait For", "x", "Value"], "Wait For", '"Value" next to it on the right'),
        (["Value"], "Value", '"Wait For" next to it on the left'),
        (["Wait For", "Value", "x", "Or Time"], "Or Time", '"Wait For" and "Value" next to it on the left'),
        (["Wait for it"], "Wait for it", 'did you mean "Wait For"'),
        (["Or Tme"], "Or Tme", 'did you mean "Or Time"'),
        (["Comments"], "Comments", 'did you mean "Comment"'),
        (["+x motor"], "+x motor", "'+x' is no prefix"),
        (["+c"], "+c", "name of the device is missing"),
        (["a\x00b"], "a\x00b", "give the name of a PV"),
    ],
)
def test_a_header_that_cannot_be_is_told_of(headers, column, hint):
    found = problems(headers, [])
    assert [(row, name) for row, name, *_ in found if hint in _[1]] == [(0, column)]


@pytest.mark.parametrize("header", ["valve", "value1", "-c Values", "BL:Comments", "wait", "TimeOr"])
def test_a_device_may_have_a_name_that_looks_a_little_like_it(header):
    [command] = made([header], [[1]])
    assert isinstance(command, Set)


def test_the_header_of_a_problem_stands_in_no_row():
    with pytest.raises(InvalidTable) as refusal:
        made(["+x motor"], [])
    assert str(refusal.value).startswith('column "+x motor": ')


def test_columns_without_header_may_be_empty():
    assert made(["x", "", None], [[1, "", None, ""]]) == [Set("x", 1)]


def test_lists_cannot_make_a_table_of_a_million_rows():
    [(row, column, *_, reason)] = problems(["x", "y", "z"], [[1, "range(1000)", "range(1000)"]])
    assert (row, column) == (1, "y")
    assert "more than 999999 rows" in reason


def test_loops_cannot_nest_without_end():
    headers = [f"d{i}" for i in range(202)]
    found = problems(headers, [["loop(2)"] * 202])
    assert [place for _, place, *_ in found] == headers[DEEPEST:]
    [loop] = made(headers[:DEEPEST], [["loop(2)"] * DEEPEST])
    document = CommandSequence(loop).to_xml()
    assert CommandSequence.from_xml(document).to_xml() == document


def test_each_command_knows_its_cell():
    sheet = Sheet(
        ("+p x", "y", "Wait For", "Value"),
        ((1, "loop(2)", "n", 5), (), (2, None, "completion")),
        (4, 5, 6),
        "Plan",
        "a.xlsx",
    )
    start = [Set("shutter", 1), Set("gate", 1).at(CellSource(1))]
    scan = TableScan.of(
        sheet, settings=ScanSettings(table_scan_row="row"), start=start, stop=Sequence(Delay(1))
    )
    places = [
        (type(command).__name__, command.source and command.source[:2])
        for _, command in scan.commands().walk()
    ]
    assert places == [
        ("Comment", (4, "")), ("Set", (4, "")), ("Parallel", (4, "+p x")), ("Set", (4, "+p x")),
        ("Loop", (4, "y")),
        ("Set", (4, "Wait For")), ("Set", (1, "")), ("Wait", (4, "Wait For")), ("Log", (4, "Wait For")),
        ("Sequence", (4, "Wait For")), ("Delay", (4, "Wait For")),
        ("Comment", (6, "")), ("Set", (6, "")), ("Set", (6, "Wait For")), ("Set", (1, "")),
        ("Parallel", (6, "+p x")), ("Set", (6, "+p x")), ("Log", (6, "Wait For")),
        ("Sequence", (6, "Wait For")), ("Delay", (6, "Wait For")),
        ("Comment", None),
    ]  # fmt: skip
    assert scan.commands()[0].source == CellSource(4, "", "Plan", "a.xlsx")
    assert start[0].source is None


def test_a_table_is_read_from_a_file_and_written_to_one(tmp_path: Path):
    path = tmp_path / "night.csv"
    path.write_text("+p x;Wait For;Value\n1,5;completion;\n;n;loop(\n", encoding="utf-8")
    with pytest.raises(InvalidTable) as refusal:
        TableScan.read(path).commands()
    assert str(refusal.value).startswith(f"{path}, row 3, column \"Value\": 'loop(': ")
    scan = TableScan(["+p x", "Wait For", "Value"], [["[1.5, 2]", "completion", ""], ["'5'", "n", 3]])
    for name in ("again.csv", "again.xlsx"):
        scan.write(tmp_path / name)
        again = TableScan.read(tmp_path / name, line_comments=False)
        assert list(again) == list(TableScan.of(scan.to_table(), line_comments=False))


def test_of_thousands_of_problems_the_text_tells_a_hundred_and_how_many_there_are():
    with pytest.raises(InvalidTable) as refusal:
        TableScan(["x"], [["[1"]] * 1234).commands()
    lines = str(refusal.value).splitlines()
    assert len(refusal.value.problems) == 1234
    assert lines[99].startswith('row 100, column "x": ')
    assert lines[100:] == ["and 1,134 more: see the problems of this error"]


def test_loops_that_repeat_are_equal_and_know_their_own_cells():
    first, second = TableScan(["x", "y"], [["loop(1, 3)", 1], ["loop(1, 3)", 1]], line_comments=False)
    assert first == second
    assert (first.source, second.source) == (CellSource(1, "x"), CellSource(2, "x"))


def test_what_is_no_table_at_all_is_refused():
    with pytest.raises(TypeError, match="expected a row"):
        TableScan(["x"], ["loop(3)"])
    with pytest.raises(TypeError, match="expected a row"):
        TableScan("x", [[1]])
    with pytest.raises(TypeError, match="expected a row"):
        TableScan(["x"], [{"x": 1}])
    with pytest.raises(TypeError, match="expected a row"):
        TableScan(["x"], [1])
    with pytest.raises(ValidationError):
        TableScan(["x"], [], pre=[5])
    with pytest.raises(ValidationError):
        TableScan(["x"], [], log_always=[""])


def test_a_table_prints_aligned_with_the_numbers_of_its_rows():
    scan = TableScan(["motor_x", "Comment"], [["loop(1, 2)", "long " * 20], [], [5]])
    assert str(scan) == repr(scan) == (
        "row  motor_x     Comment\n"
        "1    loop(1, 2)  long long long long long lo...\n"
        "2\n"
        "3    5"
    )  # fmt: skip
    lines = str(TableScan(["x"], [[i] for i in range(1000)])).splitlines()
    assert (len(lines), lines[10:13]) == (22, ["10    9", "...   ...", "991   990"])


def test_a_table_runs(scan_client: ScanClient):
    table = TableScan(
        ["loc://x(0)", "Comment", "+p loc://y(0)", "Wait For", "Value"],
        [["loop(1, 2)", "(see logbook)", "[5, 6]", "completion", ""], [3, "", "", "seconds", "00:00:00.01"]],
        stop=Set("loc://gate(0)", 1),
    )
    scan_id = scan_client.submit(table, "Table")
    scan_client.wait_until_done(scan_id, timeout=30)
    data = scan_client.get_data(scan_id)
    assert list(data["loc://x(0)"].value) == [1, 2, 1, 2, 3]
    assert list(data["loc://y(0)"].value) == [5, 5, 6, 6, 6]
