"""The client of old scripts against a server, over real sockets."""

from __future__ import annotations

import logging
import re
import socket
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from scan_sdk import (
    CommandRefused,
    ConnectError,
    InvalidCommands,
    ReplyTimeout,
    ScanAborted,
    ScanConfig,
    ScanFailed,
    UnknownScan,
)
from scan_sdk.pyscan import (
    CommandSequence,
    Comment,
    Delay,
    Log,
    Loop,
    ScanClient,
    ScanInfo,
    Script,
    Set,
    Wait,
    createTable,
)
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from pathlib import Path

FOREVER = Wait("shutter", 1)


def running(client: ScanClient, scan_id: int) -> int:
    while client.scanInfo(scan_id).state == "Idle":
        pass
    return scan_id


# -- submitting ---------------------------------------------------------------------------------------------


def test_a_scan_is_submitted_waited_for_and_its_data_fetched(client: ScanClient) -> None:
    commands = [Comment("µm"), Loop("setpoint", 1, 3, 1, [Set("text", "busy"), Log("setpoint", "text")])]
    scan_id = client.submit(commands, "My scan / µ")
    info = client.waitUntilDone(scan_id)
    assert str(info) == f"'My scan / µ' [{scan_id}]: Finished"
    assert client.lastSerial(scan_id) == 2
    data = client.getData(scan_id)
    assert list(data) == ["setpoint", "text"]
    assert data["setpoint"]["id"] == [0, 1, 2]
    assert createTable(data, "setpoint", "text") == [[1.0, 2.0, 3.0], ["busy"] * 3]


@pytest.mark.parametrize(
    "commands",
    [
        CommandSequence(Comment("a")),
        Comment("a"),
        (Comment("a"),),
        "<commands><comment><text>a</text></comment></commands>",
        CommandSequence(Comment("a")).genSCN(),
    ],
)
def test_commands_are_taken_in_all_forms(client: ScanClient, commands: object) -> None:
    scan_id = client.submit(commands)  # type: ignore[arg-type]
    assert client.waitUntilDone(str(scan_id)).name == "UnNamed"
    assert ET.fromstring(client.scanCmds(scan_id)).findtext("comment/text") == "a"
    result = client.simulate(commands)  # type: ignore[arg-type]
    assert (list(result), result["seconds"]) == (["simulation", "seconds"], 0.1)
    assert result["simulation"].startswith("Simulation:\n")


def test_trap_6_times_and_deadlines_are_taken_as_people_have_them(client: ScanClient) -> None:
    deadline = datetime.now() + timedelta(hours=1)  # noqa: DTZ005  # the server's local time
    for scan_id in (
        client.submit([Comment("a")], timeout=10.0),
        client.submit([Comment("a")], deadline=deadline),
        client.submit([Comment("a")], deadline="0000-00-00 00:00:00", queue=0, pre_post=1),  # type: ignore[arg-type]
    ):
        assert client.waitUntilDone(scan_id).isDone()


def test_text_that_is_no_xml_is_no_path_either(client: ScanClient, tmp_path: Path) -> None:
    file = tmp_path / "scan.scn"
    file.write_bytes(CommandSequence(Comment("a")).genSCN())
    with pytest.raises(InvalidCommands):
        client.submit(str(file))


def test_trap_9_what_the_server_would_refuse_is_told_in_plain_words(client: ScanClient) -> None:
    with pytest.raises(InvalidCommands, match=r"^Log\(\): <log> needs <devices>"):
        client.submit([Comment("a"), Log()])
    with pytest.raises(Exception, match="NoSuchScript") as caught:
        client.submit([Script("NoSuchScript")])
    assert "<" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_trap_8_texts_come_back_as_they_were_sent(client: ScanClient) -> None:
    scan_id = client.submit([Comment("µm"), Set("text", "λ")], "µ")
    client.waitUntilDone(scan_id)
    again = client.submit(client.scanCmds(scan_id))
    assert client.scanCmds(again) == client.scanCmds(scan_id)
    assert "µm" in client.scanCmds(again)


# -- asking -------------------------------------------------------------------------------------------------


def test_the_server_is_asked_for_xml(client: ScanClient) -> None:
    assert ET.fromstring(client.serverInfo()).tag == "server"
    names = [node.text for node in ET.fromstring(client.scanDevices()).iterfind("device/alias")]
    assert "motor_x" in names
    scan_id = client.submit([Set("setpoint", 1)])
    assert "setpoint" in client.scanDevices(scan_id)
    client.waitUntilDone(scan_id)


def test_scans_are_listed_the_newest_first(client: ScanClient) -> None:
    ids = [client.submit([Comment("a")], name) for name in ("first", "second")]
    client.waitUntilDone(ids[1])
    assert [info.id for info in client.scanInfos()] == ids[::-1]
    assert [info.id for info in client.scanInfos(timeout=None)] == ids[::-1]


