"""Commands that nobody knows come back from every format as they were written, whatever they hold."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import CommandSequence, OtherCommand, Sequence
from scan_sdk.formats import dump_commands, format_commands, load_commands

BLANKS = st.sampled_from([" ", "\n", "  "])
ENDS = st.sampled_from(["", " ", "\n"])
NAMES = st.from_regex(r"\A(?:[a-c]:)?x[a-zé_.-]{0,4}\Z")
VALUES = st.text(st.sampled_from("ab>/:\"'&<\n\t é]"), max_size=6)
PIECES = st.one_of(
    st.text(st.sampled_from("ab>/\"'\n\r\t é"), max_size=6).map(lambda text: text.replace("]]>", "")),
    st.text(st.sampled_from("ab<>/\n &"), max_size=6).map(lambda text: f"<!--{text}-->"),
    st.text(st.sampled_from("ab<>/&\n]"), max_size=6).map(
        lambda text: f"<![CDATA[{text.replace(']', '')}]]>"
    ),
    st.sampled_from(["<?pi a>b?>", "&amp;", "&lt;", "&#13;", "&#x41;"]),
)


@st.composite
def elements(draw, levels=3):
    """Make one element of any name, with attributes, namespaces, text, comments and children."""
    tag = draw(NAMES)
    attributes = draw(st.dictionaries(NAMES | st.sampled_from(["xmlns:a", "xmlns"]), VALUES, max_size=3))
    written = "".join(f"{draw(BLANKS)}{name}={quoteattr(value or 'u')}" for name, value in attributes.items())
    pieces = PIECES | elements(levels=levels - 1) if levels else PIECES
    content = "".join(draw(st.lists(pieces, max_size=3)))
    if not content and draw(st.booleans()):
        return f"<{tag}{written}/>"
    return f"<{tag}{written}>{content}</{tag}{draw(ENDS)}>"


@given(st.lists(elements(), min_size=1, max_size=3), st.sampled_from(["utf-8", "utf-16", "utf-16-le"]))
def test_commands_that_nobody_knows_come_back_as_they_were(written, encoding):
    commands = CommandSequence(map(OtherCommand, written), Sequence(map(OtherCommand, written)))
    document = commands.to_xml()
    assert CommandSequence.from_xml(document) == commands
    assert CommandSequence.from_xml(document.encode(encoding)) == commands
    assert CommandSequence.from_xml(format_commands(document)) == commands
    assert CommandSequence.from_json(commands.to_json()) == commands
    for name in ("json", "yaml", "python"):
        assert load_commands(dump_commands(commands, name), name) == commands
