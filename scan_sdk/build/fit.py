"""Where a signal has its peak or its edge: curves fitted to points. The only module that knows scipy.

A curve is `background + height * shape((x - centre) / deviation)`. Background and height follow from the
other two by linear least squares. So the best start is found by trying centres and deviations all over the
range, and half of it beyond each end, without guessing from the data; and dips and falling edges are found as
peaks are, with a negative height. From there all four are fitted.
"""

from __future__ import annotations

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
_NO_END: Final = "the fit comes to no end, as the signal has no such form: look at the data"
_SHARPEST: Final = 1 / 6
"""Deviation of an edge that is sharper than what its positions can tell, in distances of these."""


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
        seen = min(np.count_nonzero(places < found.position), np.count_nonzero(places > found.position))
        enough = seen >= 2
    else:
        enough = np.count_nonzero(np.abs(places - found.position) < found.width) >= 3
    if not enough:
        raise NoFit(f"the {what} shows at too few positions: make the steps smaller, or the range wider")
    if found.uncertainty is not None and not found.uncertainty.position < _UNSURE:
        raise NoFit(f"the points do not tell where the {what} is: scan a range that has all of it")


def _chance(quality: float, count: int) -> float:
    """Return how probable it is that noise looks as good as the fit.

    This is the F-test of the curve against a constant; that the curve was also looked for along the range
    counts as one more parameter, with which the distribution has a closed form.
    """
    free = (count - 4) / 2
    return float((1 - quality) ** free * (1 + free * quality))


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
    fitted = _refine(method, x, y, centre, deviation)
    sharpest = _SHARPEST * _gap(x, fitted.centre)
    is_sharp = method == "edge" and fitted.deviation < sharpest
    if is_sharp:  # so that the deviation says nothing, and the centre may be anywhere between two positions
        fitted = _refine(method, x, y, fitted.centre, sharpest, fixed=True)
    width = _RISE if method == "edge" else _FWHM
    uncertainty = Uncertainty(*np.sqrt(fitted.variances))
    uncertainty = uncertainty._replace(width=uncertainty.width * width)
    if is_sharp:
        gap = sharpest / _SHARPEST
        uncertainty = uncertainty._replace(position=max(uncertainty.position, gap / 2), width=gap)
    return Fit(
        fitted.centre,
        fitted.deviation * width,
        fitted.height,
        fitted.background,
        _explained(fitted.left, y),
        uncertainty,
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
    """Of the first four."""


def _refine(
    method: Method, x: Floats, y: Floats, centre: float, deviation: float, *, fixed: bool = False
) -> _Fitted:
    """Return the curve that is closest, near a start; perhaps with the deviation as it is."""
    from scipy.optimize import least_squares

    # The logarithm of the deviation is fitted, as it is positive.
    free = 3 if fixed else 4

    def parts(p: Floats) -> tuple[Floats, float]:
        scale = deviation if fixed else deviation * float(np.exp(p[3]))
        return (x - p[0]) / scale, scale

    def distances(p: Floats) -> Floats:
        u, _ = parts(p)
        found: Floats = p[1] + p[2] * _shape(method, u) - y
        return found

    def slopes(p: Floats) -> Floats:
        u, scale = parts(p)
        bell = np.exp(-u * u / 2)
        shape, rise = (_shape(method, u), bell / _ROOT) if method == "edge" else (bell, -u * bell)
        return np.stack([-p[2] * rise / scale, np.ones_like(x), shape, -p[2] * rise * u][:free], axis=1)

    shape = _shape(method, (x - centre) / deviation)
    linear, *_ = np.linalg.lstsq(np.stack([np.ones_like(x), shape], axis=1), y, rcond=None)
    start = [centre, *linear, 0.0][:free]
    try:
        found = least_squares(distances, start, slopes, method="lm", ftol=1e-12, xtol=1e-12, gtol=1e-12)
        parameters: Floats = found.x
        slope = slopes(parameters)
        inverse = np.linalg.inv(slope.T @ slope)
    except (ValueError, np.linalg.LinAlgError):  # numbers have grown beyond all bounds, or mean nothing
        raise NoFit(_NO_END) from None
    if not found.success:
        raise NoFit(_NO_END)
    left = 2 * float(found.cost)
    variances = np.zeros(4)
    variances[[0, 3, 2, 1][:free]] = np.diag(inverse) * left / (len(x) - 4)
    _, scale = parts(parameters)
    variances[1] *= scale**2
    centre, background, height = map(float, parameters[:3])
    return _Fitted(centre, scale, height, background, left, variances)


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
    _, position, width = max(peaks)
    # A Gaussian of this place and width, for the height, the background and the quality
    shape = _shape("gaussian", (x - position) / width * _FWHM)
    lines = np.stack([np.ones_like(x), shape], axis=1)
    (background, height), *_ = np.linalg.lstsq(lines, y, rcond=None)
    left = np.sum((background + height * shape - y) ** 2)
    return Fit(position, width, float(height), float(background), _explained(left, y))


def _peak(x: Floats, y: Floats) -> tuple[float, float, float] | None:
    """Return height, centre of mass and full width at half height; None for none that is whole."""
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
    x0, y0 = _above(x[inside], y[inside] - bottom - _FOOT * height)
    x1, y1 = x0[1:], y0[1:]
    x0, y0 = x0[:-1], y0[:-1]
    # Of straight lines from point to point, by Simpson's rule, which is exact for them
    area = np.sum((x1 - x0) * (y0 + y1)) / 2
    moment = np.sum((x1 - x0) * (x0 * (2 * y0 + y1) + x1 * (y0 + 2 * y1))) / 6
    half, _ = _above(x[inside], y[inside] - bottom - height / 2)
    return height, float(moment / area), float(half[-1] - half[0])


def _above(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return a line from where it comes above 0 to where it goes below; at its ends it is not above."""
    y[[0, -1]] = np.minimum(y[[0, -1]], 0)
    high = np.flatnonzero(y > 0)
    first, last = int(high[0]), int(high[-1])
    begin = x[first] - (x[first] - x[first - 1]) * y[first] / (y[first] - y[first - 1])
    end = x[last] + (x[last + 1] - x[last]) * y[last] / (y[last] - y[last + 1])
    x, y = x[first : last + 1], y[first : last + 1]
    return np.concatenate([[begin], x, [end]]), np.concatenate([[0.0], y, [0.0]])
