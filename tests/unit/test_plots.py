"""What plots show: lines, cells of maps and the words around them, looked up in the drawing itself."""

from __future__ import annotations

import io
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from scan_sdk import DeviceLog, MissingExtra, ScanData
from scan_sdk.data import plots


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def ax():
    return Figure().subplots()


def log(name, serials, values):
    return DeviceLog(name, serials, [1_700_000_000_000 + 1000 * serial for serial in serials], values)


@pytest.fixture
def data():
    """A scan that logs the position after each move, one serial later a counter, and at times another."""
    return ScanData(
        [
            log("x", [0, 2, 4], [1.0, 2.0, 3.0]),
            log("counts", [1, 3, 5], [10.0, 20.0, 15.0]),
            log("beam", [3, 5], [0.5, 0.75]),
            log("shutter", [0, 1], ["Open", "Closed"]),
            log("spectrum", [0, 1], [[1.0, 2.0], [3.0, 4.0]]),
        ]
    )


def nested(xs, ys):
    """A scan of two loops, the inner one there and back, which counts 10 x + y."""
    places = [(x, y) for n, x in enumerate(xs) for y in (ys if n % 2 == 0 else ys[::-1])]
    serials = range(len(places))
    return ScanData(
        [
            log("x", serials, [float(x) for x, _ in places]),
            log("y", serials, [float(y) for _, y in places]),
            log("counts", serials, [10.0 * x + y for x, y in places]),
            log("shutter", serials, ["Open"] * len(places)),
        ]
    )


def drawn(ax):
    """Draw, as many mistakes show only then."""
    ax.figure.savefig(io.BytesIO(), format="png")
    return ax


def lines(ax):
    return {
        line.get_label(): (line.get_xdata().tolist(), line.get_ydata().tolist()) for line in ax.get_lines()
    }


def legend(ax):
    return None if ax.get_legend() is None else [text.get_text() for text in ax.get_legend().get_texts()]


# -- lines --------------------------------------------------------------------------------------------------


def test_each_sample_stands_where_the_abscissa_was_and_nowhere_else(data, ax):
    assert data.plot("x", "counts", "beam", ax=ax) is ax
    assert lines(drawn(ax)) == {
        "counts": ([1.0, 2.0, 3.0], [10.0, 20.0, 15.0]),
        "beam": ([2.0, 3.0], [0.5, 0.75]),
    }


def test_one_line_is_named_at_the_axis(data, ax):
    data.plot("x", "counts", ax=ax)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(), legend(ax)) == ("x", "counts", "", None)
    (line,) = ax.get_lines()
    assert (line.get_marker(), line.get_linestyle()) == (".", "-")


def test_several_lines_have_a_legend_and_a_title_where_one_is_given(data, ax):
    data.plot("x", "counts", "beam", ax=ax, title="Scan 3")
    assert (ax.get_ylabel(), legend(ax)) == ("counts, beam", ["counts", "beam"])
    assert ax.get_title() == "Scan 3"


def test_a_second_scan_can_be_drawn_into_the_same_axes(data, ax):
    ax.plot([1, 2], [3, 4])
    data.plot("x", "counts", ax=ax)
    data.plot("x", "counts", ax=ax)
    assert (ax.get_ylabel(), legend(ax)) == ("counts", ["counts", "counts"])


def test_a_sample_before_the_first_of_the_abscissa_has_no_place(ax):
    ScanData([log("x", [1], [5.0]), log("counts", [0, 1], [1.0, 2.0])]).plot("x", "counts", ax=ax)
    ((across, up),) = lines(drawn(ax)).values()
    assert np.isnan(across[0])
    assert (across[1:], up) == ([5.0], [1.0, 2.0])


def test_a_device_can_be_drawn_over_serials(data, ax):
    data.plot("serial", "counts", ax=ax)
    assert lines(ax) == {"counts": ([1, 3, 5], [10.0, 20.0, 15.0])}
    assert ax.get_xlabel() == "serial"


def test_a_device_can_be_drawn_over_its_own_times(data, ax):
    data.plot("time", "counts", ax=ax)
    (line,) = ax.get_lines()
    assert np.array_equal(line.get_xdata(), data["counts"].datetime)
    drawn(ax)
    assert ax.get_xlabel() == "time (UTC)"
    assert ax.xaxis.get_major_formatter().get_offset() == "2023-Nov-14 22:13"


def test_a_device_of_the_name_time_is_meant_before_the_clock(ax):
    ScanData([log("time", [0], [7.0]), log("counts", [0], [1.0])]).plot("time", "counts", ax=ax)
    assert lines(ax) == {"counts": ([7.0], [1.0])}
    assert ax.get_xlabel() == "time"


def test_names_and_titles_are_text_and_no_formulas(ax):
    odd = r"a$\frac{$"
    data = ScanData([log(odd, [0], [1.0]), log("b$", [0], [2.0])])
    data.plot(odd, odd, "b$", ax=ax, title=r"$\nothing$")
    assert drawn(ax).get_xlabel() == odd
    assert legend(ax) == [odd, "b$"]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (
            ("x", "shutter"),
            "'shutter' holds text, and only numbers can be drawn; numbers are in: x, counts, beam",
        ),
        (("shutter", "x"), "'shutter' holds text, and"),
        (("x", "counts", "spectrum"), "'spectrum' holds rows of numbers, and"),
    ],
)
def test_what_is_not_numbers_is_refused_by_name_and_kind(data, names, reason):
    with pytest.raises(ValueError, match=reason):
        data.plot(*names)
    assert plt.get_fignums() == []


