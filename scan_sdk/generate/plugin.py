"""The generator as a plugin of xsdata: `xsdata generate site.xsd --output scan-sdk`."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xsdata.codegen.writer import CodeWriter
from xsdata.formats.mixins import AbstractGenerator, GeneratorResult
from xsdata.utils.package import module_path

from scan_sdk.errors import MissingExtra
from scan_sdk.generate.classes import model
from scan_sdk.generate.fields import is_body, list_item
from scan_sdk.generate.kinds import Kinds
from scan_sdk.generate.reading import Reading, refused
from scan_sdk.generate.text import WIDTH, pascal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xsdata.codegen.models import Class

__all__ = ["ModelGenerator", "package_source", "site_source"]

_IMPORTS: Final = """
from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import AwareDatetime, Field, StrictBool
"""
_BASES: Final = "CommandModel, Explain, Model, Numeric, XmlField, constructor"
_FIELDS: Final = {"Body", "Comparing", "Integer", "Nested", "Number", "Text"}


class ModelGenerator(AbstractGenerator):
    """Writes the commands of a site as models, one module for all schemas."""

    def render(self, classes: list[Class]) -> Iterator[GeneratorResult]:
        """Yield the one module, where xsdata would put the last schema: what that includes comes before it.

        Args:
            classes: What xsdata has found; what counts is where it is from.
        """
        path = module_path(classes[-1].target_module).with_suffix(".py")
        name = Path(classes[-1].location).name
        locations = list(dict.fromkeys(item.location for item in classes))
        yield GeneratorResult(path, path.stem, site_source(locations, name))


CodeWriter.register_generator("scan-sdk", ModelGenerator)


def locations_of(sources: Iterable[Path]) -> list[str]:
    """Return the documents as xsdata names them."""
    return [source.resolve().as_uri() for source in sources]


def site_source(locations: Iterable[str], name: str) -> str:
    """Write the module of a site's commands: the elements at the top of its schemas.

    Args:
        locations: The schemas, as URIs.
        name: What the module says that it is from.

    Raises:
        InvalidSchema: A part of the schemas cannot be a command or a field of one.
        MissingExtra: ruff is not installed.
    """
    reading = Reading(locations)
    kinds = Kinds(reading)
    models = [
        model(reading, kinds, _holder(reading, item), command=True, decorator="@extend.command")
        for item in reading.own(reading.elements)
        if _is_command(reading, item)
    ]
    if not models:
        raise refused(name, "declares no command: give it an element at the top that holds elements")
    declared = "\n\n".join(kinds.declarations())
    methods = {*_methods(reading, reading.elements), *_methods(reading, reading.types)}
    imported = {module: set(names) for module, names in kinds.imported.items()}
    imported.setdefault("scan_sdk.models.fields", set()).update(_FIELDS)
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in imported.items()]
    header = [
        f'"""Commands of {name}, written by `scan-sdk generate`: not to edit."""',
        _IMPORTS,
        "from scan_sdk import extend",
        f"from scan_sdk.models.base import {_BASES}",
        *lines,
        *sorted(methods),
    ]
    return _formatted("\n".join(header) + "\n\n\n" + "\n\n".join([declared, *kinds.nested.values(), *models]))


def package_source(sources: Iterable[Path]) -> str:
    """Write the package's own models: all types of its schemas, and the union of its commands."""
    reading = Reading(locations_of(sources), package=True)
    kinds = Kinds(reading)
    types = [item for item in reading.types.values() if _has_model(reading, item)]
    types.sort(key=lambda item: (item.name != "pvConfig", item.name))
    body = next(item for item in reading.types.values() if is_body(reading, item))
    tags = [attr.local_name for attr in body.attrs]
    models = {item.name: model(reading, kinds, item, command=item.name in tags) for item in types}
    names = {item.name: pascal(reading.of(item).get("name", item.name)) for item in types}
    declared = list(kinds.declarations())
    enums = [pascal(item.name) for item in reading.simple.values() if item.is_enumeration]
    commands = [names[tag] for tag in tags]
    methods = {*_methods(reading, reading.types), *_methods(reading, reading.simple)}
    header = [
        '"""The models, written from schemas/*.xsd by schemas/generate.py: not to edit."""',
        _IMPORTS,
        f"from scan_sdk.models.base import {_BASES}",
        "from scan_sdk.models._spelling import Body, Comparing, Nested",
        *sorted(methods),
        "",
        f"__all__ = {sorted([*names.values(), *enums])!r}",
    ]
    footer = [
        f"Known: TypeAlias = {' | '.join(commands)}",
        '"""Any of the commands that the scan server has."""',
        f"COMMANDS: tuple[type[CommandModel], ...] = ({', '.join(commands)},)",
        '"""The classes of the commands that the scan server has."""',
    ]
    parts = ["\n".join(header), *declared, *kinds.nested.values(), *models.values(), "\n".join(footer)]
    return _formatted("\n\n".join(parts) + "\n")


def _is_command(reading: Reading, item: Class) -> bool:
    """Tell whether an element at the top is a command: one that holds elements, or nothing."""
    if reading.of(item).get("model") == "none":
        return False
    based = [extension.type for extension in item.extensions]
    return not any(tp.native or tp.name in reading.simple for tp in based)


def _holder(reading: Reading, item: Class) -> Class:
    """Return an element with the fields and the text of its type where that has a name."""
    named = [reading.types[extension.type.name] for extension in item.extensions if not item.attrs]
    if len(named) == 1 and item.help is None:
        item.help = named[0].help
    return item


def _has_model(reading: Reading, item: Class) -> bool:
    skipped = reading.of(item).get("model") == "none" or is_body(reading, item)
    return not skipped and list_item(reading, item) is None


def _methods(reading: Reading, items: dict[str, Class]) -> Iterator[str]:
    """Yield the imports of the classes, written by hand, that models take their behaviour from."""
    for item in reading.own(items):
        module, _, name = reading.of(item).get("methods", "").rpartition(".")
        if module:
            yield f"from {module} import {name}"


def _formatted(source: str) -> str:
    """Return source without the imports that it does not need, formatted."""
    if find_spec("ruff") is None:
        raise MissingExtra("scan_sdk.generate", "generate")
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--quiet", "--isolated", f"--config=line-length={WIDTH}", "--stdin-filename=generated.py", "-"]
    sorting = ["check", "--fix-only", "--select=F401,I", "--config=lint.isort.known-first-party=['scan_sdk']"]
    for command in (sorting, ["format"]):
        source = subprocess.run(  # noqa: S603  # our own arguments
            [*ruff, *command, *options],
            input=source,
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
        ).stdout
    return source
