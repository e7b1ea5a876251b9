"""The n-dimensional array of a nested-loop scan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import DeviceLog, ScanData


def log(name: str, values: list[float], serials: list[int] | None = None) -> DeviceLog:
    serial = list(range(len(values))) if serials is None else serials
    return DeviceLog(name, serial, [1000 * number for number in serial], values)


def scanned(points: list[tuple[float, ...]]) -> ScanData:
    """Build what a scan logs that comes to points, of axes x, y, ... and counts one more each time."""
    axes = [log("xyz"[index], list(values)) for index, values in enumerate(zip(*points, strict=True))]
    return ScanData([*axes, log("counts", [float(number) for number in range(len(points))])])


NAN = float("nan")


def test_axes_are_the_coordinates_and_inner_loops_that_alternate_are_put_in_order() -> None:
    grid = scanned([(1, 10), (1, 20), (1, 30), (2, 30), (2, 20), (2, 10)]).grid("x", "y", "counts")
    assert (grid.name, grid.dims, grid.dtype) == ("counts", ("x", "y"), np.float64)
    assert grid["x"].values.tolist() == [1, 2]
    assert grid["y"].values.tolist() == [10, 20, 30]
    assert grid.values.tolist() == [[0, 1, 2], [5, 4, 3]]


def test_the_first_axis_is_the_first_dimension() -> None:
    data = scanned([(1, 10), (1, 20), (1, 30), (2, 30), (2, 20), (2, 10)])
    assert data.grid("y", "x", "counts").values.tolist() == [[0, 5], [1, 4], [2, 3]]


def test_a_scan_that_was_ended_early_has_nan_where_it_did_not_come() -> None:
    grid = scanned([(2, 10), (2, 20), (1, 20)]).grid("x", "y", "counts")
    np.testing.assert_array_equal(grid.values, [[NAN, 2], [0, 1]])


def test_of_points_at_one_place_the_last_counts() -> None:
    grid = scanned([(1, 10), (1, 20), (1, 10)]).grid("x", "y", "counts")
    assert grid.values.tolist() == [[2, 1]]


def test_a_point_is_where_the_signal_was_logged_though_axes_are_logged_apart() -> None:
    data = ScanData(
        [
            log("x", [1, 2], [0, 5]),
            log("y", [10, 20, 10, 20], [1, 3, 6, 8]),
            log("counts", [7, 8, 9], [2, 4, 7]),
        ]
    )
    np.testing.assert_array_equal(data.grid("x", "y", "counts").values, [[7, 8], [9, NAN]])


def test_what_was_logged_before_an_axis_is_left_out() -> None:
    data = ScanData([log("x", [1, 2], [1, 2]), log("counts", [7, 8, 9], [0, 1, 2])])
    grid = data.grid("x", "counts")
    assert (grid["x"].values.tolist(), grid.values.tolist()) == ([1, 2], [8, 9])


def test_several_signals_share_their_axes() -> None:
    data = ScanData([log("x", [1, 2, 3]), log("a", [5, 6], [0, 1]), log("b", [7, 8], [1, 2])])
    grid = data.grid("x", signals=["a", "b"])
    np.testing.assert_array_equal(grid["a"].values, [5, 6, NAN])
    np.testing.assert_array_equal(grid["b"].values, [NAN, 7, 8])


def test_rows_have_a_further_dimension() -> None:
    data = ScanData([log("x", [1, 2]), DeviceLog("s", [0, 1], [0, 1], [[1.0, 2.0], [3.0, 4.0]])])
    grid = data.grid("x", "s")
    assert grid.dims == ("x", "s_index")
    assert grid.values.tolist() == [[1, 2], [3, 4]]


def test_an_empty_log_is_an_empty_grid() -> None:
    assert ScanData([log("x", []), log("counts", [])]).grid("x", "counts").shape == (0,)


def test_positions_that_differ_by_rounding_are_one() -> None:
    grid = scanned([(0.1 + 0.2, 1), (0.3, 2), (0.4, 1), (0.4, 2)]).grid("x", "y", "counts")
    assert grid.values.tolist() == [[0, 1], [2, 3]]


def test_unequal_steps_are_no_noise() -> None:
    points = [(x, y) for x in (0.0, 0.001, 0.002, 50.0) for y in (1.0, 2.0)]
    assert scanned(points).grid("x", "y", "counts").shape == (4, 2)


@st.composite
def grids(draw: st.DrawFn) -> tuple[list[np.ndarray], list[tuple[int, ...]]]:
    """Make axes of two or three loops, and the places to which they come, an early end included."""
    lengths = draw(st.lists(st.integers(2, 6), min_size=2, max_size=3))
    axes = [
        draw(st.integers(-50, 50)) + draw(st.sampled_from([0.01, 0.5, 1.0, 7.0])) * np.arange(length)
        for length in lengths
    ]
    places = list(np.ndindex(*lengths))
    if draw(st.booleans()):
        places = [
            (*place[:-1], lengths[-1] - 1 - place[-1] if sum(place[:-1]) % 2 else place[-1])
            for place in places
        ]
    return axes, places[: draw(st.integers(lengths[-1], len(places)))]


@given(grids(), st.sampled_from([0.0, 0.02]), st.integers(0, 2**32 - 1))
def test_noise_of_readbacks_is_told_from_steps(
    found: tuple[list[np.ndarray], list[tuple[int, ...]]], noise: float, seed: int
) -> None:
    axes, places = found
    random = np.random.default_rng(seed)
    points = [
        tuple(
            float(axis[at] + noise * (axis[1] - axis[0]) * random.uniform(-1, 1))
            for axis, at in zip(axes, place, strict=True)
        )
        for place in places
    ]
    names = "xyz"[: len(axes)]
    tolerance = (
        None
        if noise == 0
        else {name: (axis[1] - axis[0]) / 4 for name, axis in zip(names, axes, strict=True)}
    )
    grid = scanned(points).grid(*names, "counts", tolerance=tolerance)
    for number, place in enumerate(places):
        assert grid.values[place] == number
    assert np.isfinite(grid.values).sum() == len(places)


def noisy() -> ScanData:
    random = np.random.default_rng(7)
    points = [
        (x + random.normal(0, 1e-3), y + random.normal(0, 1e-3)) for x in range(1, 11) for y in range(20, 40)
    ]
    return scanned(points)


def test_noise_is_found_out_where_the_steps_are_far_longer() -> None:
    grid = noisy().grid("x", "y", "counts")
    assert grid.values.tolist() == np.arange(200.0).reshape(10, 20).tolist()
    np.testing.assert_allclose(grid["x"], np.arange(1, 11), atol=5e-3)


def test_noise_of_one_axis_leaves_the_two_positions_of_another_alone() -> None:
    random = np.random.default_rng(3)
    points = [(x + random.normal(0, 1e-3), y) for x in (1.0, 2.0, 3.0) for y in (5.0, 5.1)]
    assert scanned(points).grid("x", "y", "counts").values.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_tolerance_may_be_given_for_all_axes_or_one() -> None:
    assert noisy().grid("x", "y", "counts", tolerance=0.1).shape == (10, 20)
    assert noisy().grid("x", "y", "counts", tolerance={"y": 0.1}).shape == (10, 20)
    points = [(1.0, 10.0), (1.4, 20.0), (2.0, 10.0), (2.4, 20.0)]
    with pytest.raises(ValueError, match="'x' does not form a grid"):
        scanned([*points, (3.0, 10.1), (3.4, 20.2)]).grid("x", "y", "counts")
    assert scanned(points).grid("x", "y", "counts", tolerance={"x": 0.45}).shape == (2, 2)


def test_points_that_form_no_grid_are_refused_with_the_axis_and_examples() -> None:
    random = np.random.default_rng(1)
    data = scanned([(number, y) for number, y in zip(random.uniform(0, 1, 9), [1, 2, 3] * 3, strict=True)])
    with pytest.raises(
        ValueError, match=r"^'x' does not form a grid: 9 points .* 'x' 9, 'y' 3; those of 'x' are 0\.14416, "
    ) as caught:
        data.grid("x", "y", "counts")
    assert "..." in str(caught.value)


def test_a_tolerance_in_which_positions_run_into_one_another_is_refused() -> None:
    data = scanned([(number / 10, 1) for number in range(9)])
    with pytest.raises(
        ValueError, match=r"'x' .* within a tolerance of 0\.15 its positions 0, 0.1, .* give a smaller"
    ):
        data.grid("x", "counts", tolerance=0.15)
    with pytest.raises(ValueError, match=r"the tolerance of 'x' is -1\.0: give 0 or more"):
        data.grid("x", "counts", tolerance=-1)
    with pytest.raises(ValueError, match="a tolerance is given for 'y', which is no axis: x"):
        data.grid("x", "counts", tolerance={"y": 1.0})


def test_what_is_no_axis_or_signal_is_refused_by_name() -> None:
    data = ScanData(
        [
            log("x", [1, 2]),
            DeviceLog("t", [0, 1], [0, 1], ["a", "b"]),
            DeviceLog("r", [0, 1], [0, 1], [[1.0], [2.0, 3.0]]),
        ]
    )
    with pytest.raises(ValueError, match="'t' cannot be an axis of a grid: it holds text"):
        data.grid("t", "x")
    with pytest.raises(ValueError, match="'t' cannot be the signal of a grid: it holds text"):
        data.grid("x", "t")
    with pytest.raises(
        ValueError, match="'r' cannot be the signal of a grid: it holds rows of different lengths"
    ):
        data.grid("x", "r")
    with pytest.raises(ValueError, match="'x' is named twice"):
        data.grid("x", "x")
    with pytest.raises(ValueError, match="a grid has axes and a signal"):
        data.grid("x")
    with pytest.raises(ValueError, match="a grid has axes and a signal"):
        data.grid()
    with pytest.raises(KeyError, match="'y' was not logged; logged: x, t, r"):
        data.grid("x", "y")
