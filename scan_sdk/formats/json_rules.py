"""What pydantic's JSON Schemas do not say: short forms of constructors, and rules across several options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast

from scan_sdk.models import Comparison
from scan_sdk.models.base import ANY_COMMAND
from scan_sdk.models.commands import MEMBERSHIP, RELATIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["refine"]

_Schema: TypeAlias = "dict[str, object]"
_SYMBOLS: Final = {
    item: [str(item), item.symbol.removeprefix("to "), *(["=="] if item is Comparison.EQUALS else [])]
    for item in Comparison
}
_LIST_ITEM: Final[_Schema] = {
    "type": "string",
    "not": {"anyOf": [{"pattern": r"\\"}, {"pattern": "'[^\"]*\"|\"[^']*'"}]},
}
"""Lists of IN and NOT_IN carry no backslash, and no text with both kinds of quotes."""


def refine(schema: _Schema) -> None:
    """Complete a JSON Schema that pydantic made, in place."""
    definitions = cast("dict[str, _Schema]", schema.get("$defs", {}))
    for part in definitions.values():
        body = cast("dict[str, _Schema]", part.get("properties", {})).get("body", {})
        if body.get("items") == {"$comment": ANY_COMMAND}:
            body["items"] = schema["items"]
    for part in (schema, *definitions.values()):
        if isinstance(text := part.get("description"), str):
            part["description"] = text.partition("\n\nExample:")[0]
        properties = cast("dict[str, _Schema]", part.get("properties", {}))
        for inner in properties.values():
            inner.pop("title", None)
        if "command" in properties:
            del properties["command"]["default"]
            part["required"] = ["command", *cast("list[str]", part.get("required", []))]
    for name, extend in _EXTENSIONS.items():
        if name in definitions:
            extend(definitions[name])


def _spell_readback(part: _Schema) -> None:
    properties = cast("dict[str, _Schema]", part["properties"])
    readback = properties["readback"]
    name = {"type": readback.pop("type"), "pattern": readback.pop("pattern")}
    readback["anyOf"] = [{"type": "boolean"}, name]
    empty = {"required": ["readback"], "properties": {"readback": {"const": ""}}}
    part["allOf"] = [{"if": empty, "then": {"required": ["wait"]}}]


def _extend_set(part: _Schema) -> None:
    _spell_readback(part)
    compares = [
        {"required": ["readback"], "properties": {"readback": {"const": True}}},
        {
            "required": ["readback"],
            "properties": {"readback": {"type": "string", "minLength": 1}, "wait": {"const": True}},
        },
        {
            "required": ["wait"],
            "properties": {"wait": {"const": True}, "readback": {"not": {"const": False}}},
        },
    ]
    expects = {"required": ["readback_value"], "properties": {"readback_value": {"not": {"type": "null"}}}}
    filled = {"properties": {"readback_value": {"not": {"const": ""}}}}
    cast("list[_Schema]", part["allOf"]).append(
        {"if": expects, "then": {"allOf": [filled, {"anyOf": compares}]}}
    )


def _extend_loop(part: _Schema) -> None:
    _spell_readback(part)
    cast("dict[str, _Schema]", part["properties"])["step"]["not"] = {"const": 0}


def _spell_comparison(part: _Schema, usable: Iterable[Comparison]) -> None:
    comparison = cast("dict[str, _Schema]", part["properties"])["comparison"]
    comparison.pop("$ref", None)
    comparison["enum"] = [spelling for item in usable for spelling in _SYMBOLS[item]]


def _extend_if(part: _Schema) -> None:
    _spell_comparison(part, [item for item in Comparison if item not in MEMBERSHIP | RELATIVE])


def _extend_wait(part: _Schema) -> None:
    _spell_comparison(part, Comparison)

    def with_(comparisons: Iterable[Comparison]) -> _Schema:
        spellings = [spelling for item in comparisons for spelling in _SYMBOLS[item]]
        return {"required": ["comparison"], "properties": {"comparison": {"enum": spellings}}}

    texts = {"properties": {"value": {"type": "array", "minItems": 1, "items": _LIST_ITEM}}}
    single = {"properties": {"value": {"not": {"type": "array"}}}}
    number = {"properties": {"value": {"type": "number"}}}
    part["allOf"] = [
        {"if": with_(item for item in Comparison if item in MEMBERSHIP), "then": texts, "else": single},
        {"if": with_(item for item in Comparison if item in RELATIVE), "then": number},
    ]


def _extend_include(part: _Schema) -> None:
    macros = cast("dict[str, _Schema]", part["properties"])["macros"]
    name = r"^[A-Za-z][A-Za-z0-9_.\-\[\]]*$"
    mapping = {
        "type": "object",
        "propertyNames": {"pattern": name},
        "additionalProperties": {"type": ["string", "number"]},
    }
    macros["anyOf"] = [{"type": macros.pop("type"), "pattern": macros.pop("pattern")}, mapping]


def _extend_script(part: _Schema) -> None:
    arguments = cast("dict[str, _Schema]", part["properties"])["arguments"]
    arguments["items"] = {"anyOf": [arguments["items"], {"type": "number"}]}


_EXTENSIONS: Final = {
    "Set": _extend_set,
    "Loop": _extend_loop,
    "If": _extend_if,
    "Wait": _extend_wait,
    "Include": _extend_include,
    "Script": _extend_script,
}
