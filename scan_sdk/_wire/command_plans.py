"""How each command is read from XML, as tables that are made once from its model."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from scan_sdk._registry import COMMANDS
from scan_sdk.models import Comparison
from scan_sdk.models.base import CommandModel, fields_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from scan_sdk.models import Command
    from scan_sdk.models.base import XmlField

__all__ = ["OpenCommand", "Plan", "Row", "known_tags", "plan_of", "read_boolean"]


class Row:
    """How one field is read."""

    __slots__ = ("attribute", "convert", "default", "is_number", "is_text", "item", "kind", "nested", "tag")

    def __init__(self, field: XmlField) -> None:
        self.attribute = field.attribute
        self.default = field.default
        self.is_number = field.kind == "number"
        self.is_text = field.kind in {"text", "value"}
        self.nested = field.kind in {"list", "body"}
        self.tag = field.tag
        self.kind = field.kind
        self.item = field.item
        self.convert = _CONVERSIONS.get(field.kind, str)


def _defaults(cls: type[CommandModel]) -> dict[str, object]:
    """Return what the server takes missing fields for, where the constructor takes something else."""
    found: dict[str, object] = {}
    for field in fields_of(cls):
        default = "" if field.kind == "text" and field.default is None else field.default
        ours = cls.model_fields[field.attribute]
        if ours.is_required() or ours.default != default:
            found[field.attribute] = default
    return found


class Plan:
    """How a command is read: its class, its fields by tag, and what missing ones are taken for."""

    __slots__ = ("cls", "defaults", "has_body", "has_value", "has_wait", "needs_devices", "rows", "validate")

    def __init__(self, cls: type[CommandModel]) -> None:
        self.cls = cls
        self.rows = {field.tag: Row(field) for field in fields_of(cls)}
        self.defaults = _defaults(cls)
        self.needs_devices = "devices" in self.rows
        self.has_body = "body" in self.rows
        self.has_value = "value" in self.rows
        self.has_wait = "wait" in self.rows
        self.validate = cls.__pydantic_validator__.validate_python


class OpenCommand:
    """A command whose element is open, and the list that it will go to."""

    __slots__ = ("address", "around", "attributes", "column", "line", "plan", "rows", "values")

    def __init__(
        self,
        plan: Plan,
        attributes: Mapping[str, str],
        around: list[Command],
        address: int,
        place: tuple[int, int],
    ) -> None:
        self.plan = plan
        self.rows = plan.rows
        self.values: dict[str, object] = {}
        self.around = around
        self.address = address
        self.line, self.column = place
        self.attributes = attributes


def read_boolean(text: str) -> bool:
    return text == "true" or text.lower() == "true"


def _comparison(text: str) -> str:
    return text if text in Comparison.__members__ else "EQUALS"


# Values stay text until the command ends, as their reading depends on the comparison.
_CONVERSIONS: dict[str, Callable[[str], object]] = {
    "boolean": read_boolean,
    "enum": _comparison,
}
_plan: Callable[[type[CommandModel]], Plan] = cache(Plan)


def plan_of(tag: str) -> Plan | None:
    """Return how the command of an element is read, None where nobody knows one of that name."""
    cls = COMMANDS.get(tag)
    return _plan(cls) if cls is not None and tag_of(cls) == tag else None


def known_tags() -> tuple[str, ...]:
    """Return the names of the elements of all commands that are known."""
    return tuple(tag for tag, cls in COMMANDS.items() if tag_of(cls) == tag)
