"""Whatever is fed to the readers, they give what they promise, or the one error they promise, and soon."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import InvalidCommands, InvalidConfig, ProtocolError
from scan_sdk._wire import replies
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk._wire.config import read_config
from scan_sdk._wire.log import LogReader
from scan_sdk._wire.patch import read_patch
from scan_sdk.models import Patch, ScanConfig
from scan_sdk.models.base import fields_of, tag_of
from scan_sdk.models.commands import COMMANDS
from scan_sdk.testing.strategies import commands, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk import Command

TAGS = sorted(
    {tag_of(cls) for cls in COMMANDS}
    | {field.tag for cls in COMMANDS for field in fields_of(cls)}
    | {"commands", "argument", "bogus"}
)
SNIPPETS = [
    *(f"<{tag}>" for tag in TAGS),
    *(f"</{tag}>" for tag in TAGS),
    *(f"<{tag}/>" for tag in TAGS),
    *[
        "NaN",
        "Infinity",
        "-1",
        "0",
        "1e999",
        "",
        '"',
        "IN",
        "TRUE",
        '"a", ',
        "'",
        "\\",
        "&lt;",
        "&#0;",
        "&x;",
        "<",
        ">",
    ],
    *[
        "<!-- x -->",
        "<!--",
        "<![CDATA[x]]>",
        "<![CDATA[",
        "]]>",
        "<?pi?>",
        "<!DOCTYPE x>",
        ' a="b"',
        "\ufeff",
        "\x00",
    ],
]


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Make documents of commands that were cut, doubled and mended."""
    text = write_commands(draw(st.lists(commands(), max_size=3)))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 20)))
        piece = draw(st.sampled_from(SNIPPETS) | texts())
        text = (
            text[:start]
            + draw(st.sampled_from([piece, piece + text[start:end], text[start:end] * 2]))
            + text[end:]
        )
    return text


@st.composite
def made_up(draw: st.DrawFn) -> str:
    """Make documents from the names that the server knows, well-formed but seldom right."""

    def element(depth: int) -> str:
        tag = draw(st.sampled_from(TAGS))
        children = [element(depth - 1) for _ in range(draw(st.integers(0, 3)))] if depth else []
        text = draw(st.sampled_from(["", "", " ", "x", "5", "-1", "NaN", "IN", "true", '"a"', "Infinity"]))
        return f"<{tag}>{text}{''.join(children)}</{tag}>"

    return f"<commands>{''.join(element(3) for _ in range(draw(st.integers(0, 3))))}</commands>"


E = TypeVar("E", bound=Exception)
T = TypeVar("T")


def attempt(read: Callable[[], T], refusal: type[E]) -> T | E:
    """Return what is read, or the error that it is refused with; any other error fails the test."""
    try:
        return read()
    except refusal as error:
        return error


def read_or_refuse(document: str | bytes, *, strict: bool) -> tuple[Command, ...] | None:
    """Read a document; None where it is refused as promised."""
    found = attempt(lambda: read_commands(document, strict=strict), InvalidCommands)
    if isinstance(found, InvalidCommands):
        assert found.reason
        assert found.line >= 0
        assert found.column >= 0
        return None
    return found


@given(documents() | made_up())
def test_a_mutated_document_gives_commands_or_invalid_commands(document: str) -> None:
    read = read_or_refuse(document, strict=False)
    strictly = read_or_refuse(document, strict=True)
    if strictly is not None:
        assert read == strictly
        assert read_commands(write_commands(strictly), strict=True) == strictly
    if read is not None:
        written = write_commands(read)
        assert write_commands(read_commands(written)) == written
        held = read_commands(write_commands(read, as_server=True))  # without tolerances of 0
        written = write_commands(held, as_server=True)
        assert write_commands(read_commands(written), as_server=True) == written
        assert repr(read)


@given(
    documents(),
    st.sampled_from(["utf-8", "utf-16", "latin-1", "utf-8-sig"]),
    st.binary(max_size=3),
    st.integers(0),
)
def test_mutated_bytes_give_commands_or_invalid_commands(
    document: str, encoding: str, noise: bytes, place: int
) -> None:
    body = document.encode(encoding, "replace")
    place %= len(body) + 1
    body = body[:place] + noise + body[place + len(noise) :]
    read_or_refuse(body, strict=False)
    read_or_refuse(body, strict=True)


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_noise_is_refused(noise: bytes) -> None:
    assert not read_or_refuse(noise, strict=False)
    for read in READERS.values():
        with pytest.raises(ProtocolError):
            read(noise)
    with pytest.raises(InvalidConfig):
        read_config(noise)
    with pytest.raises(ValueError, match=r".+"):
        read_patch(noise)
    message, trace = replies.read_error(noise)
    assert isinstance(message, str)
    assert isinstance(trace, str)


def read_log(body: bytes) -> object:
    """Read a data log in one piece."""
    reader = LogReader()
    reader.feed(body)
    return reader.close()


