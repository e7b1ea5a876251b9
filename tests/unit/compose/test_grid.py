"""Scans over grids: what they become, what is known beforehand, and what the server makes of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk import (
    CommandSequence,
    Comment,
    Delay,
    DeviceRule,
    GridScan,
    InvalidSettings,
    Log,
    Loop,
    Range,
    ScanSettings,
    Set,
    Values,
)

if TYPE_CHECKING:
    from scan_sdk import Command, ScanClient
    from scan_sdk.compose.grid import Axis


def built(scan: GridScan) -> list[Command]:
    return list(scan.commands())


# What it becomes


def test_a_range_is_a_loop_that_logs_its_device() -> None:
    assert built(GridScan(Range("x", 1, 10))) == [Loop("x", 1, 10, 1, Log("x"))]


def test_axes_are_inside_of_one_another_and_the_innermost_logs_all_devices() -> None:
    scan = GridScan(Range("x", 1, 10), Range("y", 1, 5, 0.2), log=["counts", "time"])
    assert built(scan) == [Loop("x", 1, 10, 1, Loop("y", 1, 5, 0.2, Log("x", "y", "counts", "time")))]
    assert scan.logged == ("x", "y", "counts", "time")
    assert scan.devices == ("x", "y")


def test_commands_stand_where_they_are_given() -> None:
    scan = GridScan(
        Comment("once"),
        Range("x", 1, 2),
        [Set("shutter", 1), (Delay(1),)],
        Range("y", 1, 2),
        Set("a", 1),
        at_each=[Set("b", 1)],
        log="n",
    )
    inner = Loop("y", 1, 2, 1, Set("a", 1), Set("b", 1), Log("x", "y", "n"))
    assert built(scan) == [Comment("once"), Loop("x", 1, 2, 1, Set("shutter", 1), Delay(1), inner)]


def test_values_are_sets_with_all_that_is_inside() -> None:
    scan = GridScan(Values("sample", ["A", 2]), Range("x", 1, 2))
    loop = Loop("x", 1, 2, 1, Log("sample", "x"))
    assert built(scan) == [Set("sample", "A"), loop, Set("sample", 2), loop]


def test_values_inside_of_a_range_stand_in_its_loop() -> None:
    log = Log("x", "sample")
    assert built(GridScan(Range("x", 1, 2), Values("sample", [1, 2]))) == [
        Loop("x", 1, 2, 1, Set("sample", 1), log, Set("sample", 2), log)
    ]


def test_a_range_that_snakes_alternates_on_the_server_and_begins_at_its_start() -> None:
    scan = GridScan(Range("x", 1, 3), Range("y", 0, 5, snake=True), Range("z", 5, 0, -1, snake=True))
    inner = Loop("z", 0, 5, -1, Log("x", "y", "z"))
    assert built(scan) == [Loop("x", 1, 3, 1, Loop("y", 5, 0, 1, inner))]


def test_a_range_that_snakes_inside_of_values_begins_where_the_run_before_ended() -> None:
    scan = GridScan(Values("s", [1, 2, 3]), Range("y", 0, 2, snake=True))
    forth, back = (Loop("y", start, end, step, Log("s", "y")) for start, end, step in [(2, 0, 1), (0, 2, -1)])
    assert built(scan) == [Set("s", 1), forth, Set("s", 2), back, Set("s", 3), forth]


def test_a_range_around_values_that_snake_is_written_out() -> None:
    scan = GridScan(Range("x", 1, 2), Values("s", [5, 6], snake=True))
    log = Log("x", "s")
    rows = [[(1, 5), (1, 6)], [(2, 6), (2, 5)]]
    written = [[Set("x", row[0][0]), [[Set("s", value), log] for _, value in row]] for row in rows]
    assert scan.commands() == CommandSequence(written)


def test_devices_are_logged_in_the_order_of_log_where_it_names_the_axes_too() -> None:
    assert GridScan(Range("x", 1, 2), Range("y", 1, 2), log=["n", "x", "n"]).logged == ("y", "n", "x")


SITE = ScanSettings(
    [
        DeviceRule("x|s", completion=True, readback=lambda name: f"{name}.RBV", timeout=9),
        DeviceRule("y", readback=True, tolerance=3),
    ]
)


def test_axes_are_moved_as_the_settings_say() -> None:
    scan = GridScan(Range("x", 1, 2, 0.5), Values("s", [1]), Range("-r y", 1, 2), log="+c n", settings=SITE)
    inner = Loop("y", 1, 2, 1, Log("x", "s", "y", "n"))
    outer = Set("s", 1, completion=True, readback="s.RBV", timeout=9)
    assert built(scan) == [
        Loop("x", 1, 2, 0.5, outer, inner, completion=True, readback="x.RBV", tolerance=0.05, timeout=9)
    ]
    assert scan.devices == ("x", "s", "y")


def test_a_range_that_is_written_out_has_the_tolerance_of_its_loop() -> None:
    scan = GridScan(Range("x", 1, 1, 0.5), Range("y", 1, 1), Values("-r s", [1], snake=True), settings=SITE)
    first, second, *_ = built(scan)
    assert first == Set("x", 1, completion=True, readback="x.RBV", tolerance=0.05, timeout=9)
    assert second == Set("y", 1, readback=True, tolerance=3)


def test_trap_27_lists_of_the_caller_stay_as_they_are() -> None:
    commands, each, log, values = [Set("a", 1)], [Set("b", 1)], ["n"], [1.0, 2.0]
    scan = GridScan(commands, Values("x", values), at_each=each, log=log)
    built(scan)
    assert (commands, each, log, values) == ([Set("a", 1)], [Set("b", 1)], ["n"], [1.0, 2.0])
    commands.clear()
    values.clear()
    assert built(scan)[0] == Set("a", 1)
    assert scan.points == 2


def test_a_grid_shows_itself_as_python_that_builds_it_again() -> None:
    scan = GridScan(
        Comment("begin"),
        Range("x", 1, 10, 0.5, snake=True),
        Values("s", ["A", 1]),
        at_each=Delay(1),
        log="n",
        settings=ScanSettings([DeviceRule("x", completion=True)]),
    )
    names = {
        kind.__name__: kind for kind in (GridScan, Range, Values, ScanSettings, DeviceRule, Comment, Delay)
    }
    again = eval(repr(scan), names)
    assert repr(again) == repr(scan)
    assert built(again) == built(scan)
    assert repr(GridScan(Range("x", 1, 2))) == "GridScan(Range('x', 1, 2), log=['x'])"


# What is known beforehand


@pytest.mark.parametrize(
    ("axis", "positions"),
    [
        (Range("x", 0, 2), [0, 1, 2]),
        (Range("x", 0, 2.5), [0, 1, 2, 2.5]),
        (Range("x", 2, 0, -0.75), [2, 1.25, 0.5, 0]),
        (Range("x", 5, 5), [5]),
        (Range("x", 5, 5, -1), [5]),
        (Range("x", 0.2, 0.8, 0.1), [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.8]),  # rounding, as the server
        (Values("x", (value for value in "ab")), ["a", "b"]),
        (Values("x", np.linspace(0, 1, 3)), [0, 0.5, 1]),
    ],
)
def test_positions_are_those_of_the_server(axis: Axis, positions: list[float | str]) -> None:
    found = axis.positions()
    assert [x if isinstance(x, str) else pytest.approx(x) for x in found] == positions
    assert axis.count == len(positions)


def test_steps_that_do_not_meet_the_end_have_other_positions_on_the_way_back() -> None:
    assert Range("x", 0, 5, 2).positions(back=True) == (5, 3, 1, 0)
    assert Values("x", [1, 3, 7]).positions(back=True) == (7, 3, 1)


def test_points_and_shape_are_counted_without_going_through_them() -> None:
    scan = GridScan(Range("x", 0, 1e9), Range("y", 0, 1, 0.3), Values("s", [1, 2]))
    assert scan.shape == (1_000_000_001, 5, 2)
    assert scan.points == 10_000_000_010
    assert len(scan.commands()) == 1
    assert [axis.device for axis in scan.axes] == ["x", "y", "s"]


# What is refused


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Range("x", 1, 5, 0), "step 0 never reaches the end"),
        (lambda: Range("x", 1, 5, -1), "the step leads away from the end: turn its sign, and to go back and"),
        (lambda: Range("x", 5, 1, snake=True), "the step leads away from the end"),
        (lambda: Range("x", 0, 5e-324, -5e-324), "the step leads away from the end"),
        (lambda: Range("x", -1e308, 1e308, 1), "more than 2147483646 steps"),
        (lambda: Range("x", 0, math.inf), "give a finite number"),
        (lambda: Range("x", math.nan, 1), "give a finite number"),
        (lambda: Range("x", 0, 1, "1"), "give a finite number"),
        (lambda: Range("", 0, 1), "give the name of a PV"),
        (lambda: Range("x", 0, 1, snaek=True), "Range has no option 'snaek'; did you mean 'snake'?"),
        (lambda: Range("x", 0), "Range needs end"),
        (lambda: Values("x", []), "give a list of finite numbers or texts, at least one"),
        (lambda: Values("x", "abc"), "give a list of finite numbers or texts"),
        (lambda: Values("x", 5), "give a list of finite numbers or texts"),
        (lambda: Values("x", [1, math.nan]), "give a list of finite numbers or texts"),
        (lambda: Values("x", [True]), "give a list of finite numbers or texts"),
        (GridScan, "a grid has an axis"),
        (lambda: GridScan(Set("x", 1), log="x"), "a grid has an axis"),
        (
            lambda: GridScan(Range("x", 1, 2), Values("+c x", [1])),
            "'x' is moved by two axes: leave one of them",
        ),
        (lambda: GridScan(Range("+p x", 1, 2)), "axes move one after the other: leave +p out"),
        (lambda: GridScan(("x", 1, 2)), "give axes such as Range('motor_x', 1, 5), and commands"),
        (lambda: GridScan(Range("x", 1, 2), None), "give axes such as Range('motor_x', 1, 5), and commands"),
        (lambda: GridScan(Range("x", 1, 2), at_each=[Range("y", 1, 2)]), "give commands such as Set"),
        (lambda: GridScan(Range("x", 1, 2), log=["a\0b"]), "give one or more names of devices"),
        (
            lambda: GridScan(Range("x", 1, 1e6), Values("s", [1], snake=True)),
            "axes of values are written out, and that takes 3000000 commands here, of 1000000 at most",
        ),
    ],
)
def test_what_makes_no_grid_is_refused(make: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make()  # type: ignore[operator]
    assert message in str(caught.value)


def test_a_prefix_that_is_not_known_is_named() -> None:
    with pytest.raises(InvalidSettings, match=r"\+q x: '\+q' is no prefix"):
        GridScan(Range("+q x", 1, 2))
    with pytest.raises(InvalidSettings, match="the name of the device is missing"):
        GridScan(Range("x", 1, 2), log="+c")


# What the server makes of it


def test_a_grid_can_be_submitted_and_its_data_reshaped(scan_client: ScanClient) -> None:
    scan = GridScan(
        Range("motor_x", 1, 3, snake=True),
        Values("motor_y", [3, 7, 4.5], snake=True),
        Range("setpoint", 0, 1, 0.5, snake=True),
        log="motor_x.RBV",
        settings=ScanSettings([DeviceRule("motor_.", completion=True, readback=True)]),
    )
    scan_id = scan_client.submit(scan, "Grid")
    scan_client.wait_until_done(scan_id, timeout=60)
    grid = scan_client.get_data(scan_id).grid(*scan.devices, "motor_x.RBV")
    assert grid.dims == scan.devices
    assert grid.shape == scan.shape
    assert grid["motor_y"].values.tolist() == [3, 4.5, 7]
    assert grid["setpoint"].values.tolist() == [0, 0.5, 1]
    assert (grid.values == grid["motor_x"].values[:, None, None]).all()
