"""Where a signal has its peak or its edge: curves fitted to points. The only module that knows scipy.

A curve is `background + height * shape((x - centre) / deviation)`. Background and height follow from the
other two by linear least squares. So the best start is found by trying centres and deviations all over the
range, and half of it beyond each end, without guessing from the data; and dips and falling edges are found as
peaks are, with a negative height. From there all four are fitted.
"""

from __future__ import annotations

import contextlib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

__all__ = ["LEAST", "Fit", "Method", "NoFit", "Uncertainty", "evaluate", "find", "need_scipy"]

Method: TypeAlias = Literal["gaussian", "edge", "centre of mass"]
"""What is looked for in the signal."""

LEAST: Final = 5
"""Positions that a fit needs at least, as there are four parameters."""
_BINS: Final = 300
"""Points that the search for the start looks at; of more, neighbours are averaged."""
_CHANCE: Final = 0.01
"""How probable it may be that noise alone looks as good as the fit."""
_TOO_FEW: Final = "the {what} shows at too few positions: make the steps smaller, or the range wider"
_UNSURE: Final = 0.3
"""Half ranges by which a position may be uncertain."""
_FOOT: Final = 0.2
"""Part of a peak's height below which the centre of mass takes no notice."""
_FWHM: Final = 2.3548200450309493
"""Standard deviations in the full width at half height."""
_RISE: Final = 2.5631031310892007
"""Standard deviations from 10 % to 90 % of an edge."""
_ROOT: Final = 2.5066282746310002
"""Square root of 2 pi."""
_SHARPEST: Final = 1 / 6
"""Least deviation, in distances of the positions around the centre, which cannot tell a smaller one."""
_WIDEST: Final = 4.0
"""Largest deviation, in half ranges, which cannot tell a larger one."""
_TRIES: Final = 100
"""Steps that a fit may take."""


class NoFit(Exception):
    """The points do not tell where the signal has its peak or edge; the text says why."""


class Uncertainty(NamedTuple):
    """Standard deviations of what a fit has found, as the scatter of the points around the curve tells.

    Attributes:
        position: In units of the device.
        width: In units of the device.
        height: In units of the signal.
        background: In units of the signal.
    """

    position: float
    width: float
    height: float
    background: float


class Fit(NamedTuple):
    """A curve, and how well it fits.

    Attributes:
        position: Where it has its peak, or its steepest place.
        width: Full width at half height of a peak, or from 10 % to 90 % of an edge.
        height: From the background to the peak, or to the other side of the edge.
        background: Far from the peak, or on the side of the edge where positions are low.
        quality: Part of the signal's variance that the curve explains.
        uncertainty: How sure all this is, None where that is not known.
    """

    position: float
    width: float
    height: float
    background: float
    quality: float
    uncertainty: Uncertainty | None = None


def need_scipy(method: Method) -> None:
    """See that what a method needs is installed.

    Raises:
        MissingExtra: It is not.
    """
    if method != "centre of mass" and find_spec("scipy") is None:
        raise MissingExtra(f'the method "{method}"', "fit")


def evaluate(method: Method, fit: Fit, x: Floats) -> Floats:
    """Return the curve at some positions."""
    deviation = fit.width / (_RISE if method == "edge" else _FWHM)
    return fit.background + fit.height * _shape(method, (x - fit.position) / deviation)


