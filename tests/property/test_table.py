"""Any table gives commands or says what is wrong; the commands are right, and go back into a table."""

from __future__ import annotations

import contextlib
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from scan_sdk import (
    CellProblem,
    CommandSequence,
    Comment,
    Delay,
    InvalidTable,
    Log,
    Loop,
    NotTabular,
    Parallel,
    Set,
    TableScan,
    Wait,
)
from scan_sdk.compose.cells import CellError, read_cell, write_cell
from scan_sdk.testing.strategies import command_sequences

FRAGMENTS = st.lists(
    st.sampled_from([*"()[],'\" 0123456789.+-eE:", "loop(", "Range(", "nan", "inf", "1e999", "x"]),
    max_size=12,
).map("".join)
CELLS = st.one_of(
    FRAGMENTS,
    st.text(max_size=8),
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.times(),
    st.timedeltas(),
    st.datetimes(),
    st.lists(st.floats() | st.text(max_size=3), max_size=3),
    st.sampled_from(
        ["seconds", "time", "Completion", "counts", "00:01:00", "loop(1,3)", "[1, 'a']", "range(2)"]
    ),
)
HEADERS = st.one_of(
    st.sampled_from(["x", "+p x", "+p y", "-c z", "Comment", "Wait For", "value", "Or Time", "Special", ""]),
    CELLS,
)
NUMBERS = st.floats(-1e6, 1e6)


def special(value):
    return Delay(value) if isinstance(value, float) else [Comment(value)]


@given(st.lists(HEADERS, max_size=7), st.lists(st.lists(CELLS, max_size=8), max_size=4))
@example(
    ["Wait For", "Value", "Or Time"], [["seconds", "9" * 400 + ":00", ""], ["x", 1, "9" * 400 + ":00:00"]]
)
def test_any_table_gives_commands_or_every_problem(headers, rows):
    scan = TableScan(headers, rows, special={"Special": special}, stop=Comment("stop"))
    assert str(scan)
    problems, commands = (), CommandSequence()
    try:
        commands = scan.commands()
    except InvalidTable as error:
        problems = error.problems
    assert all(isinstance(problem, CellProblem) and problem.reason for problem in problems)
    assert len(set(problems)) == len(problems)
    assert bool(problems) != bool(commands)
    assert CommandSequence.from_xml(commands.to_xml()) == commands


@given(FRAGMENTS | st.text())
def test_any_text_is_a_cell_or_is_refused_with_a_reason(text):
    with contextlib.suppress(CellError):
        read_cell(text)
    assert read_cell(write_cell(text)) == text


@given(
    st.integers(-1000, 1000),
    st.integers(1, 60),
    st.sampled_from(["1", "0.1", "-0.1", "0.25", "1e-3", "7", "-3"]),
)
def test_a_range_has_as_many_values_as_steps_lead_to_its_stop(start, count, step):
    size = float(step)
    stop = start + count * size
    values = read_cell(f"range({start}, {stop!r}, {step})")
    assert isinstance(values, tuple)
    assert len(values) == count
    assert all(abs(value - (start + index * size)) < 1e-9 for index, value in enumerate(values))


COLUMNS = ("x", "+p y", "+p z", "Comment", "Wait For", "Value", "w")
SIMPLE = st.none() | NUMBERS | st.sampled_from(["Open", "(a"]) | st.lists(NUMBERS, min_size=1, max_size=3)
STEPPED = SIMPLE | st.just("loop(1, 3, 0.5)")


@st.composite
def rows(draw):
    """Draw a row that is right: what each column holds, as the model below knows it."""
    condition = draw(st.sampled_from([None, "seconds", "counts", "completion"]))
    y, z = draw(SIMPLE), draw(SIMPLE)
    comment = draw(st.none() | st.sampled_from(["note", "[x"]))
    if condition == "completion":
        y, comment = draw(NUMBERS), None
    value = None if condition in {None, "completion"} else draw(st.integers(1, 9))
    return [draw(STEPPED), y, z, comment, condition, value, draw(STEPPED)]


def written(cell):
    return "'(a'" if cell == "(a" else cell


def modelled(table):  # noqa: C901  # it stays one recursion, which is what makes it plain
    """Return the commands of a table by a plain recursion over its columns."""
    used, commands = {}, []

    def column(cells, index, parallel):  # noqa: PLR0911  # likewise
        if index == len(COLUMNS):
            return [Parallel(parallel)] if parallel else []
        header, cell = COLUMNS[index], cells[index]
        if cell is None or header == "Value":
            return column(cells, index + 1, parallel)
        before = [Parallel(parallel)] if parallel else []
        if header.startswith("+p "):
            used[header[3:]] = True
            return column(cells, index + 1, [*parallel, Set(header[3:], cell)])
        if header == "Comment":
            return [*before, Comment(cell), *column(cells, index + 1, [])]
        if header == "Wait For":
            value = cells[index + 1]
            wait = {"seconds": [Delay(value or 0)], "counts": [Wait("counts", value or 0, ">=")]}.get(
                cell, []
            )
            if cell == "counts":
                used["counts"] = True
            log = [Log(*used)] if used else []
            return [*before, *wait, *log, *column(cells, index + 1, [])]
        used[header] = True
        if cell == "loop(1, 3, 0.5)":
            return [*before, Loop(header, 1, 3, 0.5, column(cells, index + 1, []))]
        return [*before, Set(header, cell), *column(cells, index + 1, [])]

    for row in table:
        for cells in product(*(cell if isinstance(cell, list) else [cell] for cell in row)):
            commands += column(cells, 0, [])
    return commands


@given(st.lists(rows(), max_size=4))
def test_the_commands_are_those_of_a_plain_model(table):
    written_table = [
        [
            list(map(written, c)) if isinstance(c, list) else written(c) if i != 3 else c
            for i, c in enumerate(row)
        ]
        for row in table
    ]
    scan = TableScan(COLUMNS, written_table, line_comments=False)
    assert list(scan) == modelled(table)


@given(st.lists(rows(), max_size=4), st.booleans(), st.sampled_from([(), ("neutrons", "w")]))
def test_the_commands_of_a_table_go_back_into_one(table, line_comments, log_always):
    written_table = [
        [c if i == 3 or isinstance(c, list) else written(c) for i, c in enumerate(row)] for row in table
    ]
    scan = TableScan(COLUMNS, written_table, line_comments=line_comments, log_always=log_always)
    again = TableScan.from_commands(scan)
    assert again.commands() == scan.commands()


@given(command_sequences())
def test_any_commands_become_a_table_that_makes_them_or_are_refused(scan):
    with contextlib.suppress(NotTabular):
        assert TableScan.from_commands(scan).commands() == scan
