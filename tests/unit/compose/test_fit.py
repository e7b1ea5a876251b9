"""Fits of peaks and edges: exact without noise, honest with it, and refused where they would mean nothing."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from scan_sdk.compose import fit
from scan_sdk.compose.fit import Fit, NoFit, evaluate, find
from scan_sdk.errors import MissingExtra

METHODS = ("gaussian", "edge", "centre of mass")
X = np.linspace(0, 10, 41)
SIGNS = st.sampled_from((1, -1))


def bell(x, centre, deviation):
    return np.exp(-(((x - centre) / deviation) ** 2) / 2)


def signal(method, x, centre, deviation):
    return ndtr((x - centre) / deviation) if method == "edge" else bell(x, centre, deviation)


def noise(seed, count=41, deviation=0.05):
    return np.random.default_rng(seed).normal(0, deviation, count)


def reason(method, x, y):
    with pytest.raises(NoFit) as caught:
        find(method, np.asarray(x, float), np.asarray(y, float))
    return str(caught.value)


# -- without noise ------------------------------------------------------------------------------------------


@given(
    method=st.sampled_from(("gaussian", "edge")),
    centre=st.floats(0.3, 0.7),
    deviation=st.floats(0.03, 0.11),
    height=st.floats(0.1, 10),
    sign=SIGNS,
    background=st.floats(-10, 10),
    count=st.integers(40, 90),
    low=st.floats(-1e3, 1e3),
    span=st.floats(1e-6, 1e6),
    unit=st.floats(1e-9, 1e9),
)
def test_what_has_no_noise_is_found_exactly(
    method, centre, deviation, height, sign, background, count, low, span, unit
):
    u = np.linspace(0, 1, count)
    y = unit * (background + sign * height * signal(method, u, centre, deviation))
    found = find(method, (low + u) * span, y)
    width = deviation * (2.5631031 if method == "edge" else 2.3548200)
    assert found.position == pytest.approx((low + centre) * span, abs=1e-6 * span)
    assert found.width == pytest.approx(width * span, rel=1e-5)
    assert found.height == pytest.approx(sign * height * unit, rel=1e-5)
    assert found.background == pytest.approx(background * unit, abs=1e-5 * height * unit)
    assert found.quality == pytest.approx(1)
    assert found.uncertainty.position < 1e-5 * span
    assert np.allclose(evaluate(method, found, (low + u) * span), y, atol=1e-5 * height * unit)


@given(centre=st.floats(2.5, 7.5), deviation=st.floats(0.6, 1.2), sign=SIGNS, background=st.floats(-100, 100))
def test_the_centre_of_mass_of_a_peak_is_within_a_thousandth_of_the_range(
    centre, deviation, sign, background
):
    found = find("centre of mass", X, background + sign * 5 * bell(X, centre, deviation))
    assert found.position == pytest.approx(centre, abs=0.01)
    assert found.width == pytest.approx(2.3548 * deviation, rel=0.15)
    assert found.height == pytest.approx(sign * 5, rel=0.1)
    assert found.quality > 0.98
    assert found.uncertainty is None


def test_the_centre_of_mass_of_a_peak_that_leans_is_beside_its_top():
    y = np.interp(X, [2, 3, 8], [0, 1, 0])
    assert 3.4 < find("centre of mass", X, y).position < 4.4


@given(seed=st.integers(0, 2**32 - 1), method=st.sampled_from(("gaussian", "edge")))
def test_neither_the_order_nor_the_spacing_of_points_matters(seed, method):
    rng = np.random.default_rng(seed)
    x = np.concatenate([X, rng.uniform(0, 10, 40), rng.choice(X, 10)])
    rng.shuffle(x)
    assert find(method, x, signal(method, x, 4.2, 0.8)).position == pytest.approx(4.2, abs=1e-5)


def test_the_curve_of_a_peak_has_its_height_at_the_position_and_half_of_it_at_half_the_width():
    found = Fit(position=3, width=2, height=10, background=1, quality=1)
    assert evaluate("gaussian", found, np.array([2.0, 3, 4])) == pytest.approx([6, 11, 6])
    assert evaluate("edge", found, np.array([-99, 2.0, 3, 4, 99])) == pytest.approx([1, 2, 6, 10, 11])


# -- with noise ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "most"), [("gaussian", 1), ("edge", 3), ("centre of mass", 1.2)])
def test_with_noise_of_five_percent_positions_are_off_by_so_many_percent_of_the_range_at_most(method, most):
    rng = np.random.default_rng(3)
    for seed in range(60):
        centre, deviation, sign = rng.uniform(2.5, 7.5), rng.uniform(0.6, 1.2), rng.choice((-1, 1))
        y = 7 + sign * signal(method, X, centre, deviation) + noise(seed)
        assert abs(find(method, X, y).position - centre) <= most / 100 * 10


@pytest.mark.parametrize("method", ["gaussian", "edge"])
def test_the_uncertainty_is_the_standard_deviation_of_what_is_found(method):
    found = [find(method, X, signal(method, X, 4.6, 1) + noise(seed)) for seed in range(120)]
    for name, true in {"position": 4.6, "height": 1.0, "background": 0.0}.items():
        off = [(getattr(one, name) - true) / getattr(one.uncertainty, name) for one in found]
        assert 0.75 < np.std(off) < 1.3
        assert abs(np.mean(off)) < 0.35


def refused(method, count, times):
    """Return how often noise alone is refused."""
    x = np.linspace(-1, 1, count)
    found = 0
    for seed in range(times):
        try:
            find(method, x, noise(seed, count))
        except NoFit:
            found += 1
    return found


@pytest.mark.parametrize("method", METHODS)
def test_noise_alone_is_no_peak_and_no_edge(method):
    assert refused(method, 21, 20) == 20


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [6, 12, 40, 100])
def test_noise_alone_is_taken_for_a_peak_or_an_edge_twice_in_a_hundred_times_at_most(method, count):
    assert refused(method, count, 300) >= 294


def test_a_hundred_thousand_points_are_no_trouble():
    x = np.linspace(0, 10, 100_000)
    assert find("gaussian", x, bell(x, 5.3, 0.05) + noise(1, len(x))).position == pytest.approx(5.3, abs=1e-3)


# -- edges sharper than the steps ---------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [1, -1])
def test_an_edge_between_two_positions_is_in_their_middle_and_uncertain_by_half_the_step(sign):
    found = find("edge", X, sign * (X > 4.6))
    assert found.position == pytest.approx(4.625, abs=0.01)
    assert found.height == pytest.approx(sign, abs=0.01)
    assert found.uncertainty.position == pytest.approx(0.125)
    assert found.uncertainty.width == pytest.approx(0.25)
    assert found.width < 0.25


def test_an_edge_with_a_point_half_way_up_is_at_that_point():
    y = np.where(X == 5, 0.5, X > 5)
    assert find("edge", X, y).position == pytest.approx(5, abs=0.01)


# -- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_too_few_positions_are_refused(method):
    assert reason(method, [], []).startswith("the signal has numbers at 0 positions")
    assert "at 4 positions, and a fit needs 5" in reason(method, [1, 2, 3, 4, 4, 4], [1, 2, 1, 2, 3, 4])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("slope", [0, 1e-15])
def test_a_flat_signal_is_refused(method, slope):
    assert reason(method, X, 7 + slope * X) == "the signal is flat: 7 at all positions"
    assert reason(method, X, 0 * X) == "the signal is flat: 0 at all positions"


@pytest.mark.parametrize("method", METHODS)
def test_numbers_beyond_what_can_be_reckoned_with_are_refused(method):
    assert reason(method, X, 1.7e308 * (1 - 2 * bell(X, 5, 1))) == "the numbers are too large for a fit"
    assert reason(method, X * 1.7e307 * (-1) ** np.arange(41), X) == "the numbers are too large for a fit"


@pytest.mark.parametrize(("centre", "way"), [(11.5, "higher"), (-1.5, "lower")])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_peak_outside_of_the_range_is_refused_and_the_way_to_it_told(centre, way, sign):
    y = 3 + sign * bell(X, centre, 1.5)
    assert f"perhaps at {way} positions" in reason("gaussian", X, y)
    assert "both its flanks" in reason("centre of mass", X, y)


def test_a_peak_at_an_end_of_the_range_is_found_by_its_flank():
    assert find("gaussian", X, bell(X, 9.9, 1)).position == pytest.approx(9.9)
    assert find("gaussian", X, bell(X, 10, 1)).position <= 10


def test_an_edge_that_goes_on_beyond_the_range_is_refused():
    assert "not all in the scanned range" in reason("edge", X, ndtr((X - 9) / 2))
    assert "not all in the scanned range" in reason("edge", X, X)
    assert "perhaps at higher positions" in reason("edge", X, (X == 10) * 1.0)


@pytest.mark.parametrize("method", ["gaussian", "centre of mass"])
def test_a_reading_that_stands_out_alone_is_no_peak(method):
    for y in ((X == 5) * 1.0, (X == 9) * 30 + bell(X, 5, 1)):
        assert "shows at too few positions" in reason(method, X, y)


def test_a_jump_at_the_second_position_is_no_edge():
    assert "shows at too few positions" in reason("edge", X, np.minimum(2 * X, 1))


@pytest.mark.parametrize("method", ["gaussian", "edge"])
def test_slopes_and_growth_have_no_peak_or_edge(method):
    for y in (X, -X, X + noise(1, deviation=0.3), np.exp(X), np.exp(-X)):
        reason(method, X, y)


def test_of_a_parabola_the_top_is_known_and_the_width_is_not():
    found = find("gaussian", X, -((X - 4) ** 2))
    assert found.position == pytest.approx(4, abs=0.01)
    assert found.width > 20
    assert found.uncertainty.width >= found.width / 2.4


def test_a_position_that_could_be_nearly_anywhere_is_refused():
    y = bell(X, 0.6, 4.9) + noise(3, deviation=0.1)
    assert "do not tell where the peak is: scan a range that has all of it" in reason("gaussian", X, y)


def test_a_signal_of_another_form_is_refused():
    assert "no edge can be told from noise" in reason("edge", X, bell(X, 5, 0.4))
    assert "no peak can be told from noise" in reason("gaussian", X, np.cos(4 * X))


def test_a_top_that_only_its_neighbours_make_is_no_centre_of_mass():
    assert "both its flanks" in reason("centre of mass", range(7), [-9, -4, -6, -5, -7, -4, -6])


@given(
    st.lists(
        st.tuples(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300) | st.sampled_from((0.0, 1.0))),
        min_size=4,
        max_size=30,
    ),
    st.sampled_from(METHODS),
)
def test_whatever_was_logged_a_position_is_in_the_range_or_there_is_a_reason(points, method):
    x, y = (np.array(column) for column in zip(*points, strict=True))
    try:
        found = find(method, x, y)
    except NoFit:
        pass
    else:
        assert x.min() <= found.position <= x.max()
        assert 0 <= found.quality <= 1
        assert np.isfinite(found[:5]).all()


def test_only_the_centre_of_mass_needs_no_scipy(monkeypatch):
    monkeypatch.setattr(fit, "find_spec", lambda _: None)
    for name in [name for name in sys.modules if name.split(".")[0] == "scipy"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert find("centre of mass", X, bell(X, 5, 1)).position == pytest.approx(5, abs=0.01)
    fit.need_scipy("centre of mass")
    for method in ("gaussian", "edge"):
        with pytest.raises(MissingExtra, match=rf"{method}.*pip install 'scan_sdk\[fit\]'"):
            fit.need_scipy(method)
