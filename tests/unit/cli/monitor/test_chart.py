"""Plots as text, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk.cli._monitor.chart import JOINED, draw, format_ticks, ticks

sizes = {"width": 40, "height": 12, "x_name": "motor", "y_name": "counts"}


def drawn(x, y, **size):
    return draw(np.array(x, float), np.array(y, float), **{**sizes, **size})


def whole(chart):
    rows = [gutter + area for gutter, area in zip(chart.gutter, chart.area, strict=True)]
    return [chart.above, *rows, *chart.below]


@given(st.lists(st.tuples(st.floats(), st.floats())), st.integers(0, 90), st.integers(0, 30))
def test_any_numbers_are_drawn_in_the_size_that_was_asked_for(points, width, height):
    x, y = np.array(points, float).reshape(-1, 2).T
    chart = draw(x, y, width=width, height=height, x_name="x", y_name="y")
    finite = [point for point in points if all(abs(value) <= 1e300 for value in point)]
    if chart is None:
        assert not finite or width < 24 or height < 6
        return
    assert chart.left_out == len(points) - len(finite)
    assert [len(line) for line in whole(chart)] == [width] * height
    assert any(line.strip() for line in chart.area)


@given(st.floats(-1e300, 1e300), st.floats(1e-290, 1e300), st.integers(1, 20))
def test_ticks_are_within_limits_rise_and_differ_as_texts(low, span, most):
    high = low + span
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return
    found = ticks(low, high, most)
    step = (high - low) * 1e-6
    assert 1 <= len(found) <= most + 1
    assert all(low - step <= value <= high + step for value in found)
    assert found == sorted(set(found))
    assert len(set(format_ticks(found))) == len(found)


@pytest.mark.parametrize(
    ("limits", "texts"),
    [
        ((0, 10), ["0", "2", "4", "6", "8", "10"]),
        ((-0.1, 0.1), ["-0.10", "-0.05", "0.00", "0.05", "0.10"]),
        ((1e6, 3e6), ["1.0e6", "1.5e6", "2.0e6", "2.5e6", "3.0e6"]),
        ((1e-7, 3e-7), ["1.0e-7", "1.5e-7", "2.0e-7", "2.5e-7", "3.0e-7"]),
        ((1000.001, 1000.003), ["1000.0010", "1000.0015", "1000.0020", "1000.0025", "1000.0030"]),
    ],
)
def test_numbers_at_an_axis_have_the_digits_that_they_need(limits, texts):
    assert format_ticks(ticks(*limits, 5)) == texts


def test_a_line_goes_from_corner_to_corner_below_its_names():
    chart = drawn([0, 10], [0, 100])
    assert chart.above.startswith("counts")
    assert chart.below[-1].strip() == "motor"
    assert chart.area[0].endswith("•")
    assert chart.area[-1].startswith("•")
    assert all(line.strip() for line in chart.area)  # no gaps on the way
    assert chart.gutter[0] == "100┤"
    assert chart.gutter[-1] == "  0┤"


def test_a_number_that_is_none_breaks_the_line():
    joined = "".join(drawn([0, 1, 2], [0, 0, 0]).area)
    broken = "".join(drawn([0, 1, 2], [0, math.nan, 0]).area)
    assert sum(char != " " for char in joined) > 30
    assert broken.count("•") == 2
    assert sum(char != " " for char in broken) == 2


def test_many_points_are_dots_that_are_not_joined():
    x = np.arange(JOINED + 1) % 2
    area = "".join(drawn(x, x).area)
    assert sum(char != " " for char in area) == 2


@pytest.mark.parametrize("value", [0, 5, -3e-308, 1e300, 1e-5])
def test_one_point_stands_in_the_middle_and_its_axes_have_numbers(value):
    chart = drawn([value], [value])
    rows = [row for row, line in enumerate(chart.area) if line.strip()]
    assert rows in ([3], [4])
    assert any("┤" in line for line in chart.gutter)


@pytest.mark.parametrize(("x", "y"), [([], []), ([math.nan], [1]), ([1], [math.inf])])
def test_nothing_to_draw_is_no_chart(x, y):
    assert drawn(x, y) is None


def test_a_million_points_are_drawn_each():
    x = np.linspace(0, 1, 1_000_000)
    chart = drawn(x, np.sin(20 * x), width=120, height=40)
    assert all(any(line[column] != " " for line in chart.area) for column in range(len(chart.area[0])))