def find(method: Method, x: Floats, y: Floats) -> Fit:
    """Fit the curve of a method to points, in any order.

    Raises:
        NoFit: There are too few of them, or they do not tell where it is.
    """
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    places = np.unique(x)
    if len(places) < LEAST:
        raise NoFit(f"the signal has numbers at {len(places)} positions, and a fit needs {LEAST} at least")
    with np.errstate(all="ignore"):  # what comes of it is checked
        # Numbers around 0 and 1, so that neither nanometres nor millions of counts matter.
        half, middle = (x[-1] - x[0]) / 2, (x[-1] + x[0]) / 2
        bottom, span = y.min(), np.ptp(y)
        if not np.isfinite([half, middle, span]).all():
            raise NoFit("the numbers are too large for a fit")
        if span <= 1e-12 * np.abs(y).max():
            raise NoFit(f"the signal is flat: {y[0]:g} at all positions")
        scaled = (x - middle) / half, (y - bottom) / span
        found = _centre_of_mass(*scaled) if method == "centre of mass" else _fit_curve(method, *scaled)
        _check(method, found, (places - middle) / half, len(x))
    units = (half, half, span, span)
    uncertainty = found.uncertainty and Uncertainty(
        *(float(a * b) for a, b in zip(found.uncertainty, units, strict=True))
    )
    return Fit(
        position=float(np.clip(middle + half * found.position, x[0], x[-1])),
        width=float(half * found.width),
        height=float(span * found.height),
        background=float(bottom + span * found.background),
        quality=found.quality,
        uncertainty=uncertainty,
    )


def _check(method: Method, found: Fit, places: Floats, count: int) -> None:
    """Refuse a fit that says nothing of the device: of noise, outside of what was scanned, or of a spike."""
    what = "edge" if method == "edge" else "peak"
    if not np.isfinite(found[:5]).all() or _chance(found.quality, count) > _CHANCE:
        raise NoFit(
            f"no {what} can be told from noise: the best fit explains {found.quality:.0%} of the signal"
        )
    if abs(found.position) > 1:
        way = "lower" if found.position < 0 else "higher"
        raise NoFit(f"the {what} is not in the scanned range, but perhaps at {way} positions: scan there")
    if method == "edge":
        sides = np.count_nonzero(places < found.position), np.count_nonzero(places > found.position)
        if min(sides) < 2:
            raise NoFit(_TOO_FEW.format(what=what))
        if abs(found.position) + found.width / 2 > 1:
            raise NoFit("the edge is not all in the scanned range: scan a wider one")
    elif np.count_nonzero(np.abs(places - found.position) < found.width) < 3:
        raise NoFit(_TOO_FEW.format(what=what))
    if found.uncertainty is not None and not found.uncertainty.position < _UNSURE:
        raise NoFit(f"the points do not tell where the {what} is: scan a range that has all of it")


def _chance(quality: float, count: int) -> float:
    """Return how probable it is that noise looks as good as the fit, about.

    This is the F-test of the curve against a constant, with one parameter more than it has, for which the
    distribution has a closed form; and as often as there are places at which a peak of ten points may be.
    """
    free = (count - 4) / 2
    return float((1 - quality) ** free * (1 + free * quality)) * max(1.0, count / 10)


# -- curves -------------------------------------------------------------------------------------------------


def _shape(method: Method, u: Floats) -> Floats:
    """Return the curve of height 1, at positions in standard deviations from the centre."""
    if method == "edge":
        from scipy.special import ndtr

        rise: Floats = ndtr(u)
        return rise
    return np.exp(-u * u / 2)


def _fit_curve(method: Method, x: Floats, y: Floats) -> Fit:
    """Fit a curve with scipy to points in order, from -1 to 1."""
    centre, deviation = _start(method, x, y)
    gap = _gap(x, centre)
    fitted = _refine(method, x, y, (centre, deviation), (_SHARPEST * gap, _WIDEST))
    width = _RISE if method == "edge" else _FWHM
    deviations = np.sqrt(fitted.variances)
    uncertainty = Uncertainty(deviations[0], deviations[1] * width, *deviations[2:])
    if fitted.is_sharp:  # so that the centre may be anywhere between two positions
        uncertainty = uncertainty._replace(position=max(uncertainty.position, gap / 2), width=gap)
    return Fit(
        position=fitted.centre,
        width=fitted.deviation * width,
        height=fitted.height,
        background=fitted.background,
        quality=_explained(fitted.left, y),
        uncertainty=uncertainty,
    )


