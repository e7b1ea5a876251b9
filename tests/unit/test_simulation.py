import pytest

from scan_sdk._wire.commands import read_commands
from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    PvConfig,
    ScanConfig,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.commands import own_devices
from scan_sdk.models.loops import LoopWalk
from scan_sdk.simulation import devices_of, narration, simulate

CONFIG = ScanConfig(
    macros="axis=x",
    pvs=(
        PvConfig(name="loc://x(0)", alias="x", slew_rate=0.5),
        PvConfig(
            name="loc://limited(5)",
            alias="limited",
            slew_rate=2.0,
            minimum="loc://low(0)",
            maximum="loc://high(10)",
        ),
        PvConfig(name_pattern="fast.*", slew_rate=100.0),
    ),
)


def steps(*commands, **more):
    result = simulate(commands, CONFIG, **more)
    lines = result.log.splitlines()
    assert lines[:2] == ["Simulation:", "--------"]
    assert lines[-2] == "--------"
    assert lines[-1].endswith("   Total estimated execution time")
    return lines[2:-2], result.seconds


def test_a_write_takes_the_distance_at_the_rate_once_the_old_value_is_known():
    lines, seconds = steps(Set("x", 1, readback=True), Set("x", 3, readback=True))
    assert lines == [
        "00:00:00 - Set 'x' = 1.0 (wait for 'x' +-0.1)",
        "00:00:01 - Set 'x' = 3.0 (wait for 'x' +-0.1) [was 1.0]",
    ]
    assert seconds == 1 + 4


def test_a_write_that_does_not_wait_takes_no_time():
    assert steps(Set("x", 1), Set("x", 3)) == (
        ["00:00:00 - Set 'x' = 1.0", "00:00:00 - Set 'x' = 3.0 [was 1.0]"],
        0,
    )


def test_a_text_is_written_without_quotes_and_takes_a_second():
    assert steps(Set("x", "Open", readback=True)) == (
        ["00:00:00 - Set 'x' = Open (wait for 'x' +-0.1)"],
        1,
    )


def test_rates_come_from_name_pattern_and_default():
    for device, rate in (("x", 0.5), ("loc://x(0)", 0.5), ("fast1", 100), ("slow", 0.05), ("notfast", 0.05)):
        _, seconds = steps(Set(device, 0), Set(device, 10, readback=True))
        assert seconds == pytest.approx(10 / rate), device


def test_waits_count_from_zero_where_nothing_is_known():
    assert steps(Wait("x", 2, "increase by"), Wait("x", 1, "decrease by"), Wait("x", "a"))[0] == [
        "00:00:00 - Wait for 'x' to increase by 2.0 [was 0.0]",
        "00:00:04 - Wait for 'x' to decrease by 1.0 [was 2.0]",
        "00:00:06 - Wait for 'x' = \"a\" (+-0.1) [was 1.0]",
    ]


def test_blocks_and_plain_commands():
    lines, seconds = steps(
        ConfigLog(True),
        Sequence(Comment("at $(axis)")),
        If("x", "=", 1, Log("$(axis)")),
        Parallel(Delay(2), Parallel(Delay(3))),
        Script("S", "a"),
    )
    assert lines == [
        "00:00:00 - Log mode: automatically",
        "00:00:00 - at x",
        "00:00:00 - If 'x' = 1.0 (+-0.1):",
        "00:00:00 - Log 'x'",
        "00:00:00 - End If",
        "00:00:00 - Start following commands in parallel",
        "00:00:00 - Delay 2.0 sec",
        "00:00:02 - Start following commands in parallel (level 2)",
        "00:00:02 - Delay 3.0 sec",
        "00:00:05 - Await completion of above commands (level 2)",
        "00:00:05 - Await completion of above commands",
        "00:00:05 - Script 'S' ('a')",
    ]
    assert seconds == pytest.approx(5.5)


def test_names_keep_their_macros_in_set_only():
    assert steps(Set("$(axis)", 1), Loop("$(axis)", 1, 1, 1))[0] == [
        "00:00:00 - Set '$(axis)' = 1.0",
        "00:00:00 - Loop 'x' = 1.0 [was 1.0]",
    ]


def test_the_same_loop_object_in_two_places_alternates_in_each_by_itself():
    inner = Loop("y", 0, 1, -1)
    lines, _ = steps(Loop("x", 1, 2, 1, inner), inner)
    assert [line.split("= ")[1][0] for line in lines if "'y'" in line] == ["1", "0", "0", "1", "1", "0"]


def test_an_include_has_its_macros_and_those_around_it():
    files = {"outer": (Include("inner", macros="device=$(axis)"),), "inner": (Log("$(device)", "$(more=z)"),)}
    lines, _ = steps(Include("outer", macros="axis=q"), Log("$(axis)"), load=files.__getitem__)
    assert lines == [
        "00:00:00 - Include 'outer', axis=q",
        "00:00:00 - Include 'inner', device=q",
        "00:00:00 - Log 'q', 'z'",
        "00:00:00 - Log 'x'",
    ]


