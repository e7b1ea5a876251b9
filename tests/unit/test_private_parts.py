"""Private parts of other libraries that this package uses: a release that changes one is noticed here.

The reasons stand in docs/explanations/decisions/0013-private-parts-of-libraries.md.
"""

import httpcore
import httpx
import pydantic
from uvicorn.protocols.http.h11_impl import H11Protocol

from scan_sdk import Delay, Loop
from scan_sdk._http import AsyncTransport, Transport, _AsyncBackend, _Backend
from scan_sdk._protocol.connection import Connection
from scan_sdk.generate.reading import Reading
from scan_sdk.models.base import vary


def test_a_pydantic_model_consists_of_four_slots():
    assert set(pydantic.BaseModel.__slots__) == {
        "__dict__",
        "__pydantic_extra__",
        "__pydantic_fields_set__",
        "__pydantic_private__",
    }


def test_a_command_that_is_put_together_below_pydantic_is_one_as_pydantic_makes_it():
    loop = Loop("x", 1, 2, 1, Delay(1))
    made, wanted = vary(loop, None, {"end": 5.0}), loop.model_copy(update={"end": 5.0})
    assert made == wanted
    assert made.model_dump() == wanted.model_dump()
    assert made.model_fields_set == wanted.model_fields_set
    assert made.__pydantic_private__ == wanted.__pydantic_private__
    assert made.__pydantic_extra__ == wanted.__pydantic_extra__


def test_a_transport_of_httpx_keeps_its_connections_in_one_pool_of_httpcore():
    with httpx.HTTPTransport() as transport:
        assert {name: type(value) for name, value in vars(transport).items()} == {
            "_pool": httpcore.ConnectionPool
        }
    blocking = Transport(Connection.check())
    assert isinstance(vars(blocking._pool)["_pool"]._network_backend, _Backend)
    blocking.close()


async def test_an_async_transport_of_httpx_keeps_its_connections_in_one_pool_of_httpcore():
    async with httpx.AsyncHTTPTransport() as transport:
        names = {name: type(value) for name, value in vars(transport).items()}
        assert names == {"_pool": httpcore.AsyncConnectionPool}
    waiting = AsyncTransport(Connection.check())
    assert isinstance(vars(waiting._pool)["_pool"]._network_backend, _AsyncBackend)
    await waiting.aclose()


def test_uvicorns_protocol_has_what_its_patience_is_built_on():
    for name in ("handle_events", "send_400_response", "pause_writing", "resume_writing", "connection_lost"):
        assert callable(getattr(H11Protocol, name))


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
