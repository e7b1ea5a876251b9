"""Command documents in canonical form."""

import pytest

from scan_sdk.errors import InvalidCommands
from scan_sdk.formats import format_commands

UNTIDY = """<?xml version="1.0" encoding="ISO-8859-1"?>
<?xml-model href="commands.xsd"?>
<!-- µ: the night -->
<commands xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="commands.xsd"> <!-- all -->
    <!-- first -->
  <set> <!-- opened -->
    <!-- says nothing --><timeout>0</timeout> <!-- behind it -->
    <value><![CDATA[5]]><!-- in a text --></value><device>x</device> <!-- one --> <!-- two -->
    <!-- before --> <wait>false</wait>
    <!-- last -->
  </set> <!-- done -->
  <sequence><body><!-- nothing --></body></sequence>
  <!-- the end -->
</commands> <?pi?>
<!-- out -->
"""  # noqa: E501  # the attributes of the root stand in a line
TIDY = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-model href="commands.xsd"?>
<!-- µ: the night -->
<commands xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="commands.xsd"> <!-- all -->
  <!-- first -->
  <set> <!-- opened -->
    <device>x</device> <!-- one --> <!-- two -->
    <!-- says nothing -->
    <!-- behind it -->
    <value>5.0</value> <!-- in a text -->
    <!-- before -->
    <wait>false</wait>
    <tolerance>0.1</tolerance>
    <!-- last -->
  </set> <!-- done -->
  <sequence>
    <body>
      <!-- nothing -->
    </body>
  </sequence>
  <!-- the end -->
</commands>
<?pi?>
<!-- out -->
"""  # noqa: E501  # likewise


def test_comments_stay_by_what_they_stand_by_and_the_encoding_becomes_utf_8():
    assert format_commands(UNTIDY.encode("latin-1")) == TIDY.encode()
    assert format_commands(TIDY) == TIDY


def test_a_comment_behind_the_start_tag_of_an_empty_element_opens_it():
    document = "<commands> <!-- a -->\n</commands>"
    assert format_commands(document) == "<commands> <!-- a -->\n</commands>\n"
    assert format_commands("<commands><!-- a --></commands>") == "<commands>\n  <!-- a -->\n</commands>\n"


def test_a_comment_behind_an_empty_element_stays_there():
    document = "<commands><sequence><body/> <!-- a -->\n</sequence></commands>"
    assert "    <body/> <!-- a -->\n  </sequence>\n" in format_commands(document)
    opened = document.replace("<body/>", "<body> <!-- b -->\n</body>")
    assert "    <body> <!-- b -->\n    </body> <!-- a -->\n" in format_commands(opened)


def test_a_comment_over_several_lines_is_left_as_it_is():
    document = "<commands>\n<!-- a\n     b -->\n<delay><seconds>1</seconds></delay></commands>"
    assert "  <!-- a\n     b -->\n  <delay>\n" in format_commands(document)


def test_items_of_lists_keep_their_comments():
    items = "<device>a</device> <!-- 1 -->\n<!-- 2 --><device>b</device>\n<!-- 3 -->"
    formatted = format_commands(f"<commands><log><devices>{items}</devices></log></commands>")
    assert (
        "      <device>a</device> <!-- 1 -->\n      <!-- 2 -->\n      <device>b</device>\n      <!-- 3 -->\n"
    ) in formatted


def test_attributes_of_the_root_keep_what_is_special_in_them():
    document = """<commands xmlns:a="&lt;&quot;&amp;&#10;'"/>"""
    assert format_commands(document) == """<commands xmlns:a="&lt;&quot;&amp;&#10;'"/>\n"""


def test_a_byte_order_mark_goes_and_line_ends_are_those_of_unix():
    document = "\ufeff<commands>\r\n<!-- a\r\nb -->\r\n</commands>\r\n"
    assert format_commands(document) == "<commands>\n  <!-- a\nb -->\n</commands>\n"
    assert format_commands(document.encode()) == b"<commands>\n  <!-- a\nb -->\n</commands>\n"


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("<commands><delay><secnds>1</secnds></delay></commands>", "1:18: the server ignores <secnds>"),
        ("<commands>\n<!DOCTYPE x></commands>", "not well-formed"),
        ("<!DOCTYPE commands><commands/>", "a document type declaration is not allowed"),
        ("<commands>stray</commands>", "the server ignores text between elements"),
        ("<commands><comment><text>a<!-- x -->b</text></comment></commands>", "1:27: the server takes 'a'"),
        ("<commands><comment><text>a<![CDATA[b]]></text></comment></commands>", "1:27: the server takes 'a'"),
        ('<commands><delay xmlns:a="b"/></commands>', "1:11: <delay> has attributes (xmlns:a)"),
        ("<commands><wait><comparison>AT_LEST</comparison></wait></commands>", "unknown comparison"),
        ("", "not well-formed"),
        (b"\x00\xff", "not well-formed"),
    ],
)
def test_what_would_be_lost_is_refused_with_its_place(document, reason):
    with pytest.raises(InvalidCommands) as caught:
        format_commands(document, source="night.scn")
    assert str(caught.value).startswith("night.scn:")
    assert reason in str(caught.value)
