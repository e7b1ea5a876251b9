"""Writes models: what stands in XML, fields, and the constructor that people call."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from scan_sdk.generate.fields import fields_of_type
from scan_sdk.generate.reading import refused
from scan_sdk.generate.text import WIDTH, docstring, paragraphs, pascal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xsdata.codegen.models import Class

    from scan_sdk.generate.fields import Field
    from scan_sdk.generate.kinds import Kinds
    from scan_sdk.generate.reading import Reading

__all__ = ["model"]

_TELLS: Final = "Tells the commands apart in JSON."
_NO_TEXT: Final = "The element {}."


def model(reading: Reading, kinds: Kinds, item: Class, *, command: bool, decorator: str = "") -> str:
    """Write the model of a type.

    Args:
        reading: The schemas.
        kinds: Their simple types.
        item: The type, or an element that has one of its own.
        command: Whether it is a command, which people build; the others come from a server or a file.
        decorator: A line before the class.
    """
    notes = reading.of(item)
    fields = fields_of_type(reading, kinds, item, command=command)
    name = pascal(notes.get("name", item.name))
    base = notes.get("methods", "CommandModel" if command else "Model").rpartition(".")[2]
    lines = [decorator] if decorator else []
    lines += [f"class {name}({base}):", docstring(item.help or _NO_TEXT.format(item.name), "    "), ""]
    if command:
        lines.append(f"    _XML_TAG: ClassVar[str] = {item.name!r}")
    rows = " ".join(_row(field) + "," for field in fields)
    lines.append(f"    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = ({rows})")
    positions: list[str] = []
    trailing = ""
    if command:
        positions, trailing = _positions(item.name, fields, notes.get("positional"))
        lines.append(f"    _POSITIONAL: ClassVar[tuple[str, ...]] = {tuple(positions)!r}")
        if trailing:
            lines.append(f"    _TRAILING: ClassVar[str | None] = {trailing!r}")
        lines.append(
            f"    command: Literal[{item.name!r}] = Field(default={item.name!r}, description={_TELLS!r})"
        )
    lines.append("")
    for field in sorted(fields, key=lambda field: field.kind == "body"):  # which is long, and so comes last
        default = "" if field.value is None else f"default={field.value}, "
        lines.append(f"    {field.name}: {field.annotation} = Field({default}description={field.text!r})")
        lines.append(docstring(field.text, "    "))
    if command:
        lines += ["", *_constructor(item, fields, positions, trailing)]
    return "\n".join(lines) + "\n"


def _row(field: Field) -> str:
    """Write a field's line in the table of XML fields."""
    parts = [repr(field.name), repr(field.tag), repr(field.kind)]
    parts += [f"default={field.wire}"] if field.wire is not None else []
    parts += ["omit=True"] if field.omit else []
    parts += [f"item={field.item!r}"] if field.item else []
    parts += [f"patch={field.patch!r}"] if field.patch != field.tag else []
    return f"XmlField({', '.join(parts)})"


def _positions(owner: str, fields: Sequence[Field], given: str | None) -> tuple[list[str], str]:
    """Return which fields positional arguments fill, and the one that takes all further ones."""
    known = [field.name for field in fields]
    if given is None:
        bodies = [field.name for field in fields if field.kind == "body"]
        return [field.name for field in fields if field.value is None], (bodies or [""])[0]
    names = given.split()
    for name in names:
        if name.removeprefix("*") not in known:
            raise refused(owner, f"has no {name}, which its sdk:positional names: it has {', '.join(known)}")
    trailing = [name.removeprefix("*") for name in names if name.startswith("*")]
    return [name for name in names if not name.startswith("*")], (trailing or [""])[0]


def _constructor(item: Class, fields: Sequence[Field], positions: Sequence[str], trailing: str) -> list[str]:
    """Write the constructor: it says what people give, and what they give is laid out by its decorator."""
    by_name = {field.name: field for field in fields}
    ordered = [by_name[name] for name in positions]
    parts = ["self", *map(_parameter, ordered)]
    described = [(field.name, _described(field)) for field in ordered]
    rest = [field for field in fields if field.name not in {*positions, trailing} and field.spelled]
    if trailing:
        field = by_name[trailing]
        several = "commands" if field.kind == "body" else trailing
        parts.append(f"*{several}: {field.spelled}")
        described.append((f"*{several}", field.argument))
        if field.kind == "body":
            parts.append(f"{trailing}: Iterable[Nested] = ()")
            described.append((trailing, "The same as one list; what stands before it comes first."))
    elif rest:
        parts.append("*")
    parts += map(_parameter, rest)
    described += [(field.name, _described(field)) for field in rest]
    more = ["Args:"]
    for name, text in described:
        filled = textwrap.fill(
            f"{name}: {text}", WIDTH - 12, subsequent_indent="    ", break_on_hyphens=False
        )
        more.append(textwrap.indent(filled, "    "))
    summary = paragraphs(item.help or _NO_TEXT.format(item.name))[0]
    signature = ", ".join(parts)
    return [
        "    @constructor",
        f"    def __init__({signature}) -> None:",
        docstring(summary, "        ", more="\n".join(more) if described else ""),
    ]


def _parameter(field: Field) -> str:
    """Write an argument: its type, and its default as people write it."""
    spelled = f"Iterable[{field.spelled}]" if field.kind in {"list", "body"} else field.spelled
    if " = " in spelled or field.value is None:
        return f"{field.name}: {spelled}"
    return f"{field.name}: {spelled} = {_short(field.value)}"


def _short(value: str) -> str:
    """Write a default as people do: whole numbers without a point, members of enumerations as their text."""
    return value.partition("(")[2].removesuffix(")") if value.endswith("')") else value.removesuffix(".0")


def _described(field: Field) -> str:
    """Say what an argument is, and its default where that is not nothing."""
    _, _, default = field.spelled.partition(" = ")
    default = default or (_short(field.value) if field.value is not None else "")
    if default in {"", "None", "()", "''", '""'}:
        return field.argument
    return f"{field.argument} Default: {default}."
