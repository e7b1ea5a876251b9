"""Commands that go back into a table, and those that do not."""

import pytest

from scan_sdk import (
    CommandSequence,
    Comment,
    Delay,
    DeviceRule,
    If,
    Log,
    Loop,
    NotTabular,
    Parallel,
    ScanSettings,
    Set,
    TableScan,
    Wait,
)

CONTINUE = "OnErrorContinue"
SITE = ScanSettings([DeviceRule("motor.*", completion=True, readback=True, timeout=9)], table_scan_row="row")


def back(*commands, **options):
    """Return headers and rows of the table that makes commands."""
    scan = TableScan.from_commands(commands, **options)
    assert scan.commands() == CommandSequence(commands)
    sheet = scan.to_table()
    return [list(sheet.headers), *map(list, sheet.rows)]


def test_a_row_ends_where_a_column_would_be_filled_twice():
    assert back(Set("x", 1), Set("y", "Open"), Set("y", "5"), Set("x", 2), Comment("done")) == [
        ["x", "Comment", "y"], [1, None, "Open"], [None, None, "'5'"], [2, "done", None]
    ]  # fmt: skip


def test_rows_are_those_of_the_comments_with_what_stands_before_them():
    lines = [Comment("# Line 3"), Set("x", 1), Set("x", 2), Comment("# Line 7"), Set("x", 3)]
    commands = [Set("shutter", 1), *lines, Comment("# End")]
    assert back(*commands) == [["x"], [1], [2], [3]]
    assert TableScan.from_commands(commands).to_table().numbers == (3, 3, 7)


def test_rows_are_those_of_the_device_for_their_number():
    move = Set("motor1", 1, completion=True, readback=True, timeout=9)
    assert back(Set("row", 2), move, settings=SITE) == [["motor1"], [1]]


def test_waits_with_their_logs_become_their_columns():
    assert back(
        Set("x", 1), Wait("n", 5, ">="), Log("z", "x", "n"),
        Wait("shutter", "Open", ">=", timeout=60, error_handler=CONTINUE), Log("z", "x", "n", "shutter"),
        Delay(2), Log("z", "x", "n", "shutter"),
        Log("z", "x", "n", "shutter"),
    ) == [
        ["x", "Wait For", "Value", "Or Time"],
        [1, "n", 5, None],
        [None, "shutter", "Open", 60],
        [None, "seconds", 2, None],
        [None, "seconds", 0, None],
    ]  # fmt: skip


def test_commands_in_parallel_get_their_prefix():
    limits = {"timeout": 5, "error_handler": CONTINUE}
    assert back(
        Parallel(Set("x", 1), Loop("y", 1, 2, 0.5)), Parallel(Set("x", 2)), Log("x", "y"),
        Parallel(Set("y", 3), **limits), Log("x", "y"),
    ) == [
        ["+p x", "+p y", "Wait For", "Value", "Or Time"],
        [1, "loop(1, 2, 0.5)", None, None, None],
        [2, None, "completion", None, None],
        [None, 3, "completion", None, 5],
    ]  # fmt: skip


def test_a_loop_holds_what_is_right_of_it():
    assert back(Loop("x", 1, 2, 1, Set("y", 1), Delay(1), Log("x", "y"), Set("y", 2)), Set("x", 9)) == [
        ["x", "y", "Wait For", "Value", "y"],
        ["loop(1, 2, 1)", 1, "seconds", 1, 2],
        [9, None, None, None, None],
    ]  # fmt: skip


def test_prefixes_are_found_from_the_settings():
    assert back(
        Set("row", 1), Set("motor1", 1, completion=True, readback=True, timeout=9), Set("motor2", 1),
        Set("x", 1, completion=True), settings=SITE,
    ) == [["motor1", "-cr motor2", "+c x"], [1, 1, 1]]  # fmt: skip
    assert back(Set("comment", 1, completion=True)) == [["+c comment"], [1]]


def test_no_commands_are_an_empty_table():
    assert back() == [[]]
    assert back(Comment("# End")) == [[]]
    assert TableScan.from_commands([Comment("# End")]).to_table().rows == ()


def test_comments_like_those_of_rows_may_be_comments():
    assert back(Comment("# Line 2"), Comment("x")) == [["Comment"], ["# Line 2"], ["x"]]
    assert back(Set("x", 1), Comment("# End")) == [["x", "Comment"], [1, "# End"]]


@pytest.mark.parametrize(
    ("commands", "address", "reason"),
    [
        ([Set("x", 1), If("x", ">", 1)], 1, "no cells for If"),
        ([Set("x", 1), Delay(1)], 1, "put a Log behind it"),
        ([Wait("n", 1, ">="), Set("x", 1)], 0, "put a Log behind it"),
        ([Delay(0), Log("x")], 0, "more than 0 seconds"),
        ([Delay(1, error_handler="X"), Log("x")], 0, "without an error handler"),
        ([Wait("n", ["a"], "in"), Log("n")], 0, "cannot hold"),
        ([Wait("Seconds", 1, ">="), Log("Seconds")], 0, "cannot hold"),
        ([Wait("n", 1, "<"), Log("n")], 0, "give settings="),
        ([Wait("+x n", 1, ">="), Log("+x n")], 0, "give settings="),
        ([Set("x", 1, readback="y")], 0, "give settings="),
        ([Set("+x y", 1)], 0, "give settings="),
        ([Set("Value", 1, readback="y")], 0, "give settings="),
        ([Loop("+x y", 1, 2, 1)], 0, "give settings="),
        ([Set("x", 1), Log("y")], 1, "a table would log x here"),
        ([Set("x", 1), Log("x", "x")], 1, "a table would make Log('x') here"),
        ([Delay(1), Set("x", 1), Log("y", "x")], 1, "would make Log('y') here"),
        ([Comment(" x")], 0, "blanks"),
        ([Comment("")], 0, "not empty"),
        ([Parallel()], 0, "holds no commands"),
        ([Parallel(Set("x", 1), timeout=5)], 0, "OnErrorContinue"),
        ([Parallel(Set("x", 1), Delay(1))], 0, "no more than Set"),
        ([Parallel(Loop("x", 1, 2, 1, Set("y", 1)))], 0, "without a body"),
        ([Loop("x", 1, 2, 1, Loop("y", 1, 2, 1), Set("z", 1))], 2, "row of its own"),
        ([Loop("x", 1, 2, 1, Parallel(Set("y", 1)), Parallel(Set("y", 1)))], 3, "row of its own"),
        ([Parallel(Set("x", 1), Set("+y z", 1))], 2, "give settings="),
        ([Comment("# Line 1"), Comment("# Line 2"), Set("x", 1), Comment("# End")], 0, "would make"),
        ([Loop("x", 0, 9, 1, [Set("y", i) for i in range(300)])], 250, "more than 250 columns"),
    ],
)  # fmt: skip
def test_the_first_command_that_no_table_makes_is_named(commands, address, reason):
    with pytest.raises(NotTabular) as refusal:
        TableScan.from_commands(commands)
    assert reason in refusal.value.reason
    assert refusal.value.address == address
    assert str(refusal.value).startswith(f"command {address}, ")
