"""Simulating a scan without a server: what it takes, what it tells, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import scan_sdk
from scan_sdk import (
    CommandSequence,
    Comment,
    Delay,
    Include,
    InvalidCommands,
    InvalidConfig,
    LocalSimulation,
    Log,
    Loop,
    PvConfig,
    ScanConfig,
    Sequence,
    Set,
    Wait,
    simulate,
)
from scan_sdk.simulation import counting
from scan_sdk.simulation.offline import count_commands

CONFORMANCE = Path(__file__).parents[1] / "contract" / "conformance"
SCENARIOS = sorted((CONFORMANCE / "scenarios").glob("simulate-*.json"))
SCAN = Loop("motor_x", 1, 3, 1, Loop("motor_y", 0, 1, 0.5, Log("motor_y"), readback=True), Wait("beam", 5))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_text_and_the_seconds_are_those_of_the_real_server(path):
    (step,) = json.loads(path.read_text())["steps"]
    result = simulate(step["xml"], CONFORMANCE / "scan_config.xml")
    assert result.log.strip().splitlines() == step["expect"]["log"]
    assert round(result.seconds, 6) == step["expect"]["seconds"]


def test_all_that_can_be_submitted_can_be_simulated(tmp_path):
    file = tmp_path / "scan.scn"
    sequence = CommandSequence(Set("x", 1), Delay(2))
    file.write_text(sequence.to_xml())
    forms = [sequence, [Set("x", 1), [Delay(2)]], sequence.to_xml(), file, str(file)]
    assert len({simulate(form).log for form in forms}) == 1
    assert simulate(Delay(2)).seconds == 2


def test_points_steps_and_times_are_told():
    result = simulate([SCAN, Delay(7)], ScanConfig(pvs=(PvConfig(name="motor_y", slew_rate=0.25),)))
    assert (result.points, result.work_units) == (9, 3 * (3 + 1) + 1)
    outer, inner = result.loops
    assert outer.model_dump(exclude={"seconds"}) == {
        "address": 0,
        "device": "motor_x",
        "runs": 1,
        "steps": 3,
        "points": 9,
    }
    assert inner.model_dump() == {
        "address": 1,
        "device": "motor_y",
        "runs": 3,
        "steps": 9,
        "points": 9,
        "seconds": pytest.approx(1 + 4 + 2 * (4 + 4) + 0.9),
    }
    by_name = {device.device: device for device in result.devices}
    assert list(by_name) == ["motor_x", "motor_y", "beam"]
    assert (by_name["motor_x"].moves, by_name["motor_x"].moving) == (3, 0.0)
    assert (by_name["motor_y"].moves, by_name["motor_y"].moving) == (9, pytest.approx(21))
    assert (by_name["beam"].waits, by_name["beam"].waiting, by_name["beam"].moves) == (3, 1.0, 0)
    assert result.delays == 7
    assert result.seconds == pytest.approx(result.moving + result.waiting + result.delays + result.other)


def test_it_reads_well():
    result = simulate([SCAN, Delay(3600), Set("a", 1)])
    assert str(result) == f"{result.log}\n{result.summary}"
    assert result.summary.splitlines() == [
        "9 points, 14 work units, 1:01:43: moving 1:41, waiting 1 s, delays 1:00:00, other 0.9 s",
        "Loop 0 'motor_x': 3 steps, 9 points, 1:43",
        "Loop 1 'motor_y': 9 steps in 3 runs, 9 points, 1:42",
        "Device 'motor_x': 3 moves, 0 s",
        "Device 'motor_y': 9 moves, 1:41",
        "Device 'beam': 3 waits, 1 s",
        "Device 'a': 1 move, 0 s",
    ]


def test_it_goes_through_json():
    result = simulate(SCAN)
    assert LocalSimulation.model_validate_json(result.model_dump_json()) == result


def test_what_goes_wrong_is_told_apart():
    config = ScanConfig(pvs=(PvConfig(name="x", maximum="loc://high(5)"),))
    result = simulate(Loop("x", 1, 100, 1, Log("x")), config)
    assert result.errors == ("Cannot set x = 6.0, valid range is NaN .. 5.0",)
    assert result.points == 5
    assert simulate(Comment("ERROR: not one\nERROR: nor this")).errors == ()
    assert simulate(Delay(1), read=lambda _: None).errors == ()
    unreachable = simulate(
        [Log("a", "b"), Set("x", 9)], config, read=lambda pv: 5.0 if "high" in pv else None
    )
    assert unreachable.errors == (
        "Cannot access a (Disconnected)",
        "Cannot access b (Disconnected)",
        "Cannot access x (Disconnected)",
        "Cannot set x = 9.0, valid range is NaN .. 5.0",
    )


def test_a_loop_that_moves_its_own_device_is_gone_through_so_far(monkeypatch):
    monkeypatch.setattr(counting, "MOST_STEPS", 300)
    result = simulate(Loop("x", 1, 1000, 1, Set("x", 0, readback=True), Log("x")))
    assert result.errors == ("More than 300 steps that differ from each other are not counted",)
    assert result.points == 100


def test_macros_are_those_of_the_configuration_and_those_given():
    config = ScanConfig(macros="a=x")
    assert "'x', 'y'" in simulate(Log("$(a)", "$(b)"), config, macros={"b": "y"}).log


@pytest.fixture
def files(tmp_path):
    """A configuration, a folder that it names, and a scan elsewhere that has a file beside it."""
    for name in ("etc", "etc/lib", "scans"):
        (tmp_path / name).mkdir()
    (tmp_path / "etc" / "scan_config.xml").write_text("<scan_config><path>lib</path></scan_config>")
    CommandSequence(Log("from lib"), Loop("$(d=z)", 1, 2, 1, Log("x"))).to_xml()
    (tmp_path / "etc/lib/far.scn").write_text(CommandSequence(Loop("$(d)", 1, 2, 1, Log("x"))).to_xml())
    (tmp_path / "scans/near.scn").write_text(CommandSequence(Include("far.scn", macros="d=q")).to_xml())
    (tmp_path / "scans/scan.scn").write_text(CommandSequence(Include("near.scn"), Delay(1)).to_xml())
    return tmp_path


def test_included_files_are_looked_for_beside_the_scan_and_where_the_configuration_says(files):
    result = simulate(files / "scans/scan.scn", str(files / "etc/scan_config.xml"))
    assert result.points == 2
    (loop,) = result.loops
    assert (loop.address, loop.device) == (-1, "q")
    assert "Included loop 'q': 2 steps" in result.summary


def test_included_files_of_commands_that_come_from_no_file_are_looked_for_in_a_folder(files):
    commands = CommandSequence.from_xml(files / "scans/scan.scn")
    beside = simulate(commands, files / "etc/scan_config.xml", folder=files / "scans")
    assert beside == simulate(files / "scans/scan.scn", files / "etc/scan_config.xml")
    with pytest.raises(InvalidCommands, match=r"far\.scn: there is no such file to include in .*scans$"):
        simulate(commands, folder=str(files / "scans"))


def test_a_file_that_is_not_there_is_an_error_that_says_where_it_was_looked_for(files):
    with pytest.raises(InvalidCommands, match=r"far\.scn: there is no such file to include in .*scans$"):
        simulate(files / "scans/scan.scn")


@pytest.mark.parametrize("name", ["../etc/lib/far.scn", "/etc/passwd", "."])
def test_a_name_that_leads_out_of_the_folder_finds_nothing(files, name):
    config = ScanConfig(paths=(str(files / "scans"),))
    with pytest.raises(InvalidCommands, match="no such file"):
        simulate(Include(name), config)


def test_files_that_come_with_a_server_are_not_looked_for():
    assert simulate(Include("a.scn"), ScanConfig(paths=("examples:",))).seconds == 0


def test_included_files_can_come_from_a_function():
    result = simulate(Include("a"), load=lambda name: [Log(name)])
    assert result.points == 1
    assert "Log 'a'" in result.log


def test_without_folders_includes_are_named_and_not_followed():
    assert simulate(Include("a")).log.splitlines()[2] == "00:00:00 - Include 'a'"


def test_what_is_wrong_is_an_error_of_this_package(tmp_path):
    for command in (Include("f", macros="1=2"), Log("$(a)")):
        with pytest.raises(InvalidCommands, match=r"macro"):
            simulate(command, macros={"a": "$(a)"})
    circle = tmp_path / "f.scn"
    circle.write_text(CommandSequence(Include("f.scn")).to_xml())
    with pytest.raises(InvalidCommands, match=r"f\.scn: .* include each other"):
        simulate(circle)
    for name, deep in ("inner.scn", Log("x")), ("outer.scn", Include("inner.scn")):
        for _ in range(60):
            deep = Sequence(deep)
        (tmp_path / name).write_text(CommandSequence(deep).to_xml())
    with pytest.raises(InvalidCommands, match="nested more than"):
        simulate(tmp_path / "outer.scn")
    with pytest.raises(InvalidCommands):
        simulate("<commands><log/></commands>")
    assert "<nonsense>" in simulate("<commands><nonsense/></commands>").log
    with pytest.raises(OSError, match="nowhere"):
        simulate(tmp_path / "nowhere.scn")
    (tmp_path / "bad.xml").write_text("<scan_config><port>x</port></scan_config>")
    with pytest.raises(InvalidConfig):
        simulate(Delay(1), tmp_path / "bad.xml")


def test_thirty_loops_in_each_other_take_no_time_to_count():
    commands = Log("x")
    for depth in range(30):
        commands = Loop(f"d{depth}", 0, 9, -1 if depth % 2 else 1, [Wait("n", 5, "increase by"), commands])
    counted = count_commands([commands], ScanConfig())
    assert counted.problem is None
    assert counted.whole.units == 10**30 + sum(10**depth for depth in range(1, 31))


def test_it_is_exported():
    assert scan_sdk.simulate is simulate