def test_a_client_shows_how_to_make_it(client: ScanClient, server: EmbeddedServer) -> None:
    assert repr(client) == f"ScanClient('127.0.0.1', {server.port})"
    assert repr(ScanClient()) == "ScanClient('localhost', 4810)"
    assert client.modern.scan_infos() == ()


UNKNOWN = [
    lambda client: client.scanInfo(99),
    lambda client: client.scanCmds(99),
    lambda client: client.scanDevices(99),
    lambda client: client.lastSerial(99),
    lambda client: client.getData(99),
    lambda client: client.pause(99),
    lambda client: client.resume(99),
    lambda client: client.abort(99),
    lambda client: client.delete(99),
    lambda client: client.patch(99, 0, "value", 1),
    lambda client: client.waitUntilDone(99),
]


@pytest.mark.parametrize("call", UNKNOWN)
def test_trap_3_an_unknown_scan_is_an_error_at_once(client: ScanClient, call: object) -> None:
    with pytest.raises(UnknownScan, match="the server knows no scan 99"):
        call(client)  # type: ignore[operator]


def test_trap_3_a_server_that_is_not_there_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectError):
        ScanClient("127.0.0.1", port).waitUntilDone(1)


def test_trap_5_a_silent_server_is_an_error_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = ScanClient("127.0.0.1", listener.getsockname()[1])
        with pytest.raises(ReplyTimeout):
            silent.scanInfos(timeout=0.1)
        with pytest.raises(ReplyTimeout):
            silent.scanInfo(1, 0.1)
        silent.modern.close()


# -- waiting ------------------------------------------------------------------------------------------------


def test_trap_2_a_failed_scan_tells_why(client: ScanClient) -> None:
    scan_id = client.submit([Wait("setpoint", 60, timeout=0.05)], "Bad")
    with pytest.raises(ScanFailed) as caught:
        client.waitUntilDone(scan_id)
    assert re.fullmatch(
        rf"'Bad' \[{scan_id}\]: Failed: Timeout while waiting for setpoint .*", str(caught.value)
    )
    assert client.scanInfo(scan_id).error == caught.value.info.error


def test_an_aborted_scan_is_an_error_too(client: ScanClient) -> None:
    scan_id = client.submit([FOREVER], "Long")
    client.abort(scan_id)
    with pytest.raises(ScanAborted) as caught:
        client.waitUntilDone(scan_id)
    assert str(caught.value) == f"'Long' [{scan_id}]: Aborted"


class LoggedScan(BaseHTTPRequestHandler):
    """Answers every request with a scan from before a restart of the server."""

    def do_GET(self) -> None:
        body = DOCUMENT.format(state="Logged", more="", command="- end -").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_logged_scan_is_done() -> None:
    with HTTPServer(("127.0.0.1", 0), LoggedScan) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        client = ScanClient("127.0.0.1", server.server_port)
        assert str(client.waitUntilDone(3)) == "'N' [3]: Logged"
        client.modern.close()
        server.shutdown()
        thread.join()


# -- steering -----------------------------------------------------------------------------------------------


def test_a_scan_is_paused_changed_and_resumed(client: ScanClient) -> None:
    scan_id = running(
        client, client.submit([Delay(0.2), Set("setpoint", 1), Set("text", "a"), Log("setpoint", "text")])
    )
    client.pause(scan_id)
    assert client.scanInfo(scan_id).state == "Paused"
    client.patch(scan_id, 1, "value", "5")
    client.patch(scan_id, 2, "value", "a & b</value>")
    client.resume(scan_id)
    client.waitUntilDone(scan_id)
    assert createTable(client.getData(scan_id), "setpoint", "text") == [[5.0], ["a & b</value>"]]


def test_trap_1_a_change_is_sent_as_it_is(client: ScanClient) -> None:
    scan_id = running(client, client.submit([FOREVER, Set("setpoint", 1)]))
    client.patch(scan_id, 1, "value", "1</value><value>99")
    assert ET.fromstring(client.scanCmds(scan_id)).findtext("set/value") == '"1</value><value>99"'
    client.patch(scan_id, 1, "value", '"7"')
    assert ET.fromstring(client.scanCmds(scan_id)).findtext("set/value") == '"7"'
    with pytest.raises(CommandRefused, match="no property 'nonsense'"):
        client.patch(scan_id, 1, "nonsense", 1)
    client.abort(scan_id)


