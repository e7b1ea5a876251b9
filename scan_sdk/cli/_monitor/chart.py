"""Points drawn as characters: a plot with axes, in dots of Braille, two wide and four high in each character.

It knows nothing of terminals: what it gives is text. Numbers that are not finite, or larger than 1e300, are
left out, and a line is broken there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["JOINED", "Chart", "draw", "format_ticks", "ticks"]

Floats: TypeAlias = "NDArray[np.float64]"
_Dots: TypeAlias = "NDArray[np.int64]"

JOINED: Final = 1000
"""Most points that are joined by lines. Of more, lines would make a blot."""
_BITS: Final = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
_BLANK: Final = 0x2800
_LARGEST: Final = 1e300
_SMALLEST: Final = 1e-300
_SMALLEST_WIDTH: Final = 4
_SMALLEST_HEIGHT: Final = 2
_MARK: Final = "•"


class Chart(NamedTuple):
    """A plot as lines of text, all of the width that was asked for.

    Attributes:
        above: The line above: the name of the vertical axis.
        gutter: What is left of the plot in each of its lines: numbers, and the axis.
        area: The plot itself, of as many lines.
        below: The lines below: the axis, its numbers, and its name.
        left_out: How many points are not drawn, since they are no numbers.
    """

    above: str
    gutter: tuple[str, ...]
    area: tuple[str, ...]
    below: tuple[str, ...]
    left_out: int


def draw(x: Floats, y: Floats, *, width: int, height: int, x_name: str, y_name: str) -> Chart | None:
    """Draw points in the order in which they were measured.

    Args:
        x: Where they are along the horizontal axis.
        y: Where they are along the vertical axis; as many.
        width: Characters in a line.
        height: Lines.
        x_name: What stands below the horizontal axis.
        y_name: What stands above the vertical axis.

    Returns:
        None where there is too little room for axes, or nothing to draw.
    """
    good = (np.abs(x) <= _LARGEST) & (np.abs(y) <= _LARGEST)  # which no NaN is
    rows = height - 4
    if rows < _SMALLEST_HEIGHT or not good.any():
        return None
    across, up = _limits(x[good]), _limits(y[good])
    at = ticks(*up, max(2, rows // 3))
    names = format_ticks(at)
    margin = max(map(len, names))
    columns = width - margin - 1
    if columns < _SMALLEST_WIDTH:
        return None
    gutter = [" " * margin + "│"] * rows
    for value, name in zip(at, names, strict=True):
        gutter[rows - 1 - _place(value, up, rows)] = name.rjust(margin) + "┤"
    return Chart(
        above=_fit(y_name, width),
        gutter=tuple(gutter),
        area=_area(x, y, good, (across, up), (columns, rows)),
        below=_axis_below(across, margin, columns, x_name),
        left_out=len(good) - int(good.sum()),
    )


def ticks(low: float, high: float, most: int) -> list[float]:
    """Return round numbers within limits, as many as asked for or fewer, and one at least.

    Args:
        low: The lower limit.
        high: The upper limit, which is above it.
        most: How many numbers there may be.
    """
    rough = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((power * factor for factor in (1, 2, 5) if power * factor >= rough), power * 10)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)][: max(1, most) + 1] or [(low + high) / 2]


def format_ticks(values: Sequence[float]) -> list[str]:
    """Return numbers as texts that differ, all with as many digits as their distance asks for."""
    largest = max(map(abs, values))
    step = values[1] - values[0] if len(values) > 1 else largest / 10
    if largest == 0:
        return ["0"] * len(values)
    exponent = math.floor(math.log10(largest))
    digits = max(0, exponent - math.floor(math.log10(step) + 1e-9)) if step > 0 else 3
    if -4 <= exponent < 6:
        decimals = max(0, digits - exponent)
        return [f"{value + 0.0:.{decimals}f}" for value in values]
    return [
        f"{value:.{digits}e}".replace("e+0", "e").replace("e-0", "e-").replace("e+", "e") for value in values
    ]


def _limits(values: Floats) -> tuple[float, float]:
    """Return the least and greatest of numbers, or what is around them where these are the same."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    if high - low > max(size * 1e-12, _SMALLEST):
        return low, high
    margin = size * 0.05 if size > _SMALLEST else 0.5
    return low - margin, high + margin


