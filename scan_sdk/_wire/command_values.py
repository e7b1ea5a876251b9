"""What the scan server makes of the values of a command that its document gives, or leaves out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from scan_sdk._dialect.java import parse_value
from scan_sdk._dialect.lists import read_list
from scan_sdk._wire.command_faults import nearest
from scan_sdk._wire.command_plans import read_boolean
from scan_sdk.models import Comparison
from scan_sdk.models.commands import MEMBERSHIP

if TYPE_CHECKING:
    from scan_sdk._wire.command_faults import FaultKind
    from scan_sdk._wire.command_plans import Plan, Row
    from scan_sdk.models.base import CommandModel

__all__ = ["as_server_holds", "misread", "read_others", "read_values", "schema_number", "settle_readback"]


def read_values(values: dict[str, object]) -> None:
    """Read the text of values, now that it is known with which comparison."""
    text = values["value"]
    if values.get("comparison") in MEMBERSHIP:
        values["value"] = read_list(text) if isinstance(text, str) else ("0",)
    elif isinstance(text, str):
        values["value"] = parse_value(text)
    text = values.get("readback_value")
    if isinstance(text, str):
        expected = parse_value(text)
        values["readback_value"] = None if expected == "" else expected


def read_others(values: dict[str, object], plan: Plan) -> None:
    """Read the values and whole numbers of commands that are not compared with anything."""
    for name in plan.values:
        text = values[name]
        values[name] = parse_value(text) if isinstance(text, str) else text
    for name in plan.integers:
        number = values[name]
        values[name] = int(number) if isinstance(number, float) and number.is_integer() else number


def settle_readback(values: dict[str, object], *, keep: bool = False) -> None:
    """Name the readback that the server makes up for Set, and drop what it does not look at."""
    if not values["wait"]:
        if not keep:
            values.pop("readback", None)
            values.pop("readback_value", None)
    elif "value" in values and not values.get("readback"):
        values["readback"] = values["device"]


def as_server_holds(cls: type[CommandModel], values: dict[str, object]) -> CommandModel:
    """Return a command with values that its constructor refuses, as the server takes them."""
    held = dict(values)
    for name in ("tolerance", "timeout"):
        number = held.get(name)
        if isinstance(number, float):
            held[name] = max(number, 0.0)  # in this order NaN stays what it is
    if held.get("step") == 0:
        held["step"] = 1.0
    if "comparison" in held:
        held["comparison"] = Comparison(str(held["comparison"]))
    return cls.model_construct(None, **held)


_PLAIN_NUMBER = re.compile(
    r"[ \t\r\n]*[-+]?(?:Infinity|NaN|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)[ \t\r\n]*"
)


_SCHEMA_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def misread(row: Row, text: str, *, as_schema: bool) -> tuple[FaultKind, str, str] | None:
    """Return what is wrong with a text that the server silently takes for something else, and advice.

    Args:
        row: The field that it is for, a boolean or a comparison.
        text: The text.
        as_schema: Whether to let pass what the schema takes in the same sense.
    """
    if row.kind == "boolean":
        if text in {"true", "false"}:
            return None
        meant = _SCHEMA_BOOLEANS.get(text.strip(" \t\r\n")) if text else row.default
        taken = read_boolean(text)
        if as_schema and meant is taken:
            return None
        reason = f"<{row.tag}> wants true or false; the server takes {text[:40]!r} for {str(taken).lower()}"
        return ("not-a-boolean" if meant is None else "boolean-misread"), reason, ""
    if text in row.members or (as_schema and not text):
        return None
    reason = f"the server takes the unknown {row.tag} {text[:40]!r} for {row.default or 'none'}"
    return "unknown-comparison", reason, nearest(text, row.members)


def schema_number(text: str) -> float:
    """Return a number that schemas take too, or one that is out of every range."""
    # What numbers nearly always look like; Python reads that as schemas do, and knows no hexadecimal ones
    if text[-1:].isdigit() and text.isascii() and "_" not in text:
        return float(text)
    if _PLAIN_NUMBER.fullmatch(text) is None:
        raise ValueError(f"{text[:40]!r} is no number")
    return float(text)
