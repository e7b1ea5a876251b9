"""Reads the configuration file of a scan server, and says of all that is wrong with it where it stands."""

from __future__ import annotations

import difflib
import logging
from typing import TYPE_CHECKING, TypeVar
from xml.parsers import expat

from pydantic import ValidationError

from scan_sdk._dialect.java import parse_double, parse_long
from scan_sdk._dialect.macros import parse_macros
from scan_sdk.errors import InvalidConfig
from scan_sdk.models import PvConfig, ScanConfig
from scan_sdk.models.base import fields_of
from scan_sdk.models.config import clashes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models.base import Model, XmlField

    M = TypeVar("M", bound=Model)

_logger = logging.getLogger(__name__)


def read_config(document: bytes, *, source: str = "scan_config.xml") -> ScanConfig:
    """Return the configuration in a document whose root is `<scan_config>`.

    Missing and empty elements take their defaults. Unknown and repeated ones are passed over, as the server
    does, with a warning in the log.

    Args:
        document: The document, in UTF-8 unless its XML declaration says otherwise.
        source: Name of the document for messages, such as its path.

    Raises:
        InvalidConfig: It is not well-formed, no configuration, or holds values that do not fit.
    """
    return _ConfigReader(source).read(_parse(document, source))


class _Node:
    """An element, and where it begins."""

    __slots__ = ("children", "column", "line", "tag", "text")

    def __init__(self, tag: str, line: int, column: int) -> None:
        self.tag = tag
        self.line = line
        self.column = column
        self.text = ""
        self.children: list[_Node] = []

    def named(self, tag: str) -> list[_Node]:
        """Return the children of that name."""
        return [child for child in self.children if child.tag == tag]


def _parse(document: bytes, source: str) -> _Node:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    top = _Node("", 1, 1)
    path = [top]

    def place() -> tuple[int, int]:
        return parser.CurrentLineNumber, parser.CurrentColumnNumber + 1

    def start(tag: str, _attributes: dict[str, str]) -> None:
        node = _Node(tag, *place())
        path[-1].children.append(node)
        path.append(node)

    def end(_tag: str) -> None:
        path.pop()

    def text(piece: str) -> None:
        if not path[-1].children:
            path[-1].text += piece

    def refuse(*_: object) -> None:
        raise InvalidConfig(
            (*place(), "a document type declaration is not allowed: remove the <!DOCTYPE …>"), source=source
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
        raise InvalidConfig((error.lineno, error.offset + 1, reason), source=source) from None
    except InvalidConfig:
        raise
    except (LookupError, ValueError) as error:  # no such encoding, or not one that expat can work with
        raise InvalidConfig((1, 1, f"its encoding cannot be read: {error}"), source=source) from None
    return top.children[0]


class _ConfigReader:
    """Makes models of elements, and collects what is wrong on the way."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._problems: list[tuple[int, int, str]] = []

    def read(self, root: _Node) -> ScanConfig:
        if root.tag != "scan_config":
            self._refuse(root, f"the root element is <{root.tag[:40]}>, not <scan_config>")
            raise self._error()
        nodes = root.named("pv")
        built = [(node, self._build(PvConfig, node, {})) for node in nodes]
        pvs = [(node, pv) for node, pv in built if pv is not None]
        for index, reason in clashes(pv for _, pv in pvs):
            self._refuse(pvs[index][0], f"<pv>: {reason}")
        # The PVs have been seen to; the rest is looked at without them, as one that is wrong is not there
        config = self._build(ScanConfig, root, {})
        for node in root.named("macros")[:1]:
            try:
                parse_macros(node.text.strip())
            except ValueError as error:
                self._refuse(node, f"<macros>: {error}")
        if config is None or self._problems:
            raise self._error()
        return config.model_copy(update={"pvs": tuple(pv for _, pv in pvs)})

    def _error(self) -> InvalidConfig:
        return InvalidConfig(*sorted(self._problems), source=self._source)

    def _refuse(self, node: _Node, reason: str) -> None:
        self._problems.append((node.line, node.column, reason))

    def _build(self, cls: type[M], element: _Node, values: dict[str, object]) -> M | None:
        """Build a model from the children of an element; None where that cannot be done."""
        places: dict[object, _Node] = {}
        for field in fields_of(cls):
            found = [node for node in element.named(field.tag) if node.text.strip()]
            if field.kind == "models" or not found:
                continue
            places[field.attribute] = found[0]
            if field.kind == "list":
                values[field.attribute] = tuple(node.text.strip() for node in found)
            else:
                values[field.attribute] = _value(field, found[0].text.strip())
                self._warn_of_repeated(found)
        self._warn_of_unknown(element, {field.tag for field in fields_of(cls)})
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            for fault in error.errors():
                node = places.get("".join(map(str, fault["loc"])))
                if node is None:
                    self._refuse(element, f"<{element.tag}>: {fault['msg']}")
                else:
                    self._refuse(node, f"<{node.tag}> cannot be '{node.text.strip()[:40]}': {fault['msg']}")
            return None

    def _warn_of_repeated(self, nodes: list[_Node]) -> None:
        for node in nodes[1:]:
            self._warn(node, f"<{node.tag}> has no effect: the first one counts, in line {nodes[0].line}")

    def _warn_of_unknown(self, element: _Node, known: Iterable[str]) -> None:
        for node in element.children:
            if node.tag not in known and (element.tag, node.tag) != _SILENT:
                near = difflib.get_close_matches(node.tag, known, n=1)
                hint = f"; is it meant to be <{near[0]}>?" if near else ""
                self._warn(node, f"<{node.tag[:40]}> is not known, and has no effect{hint}")

    def _warn(self, node: _Node, text: str) -> None:
        _logger.warning("%s:%d:%d: %s", self._source, node.line, node.column, text)


_SILENT = ("pv", "log")
"""An element that older configurations have, and that never meant anything to the server."""
_READ: dict[str, Callable[[str], object]] = {"integer": parse_long, "number": parse_double}


def _value(field: XmlField, text: str) -> object:
    """Return the value that a text stands for; where it is none, the text, which the model then refuses."""
    try:
        return _READ.get(field.kind, str)(text)
    except ValueError:
        return text
