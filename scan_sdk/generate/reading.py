"""What schemas say, in xsdata's own classes, at the stage where nothing is lost yet.

xsdata hands a generator classes from which the names of simple types and the defaults of optional elements
are gone. So the documents are read once more by xsdata itself, up to the step that resolves groups.
Attributes of the namespace urn:scan_sdk:schema, for which xsdata's classes have no place, are kept by the
number of their element.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from xsdata.codegen import opener
from xsdata.codegen.container import ClassContainer, Steps
from xsdata.codegen.mappers import SchemaMapper
from xsdata.codegen.parsers.schema import SchemaParser
from xsdata.exceptions import ConverterError, ParserError
from xsdata.models.config import GeneratorConfig
from xsdata.models.enums import Tag
from xsdata.models.xsd import Schema, SimpleType

from scan_sdk.errors import InvalidSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xsdata.codegen.models import Attr, Class
    from xsdata.formats.dataclass.parsers.bases import Parsed
    from xsdata.formats.dataclass.parsers.mixins import XmlNode
    from xsdata.models.mixins import ElementBase

__all__ = ["Notes", "Reading", "refused"]

SDK: Final = "{urn:scan_sdk:schema}"
Notes = dict[str, str]
"""The sdk: attributes of one element, without their prefix."""


def refused(what: str, reason: str) -> InvalidSchema:
    """Return the error for a part of a schema of which no model can be made.

    Args:
        what: The type or the element, such as `<mode> of beam_dump`.
        reason: Why not, and what to do.
    """
    return InvalidSchema(f"{what} {reason}")


@dataclass
class _Parser(SchemaParser):
    """Keeps the sdk: attributes that xsdata's classes have no place for."""

    notes: dict[int, Notes] = field(default_factory=dict[int, Notes], init=False)

    def start(  # noqa: PLR0917  # its arguments are xsdata's
        self,
        clazz: type[Any] | None,
        queue: list[XmlNode],
        objects: list[Parsed],
        qname: str,
        attrs: dict[Any, Any],
        ns_map: dict[Any, Any],
    ) -> None:
        """Take in an element."""
        super().start(  # pyright: ignore[reportUnknownMemberType]  # its dicts have no types
            clazz, queue, objects, qname, attrs, ns_map
        )
        kept = {name.removeprefix(SDK): text for name, text in attrs.items() if name.startswith(SDK)}
        if kept:
            self.notes[self.index] = kept


class Reading:
    """The types and elements of schemas and of those that they include.

    Args:
        locations: The documents, as URIs.
        package: Whether the package's own models are written; otherwise schemas that name the module in
            which their models stand are only referred to.

    Attributes:
        types: Complex types by name, with groups resolved.
        elements: Elements at the top, by name.
        simple: Simple types by name, as they are written.
        plain: The same with what they are based on resolved: built-in types and all restrictions.
        unions: Names of the members of simple types that are unions.
        notes: The sdk: attributes by the number of the element (`index` of xsdata's classes).
    """

    def __init__(self, locations: Iterable[str], *, package: bool = False) -> None:
        self.types: dict[str, Class] = {}
        self.elements: dict[str, Class] = {}
        self.simple: dict[str, Class] = {}
        self.unions: dict[str, tuple[str, ...]] = {}
        self.notes: dict[int, Notes] = {}
        self._heads: dict[tuple[str, str], Notes] = {}
        self._modules: dict[str, str] = {}
        self._package = package
        self._index = 0
        config = GeneratorConfig()
        container = ClassContainer(config)
        seen: set[str] = set()
        for location in locations:
            self._read(location, container, seen)
        plain = ClassContainer(config)
        plain.extend([item.clone() for item in container if item.tag == Tag.SIMPLE_TYPE])
        container.validate_classes()
        container.process_classes(Steps.UNGROUP)
        container.remove_groups()
        places = {Tag.COMPLEX_TYPE: self.types, Tag.ELEMENT: self.elements, Tag.SIMPLE_TYPE: self.simple}
        for item in container:
            if item.tag in places:
                places[item.tag][item.name] = item
        plain.process_classes(Steps.UNGROUP)
        plain.process_classes(Steps.FLATTEN)
        self.plain: dict[str, Class] = {item.name: item for item in plain}

    def _read(self, location: str, container: ClassContainer, seen: set[str]) -> None:
        if location in seen:
            return
        seen.add(location)
        parser = _Parser(location=location)
        parser.index = self._index  # so that an element's number tells it from those of all documents
        try:
            schema: Schema = parser.from_bytes(opener.open(location).read(), Schema)
        except OSError as error:
            raise refused(location, f"cannot be read: {error}") from error
        except (SyntaxError, ParserError, ConverterError) as error:  # the first is for what is no XML
            raise refused(location, f"is no XML Schema: {error}") from error
        self._index = parser.index
        self.notes |= parser.notes
        if schema.target_namespace:
            raise refused(
                location, "has a targetNamespace, but commands stand in none: leave it out of the schema"
            )
        for other in schema.included():
            if other.location:
                self._read(other.location, container, seen)
        module = parser.notes.get(schema.index, {}).get("module")
        if module is not None and not self._package:
            self._modules[location] = module
        classes = SchemaMapper.map(schema)
        for (_, element), item in zip(SchemaMapper.root_elements(schema), classes, strict=True):
            self._note(element, item)
        container.extend(classes)

    def _note(self, element: ElementBase, item: Class) -> None:
        self._heads[item.tag, item.name] = self.notes.get(element.index, {})
        if isinstance(element, SimpleType) and element.union is not None:
            if element.union.simple_types:
                raise refused(item.name, "is a union of types without names: give each a name of its own")
            self.unions[item.name] = tuple(element.union.bases)

    def of(self, item: Class) -> Notes:
        """Return the sdk: attributes of a type or an element at the top."""
        return self._heads.get((item.tag, item.name), {})

    def module(self, item: Class) -> str | None:
        """Return the module in which the model of a type stands already, None where it is to be written."""
        return self._modules.get(item.location)

    def attributes(self, item: Class, around: tuple[str, ...] = ()) -> list[tuple[Class, Attr]]:
        """Return the elements within a type and whose they are, those of what it extends first."""
        found: list[tuple[Class, Attr]] = []
        for extension in item.extensions:
            name = extension.type.name
            base = self.types.get(name)
            if base is None:
                raise refused(item.name, f"is based on {name}, which holds no elements: give it elements")
            if extension.tag == Tag.RESTRICTION:
                raise refused(
                    item.name, f"restricts {name}: write out its elements instead, or extend the type"
                )
            if name in around:
                raise refused(item.name, f"extends itself by way of {name}: leave one of them out")
            found += self.attributes(base, (*around, name))
        return found + [(item, attr) for attr in item.attrs]

    def own(self, items: Mapping[str, Class]) -> list[Class]:
        """Return those of some types that are to be written, in the order of the documents."""
        return [item for item in items.values() if self.module(item) is None]
