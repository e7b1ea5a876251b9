"""The exceptions: what they are kinds of, what they say, and that they survive pickling."""

import pickle
from datetime import UTC, datetime

import pytest

from scan_sdk import CellSource, Delay, DeviceLog, ScanData, ScanInfo, ScanState, Set, errors

INFO = ScanInfo(
    id=7, name="Night", created=datetime(2026, 1, 1, tzinfo=UTC), state=ScanState.FAILED, error="no beam"
)
EXAMPLES = [
    errors.ScanSdkError("x"),
    errors.InvalidCommands("unknown command <foo>", source="a.scn", line=3, column=9),
    errors.InvalidSchema("<spot> of park may be repeated: put it in an element of its own"),
    errors.InvalidScript("'(' was never closed", source="night.py", line=2, column=5),
    errors.InvalidConfig((3, 5, "<port>: give a TCP port"), (4, 1, "<pv>: it has no name"), source="a.xml"),
    errors.AlignmentFailed(
        "motor_x",
        "the signal is flat",
        last_position=10,
        data=ScanData([DeviceLog("motor_x", [0], [1000], [10.0])]),
        scan_id=7,
    ),
    errors.DataFileError("run.nxs", "holds no data of scan_sdk"),
    errors.InvalidSettings(("motor_.*", "timeout: give a number"), source="site.toml"),
    errors.InvalidTable(errors.CellProblem(CellSource(7, "Value"), "12:xx", "expected a time")),
    errors.TableFileError("night.xlsx", "it has no sheet 'Plan'"),
    errors.NotTabular(3, "Delay(2)", "a table logs after each wait"),
    errors.ExtensionError("the scheme 'x' of there is that of here already"),
    errors.MissingExtra("the command line", "cli"),
    errors.TransportError("broken", sent=False),
    errors.ConnectError("refused"),
    errors.ReplyTimeout("late"),
    errors.ProtocolError("odd", raw="<html>"),
    errors.ServerError("no", trace="line 1\nline 2"),
    errors.ScanRejected("no", trace="t"),
    errors.ScanRejected("no", address=3, command=Delay(1).at(CellSource(7, "t"))),
    errors.AccessRefused("no"),
    errors.UnknownScan(42, trace="t"),
    errors.CommandRefused("no"),
    errors.ScanOutcomeError(INFO),
    errors.ScanFailed(INFO),
    errors.ScanFailed(INFO, [(3, Set("x", 1).at(CellSource(7, "x")))]),
    errors.ScanAborted(INFO),
    errors.ScanLogged(INFO),
    errors.WaitTimeout("still running", INFO),
]
TREE = {
    "InvalidCommands": (errors.ScanSdkError, ValueError),
    "InvalidConfig": (errors.ScanSdkError, ValueError),
    "AlignmentFailed": (errors.ScanSdkError,),
    "InvalidSchema": (errors.ScanSdkError, ValueError),
    "InvalidScript": (errors.ScanSdkError, ValueError),
    "DataFileError": (errors.ScanSdkError, ValueError),
    "InvalidSettings": (errors.ScanSdkError, ValueError),
    "InvalidTable": (errors.ScanSdkError, ValueError),
    "TableFileError": (errors.ScanSdkError, ValueError),
    "NotTabular": (errors.ScanSdkError, ValueError),
    "ExtensionError": (errors.ScanSdkError, ValueError),
    "MissingExtra": (errors.ScanSdkError, ImportError),
    "TransportError": (errors.ScanSdkError,),
    "ConnectError": (errors.TransportError,),
    "ReplyTimeout": (errors.TransportError, TimeoutError),
    "ProtocolError": (errors.ScanSdkError,),
    "ServerError": (errors.ScanSdkError,),
    "ScanRejected": (errors.ServerError,),
    "AccessRefused": (errors.ServerError,),
    "UnknownScan": (errors.ServerError, LookupError),
    "CommandRefused": (errors.ServerError,),
    "ScanOutcomeError": (errors.ScanSdkError,),
    "ScanFailed": (errors.ScanOutcomeError,),
    "ScanAborted": (errors.ScanOutcomeError,),
    "ScanLogged": (errors.ScanOutcomeError,),
    "WaitTimeout": (errors.ScanSdkError, TimeoutError),
}


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling_with_all_that_it_knows(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))


