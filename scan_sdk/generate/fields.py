"""What becomes of each element of a type: a field of a model, and an argument of its constructor."""

from __future__ import annotations

import keyword
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import BaseModel

from scan_sdk.generate.kinds import Scalar
from scan_sdk.generate.reading import refused
from scan_sdk.generate.text import one_line, pascal

if TYPE_CHECKING:
    from xsdata.codegen.models import Attr, Class

    from scan_sdk.generate.kinds import Kinds
    from scan_sdk.generate.reading import Notes, Reading

__all__ = ["Field", "fields_of_type", "is_body", "list_item"]

_TAKEN: Final = {*dir(BaseModel), *keyword.kwlist}
_TAKEN_IN_COMMANDS: Final = {"at", "command", "commands", "keywords", "source", "source_parts", "self"}
_IN_COMMANDS: Final = {"text", "number", "value", "boolean", "enum", "integer", "list", "body"}


class Field(NamedTuple):
    """A field of a model.

    Attributes:
        name: Its name in Python.
        tag: The element's.
        kind: How it is read and written.
        annotation: Its type, as source.
        value: Its default in Python, as source; None where it must be given.
        wire: What a missing element is taken for, as source; None where it must be there, or None is meant.
        omit: Whether it is left out in writing where it has its default.
        item: Name of the repeated element, for lists.
        patch: Its name in `patch` of the server.
        text: What it is.
        spelled: Its type in the constructor's signature, of lists that of their items, and maybe a default;
            empty where people do not write it.
        argument: What the constructor's docstring says of it.
    """

    name: str
    tag: str
    kind: str
    annotation: str
    value: str | None
    wire: str | None
    omit: bool
    item: str
    patch: str
    text: str
    spelled: str
    argument: str


def fields_of_type(reading: Reading, kinds: Kinds, item: Class, *, command: bool) -> list[Field]:
    """Return the fields of a model.

    Args:
        reading: The schemas.
        kinds: Its simple types.
        item: A complex type, or an element at the top that has one of its own.
        command: Whether it is a command.

    Raises:
        InvalidSchema: It holds something that no field can be.
    """
    if item.is_mixed:
        raise refused(item.name, "mixes text and elements: put the text in an element of its own")
    fields = [
        _field(reading, kinds, owner, attr, command=command) for owner, attr in reading.attributes(item)
    ]
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise refused(item.name, f"has {name} more than once: give one of them another name (sdk:name)")
    return fields


def is_body(reading: Reading, item: Class) -> bool:
    """Tell whether a type is that of bodies, which hold commands."""
    return reading.of(item).get("kind") == "body"


def list_item(reading: Reading, item: Class) -> Attr | None:
    """Return the repeated element of a type that holds nothing else; None for other types."""
    if item.extensions or len(item.attrs) != 1 or is_body(reading, item):
        return None
    [attr] = item.attrs
    return attr if attr.is_element and attr.is_list else None


def _field(reading: Reading, kinds: Kinds, owner: Class, attr: Attr, *, command: bool) -> Field:
    what = f"<{attr.local_name}> of {owner.name}"
    if not attr.is_element:
        raise refused(
            what, "is an attribute, a text or a wildcard: make it an element with a name and a type"
        )
    notes = reading.notes.get(attr.index, {})
    name = notes.get("name", attr.local_name)
    taken = name in _TAKEN or (command and name in _TAKEN_IN_COMMANDS)
    if taken or not name.isidentifier() or name.startswith("_"):
        raise refused(what, "cannot be called so in Python: give it another name there with sdk:name")
    default, text = attr.default, attr.help
    item, many = "", notes.get("many") == "true"
    type_name = attr.types[0].name
    holder = next((inner for inner in owner.inner if inner.qname == attr.types[0].qname), None)
    if holder is None and not attr.types[0].native and type_name not in reading.simple:
        holder = reading.types.get(type_name)
    element = reading.elements.get(type_name) if holder is None else None
    if element is not None and type_name not in reading.simple and not attr.types[0].native:
        default, text = element.default, attr.help or element.help
        scalar = _of_element(reading, kinds, what, element)
    elif holder is not None and not holder.is_enumeration:
        scalar, item, many = _structured(reading, kinds, what, holder, many=many, optional=attr.is_optional)
    else:
        scalar = kinds.of(owner, attr, notes)
    if attr.is_list and not many:
        raise refused(
            what, "may be repeated: put it in an element that holds nothing else, as <devices> does"
        )
    if many and scalar.kind not in {"body", "models"} and not item:
        scalar = Scalar("list", f"tuple[{scalar.annotation}, ...]", scalar.spelled)
    if command and (scalar.kind not in _IN_COMMANDS or (scalar.kind == "list" and not item)):
        raise refused(what, f"is of a kind that commands cannot have ({scalar.kind}): use a simple type")
    return _finished(attr, notes, scalar, name=name, item=item, default=default, text=one_line(text))


