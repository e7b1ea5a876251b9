"""The points of a nested-loop scan in the n-dimensional array that they form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from scan_sdk.data.table import align
from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from scan_sdk.data.device import DeviceLog

__all__ = ["Tolerance", "to_cells", "to_grid"]

Tolerance: TypeAlias = "float | Mapping[str, float] | None"
"""How far positions may be from one another and still be one: for all axes, for each, or found out."""

_NOISE: Final = 10.0
"""So many times as long as the longest distance that is noise is the shortest that is a step."""
_ROUNDING: Final = 1e-9
"""Positions closer than this, as a part of the largest, differ by rounding."""
_SHOWN: Final = 5
"""Positions that an error shows."""


def to_grid(axes: Sequence[DeviceLog], signals: Sequence[DeviceLog], tolerance: Tolerance) -> xr.Dataset:
    """Return signals over the positions of axes; see `ScanData.grid`."""
    try:
        import xarray as xr
    except ImportError as error:
        raise MissingExtra("grid (xarray)", "data") from error
    positions, cells = to_cells(axes, signals, tolerance)
    names = tuple(axis.name for axis in axes)
    further = {name: (f"{name}_index",) if array.ndim > len(axes) else () for name, array in cells.items()}
    variables = {name: ((*names, *further[name]), array) for name, array in cells.items()}
    return xr.Dataset(variables, coords=dict(zip(names, positions, strict=True)))


def to_cells(
    axes: Sequence[DeviceLog], signals: Sequence[DeviceLog], tolerance: Tolerance
) -> tuple[list[NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return the positions of each axis, and for each signal the array over them.

    Args:
        axes: Devices of the loops, the outermost first.
        signals: What was measured.
        tolerance: See `ScanData.grid`.

    Raises:
        ValueError: The points form no grid; the text names the axis.
    """
    _check(axes, signals)
    table = align([*axes, *signals], "last")
    found = np.stack([column.astype(np.float64) for column in table.columns[: len(axes)]], axis=1)
    measured = [np.isin(table.serial, signal.serial) for signal in signals]
    # A point is where a signal was logged: a loop that sets its device is on the way to the next.
    points = np.any(measured, axis=0) & ~np.isnan(found).any(axis=1)
    positions, places = _positions([axis.name for axis in axes], found[points], tolerance)
    shape = tuple(map(len, positions))
    arrays: dict[str, NDArray[np.float64]] = {}
    for signal, column, there in zip(signals, table.columns[len(axes) :], measured, strict=True):
        cells = np.full((*shape, *column.shape[1:]), np.nan)
        mine = there[points]
        # Of points that are at one place the last one is assigned last, and stays.
        cells[tuple(place[mine] for place in places)] = column[points][mine]
        arrays[signal.name] = cells
    return positions, arrays


def _check(axes: Sequence[DeviceLog], signals: Sequence[DeviceLog]) -> None:
    if not axes or not signals:
        raise ValueError(
            "a grid has axes and a signal: name the devices of the loops, then what was measured"
        )
    names = [log.name for log in (*axes, *signals)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"'{name}' is named twice: give each axis and each signal once")
    for axis in axes:
        if axis.kind != "numbers":
            raise ValueError(f"'{axis.name}' cannot be an axis of a grid: it holds {axis.kind}, not numbers")
    for signal in signals:
        if signal.value.dtype == object:
            what = "rows of different lengths" if signal.kind == "rows" else "text"
            raise ValueError(f"'{signal.name}' cannot be the signal of a grid: it holds {what}, not numbers")


