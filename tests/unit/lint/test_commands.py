"""Rules for commands, built in Python and read from text."""

from __future__ import annotations

import pytest

from scan_sdk import (
    CellSource,
    CommandSequence,
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
from scan_sdk.lint import Finding, check
from scan_sdk.models.loops import MOST_STEPS

GOOD = [
    Comment("a night at the beamline"),
    Set("shutter", "Open", completion=True, timeout=10),
    Set("motor_x", 0.5, completion=True, readback="motor_x.RBV", tolerance=0.01, timeout=60),
    Loop(
        "motor_x",
        0,
        10,
        0.5,
        [Wait("counts", 1000, ">=", timeout=100), Log("motor_x", "counts")],
        readback=True,
        tolerance=0.01,
        timeout=60,
    ),
    Delay(2),
    Script("SumUp", 10),
]


def test_a_good_scan_has_no_findings():
    assert check(GOOD) == []
    assert check(CommandSequence(GOOD).to_xml()) == []


LOG = [Log("x")]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (Wait("x", 1, tolerance=0.1), ["wait-without-timeout"]),
        (Wait("x", 1, timeout=1), ["tolerance-left-out"]),
        (Wait("x", 1, "!=", timeout=1), []),
        (Wait("x", "Open", timeout=1), []),
        (Wait("x", ["a", "b"], "in", timeout=1), []),
        (Wait("x", 1.5, tolerance=0, timeout=1), ["exact-number"]),
        (Wait("x", 2, tolerance=0, timeout=1), []),
        (Wait("x", "7", timeout=1), ["number-as-text"]),
        (Wait("x", "$(x)", timeout=1), ["macro-in-value"]),
        (Wait("x", 5, "increase by", timeout=1), []),
        (Wait("x", 0, "decrease by", timeout=1), ["met-at-once"]),
        (Set("x", 1), []),
        (Set("x", 1, timeout=1), ["timeout-ignored"]),
        (Set("x", 1, completion=True), ["completion-without-timeout"]),
        (Set("x", 1, completion=True, readback=True, tolerance=0.1), ["readback-without-timeout"]),
        (Set("x", 1, readback=True, timeout=1), ["tolerance-left-out"]),
        (Set("x", 0.5, readback=True, tolerance=0, timeout=1), ["exact-number"]),
        (Set("x", 0.5, readback="s", readback_value="Done", timeout=1), []),
        (Set("x", "Go", readback="s", readback_value=1.5, tolerance=0, timeout=1), ["exact-number"]),
        (Loop("x", 0, 1, 0.1, LOG), []),
        (Loop("x", 0, 1, 0.3, LOG), ["end-not-reached"]),
        (Loop("x", 0, 1, 1e-3, LOG), []),
        (Loop("x", 0, 0.7, 0.1, LOG), []),
        (Loop("x", 0, 1e6, 1, LOG), ["many-steps"]),
        (Loop("x", 0, 999_999, 1, LOG), []),
        (Loop("x", 1, 1, 1, LOG), ["single-step"]),
        (Loop("x", 1, 5, -1, LOG), ["step-points-away"]),
        (Loop("x", 1, 5, -3, LOG), ["end-not-reached", "step-points-away"]),
        (Loop("x", 5, 1, -1, LOG), []),
        (Loop("x", 0, 1, 0.5, LOG, readback=True, timeout=1), ["tolerance-left-out"]),
        (Loop("x", 0, 1, 0.05, LOG, readback=True, timeout=1), ["tolerance-covers-step"]),
        (Loop("x", 0, 1, 0.5, LOG, readback=True, tolerance=0, timeout=1), ["exact-number"]),
        (Loop("x", 0, 4, 2, LOG, readback=True, tolerance=0, timeout=1), []),
        (Loop("x", 1, 1, 1, LOG, readback=True, tolerance=1, timeout=1), ["single-step"]),
        (Loop("x", 0, 1, 0.5, LOG, completion=True), ["completion-without-timeout"]),
        (Loop("x", 0, 1, 0.5), ["nothing-logged"]),
        (Loop("x", 0, 1, 0.5, Script("M")), []),
        ([ConfigLog(True), Loop("x", 0, 1, 0.5)], []),
        ([ConfigLog(False), Loop("x", 0, 1, 0.5)], ["nothing-logged"]),
        (Delay(86400), []),
        (Delay(86401), ["long-delay"]),
        (Log("x", "y", "x"), ["repeated-device"]),
        (If("x", "=", 1, Delay(1), tolerance=0.1), ["out-of-patch"]),
        (If("x", ">", 1), ["empty-body"]),
        (Parallel(), ["empty-body"]),
        (Parallel(Sequence(Delay(1)), Delay(2)), ["out-of-patch"]),
        (Include("f.scn"), ["include-unchecked"]),
        (Include("f.scn", "a="), ["include-unchecked"]),
        (Include("f.scn", "1=2"), ["bad-macros"]),
        (Include("../f.scn"), ["include-unchecked"]),
        ([], ["empty-scan"]),
    ],
    ids=str,
)
def test_what_is_found_in_a_command(command, found, codes):
    assert sorted(codes(command)) == sorted(found)


