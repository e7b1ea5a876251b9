"""Starting and stopping, and the story of the real server's own example on the demo devices."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import Comment, Delay, Log, Loop, ScanConfig, Set, Wait
from scan_sdk.server import EmbeddedServer

XML = {"content-type": "text/xml"}


def submit(http, *commands):
    reply = http.post("/scan/test", content=write_commands(commands), headers=XML)
    return int(ET.fromstring(reply.text).text)


def finish(http, scan_id):
    while True:
        found = ET.fromstring(http.get(f"/scan/{scan_id}").content)
        if found.findtext("state") in {"Finished", "Failed", "Aborted"}:
            return found


def test_it_answers_at_once_and_is_gone_afterwards():
    with EmbeddedServer() as server:
        assert httpx.get(f"{server.url}/scans").status_code == 200
        assert server.url == f"http://127.0.0.1:{server.port}"
        port = server.port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_can_be_started_again_and_stopped_twice():
    server = EmbeddedServer()
    for _ in range(2):
        server.start()
        with pytest.raises(RuntimeError, match="already"):
            server.start()
        assert httpx.get(f"{server.url}/scans").status_code == 200
        server.stop()
        server.stop()


def test_stopping_ends_scans_and_connections_in_use():
    with EmbeddedServer() as server, httpx.Client(base_url=server.url, verify=False) as http:
        for _ in range(3):
            submit(http, Delay(100))
        submit(http, Loop("loc://x", 0, 1e9, 1, Log("loc://x")))
        server.stop()
        with pytest.raises(httpx.TransportError):
            http.get("/scans")


def test_a_request_can_shut_it_down():
    with EmbeddedServer() as server:
        reply = httpx.get(f"{server.url}/server/shutdown")
        assert reply.text.endswith("<bye/>\n")
        server._thread.join(10)
        assert not server._thread.is_alive()


def test_a_port_that_is_taken_is_an_error_of_start():
    with EmbeddedServer() as server, pytest.raises(OSError, match="in use"):
        EmbeddedServer(port=server.port).start()


def test_a_data_log_that_cannot_be_used_is_an_error_of_start(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="data log"):
        EmbeddedServer(data_log=tmp_path / "file").start()


def test_bad_macros_in_the_configuration_are_an_error_of_start():
    with pytest.raises(ValueError, match="macros"):
        EmbeddedServer(ScanConfig(macros="1a=2")).start()


def test_scans_survive_a_restart_with_a_data_log_of_their_own(tmp_path):
    with EmbeddedServer(data_log=tmp_path) as server, httpx.Client(base_url=server.url, verify=False) as http:
        finish(http, submit(http, Set("loc://x", 5), Log("loc://x")))
        finish(http, submit(http, Set("loc://x(0)", "abc")))
    with EmbeddedServer(data_log=tmp_path) as server, httpx.Client(base_url=server.url, verify=False) as http:
        failed, finished = ET.fromstring(http.get("/scans").content)
        assert (finished.findtext("state"), failed.findtext("state")) == ("Finished", "Failed")
        assert failed.findtext("error") == "Failed to write abc to loc://x(0)"
        assert ET.fromstring(http.get("/scan/1/data").content).find(".//value").text == "5.0"
        assert ET.fromstring(http.get("/scan/1/commands").content).find("log") is not None
        assert http.get("/scan/1/last_serial").text == "<serial>0</serial>"
        assert len(ET.fromstring(http.get("/scan/1/devices").content)) == 0
        for verb in ("pause", "resume", "abort", "next", "move/1"):
            assert http.put(f"/scan/1/{verb}").status_code == 200
        patch = "<patch><address>0</address><property>value</property><value>1</value></patch>"
        assert http.put("/scan/1/patch", content=patch).status_code == 200
        assert submit(http, Comment("a")) == 3
        assert http.delete("/scan/1").status_code == 200
        assert http.get("/scan/1").status_code == 500


def test_paths_in_a_configuration_start_from_its_folder(tmp_path, monkeypatch):
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "f.scn").write_text(write_commands([Log("x")]))
    (tmp_path / "scan_config.xml").write_text(
        "<scan_config><path>scripts</path><pv><name>loc://x(7)</name><alias>x</alias></pv></scan_config>"
    )
    monkeypatch.chdir(tmp_path.parent)
    config = Path(tmp_path.name) / "scan_config.xml"
    with EmbeddedServer(config) as server, httpx.Client(base_url=server.url, verify=False) as http:
        include = "<commands><include><scan_file>f.scn</scan_file></include></commands>"
        http.post("/scan/a", content=include, headers=XML)
        assert finish(http, 1).findtext("state") == "Finished"
        found = ET.fromstring(http.get("/server/info").content)
        assert found.findtext("scan_config") == config.resolve().as_uri()
        assert found.findtext("script_paths") == "scripts"


@pytest.fixture
def quick():
    with (
        EmbeddedServer(clock="virtual") as server,
        httpx.Client(base_url=server.url, verify=False) as http,
    ):
        yield http


def test_the_example_of_the_real_server_runs_on_the_demo_devices(quick):
    scan_id = submit(
        quick,
        Loop(
            "motor_x",
            1,
            10,
            1,
            Set("neutrons", 0),
            Loop("motor_y", 1, 3, 1, Delay(1), Log("motor_y")),
            Log("motor_x", "neutrons"),
        ),
    )
    assert finish(quick, scan_id).findtext("state") == "Finished"
    assert quick.get(f"/scan/{scan_id}/last_serial").text == "<serial>39</serial>"
    logged = {
        device.findtext("name"): [float(value.text) for value in device.iter("value")]
        for device in ET.fromstring(quick.get(f"/scan/{scan_id}/data").content)
    }
    assert logged["motor_x"] == list(range(1, 11))
    assert logged["motor_y"] == [1, 2, 3] * 10
    assert all(29 <= count <= 31 for count in logged["neutrons"])


def test_a_wait_for_a_motor_that_nobody_moves_times_out(quick):
    found = finish(quick, submit(quick, Wait("motor_x", 60, timeout=1)))
    assert found.findtext("state") == "Failed"
    assert (
        found.findtext("error") == "Timeout while waiting for motor_x [motor://motor_x(0, 5.0)] (0.0) = 60.0"
    )


def test_motors_of_the_demo_have_readbacks_and_completion(quick):
    scan_id = submit(
        quick, Set("motor_x", 10, completion=True, readback="motor_x.RBV", tolerance=0.01), Log("motor_x.RBV")
    )
    found = finish(quick, scan_id)
    assert found.findtext("state") == "Finished"
    assert int(found.findtext("runtime")) == 2000


def test_readbacks_of_the_demo_say_where_the_motors_are(quick):
    scan_id = submit(quick, Set("motor_x", 10, readback="motor_x.RBV", tolerance=0.01))
    assert int(finish(quick, scan_id).findtext("runtime")) == pytest.approx(2000, abs=100)


def test_serving_as_a_process_ends_with_a_signal_and_keeps_its_data(tmp_path):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from scan_sdk.server import serve
        serve(Path("scan_config.xml"), port=0, ready=lambda url, _: print(url, flush=True))
    """)
    (tmp_path / "scan_config.xml").write_text("<scan_config><data_log>logged</data_log></scan_config>")
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/scans").status_code == 200
        os.kill(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert errors == ""
    assert (tmp_path / "logged" / "scans.sqlite").exists()
