"""The body of `PUT /scan/{id}/patch`: XML to model and back."""

from __future__ import annotations

from pydantic import ValidationError

from scan_sdk._dialect.java import parse_long, parse_value, quote_value
from scan_sdk._wire.markup import escape, parse
from scan_sdk.models import Patch


def read_patch(body: bytes) -> Patch:
    """Return the patch in a request.

    Raises:
        ValueError: It is not well-formed, no `<patch>`, or names no command or no property.
    """
    root = parse(body)
    if root.tag != "patch":
        raise ValueError(f"the root element is <{root.tag}>, not <patch>")
    try:
        address = parse_long(root.findtext("address") or "")
    except ValueError as error:
        raise ValueError(f"<address>: {error}") from None
    try:
        return Patch.model_validate(
            {
                "address": address,
                "property": root.findtext("property") or "",
                "value": parse_value(root.findtext("value") or ""),
            }
        )
    except ValidationError as error:
        fault = error.errors()[0]
        raise ValueError(f"<{fault['loc'][0]}>: {fault['msg']}") from None


def write_patch(patch: Patch) -> str:
    """Return the patch as a document; texts stand in quotes, so that none is taken for a number (trap 1)."""
    value = escape(quote_value(patch.value))
    return (
        f"<patch>\n  <address>{patch.address}</address>\n"
        f"  <property>{patch.property}</property>\n  <value>{value}</value>\n</patch>\n"
    )
