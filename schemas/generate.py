"""Generates scan_sdk/models/_generated.py from the schemas beside this file.

    python schemas/generate.py [TARGET]

xsdata reads the schemas and works out classes, fields, types and documentation; the generator below, a plugin
of xsdata, writes them as pydantic base classes with a table of XML fields. Why xsdata's own output is not
used stands in docs/explanations/decisions/0001-xsd-is-the-source.md.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from xsdata.codegen.transformer import ResourceTransformer
from xsdata.codegen.writer import CodeWriter
from xsdata.formats.mixins import AbstractGenerator, GeneratorResult
from xsdata.models.config import GeneratorConfig, StructureStyle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xsdata.codegen.models import Attr, Class

SCHEMAS = Path(__file__).parent
TARGET = SCHEMAS.parent / "scan_sdk" / "models" / "_generated.py"
XS = "{http://www.w3.org/2001/XMLSchema}"
SDK = "{urn:scan_sdk:schema}"
# Simple types that are not read as what their XML Schema base says.
KINDS = {"posixMilliseconds": "time", "milliseconds": "duration", "pathList": "paths"}
PYTHON = {"time": "AwareDatetime", "duration": "timedelta", "paths": "tuple[str, ...]"}
BASES = {
    "string": ("str", "text"),
    "double": ("float", "number"),
    "long": ("int", "integer"),
    "int": ("int", "integer"),
}
FACETS = {"minInclusive": "ge", "maxInclusive": "le", "minExclusive": "gt", "maxExclusive": "lt"}
TELLS = "Tells the commands apart in JSON."
HEADER = '''"""Fields of the wire models, generated from schemas/*.xsd by schemas/generate.py: not to edit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, Field, StrictBool

from scan_sdk.models.base import CommandModel, Explain, Model, Numeric, XmlField
from scan_sdk.models._enums import ComparisonMethods, ScanStateMethods
'''


class SimpleType(NamedTuple):
    """A named simple type of the schemas: its Python alias, and how its text is read."""

    alias: str
    kind: str
    source: str
    annotation: str = ""


class Notes:
    """What the schemas say beyond XML Schema itself: the sdk: attributes, and the names of simple types."""

    def __init__(self) -> None:
        """Read all schemas."""
        self.simple: dict[str, SimpleType] = {}
        self.elements: dict[tuple[str, str], ET.Element] = {}
        self.without_model: set[str] = set()
        roots = [ET.parse(path).getroot() for path in sorted(SCHEMAS.glob("*.xsd"))]  # noqa: S314  # our own files
        for root in roots:
            for simple in root.iterfind(f"{XS}simpleType"):
                self.simple[simple.get("name", "")] = simple_type(simple)
            for complex_type in root.iterfind(f"{XS}complexType"):
                name = complex_type.get("name", "")
                if complex_type.get(f"{SDK}model") == "none":
                    self.without_model.add(name)
                for element in complex_type.iter(f"{XS}element"):
                    self.elements[name, element.get("name", element.get("ref", ""))] = element
        for root in roots:
            for element in root.iterfind(f"{XS}element"):
                self.elements["", element.get("name", "")] = element

    def type_of(self, owner: str, tag: str) -> str:
        """Return the name of the type of an element, looking through references."""
        element = self.elements[owner, tag]
        if element.get("ref"):
            element = self.elements["", tag]
        return element.get("type", "").removeprefix("xs:")


def simple_type(element: ET.Element) -> SimpleType:
    """Translate a simple type into an annotated alias with its facets and its hint."""
    name = element.get("name", "")
    alias = name[0].upper() + name[1:]
    doc = documentation(element)
    union = element.find(f"{XS}union")
    if union is not None:
        members = [member[0].upper() + member[1:] for member in union.get("memberTypes", "").split()]
        if element.get(f"{SDK}also") == "texts":
            members.append("tuple[Text, ...]")
        base, marks = " | ".join(members), ['Field(union_mode="left_to_right")']
        kind = "value"
    else:
        restriction = element.find(f"{XS}restriction")
        assert restriction is not None, name
        base, kind = BASES[restriction.get("base", "").removeprefix("xs:")]
        if restriction.find(f"{XS}enumeration") is not None:
            return SimpleType(alias, "enum", "", f"Annotated[{alias}, {explain(element)}]")
        kind = KINDS.get(name, kind)
        base = PYTHON.get(kind, base)
        marks = [] if kind in PYTHON else [field_of(restriction, kind)]
    if kind in PYTHON:
        return SimpleType(base, kind, "")
    if kind == "number":
        marks.append("Numeric()")
    marks.append(explain(element))
    source = f"{alias} = Annotated[{base}, {', '.join(marks)}]\n{docstring(doc)}\n"
    return SimpleType(alias, kind, source)


def explain(element: ET.Element) -> str:
    """Write the annotation that carries the hint of a simple type."""
    return f"Explain({snake(element.get('name', ''))!r}, {element.get(f'{SDK}hint', '')!r})"


def field_of(restriction: ET.Element, kind: str) -> str:
    """Write the facets of a restriction as a pydantic Field; numbers are strict and finite."""
    arguments = ["strict=True"]
    if kind == "number":
        arguments.append("allow_inf_nan=False")
    for facet in restriction:
        value = facet.get("value", "")
        tag = facet.tag.removeprefix(XS)
        if tag == "pattern":
            arguments.append(f"pattern={f'^{value}$'!a}")
        elif tag in FACETS and not value.endswith("INF"):
            arguments.append(f"{FACETS[tag]}={value}")
    return f"Field({', '.join(arguments)})"


def documentation(element: ET.Element) -> str:
    """Return the documentation text of a schema component, in one line."""
    found = element.find(f"{XS}annotation/{XS}documentation")
    return " ".join((found.text or "").split()) if found is not None else ""


def docstring(text: str, indent: str = "") -> str:
    """Write a docstring, wrapped where it is long."""
    one = f'{indent}"""{text}"""'
    if len(one) <= 110:
        return one
    first, _, rest = text.partition(". ")
    lines = [f"{first}."] if rest else []
    body = textwrap.fill(
        rest or text, 110, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
    if not rest:
        return f'{indent}"""{body.strip()}\n{indent}"""'
    return f'{indent}"""{lines[0]}\n\n{body}\n{indent}"""'


class ModelGenerator(AbstractGenerator):
    """Writes xsdata's classes as one module of pydantic base classes."""

    target = TARGET

    def render(self, classes: list[Class]) -> Iterator[GeneratorResult]:
        """Yield the one module."""
        notes = Notes()
        by_name = {item.name: item for item in classes}
        commands = {attr.name for attr in by_name["body"].attrs}
        parts = [HEADER]
        parts += [simple.source for simple in notes.simple.values() if simple.source]
        parts += [enumeration(item) for item in by_name.values() if item.is_enumeration]
        for item in sorted(by_name.values(), key=lambda item: (item.name != "pvConfig", item.name)):
            wrapper = len(item.attrs) == 1 and item.attrs[0].is_list
            if item.is_enumeration or wrapper or item.name in notes.without_model | {"body"}:
                continue
            if item.attrs and (item.name, item.attrs[0].local_name) in notes.elements:  # the rest are roots
                parts.append(model(item, notes, "CommandModel" if item.name in commands else "Model"))
        yield GeneratorResult(path=self.target, title="models", source="\n\n".join(parts))


def pascal(name: str) -> str:
    """Return `config_log` as `ConfigLog`, `scanInfo` as `ScanInfo`."""
    return "".join(word[0].upper() + word[1:] for word in name.split("_"))


def snake(name: str) -> str:
    """Return `deviceName` as `device_name`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def enumeration(item: Class) -> str:
    """Write an enumeration; its methods are written by hand and inherited."""
    name = pascal(item.name)
    lines = [f"class {name}({name}Methods):", docstring(plain(item.help), "    "), ""]
    for member in item.attrs:
        lines += [f"    {member.name.upper()} = {member.default!r}", docstring(plain(member.help), "    ")]
    return "\n".join(lines) + "\n"


def plain(text: str | None) -> str:
    """Return documentation in one line."""
    return " ".join((text or "").split())


def model(item: Class, notes: Notes, base: str) -> str:
    """Write one base class: its table of XML fields, and a documented field for each but bodies."""
    rows: list[str] = []
    fields: list[str] = []
    for attr in item.attrs:
        row, field = member(item, attr, notes)
        rows.append(row)
        fields += field
    lines = [f"class {pascal(item.name)}Base({base}):", docstring(plain(item.help), "    "), ""]
    if base == "CommandModel":
        lines.append(f"    _XML_TAG: ClassVar[str] = {item.name!r}")
        fields = [f"    command: Literal[{item.name!r}] = {item.name!r}", docstring(TELLS, "    "), *fields]
    lines.append(f"    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = ({' '.join(rows)})\n")
    return "\n".join(lines + fields) + "\n"


def member(item: Class, attr: Attr, notes: Notes) -> tuple[str, Iterable[str]]:
    """Write one field: its row in the table, and its declaration."""
    element = notes.elements[item.name, attr.local_name]
    type_name = notes.type_of(item.name, attr.local_name)
    name = element.get(f"{SDK}name", attr.local_name)
    write = element.get(f"{SDK}write", "given")
    default = element.get("default")
    if element.get("ref"):
        default = notes.elements["", attr.local_name].get("default")
    many = element.get(f"{SDK}many") == "true"
    inner = ""
    if type_name == "body":
        kind, python, value = "body", "", "()"
    elif type_name.endswith("List") and type_name not in notes.simple:  # a wrapper around repeated elements
        inner = type_name.removesuffix("List")
        simple = notes.simple[notes.type_of(type_name, inner)]
        kind, python, value = "list", f"tuple[{simple.alias}, ...]", "()" if write != "given" else "None"
    elif type_name in notes.simple or type_name == "boolean":
        simple = notes.simple.get(type_name) or SimpleType("StrictBool", "boolean", "")
        kind, python = simple.kind, simple.annotation or simple.alias
        value = default_of(simple, default)
        if many:
            kind, python, value, inner = "list", f"tuple[{python}, ...]", "()", ""
    else:
        kind, python, value, inner = "models", "", "()", ""
    row = f"XmlField({name!r}, {attr.local_name!r}, {kind!r}"
    row += f", default={value}" if value != "None" else ""
    row += ", omit=True" if write == "unless-default" else ""
    row += f", item={inner!r})," if inner else "),"
    if kind in {"body", "models"}:
        return row, ()  # what they hold are finished models, which stand above the generated module
    optional = value == "None" and write != "given"
    declared = f"    {name}: {python}{' | None' if optional else ''}"
    if write != "given":
        declared += f" = {value}"
    described = documentation(element) or documentation(notes.elements["", attr.local_name])
    return row, (declared, docstring(described, "    "))


def default_of(simple: SimpleType, text: str | None) -> str:
    """Write the default of a field as Python."""
    if text is None:
        return "()" if simple.kind == "paths" else "None"
    written = {
        "boolean": str(text == "true"),
        "duration": f"timedelta(milliseconds={text})",
        "enum": f"{simple.alias}.{text}",
        "integer": text,
    }
    return repr(float(text)) if simple.kind in {"number", "value"} else written.get(simple.kind, repr(text))


def generate(target: Path) -> None:
    """Write the module to `target`, formatted."""
    CodeWriter.register_generator("scan-sdk", ModelGenerator)
    config = GeneratorConfig()
    config.output.format.value = "scan-sdk"
    config.output.structure_style = StructureStyle.SINGLE_PACKAGE
    config.output.package = "generated"
    ModelGenerator.target = target
    ResourceTransformer(config=config).process([path.as_uri() for path in sorted(SCHEMAS.glob("*.xsd"))])
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--quiet",
        "--isolated",
        "--line-length=110",
        str(target),
    ]
    subprocess.run(command, check=True)  # noqa: S603  # our own arguments


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
