"""The HTTP interface, over real sockets: statuses, types and bodies of the real server."""

from __future__ import annotations

import html
import json
import re
import socket
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import pytest

from scan_sdk.models import PvConfig, ScanConfig
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.errors import LogFailed
from scan_sdk.server.store import store
from scan_sdk.server.store.logfile import LogFile

RECORDED = Path(__file__).parents[2] / "contract" / "recorded" / "exchanges.json"
COMMENT = "<commands><comment><text>a</text></comment></commands>"
DELAY = "<commands><delay><seconds>60</seconds></delay></commands>"
XML = {"content-type": "text/xml"}
BAD = "<set><device>x</device><value>abc</value></set>"


@pytest.fixture(scope="module")
def server():
    with EmbeddedServer(largest_body=100_000) as server:
        yield server


@pytest.fixture
def http(server):
    with httpx.Client(base_url=server.url, timeout=10, verify=False) as client:
        yield client
        client.put("/scan/-1/abort")
        client.delete("/scans/completed")


@pytest.fixture
def scripted(tmp_path):
    (tmp_path / "fit.py").write_text(
        "from org.csstudio.scan.command import ScanScript\n"
        "class Fit(ScanScript):\n"
        "    def run(self, context):\n"
        "        context.logData('fit', [1.0, 2.0])\n"
    )
    config = ScanConfig(paths=(str(tmp_path),), pvs=(PvConfig(name="loc://x(0)", alias="x"),))
    with EmbeddedServer(config) as server, httpx.Client(base_url=server.url, timeout=10) as client:
        yield client


def submit(http, document=COMMENT, path="/scan/test", **params):
    reply = http.post(path, content=document, headers=XML, params=params)
    assert reply.status_code == 200, reply.text
    return int(ET.fromstring(reply.text).text)


def info(http, scan_id):
    return {child.tag: child.text for child in ET.fromstring(http.get(f"/scan/{scan_id}").content)}


def finish(http, scan_id):
    while (found := info(http, scan_id))["state"] not in {"Finished", "Failed", "Aborted"}:
        pass
    return found


def message(page):
    return html.unescape(re.search(r"<tr><th>MESSAGE:</th><td>(.*?)</td></tr>", page, re.DOTALL)[1])


# What the real server was seen to do


def exchanges():
    skipped = {"/server/shutdown"}
    return [
        pytest.param(exchange, id=exchange["name"])
        for exchange in json.loads(RECORDED.read_text())
        if exchange["name"].startswith(
            ("err-", "head-", "submit-no", "submit-name", "submit-zero", "scan-minus")
        )
        and exchange["path"] not in skipped
        and not exchange["path"].startswith("/scan/32")
    ]


@pytest.mark.parametrize("exchange", exchanges())
def test_a_recorded_request_gets_the_same_status_type_and_reason(http, exchange):
    headers = {} if "noctype" in exchange["name"] else XML
    if exchange["name"] == "err-submit-ctype":
        headers = {"content-type": "text/plain"}
    reply = http.request(exchange["method"], exchange["path"], content=exchange["request"], headers=headers)
    assert reply.status_code == exchange["status"]
    if exchange["content_type"] is not None:
        kind = exchange["content_type"].partition(";")[0]
        assert reply.headers["content-type"].partition(";")[0] == kind
        if kind == "text/html" and exchange["method"] == "GET":
            assert message(reply.text) == message(exchange["body"])
            (title,) = re.findall("<title>.*?</title>", exchange["body"])
            assert title in reply.text.replace("&#x27;", "&apos;")
        if "<message>" in exchange["body"]:
            wanted = re.search("<message>(.*?)</message>", exchange["body"])[1]
            assert ET.fromstring(reply.content).findtext("message") == wanted


# Submitting


@pytest.mark.parametrize(
    "name", ["plain", "a b", "a/b", "Nested & <Loop> äö / 100% ? #", "", "日本 😀", ";x=1"]
)
def test_the_name_is_the_decoded_path(http, name):
    scan_id = submit(http, path=f"/scan/{quote(name, safe='')}")
    assert (info(http, scan_id)["name"] or "") == name


def test_a_scan_without_a_name_is_named_after_its_host(http):
    assert info(http, submit(http, path="/scan"))["name"] == "Scan from 127.0.0.1"


def test_a_name_with_control_characters_does_not_break_replies(http):
    scan_id = submit(http, path="/scan/a%01b")
    assert info(http, scan_id)["name"] == "a_b"
    assert ET.fromstring(http.get("/scans").content).find("scan/name").text == "a_b"


