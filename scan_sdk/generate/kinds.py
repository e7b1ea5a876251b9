"""Simple types as Python: how their text is read, and what a field of theirs may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scan_sdk.generate.reading import refused
from scan_sdk.generate.text import docstring, pascal, snake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xsdata.codegen.models import Attr, Class, Restrictions

    from scan_sdk.generate.reading import Notes, Reading

__all__ = ["Kinds", "Scalar"]

_INTEGERS: Final = {
    "integer": "",
    "long": "",
    "int": "",
    "short": "",
    "byte": "",
    "nonNegativeInteger": "ge=0",
    "positiveInteger": "ge=1",
    "unsignedLong": "ge=0",
    "unsignedInt": "ge=0",
    "unsignedShort": "ge=0",
    "unsignedByte": "ge=0",
    "nonPositiveInteger": "le=0",
    "negativeInteger": "le=-1",
}
_NATIVE: Final = {
    **dict.fromkeys(["string", "normalizedString", "token", "anyURI", "Name", "NCName", "NMTOKEN"], "text"),
    **dict.fromkeys(["double", "float", "decimal"], "number"),
    **dict.fromkeys(_INTEGERS, "integer"),
    "boolean": "boolean",
}
"""How the built-in types are read that fields of commands can have."""
_PYTHON: Final = {
    "text": "str",
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "time": "AwareDatetime",
    "duration": "timedelta",
    "paths": "tuple[str, ...]",
}
_BUILT_IN: Final = {"text": "Text", "number": "Number", "integer": "Integer", "boolean": "StrictBool"}
"""Names of the annotations of built-in types that no restriction narrows."""
_FACETS: Final = {
    "min_inclusive": ("ge", "{} or more"),
    "min_exclusive": ("gt", "above {}"),
    "max_inclusive": ("le", "{} or less"),
    "max_exclusive": ("lt", "below {}"),
    "min_length": ("min_length", "of {} characters or more"),
    "max_length": ("max_length", "of {} characters or fewer"),
}
_TOO_MUCH: Final = ("total_digits", "fraction_digits", "explicit_timezone", "tokens")
_WANTED: Final = {"text": "a text", "number": "a finite number", "integer": "a whole number"}


class Scalar(NamedTuple):
    """What a field of a simple type holds.

    Attributes:
        kind: How its text is read.
        annotation: Its type in Python, with its restrictions.
        spelled: Its type as a constructor's signature shows it.
        source: Source that declares the annotation, empty where it needs none.
        members: Name of the enumeration, empty for what is none.
    """

    kind: str
    annotation: str
    spelled: str
    source: str = ""
    members: str = ""


class Kinds:
    """Translates the simple types of schemas.

    Args:
        reading: The schemas.

    Attributes:
        imported: Modules of which names are needed, and which.
        nested: Source of the enumerations that stand within elements, by name.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[str, Scalar] = {}
        self.imported: dict[str, set[str]] = {}
        self.nested: dict[str, str] = {}

    def declarations(self) -> Iterator[str]:
        """Yield the source of the types that are to be written."""
        for item in self._reading.own(self._reading.simple):
            scalar = self.named(item.name)
            if scalar.source:
                yield scalar.source

    def named(self, name: str) -> Scalar:
        """Return what a field of a named simple type holds."""
        if name not in self._known:
            self._known[name] = self._translate(self._reading.simple[name])
            module = self._reading.module(self._reading.simple[name])
            if module is not None:
                self.imported.setdefault(module, set()).add(pascal(name))
        return self._known[name]

    def _translate(self, item: Class) -> Scalar:
        notes = self._reading.of(item)
        alias = pascal(item.name)
        if item.is_enumeration:
            return _enumerated(item, alias, notes)
        if item.name in self._reading.unions:
            return self._union(item, alias, notes)
        kind, restrictions = self._plain(item.name, notes)
        if kind in {"time", "duration", "paths"}:
            return Scalar(kind, _PYTHON[kind], _PYTHON[kind])
        annotation = annotated(kind, restrictions, snake(item.name), notes.get("hint"))
        return Scalar(kind, alias, _PYTHON[kind], _alias(alias, annotation, item))

    def _plain(self, name: str, notes: Notes) -> tuple[str, Restrictions]:
        [value, *others] = self._reading.plain[name].attrs
        native = [tp.name for tp in value.types]
        if others or len(native) != 1 or native[0] not in _NATIVE:
            raise refused(name, f"is made of {', '.join(native)}: make it of {', '.join(_NATIVE)}")
        return notes.get("kind", _NATIVE[native[0]]), value.restrictions

    def _union(self, item: Class, alias: str, notes: Notes) -> Scalar:
        members = [self.named(name) for name in self._reading.unions[item.name]]
        if {member.kind for member in members} != {"text", "number"}:
            raise refused(item.name, "is a union, which can be of a text and a number: use other types")
        also = [("tuple[Text, ...]", "Iterable[str]")] if notes.get("also") == "texts" else []
        union = " | ".join([member.annotation for member in members] + [mine for mine, _ in also])
        spelled = " | ".join(["float | str", *(theirs for _, theirs in also)])
        explained = explain(snake(item.name), notes.get("hint") or "give a finite number or a text")
        annotation = f'Annotated[{union}, Field(union_mode="left_to_right"), {explained}]'
        return Scalar("value", alias, spelled, _alias(alias, annotation, item))

    def of(self, owner: Class, attr: Attr, notes: Notes) -> Scalar:
        """Return what a field of a simple type holds: a named one, one without a name, or a built-in one."""
        what = f"<{attr.local_name}> of {owner.name}"
        if len(attr.types) != 1:
            raise refused(what, "is a union without a name: give its type a name of its own")
        tp = attr.types[0]
        if tp.forward:
            return self._nested(what, owner, attr, notes)
        narrowed = any(getattr(attr.restrictions, facet) is not None for facet in (*_FACETS, "pattern"))
        if tp.name in self._reading.simple and not tp.native:
            if not narrowed:
                return self.named(tp.name)
            kind, restrictions = self._plain(tp.name, self._reading.of(self._reading.simple[tp.name]))
            restrictions = restrictions.clone()
            restrictions.merge(attr.restrictions)
        elif tp.name in _NATIVE and tp.native:
            kind, restrictions = _NATIVE[tp.name], attr.restrictions
            if not narrowed and not _INTEGERS.get(tp.name) and kind in _BUILT_IN:
                return Scalar(kind, _BUILT_IN[kind], _PYTHON[kind])
        else:
            raise refused(what, f"is of the type {tp.name}: use one of {', '.join(_NATIVE)}")
        native = _INTEGERS.get(tp.name, "")
        annotation = annotated(kind, restrictions, snake(attr.local_name), notes.get("hint"), native)
        return Scalar(kind, annotation, _PYTHON[kind])

    def _nested(self, what: str, owner: Class, attr: Attr, notes: Notes) -> Scalar:
        """Return what a field holds whose type stands within its element: one of some texts."""
        inner = next(item for item in owner.inner if item.qname == attr.types[0].qname)
        if not inner.is_enumeration:
            raise refused(
                what,
                "holds elements of different kinds: use a simple type, or a list of elements of one kind",
            )
        alias = pascal(owner.name) + pascal(attr.local_name)
        inner.help = inner.help or attr.help
        scalar = _enumerated(inner, alias, notes)
        self.nested[alias] = scalar.source
        return scalar


