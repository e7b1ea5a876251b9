"""Escaping, and the parsing of small documents."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from scan_sdk._wire.markup import carriable, escape, parse


@pytest.mark.parametrize(
    "text", ["", "plain", "a & b", "<a>", "]]>", "&amp;", "a\r\nb\rc\nd\te", "µm 🔬", "\"'"]
)
def test_escaped_text_comes_back(text: str) -> None:
    assert ET.fromstring(f"<t>{escape(text)}</t>").text == (text or None)


def test_what_xml_cannot_carry_becomes_an_underscore() -> None:
    """As the server does with logged texts; without this every reply would be broken (trap 22)."""
    assert carriable("a\x00b\x1fc\ud800d\ufffee\uffff") == "a_b_c_d_e_"
    assert carriable("tab\t, line\r\n, \x7f\x85, 🔬") == "tab\t, line\r\n, \x7f\x85, 🔬"


def test_a_document_is_utf8_unless_it_says_otherwise() -> None:
    """Trap 8: replies come without a charset."""
    assert parse("<t>µm</t>".encode()).text == "µm"
    assert parse('<?xml version="1.0" encoding="ISO-8859-1"?><t>µm</t>'.encode("latin-1")).text == "µm"
    assert parse("<t>µm</t>".encode("utf-16")).text == "µm"
    assert parse("<t>µm</t>".encode("utf-8-sig")).text == "µm"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "not well-formed"),
        (b"text", "not well-formed"),
        (b"<t>", "not well-formed"),
        (b"<t/><t/>", "not well-formed"),
        ("<t>µm</t>".encode("latin-1"), "not well-formed"),
        (b"<t>&nbsp;</t>", "not well-formed"),
        (b"<t>\x01</t>", "not well-formed"),
        (b'<?xml version="1.0" encoding="nonsense"?><t/>', "encoding"),
        (b'<?xml version="1.0" encoding="shift_jis"?><t/>', "encoding"),
        (b"<!DOCTYPE t><t/>", "document type declaration"),
        (b'<!DOCTYPE t SYSTEM "file:///etc/passwd"><t/>', "document type declaration"),
        (b'<!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>', "document type declaration"),
    ],
)
def test_what_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse(document)