def test_a_name_with_markup_does_not_break_the_error(http):
    reply = http.post("/scan/%3Ca%3E%26", content="<commands><x/></commands>", headers=XML)
    root = ET.fromstring(reply.content)
    assert root.findtext("message") == "<a>& failed to submit"
    assert "x" in root.findtext("trace").strip().splitlines()[0]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "commands:1"),
        ("<commands>", "commands:1"),
        ("<scan/>", "commands:1"),
        ("<commands><x/></commands>", "x"),
        ("<commands><log/></commands>", "devices"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><commands/>', "DOCTYPE"),
        ("<commands><include><scan_file>f.scn</scan_file></include></commands>", "cannot open 'f.scn'"),
        ("<commands><script><path>S</path></script></commands>", "Error loading class S"),
    ],
)
@pytest.mark.parametrize("path", ["/scan/a", "/simulate"])
def test_a_refused_document_is_400_with_the_reason_in_the_first_line(http, path, document, reason):
    reply = http.post(path, content=document, headers=XML)
    assert (reply.status_code, reply.headers["content-type"]) == (400, "text/xml;charset=utf-8")
    root = ET.fromstring(reply.content)
    assert root.findtext("message") == ("Failed to simulate" if path == "/simulate" else "a failed to submit")
    assert reason in root.findtext("trace").strip().splitlines()[0]


@pytest.mark.parametrize(
    "params",
    [
        {"timeout": "-1"},
        {"timeout": "1.5"},
        {"timeout": ""},
        {"timeout": "99999999999999999999"},
        {"deadline": "tomorrow"},
        {"deadline": "2030-01-01"},
        {"deadline": "2030-13-01 00:00:00"},
        {"timeout": "5", "deadline": "2030-01-01 00:00:00"},
    ],
)
def test_options_that_make_no_sense_are_refused(http, params):
    reply = http.post("/scan/a", content=COMMENT, headers=XML, params=params)
    assert reply.status_code == 400
    assert ET.fromstring(reply.content).findtext("message") == "a failed to submit"


@pytest.mark.parametrize(
    "params",
    [
        {"timeout": "0"},
        {"timeout": "+5"},
        {"deadline": "0000-00-00 00:00:00"},
        {"queue": "FALSE"},
        {"queue": "no"},
    ],
)
def test_options_that_mean_little_are_taken(http, params):
    finish(http, submit(http, **params))


@pytest.mark.parametrize("path", ["/scan/a", "/simulate"])
def test_a_document_must_be_said_to_be_xml(http, path):
    assert http.post(path, content=COMMENT, headers={"content-type": "text/plain"}).status_code == 400
    assert http.post(path, content=COMMENT, headers={"content-type": "application/xml"}).status_code == 200
    reply = http.post(path, content=COMMENT)
    assert reply.status_code == 500
    assert "no content type" in message(reply.text)


