"""`scan-sdk plot`, against a server: the picture that it writes, and what it says when it cannot."""

import matplotlib.image
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import QuadMesh

from scan_sdk import Log, Loop, Set
from scan_sdk.data import plots


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.fixture
def scan_id(scan_client):
    """A scan of two loops that logs two positions, a number of each place, and a text."""
    inner = Loop("motor_y", 1, 3, 1, [Log("motor_x", "motor_y", "setpoint")])
    commands = [Set("loc://text", "Open"), Log("loc://text"), Loop("motor_x", 1, 4, 1, [inner])]
    scan_id = scan_client.submit(commands, "Some $scan$")
    scan_client.wait_until_done(scan_id, timeout=20)
    return scan_id


@pytest.fixture
def drawn(monkeypatch):
    """The axes that are saved, as they are then."""
    saved = []
    save = plots.save
    monkeypatch.setattr("scan_sdk.cli.plot.save", lambda axes, path: (saved.append(axes), save(axes, path)))
    return saved


@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("SVG", b"<?xml")])
def test_a_picture_is_in_the_format_that_its_name_says(scan_sdk, scan_id, tmp_path, suffix, magic):
    target = tmp_path / f"picture.{suffix}"
    ran = scan_sdk("plot", scan_id, "motor_x", "motor_y", "-o", target)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert target.read_bytes().startswith(magic)
    assert list(tmp_path.iterdir()) == [target]


def test_a_picture_is_not_blank_and_named_after_the_scan(scan_sdk, scan_id, tmp_path, drawn):
    target = tmp_path / "picture.png"
    assert scan_sdk("plot", scan_id, "serial", "motor_x", "motor_y", "-o", target).code == 0
    pixels = matplotlib.image.imread(target)
    assert len(np.unique(pixels.reshape(-1, pixels.shape[-1]), axis=0)) > 20
    (axes,) = drawn
    assert axes.get_title() == f"Scan {scan_id} 'Some $scan$'"
    assert [line.get_label() for line in axes.get_lines()] == ["motor_x", "motor_y"]
    assert plt.get_fignums() == []


def test_a_map_is_drawn_where_it_is_asked_for(scan_sdk, scan_id, tmp_path, drawn):
    target = tmp_path / "picture.png"
    ran = scan_sdk("plot", scan_id, "motor_x", "motor_y", "setpoint", "--map", "-o", target)
    assert (ran.code, ran.err) == (0, "")
    (axes,) = drawn
    (mesh,) = (child for child in axes.get_children() if isinstance(child, QuadMesh))
    assert mesh.get_array().shape == (3, 4)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("motor_x", "motor_y")


def test_a_window_opens_where_there_is_a_screen(scan_sdk, scan_id, monkeypatch):
    shown = []
    monkeypatch.setattr("scan_sdk.cli.plot.has_screen", lambda: True)
    monkeypatch.setattr(plt, "show", lambda: shown.extend(axes.get_title() for axes in plt.gcf().axes))
    assert scan_sdk("plot", scan_id, "motor_x", "motor_y").code == 0
    assert shown == [f"Scan {scan_id} 'Some $scan$'"]


def test_without_a_screen_it_says_to_write_a_file(scan_sdk, scan_id):
    ran = scan_sdk("plot", scan_id, "motor_x", "motor_y")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "scan-sdk: no window can be opened here: give -o and the name of a file\n"


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (
            ("motor_x", "nothing", "-o", "a.png"),
            8,
            "'nothing' was not logged; logged: loc://text, motor_x",
        ),
        (("motor_x", "loc://text", "-o", "a.png"), 8, "'loc://text' holds text, and only numbers"),
        (("motor_x", "-o", "a.png"), 2, "name what to draw over"),
        (("motor_x", "motor_y", "-o", "a.gif"), 2, "ends in .png, .pdf, .svg, not as a.gif"),
        (("motor_x", "motor_y", "-o", "a"), 2, "ends in .png, .pdf, .svg, not as a"),
        (("motor_x", "motor_y", "--map", "-o", "a.png"), 2, "a map takes three devices"),
        (("motor_x", "motor_y", "-o", "nowhere/a.png"), 9, "cannot write nowhere/a.png: No such file"),
        (("motor_x", "motor_y", "-o", "folder.png"), 9, "cannot write folder.png: Is a directory"),
    ],
)
def test_what_cannot_be_drawn_is_one_line_and_leaves_nothing(
    scan_sdk, scan_id, tmp_path, monkeypatch, arguments, code, reason
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    ran = scan_sdk("plot", scan_id, *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err
    assert ran.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.png"]


def test_a_picture_that_fails_leaves_the_old_one(scan_sdk, scan_id, tmp_path, monkeypatch):
    def fail(axes, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scan_sdk.cli.plot.save", fail)
    target = tmp_path / "picture.png"
    target.write_bytes(b"old")
    ran = scan_sdk("plot", scan_id, "motor_x", "motor_y", "-o", target)
    assert (ran.code, ran.err) == (9, f"scan-sdk: cannot write {target}: No space left on device\n")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_without_matplotlib_it_says_what_to_install(scan_sdk, scan_id, tmp_path, monkeypatch):
    monkeypatch.setattr(plots, "find_spec", lambda _: None)
    for arguments in ((), ("-o", tmp_path / "a.png")):
        ran = scan_sdk("plot", scan_id, "motor_x", "motor_y", *arguments)
        assert ran.code == 10
        assert "pip install 'scan_sdk[plot]'" in ran.err
