"""What the server answers, read into models and written again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from scan_sdk import DeviceInfo, ProtocolError, ScanInfo, ScanServerInfo, ScanState, SimulationResult
from scan_sdk._wire.replies import (
    read_bye,
    read_devices,
    read_error,
    read_id,
    read_scan,
    read_scans,
    read_serial,
    read_server,
    read_simulation,
    write_devices,
    write_error,
    write_scan,
    write_scans,
    write_server,
    write_simulation,
)

if TYPE_CHECKING:
    from collections.abc import Callable

RUNNING = ScanInfo(
    id=7,
    name="µ <a> & b",
    created=datetime(2026, 11, 22, 10, 0, 0, 123000, tzinfo=UTC),
    state=ScanState.RUNNING,
    runtime=timedelta(seconds=1, milliseconds=500),
    total_work_units=10,
    performed_work_units=4,
    finish=datetime(2026, 11, 22, 11, tzinfo=UTC),
    address=3,
    command="Delay 2.0 sec",
)
RUNNING_XML = """<?xml version="1.0" encoding="UTF-8"?>
<scan>
  <id>7</id>
  <name>µ &lt;a&gt; &amp; b</name>
  <created>1795341600123</created>
  <state>Running</state>
  <runtime>1500</runtime>
  <total_work_units>10</total_work_units>
  <performed_work_units>4</performed_work_units>
  <finish>1795345200000</finish>
  <address>3</address>
  <command>Delay 2.0 sec</command>
</scan>
"""
FAILED = ScanInfo(
    id=8,
    name="Bad",
    created=datetime(2026, 11, 22, 10, tzinfo=UTC),
    state=ScanState.FAILED,
    error="Failed to write abc to loc://setpoint(0)",
    command="- end -",
)
FAILED_XML = """<?xml version="1.0" encoding="UTF-8"?>
<scan>
  <id>8</id>
  <name>Bad</name>
  <created>1795341600000</created>
  <state>Failed</state>
  <runtime>0</runtime>
  <address>-1</address>
  <command>- end -</command>
  <error>Failed to write abc to loc://setpoint(0)</error>
</scan>
"""


@pytest.mark.parametrize(("info", "text"), [(RUNNING, RUNNING_XML), (FAILED, FAILED_XML)])
def test_scans(info: ScanInfo, text: str) -> None:
    assert read_scan(text.encode()) == info
    assert write_scan(info) == text


def test_trap_02_the_error_of_a_failed_scan_is_kept() -> None:
    assert read_scan(FAILED_XML.encode()).error == "Failed to write abc to loc://setpoint(0)"
    assert read_scan(RUNNING_XML.encode()).error is None


def test_what_a_scan_may_leave_out() -> None:
    info = read_scan(b"<scan><id>1</id><name/><created>0</created><state>Logged</state></scan>")
    assert info == ScanInfo(id=1, name="", created=datetime(1970, 1, 1, tzinfo=UTC), state=ScanState.LOGGED)
    assert info.finish is None
    assert info.address == -1
    assert info.runtime == timedelta()


def test_what_newer_servers_may_add_is_passed_over() -> None:
    text = RUNNING_XML.replace("<state>", "<mood>good</mood><state>")
    assert read_scan(text.encode()) == RUNNING


def test_work_units_are_left_out_together_with_their_total() -> None:
    """Spec §2: both are left out when the total is 0, and both are there when it is not."""
    begun = RUNNING.model_copy(update={"performed_work_units": 0})
    assert "<performed_work_units>0</performed_work_units>" in write_scan(begun)
    assert read_scan(write_scan(begun).encode()) == begun
    assert "work_units" not in write_scan(RUNNING.model_copy(update={"total_work_units": 0}))


def test_lists_of_scans_keep_their_order() -> None:
    text = write_scans([FAILED, RUNNING])
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<scans>\n  <scan>\n    <id>8</id>\n')
    assert text.endswith("    <command>Delay 2.0 sec</command>\n  </scan>\n</scans>\n")
    assert read_scans(text.encode()) == (FAILED, RUNNING)
    assert read_scans(write_scans([]).encode()) == ()
    assert read_scans(b"<scans/>") == ()


def test_server_info() -> None:
    info = ScanServerInfo(
        version="4.7.0",
        start_time=datetime(2026, 11, 22, 10, tzinfo=UTC),
        scan_config="file:/scan_config.xml",
        script_paths=("/opt/scan", "examples:"),
        macros="A=1, B=2",
        used_mem=1,
        max_mem=2,
        non_heap=3,
    )
    text = """<?xml version="1.0" encoding="UTF-8"?>
<server>
  <version>4.7.0</version>
  <start_time>1795341600000</start_time>
  <scan_config>file:/scan_config.xml</scan_config>
  <script_paths>/opt/scan, examples:</script_paths>
  <macros>A=1, B=2</macros>
  <used_mem>1</used_mem>
  <max_mem>2</max_mem>
  <non_heap>3</non_heap>