def _positions(
    names: Sequence[str], found: NDArray[np.float64], tolerance: Tolerance
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.intp]]]:
    """Return for each axis its positions and where the points are; see `Grouped`."""
    axes = list(zip(names, found.T, strict=True))
    if isinstance(tolerance, float | int):
        chosen: Mapping[str, float] = dict.fromkeys(names, float(tolerance))
    else:
        chosen = tolerance or {}
        unknown = sorted(set(chosen) - set(names))
        if unknown:
            raise ValueError(f"a tolerance is given for '{unknown[0]}', which is no axis: {', '.join(names)}")
    grouped = [_grouped(name, values, chosen.get(name, _rounding(values))) for name, values in axes]
    if not _is_grid(grouped):
        grouped = [
            _grouped(name, values, chosen[name] if name in chosen else _half_a_step(values))
            for name, values in axes
        ]
    if not _is_grid(grouped):
        raise ValueError(_fault(names, grouped))
    return [positions for positions, _ in grouped], [places for _, places in grouped]


Grouped: TypeAlias = "tuple[NDArray[np.float64], NDArray[np.intp]]"
"""The positions of an axis, rising, and at which of them each point is."""


def _grouped(name: str, values: NDArray[np.float64], tolerance: float) -> Grouped:
    """Take values for one position that are within the tolerance of their neighbour; return medians."""
    if not tolerance >= 0:
        raise ValueError(f"the tolerance of '{name}' is {tolerance}: give 0 or more")
    distinct, places = np.unique(values, return_inverse=True)
    if not len(distinct):
        return distinct, places
    groups = np.concatenate([[0], np.cumsum(np.diff(distinct) > tolerance)])
    firsts = np.flatnonzero(np.diff(groups, prepend=-1))
    lasts = np.append(firsts[1:], len(distinct)) - 1
    wide = np.flatnonzero(distinct[lasts] - distinct[firsts] > 2 * tolerance)
    if len(wide):
        within = _some(distinct[firsts[wide[0]] : lasts[wide[0]] + 1])
        raise ValueError(
            f"'{name}' does not form a grid: within a tolerance of {tolerance:g} its positions {within} run "
            "into one another: give a smaller tolerance"
        )
    return distinct[(firsts + lasts) // 2], groups[places]


def _rounding(values: NDArray[np.float64]) -> float:
    return _ROUNDING * float(np.max(np.abs(values), initial=0.0))


def _half_a_step(values: NDArray[np.float64]) -> float:
    """Return half the smallest step, where there is a wide jump from the distances that are noise to it."""
    least = max(_rounding(values), float(np.finfo(np.float64).tiny))
    gaps = np.sort(np.diff(np.unique(values)))
    gaps = np.maximum(gaps, least)
    if len(gaps) < 2:
        return least
    jumps = gaps[1:] / gaps[:-1]
    widest = int(np.argmax(jumps))
    return float(gaps[widest + 1] / 2) if jumps[widest] >= _NOISE else least


def _is_grid(grouped: Sequence[Grouped]) -> bool:
    """Tell whether more than half of all places are taken, as they are however early a scan ends."""
    shape = tuple(len(positions) for positions, _ in grouped)
    size = math.prod(shape)
    if 2 * len(grouped[0][1]) <= size or size == 0:
        return size == 0
    taken = np.bincount(np.ravel_multi_index([places for _, places in grouped], shape), minlength=size)
    return 2 * int(np.count_nonzero(taken)) > size


def _fault(names: Sequence[str], grouped: Sequence[Grouped]) -> str:
    counts = [len(positions) for positions, _ in grouped]
    worst = int(np.argmax(counts))
    each = ", ".join(f"'{name}' {count}" for name, count in zip(names, counts, strict=True))
    return (
        f"'{names[worst]}' does not form a grid: {len(grouped[0][1])} points have so many positions: {each}; "
        f"those of '{names[worst]}' are {_some(grouped[worst][0])}: give other axes, or a tolerance within "
        "which positions are the same"
    )


def _some(positions: NDArray[np.float64]) -> str:
    shown = ", ".join(f"{position:.6g}" for position in positions[:_SHOWN].tolist())
    return f"{shown}, ..." if len(positions) > _SHOWN else shown