def test_a_loop_in_a_loop_may_alternate_but_not_step_the_same_device(codes):
    assert codes(Loop("x", 0, 1, 1, Loop("y", 0, 1, -1, Log("x")))) == []
    assert codes(Loop("x", 0, 1, 1, Loop("x", 0, 1, 1, Log("x")))) == ["nested-loops-on-device"]
    config = ScanConfig(pvs=[PvConfig(name="ioc:m1", alias="x")])
    inner = Loop("ioc:m1", 0, 1, 1, ConfigLog(True))
    assert "nested-loops-on-device" in codes(Loop("x", 0, 1, 1, inner), config=config)


def test_loops_in_loops_count_together_and_are_told_of_once(codes):
    scan = Loop("x", 1, 1000, 1, Loop("y", 1, 1000, 1, Loop("z", 1, 2, 1, Loop("u", 1, 2, 1, Log("x")))))
    [finding] = check(scan)
    assert (finding.name, finding.address) == ("many-steps", 2)
    assert "2,000,000 with the loops around it" in finding.message


@pytest.mark.parametrize(
    "branches",
    [
        (Set("x", 1), Set("x", 2)),
        (Set("x", 1), Sequence(Delay(1), Set("x", 2))),
        (Loop("x", 0, 1, 1, ConfigLog(True)), If("y", ">", 1, Set("x", 2))),
    ],
)
def test_branches_that_write_to_one_device_are_found_however_deep(branches, codes):
    assert codes(Parallel(*branches), ignore=["SC6"]) == ["parallel-writes"]


def test_one_branch_may_write_to_a_device_twice(codes):
    assert codes(Parallel(Sequence(Set("x", 1), Set("x", 2)), Set("y", 1)), ignore=["SC6"]) == []


def test_only_the_outermost_body_that_patches_do_not_reach_is_told_of():
    scan = [Loop("x", 0, 1, 1, [Log("x"), Sequence(Parallel(Delay(1)), Delay(2))])]
    assert [(one.name, one.address) for one in check(scan)] == [("out-of-patch", 2)]


def test_findings_of_python_have_address_command_and_the_place_that_the_command_knows():
    cell = CellSource(7, "Wait For", "Plan", "night.xlsx")
    [finding] = check([Delay(1), Wait("shutter", "Open").at(cell)])
    assert finding == Finding(
        code="SC401",
        name="wait-without-timeout",
        severity="warning",
        message="it may wait for 'shutter' for ever",
        advice="give a timeout: after it the scan fails, and says why",
        source=cell,
        address=1,
        command="Wait for 'shutter' = \"Open\" (+-0.1)",
    )
    assert str(finding).startswith('night.xlsx, sheet "Plan", row 7, column "Wait For": SC401 it may wait')
    assert str(check(Wait("x", "Open"))[0]).startswith("command 0: SC401")
    assert str(check([])[0]).startswith("scan: SC415")


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("<loop><device>x</device><end>Infinity</end></loop>", ["out-of-range"]),
        (f"<loop><device>x</device><end>{MOST_STEPS * 2}</end></loop>", ["loop-never-runs"]),
        ("<delay><seconds>NaN</seconds></delay>", ["out-of-range"]),
        ("<if><device>x</device><comparison>INCREASE_BY</comparison></if>", ["comparison-in-if"]),
        ("<set><value>1</value></set>", ["no-name"]),
        ("<log><devices/></log>", ["log-of-nothing"]),
    ],
)
def test_commands_as_a_server_holds_them_are_looked_at_too(inner, found, codes):
    held = CommandSequence.from_xml(f"<commands>{inner}</commands>")
    assert codes(held) == found
    [finding] = check(held)
    assert finding.address == 0
    assert finding.source is not None


@pytest.mark.parametrize("value", ["1", '"a"', '"a", "b"'])
def test_a_comparison_that_works_in_wait_only_is_named_whatever_the_value(value):
    held = (
        f"<commands><if><device>x</device><comparison>IN</comparison><value>{value}</value></if></commands>"
    )
    [finding] = check(held)
    assert finding.name == "comparison-in-if"
    assert finding.message == "<if>: the comparison IN works in Wait only"
    assert finding.advice == "compare otherwise"


