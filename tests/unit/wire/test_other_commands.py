"""Commands that nobody knows are kept as they stand, and written back as they are."""

from __future__ import annotations

import pytest

from scan_sdk import InvalidCommands, TextSource
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.formats import count_notes, format_commands
from scan_sdk.models import Delay, Loop, OtherCommand, Sequence, Set

DUMP = """<beam_dump mode='3' xmlns:a="urn:a">
     <!-- kept --><a:mode >3 &lt; &#52;</a:mode  ><![CDATA[<x>]]><?pi?><e a="/>" b='>'/>
 </beam_dump >"""


def test_an_unknown_command_is_kept_as_it_stands() -> None:
    document = f"<commands><delay/>{DUMP}<delay/></commands>"
    for given in (document, document.encode(), document.encode("utf-16"), "\ufeff" + document):
        assert read_commands(given) == (Delay(0), OtherCommand(DUMP), Delay(0))


@pytest.mark.parametrize(
    "element",
    [
        "<x/>",
        "<x a='>'/>",
        "<x></x>",
        "<x>/></x>",
        "<x />",
        "<x\n/>",
        "<other/>",
        "<x><x/></x>",
        "<commands/>",
    ],
)
def test_the_end_of_an_element_is_found(element: str) -> None:
    assert read_commands(f"<commands>{element}</commands>") == (OtherCommand(element),)
    assert read_commands(f"<commands>{element}/&gt;{element}</commands>") == (OtherCommand(element),) * 2


def test_what_is_in_another_encoding_is_decoded() -> None:
    document = '<?xml version="1.0" encoding="ISO-8859-1"?><commands><x>µ</x></commands>'
    assert read_commands(document.encode("latin-1")) == (OtherCommand("<x>µ</x>"),)


def test_line_ends_stay_as_they_are() -> None:
    [command] = read_commands("<commands>\r\n<x>\r\n</x></commands>")
    assert command == OtherCommand("<x>\r\n</x>")
    assert read_commands(write_commands([command])) == (command,)


def test_it_is_written_as_it_is_with_its_beginning_indented() -> None:
    written = write_commands([Sequence(OtherCommand("<x>\n<y/></x>"))])
    assert "\n      <x>\n<y/></x>\n    </body>" in written
    assert write_commands([OtherCommand("<x/>")], as_server=True) == "<commands>\n  <x/>\n</commands>\n"


def test_it_stands_in_bodies_and_counts_in_addresses() -> None:
    body = "<body><x/><delay/></body>"
    [loop] = read_commands(f"<commands><loop><device>m</device>{body}</loop></commands>", source="night.scn")
    assert loop == Loop("m", 0, 10, 1, OtherCommand("<x/>"), Delay(0), readback=True)
    assert isinstance(loop, Loop)
    assert loop.body[0].source == TextSource("night.scn", 1, 41)


def test_namespaces_that_are_declared_around_it_come_along_where_they_are_used() -> None:
    document = """<commands xmlns:a="urn:1" xmlns:b="urn:b" xmlns:q="&quot;"><sequence xmlns:a="urn:2">
        <body xmlns:c="urn:c"><a:x y="c:z"/><x xmlns:a="urn:3" a:b="1"/><q:x/></body></sequence></commands>"""
    assert read_commands(document) == (
        Sequence(
            OtherCommand('<a:x xmlns:a="urn:2" xmlns:c="urn:c" y="c:z"/>'),
            OtherCommand('<x xmlns:a="urn:3" a:b="1"/>'),
            OtherCommand("<q:x xmlns:q='\"'/>"),
        ),
    )
    assert read_commands('<commands xmlns="urn:d"><x/></commands>') == (OtherCommand('<x xmlns="urn:d"/>'),)


def test_namespaces_of_elements_that_have_ended_do_not() -> None:
    document = '<commands><sequence xmlns:a="urn:a"/><x a="a:b"/></commands>'
    assert read_commands(document) == (Sequence(), OtherCommand('<x a="a:b"/>'))


def test_strict_reading_refuses_it() -> None:
    with pytest.raises(InvalidCommands, match="unknown command <beam_dump>"):
        read_commands(f"<commands>{DUMP}</commands>", strict=True)
    with pytest.raises(InvalidCommands, match="unknown command <dely>: did you mean delay"):
        read_commands("<commands><dely a='b'/></commands>", strict=True)


def test_an_element_of_a_command_outside_of_its_place_is_refused() -> None:
    document = "<commands><parallel><body><timeout>1</timeout></body></parallel></commands>"
    with pytest.raises(InvalidCommands, match="it belongs to <parallel>, outside of its <body>"):
        read_commands(document)


def test_comments_in_it_belong_to_it() -> None:
    assert count_notes(f"<!-- a --><commands>{DUMP}<!-- b --></commands>".encode()) == 2


def test_the_canonical_form_keeps_it_with_the_comments_by_it() -> None:
    document = f"<commands><!-- a -->{DUMP}<!-- b -->\n<x/> <!-- c -->\n<delay/></commands>"
    formatted = format_commands(document)
    assert formatted.startswith(
        f"<commands>\n  <!-- a -->\n  {DUMP} <!-- b -->\n  <x/> <!-- c -->\n  <delay>\n"
    )
    assert format_commands(formatted) == formatted


def test_a_subclass_is_written_as_its_base() -> None:
    class Move(Set):
        """Moves."""

    assert write_commands([Move("m", 1)]) == write_commands([Set("m", 1)])
