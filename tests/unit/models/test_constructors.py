"""Commands as people write them."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk import (
    Command,
    CommandSequence,
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
from scan_sdk.models.commands import COMMANDS


def fields(command: Command) -> dict[str, object]:
    """Return what differs from the defaults, and the fields that have none."""
    return {
        name: getattr(command, name)
        for name, field in type(command).model_fields.items()
        if name != "command" and (field.is_required() or getattr(command, name) != field.default)
    }


def test_set() -> None:
    assert fields(Set("motor_x", 10)) == {"device": "motor_x", "value": 10.0}
    command = Set("motor_x", 10, completion=True, readback="motor_x.RBV", tolerance=0.1, timeout=30)
    assert fields(command) == {
        "device": "motor_x",
        "value": 10.0,
        "completion": True,
        "wait": True,
        "readback": "motor_x.RBV",
        "timeout": 30.0,
    }
    assert Set(device="x", value="Open") == Set("x", "Open")
    assert Set("x", 1, error_handler="H").error_handler == "H"


def test_readback_of_set() -> None:
    assert (Set("x", 1).wait, Set("x", 1).readback) == (False, "")
    assert Set("x", 1, readback=False) == Set("x", 1)
    own = Set("x", 1, readback=True)
    assert (own.wait, own.readback) == (True, "x")
    assert own == Set("x", 1, readback="x")
    assert Set("x", 1, readback="y", readback_value="moved").readback_value == "moved"
    assert Set("x", 1, readback="y", readback_value=0).readback_value == 0.0
    unused = {"device": "x", "value": 1, "wait": False, "readback": "y"}  # as a dump may hold it
    assert Set.model_validate(unused) == Set("x", 1)


def test_loop() -> None:
    loop = Loop("motor_x", 1, 10, 0.5, [Log("motor_x")], readback=True)
    assert fields(loop) == {
        "device": "motor_x",
        "start": 1.0,
        "end": 10.0,
        "step": 0.5,
        "wait": True,
        "body": (Log("motor_x"),),
    }
    assert Loop("x", 1, 5, 1, Set("y", 1), Log("x")).body == (Set("y", 1), Log("x"))
    assert Loop("x", 1, 5, 1, readback="y").readback == "y"
    assert Loop("x", 1, 5, 1).wait is False
    assert Loop("x", 5, 1, -1).step == -1
    assert Loop("x", 5, 1, 1).step == 1


def test_log() -> None:
    assert Log("a", "b").devices == ("a", "b")
    assert Log(["a", "b"]) == Log("a", "b") == Log(("a",), ["b"]) == Log(devices=["a", "b"])  # type: ignore[call-arg]
    assert Log(name for name in "ab") == Log("a", "b")


def test_wait() -> None:
    wait = Wait("counts", 1e6, comparison=">=", timeout=10)
    assert fields(wait) == {
        "device": "counts",
        "value": 1e6,
        "comparison": Comparison.AT_LEAST,
        "timeout": 10.0,
    }
    assert Wait("x", 1, ">") == Wait("x", 1, comparison=Comparison.ABOVE)
    assert Wait("x", 1).comparison is Comparison.EQUALS
    assert Wait("x", ["a", "b"], "in").value == ("a", "b")
    assert Wait("x", ("a",), "not in").value == ("a",)
    assert Wait("x", np.array(["a", "b"]), "in").value == ("a", "b")
    assert Wait("x", 5, "increase by").comparison is Comparison.INCREASE_BY


def test_if() -> None:
    command = If("x", ">", 3, [Delay(1)], tolerance=0.5)
    assert fields(command) == {
        "device": "x",
        "value": 3.0,
        "comparison": Comparison.ABOVE,
        "tolerance": 0.5,
        "body": (Delay(1),),
    }
    assert If("x", "=", "Open", Delay(1), Log("x")).body == (Delay(1), Log("x"))


def test_the_rest() -> None:
    assert fields(Comment("text")) == {"text": "text"}
    assert fields(Delay(2)) == {"seconds": 2.0}
    assert fields(ConfigLog(True)) == {"automatic": True}
    assert fields(Parallel(Delay(1), Delay(2), timeout=5)) == {"timeout": 5.0, "body": (Delay(1), Delay(2))}
    assert fields(Sequence(Delay(1), Delay(2))) == {"body": (Delay(1), Delay(2))}
    assert fields(Include("f.scn", macros={"m": "x"})) == {"scan_file": "f.scn", "macros": "m=x"}
    assert Include("f.scn", {"m": "x"}) == Include("f.scn", "m=x")
    assert fields(Script("Name", 1, "b")) == {"path": "Name", "arguments": ("1", "b")}


def test_bodies_take_any_nesting() -> None:
    a, b, c, d = Delay(1), Delay(2), Delay(3), Delay(4)
    expected = Parallel(a, b, c, d)
    assert Parallel([a, b, c, d]) == expected
    assert Parallel([[a], (b, [c])], d) == expected
    assert Parallel(a, body=[b, c, d]) == expected
    assert Parallel(body=[a, [b, c], d]) == expected
    assert Parallel(CommandSequence(a, b), [c], d) == expected
    assert Parallel(Delay(i) for i in (1, 2, 3, 4)) == expected
    assert Parallel(body=()) == Parallel() == Parallel([])


@pytest.mark.parametrize("cls", COMMANDS)
def test_every_command_but_comment_takes_an_error_handler(cls: type[Command]) -> None:
    assert ("error_handler" in cls.model_fields) == (cls is not Comment)


def test_commands_are_frozen() -> None:
    command = Delay(1)
    with pytest.raises(ValidationError, match="frozen"):
        command.seconds = 2  # type: ignore[misc]
    assert command.model_copy(update={"seconds": 2.0}) == Delay(2)


def test_equality_and_hashes() -> None:
    assert Delay(1) == Delay(1.0)
    assert Delay(1) != Delay(2)
    assert Sequence(Delay(1)) != Parallel(Delay(1))
    assert Set("x", 1) != Set("x", "1")
    assert len({Loop("x", 1, 2, 1, Delay(1)), Loop("x", 1, 2, 1, Delay(1)), Loop("x", 1, 2, 1)}) == 2


# Trap 16


@pytest.mark.parametrize(
    "command",
    [
        Wait("x", 5, tolerance=0),
        Set("x", 0, readback=True, tolerance=0),
        Loop("x", 0, 1, 1, tolerance=0),
        If("x", "=", 0, tolerance=0),
        Delay(0),
    ],
)
def test_trap_16_explicit_zeros_survive(command: Command) -> None:
    assert getattr(command, "tolerance", 0.0) == 0.0
    assert type(command).model_validate_json(command.model_dump_json()) == command
    assert CommandSequence.from_xml(CommandSequence(command).to_xml())[0] == command


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (5, 5.0),
        (-0.0, -0.0),
        (2**63, 2.0**63),
        (np.float64(1.5), 1.5),
        (np.float32(1.5), 1.5),
        (np.float16(1.5), 1.5),
        (np.longdouble(1.5), 1.5),
        (np.int8(-3), -3.0),
        (np.uint64(3), 3.0),
        (np.array(2.5), 2.5),
        (Decimal("1.5"), 1.5),
        (Fraction(1, 4), 0.25),
        (5e-324, 5e-324),
        (1.7976931348623157e308, 1.7976931348623157e308),
    ],
)
def test_numbers_of_all_kinds_become_floats(given: float, number: float) -> None:
    command = Set("x", given, tolerance=abs(given), timeout=abs(given))
    assert type(command.value) is type(command.tolerance) is type(command.timeout) is float
    assert command.value == number
    assert math.copysign(1, command.value) == math.copysign(1, number)
    assert Wait("x", given).value == number
    assert If("x", "=", given).value == number


def test_texts_of_all_kinds_become_str() -> None:
    class Text(str):
        __slots__ = ()

    for text in (Text("x"), np.str_("x")):
        command = Set(text, text)
        assert type(command.device) is type(command.value) is str
    assert Set("x", "5").value == "5"
