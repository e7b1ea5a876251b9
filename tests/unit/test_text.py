from typing import get_args

import pytest

from scan_sdk._dialect.wording import describe
from scan_sdk.models import (
    Command,
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    OtherCommand,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.base import CommandModel

DESCRIPTIONS = [
    (Comment("Hello"), "Hello"),
    (Comment(""), "-- Empty Comment --"),
    (Delay(2), "Delay 2.0 sec"),
    (ConfigLog(True), "Log mode: automatically"),
    (ConfigLog(False), "Log mode: on demand"),
    (Log("x", "y"), "Log 'x', 'y'"),
    (Set("x", 1), "Set 'x' = 1.0"),
    (Set("x", "Open"), "Set 'x' = \"Open\""),
    (Set("x", 1, readback=True), "Set 'x' = 1.0 (wait for 'x' +-0.1)"),
    (Set("x", 1, readback=True, tolerance=0), "Set 'x' = 1.0 (wait for 'x')"),
    (Set("x", 1, completion=True), "Set 'x' = 1.0 with completion"),
    (
        Set("x", 1, completion=True, readback="x.RBV", timeout=5),
        "Set 'x' = 1.0 with completion in 5.0 sec (check for 'x.RBV' +-0.1)",
    ),
    (
        Set("x", 1, readback="s", readback_value="Done", timeout=5),
        "Set 'x' = 1.0 (wait for 's' = \"Done\" +-0.1, 5.0 sec timeout)",
    ),
    (Wait("x", 5, ">=", timeout=10), "Wait for 'x' >= 5.0 (10.0 sec timeout)"),
    (Wait("x", 5), "Wait for 'x' = 5.0 (+-0.1)"),
    (Wait("x", 5, "increase by"), "Wait for 'x' to increase by 5.0"),
    (Wait("x", ["a", "b"], "in"), 'Wait for \'x\' in ""a", "b""'),
    (If("x", "=", 1), "If 'x' = 1.0 (+-0.1)"),
    (If("x", "!=", "Open"), "If 'x' != \"Open\""),
    (Loop("x", 1, 10, 0.5), "Loop 'x' = 1.0 ... 10.0, step 0.5"),
    (Loop("x", 1, 10, 0.5, readback=True), "Loop 'x' = 1.0 ... 10.0, step 0.5 (wait for 'x' +-0.1)"),
    (Loop("x", 1, 2, 1, readback="r", tolerance=0), "Loop 'x' = 1.0 ... 2.0, step 1.0 (wait for 'r)"),
    (Parallel(), "Parallel"),
    (Parallel(timeout=10), "Parallel, 10.0 sec timeout"),
    (Sequence(), "Sequence"),
    (Include("f.scn", macros="a=b"), "Include 'f.scn', a=b"),
    (Include("f.scn"), "Include 'f.scn'"),
    (Script("MyScript", "a", "b"), "Script 'MyScript' ('a', 'b')"),
    (Script("MyScript"), "Script 'MyScript'"),
    (OtherCommand("<beam_dump><mode>3</mode></beam_dump>"), "<beam_dump>"),
]


@pytest.mark.parametrize(("command", "text"), DESCRIPTIONS, ids=[text for _, text in DESCRIPTIONS])
def test_a_command_is_described_in_the_words_of_the_server(command, text):
    assert describe(command) == text


def test_every_command_has_a_description():
    assert {type(command) for command, _ in DESCRIPTIONS} == set(get_args(get_args(Command)[0])) - {
        CommandModel
    }