def test_an_include_is_only_named_where_files_are_not_at_hand():
    assert steps(Include("f.scn")) == (["00:00:00 - Include 'f.scn'"], 0)


def test_files_that_include_themselves_are_refused():
    with pytest.raises(ValueError, match="include each other"):
        simulate([Include("f")], load=lambda _: [Include("f")])


@pytest.mark.parametrize("value", [-1, 11])
def test_a_value_outside_the_limits_ends_the_simulation(value):
    lines, seconds = steps(Set("limited", value), Delay(100))
    assert lines[1:] == [f"ERROR: Cannot set limited = {value}.0, valid range is 0.0 .. 10.0"]
    assert seconds == 0


def test_limits_are_read_through_a_function():
    lines, _ = steps(Set("limited", 11), read=lambda pv: 20.0 if pv == "loc://high(10)" else 0.0)
    assert lines == ["00:00:00 - Set 'limited' = 11.0"]


def test_devices_and_limits_that_cannot_be_reached_are_named_first():
    lines, _ = steps(
        Set("limited", 1),
        Set("nowhere", 1),
        read=lambda pv: None if pv in {"nowhere", "loc://low(0)"} else 10.0,
    )
    assert lines == [
        "ERROR: Cannot access nowhere (Disconnected)",
        "ERROR: Cannot access loc://low(0) (Disconnected)",
        "00:00:00 - Set 'limited' = 1.0",
        "00:00:00 - Set 'nowhere' = 1.0",
    ]


def test_an_alias_that_cannot_be_reached_is_named_with_its_pv():
    lines, _ = steps(Set("x", 1), read=lambda _: None)
    assert lines[0] == "ERROR: Cannot access x [loc://x(0)] (Disconnected)"


def test_of_a_loop_of_a_billion_steps_the_first_are_shown_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(narration, "MOST_LINES", 1000)
    result = simulate(Loop("x", 0, 1e9, 1, Log("x"), readback=True), CONFIG)
    lines = result.log.splitlines()
    assert lines[-3] == "ERROR: More than 1000 steps are not shown"
    assert len(lines) == 1000 + 5
    assert result.seconds == pytest.approx(1 + 1e9 / 0.5 + 0.1 * (1e9 + 1))
    assert result.points == 1e9 + 1
    assert lines[-1].startswith("583333:20:01 ")


@pytest.mark.parametrize(
    ("start", "end", "step", "runs"),
    [
        (1, 3, 1, [[1, 2, 3], [1, 2, 3]]),
        (3, 1, -1, [[3, 2, 1], [3, 2, 1]]),
        (1, 3, -1, [[3, 2, 1], [1, 2, 3], [3, 2, 1]]),
        (3, 1, 1, [[1, 2, 3], [3, 2, 1], [1, 2, 3]]),
        (2, 2, 1, [[2], [2]]),
        (0, 1, 0.4, [[0, 0.4, 0.8, 1]]),
        (1, 0, -0.4, [[1, 0.6, pytest.approx(0.2), 0]]),
    ],
)
def test_the_values_of_a_loop_end_at_a_limit_and_may_alternate(start, end, step, runs):
    loop = Loop("x", start, end, step)
    walk = LoopWalk(loop)
    assert [list(walk.values(loop)) for _ in runs] == runs
    assert LoopWalk.count(loop) == len(runs[0])


@pytest.mark.parametrize(("end", "step"), [("Infinity", "1"), ("1e12", "1"), ("1", "1e-12")])
def test_more_steps_than_the_server_counts_are_none_at_all(end, step):
    (loop,) = read_commands(
        f"<commands><loop><device>x</device><end>{end}</end><step>{step}</step></loop></commands>"
    )
    assert isinstance(loop, Loop)
    assert LoopWalk.count(loop) < 0
    assert steps(loop) == ([], 0)


def test_commands_name_their_own_devices():
    assert own_devices(Set("a", 1, readback="r")) == ("a", "r")
    assert own_devices(Set("a", 1)) == ("a",)
    assert own_devices(Loop("a", 1, 2, 1, Log("b"), readback="r")) == ("a", "r")
    assert own_devices(Log("a", "b")) == ("a", "b")
    assert own_devices(Comment("a")) == ()


def test_devices_are_found_in_bodies_and_files_each_once():
    commands = [If("a", "=", 1, Loop("b", 1, 2, 1, Log("a", "$(m)"))), Include("f", macros="m=c")]
    found = devices_of(commands, {"m": "d"}, lambda _: [Log("$(m)"), Parallel(Sequence(Set("e", 1)))])
    assert found == ["a", "b", "d", "c", "e"]
