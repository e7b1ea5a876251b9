"""What old scripts use to print XML.

Modern: `CommandSequence.to_xml()`, or `xml.etree.ElementTree.indent`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

__all__ = ["XML_HEADER", "indent"]

XML_HEADER = '<?xml version="1.0"?>'


def indent(elem: Element, level: int = 0) -> None:
    """Put each element inside an element on a line of its own."""
    ET.indent(elem, level=level)