@pytest.mark.parametrize("path", ["/scan/a", "/simulate"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_413(server, path, chunked):
    pieces = [b"x" * 60_000] * 3
    with httpx.Client(base_url=server.url, verify=False) as http:
        reply = http.post(path, content=iter(pieces) if chunked else b"".join(pieces), headers=XML)
        assert reply.status_code == 413
        assert "more than 100000 bytes" in message(reply.text)
    with httpx.Client(base_url=server.url, verify=False) as http:
        assert http.put("/scan/1/patch", content=b"".join(pieces)).status_code == 413
        assert http.get("/scans").status_code == 200


def test_the_document_is_taken_as_utf_8(http):
    document = "<commands><comment><text>µm € 😀</text></comment></commands>"
    scan_id = submit(http, document.encode())
    assert "µm € 😀" in http.get(f"/scan/{scan_id}/commands").content.decode()


# Looking


def test_all_that_is_told_of_a_scan(http):
    document = (
        "<commands><loop><device>loc://x(0)</device><start>1</start><end>2</end><wait>false</wait>"
        "<body><log><devices><device>loc://x(0)</device></devices></log></body></loop></commands>"
    )
    scan_id = submit(http, document)
    found = finish(http, scan_id)
    assert (found["state"], found["total_work_units"], found["performed_work_units"]) == (
        "Finished",
        "2",
        "2",
    )
    assert (found["address"], found["command"]) == ("-1", "- end -")
    data = http.get(f"/scan/{scan_id}/data")
    assert [value.text for value in ET.fromstring(data.content).iter("value")] == ["1.0", "2.0"]
    assert http.get(f"/scan/{scan_id}/last_serial").text == "<serial>1</serial>"
    assert ET.fromstring(http.get(f"/scan/{scan_id}/devices").content).findtext("device/status") == "no PV"
    assert ET.fromstring(http.get(f"/scan/{scan_id}/commands").content).find("loop/body/log") is not None
    for path in ("", "/data", "/last_serial", "/devices", "/commands"):
        assert http.get(f"/scan/{scan_id}{path}").headers["content-type"] == "text/xml"
        head = http.head(f"/scan/{scan_id}{path}")
        assert (head.status_code, head.headers["content-type"], head.content) == (200, "text/xml", b"")


@pytest.mark.parametrize("path", ["/scan/{}/", "/scan/{}/DATA", "/scan/{}/commands/more", "/scans/more"])
def test_paths_are_read_as_the_real_server_reads_them(http, path):
    assert http.get(path.format(submit(http))).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        ("/scan", 400, "Missing scan ID"),
        ("/scan/1.5", 400, "Cannot parse path element '1.5'"),
        ("/scan/99999999999999999999", 400, "Cannot parse path element '99999999999999999999'"),
        ("/scan/٣", 400, "Cannot parse path element '٣'"),
        ("/scan/9999", 500, "Unknown scan ID 9999"),
        ("/scan/9999/commands", 500, "Unknown scan ID 9999"),
        ("/scan/9999/devices", 500, "Unknown scan ID 9999"),
        ("/scan/9999/data", 500, "Error retrieving log data"),
        ("/scan/9999/<x>", 500, "Unknown request object <x>"),
        ("/server/info/more", 400, "Missing '/server/*' request detail"),
        ("/server/<x>", 400, "Invalid request /server/<x>"),
        ("/scanner", 404, "Not Found"),
    ],
)
def test_what_is_not_there_is_told_on_a_page(http, path, status, reason):
    reply = http.get(path)
    assert (reply.status_code, message(reply.text)) == (status, reason)
    assert f"<title>Error {status} {html.escape(reason)}</title>" in reply.text
    assert f"<tr><th>STATUS:</th><td>{status}</td></tr>" in reply.text


def test_the_server_tells_of_itself(http):
    found = {child.tag: child.text for child in ET.fromstring(http.get("/server/info").content)}
    assert found["version"] == "0.1.0"
    assert int(found["used_mem"]) < int(found["max_mem"])
    assert found["scan_config"] == "demo"


def test_the_configured_devices_have_the_id_minus_one(http):
    devices = ET.fromstring(http.get("/scan/-1/devices").content)
    assert {"motor_x", "neutrons", "text"} <= {device.findtext("alias") for device in devices}


# Control


def test_a_scan_is_paused_patched_resumed_and_aborted(http):
    scan_id = submit(http, DELAY)
    while info(http, scan_id)["state"] != "Running":
        pass
    assert http.put(f"/scan/{scan_id}/pause").content == b""
    assert info(http, scan_id)["state"] == "Paused"
    patch = "<patch><address>0</address><property>seconds</property><value>30</value></patch>"
    assert http.put(f"/scan/{scan_id}/patch", content=patch).status_code == 200
    assert "30.0" in http.get(f"/scan/{scan_id}/commands").text
    assert http.put(f"/scan/{scan_id}/resume").status_code == 200
    assert http.delete(f"/scan/{scan_id}").status_code == 200
    assert info(http, scan_id)["state"] == "Running"
    assert http.put(f"/scan/{scan_id}/abort").status_code == 200
    assert info(http, scan_id)["state"] == "Aborted"
    assert http.delete(f"/scan/{scan_id}").status_code == 200
    assert http.get(f"/scan/{scan_id}").status_code == 500


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("PUT", "/scan/9999/pause", "", "Unknown scan ID 9999"),
        ("PUT", "/scan/9999/abort", "", "Unknown scan ID 9999"),
        ("PUT", "/scan/abc/abort", "", "Cannot parse path element 'abc'"),
        ("PUT", "/scan", "", "Missing scan ID and command"),
        ("PUT", "/scan/1", "", "Missing scan ID and command"),
        ("PUT", "/scan/1/dance", "", "Unknown command 'dance'"),
        ("PUT", "/scan/1/pause/now", "", "Unknown command 'pause', or something after it"),
        ("PUT", "/scan/1/move", "", "move wants the number of steps"),
        ("PUT", "/scan/1/move/far", "", "'far' is no whole number"),
        ("PUT", "/scan/{}/patch", "<patch>", "not well-formed"),
        ("PUT", "/scan/{}/patch", "<x/>", "<patch>"),
        ("PUT", "/scan/{}/patch", "", ""),
        ("PUT", "/scan/{}/patch", "<patch><property>text</property></patch>", ""),
        (
            "PUT",
            "/scan/{}/patch",
            "<patch><address>0</address><property>text</property></patch>",
            "comment has no property text, only comment",
        ),
        ("DELETE", "/scan", "", "Missing scan ID"),
        ("DELETE", "/scan/9999", "", "Unknown scan ID 9999"),
        ("DELETE", "/scan/1/data", "", "Expecting a scan ID and nothing more"),
        ("DELETE", "/scans", "", "Illegal path '/scans'"),
        ("DELETE", "/scans/bogus", "", "Illegal path '/scans/bogus'"),
    ],
)
def test_a_refused_control_is_400_and_says_why(http, method, path, body, reason):
    reply = http.request(method, path.format(submit(http)), content=body)
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "text/plain;charset=utf-8"
    assert reason in reply.text