def test_commands_that_includes_nest_too_deep_are_found(tmp_path):
    for name, deep in ("inner.scn", Log("x")), ("outer.scn", Include("inner.scn")):
        for _ in range(60):
            deep = Sequence(deep)
        (tmp_path / name).write_text(CommandSequence(deep).to_xml())
    found = [finding.name for finding in check(tmp_path / "outer.scn")]
    assert found == ["out-of-patch", "too-deep"]


CONFIG = ScanConfig(
    macros="axis=motor_x",
    pvs=[
        PvConfig(name="loc://motor_x(0)", alias="motor_x", minimum="loc://low(-1)", maximum="loc://high(2)"),
        PvConfig(name="loc://motor_y(0)", alias="motor_y", minimum="ioc:low", maximum="loc://high(text)"),
        PvConfig(name="ioc:z"),
        PvConfig(name_pattern="ioc:.*", slew_rate=1),
    ],
)


@pytest.mark.parametrize(
    ("command", "found"),
    [
        (Log("motor_x", "ioc:z", "IOC:other", "sim://sine"), []),
        (Log("motr_x"), ["similar-device"]),
        (Log("motor-y", "$(axis)"), ["similar-device"]),
        (Log("$(axis)", "$(none=motor_x)"), []),
        (Log("$(none)"), ["undefined-macro"]),
        (Set("x", 1, readback="$(none)", timeout=1, tolerance=1), ["undefined-macro"]),
        (Log(r"\$(none)"), []),
        (Log("$(a$(b))"), ["undefined-macro"]),
        (Set("motor_x", 3), ["outside-limits"]),
        (Set("motor_x", -2), ["outside-limits"]),
        (Set("loc://motor_x(0)", 3), ["outside-limits"]),
        (Set("$(axis)", 3), ["outside-limits"]),
        (Set("motor_x", "3 up"), []),
        (Set("motor_y", 3), []),
        (Loop("motor_x", 0, 3, 1, ConfigLog(True)), ["outside-limits"]),
        (Loop("motor_x", -5, 5, 1, ConfigLog(True)), ["outside-limits"] * 2),
        ([Log("motor_x"), Log("loc://motor_x(0)")], ["two-names"]),
        (Include("none.scn"), ["include-not-found"]),
        (Script("None"), ["class-not-found"]),
        (Delay(1, error_handler="None"), ["class-not-found"]),
        (Parallel(Set("motor_x", 1), Set("$(axis)", 2)), ["out-of-patch", "parallel-writes"]),
        (Parallel(Set("$(self)", 1), error_handler=""), ["bad-macros", "out-of-patch"]),
    ],
    ids=str,
)
def test_what_a_configuration_tells(command, found, codes):
    macros = {"self": "$(self)"}
    assert sorted(codes(command, config=CONFIG, macros=macros)) == sorted(found)


def test_macros_may_be_given_and_then_all_are_known(codes):
    assert codes(Log("$(a)")) == ["macro-from-outside"]
    assert codes(Log("$(a)"), macros={"a": "motor_x"}) == []
    assert codes(Log("$(b)"), macros={"a": "motor_x"}) == ["undefined-macro"]


def test_select_and_ignore_take_codes_groups_and_names(codes):
    scan = [Wait("x", 1), Loop("x", 0, 1, 0.3)]
    everything = ["tolerance-left-out", "wait-without-timeout", "end-not-reached", "nothing-logged"]
    assert codes(scan) == everything
    assert codes(scan, select=["SC4"]) == everything[1:]
    assert codes(scan, select=["SC401", "nothing-logged"]) == ["wait-without-timeout", "nothing-logged"]
    assert codes(scan, ignore=["SC3", "wait-without-timeout"]) == everything[2:]
    assert codes(scan, select=["SC"], ignore=["SC"]) == []


@pytest.mark.parametrize("word", ["SC999", "", "sc4", "E501", "wait"])
def test_what_is_no_code_is_refused(word):
    with pytest.raises(ValueError, match="no code of a finding"):
        check([], ignore=[word])


def test_a_class_that_is_there_is_found(tmp_path, codes):
    (tmp_path / "sumup.py").touch()
    config = ScanConfig(paths=(str(tmp_path),))
    assert codes([Script("SumUp"), Delay(1, error_handler="SUMUP")], config=config) == []
    assert codes(Script("Unknown"), config=ScanConfig(paths=(str(tmp_path), "examples:"))) == []
    assert codes(Script("x" * 300), config=config) == ["class-not-found"]