def test_trap_7_abort_without_id_leaves_those_alone_that_wait(client: ScanClient) -> None:
    first = running(client, client.submit([FOREVER], "first"))
    beside = running(client, client.submit([FOREVER], "beside", queue=False))
    second = client.submit([FOREVER], "second")
    client.abort()
    assert [client.scanInfo(scan_id).state for scan_id in (first, beside)] == ["Aborted", "Aborted"]
    assert not client.scanInfo(second).isDone()
    client.abort(running(client, second))
    client.abort(-1)


def test_pause_and_resume_without_id_are_for_all(client: ScanClient) -> None:
    scans = [running(client, client.submit([FOREVER], queue=False)) for _ in range(2)]
    client.pause()
    assert {client.scanInfo(scan_id).state for scan_id in scans} == {"Paused"}
    client.resume(-1)
    assert {client.scanInfo(scan_id).state for scan_id in scans} == {"Running"}
    client.abort()


def test_what_has_no_effect_is_no_error_but_is_logged(
    client: ScanClient, caplog: pytest.LogCaptureFixture
) -> None:
    done = client.submit([Comment("a")])
    client.waitUntilDone(done)
    with caplog.at_level(logging.WARNING, "scan_sdk.pyscan"):
        client.pause(done)
        client.resume(done)
        client.abort(done)
        client.patch(done, 0, "comment", "b")
        waiting = running(client, client.submit([FOREVER]))
        client.delete(waiting)
    assert [record.message.partition(":")[2] for record in caplog.records] == [
        " only a running scan can be paused",
        " only a paused scan can be resumed",
        " a change would have no effect",
        " abort it first",
    ]
    client.abort(waiting)


def test_scans_are_removed_one_by_one_or_all(client: ScanClient) -> None:
    ids = [client.submit([Comment("a")]) for _ in range(3)]
    client.waitUntilDone(ids[-1])
    client.delete(ids[0])
    assert [info.id for info in client.scanInfos()] == [ids[2], ids[1]]
    client.clear()
    assert client.scanInfos() == []


def test_pre_and_post_scans_can_be_left_out(tmp_path: Path) -> None:
    (tmp_path / "pre.scn").write_bytes(CommandSequence(Log("setpoint")).genSCN())
    config = ScanConfig(pre_scan=(str(tmp_path / "pre.scn"),))
    with EmbeddedServer(config, default_pv="loc") as server:
        client = ScanClient("127.0.0.1", server.port)
        scans = [client.submit([Comment("a")], pre_post=pre_post) for pre_post in (True, False)]
        client.waitUntilDone(scans[1])
        assert [client.lastSerial(scan_id) for scan_id in scans] == [0, -1]
        del client


def test_a_client_that_is_dropped_closes_its_connections(server: EmbeddedServer) -> None:
    before = threading.active_count()
    client = ScanClient("127.0.0.1", server.port)
    client.serverInfo()
    modern = client.modern
    del client
    with pytest.raises(Exception, match="closed"):
        modern.server_info()
    assert threading.active_count() == before


# -- what the server says of a scan -------------------------------------------------------------------------

DOCUMENT = (
    "<scan><id>3</id><name>N</name><created>1427913270351</created><state>{state}</state><runtime>1500</runtime>"
    "{more}<address>-1</address><command>{command}</command></scan>"
)


def info(state: str, more: str = "", command: str = "") -> ScanInfo:
    return ScanInfo(ET.fromstring(DOCUMENT.format(state=state, more=more, command=command)))


def test_a_scan_info_is_made_of_xml() -> None:
    found = info(
        "Running",
        "<total_work_units>8</total_work_units><performed_work_units>3</performed_work_units><finish>99</finish>",
        "Delay",
    )
    assert vars(found) == {
        "id": 3,
        "name": "N",
        "created": 1427913270351,
        "finish": 99,
        "state": "Running",
        "runtime": 1500,
        "total_work_units": 8,
        "performed_work_units": 3,
        "address": -1,
        "command": "Delay",
        "error": None,
    }
    assert (found.percentage(), found.isDone(), str(found)) == (37, False, "'N' [3]: Running, 37 %")
    assert found.createdDatetime() == datetime.fromtimestamp(1427913270.351)  # noqa: DTZ006  # local


def test_a_scan_info_knows_what_is_missing() -> None:
    found = info("Failed", "<error>too hot</error>")
    assert (found.finish, found.total_work_units, found.command, found.error) == (0, 0, None, "too hot")
    assert (found.percentage(), found.isDone(), str(found)) == (0, True, "'N' [3]: Failed")


@pytest.mark.parametrize("state", ["Idle", "Running", "Paused", "Aborted", "Failed", "Finished", "Logged"])
def test_four_states_are_the_end(state: str) -> None:
    assert info(state).isDone() is (state in {"Aborted", "Failed", "Finished", "Logged"})