def _of_element(reading: Reading, kinds: Kinds, what: str, element: Class) -> Scalar:
    """Return what a reference to an element at the top holds."""
    if len(element.extensions) != 1 or element.attrs:
        raise refused(what, f"refers to <{element.name}>, which holds elements: give it a simple type")
    extension = element.extensions[0].type
    if extension.name in reading.simple and not extension.native:
        return kinds.named(extension.name)
    raise refused(
        what, f"refers to <{element.name}> of the type {extension.name}: name a simple type of yours"
    )


def _structured(
    reading: Reading, kinds: Kinds, what: str, holder: Class, *, many: bool, optional: bool
) -> tuple[Scalar, str, bool]:
    """Return what a holder of elements holds, the name of these in a list, and whether it is many."""
    if is_body(reading, holder):
        return Scalar("body", "Body", "Nested"), "", True
    attr = list_item(reading, holder)
    if attr is not None:
        inner = kinds.of(holder, attr, reading.notes.get(attr.index, {}))
        # Where the list may be left out, it is left out where it is empty
        count = 0 if optional else attr.restrictions.min_occurs
        least = f", Field(min_length={count})" if count else ""
        hint = reading.of(holder).get("hint")
        explained = f", Explain({attr.local_name + 's'!r}, {hint!r})" if hint else ""
        listed = f"tuple[{inner.annotation}, ...]"
        listed = f"Annotated[{listed}{least}{explained}]" if least or explained else listed
        return Scalar("list", listed, inner.spelled), attr.local_name, True
    if many:
        model = pascal(reading.of(holder).get("name", holder.name))
        return Scalar("models", f"tuple[{model}, ...]", ""), "", True
    raise refused(
        what, "holds elements of different kinds: use a simple type, or a list of elements of one kind"
    )


def _finished(
    attr: Attr, notes: Notes, scalar: Scalar, *, name: str, item: str, default: str | None, text: str
) -> Field:
    optional = attr.is_optional or default is not None
    write = notes.get("write", "unless-default" if optional else "given")
    if scalar.kind == "body":
        write = "always"
    wire = _default(scalar, default, attr)
    value = _default(scalar, notes.get("default", default), attr)
    several = scalar.kind in {"list", "body", "models", "paths"}
    if several:
        wire = "()" if write != "given" else None
        value = "()"
    needed = write == "given"
    annotation = scalar.annotation
    if value is None and not needed:
        annotation, value = f"{annotation} | None", "None"
    spelled = notes.get("spelled", f"{scalar.spelled} | None" if value == "None" else scalar.spelled)
    return Field(
        name=name,
        tag=attr.local_name,
        kind=scalar.kind,
        annotation=annotation,
        value=None if needed else value,
        wire=wire,
        omit=write == "unless-default",
        item=item,
        patch=notes.get("patch", attr.local_name),
        text=text or f"The element {attr.local_name}.",
        spelled=spelled,
        argument=notes.get("argument", text or f"The element {attr.local_name}."),
    )


def _default(scalar: Scalar, text: str | None, attr: Attr) -> str | None:
    """Write the default of a field as Python."""
    if text is None:
        return None
    try:
        if scalar.kind in {"number", "value"}:
            return repr(float(text))
        if scalar.kind == "integer":
            return str(int(text))
    except ValueError:
        raise refused(f"<{attr.local_name}>", f"has the default {text!r}, which is no number") from None
    if scalar.kind == "enum":
        return f"{scalar.members}({text!r})"
    if scalar.kind == "duration":
        return f"timedelta(milliseconds={int(text)})"
    return str(text in {"true", "1"}) if scalar.kind == "boolean" else repr(text)