def _start(method: Method, x: Floats, y: Floats) -> tuple[float, float]:
    """Return the centre and the deviation, of many all over the range, with which a curve comes closest."""
    if len(x) > _BINS:
        edges = np.linspace(0, len(x), _BINS + 1).astype(np.intp)[:-1]
        counts = np.diff(edges, append=len(x))
        x, y = np.add.reduceat(x, edges) / counts, np.add.reduceat(y, edges) / counts
    y = y - y.mean()
    narrow = max(1 / _BINS, float(np.quantile(np.diff(np.unique(x)), 0.25)) / 2)
    best, found = -1.0, (0.0, 1.0)
    for deviation in np.geomspace(min(narrow, 1.0), 2, 12):
        centres = np.linspace(-2, 2, 1 + int(np.ceil(8 / deviation)))
        shapes = _shape(method, (x - centres[:, np.newaxis]) / deviation)
        shapes -= shapes.mean(axis=1, keepdims=True)
        power = np.sum(shapes * shapes, axis=1)
        # What linear least squares takes away from the sum of squares
        gain = np.where(power > 1e-9, (shapes @ y) ** 2 / np.maximum(power, 1e-9), 0)
        index = int(np.argmax(gain))
        if gain[index] > best:
            best, found = float(gain[index]), (float(centres[index]), float(deviation))
    return found


class _Fitted(NamedTuple):
    centre: float
    deviation: float
    height: float
    background: float
    left: float
    """Sum of the squares that the curve does not explain."""
    variances: Floats
    """Variances of centre, deviation, height and background."""
    is_sharp: bool
    """Whether the deviation is the least that it may be."""


def _refine(
    method: Method, x: Floats, y: Floats, start: tuple[float, float], limits: tuple[float, float]
) -> _Fitted:
    """Return the curve that is closest, near a start, with a deviation between limits."""
    from scipy.optimize import least_squares

    least, most = limits

    def scale(p: Floats) -> float:
        return float(least + (most - least) / (1 + np.exp(-p[3])))  # no p leads out of the limits

    def distances(p: Floats) -> Floats:
        found: Floats = p[1] + p[2] * _shape(method, (x - p[0]) / scale(p)) - y
        return found

    def slopes(p: Floats) -> Floats:
        """Return the derivatives, the last one by the deviation."""
        u = (x - p[0]) / scale(p)
        bell = np.exp(-u * u / 2)
        shape, rise = (_shape(method, u), bell / _ROOT) if method == "edge" else (bell, -u * bell)
        inner = -p[2] * rise / scale(p)
        return np.stack([inner, np.ones_like(x), shape, inner * u], axis=1)

    def slopes_by_p(p: Floats) -> Floats:
        return slopes(p) * [1, 1, 1, (scale(p) - least) * (most - scale(p)) / (most - least)]

    centre, deviation = start[0], min(max(start[1], 1.1 * least), 0.9 * most)
    shape = _shape(method, (x - centre) / deviation)
    linear, *_ = np.linalg.lstsq(np.stack([np.ones_like(x), shape], axis=1), y, rcond=None)
    first = [centre, *linear, np.log((deviation - least) / (most - deviation))]
    found = least_squares(
        distances, first, slopes_by_p, method="lm", ftol=1e-12, xtol=1e-12, gtol=1e-12, max_nfev=_TRIES
    )
    parameters: Floats = found.x
    centre, background, height = map(float, parameters[:3])
    deviation = scale(parameters)
    is_sharp, is_wide = deviation < 1.05 * least, deviation > 0.95 * most
    left = 2 * float(found.cost)
    variances = np.full(4, deviation**2 if is_wide else np.inf)
    known = [0, 3, 2] if is_sharp or is_wide else [0, 3, 2, 1]
    slope = slopes(parameters)[:, : len(known)]
    with contextlib.suppress(np.linalg.LinAlgError):
        if found.success:  # else the variances stay infinite
            variances[known] = np.diag(np.linalg.inv(slope.T @ slope)) * left / (len(x) - 4)
    return _Fitted(centre, deviation, height, background, left, variances, is_sharp)