@pytest.mark.parametrize("names", [("x", "nothing"), ("nothing", "x"), ("time", "nothing")])
def test_what_was_not_logged_is_refused_with_what_was(data, names):
    with pytest.raises(
        KeyError, match="'nothing' was not logged; logged: x, counts, beam, shutter, spectrum"
    ):
        data.plot(*names)


def test_where_nothing_holds_numbers_the_refusal_says_so():
    with pytest.raises(ValueError, match="numbers are in: no device"):
        ScanData([log("a", [0], ["b"])]).plot("serial", "a")


def test_many_samples_are_dots_which_a_vector_format_keeps_as_one_picture(ax):
    count = 200_000
    noise = np.random.default_rng(1).normal(size=(2, count))
    serials = range(count)
    data = ScanData([log("x", serials, noise[0]), log("counts", serials, noise[1])])
    data.plot("x", "counts", ax=ax)
    (line,) = ax.get_lines()
    assert (line.get_marker(), line.get_linestyle()) == (".", "None")
    vector = io.BytesIO()
    ax.figure.savefig(vector, format="svg")
    assert len(vector.getvalue()) < 300_000


# -- where it is drawn --------------------------------------------------------------------------------------


def test_without_axes_there_is_a_new_figure_of_pyplot_and_else_nothing_of_it_changes(data, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda: pytest.fail("nobody asked for windows"))
    before = dict(mpl.rcParams)
    first, second = data.plot("x", "counts"), data.plot("x", "beam")
    assert first.figure is not second.figure
    assert [plt.figure(number).axes for number in plt.get_fignums()] == [[first], [second]]
    assert dict(mpl.rcParams) == before


def test_given_axes_leave_pyplot_alone(data, ax):
    data.plot("x", "counts", ax=ax)
    assert plt.get_fignums() == []


def test_free_axes_are_not_known_to_pyplot():
    ax = plots.free_axes()
    assert plt.get_fignums() == []
    assert ax.figure.axes == [ax]


def no_backend():
    raise ImportError("Cannot load backend 'QtAgg' as 'headless' is currently running")


def test_without_a_screen_there_are_no_windows_to_show(monkeypatch):
    assert not plots.has_screen()
    monkeypatch.setattr(plt, "figure", no_backend)
    assert not plots.has_screen()


def test_with_a_screen_windows_are_shown_when_asked(data, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "matplotlib.backends.backend_agg.FigureCanvasAgg.required_interactive_framework", "qt"
    )
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.get_fignums()))
    assert plots.has_screen()
    data.plot("x", "counts")
    plots.show_screen()
    assert shown == [[1]]


def test_without_matplotlib_it_says_what_to_install(data, monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda _: None)
    for draw in (plots.free_axes, plots.has_screen, lambda: data.plot("x", "counts")):
        with pytest.raises(MissingExtra, match=r"pip install 'scan_sdk\[plot\]'"):
            draw()


def test_nothing_is_imported_before_something_is_drawn():
    import subprocess

    program = (
        "import sys, scan_sdk.data.plots; from scan_sdk import ScanData; print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- maps ---------------------------------------------------------------------------------------------------


def cells(ax):
    """Return the corners of the cells along either axis, and their values, a row for each y."""
    (mesh,) = (child for child in ax.get_children() if isinstance(child, QuadMesh))
    corners = mesh.get_coordinates()
    return corners[0, :, 0].tolist(), corners[:, 0, 1].tolist(), mesh.get_array()


def test_a_map_has_a_cell_around_each_position(ax):
    data = nested([1, 2, 4], [0, 10])
    assert data.map("x", "y", "counts", ax=ax, title="Scan 3") is ax
    across, up, values = cells(drawn(ax))
    assert across == [0.5, 1.5, 3.0, 5.0]
    assert up == [-5.0, 5.0, 15.0]
    assert values.tolist() == [[10.0 * x + y for x in (1, 2, 4)] for y in (0, 10)]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("x", "y", "Scan 3")
    _, colour_bar = ax.figure.axes
    assert colour_bar.get_ylabel() == "counts"


def test_a_map_can_be_turned(ax):
    nested([1, 2, 4], [0, 10]).map("y", "x", "counts", ax=ax)
    across, up, values = cells(ax)
    assert (len(across), len(up)) == (3, 4)
    assert values.tolist() == [[10.0 * x + y for y in (0, 10)] for x in (1, 2, 4)]


def test_a_map_of_a_single_row_has_cells_of_width_one(ax):
    nested([3], [0, 1]).map("x", "y", "counts", ax=ax)
    across, up, _ = cells(drawn(ax))
    assert (across, up) == ([2.5, 3.5], [-0.5, 0.5, 1.5])


def test_a_map_is_empty_where_the_scan_has_not_been(ax):
    whole = nested([1, 2], [0, 10])
    part = ScanData(
        [DeviceLog(log.name, log.serial[:3], log.time[:3], log.value[:3]) for log in whole.devices]
    )
    part.map("x", "y", "counts", ax=ax)
    _, _, values = cells(drawn(ax))
    assert values.mask.tolist() == [[False, True], [False, False]]


def test_a_map_without_axes_gets_a_figure_of_pyplot():
    ax = nested([1, 2], [0, 10]).map("x", "y", "counts")
    assert plt.gcf() is ax.figure


@pytest.mark.parametrize("names", [("shutter", "y", "counts"), ("x", "y", "shutter")])
def test_a_map_of_what_is_not_numbers_is_refused(names):
    with pytest.raises(ValueError, match="'shutter' holds text"):
        nested([1, 2], [0, 10]).map(*names)


def test_a_map_of_nothing_is_refused():
    data = ScanData([log(name, [], []) for name in ("x", "y", "counts")])
    with pytest.raises(ValueError, match="no sample of 'counts' at a position of 'x' and 'y'"):
        data.map("x", "y", "counts")
