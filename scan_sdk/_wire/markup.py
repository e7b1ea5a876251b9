"""Small things of XML that several modules need."""

from __future__ import annotations

import codecs
import re
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from scan_sdk.errors import InvalidCommands

_SPECIAL = re.compile(r"[&<>\r]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Return text as content of an element; a CR survives the normalisation of line ends."""
    if not ("&" in text or "<" in text or ">" in text or "\r" in text):  # twice as fast as the pattern
        return text
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text)


def carriable(text: str) -> str:
    """Return text with what XML 1.0 cannot carry replaced by `_`, as the scan server does."""
    return _NOT_XML.sub("_", text)


def encoded(document: str | bytes, source: str) -> tuple[bytes, str | None]:
    """Return a document as bytes, and the encoding to read them with, None for the one that they declare.

    Raises:
        InvalidCommands: A text holds what no encoding can carry.
    """
    if not isinstance(document, str):
        return _of_single_bytes(document)
    try:
        return document.encode(), "utf-8"
    except UnicodeEncodeError as error:
        reason = f"character {error.start} is half of a surrogate pair, which UTF-8 cannot carry"
        raise InvalidCommands(reason, source=source) from None


_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}


def _of_single_bytes(document: bytes) -> tuple[bytes, str | None]:
    """Return a document in an encoding in which `<` is one byte, and the encoding where it is a new one."""
    wide = _WIDE.get(document[:2])
    if wide is None:
        return document, None
    try:
        return document.decode(wide).encode(), "utf-8"
    except UnicodeDecodeError:  # the parser says where
        return document, None


def is_document(text: str) -> bool:
    """Return whether a text is an XML document, and not the path of a file."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def parse(document: bytes) -> Element:
    """Return the root element of a small document, which is UTF-8 unless it says otherwise itself (trap 8).

    Raises:
        ValueError: It is not well-formed, or has a document type declaration.
    """
    parser = XMLParser(target=_Builder())  # noqa: S314  # _Builder refuses DTDs, so there are no entities
    try:
        parser.feed(document)
        root: Element = parser.close()
    except ParseError as error:
        raise ValueError(f"not well-formed XML ({error})") from None
    except LookupError as error:
        raise ValueError(f"in an encoding that cannot be read ({error})") from None
    return root


class _Builder(TreeBuilder):
    def doctype(self, name: str, public: str | None, system: str | None) -> None:  # noqa: ARG002
        """Refuse a document type declaration."""
        raise ValueError(f"XML with a document type declaration ({name}), which is not allowed")