READERS: dict[str, Callable[[bytes], object]] = {
    "scan": replies.read_scan,
    "scans": replies.read_scans,
    "server": replies.read_server,
    "devices": replies.read_devices,
    "simulation": replies.read_simulation,
    "id": replies.read_id,
    "serial": replies.read_serial,
    "bye": replies.read_bye,
    "data": read_log,
}
REPLY_TAGS = [
    *[
        "id",
        "name",
        "created",
        "state",
        "runtime",
        "total_work_units",
        "performed_work_units",
        "finish",
        "address",
    ],
    *["command", "error", "scan", "device", "alias", "status", "log", "seconds", "version", "start_time"],
    *[
        "script_paths",
        "samples",
        "sample",
        "time",
        "value",
        "port",
        "pv",
        "slew_rate",
        "property",
        "old_scan_removal_threadhold",
    ],
]
REPLY_TEXTS = [
    "",
    " ",
    "x",
    "5",
    "-1",
    "1.5",
    "Running",
    "9" * 20,
    "9" * 5000,
    "NaN",
    "1_0",
    "٣",
    "&amp;",
    "<![CDATA[a]]>",
]


@st.composite
def reply_documents(draw: st.DrawFn, root: str) -> bytes:
    """Make replies of known elements in odd places with odd texts."""

    def element(depth: int) -> str:
        tag = draw(st.sampled_from(REPLY_TAGS))
        children = [element(depth - 1) for _ in range(draw(st.integers(0, 4)))] if depth else []
        attribute, text = draw(st.sampled_from(["0", "", "x"])), draw(st.sampled_from(REPLY_TEXTS))
        return f'<{tag} id="{attribute}">{text}{"".join(children)}</{tag}>'

    text = draw(st.sampled_from(REPLY_TEXTS)) + "".join(element(2) for _ in range(draw(st.integers(0, 5))))
    return f"<{root}>{text}</{root}>".encode()


@pytest.mark.parametrize("root", READERS)
def test_odd_replies_give_models_or_protocol_errors(root: str) -> None:
    @given(reply_documents(root))
    def check(body: bytes) -> None:
        found = attempt(lambda: READERS[root](body), ProtocolError)
        if isinstance(found, ProtocolError):
            assert found.raw == body[:2000].decode()

    check()


@given(reply_documents("scan_config"))
def test_odd_configurations_give_a_model_or_invalid_config(body: bytes) -> None:
    found = attempt(lambda: read_config(body), InvalidConfig)
    assert isinstance(found, ScanConfig) or str(found).startswith("scan_config.xml:")


@given(reply_documents("patch"))
def test_odd_patches_give_a_model_or_a_value_error(body: bytes) -> None:
    found = attempt(lambda: read_patch(body), ValueError)
    assert isinstance(found, Patch) or str(found)


HOSTILE: dict[str, str] = {
    "openings": "<{root}>" + "<x>" * 200_000,
    "deep": "<{root}>" + "<x>" * 100_000 + "</x>" * 100_000 + "</{root}>",
    "wide": "<{root}>" + "<x/>" * 100_000 + "</{root}>",
    "attributes": "<{root} " + " ".join(f'a{i}="x"' for i in range(20_000)) + "/>",
    "number": "<{root}><id>" + "9" * 500_000 + "</id></{root}>",
    "errors": "<error><message>" * 50_000,
    "titles": "<title>" * 50_000,
    "messages": "<th>MESSAGE:</th> <td>" * 50_000,
    "blanks": "<error>" + " " * 500_000,
    "sections": "<simulation><log><![CDATA[" + "]]> " * 100_000,
    "logs": "<simulation><log><![CDATA[" + "]]></log><seconds>" * 50_000,
    "lists": "<commands><wait><comparison>IN</comparison><value>"
    + "'\" " * 100_000
    + "</value></wait></commands>",
    "items": "<commands><wait><comparison>IN</comparison><value>"
    + '"a",' * 50_000
    + "'</value></wait></commands>",
    "decimals": "<commands><delay><seconds>" + "1" * 500_000 + "x</seconds></delay></commands>",
    "hexadecimals": "<commands><delay><seconds>0x" + "f" * 500_000 + "</seconds></delay></commands>",
    "quotes": "<commands><set><value>" + '"' * 500_000 + "</value></set></commands>",
    "entities": '<!DOCTYPE {root} [<!ENTITY a "'
    + "x" * 100_000
    + '">]><{root}>'
    + "&a;" * 100_000
    + "</{root}>",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_documents_take_no_time(kind: str) -> None:
    """All of it is linear, which takes seconds, five under coverage; whatever grows faster takes minutes."""
    start = time.process_time()
    read_or_refuse(HOSTILE[kind].replace("{root}", "commands"), strict=False)
    read_or_refuse(HOSTILE[kind].replace("{root}", "commands"), strict=True)
    for root, read in READERS.items():
        with suppress(ProtocolError):
            read(HOSTILE[kind].replace("{root}", root).encode())
    replies.read_error(HOSTILE[kind].encode())
    assert time.process_time() - start < 15