@pytest.mark.parametrize(
    "path", ["/scan/9999/move/1", "/scan/-1/next", "/scan/-1/resume", "/scan/{}/pause", "/scan/{}/next"]
)
def test_control_without_effect_is_200(http, path):
    scan_id = submit(http)
    finish(http, scan_id)
    assert http.put(path.format(scan_id)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/scans"),
        ("POST", "/server/info"),
        ("GET", "/simulate"),
        ("DELETE", "/server/info"),
    ],
)
def test_methods_that_a_path_does_not_know_are_405(http, method, path):
    assert http.request(method, path).status_code == 405


def test_options_name_the_methods(http):
    assert http.options("/scan/1").headers["allow"] == "GET, HEAD, POST, PUT, DELETE, OPTIONS"


def test_simulation_is_answered_in_xml_that_no_comment_can_break(http):
    document = "<commands><comment><text>]]&gt; &lt;/log&gt;</text></comment></commands>"
    reply = http.post("/simulate", content=document, headers=XML)
    root = ET.fromstring(reply.content)
    assert "00:00:00 - ]]> </log>" in root.findtext("log")
    assert root.findtext("seconds") == "0.1"


def test_a_small_reply_is_not_held_back(http):
    """Nagle's algorithm against delayed acknowledgements would make each of these take 40 ms."""
    for _ in range(50):
        http.get("/scan/1/last_serial")
    assert http.get("/scans").elapsed.total_seconds() < 0.03


def test_a_client_that_breaks_off_disturbs_nobody(server, http):
    for head in (
        "POST /scan/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<comm",
        "GET /scans HTTP",
        "\0\0",
    ):
        with socket.create_connection((server.host, server.port)) as client:
            client.sendall(head.encode())
    assert http.get("/scans").status_code == 200


# Data since a serial


def serials(reply):
    assert reply.status_code == 200, reply.text
    return {
        device.findtext("name"): [int(sample.get("id")) for sample in device.iter("sample")]
        for device in ET.fromstring(reply.content)
    }


def test_data_can_be_had_from_a_serial_on_and_the_server_says_that_it_can(http):
    scan_id = submit(
        http,
        "<commands><log><devices><device>text</device></devices></log><loop><device>setpoint</device>"
        "<start>1</start><end>3</end><step>1</step><body><log><devices><device>setpoint</device></devices>"
        "</log></body></loop></commands>",
    )
    finish(http, scan_id)
    path = f"/scan/{scan_id}/data"
    whole = http.get(path)
    assert serials(whole) == {"text": [0], "setpoint": [1, 2, 3]}
    assert whole.headers["scan-data-after"] == "yes"
    assert http.head(path).headers["scan-data-after"] == "yes"
    for after in ("-1", "-7", "+0", "2", "3", "9223372036854775807"):
        reply = http.get(path, params={"after": after})
        assert serials(reply) == {
            device: newer
            for device, all_of_them in serials(whole).items()
            if (newer := [serial for serial in all_of_them if serial > int(after)])
        }
        assert reply.headers["scan-data-after"] == "yes"


def test_where_a_script_has_logged_the_whole_is_sent_and_the_server_does_not_say_otherwise(scripted):
    scan_id = submit(
        scripted,
        "<commands><log><devices><device>x</device></devices></log><script><path>Fit</path></script></commands>",
    )
    finish(scripted, scan_id)
    path = f"/scan/{scan_id}/data"
    for params in ({}, {"after": "-1"}, {"after": "1"}):
        reply = scripted.get(path, params=params)
        assert serials(reply) == {"x": [0], "fit": [0, 1]}
        assert "scan-data-after" not in reply.headers
    assert "scan-data-after" not in scripted.head(path).headers