def _enumerated(item: Class, alias: str, notes: Notes) -> Scalar:
    """Write an enumeration; its methods, where it has any, are written by hand and inherited."""
    base = notes.get("methods", "StrEnum").rpartition(".")[2]
    lines = [f"class {alias}({base}):", docstring(item.help or f"What {alias} can be.", "    "), ""]
    texts = [str(member.default) for member in item.attrs]
    for member, text in zip(item.attrs, texts, strict=True):
        name = "".join(char if char.isalnum() else "_" for char in text).upper()
        lines.append(f"    {name if name.isidentifier() else f'VALUE_{name}'} = {text!r}")
        if member.help:
            lines.append(docstring(member.help, "    "))
    hint = notes.get("hint") or f"give one of {', '.join(texts)}"
    annotation = f"Annotated[{alias}, {explain(snake(alias[0].lower() + alias[1:]), hint)}]"
    spelled = notes.get("spelled") or f"{alias} | Literal[{', '.join(map(repr, texts))}]"
    return Scalar("enum", annotation, spelled, "\n".join(lines) + "\n", alias)


def _alias(name: str, annotation: str, item: Class) -> str:
    return f"{name} = {annotation}\n" + (f"{docstring(item.help)}\n" if item.help else "")


def explain(code: str, hint: str) -> str:
    """Write the annotation that says what to give instead of a value that does not fit."""
    return f"Explain({code!r}, {hint!r})"


def annotated(kind: str, restrictions: Restrictions, code: str, hint: str | None, native: str = "") -> str:
    """Write a type with the restrictions of XML Schema; numbers are strict and finite."""
    for facet in _TOO_MUCH:
        if getattr(restrictions, facet) is not None:
            raise refused(code, f"has the restriction {facet}, which is not kept here: leave it out")
    arguments = ["strict=True"]
    words: list[str] = []
    if kind == "number":
        arguments.append("allow_inf_nan=False")
    if restrictions.pattern is not None:
        pattern = restrictions.pattern
        arguments.append(f"pattern={(f'^({pattern})$' if '|' in pattern else f'^{pattern}$')!a}")
        words.append(f"that fits the pattern {pattern}")
    facets = {facet: getattr(restrictions, facet) for facet in _FACETS}
    if restrictions.length is not None:
        facets |= {"min_length": restrictions.length, "max_length": restrictions.length}
    for facet, value in facets.items():
        if value is not None and not str(value).endswith("INF"):
            name, word = _FACETS[facet]
            arguments.append(f"{name}={value}")
            words.append(word.format(value))
    if native and not any(argument.startswith(native[:2]) for argument in arguments):
        arguments.append(native)
    marks = [f"Field({', '.join(arguments)})", *(["Numeric()"] if kind == "number" else [])]
    if kind in _WANTED:
        marks.append(explain(code, hint or f"give {', '.join([_WANTED[kind], *words])}"))
    return f"Annotated[{_PYTHON[kind]}, {', '.join(marks)}]"
