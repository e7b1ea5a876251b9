"""How commands of old scripts are written: their elements in XML, and their arguments in Python."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element


def to_xml(tree: Element) -> bytes:
    """Return an element as XML in ASCII, with carriage returns that readers keep."""
    return ET.tostring(tree).replace(b"\r", b"&#13;")


def element(tag: str, *children: Element | None) -> Element:
    """Return an element with those of the children that are there."""
    made = Element(tag)
    made.extend([child for child in children if child is not None])
    return made


def leaf(tag: str, value: object) -> Element:
    """Return an element with a text."""
    made = Element(tag)
    made.text = str(value)
    return made


def optional(tag: str, value: object) -> Element | None:
    """Return an element with a text, nothing where there is no value."""
    return leaf(tag, value) if value else None


def limit(tag: str, value: float | None) -> Element | None:
    """Return an element with a limit, nothing where it is none."""
    return leaf(tag, value) if positive(value) else None


def quoted(value: object) -> str:
    """Return a text in the quotes that keep the server from taking it for a number; others as they are."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def positive(value: float | None) -> bool:
    """Tell whether a limit is one: neither missing nor 0."""
    return value is not None and float(value) > 0


def short(value: object) -> str:
    """Return a number with six digits at most, as PyScanClient shows most; others as Python source."""
    try:
        return plain(value) if math.isinf(float(value)) else f"{value:g}"  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return repr(value)


def plain(value: object) -> str:
    """Return Python source of a value; numbers of numpy as numbers."""
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return str(value)


def joined(*parts: str) -> str:
    """Return those arguments that are there, with commas between."""
    return ", ".join(part for part in parts if part)


def limit_text(name: str, value: float | None) -> str:
    """Return the argument of a limit, nothing where it is none."""
    return f"{name}={short(value)}" if positive(value) else ""


def handler_text(name: str | None) -> str:
    """Return the argument of an error handler, where there is one."""
    return f"errhandler={name!r}" if name else ""