def test_of_a_scan_of_an_earlier_server_the_whole_is_sent(tmp_path):
    for _ in range(2):
        with EmbeddedServer(data_log=tmp_path) as server, httpx.Client(base_url=server.url) as http:
            if not (scans := ET.fromstring(http.get("/scans").content).findall("scan")):
                log = "<commands><log><devices><device>setpoint</device></devices></log></commands>"
                finish(http, submit(http, log))
                continue
            reply = http.get(f"/scan/{scans[0].findtext('id')}/data", params={"after": "0"})
    assert serials(reply) == {"setpoint": [0]}
    assert "scan-data-after" not in reply.headers


@pytest.mark.parametrize("after", ["", "x", "1.0", "1e3", " 1", "0x1", "\u0661", "9223372036854775808"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_serial_that_is_none_is_refused(http, method, after):
    reply = http.request(method, f"/scan/{submit(http)}/data", params={"after": after})
    assert reply.status_code == 400
    if method == "GET":
        wrong = "is too large" if after.startswith("9") else "is no whole number"
        assert message(reply.text) == f"Invalid after: '{after}' {wrong}; give the last serial that you have"


# A data log that cannot be used


def fail(*_):
    raise LogFailed("the data log /there cannot be used: it is broken", "it is broken")


def test_what_the_data_log_cannot_do_is_refused_with_the_reason(http, monkeypatch):
    scan_id = submit(http)
    finish(http, scan_id)
    for method in ("add", "delete", "commands", "blocks"):
        monkeypatch.setattr(LogFile, method, fail)
    refused = [http.delete(f"/scan/{scan_id}"), http.delete("/scans/completed")]
    assert {(reply.status_code, reply.text) for reply in refused} == {
        (400, "the data log /there cannot be used: it is broken\n")
    }
    reply = http.post("/scan/test", content=COMMENT, headers=XML)
    assert (reply.status_code, "it is broken" in reply.text) == (400, True)
    reply = http.get(f"/scan/{scan_id}/data")
    assert (reply.status_code, message(reply.text)) == (
        500,
        "the data log /there cannot be used: it is broken",
    )
    assert info(http, scan_id)["state"] == "Finished"


def test_data_that_cannot_be_read_to_its_end_breaks_off(http, monkeypatch, caplog):
    # Blocks are as large as they get: the first is more than what is sent at once, however slow the machine
    monkeypatch.setattr(store, "_FLUSH_AFTER", 3600)
    scan_id = submit(
        http,
        "<commands><loop><device>setpoint</device><start>1</start><end>12000</end><step>1</step><body><log>"
        "<devices><device>setpoint</device></devices></log></body></loop></commands>",
    )
    finish(http, scan_id)
    read = LogFile.samples
    blocks = []
    monkeypatch.setattr(
        LogFile,
        "samples",
        lambda file, block: blocks.append(block) or (fail if blocks[1:] else read)(file, block),
    )
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        http.get(f"/scan/{scan_id}/data")
    assert "broken off: the data log /there cannot be used" in caplog.text
    assert "Traceback" not in caplog.text
    monkeypatch.undo()
    assert len(serials(http.get(f"/scan/{scan_id}/data"))["setpoint"]) == 12_000


@pytest.mark.parametrize(
    ("main", "address"),
    [
        (BAD, "1"),
        (f"<loop><device>x</device><wait>false</wait><body><comment/>{BAD}</body></loop>", "3"),
        ("<include><scan_file>inner.scn</scan_file></include>", "1"),
        ("<comment/>", None),
        ("<log><devices><device>nowhere://x</device></devices></log>", "-1"),
    ],
    ids=["command", "body", "include", "finished", "none"],
)
def test_a_header_says_which_command_failed(tmp_path, main, address):
    inner = f"<comment/>{BAD}"
    (tmp_path / "inner.scn").write_text(f"<commands>{inner}</commands>")
    config = ScanConfig(paths=(str(tmp_path),), pvs=(PvConfig(name="loc://x(0)", alias="x"),))
    store = tmp_path / "log"
    with EmbeddedServer(config, data_log=store) as server, httpx.Client(base_url=server.url) as http:
        scan_id = submit(http, f"<commands><comment/>{main}</commands>")
        finish(http, scan_id)
        assert http.get(f"/scan/{scan_id}").headers.get("scan-error-address") == address
    with EmbeddedServer(config, data_log=store) as server, httpx.Client(base_url=server.url) as http:
        assert "scan-error-address" not in http.get(f"/scan/{scan_id}").headers
