"""Strict reading reports what the server silently ignores or changes, and nothing else."""

from __future__ import annotations

import pytest

from scan_sdk import InvalidCommands
from scan_sdk._wire.commands import read_commands
from scan_sdk.models import Delay, Include, Log, Loop, Script, Sequence, Set, Wait

SET = "<device>x</device><value>1</value>"


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("<delay><secnds>2</secnds></delay>", "the server ignores <secnds>: did you mean seconds?"),
        ("<comment><error_handler>H</error_handler></comment>", "the server ignores <error_handler>"),
        ("<delay><frobnicate/></delay>", "the server ignores <frobnicate>"),
        (f"<set>{SET}<device>y</device></set>", "the server ignores <device>, which stands here twice"),
        (
            "<log><devices><devce>x</devce></devices></log>",
            "the server ignores <devce>: did you mean device?",
        ),
        ("<log><devices><device>x</device></devices><devices/></log>", "<devices>, which stands here twice"),
        ("<sequence><body/><body/></sequence>", "<body>, which stands here twice"),
        ("<script><arguments><argumnt>1</argumnt></arguments></script>", "did you mean argument?"),
        ("<comment><text>a<b/></text></comment>", "the server ignores <b>"),
        ("<log><devices><device>x<b/></device></devices></log>", "the server ignores <b>"),
        ("<log><devices><device>x<device/></device></devices></log>", "the server ignores <device>"),
        ('<delay unit="s"/>', "<delay> has attributes (unit), which the server ignores"),
        ('<delay><seconds unit="s" x="y">2</seconds></delay>', "<seconds> has attributes (unit, x)"),
        ("stray<delay/>", "the server ignores text between elements: 'stray'"),
        ("<delay>stray</delay>", "the server ignores text between elements: 'stray'"),
        ("<sequence><body>stray</body></sequence>", "the server ignores text between elements: 'stray'"),
        ("<log><devices>stray</devices></log>", "the server ignores text between elements: 'stray'"),
        ("<delay><seconds>2</seconds>stray</delay>", "the server ignores text between elements: 'stray'"),
        ("<delay><![CDATA[stray]]></delay>", "the server ignores text between elements: 'stray'"),
        (
            "<wait><comparison>AT_LEST</comparison></wait>",
            "unknown comparison 'AT_LEST' for EQUALS: did you mean AT_LEAST?",
        ),
        ("<if><comparison>></comparison></if>", "unknown comparison '>' for EQUALS"),
        (
            "<config_log><automatic>yes</automatic></config_log>",
            "<automatic> wants true or false; the server takes 'yes' for false",
        ),
        ("<delay><seconds>-1</seconds></delay>", "<delay> <seconds>: give a time in seconds"),
        ("<delay><seconds>NaN</seconds></delay>", "<delay> <seconds>: give a time in seconds"),
        (f"<set>{SET}<tolerance>-1</tolerance></set>", "<set> <tolerance>: give a tolerance"),
        (f"<set>{SET}<timeout>Infinity</timeout></set>", "<set> <timeout>: give a time"),
        ("<set><device>x</device><value>NaN</value></set>", "<set> <value>: give a finite number"),
        (f"<set>{SET}<readback> y</readback></set>", "<set> <readback>: give True"),
        ("<set><value>1</value></set>", "<set> <device>: give the name of a PV"),
        ("<set><device> x</device></set>", "<set> <device>: give the name of a PV"),
        ("<loop><device>x</device><step>0</step></loop>", "<loop>: step 0 never reaches the end"),
        ("<loop><device>x</device><end>Infinity</end></loop>", "<loop> <end>: give a finite number"),
        ("<loop><device>x</device><step>1e-12</step></loop>", "<loop>: the loop would take more than"),
        ("<if><device>x</device><comparison>INCREASE_BY</comparison></if>", "INCREASE_BY works in Wait only"),
        (
            "<wait><device>x</device><comparison>DECREASE_BY</comparison><value>a</value></wait>",
            "want a number",
        ),
        ("<log><devices/></log>", "<log> <devices>: give one or more names"),
        ("<include/>", "<include> <scan_file>: give a name"),
        ("<script/>", "<script> <path>: give a name"),
    ],
)
def test_what_strict_reading_reports(inner: str, reason: str) -> None:
    document = f"<commands>\n{inner}</commands>"
    read_commands(document)
    with pytest.raises(InvalidCommands) as caught:
        read_commands(document, strict=True)
    assert reason in caught.value.reason
    assert caught.value.line == 2
    assert caught.value.column >= 1


def test_attributes_of_the_root_are_reported() -> None:
    with pytest.raises(InvalidCommands, match=r"<commands> has attributes \(version\)"):
        read_commands('<commands version="1"/>', strict=True)


def test_what_editors_find_the_schema_by_is_left_alone() -> None:
    document = """<?xml-model href="commands.xsd"?>
        <commands xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                  xsi:noNamespaceSchemaLocation="commands.xsd"/>"""
    assert read_commands(document, strict=True) == ()


def test_a_fault_in_a_body_is_reported_where_it_stands() -> None:
    document = (
        "<commands>\n<sequence><body>\n  <delay><seconds>-1</seconds></delay>\n</body></sequence></commands>"
    )
    with pytest.raises(InvalidCommands) as caught:
        read_commands(document, strict=True)
    assert (caught.value.line, caught.value.column) == (3, 3)


def test_what_strict_reading_leaves_alone() -> None:
    document = """<?xml version="1.0"?>
    <commands>
      <!-- defaults -->
      <set><device>x</device></set>
      <wait><device>x</device><value>Open</value></wait>
      <delay><seconds> 2 </seconds></delay>
      <loop><device>x</device><body/></loop>
      <include><scan_file>f.scn</scan_file></include>
      <script><path>M</path></script>
      <log><devices><device>x</device></devices></log>
      <sequence/>
    </commands>"""
    assert read_commands(document, strict=True) == (
        Set("x", 0, readback=True),
        Wait("x", "Open"),
        Delay(2),
        Loop("x", 0, 10, 1, readback=True),
        Include("f.scn"),
        Script("M"),
        Log("x"),
        Sequence(),
    )


def test_attributes_by_which_editors_find_the_schema_are_left_alone() -> None:
    instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    document = f'<commands {instance} xsi:noNamespaceSchemaLocation="commands.xsd"><delay/></commands>'
    assert read_commands(document, strict=True) == (Delay(0),)
    with pytest.raises(InvalidCommands, match=r"attributes \(xsi:nil\)"):
        read_commands(f'<commands {instance} xsi:nil="true"/>', strict=True)


def test_stray_text_is_reported_where_it_begins() -> None:
    with pytest.raises(InvalidCommands) as caught:
        read_commands("<commands>\n  stray\n  text\n</commands>", strict=True)
    assert (caught.value.line, caught.value.column) == (2, 3)
