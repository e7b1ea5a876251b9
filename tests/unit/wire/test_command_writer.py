"""How commands are written, for the server and as the server does."""

from __future__ import annotations

import pytest

from scan_sdk._dialect.lists import write_list
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.models import (
    Command,
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)


def written(command: Command, *, as_server: bool = False) -> str:
    """Return the lines of a command, without the indent of the document around it."""
    lines = write_commands([command], as_server=as_server).splitlines()
    assert (lines[0], lines[-1]) == ("<commands>", "</commands>")
    return "".join(f"{line[2:]}\n" for line in lines[1:-1])


# In writing order, with what is left out at its default (spec §4).
LAYOUTS: list[tuple[Command, str]] = [
    (
        Comment("a"),
        """\
<comment>
  <text>a</text>
</comment>
""",
    ),
    (
        Comment(""),
        """\
<comment>
  <text/>
</comment>
""",
    ),
    (
        Delay(2),
        """\
<delay>
  <seconds>2.0</seconds>
</delay>
""",
    ),
    (
        Delay(2, error_handler="H"),
        """\
<delay>
  <seconds>2.0</seconds>
  <error_handler>H</error_handler>
</delay>
""",
    ),
    (
        ConfigLog(True),
        """\
<config_log>
  <automatic>true</automatic>
</config_log>
""",
    ),
    (
        ConfigLog(False),
        """\
<config_log>
  <automatic>false</automatic>
</config_log>
""",
    ),
    (
        Log("a", "b"),
        """\
<log>
  <devices>
    <device>a</device>
    <device>b</device>
  </devices>
</log>
""",
    ),
    (
        Set("x", 5),
        """\
<set>
  <device>x</device>
  <value>5.0</value>
  <wait>false</wait>
  <tolerance>0.1</tolerance>
</set>
""",
    ),
    (
        Set(
            "x",
            "a",
            completion=True,
            readback="y",
            readback_value="b",
            tolerance=0.5,
            timeout=3,
            error_handler="H",
        ),
        """\
<set>
  <device>x</device>
  <value>"a"</value>
  <completion>true</completion>
  <readback>y</readback>
  <readback_value>"b"</readback_value>
  <tolerance>0.5</tolerance>
  <timeout>3.0</timeout>
  <error_handler>H</error_handler>
</set>
""",
    ),
    (
        Wait("x", 5),
        """\
<wait>
  <device>x</device>
  <value>5.0</value>
  <comparison>EQUALS</comparison>
  <tolerance>0.1</tolerance>
</wait>
""",
    ),
    (
        Wait("x", "a", ">=", timeout=3),
        """\
<wait>
  <device>x</device>
  <value>"a"</value>
  <comparison>AT_LEAST</comparison>
  <tolerance>0.1</tolerance>
  <timeout>3.0</timeout>
</wait>
""",
    ),
    (
        If("x", ">", 3, Delay(1), error_handler="H"),
        """\
<if>
  <device>x</device>
  <value>3.0</value>
  <comparison>ABOVE</comparison>
  <tolerance>0.1</tolerance>
  <body>
    <delay>
      <seconds>1.0</seconds>
    </delay>
  </body>
  <error_handler>H</error_handler>
</if>
""",
    ),
    (
        Loop("x", 1, 5, 2, completion=True, readback="y", timeout=3),
        """\
<loop>
  <device>x</device>
  <start>1.0</start>
  <end>5.0</end>
  <step>2.0</step>
  <completion>true</completion>
  <readback>y</readback>
  <tolerance>0.1</tolerance>
  <timeout>3.0</timeout>
  <body/>
</loop>
""",
    ),
    (
        Loop("x", 1, 5, 2, Log("x")),
        """\
<loop>
  <device>x</device>
  <start>1.0</start>
  <end>5.0</end>
  <step>2.0</step>
  <wait>false</wait>
  <tolerance>0.1</tolerance>
  <body>
    <log>
      <devices>
        <device>x</device>
      </devices>
    </log>
  </body>
</loop>
""",
    ),
    (
        Parallel(Delay(1), timeout=5),
        """\
<parallel>
  <timeout>5.0</timeout>
  <body>
    <delay>
      <seconds>1.0</seconds>
    </delay>
  </body>
</parallel>
""",
    ),
    (
        Sequence(),
        """\
<sequence>
  <body/>
</sequence>
""",
    ),
    (
        Include("f.scn", macros={"m": 1}),
        """\
<include>
  <scan_file>f.scn</scan_file>
  <macros>m=1</macros>
</include>
""",
    ),
    (
        Include("f.scn"),
        """\
<include>
  <scan_file>f.scn</scan_file>
  <macros/>
</include>
""",
    ),
    (
        Script("M"),
        """\
<script>
  <path>M</path>
  <arguments/>
</script>
""",
    ),
    (
        Script("M", 1, ""),
        """\
<script>
  <path>M</path>
  <arguments>
    <argument>1</argument>
    <argument></argument>
  </arguments>
</script>
""",
    ),
]


