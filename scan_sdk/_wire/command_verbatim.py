"""Commands that nobody knows, as they stand in a document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["OpenElement", "end_of", "namespaces", "verbatim"]

_DECLARES = "xmlns"
_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*+>""")


class OpenElement(NamedTuple):
    """An element that is open: its name and attributes, its first byte, its line, and its column from 0."""

    tag: str
    attributes: Mapping[str, str]
    start: int
    line: int
    column: int


def namespaces(around: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return the declarations of namespaces among the attributes of elements, of which inner ones count."""
    return {
        name: value
        for attributes in around
        for name, value in attributes.items()
        if name.partition(":")[0] == _DECLARES
    }


def end_of(document: bytes, start: int, close: int) -> int:
    """Return where an element ends, in an encoding in which `<` is one byte.

    Args:
        document: The document.
        start: Where the start tag of the element begins.
        close: Where its end tag begins; where it has none, where it ends.
    """
    is_empty = document.startswith(b"/>", close - 2) and _tag_end(document, start) == close
    return close if is_empty else _tag_end(document, close)


def _tag_end(document: bytes, start: int) -> int:
    return cast("re.Match[bytes]", _TAG.match(document, start)).end()


def verbatim(
    document: bytes, encoding: str, element: OpenElement, close: int, declared: Mapping[str, str]
) -> str:
    """Return an element as it stands in a document, with the namespaces declared that it may use.

    Args:
        document: The document.
        encoding: What to decode it with.
        element: The element.
        close: Where its end tag begins; where it has none, where it ends.
        declared: The namespaces that are declared around it.
    """
    xml = document[element.start : end_of(document, element.start, close)].decode(encoding)
    missing = "".join(
        f" {name}={quoteattr(uri)}"
        for name, uri in declared.items()
        if name not in element.attributes and (name == _DECLARES or f"{name.partition(':')[2]}:" in xml)
    )
    begun = 1 + len(element.tag)
    return f"{xml[:begun]}{missing}{xml[begun:]}"
