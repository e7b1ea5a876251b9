"""Scan data drawn with matplotlib: lines, and maps of nested loops. The only module that knows matplotlib."""

# matplotlib leaves keyword arguments without types.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from scan_sdk.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from scan_sdk.data.device import DeviceLog
    from scan_sdk.data.scan_data import ScanData

__all__ = ["draw_fit", "draw_lines", "draw_map", "free_axes", "has_screen", "save", "show_screen"]

_JOINED: Final = 10_000
"""Most samples that are joined by a line. Of more a line is a blot, and takes seconds to draw."""
_KINDS: Final = {"rows": "rows of numbers", "text": "text"}


def draw_lines(
    data: ScanData, x: str, signals: Sequence[str], *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw devices over another one, as `ScanData.plot` describes it."""
    logs = [_numbers(data, name) for name in signals]
    if x in data:
        _numbers(data, x)
    elif x not in {"serial", "time"}:
        data[x]  # raises the KeyError that names what was logged
    axes = _new_axes() if ax is None else ax
    for log in logs:
        across, up = _points(data, x, log)
        many = len(up) > _JOINED
        style, size = (".", 2.0) if many else (".-", None)
        axes.plot(across, up, style, markersize=size, label=log.name, rasterized=many)
    if x == "time" and x not in data:
        _name_dates(axes)
    else:
        axes.set_xlabel(x, parse_math=False)
    _name_lines(axes)
    if title is not None:
        axes.set_title(title, parse_math=False)
    return axes


def draw_map(
    data: ScanData, x: str, y: str, signal: str, *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw a device over two others as a map of colours, as `ScanData.map` describes it."""
    for name in (x, y, signal):
        _numbers(data, name)
    grid = data.grid(x, y, signal)
    if grid.size == 0:
        raise ValueError(f"there is no sample of '{signal}' at a position of '{x}' and '{y}' to draw")
    axes = _new_axes() if ax is None else ax
    mesh = axes.pcolormesh(_edges(grid[x].values), _edges(grid[y].values), grid.values.T, rasterized=True)
    axes.figure.colorbar(mesh, ax=axes).set_label(signal, parse_math=False)
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    if title is not None:
        axes.set_title(title, parse_math=False)
    return axes


def draw_fit(
    x: tuple[str, NDArray[np.float64]],
    y: tuple[str, NDArray[np.float64]],
    curve: tuple[NDArray[np.float64], NDArray[np.float64]],
    position: float,
    *,
    ax: Axes | None = None,
    title: str | None = None,
) -> Axes:
    """Draw named points, the curve that was fitted to them and where it says that the device belongs."""
    axes = _new_axes() if ax is None else ax
    axes.plot(x[1], y[1], ".", label=y[0], rasterized=len(x[1]) > _JOINED)
    axes.plot(*curve, label="fit")
    axes.axvline(position, color="gray", linestyle=":", label=f"{position:.6g}")
    axes.set_xlabel(x[0], parse_math=False)
    axes.set_ylabel(y[0], parse_math=False)
    for text in axes.legend().get_texts():
        text.set_parse_math(False)
    if title is not None:
        axes.set_title(title, parse_math=False)
    return axes


def free_axes() -> Axes:
    """Return the axes of a new figure that only its user knows, to be saved to a file.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    _need_matplotlib()
    from matplotlib.figure import Figure

    return Figure(layout="constrained").subplots()


def save(axes: Axes, path: Path) -> None:
    """Write the figure that axes are in to a file, in the format that its suffix names."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.savefig(path)


def has_screen() -> bool:
    """Return whether figures of pyplot can be shown in windows.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    _need_matplotlib()
    from matplotlib import pyplot as plt

    try:
        figure = plt.figure()
    except ImportError:  # the backend that the environment asks for needs a screen
        return False
    framework = figure.canvas.required_interactive_framework
    plt.close(figure)
    return framework is not None


def show_screen() -> None:
    """Show all figures in windows, and return once they are closed."""
    from matplotlib import pyplot as plt

    plt.show()


def _need_matplotlib() -> None:
    if find_spec("matplotlib") is None:
        raise MissingExtra("a plot", "plot")


def _new_axes() -> Axes:
    """Return the axes of a new figure of pyplot, which notebooks show by themselves."""
    _need_matplotlib()
    from matplotlib import pyplot as plt

    return plt.subplots(layout="constrained")[1]


def _numbers(data: ScanData, name: str) -> DeviceLog:
    """Return what was logged of a device that has a number at each serial."""
    log = data[name]
    if log.kind != "numbers":
        drawable = ", ".join(other for other in data if data[other].kind == "numbers") or "no device"
        raise ValueError(
            f"'{name}' holds {_KINDS[log.kind]}, and only numbers can be drawn; numbers are in: {drawable}"
        )
    return log


def _points(data: ScanData, x: str, log: DeviceLog) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return where each sample of a device is to be drawn."""
    if x in data:
        table = data.table(x, log.name)
        sampled = np.isin(table.serial, log.serial)
        return table.columns[0][sampled], table.columns[1][sampled]
    return (log.serial if x == "serial" else log.datetime), log.value


def _name_lines(axes: Axes) -> None:
    """Name what is drawn at the vertical axis, and where that is more than one line, in a legend."""
    labels = [str(line.get_label()) for line in axes.get_lines()]
    named = [label for label in labels if not label.startswith("_")]
    axes.set_ylabel(", ".join(dict.fromkeys(named)), parse_math=False)
    if len(named) > 1:
        for text in axes.legend().get_texts():
            text.set_parse_math(False)


def _name_dates(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator()  # type: ignore[no-untyped-call]  # matplotlib.dates has no types
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # likewise
    axes.set_xlabel("time (UTC)")


def _edges(centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the borders of cells around positions; a single one has a cell of width 1."""
    if len(centres) == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    between = (centres[1:] + centres[:-1]) / 2
    first, last = 2 * centres[0] - between[0], 2 * centres[-1] - between[-1]
    return np.concatenate([[first], between, [last]])