@pytest.mark.parametrize(("command", "text"), LAYOUTS, ids=repr)
def test_the_layout_of_every_command(command: Command, text: str) -> None:
    assert written(command) == text
    assert written(command, as_server=True) == text


def test_trap_16_a_tolerance_of_0_is_written() -> None:
    """Left out, the server would take 0.1 and be satisfied at 4.95 for 5."""
    for command in (
        Wait("x", 5, tolerance=0),
        Set("x", 5, readback=True, tolerance=0),
        If("x", "=", 5, tolerance=0),
        Loop("x", 1, 2, 1, tolerance=0),
    ):
        assert "<tolerance>0.0</tolerance>" in written(command)
        assert read_commands(write_commands([command])) == (command,)


def test_the_server_itself_leaves_a_tolerance_of_0_out() -> None:
    assert "tolerance" not in written(Wait("x", 5, tolerance=0), as_server=True)
    assert "<tolerance>0.1</tolerance>" in written(Wait("x", 5), as_server=True)


def test_lists_are_quoted_once_more_by_the_server() -> None:
    wait = Wait("x", ["a", 'b"c'], "in")
    assert '<value>"a", \'b"c\'</value>' in written(wait)
    assert '<value>""a", \'b"c\'"</value>' in written(wait, as_server=True)
    for as_server in (False, True):
        assert read_commands(write_commands([wait], as_server=as_server)) == (wait,)


def test_lists_take_the_quotes_that_a_text_does_not_hold() -> None:
    assert write_list(["a", 'b"', "c'", ""]) == '"a", \'b"\', "c\'", ""'


def test_markup_is_escaped_everywhere() -> None:
    nasty = "a<b>&amp;]]>\r"
    for command in (
        Comment(nasty),
        Log("a<b>&"),
        Set("a<b>&", nasty, readback="]]>", readback_value=nasty, error_handler=nasty),
        Wait("x", [nasty], "in"),
        Include("a&b", nasty),
        Script("M<>", nasty),
    ):
        for as_server in (False, True):
            assert read_commands(write_commands([command], as_server=as_server)) == (command,)


def test_trap_19_values_are_written_as_java_reads_them() -> None:
    text = write_commands([Set("x", 1e-7), Set("x", 10), Set("x", "True"), ConfigLog(True)])
    assert "<value>1.0E-7</value>" in text
    assert "<value>10.0</value>" in text
    assert '<value>"True"</value>' in text
    assert "<automatic>true</automatic>" in text


def test_documents_are_laid_out_in_lines() -> None:
    assert write_commands([]) == "<commands/>\n"
    assert write_commands([Sequence(Sequence())]) == (
        "<commands>\n  <sequence>\n    <body>\n      <sequence>\n        <body/>\n      </sequence>\n"
        "    </body>\n  </sequence>\n</commands>\n"
    )
