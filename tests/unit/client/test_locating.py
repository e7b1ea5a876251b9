"""Which command failed, by the words of the server: the right one, some, or none; never a wrong one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scan_sdk._protocol.locating import locate, locate_refused, locate_unconnected, speaks_of_pvs
from scan_sdk._wire.commands import read_commands
from scan_sdk.models import (
    Comment,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.sequence import CommandSequence

CONTRACT = Path(__file__).parents[2] / "contract"
NAMES = {"setpoint": "loc://setpoint(0)", "motor_x": "loc://motor_x(0)", "motor_y": "loc://motor_y(0)"}


def found(commands, error, **known):
    return [address for address, _ in locate(commands, error, **known)]


# -- what servers have said ---------------------------------------------------------------------------------

FAILED = {
    "parallel-timeout": 0,
    "set-readback-other-timeout": 1,
    "wait-timeout": 1,
}
"""Addresses of the commands that failed in conversations with the real server."""


def scenarios():
    for path in sorted((CONTRACT / "conformance" / "scenarios").glob("*.json")):
        commands: dict[str, str] = {}
        for step in json.loads(path.read_text("utf-8"))["steps"]:
            scan = step.get("scan", "a")
            if step["do"] == "submit" and step["expect"]["status"] == 200:
                commands[scan] = step["xml"]
            elif step["do"] == "info" and step["expect"].get("error"):
                yield pytest.param(path.stem, commands[scan], step["expect"], id=path.stem)


@pytest.mark.parametrize(("name", "document", "info"), tuple(scenarios()))
def test_the_command_that_failed_on_the_real_server_is_found(name, document, info):
    wanted = [FAILED[name]] if info["state"] == "Failed" else []
    assert found(read_commands(document), info["error"]) == wanted


def test_the_scenarios_have_the_failures_that_are_expected():
    failed = {case.values[0] for case in scenarios() if case.values[2]["state"] == "Failed"}
    assert failed == FAILED.keys()


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("Failed to write abc to loc://setpoint(0)", 0),
        ("Failed to write [4, 5, 6] to loc://arr(1,2,3)", 1),
        ("setpoint [loc://setpoint(0)] (1.0) != 1.0 after completion", 2),
        ("Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) = 60.0", 3),
        ("Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) to increase by 60.0", 4),
        ('Timeout while waiting for shutter [x:y] (Moving) in "Open", "Closed"', 5),
        ("Completion timeout for ca://m1 = 5.0", 6),
        ("Failed to read loc://motor_y(0)", 7),
        ("Unknown device 'typo'", 8),
        ("Parallel time out (0.4 sec)", 9),
        ('FitPeak: ValueError: no peak   File "fitpeak.py", line 3, in run\n', 10),
        ("Error handler for SetCommand: KeyError: 'x'", 11),
        ("Failed to write [B@1b2c3d to loc://text", 12),
    ],
)
def test_each_kind_of_failure_leads_to_its_command(error, wanted):
    commands = [
        Set("setpoint", "abc"),
        Set("loc://arr(1,2,3)", "[4, 5, 6]"),
        Set("setpoint", 1, completion=True, readback=True, readback_value=7),
        Wait("motor_x", 60, timeout=5),
        Wait("motor_x", 60, comparison="increase by", timeout=5),
        Wait("shutter", ("Open", "Closed"), comparison="in", timeout=5),
        Set("m1", 5, completion=True, timeout=5),
        Log("motor_y"),
        Log("typo"),
        Parallel(timeout=0.4),
        Script("FitPeak"),
        Set("other", 3, error_handler="Careful"),
        Set("loc://text", "a text"),
    ]
    names = NAMES | {"m1": "ca://m1", "shutter": "x:y", "other": "loc://other", "typo": "loc://typo"}
    names |= {name: name for name in ("loc://arr(1,2,3)", "loc://text")}
    assert found(commands, error, names=names) == [wanted]


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("No connection within 5.0 sec: motro_x (Disconnected)", [2]),
        ("No connection within 5.0 sec: other, motro_x", [2]),
        ("No connection within 5.0 sec: gone [ca://gone] (Disconnected), motro_x [x]; no library", [2]),
        ("No connection within 5.0 sec: loc://x(1, 2) (Disconnected)", [3]),
        ("No connection within 5.0 sec: motor", []),
        ("Timeout while waiting for motro_x (0.0) = 1.0", []),
    ],
)
def test_a_device_that_is_not_there_is_found_where_it_is_first_used(error, wanted):
    inner = [Set("motro_x", 1), Set("loc://x(1, 2)", 1)]
    commands = [Set("motor_x", 60), Loop("motor_y", 1, 2, 1, inner), Log("motro_x")]
    assert [address for address, _ in locate_unconnected(commands, error)] == wanted


@pytest.mark.parametrize(
    "error",
    [
        "",
        "Aborted",
        "Aborted (deadline/timeout)",
        "interrupted by server stop",
        "java.lang.NullPointerException",
        "Cannot log: database or disk is full",
        "No connection within 2.0 sec: motor_x [loc://motor_x(0)]",
        "Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) = 61.0",
        "Timeout while waiting for motor_xy [loc://motor_xy(0)] (0.0) = 60.0",
        "Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) >= 60.0",
        "Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) = 60.0 (Parallel)",
        "Failed to write 60.0 to loc://other(0)",
        "Failed to read loc://other(0)",
    ],
)
def test_what_no_command_fails_with_leads_nowhere(error):
    commands = [
        Set("motor_x", 60, readback=True),  # without a timeout it waits for ever
        Wait("motor_x", 60, timeout=5),
        Wait("motor_x", 60),
        Loop("motor_x", 0, 10, 1, readback=True),
        Script("FitPeak"),
        Comment("Timeout"),
    ]
    assert found(commands, error, names=NAMES) == []


# -- several, and what is known of them ---------------------------------------------------------------------

TWICE = "Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) = 60.0"
WAIT = Wait("motor_x", 60, timeout=5)


def test_of_equal_commands_each_may_be_the_one():
    assert found([WAIT, Delay(1), WAIT], TWICE) == [0, 2]


@pytest.mark.parametrize(("last", "left"), [(-1, [0, 2]), (0, [0, 2]), (1, [2]), (2, [2])])
def test_a_command_that_was_over_is_not_the_one(last, left):
    assert found([WAIT, Delay(1), WAIT], TWICE, last=last) == left


@pytest.mark.parametrize(
    "around",
    [
        lambda body: Loop("motor_y", 1, 9, 1, body),
        lambda body: Parallel(Sequence(body)),
        lambda body: Sequence(body, error_handler="Again"),
    ],
    ids=["loop", "parallel", "handled"],
)
def test_a_command_before_may_come_again(around):
    block = around([WAIT, Delay(1), WAIT])
    error = TWICE + " (Parallel)" * isinstance(block, Parallel)
    [(after, _)] = [(at, command) for at, command in CommandSequence(block).walk() if command == Delay(1)]
    assert found([block], error, last=after) == [after - 1, after + 1]
    assert found([block, around([WAIT])], error, last=after)[-1] > after + 1
    assert after - 1 not in found([block, block], error, last=after + 4)


def test_the_blocks_around_count_as_parallels():
    commands = [WAIT, Parallel(WAIT), Parallel(If("motor_x", "<", 2, Parallel(WAIT)))]
    assert found(commands, TWICE) == [0]
    assert found(commands, f"{TWICE} (Parallel)") == [2]
    assert found(commands, f"{TWICE} (Parallel) (Parallel)") == [6]


def test_a_loop_fails_at_any_of_its_steps():
    loop = Loop("motor_x", 5, 1, -2, [Log("motor_x")], readback=True, timeout=2)
    error = "Timeout while waiting for motor_x [loc://motor_x(0)] (0.0) = {}"
    assert found([loop], error.format("3.0"), last=1) == [0]
    assert found([loop], error.format("7.0")) == []
    assert found([loop], "Failed to write 3.0 to loc://motor_x(0)") == [0]
    assert found([loop], "Failed to write abc to loc://motor_x(0)") == []


def test_an_included_file_may_fail_like_any_command_but_not_instead_of_all():
    assert found([Include("a.scn"), WAIT], TWICE) == [0, 1]
    assert found([Include("a.scn"), WAIT], TWICE, last=1) == [1]
    assert found([Include("a.scn"), Delay(1)], TWICE) == []


def test_a_macro_may_be_any_device():
    assert found([Wait("$(axis)", 60, timeout=5), Delay(1)], TWICE) == [0]
    assert found([Set("$(axis)", "abc")], "Failed to write abc to loc://any(0)", names=NAMES) == [0]
    assert found([Log("$(axis)")], "Unknown device '$(axis)'") == [0]


def test_a_device_goes_by_alias_and_by_name():
    for device in ("motor_x", "loc://motor_x(0)"):
        assert found([Wait(device, 60, timeout=5)], TWICE) == [0]
    assert found([Wait("loc://other", 60, timeout=5)], TWICE) == []


def test_without_the_names_of_pvs_the_value_tells():
    commands = [Set("motor_x", "abc"), Set("motor_y", "abc"), Set("motor_x", 5)]
    error = "Failed to write abc to loc://motor_y(0)"
    assert found(commands, error) == [0, 1]
    assert found(commands, error, names=NAMES) == [1]
    assert speaks_of_pvs(error)
    assert not speaks_of_pvs(TWICE)


# -- what a server refuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "wanted"),
    [
        ("Include 'nosuch.scn' cannot open 'nosuch.scn'", 2),
        ("Include 'b.scn', axis=x cannot open 'b.scn': it is not on the script path", 4),
        ("Include 'deeper.scn' cannot open 'deeper.scn'", None),
        ("Error loading Jython class NoSuchScript: ImportError: No module named nosuchscript", 5),
        ("Error loading class NoSuchHandler: there is no nosuchhandler.py on the script path", 6),
        ("Error loading Jython class Elsewhere: ImportError: No module named elsewhere", None),
        ("Invalid timeout '-1'", None),
    ],
)
def test_the_command_that_asks_for_what_is_not_there_is_found(reason, wanted):
    commands = [
        Delay(1),
        Sequence(Include("nosuch.scn"), Include("nosuch.scn")),
        Include("b.scn", "axis=x"),
        Script("NoSuchScript"),
        Set("x", 1, error_handler="NoSuchHandler"),
    ]
    address = None if (at := locate_refused(commands, reason)) is None else at[0]
    assert address == wanted
