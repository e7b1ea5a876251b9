"""Commands of old scripts: how they are built, changed, shown and written."""

from __future__ import annotations

import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from scan_sdk import models, pyscan
from scan_sdk.pyscan import (
    Command,
    CommandSequence,
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


def xml(command: Command) -> str:
    return ET.tostring(command.genXML(), encoding="unicode")


SHOWN = [
    (Comment("Shift begins"), "Comment('Shift begins')"),
    (Comment(), "Comment('')"),
    (ConfigLog(False), "ConfigLog(False)"),
    (Delay(0.25), "Delay(0.25)"),
    (Delay(3.0, errhandler="Retry"), "Delay(3, errhandler='Retry')"),
    (Include("setup.scn"), "Include('setup.scn')"),
    (Include("a.scn", "m=1", "H"), "Include('a.scn', macros='m=1', errhandler='H')"),
    (Log("a", "b"), "Log('a', 'b')"),
    (Log(["a"], errhandler="H"), "Log('a', errhandler='H')"),
    (Script("Fit", "x", 2.5), "Script('Fit', 'x', 2.5)"),
    (Script("Fit", ["x", 1]), "Script('Fit', 'x', 1)"),
    (Script("Fit", errhandler="H"), "Script('Fit', errhandler='H')"),
    (Set("m", 7), "Set('m', 7)"),
    (Set("m", 7.0), "Set('m', 7.0)"),
    (Set("m", 0.1 + 0.2), "Set('m', 0.3)"),
    (Set("m", "up"), "Set('m', 'up')"),
    (Set("m", 1, completion=True, timeout=2.5), "Set('m', 1, completion=True, timeout=2.5)"),
    (Set("m", 1, timeout=2.5), "Set('m', 1)"),
    (
        Set("m", 1, readback="r", readback_value="OK", tolerance=0.5, timeout=9, errhandler="H"),
        "Set('m', 1, readback='r', readback_value='OK', tolerance=0.500000, timeout=9, errhandler='H')",
    ),
    (Set("m", 1, readback="r", readback_value=3), "Set('m', 1, readback='r', readback_value=3)"),
    (Set("m", 1, readback=True, timeout=4), "Set('m', 1, readback=True, tolerance='0.000000', timeout=4)"),
    (Wait("c", 5), "Wait('c', 5)"),
    (
        Wait("c", "on", comparison="!=", tolerance=0.2, timeout=10.0, errhandler="H"),
        "Wait('c', 'on', comparison='!=', tolerance=0.2, timeout=10, errhandler='H')",
    ),
    (If("s", "=", "open"), "If('s', '=', 'open', tolerance=0.1)"),
    (
        If("s", "<", 2, Delay(1), Delay(2), errhandler="H"),
        "If('s', '<', 2, [ Delay(1), Delay(2) ], tolerance=0.1, errhandler='H')",
    ),
    (Loop("m", 0, 4, 2), "Loop('m', 0, 4, 2)"),
    (
        Loop("m", 0, 4, 2, [Log("m")], completion=True, readback="r", timeout=3),
        "Loop('m', 0, 4, 2, [ Log('m') ], completion=True, readback='r', tolerance=0.2, timeout=3)",
    ),
    (Loop("m", 0, 4, 2, readback=True), "Loop('m', 0, 4, 2, readback=True, tolerance=0.2)"),
    (Parallel(), "Parallel()"),
    (Parallel([Delay(1)], Delay(2), timeout=8), "Parallel(Delay(1), Delay(2), timeout=8)"),
    (Sequence(Delay(1), errhandler="H"), "Sequence(Delay(1), errhandler='H')"),
]


@pytest.mark.parametrize(("command", "text"), SHOWN)
def test_commands_are_shown_as_pyscanclient_shows_them(command: Command, text: str) -> None:
    assert repr(command) == str(command) == text


@pytest.mark.parametrize("text", [text for _, text in SHOWN])
def test_what_is_shown_builds_the_same_again(text: str) -> None:
    assert repr(eval(text, vars(pyscan))) == text


@pytest.mark.parametrize(
    "command",
    [
        Comment('it\'s "so"\n'),
        Log(errhandler="H"),
        Parallel(timeout=3),
        Parallel(errhandler="H"),
        Sequence(errhandler="H"),
        Set("m", 3e12),
        Set("m", math.inf),
        Set("m", math.nan),
        Wait("m", -math.inf),
        Loop("m", 0, math.inf, 1),
        Set("m", [1, 2]),  # type: ignore[arg-type]
        Delay("5"),  # type: ignore[arg-type]
        Set("m", "x\\y", readback="it's"),
    ],
)
def test_where_pyscanclient_shows_no_python_there_is_some(command: Command) -> None:
    again = eval(repr(command), vars(pyscan))
    assert (repr(again), xml(again)) == (repr(command), xml(command))


@pytest.mark.parametrize(
    ("command", "document"),
    [
        (Comment("a < b & c"), "<comment><text>a &lt; b &amp; c</text></comment>"),
        (
            ConfigLog(True, "H"),
            "<config_log><automatic>true</automatic><error_handler>H</error_handler></config_log>",
        ),
        (Delay(2), "<delay><seconds>2</seconds></delay>"),
        (Include("f", ""), "<include><scan_file>f</scan_file></include>"),
        (Include("f", "a=1"), "<include><scan_file>f</scan_file><macros>a=1</macros></include>"),
        (Log(), "<log />"),
        (Log("a"), "<log><devices><device>a</device></devices></log>"),
        (Script("S"), "<script><path>S</path></script>"),
        (
            Script("S", 1, "b"),
            "<script><path>S</path><arguments><argument>1</argument><argument>b</argument></arguments></script>",
        ),
        (Set("m", 2.0), "<set><device>m</device><value>2.0</value><wait>false</wait></set>"),
        (
            Set("m", "2", readback=True, readback_value="2", tolerance=1, timeout=3),
            (
                '<set><device>m</device><value>"2"</value><wait>true</wait><readback>m</readback>'
                '<readback_value>"2"</readback_value><tolerance>1</tolerance><timeout>3</timeout></set>'
            ),
        ),
        (
            Set("m", 2, completion=True, timeout=0.5),
            (
                "<set><device>m</device><value>2</value><completion>true</completion><wait>false</wait>"
                "<timeout>0.5</timeout></set>"
            ),
        ),
        (
            Wait("m", "up", ">=", 0.5, 2),
            (
                "<wait><device>m</device><value>up</value><comparison>AT_LEAST</comparison>"
                "<tolerance>0.5</tolerance><timeout>2</timeout></wait>"
            ),
        ),
        (
            If("m", "!=", 1, Delay(1)),
            (
                "<if><device>m</device><comparison>UNEQUAL</comparison><value>1</value><tolerance>0.1</tolerance>"
                "<body><delay><seconds>1</seconds></delay></body></if>"
            ),
        ),
        (
            Loop("m", 1, 2, 0.5, readback="r", timeout=4),
            (
                "<loop><device>m</device><start>1</start><end>2</end><step>0.5</step><wait>true</wait>"
                "<readback>r</readback><tolerance>0.05</tolerance><timeout>4</timeout><body /></loop>"
            ),
        ),
        (Parallel(timeout=1), "<parallel><timeout>1</timeout></parallel>"),
        (
            Sequence(Delay(1), errhandler="H"),
            "<sequence><body><delay><seconds>1</seconds></delay></body><error_handler>H</error_handler></sequence>",
        ),
    ],
)
def test_commands_are_written_as_pyscanclient_writes_them(command: Command, document: str) -> None:
    assert xml(command) == document


def test_setters_change_what_is_written() -> None:
    for command in (Set("m", 1), Loop("m", 1, 2, 1)):
        command.setCompletion(True)
        command.setReadback("r")
        command.setTolerance(0.25)
        command.setTimeout(7)
        assert command.getDevice() == "m"
        assert repr(command).endswith("readback='r', tolerance=0.25, timeout=7)") or repr(command).endswith(
            "timeout=7, readback='r', tolerance=0.250000)"
        )
    wait = Wait("m", 1)
    wait.setComparison("<")
    wait.setTolerance(0.5)
    wait.setTimeout(3)
    assert (wait.getDevice(), repr(wait)) == ("m", "Wait('m', 1, comparison='<', tolerance=0.5, timeout=3)")
    assert If("d", "=", 1).getDevice() == "d"


def test_a_body_is_a_copy_that_can_be_changed() -> None:
    commands = [Delay(1)]
    made = [Loop("m", 1, 2, 1, commands), If("m", "=", 1, commands), Parallel(commands), Sequence(commands)]
    commands.append(Delay(2))
    for command in made:
        command.getBody().append(Log("m"))
        assert "Delay(1), Log('m')" in repr(command)


def test_parallel_and_sequence_take_more_commands() -> None:
    parallel = Parallel()
    parallel.append(Delay(1), [Delay(2)])
    assert repr(parallel) == "Parallel(Delay(1), Delay(2))"
    sequence = Sequence(Sequence(Delay(1), Delay(2)))
    sequence.append(Sequence(Delay(3)), Delay(4))
    assert repr(sequence) == "Sequence(Delay(1), Delay(2), Delay(3), Delay(4))"


def test_a_sequence_with_an_error_handler_keeps_it_within_another() -> None:
    assert (
        repr(Sequence(Sequence(Delay(1), errhandler="H"))) == "Sequence(Sequence(Delay(1), errhandler='H'))"
    )


def test_trap_15_a_text_is_one_argument_of_a_script_and_its_handler_counts() -> None:
    assert repr(Script("M", "pos")) == "Script('M', 'pos')"
    assert "<argument>pos</argument>" in xml(Script("M", "pos"))
    assert repr(Script("M", 5)) == "Script('M', 5)"
    assert Script("M", errHandler="H").genXML().findtext("error_handler") == "H"
    assert Script("M", errhandler="H").genXML().findtext("error_handler") == "H"


@pytest.mark.parametrize(
    ("build", "hint"),
    [
        (lambda: Loop("m", 1, 2, 1, complation=True), "did you mean 'completion'?"),
        (lambda: Log("m", errhandlr="H"), "did you mean 'errhandler'?"),
        (lambda: If("m", "=", 1, tolerence=1), "did you mean 'tolerance'?"),
        (lambda: Parallel(time_out=1), "did you mean 'timeout'?"),
        (lambda: Set("m", 1, qqq=1), "it takes device, value, completion"),
        (lambda: pyscan.SettingsBasedSet("m", 1, tolerence=1), "did you mean 'tolerance'?"),
        (lambda: pyscan.SettingsBasedLoop("m", 1, 2, 1, timout=1), "did you mean 'timeout'?"),
        (lambda: pyscan.SettingsBasedWait("m", 1, comparisn=1), "did you mean 'comparison'?"),
    ],
)
def test_trap_18_a_misspelt_keyword_is_refused(build: object, hint: str) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument") as caught:
        build()  # type: ignore[operator]
    assert hint in str(caught.value)


def test_what_is_no_command_or_no_device_is_refused_where_it_is_given() -> None:
    with pytest.raises(TypeError, match="give commands such as"):
        Loop("m", 1, 2, 1, "Log")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="give commands such as"):
        CommandSequence(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expect device name, got '5'"):
        Loop(5, 1, 2, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expect device name"):
        If(None, "=", 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Invalid comparison '~'"):
        Wait("m", 1, "~")
    with pytest.raises(ValueError, match="Invalid comparison 'increase by'"):
        If("m", "increase by", 1)
    with pytest.raises(ValueError, match="Invalid comparison"):
        Wait("m", 1).setComparison("like")


def test_a_site_can_add_commands_but_not_half_of_them() -> None:
    class Half(Command):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def test_numbers_of_numpy_are_numbers() -> None:
    assert repr(Set("m", np.float64(1.5))) == "Set('m', 1.5)"
    assert repr(Loop("m", np.int64(1), np.float32(2), 1)) == "Loop('m', 1, 2, 1)"
    assert repr(Wait("m", np.float64(2))) == "Wait('m', 2.0)"


def test_a_sequence_of_commands_is_a_list_that_lays_out_lists() -> None:
    scan = CommandSequence(Comment("a"), [Delay(1), (Delay(2),)])
    scan.append([Delay(3)], Delay(4))
    scan += Delay(5)
    scan += [Delay(6)]
    scan.extend([Delay(7), [Delay(8)]])
    scan.insert(0, [Delay(0)])
    assert isinstance(scan, list)
    assert [repr(command) for command in scan[2:]] == [f"Delay({count})" for count in range(1, 9)]


def test_modern_commands_can_be_given_to_old_ones() -> None:
    scan = CommandSequence(models.Set("m", 1, completion=True), Loop("m", 1, 2, 1, models.Log("m")))
    assert list(map(repr, scan)) == ["Set('m', 1.0, completion=True)", "Loop('m', 1, 2, 1, [ Log('m') ])"]


def test_a_sequence_is_printed_with_bodies_on_lines_of_their_own() -> None:
    inner = Parallel(Sequence(Delay(1), errhandler="H"), If("s", "=", 1, Delay(2)), timeout=5)
    scan = CommandSequence(
        Loop("x", 1, 3, 1, [inner], readback=True, timeout=2), Loop("y", 1, 2, 1), If("s", "=", 1), Parallel()
    )
    assert (
        str(scan)
        == scan.format()
        == (
            "[\n"
            "    Loop('x', 1, 3, 1,\n"
            "    [\n"
            "        Parallel(\n"
            "            Sequence(\n"
            "                Delay(1)\n"
            "            , errhandler='H'),\n"
            "            If('s', '=', 1,\n"
            "            [\n"
            "                Delay(2)\n"
            "            ], tolerance=0.1)\n"
            "        , timeout=5)\n"
            "    ], readback=True, tolerance=0.1, timeout=2)\n"
            "    Loop('y', 1, 2, 1)\n"
            "    If('s', '=', 1, tolerance=0.1)\n"
            "    Parallel(\n"
            "\n"
            "    )\n"
            "]"
        )
    )
    assert repr(scan) == f"CommandSequence({scan})"
    assert (str(CommandSequence()), repr(CommandSequence())) == ("[]", "CommandSequence([])")


def test_a_sequence_is_written_as_a_document() -> None:
    scan = CommandSequence(Comment("µm\r\n"), Parallel(Delay(1)))
    assert scan.genSCN() == (
        b"<commands>\n  <comment>\n    <text>&#181;m&#13;\n</text>\n  </comment>\n  <parallel>\n    <body>\n"
        b"      <delay>\n        <seconds>1</seconds>\n      </delay>\n    </body>\n  </parallel>\n"
        b"</commands>\n"
    )
