"""Addresses and terms of a client."""

import base64

import pytest
from pydantic import ValidationError

from scan_sdk._protocol.connection import Connection
from scan_sdk.client import ScanClient


def headers(connection):
    return {name.decode(): value.decode("latin-1") for name, value in connection.fixed_headers()}


@pytest.mark.parametrize(
    ("arguments", "url", "authority"),
    [
        ({}, "http://localhost:4810", "localhost:4810"),
        ({"host": "ws7", "port": 80}, "http://ws7", "ws7"),
        ({"host": "::1"}, "http://[::1]:4810", "[::1]:4810"),
        ({"host": "bücher.example"}, "http://xn--bcher-kva.example:4810", "xn--bcher-kva.example:4810"),
        ({"url": "https://beam.example"}, "https://beam.example", "beam.example"),
        ({"url": "https://beam.example:4811/a/b/"}, "https://beam.example:4811/a/b", "beam.example:4811"),
        ({"url": "http://[::1]:9/ä b/%41"}, "http://[::1]:9/%C3%A4%20b/%41", "[::1]:9"),
    ],
)
def test_addresses(arguments, url, authority):
    connection = Connection.check(**arguments)
    assert connection.url == url
    assert headers(connection)["host"] == authority


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"url": "beamline"}, "give a URL such as"),
        ({"url": "ftp://beamline"}, "give a URL such as"),
        ({"url": "http://"}, "give a URL such as"),
        ({"url": "http://x:port"}, "cannot be understood"),
        ({"url": "http://x/?a=1"}, "no query"),
        ({"url": "http://me:secret@x/"}, "auth="),
        ({"url": 7}, "is text"),
        ({"url": "http://x", "host": "y"}, "not both"),
        ({"host": "http://x"}, "url="),
        ({"host": ""}, "url="),
        ({"host": "a..b"}, "url="),
        ({"url": "http://x:0"}, "port"),
        ({"port": 0}, "port"),
        ({"port": "4810"}, "port"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": float("inf")}, "timeout"),
        ({"timeout": None}, "timeout"),
        ({"headers": {"a b": "c"}}, "header"),
        ({"headers": {"a": "b\r\nc: d"}}, "header"),
        ({"headers": {"a": "€"}}, "header"),
        ({"auth": ("a:b", "c")}, "colon"),
        ({"token": ""}, "a token is at least one"),
        ({"token": "a b"}, "a token is at least one"),
        ({"token": "ä"}, "a token is at least one"),
        ({"token": "a\n"}, "a token is at least one"),
        ({"token": "a", "auth": ("b", "c")}, "not both"),
        ({"max_reply": 0}, "max_reply"),
        ({"verify": 3}, "verify"),
    ],
)
def test_what_cannot_be_right_is_refused(arguments, reason):
    with pytest.raises(ValidationError, match=reason):
        ScanClient(**arguments)


def test_user_and_password_become_a_header():
    token = headers(Connection.check(auth=("ä", "b:c")))["authorization"].removeprefix("Basic ")
    assert base64.b64decode(token).decode() == "ä:b:c"


def test_a_token_becomes_a_header():
    assert headers(Connection.check(token="s3cret!"))["authorization"] == "Bearer s3cret!"
    assert "authorization" not in headers(Connection.check())


def test_own_headers_win():
    sent = headers(Connection.check(headers={"User-Agent": "mine", "X-Key": "7"}))
    assert (sent["user-agent"], sent["x-key"]) == ("mine", "7")


def test_no_secret_shows():
    client = ScanClient("ws7", auth=("me", "secret"), headers={"X-Key": "secret"})
    assert repr(client) == "ScanClient(url='http://ws7:4810', timeout=10)"
    assert "secret" not in repr(client._connection)
    with pytest.raises(ValidationError) as caught:
        ScanClient(auth=("me", "secret", "more"))
    assert "secret" not in str(caught.value)
    client = ScanClient("ws7", token="secret")
    assert "secret" not in repr(client) + repr(client._connection)
    with pytest.raises(ValidationError) as caught:
        ScanClient(token="secret word")
    assert "secret" not in str(caught.value)
