"""What is kept of a scan's data for the plot, and how scans are worded."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from scan_sdk import Comment, DeviceLog, Log, Loop, ScanData, ScanInfo, ScanState, Set
from scan_sdk.cli._monitor.dialogs import _completed
from scan_sdk.cli._monitor.samples import Samples, choose_axes, tail
from scan_sdk.cli._monitor.wording import bar, clock, in_order, time_text
from scan_sdk.cli.common import blanked


def log(name, serials, values):
    return DeviceLog(name, serials, [1000 * serial for serial in serials], values)


def samples(*logs):
    found = Samples()
    found.add(ScanData(logs))
    return found


def test_pieces_are_paired_as_the_whole_would_be():
    found = Samples()
    rng = np.random.default_rng(1)
    x = log("x", range(0, 9000, 3), rng.random(3000))
    y = log("y", range(1, 9000, 2), rng.random(4500))
    for begin in range(0, 9000, 500):
        found.add(
            ScanData(
                DeviceLog(one.name, one.serial[mask], one.time[mask], one.value[mask])
                for one in (x, y)
                for mask in [(one.serial >= begin) & (one.serial < begin + 500)]
            )
        )
    table = ScanData([x, y]).table("x", "y")
    sampled = np.isin(table.serial, y.serial)
    across, up = found.points("x", "y")
    assert np.array_equal(across, table.columns[0][sampled])
    assert np.array_equal(up, y.value)


def test_samples_before_the_first_of_the_other_device_are_left_out():
    across, up = samples(log("x", [2], [7.0]), log("y", [1, 2, 3], [1.0, 2.0, 3.0])).points("x", "y")
    assert (across.tolist(), up.tolist()) == ([7, 7], [2, 3])


def test_serials_that_begin_anew_are_put_in_order():
    across, up = samples(log("x", [5, 0], [50.0, 1.0]), log("y", [0, 5], [2.0, 3.0])).points("x", "y")
    assert (across.tolist(), up.tolist()) == ([1, 50], [2, 3])


def test_serial_and_time_can_be_drawn_over_unless_devices_have_these_names():
    found = samples(log("time", [1, 4], [5.0, 6.0]), log("y", [1, 4], [7.0, 8.0]))
    assert found.axes == ("time", "y", "serial")
    assert found.points("serial", "y")[0].tolist() == [1, 4]
    assert found.points("time", "y")[0].tolist() == [5, 6]
    assert samples(log("y", [1, 4], [7.0, 8.0])).points("time", "y")[0].tolist() == [0, 3]


def test_text_is_no_device_to_draw_and_a_gap_between_numbers():
    found = samples(log("t", [1], ["a"]), log("y", [1], [7.0]))
    found.add(ScanData([log("y", [2], ["broken"])]))
    assert found.devices == ("y",)
    assert np.array_equal(found.points("serial", "y")[1], [7, np.nan], equal_nan=True)


@pytest.mark.parametrize(
    ("commands", "names", "axes"),
    [
        ([Loop("x", 1, 3, 1, [Set("n", 0), Log("x", "n")])], ["x", "n"], ("x", "n")),
        ([Loop("y", 1, 3, 1, [Loop("x", 1, 3, 1, Log("x", "y", "n"))])], ["x", "y", "n"], ("x", "n")),
        ([Loop("x", 1, 3, 1, Log("n"))], ["n"], ("serial", "n")),
        ([Loop("x", 1, 3, 1, Log("x"))], ["x"], ("x", "x")),
        ([Comment("x")], ["n", "m"], ("serial", "n")),
        ([], [], None),
    ],
)
def test_the_axes_are_what_is_measured_over_what_the_last_loop_moves(commands, names, axes):
    from scan_sdk import CommandSequence

    every = [command for _, command in CommandSequence(commands).walk()]
    assert choose_axes(every, samples(*(log(name, [1], [1.0]) for name in names))) == axes


def test_the_tail_is_enough_for_the_last_rows():
    piece = ScanData([log("x", range(100), np.arange(100.0)), log("y", [3], [1.0])])
    assert tail(piece, 100) is piece
    short = tail(piece, 5)
    assert short["x"].serial.tolist() == [95, 96, 97, 98, 99]
    assert short["y"].serial.tolist() == [3]


def info(scan_id, state):
    return ScanInfo(
        id=scan_id, name="x", created=datetime.now(UTC), state=state, runtime=timedelta(minutes=5)
    )


def test_what_runs_is_listed_first_then_what_waits_by_turn_then_what_is_done_the_latest_first():
    states = ["Idle", "Idle", "Running", "Finished", "Paused", "Failed"]
    infos = [info(6 - place, ScanState(state)) for place, state in enumerate(states)]
    assert [one.id for one in in_order(infos)] == [2, 4, 5, 6, 3, 1]


def test_times_are_short():
    assert clock(timedelta(seconds=65)) == "1:05"
    assert clock(timedelta(hours=2, seconds=65)) == "2:01:05"
    assert clock(timedelta(days=3, hours=2)) == "3 d 02 h"
    assert clock(timedelta(seconds=-5)) == "0:00"
    assert time_text(info(1, ScanState.FINISHED), None) == "took 5:00"
    assert time_text(info(1, ScanState.RUNNING), None) == "?"


@pytest.mark.parametrize(
    ("fraction", "text"), [(0, "····"), (1, "████"), (2, "████"), (-1, "····"), (0.5, "██··"), (0.53, "██▏·")]
)
def test_a_bar_is_filled_by_eighths(fraction, text):
    assert bar(fraction, 4) == text


def test_control_characters_become_blanks():
    assert blanked("a\x1b[31mb\nc") == "a [31mb c"


def test_a_path_is_completed_by_what_is_on_the_disk(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").touch()
    assert _completed(f"{tmp_path}/fo") == f"{tmp_path}/folder/"
    assert _completed(f"{tmp_path}/") == f"{tmp_path}/folder/"
    assert _completed(f"{tmp_path}/none") is None
    assert _completed(f"{tmp_path}/none/x") is None
    assert _completed("~nobodyhere/x") is None
