"""The schemas of documents, for editors and validators: XML Schemas, and JSON Schemas of the models."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias, Union, cast, get_args

from pydantic import Field, TypeAdapter

from scan_sdk._registry import COMMANDS
from scan_sdk.formats.json_rules import refine
from scan_sdk.models import (
    DeviceInfo,
    Patch,
    ScanConfig,
    ScanInfo,
    ScanServerInfo,
    SimulationResult,
)

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["SCHEMAS", "SchemaName", "json_schema", "xsd"]

SchemaName: TypeAlias = Literal["commands", "patch", "replies", "scan_config"]
"""A kind of document: commands, a patch, what servers answer, or a server's configuration."""
SCHEMAS: Final[tuple[SchemaName, ...]] = get_args(SchemaName)
"""The kinds of documents that have a schema."""

_INCLUDE: Final = re.compile(r'\n *<xs:include schemaLocation="([a-z_.]+)"/>\n')
_INNER: Final = re.compile(r"<xs:schema\b[^>]*>\n(.*)</xs:schema>", re.DOTALL)
_MODELS: Final[dict[SchemaName, TypeAdapter[object]]] = {
    "patch": TypeAdapter(Patch),
    "replies": TypeAdapter(ScanInfo | ScanServerInfo | DeviceInfo | SimulationResult),
    "scan_config": TypeAdapter(ScanConfig),
}
_TITLES: Final[dict[SchemaName, str]] = {
    "commands": "The commands of a scan",
    "patch": "A change to a command of a scan that runs",
    "replies": "What a scan server says of a scan, itself, a device or a simulation",
    "scan_config": "The configuration of a scan server",
}


def xsd(name: SchemaName) -> str:
    """Return the XML Schema of a kind of document, complete in one file.

    Args:
        name: `commands` for `.scn` files, `scan_config` for the server's configuration, `patch` or `replies`.
    """
    text = _source(name)
    included = _INCLUDE.search(text)
    if included is None:
        return text
    inner = cast("re.Match[str]", _INNER.search(xsd("commands")))[1]
    return text[: included.start()] + "\n" + inner + text[included.end() :]


def _source(name: SchemaName) -> str:
    """Return a schema as it was written: from beside this module, or of a checkout from its root."""
    shipped: Traversable = files("scan_sdk.formats") / "xsd" / f"{name}.xsd"
    if not shipped.is_file():
        shipped = Path(__file__).parents[2] / "schemas" / f"{name}.xsd"
    return shipped.read_text(encoding="utf-8")


def json_schema(name: SchemaName) -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of the models of a kind of document.

    For commands it is that of the array that `CommandSequence.to_json` writes and `from_json` reads, also in
    the short forms of the constructors, such as `"readback": true`. How many steps a loop may
    have, it cannot say.

    Args:
        name: The kind of document.
    """
    models = _commands() if name == "commands" else _MODELS[name]
    schema = cast("dict[str, object]", models.json_schema(by_alias=False))
    refine(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:scan_sdk:schema:{name}",
        "title": _TITLES[name],
        **{key: value for key, value in schema.items() if key not in {"title", "description"}},
    }


def _commands() -> TypeAdapter[object]:
    """Return what pydantic makes schemas of for a list of commands, those of extensions too."""
    kinds = [kind for _, kind in COMMANDS.items()]
    any_of_them: object = Annotated[Union[tuple(kinds)], Field(discriminator="command")]  # noqa: UP007
    return TypeAdapter(list[any_of_them])  # type: ignore[valid-type]  # it is known at run time only
