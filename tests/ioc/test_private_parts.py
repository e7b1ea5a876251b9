"""Private parts of aioca that are used: a release that changes one is noticed here.

The reasons stand in docs/explanations/decisions/0013-private-parts-of-libraries.md.
"""

import asyncio

import pytest

pytestmark = pytest.mark.ioc


async def test_aioca_keeps_the_channels_of_each_event_loop_by_name():
    from aioca import _catools

    assert isinstance(_catools._Context._channel_caches, dict)
    cache = _catools.ChannelCache(asyncio.get_running_loop())
    assert cache._ChannelCache__channels == {}
    assert callable(cache.purge)
    assert callable(_catools.Channel._purge)


def test_xsdata_numbers_elements_as_they_stand_in_all_documents(tmp_path):
    """`generate/reading.py` finds the attributes of another namespace by these numbers."""
    opening = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sdk="urn:scan_sdk:schema">'
    one = '<xs:element name="a" type="xs:int" sdk:patch="one"/>'
    group = f'<xs:group name="g"><xs:sequence>{one}</xs:sequence></xs:group>'
    park = '<xs:element name="b" type="xs:int" default="2" minOccurs="0" sdk:patch="two"/><xs:group ref="g"/>'
    (tmp_path / "common.xsd").write_text(f"{opening}{group}</xs:schema>")
    (tmp_path / "site.xsd").write_text(
        f'{opening}<xs:include schemaLocation="common.xsd"/><xs:element name="park"><xs:complexType>'
        f"<xs:sequence>{park}</xs:sequence></xs:complexType></xs:element></xs:schema>"
    )
    reading = Reading([(tmp_path / "site.xsd").as_uri()])
    attrs = reading.elements["park"].attrs
    assert [(attr.name, attr.default, reading.notes[attr.index]["patch"]) for attr in attrs] == [
        ("b", "2", "two"),
        ("a", None, "one"),
    ]