</server>
"""
    assert write_server(info) == text
    assert read_server(text.encode()) == info
    bare = read_server(b"<server><version>1</version><start_time>0</start_time><script_paths/></server>")
    assert bare.script_paths == ()


def test_devices() -> None:
    devices = (DeviceInfo(name="loc://x(0)", alias="x", status="1.0"), DeviceInfo(name="y", alias="y"))
    text = """<?xml version="1.0" encoding="UTF-8"?>
<devices>
  <device>
    <name>loc://x(0)</name>
    <alias>x</alias>
    <status>1.0</status>
  </device>
  <device>
    <name>y</name>
    <alias>y</alias>
  </device>
</devices>
"""
    assert write_devices(devices) == text
    assert read_devices(text.encode()) == devices
    assert read_devices(write_devices(()).encode()) == ()


def test_simulation() -> None:
    result = SimulationResult(log="Simulation:\n--------\n00:00:00 - a <b> & ]]>", seconds=1e-5)
    text = write_simulation(result)
    assert "]]&gt;" in text
    assert "<seconds>1.0E-5</seconds>" in text
    assert read_simulation(text.encode()) == result


def test_the_log_of_the_real_server_stands_in_cdata() -> None:
    body = b"<simulation>\n  <log><![CDATA[Simulation:\n  a & b\n]]>\n  </log>\n  <seconds>193.0</seconds>\n"
    body += b"</simulation>\n"
    assert read_simulation(body) == SimulationResult(log="Simulation:\n  a & b", seconds=193)


def test_trap_14_a_comment_that_breaks_the_cdata() -> None:
    body = (
        "<simulation>\n  <log><![CDATA[Simulation:\n00:00:00 - µ ]]> & <b> ]]>]]> end\n]]>\n  </log>\n"
        "  <seconds>0.1</seconds>\n</simulation>\n"
    ).encode()
    result = read_simulation(body)
    assert result.log == "Simulation:\n00:00:00 - µ ]]> & <b> ]]>]]> end"
    assert result.seconds == 0.1


def test_trap_14_a_comment_that_ends_the_element() -> None:
    inner = "]]></log><seconds>1</seconds></simulation>"
    body = f"<simulation><log><![CDATA[a {inner} b]]></log><seconds>2</seconds></simulation>".encode()
    assert read_simulation(body) == SimulationResult(log=f"a {inner} b", seconds=2)


@pytest.mark.parametrize(
    "body",
    [
        b"<simulation><log><![CDATA[a ]]> b]]></log></simulation>",
        b"<simulation><log><![CDATA[a ]]> b]]></log><seconds>x</seconds></simulation>",
        b"<simulation><log>a ]]> b</log><seconds>1</seconds></simulation>",
        b"<simulation><log><![CDATA[a ]]> b]]></log><seconds>1</seconds>",
        b"<other><log><![CDATA[a ]]> b]]></log><seconds>1</seconds></other>",
    ],
)
def test_other_broken_simulations_are_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        read_simulation(body)
    assert caught.value.raw == body.decode()


def test_ids_and_serials() -> None:
    assert read_id(b"<id>42</id>\n") == 42
    assert read_id(b"<id> 42\n</id>") == 42
    assert read_serial(b"<serial>-1</serial>") == -1
    assert read_serial(f"<serial>{2**63 - 1}</serial>".encode()) == 2**63 - 1
    assert read_bye(b'<?xml version="1.0" encoding="UTF-8"?>\n<bye/>\n') is None


@pytest.mark.parametrize("text", ["", "x", "1.0", "1_0", "٣", str(2**63)])
def test_ids_that_are_none(text: str) -> None:
    with pytest.raises(ProtocolError, match=r"<id> holds '.*' where a whole number is due"):
        read_id(f"<id>{text}</id>".encode())


def test_trap_08_replies_are_utf8_without_saying_so() -> None:
    body = "<scan><id>1</id><name>µm</name><created>0</created><state>Idle</state></scan>"
    assert read_scan(body.encode()).name == "µm"
    declared = f'<?xml version="1.0" encoding="ISO-8859-1"?>{body}'
    assert read_scan(declared.encode("latin-1")).name == "µm"
    with pytest.raises(ProtocolError, match="not well-formed"):
        read_scan(body.encode("latin-1"))


READERS: dict[str, Callable[[bytes], object]] = {
    "scan": read_scan,
    "scans": read_scans,
    "server": read_server,
    "devices": read_devices,
    "simulation": read_simulation,
    "id": read_id,
    "serial": read_serial,
    "bye": read_bye,
}


@pytest.mark.parametrize("root", READERS)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not well-formed XML"),
        (b"OK", "not well-formed XML"),
        (b"<html><body>Log in</body></html>", "<html> where <{root}> is due"),
        (b"<unexpected/>", "<unexpected> where <{root}> is due"),
        (b"<{root}>", "not well-formed XML"),
        (b"<!DOCTYPE html><html></html>", "document type declaration"),
        (b'<!DOCTYPE {root} [<!ENTITY a "b">]><{root}>&a;</{root}>', "document type declaration"),
        (b'<?xml version="1.0" encoding="nonsense"?><{root}/>', "encoding"),
    ],
)
def test_what_is_no_reply_of_a_scan_server(root: str, body: bytes, reason: str) -> None:
    body = body.replace(b"{root}", root.encode())
    with pytest.raises(ProtocolError) as caught:
        READERS[root](body)
    assert reason.replace("{root}", root) in str(caught.value)
    assert str(caught.value).endswith("is this a scan server?")
    assert caught.value.raw == body.decode()


@pytest.mark.parametrize("root", ["scan", "server", "simulation"])
def test_replies_that_end_in_the_middle(root: str) -> None:
    whole = {
        "scan": RUNNING_XML.rstrip(),
        "server": "<server><version>1</version><start_time>0</start_time></server>",
        "simulation": "<simulation><log><![CDATA[a]]></log><seconds>1</seconds></simulation>",
    }[root]
    READERS[root](whole.encode())
    for end in range(len(whole)):
        with pytest.raises(ProtocolError):
            READERS[root](whole[:end].encode())


@pytest.mark.parametrize(
    ("tag", "text", "reason"),
    [
        ("id", "x", "no whole number"),
        ("id", "", "no whole number"),
        ("created", "yesterday", "no whole number"),
        ("created", "9" * 18, "<created>: .*too large"),
        ("created", "9" * 16, "<created>: "),
        ("state", "Sleeping", "Sleeping"),
        ("runtime", "1.5", "no whole number"),
        ("total_work_units", "-1", "total_work_units: give a whole number, 0 or more"),
        ("finish", "", "no whole number"),
        ("address", "x", "no whole number"),
    ],
)
def test_values_that_do_not_fit(tag: str, text: str, reason: str) -> None:
    start, end = RUNNING_XML.index(f"<{tag}>"), RUNNING_XML.index(f"</{tag}>")
    body = f"{RUNNING_XML[:start]}<{tag}>{text}{RUNNING_XML[end:]}".encode()
    with pytest.raises(ProtocolError, match=f"<scan> does not fit: .*({reason})"):
        read_scan(body)
    with pytest.raises(ProtocolError, match="<scan> does not fit"):
        read_scans(b"<scans>" + body.removeprefix(b'<?xml version="1.0" encoding="UTF-8"?>\n') + b"</scans>")


def test_what_must_be_there() -> None:
    with pytest.raises(ProtocolError, match="id: Field required; name: Field required"):
        read_scan(b"<scan/>")


def test_an_error_keeps_the_beginning_of_the_reply() -> None:
    with pytest.raises(ProtocolError) as caught:
        read_scan(b"<x>" + b"y" * 100_000)
    assert caught.value.raw == "<x>" + "y" * 1997


def test_errors_of_a_submit() -> None:
    body = write_error("Bad failed to submit", "java.lang.Exception: Missing 'devices'\n\tat org.csstudio.X")
    assert read_error(body.encode()) == (
        "Bad failed to submit",
        "java.lang.Exception: Missing 'devices'\n\tat org.csstudio.X",
    )


def test_errors_whose_name_breaks_the_xml() -> None:
    body = (
        b"<error>\n<message>a <b & c failed to submit</message>\n<trace>\njava &lt;init>\n</trace>\n</error>"
    )
    assert read_error(body) == ("a <b & c failed to submit", "java <init>")


def test_errors_without_a_trace() -> None:
    assert read_error(b"<error><message>a</message></error>") == ("a", "")
    assert read_error(b"<error><message>a</message><trace/></error>") == ("a", "")
    assert read_error(b"<error></error>") == ("", "")


def test_error_pages_of_the_container() -> None:
    page = (
        "<html><head><title>Error 500 Unknown scan ID 3</title></head><body><table>\n"
        "<tr><th>URI:</th><td>/scan/3</td></tr>\n<tr><th>MESSAGE:</th><td>Unknown scan ID 3</td></tr>\n"
        "</table></body></html>"
    )
    assert read_error(page.encode()) == ("Unknown scan ID 3", "")
    apostrophes = page.replace("Unknown scan ID 3", "Cannot parse path element &apos;abc&apos;")
    assert read_error(apostrophes.encode()) == ("Cannot parse path element 'abc'", "")
    accents = page.replace("ID 3", "ä")
    assert read_error(accents.encode("latin-1")) == ("Unknown scan ä", "")
    assert read_error(accents.encode()) == ("Unknown scan ä", "")


def test_other_pages_have_a_title_at_most() -> None:
    assert read_error(b"<html><title>502 Bad Gateway</title></html>") == ("502 Bad Gateway", "")
    assert read_error(b"gone") == ("", "")
    assert read_error(b"") == ("", "")
    assert read_error(b"<title>without an end") == ("", "")


def test_trap_22_replies_stay_well_formed() -> None:
    """Texts of devices and scripts may hold what XML cannot carry; the server must not send it."""
    assert "a_b" in write_error("a\x00b", "a\x1bb")
    broken = FAILED.model_copy(update={"error": "a\x00b\ud800"})
    assert read_scan(write_scan(broken).encode()).error == "a_b_"
