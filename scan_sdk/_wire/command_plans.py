"""How each command is read from XML, as tables that are made once from its model."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, cast

from scan_sdk._registry import COMMANDS
from scan_sdk.models.base import CommandModel, fields_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from enum import StrEnum

    from scan_sdk.models import Command
    from scan_sdk.models.base import XmlField

__all__ = ["OpenCommand", "Plan", "Row", "known_tags", "plan_of", "read_boolean"]


class Row:
    """How one field is read."""

    __slots__ = (
        "attribute",
        "convert",
        "default",
        "is_number",
        "is_text",
        "item",
        "kind",
        "members",
        "nested",
        "tag",
    )

    def __init__(self, field: XmlField, cls: type[CommandModel]) -> None:
        self.attribute = field.attribute
        self.default = field.default
        self.is_number = field.kind in {"number", "integer"}
        self.is_text = field.kind in {"text", "value"}
        self.nested = field.kind in {"list", "body"}
        self.tag = field.tag
        self.kind = field.kind
        self.item = field.item
        self.members = members_of(cls, field)
        self.convert = (
            read_boolean if field.kind == "boolean" else partial(_member, self.members, field.default)
        )


def _defaults(cls: type[CommandModel]) -> dict[str, object]:
    """Return what the server takes missing fields for, where the constructor takes something else."""
    found: dict[str, object] = {}
    for field in fields_of(cls):
        ours = cls.model_fields[field.attribute]
        empty = field.kind == "text" and field.default is None and ours.is_required()
        default = "" if empty else field.default
        if ours.is_required() or ours.default != default:
            found[field.attribute] = default
    return found


def members_of(cls: type[CommandModel], field: XmlField) -> tuple[str, ...]:
    """Return the texts that a field of an enumeration can be."""
    kind = cls.model_fields[field.attribute].annotation
    return tuple(cast("type[StrEnum]", kind)) if field.kind == "enum" else ()


class Plan:
    """How a command is read: its class, its fields by tag, and what missing ones are taken for."""

    __slots__ = (
        "cls",
        "defaults",
        "has_body",
        "has_value",
        "has_wait",
        "integers",
        "needs_devices",
        "rows",
        "validate",
        "values",
    )

    def __init__(self, cls: type[CommandModel]) -> None:
        self.cls = cls
        self.rows = {field.tag: Row(field, cls) for field in fields_of(cls)}
        self.defaults = _defaults(cls)
        self.needs_devices = "devices" in self.rows
        self.has_body = "body" in self.rows
        self.has_value = "value" in self.rows
        # What goes with a field called value is read by the server's rules for comparisons
        values = [] if self.has_value else [field for field in fields_of(cls) if field.kind == "value"]
        self.values = [field.attribute for field in values]
        self.integers = [field.attribute for field in fields_of(cls) if field.kind == "integer"]
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


def _member(members: tuple[str, ...], default: object, text: str) -> object:
    """Return one of some texts; what is none of them the server takes for the default."""
    return text if text in members or default is None else default


_plan: Callable[[type[CommandModel]], Plan] = cache(Plan)


def plan_of(tag: str) -> Plan | None:
    """Return how the command of an element is read, None where nobody knows one of that name."""
    cls = COMMANDS.get(tag)
    return _plan(cls) if cls is not None and tag_of(cls) == tag else None


def known_tags() -> tuple[str, ...]:
    """Return the names of the elements of all commands that are known."""
    return tuple(tag for tag, cls in COMMANDS.items() if tag_of(cls) == tag)