NAMES = set(errors.__all__) - {"CellProblem"}  # a part of InvalidTable


def test_the_examples_cover_every_error():
    assert {type(error).__name__ for error in EXAMPLES} == NAMES


@pytest.mark.parametrize("name", TREE)
def test_an_error_is_of_the_kinds_that_callers_catch(name):
    assert getattr(errors, name).__bases__ == TREE[name]
    assert TREE.keys() | {"ScanSdkError"} == NAMES


def test_sent_tells_whether_the_request_may_have_arrived():
    assert errors.TransportError("x").sent
    assert not errors.ConnectError("x").sent
    assert errors.ReplyTimeout("x").sent


def test_trap_02_the_outcome_of_a_scan_is_told_with_its_reason():
    assert str(errors.ScanFailed(INFO)) == "scan 7 'Night' Failed: no beam"
    assert errors.ScanFailed(INFO).info is INFO


def placed(*rows):
    """Return commands with the rows that they are from, None for a command made by hand."""
    commands = [(row and CellSource(row, "x"), Set("x", 1)) for row in rows]
    return [(address, command.at(place)) for address, (place, command) in enumerate(commands)]


def test_one_command_that_failed_is_named_with_its_place():
    error = errors.ScanFailed(INFO, placed(7))
    assert str(error) == "scan 7 'Night' Failed: row 7, column \"x\": no beam"
    assert (error.address, error.command, error.source) == (0, Set("x", 1), CellSource(7, "x"))


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ((), ""),
        ((None,), ""),
        ((7, 8), 'one of row 7, column "x"; row 8, column "x": '),
        ((7, 8, 7, 9, 9), 'one of row 7, column "x"; row 8, column "x"; row 9, column "x": '),
        ((7, 8, 9, 10), ""),
        ((7, None), ""),
        ((7, 7), 'row 7, column "x": '),
    ],
)
def test_places_of_several_are_named_as_long_as_they_are_few(rows, place):
    error = errors.ScanFailed(INFO, placed(*rows))
    assert str(error) == f"scan 7 'Night' Failed: {place}no beam"
    assert (error.address is not None) == (len(rows) == 1)
    assert error.source == (CellSource(7, "x") if set(rows) == {7} else None)


def test_a_refusal_keeps_the_words_of_the_server():
    error = errors.ScanRejected("no such file", address=3, command=Delay(1).at(CellSource(7, "t")))
    assert (str(error), error.message) == ('row 7, column "t": no such file', "no such file")
    assert (error.address, error.command, error.source) == (3, Delay(1), CellSource(7, "t"))
    assert str(errors.ScanRejected("no", address=3, command=Delay(1))) == "no"


def test_places_are_part_of_the_text_where_they_are_known():
    assert str(errors.InvalidCommands("bad", source="a.scn", line=3, column=9)) == "a.scn:3:9: bad"
    assert str(errors.InvalidCommands("bad")) == "commands: bad"
    assert str(errors.InvalidConfig((3, 9, "bad"), (4, 1, "too"))) == (
        "scan_config.xml:3:9: bad\nscan_config.xml:4:1: too"
    )


def test_a_missing_extra_names_the_command_that_installs_it():
    assert "pip install 'scan_sdk[plot]'" in str(errors.MissingExtra("plots", "plot"))


def test_a_failed_alignment_tells_where_the_device_is():
    assert str(errors.AlignmentFailed("x", "no peak", last_position=9.5, scan_id=3)) == (
        "cannot align 'x' by scan 3: no peak. It was not moved, and was last at 9.5"
    )
    assert str(errors.AlignmentFailed("x", "no peak")) == "cannot align 'x': no peak. It was not moved"
