"""What the constructors of commands refuse, and what they say to do instead."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk import (
    Comment,
    Comparison,
    ConfigLog,
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
from scan_sdk.models.loops import MOST_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable


def refused(build: Callable[[], object]) -> tuple[str, str]:
    """Return where the first fault is, and what the message says of it."""
    with pytest.raises(ValidationError) as caught:
        build()
    assert "errors.pydantic.dev" not in str(caught.value)
    fault = caught.value.errors()[0]
    return ".".join(map(str, fault["loc"])), fault["msg"]


# Trap 15


def test_trap_15_an_argument_of_a_script_is_one_argument() -> None:
    assert Script("M", "pos").arguments == ("pos",)
    assert Script("M", ["a", 1], 2.5).arguments == ("a", "1", "2.5")  # type: ignore[arg-type]
    assert Script(path="M", arguments="pos") == Script("M", "pos")  # type: ignore[call-arg]
    assert Script("M", 2**70, -0.5, np.float64(2), np.int64(3), np.float32(0.1)).arguments == (
        "1180591620717411303424",
        "-0.5",
        "2.0",
        "3",
        "0.1",
    )


def test_trap_15_a_script_has_an_error_handler_and_no_errhandler() -> None:
    assert Script("M", error_handler="H").error_handler == "H"
    where, hint = refused(lambda: Script("M", errhandler="H"))  # type: ignore[call-arg]
    assert (where, hint) == ("errhandler", "Script has no option 'errhandler'; did you mean 'error_handler'?")


@pytest.mark.parametrize("argument", [None, True, b"x", np.True_, {"a": 1}, object(), "\x00"])
def test_arguments_of_scripts_are_texts_and_numbers(argument: object) -> None:
    where, hint = refused(lambda: Script("M", argument))  # type: ignore[arg-type]
    assert (where, hint) == ("arguments", "give texts or numbers, for example Script('SumUp', 'x', 10)")


# Trap 17


def test_trap_17_log_wants_devices() -> None:
    assert refused(Log) == ("devices", "Log needs devices")
    hint = "give one or more names of devices, for example Log('motor_x', 'neutrons')"
    assert refused(lambda: Log([])) == ("devices", hint)
    assert refused(lambda: Log(devices=())) == ("devices", hint)  # type: ignore[call-arg]
    for wrong in ("", " ", "a\nb", None, 5, " a"):
        assert refused(lambda wrong=wrong: Log("x", wrong)) == ("devices", hint)


# Trap 18


@pytest.mark.parametrize(
    ("build", "where", "hint"),
    [
        (
            lambda: Loop("x", 1, 2, 1, complation=True),
            "complation",
            "Loop has no option 'complation'; did you mean 'completion'?",
        ),
        (lambda: Set("x", 1, time_out=3), "time_out", "no option 'time_out'; did you mean 'timeout'?"),
        (lambda: Set("x", 1, errhandler="H"), "errhandler", "did you mean 'error_handler'?"),
        (lambda: Wait("x", 1, tolerence=1), "tolerence", "did you mean 'tolerance'?"),
        (lambda: Parallel(Delay(1), tineout=1), "tineout", "did you mean 'timeout'?"),
        (lambda: Delay(1, unit="s"), "unit", "Delay has no option 'unit'; it has seconds, error_handler"),
        (lambda: Comment("a", error_handler="H"), "error_handler", "no option 'error_handler'; it has text"),
        (lambda: Delay(sec=1), "seconds", "Delay needs seconds"),
    ],
)
def test_trap_18_unknown_keywords_name_the_near_one(
    build: Callable[[], object], where: str, hint: str
) -> None:
    found, message = refused(build)
    assert found == where
    assert hint in message


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        Set("", None, complation=True, tolerance=-1)  # type: ignore[call-arg,arg-type]
    assert [fault["loc"] for fault in caught.value.errors()] == [
        ("device",),
        ("value",),
        ("tolerance",),
        ("complation",),
    ]
    assert caught.value.title == "Set"


# Trap 19

VALUE = (
    "give a finite number, or a text without control characters; "
    "the scan server takes no lists, booleans or None here"
)


@pytest.mark.parametrize(
    "value",
    [
        True,
        np.True_,
        np.array(True),
        None,
        [1, 2],
        (1, 2),
        ["a"],
        {},
        b"a",
        1j,
        np.complex128(1),
        np.array([1.0]),
        np.array([1.0, 2.0]),
        timedelta(1),
        object(),
        math.nan,
        math.inf,
        -math.inf,
        np.float64("nan"),
        np.float32("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Fraction(10**400),
        10**400,
        "a\x00b",
        "\ud800",
    ],
)
@pytest.mark.filterwarnings("error")
def test_trap_19_values_are_numbers_or_texts(value: object) -> None:
    assert refused(lambda: Set("x", value)) == ("value", VALUE)  # type: ignore[arg-type]
    assert refused(lambda: If("x", "=", value)) == ("value", VALUE)  # type: ignore[arg-type]
    if value is not None:  # which here means none
        expecting = refused(lambda: Set("x", 1, readback=True, readback_value=value))  # type: ignore[arg-type]
        assert expecting == ("readback_value", VALUE)


@pytest.mark.parametrize("value", [True, None, 1j, b"a", math.nan, [1, 2], [None], {"a": 1}, "a\x00b"])
def test_trap_19_values_of_wait(value: object) -> None:
    hint = "give a finite number or a text, or a list of texts for IN and NOT_IN"
    assert refused(lambda: Wait("x", value)) == ("value", hint)  # type: ignore[arg-type]


# Times, tolerances, numbers, booleans, names

SECONDS = "give a time in seconds: a finite number, 0 or more"
TOLERANCE = "give a tolerance: a finite number, 0 or more"
NUMBERS: list[tuple[Callable[[object], object], str, str]] = [
    (Delay, "seconds", SECONDS),
    (lambda n: Set("x", 1, timeout=n), "timeout", SECONDS),
    (lambda n: Wait("x", 1, timeout=n), "timeout", SECONDS),
    (lambda n: Loop("x", 1, 2, 1, timeout=n), "timeout", SECONDS),
    (lambda n: Parallel(timeout=n), "timeout", SECONDS),
    (lambda n: Set("x", 1, tolerance=n), "tolerance", TOLERANCE),
    (lambda n: Wait("x", 1, tolerance=n), "tolerance", TOLERANCE),
    (lambda n: If("x", "=", 1, tolerance=n), "tolerance", TOLERANCE),
    (lambda n: Loop("x", 1, 2, 1, tolerance=n), "tolerance", TOLERANCE),
]
LIMITS: list[tuple[Callable[[object], object], str, str]] = [
    (lambda n: Loop("x", n, 2, 1), "start", "give a finite number"),
    (lambda n: Loop("x", 1, n, 1), "end", "give a finite number"),
    (lambda n: Loop("x", 1, 2, n), "step", "give a finite number"),
]
NO_NUMBERS = [math.nan, math.inf, "1", None, True, np.False_, [1], 1j, b"1", timedelta(1), 10**400]


@pytest.mark.parametrize(("build", "where", "hint"), NUMBERS + LIMITS)
@pytest.mark.parametrize("number", NO_NUMBERS, ids=lambda number: repr(number)[:20])
def test_what_is_no_number(build: Callable[[object], object], where: str, hint: str, number: object) -> None:
    assert refused(lambda: build(number)) == (where, hint)


@pytest.mark.parametrize(("build", "where", "hint"), NUMBERS)
@pytest.mark.parametrize("number", [-1, -1e-300, np.float64(-1), Decimal(-1)])
def test_negative_times_and_tolerances(
    build: Callable[[object], object], where: str, hint: str, number: object
) -> None:
    assert refused(lambda: build(number)) == (where, hint)


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (ConfigLog, "automatic"),
        (lambda flag: Set("x", 1, completion=flag), "completion"),
        (lambda flag: Loop("x", 1, 2, 1, completion=flag), "completion"),
        (lambda flag: Set("x", 1, wait=flag), "wait"),
        (lambda flag: Loop("x", 1, 2, 1, wait=flag), "wait"),
    ],
)
@pytest.mark.parametrize("flag", [1, 0, "yes", None, np.True_])
def test_booleans_are_booleans(build: Callable[[object], object], where: str, flag: object) -> None:
    assert refused(lambda: build(flag)) == (where, "give True or False")


BAD_NAMES = ["", " ", "a\nb", "a\tb", " a", "a ", "a\x00", "\x7f\x00", "\ud800", None, 5, b"a", ["a"], True]


@pytest.mark.parametrize(
    "build",
    [
        lambda name: Set(name, 1),
        lambda name: Wait(name, 1),
        lambda name: If(name, "=", 1),
        lambda name: Loop(name, 1, 2, 1),
    ],
)
@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_names_of_devices(build: Callable[[object], object], name: object) -> None:
    hint = "give the name of a PV or its alias on the server: one line, not empty, no blanks around it"
    assert refused(lambda: build(name)) == ("device", hint)


@pytest.mark.parametrize(
    "name", ["x", "$(axis)", "$(P=BL1):m1", "loc://x(0)", 'loc://t("a b")', "pva://µ🔬", "x.RBV"]
)
def test_names_of_devices_that_are_taken(name: str) -> None:
    assert Set(name, 1, readback=name).device == name
    assert Log(name).devices == (name,)


@pytest.mark.parametrize(("build", "where"), [(Include, "scan_file"), (Script, "path")])
@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_names_of_files_and_scripts(build: Callable[[object], object], where: str, name: object) -> None:
    hint = "give a name: one line, not empty, no blanks around it, no control characters"
    assert refused(lambda: build(name)) == (where, hint)


@pytest.mark.parametrize(
    "build",
    [lambda readback: Set("x", 1, readback=readback), lambda readback: Loop("x", 1, 2, 1, readback=readback)],
)
@pytest.mark.parametrize(
    "readback", [name for name in BAD_NAMES if name != "" and name is not True] + [np.True_], ids=repr
)
def test_readbacks(build: Callable[[object], object], readback: object) -> None:
    where, hint = refused(lambda: build(readback))
    assert where == "readback"
    assert hint == (
        "give True for the device itself, False for none, or the name of another device: "
        "one line, no blanks around it"
    )


@pytest.mark.parametrize("build", [lambda: Set("x", 1, readback=""), lambda: Loop("x", 1, 2, 1, readback="")])
def test_an_empty_readback(build: Callable[[], object]) -> None:
    assert refused(build) == ("readback", "give the name of a device, or True for the device itself")


def test_a_readback_value_wants_a_readback() -> None:
    hint = "this is what the readback has to show: give readback= too"
    assert refused(lambda: Set("x", 1, readback_value=5)) == ("readback_value", hint)
    assert refused(lambda: Set("x", 1, readback=False, readback_value="a")) == ("readback_value", hint)


def test_an_empty_readback_value_cannot_be_waited_for() -> None:
    where, hint = refused(lambda: Set("x", 1, readback=True, readback_value=""))
    assert (where, hint) == (
        "readback_value",
        "the server cannot wait for an empty text, but takes it for none: leave it out",
    )


# Trap 21


def test_trap_21_a_step_of_0() -> None:
    for zero in (0, 0.0, -0.0, np.float64(0)):
        assert refused(lambda zero=zero: Loop("x", 1, 5, zero)) == (
            "",
            "step 0 never reaches the end, and the server would take 1: give another step",
        )


@pytest.mark.parametrize(
    ("start", "end", "step"),
    [
        (0, 1, 1e-12),
        (0, 1e300, 1),
        (-1e308, 1e308, 1),
        (1e308, -1e308, -1),
        (0, MOST_STEPS + 1, 1),
        (1, 0, 1e-300),
        (1, 0, 5e-324),
    ],
)
def test_trap_21_more_steps_than_the_server_counts(start: float, end: float, step: float) -> None:
    where, hint = refused(lambda: Loop("x", start, end, step))
    assert where == ""
    assert hint == (
        "the loop would take more than 2147483646 steps, and the server would perform none of them: "
        "check start, end and step"
    )


def test_trap_21_as_many_steps_as_the_server_counts() -> None:
    assert Loop("x", 0, MOST_STEPS, 1).end == MOST_STEPS
    assert Loop("x", 5, 5, 1e-300).start == 5


# Trap 22


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"])
def test_trap_22_what_xml_cannot_carry_is_refused(character: str) -> None:
    hint = "give text of characters that XML 1.0 can carry: no control characters but tab, CR and LF"
    text = f"a{character}b"
    assert refused(lambda: Comment(text)) == ("text", hint)
    assert refused(lambda: Delay(1, error_handler=text)) == ("error_handler", hint)
    assert refused(lambda: Include("f.scn", text)) == ("macros", hint)
    assert refused(lambda: Set("x", text)) == ("value", VALUE)
    assert refused(lambda: Set(text, 1))[0] == "device"
    assert refused(lambda: Set("x", 1, readback=text))[0] == "readback"
    assert refused(lambda: Log(text))[0] == "devices"
    assert refused(lambda: Script("M", text))[0] == "arguments"
    assert refused(lambda: Wait("x", [text], "in"))[0] == "value"


@pytest.mark.parametrize("text", ["a\tb\r\nc", "µ", "\x7f\x85", "🔬", "\ue000", "\ufffd", "]]>", "&<>\"'"])
def test_trap_22_all_other_text_is_taken(text: str) -> None:
    assert Comment(text).text == text
    assert Set("x", text).value == text


@pytest.mark.parametrize("text", [None, 5, b"a", True, ["a"]])
def test_texts_are_texts(text: object) -> None:
    hint = "give text of characters that XML 1.0 can carry: no control characters but tab, CR and LF"
    assert refused(lambda: Comment(text)) == ("text", hint)  # type: ignore[arg-type]
    assert refused(lambda: Delay(1, error_handler=text)) == ("error_handler", hint)  # type: ignore[arg-type]


# Comparisons


@pytest.mark.parametrize("comparison", ["=>", "LARGER", "", None, 5, True])
def test_unknown_comparisons(comparison: object) -> None:
    hint = (
        "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in', "
        "or its name such as AT_LEAST"
    )
    assert refused(lambda: Wait("x", 1, comparison)) == ("comparison", hint)  # type: ignore[arg-type]
    assert refused(lambda: If("x", comparison, 1)) == ("comparison", hint)  # type: ignore[arg-type]


@pytest.mark.parametrize("comparison", ["in", "not in", Comparison.IN, "NOT_IN"])
def test_membership(comparison: Comparison) -> None:
    lists = "IN and NOT_IN compare with texts: give a list of them"
    for value in ("a", 5, []):
        assert refused(lambda value=value: Wait("x", value, comparison)) == ("", lists)
    quotes = "IN and NOT_IN cannot carry a backslash, or both kinds of quotes in one text"
    for text in ("a\\b", "'\""):
        assert refused(lambda text=text: Wait("x", ["a", text], comparison)) == ("", quotes)
    assert Wait("x", ["it's", 'a "b"', "a, b", ""], comparison).value == ("it's", 'a "b"', "a, b", "")
    where, hint = refused(lambda: If("x", comparison, "a"))
    assert where == ""
    assert hint == f"the comparison {Comparison(comparison).name} works in Wait only"


@pytest.mark.parametrize("comparison", ["increase by", "decrease by", Comparison.INCREASE_BY])
def test_relative_comparisons(comparison: Comparison) -> None:
    assert refused(lambda: Wait("x", "a", comparison)) == ("", "INCREASE_BY and DECREASE_BY want a number")
    assert refused(lambda: Wait("x", ["a"], comparison))[0] == ""
    assert Wait("x", 5, comparison).value == 5.0
    where, hint = refused(lambda: If("x", comparison, 1))
    assert where == ""
    assert hint.endswith(" works in Wait only")


def test_lists_go_with_membership_only() -> None:
    assert refused(lambda: Wait("x", ["a"])) == ("", "a list of texts goes with IN and NOT_IN only")


# Positions


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Comment("a", "b"), r"Comment\(\) takes 1 positional arguments \(text\), got 2"),
        (lambda: Delay(1, 2), r"Delay\(\) takes 1 positional arguments \(seconds\), got 2"),
        (
            lambda: ConfigLog(True, False, True),
            r"ConfigLog\(\) takes 1 positional arguments \(automatic\), got 3",
        ),
        (lambda: Set("x", 1, True), r"Set\(\) takes 2 positional arguments \(device, value\), got 3"),
        (
            lambda: Wait("x", 1, "=", 5),
            r"Wait\(\) takes 3 positional arguments \(device, value, comparison\), got 4",
        ),
        (
            lambda: Include("a", "b", "c"),
            r"Include\(\) takes 2 positional arguments \(scan_file, macros\), got 3",
        ),
        (lambda: Set("x", 1, device="y"), r"Set\(\) got multiple values for argument 'device'"),
        (lambda: Loop("x", 1, 2, 1, step=2), r"Loop\(\) got multiple values for argument 'step'"),
        (lambda: If("x", "=", 1, value=2), r"If\(\) got multiple values for argument 'value'"),
        (lambda: Script("M", "a", path="N"), r"Script\(\) got multiple values for argument 'path'"),
    ],
)
def test_wrong_positions(build: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        build()


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (Comment, "text"),
        (Delay, "seconds"),
        (ConfigLog, "automatic"),
        (lambda: Set("x"), "value"),
        (Set, "device"),
        (lambda: Wait("x"), "value"),
        (lambda: If("x", "="), "value"),
        (lambda: Loop("x", 1, 2), "step"),
        (Include, "scan_file"),
        (Script, "path"),
    ],
)
def test_missing_arguments(build: Callable[[], object], where: str) -> None:
    found, hint = refused(build)
    assert found == where
    assert hint.endswith(f" needs {where}")


# Bodies

COMMAND = "give commands such as Set('motor_x', 10) or Delay(2)"


@pytest.mark.parametrize(
    "wrong", ["x", 5, None, Log, object(), {"a": 1}, {"command": "sett"}, {"command": None}, b"x"]
)
@pytest.mark.parametrize(
    "build",
    [
        lambda body: Loop("x", 1, 2, 1, Delay(1), body),
        lambda body: If("x", "=", 1, Delay(1), body),
        lambda body: Parallel(Delay(1), [body]),
        lambda body: Sequence(body=[Delay(1), body]),
    ],
)
def test_bodies_hold_commands(build: Callable[[object], object], wrong: object) -> None:
    assert refused(lambda: build(wrong)) == ("body.1", COMMAND)


def test_a_fault_in_a_body_is_told_with_its_place() -> None:
    where, hint = refused(lambda: Parallel(Delay(1), {"command": "delay", "seconds": -1}))  # type: ignore[arg-type]
    assert where == "body.1.seconds"
    assert hint == "give a time in seconds: a finite number, 0 or more"
    where, hint = refused(lambda: Loop("x", 1, 2, 1, {"command": "set", "device": "y", "valu": 1}))  # type: ignore[arg-type]
    assert where == "body.0.value"
    assert hint == "Set needs value"


def test_the_tag_cannot_be_changed() -> None:
    assert refused(lambda: Delay(1, command="set"))[0] == "command"  # type: ignore[call-arg]
    assert Delay(1, command="delay") == Delay(1)  # type: ignore[call-arg]