def _place(value: float, limits: tuple[float, float], count: int) -> int:
    """Return which of some cells along an axis a number falls into."""
    low, high = limits
    return min(count - 1, max(0, math.floor((value - low) / (high - low) * (count - 1) + 0.5)))


def _dots(values: Floats, limits: tuple[float, float], count: int) -> _Dots:
    low, high = limits
    return np.rint((values - low) / (high - low) * (count - 1)).astype(np.int64)


def _area(
    x: Floats,
    y: Floats,
    good: NDArray[np.bool_],
    limits: tuple[tuple[float, float], tuple[float, float]],
    size: tuple[int, int],
) -> tuple[str, ...]:
    """Return the lines of the plot within the axes."""
    columns, rows = size
    across, down = 2 * columns, 4 * rows
    grid = np.zeros((down, across), np.bool_)
    right = _dots(x[good], limits[0], across)
    up = _dots(y[good], limits[1], down)
    grid[down - 1 - up, right] = True
    if 1 < len(right) <= JOINED:
        # Neighbours in time are joined, unless there is one between them that is no number.
        place = np.flatnonzero(good)
        joined = np.flatnonzero(np.diff(place) == 1)
        columns_on, rows_on = _lines(right, up, joined)
        grid[down - 1 - rows_on, columns_on] = True
    cells = grid.reshape(rows, 4, columns, 2)
    codes = np.einsum("rich,ih->rc", cells, _BITS) + _BLANK
    lines = [["".join(map(chr, row)).replace(chr(_BLANK), " ")] for row in codes.tolist()]
    chars = [list(line[0]) for line in lines]
    if len(right) <= max(1, columns // 3):  # few enough to be seen one by one
        for column, row in zip((right // 2).tolist(), ((down - 1 - up) // 4).tolist(), strict=True):
            chars[row][column] = _MARK
    return tuple("".join(row) for row in chars)


def _lines(right: _Dots, up: _Dots, joined: NDArray[np.intp]) -> tuple[_Dots, _Dots]:
    """Return the dots on the way from points to their successors."""
    over, rise = right[joined + 1] - right[joined], up[joined + 1] - up[joined]
    steps = np.maximum(np.abs(over), np.abs(rise))
    of = np.repeat(np.arange(len(joined)), steps)
    number = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
    share = number / np.maximum(steps, 1)[of]
    columns = np.rint(right[joined][of] + share * over[of]).astype(np.int64)
    rows = np.rint(up[joined][of] + share * rise[of]).astype(np.int64)
    return columns, rows


def _axis_below(limits: tuple[float, float], margin: int, columns: int, name: str) -> tuple[str, ...]:
    """Return the horizontal axis, the numbers at it, and its name."""
    at = ticks(*limits, max(2, columns // 12))
    axis = ["─"] * columns
    numbers = [" "] * (margin + 1 + columns)
    free = 0
    for value, text in zip(at, format_ticks(at), strict=True):
        place = _place(value, limits, columns)
        first = min(max(margin + 1 + place - len(text) // 2, 0), len(numbers) - len(text))
        if first < free:
            continue
        axis[place] = "┬"
        numbers[first : first + len(text)] = text
        free = first + len(text) + 1
    return (
        " " * margin + "└" + "".join(axis),
        "".join(numbers),
        " " * (margin + 1) + _fit(_fit(name, min(len(name), columns)).center(columns), columns),
    )


def _fit(text: str, width: int) -> str:
    return text[:width].ljust(width)
