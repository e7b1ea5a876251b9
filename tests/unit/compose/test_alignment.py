"""An alignment as a value: its commands, what it refuses, and what it makes of data."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from matplotlib.figure import Figure
from pydantic import ValidationError

from scan_sdk import (
    Alignment,
    AlignmentFailed,
    AlignmentResult,
    Comment,
    Delay,
    DeviceLog,
    DeviceRule,
    Log,
    Loop,
    MissingExtra,
    ScanData,
    ScanSettings,
    Set,
    Wait,
)
from scan_sdk.compose import fit

X = np.linspace(0, 10, 41)
PEAK = 100 * np.exp(-(((X - 4) / 0.8) ** 2) / 2)


def log(name, values, first=0):
    serials = np.arange(first, first + len(values))
    return DeviceLog(name, serials, 1000 * serials, values)


def data(**values):
    return ScanData([log(name, found) for name, found in values.items()])


def alignment(**options):
    return Alignment("x", 0, 10, 0.25, signal="n", **options)


def refusal(found, logged):
    with pytest.raises(AlignmentFailed) as caught:
        found.fit(logged)
    assert caught.value.data is logged
    assert caught.value.device == "x"
    return caught.value.reason


# -- commands -----------------------------------------------------------------------------------------------


def test_by_default_each_position_is_reached_and_the_signal_logged():
    [loop] = alignment().commands()
    assert loop == Loop("x", 0, 10, 0.25, Log("x", "n"), completion=True)
    assert list(alignment()) == [loop]


@pytest.mark.parametrize("step", [0.5, -0.5])
def test_the_scan_goes_from_the_first_to_the_last_position_whatever_the_sign_of_the_step(step):
    [up] = Alignment("x", 0, 10, step, signal="n").commands()
    [down] = Alignment("x", 10, 0, step, signal="n").commands()
    assert (up.start, up.end, up.step) == (0, 10, 0.5)
    assert (down.start, down.end, down.step) == (10, 0, -0.5)


def test_commands_stand_where_they_are_asked_for():
    found = alignment(
        wait=2, pre=[Set("shutter", 1)], post=Set("shutter", 0), start=[[Comment("a")]], stop=Comment("b")
    )
    body = [Comment("a"), Delay(2), Comment("b"), Log("x", "n")]
    loop = Loop("x", 0, 10, 0.25, body, completion=True)
    assert list(found.commands()) == [Set("shutter", 1), loop, Set("shutter", 0)]


def test_settings_say_how_devices_are_written_and_waited_for():
    settings = ScanSettings(
        [
            DeviceRule("x", readback="x.RBV", tolerance=0.01, timeout=30),
            DeviceRule("monitor", comparison="increase by", timeout=60),
        ]
    )
    found = Alignment("+c x", 0, 5, 1, signal="n", wait=("monitor", 1000), settings=settings)
    body = [Wait("monitor", 1000, "increase by", timeout=60), Log("x", "n", "monitor")]
    loop = Loop("x", 0, 5, 1, body, completion=True, readback="x.RBV", tolerance=0.01, timeout=30)
    assert list(found.commands()) == [loop]
    assert found.device_name == "x"
    write = Set("x", 2, completion=True, readback="x.RBV", tolerance=0.01, timeout=30)
    assert list(found.move(2)) == [write, Log("x")]


def test_a_readback_is_compared_to_a_tenth_of_the_step_where_nothing_is_said():
    found = alignment(settings=ScanSettings([DeviceRule("x", readback=True)]))
    assert list(found.move(2)) == [Set("x", 2, readback="x", tolerance=0.025), Log("x")]


def test_trap_27_devices_are_logged_in_the_same_order_each_time_and_once():
    names = ["temperature", "n", "beam", "x"]
    found = alignment(monitor="beam", wait=("beam", 10), log_always=names)
    [loop] = found.commands()
    assert loop.body[-1] == Log("x", "n", "beam", "temperature")
    assert names == ["temperature", "n", "beam", "x"]


def test_devices_to_log_and_settings_are_given_as_to_a_table():
    assert alignment(log_always="beam") == alignment(log_always=["beam"])
    assert alignment(settings=None) == alignment()


def test_it_is_a_value():
    settings = ScanSettings([DeviceRule("x", completion=True)])
    found = alignment(method="edge", wait=("beam", 5), start=Set("n", 0), settings=settings)
    assert eval(repr(found)) == found
    assert found != alignment()
    assert repr(alignment()) == "Alignment('x', 0, 10, 0.25, signal='n')"
    with pytest.raises(ValidationError):
        found.step = 1


@pytest.mark.parametrize("position", [-0.001, 10.001, float("nan")])
def test_it_never_moves_out_of_the_scanned_range(position):
    for found in (alignment(), Alignment("x", 10, 0, 1, signal="n")):
        with pytest.raises(ValueError, match="not in the scanned range of 'x', 0 to 10"):
            found.move(position)


@pytest.mark.parametrize(
    ("arguments", "options", "hint"),
    [
        (("x", 0, 10, 0), {}, "step 0 never reaches the last position"),
        (("x", 0, 10, 4), {}, "a fit needs 5 positions, and there are 4: give a smaller step"),
        (("x", 3, 3, 1), {}, "a fit needs 5 positions, and there are 1"),
        (("x", 0, float("inf"), 1), {}, "give a finite number"),
        (("x", 0, 1e300, 1e-300), {}, "more than 2147483646 steps"),
        (("n", 0, 10, 1), {}, "the signal is the device itself"),
        (("+c n", 0, 10, 1), {}, "the signal is the device itself"),
        (("+y x", 0, 10, 1), {}, r"'\+y' is no prefix"),
        (("", 0, 10, 1), {}, "the name of the device is missing"),
        (("x", 0, 10, 1), {"method": "peak"}, 'give method="gaussian", "edge" or "centre of mass"'),
        (("x", 0, 10, 1), {"wait": "beam"}, r"a device and what it is to reach: \('neutrons', 1000\)"),
        (("x", 0, 10, 1), {"wait": -1}, "give a time in seconds"),
        (("x", 0, 10, 1), {"wait": ("+y beam", 1)}, r"'\+y' is no prefix"),
        (("x", 0, 10, 1), {"start": "beam"}, "give commands such as Set"),
        (("x", 0, 10, 1), {"log_always": 5}, "give names of devices: 'motor_y'"),
        (("x", 0, 10, 1), {"monitr": "beam"}, "did you mean 'monitor'"),
    ],
)
def test_what_cannot_be_right_is_refused_before_the_beam_is_wasted(arguments, options, hint):
    with pytest.raises(ValidationError, match=hint):
        Alignment(*arguments, signal="n", **options)


def test_a_missing_scipy_is_told_before_the_scan(monkeypatch):
    monkeypatch.setattr(fit, "find_spec", lambda _: None)
    alignment(method="centre of mass")
    with pytest.raises(MissingExtra):
        alignment()


# -- fitting ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["gaussian", "centre of mass"])
@pytest.mark.parametrize("turn", [1, -1])
def test_the_position_is_found_whichever_way_the_scan_went(method, turn):
    found = alignment(method=method).fit(data(x=X[::turn], n=PEAK[::turn]), scan_id=7)
    assert found.position == pytest.approx(4, abs=0.01)
    assert (found.device, found.signal, found.method) == ("x", "n", method)
    assert found.last_position == X[::turn][-1]
    assert (found.scan_id, found.moved, found.move_id) == (7, False, None)
    assert np.array_equal(found.x, X[::turn])
    assert np.array_equal(found.y, PEAK[::turn])
    assert found.curve([found.position, -1e9]) == pytest.approx(
        [found.background + found.height, found.background]
    )


def test_the_signal_is_divided_by_the_monitor():
    beam = np.linspace(1, 5, 41)
    found = alignment(monitor="beam").fit(data(x=X, n=PEAK * beam, beam=beam))
    assert found.position == pytest.approx(4)
    assert found.height == pytest.approx(100)
    assert found.signal == "n / beam"


def test_samples_without_beam_or_without_a_number_are_left_out():
    beam = np.ones(41)
    beam[[5, 20]] = 0, -1
    n = PEAK.copy()
    n[[8, 9]] = np.nan, np.inf
    x = X.copy()
    x[12] = np.nan
    found = alignment(monitor="beam").fit(data(x=x, n=n, beam=beam))
    assert found.position == pytest.approx(4)
    assert len(found.x) == len(found.y) == 36


def test_samples_count_at_the_last_position_where_log_commands_differ():
    positions = DeviceLog("x", 2 * np.arange(41), np.arange(41), X)
    signal = DeviceLog("n", 2 * np.arange(41) + 1, np.arange(41), PEAK)
    assert alignment().fit(ScanData([positions, signal])).position == pytest.approx(4)


def test_a_signal_from_before_the_first_position_is_left_out():
    found = alignment().fit(ScanData([log("x", X, first=1), log("n", [9e9, *PEAK])]))
    assert found.position == pytest.approx(4)


@pytest.mark.parametrize(
    ("logged", "reason"),
    [
        ({}, "'x' was not logged, but nothing"),
        ({"x": X}, "'n' was not logged, but x"),
        ({"n": PEAK, "y": X}, "'x' was not logged, but n, y"),
        ({"x": [], "n": []}, "the signal has numbers at 0 positions"),
        ({"x": X[:4], "n": PEAK[:4]}, "the signal has numbers at 4 positions, and a fit needs 5 at least"),
        ({"x": X, "n": ["off"] * 41}, "'n' holds text, and a fit needs numbers"),
        ({"x": X, "n": [[1.0, 2.0]] * 41}, "'n' holds rows of numbers, and a fit needs numbers"),
        ({"x": ["here"] * 41, "n": PEAK}, "'x' holds text"),
        ({"x": X, "n": [np.nan] * 41}, "the signal has numbers at 0 positions"),
        ({"x": X, "n": [3.0] * 41}, "the signal is flat: 3 at all positions"),
        ({"x": X, "n": np.exp(-X)}, "perhaps at lower positions"),
        ({"x": X + 100, "n": PEAK}, "by what was logged it is at 104, and 0 to 10 was to be scanned"),
    ],
)
def test_data_that_do_not_tell_are_refused_with_the_reason(logged, reason):
    assert reason in refusal(alignment(), data(**logged))


def test_a_monitor_that_was_not_logged_is_named():
    assert "'beam' was not logged, but x, n" in refusal(alignment(monitor="beam"), data(x=X, n=PEAK))


@pytest.mark.parametrize(
    ("x", "last"),
    [([1.0, 2.0, np.nan], 2.0), ([np.nan], None), (["a"], None), ([[1.0]], None), ([], None)],
)
def test_an_error_tells_where_the_device_was_last(x, last):
    with pytest.raises(AlignmentFailed) as caught:
        alignment().fit(data(x=x, n=[1.0] * len(x)), scan_id=3)
    assert caught.value.last_position == last
    assert caught.value.scan_id == 3
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.data == caught.value.data


# -- results ------------------------------------------------------------------------------------------------


def result(**changes):
    found = {
        "device": "x",
        "signal": "n",
        "method": "gaussian",
        "position": 4.0,
        "width": 2.0,
        "height": 100.0,
        "background": 1.0,
        "quality": 0.987,
        "uncertainty": fit.Uncertainty(0.0123, 0.1, 1, 1),
        "x": X,
        "y": PEAK,
        "last_position": 10.0,
    }
    return AlignmentResult(**{**found, **changes})


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "x: peak of n at 4 ± 0.012, width 2, height 100, quality 0.99; not moved, last at 10"),
        ({"moved": True}, "x: peak of n at 4 ± 0.012, width 2, height 100, quality 0.99; moved there"),
        ({"height": -5.0}, "x: dip of n at 4 "),
        ({"method": "edge"}, "x: rising edge of n at 4 "),
        ({"method": "edge", "height": -5.0}, "x: falling edge of n at 4 "),
        ({"method": "centre of mass", "uncertainty": None}, "x: centre of mass of n at 4, width 2"),
    ],
)
def test_a_result_is_told_in_a_line(changes, text):
    assert str(result(**changes)).startswith(text)
    assert "\n" not in str(result(**changes))


def test_a_result_survives_pickling():
    found = pickle.loads(pickle.dumps(result()))
    assert str(found) == str(result())
    assert np.array_equal(found.y, PEAK)


def test_a_result_is_drawn_with_its_points_its_curve_and_its_position():
    ax = result(signal="n / $beam").plot(ax=Figure().subplots(), title="$Alignment")
    points, curve, position = ax.get_lines()
    assert np.array_equal(points.get_xdata(), X)
    assert np.array_equal(points.get_ydata(), PEAK)
    assert curve.get_ydata().max() == pytest.approx(101, abs=0.1)
    assert set(position.get_xdata()) == {4.0}
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x", "n / $beam", "$Alignment")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["n / $beam", "fit", "4"]
    ax.figure.savefig("/dev/null", format="png")


def test_a_result_without_axes_is_drawn_in_a_new_figure():
    from matplotlib import pyplot as plt

    ax = result().plot()
    assert ax.get_title() == ""
    plt.close("all")
