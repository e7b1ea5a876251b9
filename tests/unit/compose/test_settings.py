"""What a site says of its devices, and the commands that come of it."""

from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import ValidationError

from scan_sdk import (
    Comparison,
    Delay,
    DeviceRule,
    DeviceSettings,
    InvalidSettings,
    Loop,
    ScanSettings,
    Set,
    Wait,
)


def dotted(name: str) -> str:
    return f"{name}.RBV"


SITE = ScanSettings(
    [
        DeviceRule(".*", readback=True),
        DeviceRule("Lakeshore.*", completion=True, timeout=300, tolerance=10),
        DeviceRule("Motor.*", completion=True, readback=dotted, timeout=100),
        DeviceRule("counter", comparison="increase by", timeout=5),
        DeviceRule("status", completion=True, readback="status:ok", readback_value="OK", tolerance=0),
    ]
)


# Rules


def test_a_device_without_a_rule_is_only_written() -> None:
    assert ScanSettings().of("x") == DeviceSettings(
        "x",
        completion=False,
        readback="",
        readback_value=None,
        timeout=0,
        tolerance=None,
        comparison=Comparison.AT_LEAST,
        parallel=False,
    )


def test_the_last_rule_that_fits_holds_as_a_whole() -> None:
    found = SITE.of("Lakeshore1")
    assert (found.completion, found.timeout, found.tolerance) == (True, 300, 10)
    assert found.readback == ""  # the first rule would have checked it


def test_a_pattern_has_to_fit_the_whole_name() -> None:
    assert SITE.of("My:Lakeshore1").readback == "My:Lakeshore1"
    assert ScanSettings([DeviceRule("a|ab", completion=True)]).of("ab").completion


def test_a_device_without_prefix_is_named_by_the_rule_of_its_whole_name_only() -> None:
    assert ScanSettings([DeviceRule("motor", completion=True)]).of("motor_x").completion is False


@pytest.mark.parametrize(
    ("readback", "expected"),
    [
        (True, "Motor1"),
        (False, ""),
        ("", ""),
        ("other", "other"),
        (dotted, "Motor1.RBV"),
        (lambda _: "", ""),
    ],
)
def test_a_readback_is_the_device_none_a_name_or_what_a_function_returns(
    readback: bool | str, expected: str
) -> None:
    assert ScanSettings([DeviceRule("Motor.*", readback=readback)]).of("Motor1").readback == expected


def test_the_naming_function_of_the_settings_says_what_true_means() -> None:
    settings = ScanSettings([DeviceRule("a", readback=True), DeviceRule("b")], readback_name=dotted)
    assert [settings.of(name).readback for name in ("a", "b", "+r b", "+r c")] == [
        "a.RBV",
        "",
        "b.RBV",
        "c.RBV",
    ]


def test_a_naming_function_is_asked_once_for_each_device() -> None:
    asked: list[str] = []

    def name(device: str) -> str:
        asked.append(device)
        return device

    settings = ScanSettings([DeviceRule(".*", readback=name)])
    for _ in range(3):
        settings.set("x", 1)
        settings.loop("y", 1, 2, 1)
    assert asked == ["x", "y"]


def test_a_naming_function_that_returns_no_text_is_told_of() -> None:
    settings = ScanSettings(readback_name=lambda _: None)  # type: ignore[arg-type,return-value]
    with pytest.raises(
        InvalidSettings, match="x: the function that names its readback returned None: let it"
    ):
        settings.of("+r x")


def test_an_empty_readback_value_is_none() -> None:
    assert DeviceRule("x", readback=True, readback_value="").readback_value is None


@pytest.mark.parametrize("spelling", ["increase by", "INCREASE_BY", Comparison.INCREASE_BY, "to increase by"])
def test_comparisons_go_by_all_their_spellings(spelling: Comparison) -> None:
    assert DeviceRule("x", comparison=spelling).comparison is Comparison.INCREASE_BY


def test_settings_do_not_change_but_grow_into_new_ones() -> None:
    before = ScanSettings([DeviceRule(".*", completion=True)], readback_name=dotted, table_scan_row="row")
    after = before.with_rules(DeviceRule("x", readback=True))
    assert (before.of("x").readback, after.of("x").readback) == ("", "x.RBV")
    assert after.of("y").completion
    assert after.table_scan_row == "row"
    with pytest.raises(ValidationError, match="frozen"):
        before.rules = ()  # type: ignore[misc]


