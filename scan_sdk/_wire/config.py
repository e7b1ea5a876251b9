"""Reads the configuration file of a scan server."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from scan_sdk._wire.java import parse_double, parse_long
from scan_sdk._wire.markup import parse
from scan_sdk.errors import InvalidConfig
from scan_sdk.models import PvConfig, ScanConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

    from scan_sdk.models.base import Model, XmlField

    M = TypeVar("M", bound=Model)


def read_config(document: bytes, *, source: str = "scan_config.xml") -> ScanConfig:
    """Return the configuration in a document whose root is `<scan_config>`.

    Missing and empty elements take their defaults; unknown ones are passed over, as the server does.

    Raises:
        InvalidConfig: It is not well-formed, no configuration, or holds a value that does not fit.
    """
    try:
        root = parse(document)
    except ValueError as error:
        raise InvalidConfig(f"{source}: {error}") from None
    if root.tag != "scan_config":
        raise InvalidConfig(f"{source}: the root element is <{root.tag}>, not <scan_config>")
    pvs = tuple(_build(PvConfig, pv, {}, source) for pv in root.iterfind("pv"))
    return _build(ScanConfig, root, {"pvs": pvs}, source)


def _build(cls: type[M], element: Element, values: dict[str, object], source: str) -> M:
    """Build a model from the children of an element."""
    for field in cls.XML_FIELDS:
        texts = [(child.text or "").strip() for child in element.iterfind(field.tag)]
        if field.kind == "list":
            values[field.attribute] = tuple(filter(None, texts))
        elif texts and texts[0]:
            values[field.attribute] = _read(field, texts[0], source)
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        place = f"<{fault['loc'][0]}>" if fault["loc"] else f"<{element.tag}>"
        raise InvalidConfig(f"{source}: {place}: {fault['msg']}") from None


def _read(field: XmlField, text: str, source: str) -> object:
    try:
        return _READ.get(field.kind, str)(text)
    except ValueError:
        raise InvalidConfig(f"{source}: <{field.tag}> wants a number, not {text[:40]!r}") from None


_READ: dict[str, Callable[[str], object]] = {"integer": parse_long, "number": parse_double}