def _explained(left: float, y: Floats) -> float:
    """Return the part of the variance that is explained where this sum of squares is left."""
    return max(0.0, 1 - float(left / np.sum((y - y.mean()) ** 2)))


def _gap(x: Floats, centre: float) -> float:
    """Return the distance of the positions before and behind a place."""
    places = np.unique(x)
    index = min(max(int(np.searchsorted(places, centre)), 1), len(places) - 1)
    return float(places[index] - places[index - 1])


# -- centre of mass -----------------------------------------------------------------------------------------


def _centre_of_mass(x: Floats, y: Floats) -> Fit:
    """Find the centre of mass of a peak, or of a dip, from points in order, from -1 to 1."""
    places, back, counts = np.unique(x, return_inverse=True, return_counts=True)
    means = np.bincount(back, y) / counts
    peaks = [peak for sign in (1, -1) if (peak := _peak(places, sign * means)) is not None]
    if not peaks:
        raise NoFit("there is no peak with both its flanks in the scanned range: scan a wider one")
    _, position, width, seen = max(peaks)
    if seen < 3:
        raise NoFit(_TOO_FEW.format(what="peak"))
    # A Gaussian of this place and width, for the height, the background and the quality
    shape = _shape("gaussian", (x - position) / width * _FWHM)
    lines = np.stack([np.ones_like(x), shape], axis=1)
    (background, height), *_ = np.linalg.lstsq(lines, y, rcond=None)
    left = np.sum((background + height * shape - y) ** 2)
    return Fit(position, width, float(height), float(background), _explained(left, y))


def _peak(x: Floats, y: Floats) -> tuple[float, float, float, int] | None:
    """Return height, centre of mass, full width at half height, points; None where no peak is whole."""
    padded = np.concatenate([y[:1], y, y[-1:]])
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    bottom = float(np.quantile(smooth, 0.2))
    top = int(np.argmax(smooth))
    height = float(smooth[top]) - bottom
    low = np.flatnonzero(smooth < bottom + _FOOT * height)
    before, after = low[low < top], low[low > top]
    if not len(before) or not len(after):
        return None
    inside = slice(int(before[-1]), int(after[0]) + 1)
    if not np.any(y[inside][1:-1] > bottom + height / 2):  # but the average of its neighbours is
        return None
    seen = int(np.count_nonzero(y[inside] > bottom + _FOOT * height))
    x0, y0 = _above(x[inside], y[inside] - bottom - _FOOT * height)
    x1, y1 = x0[1:], y0[1:]
    x0, y0 = x0[:-1], y0[:-1]
    # Of straight lines from point to point, by Simpson's rule, which is exact for them
    area = np.sum((x1 - x0) * (y0 + y1)) / 2
    moment = np.sum((x1 - x0) * (x0 * (2 * y0 + y1) + x1 * (y0 + 2 * y1))) / 6
    half, _ = _above(x[inside], y[inside] - bottom - height / 2)
    return height, float(moment / area), float(half[-1] - half[0]), seen


def _above(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a line from where it comes above 0 to where it goes below; at its ends it is not above."""
    y[[0, -1]] = np.minimum(y[[0, -1]], 0)
    high = np.flatnonzero(y > 0)
    first, last = int(high[0]), int(high[-1])
    begin = x[first] - (x[first] - x[first - 1]) * y[first] / (y[first] - y[first - 1])
    end = x[last] + (x[last + 1] - x[last]) * y[last] / (y[last] - y[last + 1])
    x, y = x[first : last + 1], y[first : last + 1]
    return np.concatenate([[begin], x, [end]]), np.concatenate([[0.0], y, [0.0]])