def test_settings_show_themselves_as_python_that_builds_them_again() -> None:
    settings = ScanSettings(
        [DeviceRule(r"motor_\d", completion=True, timeout=5), DeviceRule("n", comparison="<=", tolerance=0)],
        table_scan_row="+c row",
    )
    assert eval(repr(settings), {"ScanSettings": ScanSettings, "DeviceRule": DeviceRule}) == settings
    assert str(settings.rules[1]) == "DeviceRule('n', tolerance=0, comparison='<=')"


def test_settings_that_were_used_are_equal_and_come_back_from_pickle_and_copies() -> None:
    used = ScanSettings(SITE.rules)
    used.of("x")
    assert used == ScanSettings(SITE.rules)
    assert pickle.loads(pickle.dumps(used)) == copy.deepcopy(used) == used


# What rules refuse


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"compeltion": True}, "DeviceRule has no option 'compeltion'; did you mean 'completion'?"),
        ({"completion": 1}, "give True or False"),
        ({"completion": "true"}, "give True or False"),
        ({"readback": 5}, "give True or False, the name of a device, or a function"),
        ({"readback": " x"}, "give True or False, the name of a device, or a function"),
        ({"readback_value": True}, "give a finite number, or a text"),
        ({"timeout": -1}, "give a time in seconds"),
        ({"timeout": "5"}, "give a time in seconds"),
        ({"timeout": float("inf")}, "give a time in seconds"),
        ({"tolerance": -0.1}, "give a tolerance"),
        ({"tolerance": float("nan")}, "give a tolerance"),
        ({"comparison": "=>"}, "give one of =, !=, >, >=, <, <=, 'increase by'"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DeviceRule("x", **options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_a_pattern_that_is_none_is_refused_beside_all_else_that_is_wrong() -> None:
    with pytest.raises(ValidationError) as caught:
        DeviceRule("motor_(", tolerance=-1)
    assert "'motor_(' is no regular expression: missing )" in str(caught.value)
    assert "give a tolerance" in str(caught.value)


@pytest.mark.parametrize("pattern", [5, None, b"x"])
def test_a_pattern_is_text(pattern: str) -> None:
    with pytest.raises(ValidationError, match="give a regular expression as text"):
        DeviceRule(pattern)


@pytest.mark.parametrize("rules", [DeviceRule("x"), [{"pattern": "x"}], ["x"], 5])
def test_settings_are_made_of_rules(rules: list[DeviceRule]) -> None:
    with pytest.raises(ValidationError, match="give a list of rules such as DeviceRule"):
        ScanSettings(rules)


@pytest.mark.parametrize(
    ("row", "message"), [(5, "give the name of a device"), ("+q x", "'\\+q' is no prefix")]
)
def test_the_device_for_rows_has_a_name(row: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ScanSettings(table_scan_row=row)


# Prefixes


@pytest.mark.parametrize(
    ("device", "completion", "readback", "parallel"),
    [
        ("Lakeshore1", True, "", False),
        ("-c Lakeshore1", False, "", False),
        ("+p Lakeshore1", True, "", True),
        ("+p-c+r Lakeshore1", False, "Lakeshore1", True),
        ("+pr Lakeshore1", True, "Lakeshore1", True),
        ("+p-cr Motor1", False, "", True),
        ("  +c  -r\tplain  ", True, "", False),
        ("-c+c plain", True, "plain", False),
        ("+p-p plain", False, "plain", False),
    ],
)
def test_prefixes_outrank_the_rules(device: str, completion: bool, readback: str, parallel: bool) -> None:
    found = SITE.of(device)
    assert found.name == device.rsplit(maxsplit=1)[-1]
    assert (found.completion, found.readback, found.parallel) == (completion, readback, parallel)


def test_trap_26_the_prefix_for_a_readback_keeps_the_one_that_a_rule_gives() -> None:
    assert SITE.of("+r status").readback == "status:ok"
    assert SITE.of("+r Motor1").readback == "Motor1.RBV"


def test_a_name_may_hold_blanks_and_signs() -> None:
    assert SITE.of("+c motor x-1").name == "motor x-1"


@pytest.mark.parametrize(
    ("device", "message"),
    [
        ("+x motor", r"\+x motor: '\+x' is no prefix: the prefixes are \+c, -c, \+r, -r and \+p"),
        ("-cy motor", "'-y' is no prefix"),
        ("+cmotor", r"'\+mot' is no prefix"),
        ("+ motor", r"'\+' is no prefix"),
        ("+C motor", r"'\+C' is no prefix"),
        ("++c motor", r"'\+' is no prefix"),
        ("", "'': the name of the device is missing"),
        ("  ", "'  ': the name of the device is missing"),
        ("+c", r"'\+c': the name of the device is missing"),
        (5, "5: give the name of a device as text"),
    ],
)
def test_names_that_cannot_be_read_are_refused(device: str, message: str) -> None:
    with pytest.raises(InvalidSettings, match=message):
        SITE.of(device)


# Commands


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (SITE.set("Motor1", 5), Set("Motor1", 5, completion=True, readback="Motor1.RBV", timeout=100)),
        (SITE.set("+c plain", 5), Set("plain", 5, completion=True, readback="plain")),
        (SITE.set("plain", 5), Set("plain", 5, readback=True, tolerance=0.1)),
        (SITE.set("-r plain", "five"), Set("plain", "five")),
        (
            SITE.set("status", 5),
            Set("status", 5, completion=True, readback="status:ok", readback_value="OK", tolerance=0),
        ),
        (SITE.set("-r status", 5), Set("status", 5, completion=True)),
        (SITE.set("status", 5, readback=False), Set("status", 5, completion=True)),
        (SITE.set("status", 5, readback_value=None).readback_value, None),
        (
            SITE.set("Lakeshore1", 5, readback=True),
            Set("Lakeshore1", 5, completion=True, readback=True, timeout=300, tolerance=10),
        ),
        (
            SITE.set("Motor1", 5, readback=True, timeout=1),
            Set("Motor1", 5, completion=True, readback=True, timeout=1),
        ),
        (SITE.set("Motor1", 5, completion=False, readback=False), Set("Motor1", 5)),
        (
            SITE.set("plain", 5, tolerance=2, error_handler="Retry"),
            Set("plain", 5, readback=True, tolerance=2, error_handler="Retry"),
        ),
    ],
)
def test_devices_are_written_as_the_settings_say(made: object, expected: object) -> None:
    assert made == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            SITE.loop("Motor1", 1, 10, 2, Delay(1), [Delay(2)]),
            Loop(
                "Motor1",
                1,
                10,
                2,
                [Delay(1), Delay(2)],
                completion=True,
                readback="Motor1.RBV",
                tolerance=0.2,
                timeout=100,
            ),
        ),
        (SITE.loop("plain", 1, -1, -0.5), Loop("plain", 1, -1, -0.5, readback="plain", tolerance=0.05)),
        (SITE.loop("-r plain", 1, 10, 2), Loop("plain", 1, 10, 2)),
        (SITE.loop("Lakeshore1", 1, 10, 2), Loop("Lakeshore1", 1, 10, 2, completion=True, timeout=300)),
        (SITE.loop("+r Lakeshore1", 1, 10, 2).tolerance, 10),
        (
            SITE.loop("status", 1, 2, 1, tolerance=3, completion=False),
            Loop("status", 1, 2, 1, readback="status:ok", tolerance=3),
        ),
        (
            SITE.loop("x", 1, 2, 1, Delay(1), body=[Delay(2)], readback=False),
            Loop("x", 1, 2, 1, Delay(1), Delay(2)),
        ),
    ],
)
def test_devices_are_stepped_as_the_settings_say(made: object, expected: object) -> None:
    assert made == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (SITE.wait("plain", 42), Wait("plain", 42, ">=", tolerance=0.1)),
        (SITE.wait("counter", 42), Wait("counter", 42, "increase by", timeout=5)),
        (
            SITE.wait("+p counter", 42, comparison="=", tolerance=1),
            Wait("counter", 42, tolerance=1, timeout=5),
        ),
        (SITE.wait("Lakeshore1", 4, timeout=1), Wait("Lakeshore1", 4, ">=", tolerance=10, timeout=1)),
        (SITE.wait("x", ["Open"], comparison="in"), Wait("x", ["Open"], "in")),
    ],
)
def test_devices_are_waited_for_as_the_settings_say(made: object, expected: object) -> None:
    assert made == expected


def test_what_a_command_refuses_is_its_own_error() -> None:
    with pytest.raises(ValidationError, match="Set has no option 'timout'; did you mean 'timeout'"):
        SITE.set("x", 5, timout=5)  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="Loop has no option 'readback_value'"):
        SITE.loop("x", 1, 5, 1, readback_value=3)  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="give a finite number"):
        SITE.loop("x", 1, 5, "1")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="INCREASE_BY and DECREASE_BY want a number"):
        SITE.wait("counter", "Open")
