"""`scan-sdk serve`: in this process where that will do, and as a program where signals and streams matter."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from scan_sdk import Delay, Log, MissingExtra, ScanClient, Set
from scan_sdk.cli import app as cli
from scan_sdk.cli import serve as serving
from scan_sdk.cli.serve import ServeOptions, serve_here
from scan_sdk.server import EmbeddedServer

DEFAULTS = ServeOptions(
    config=None,
    port=0,
    host="127.0.0.1",
    token=None,
    insecure=False,
    data_log=None,
    default_pv="ca",
    verbose=False,
)
URL = re.compile(r"scan server at (http://\S+),")


class Told:
    """What is said; at the first of it something is done, as the server answers then."""

    def __init__(self, act):
        self.lines = []
        self.complaints = []
        self._act = act

    def say(self, text):
        self.lines.append(text)
        self._act(URL.match(text)[1])


def serve_and(act, **options):
    """Serve, do something once the server answers, and return the exit code and what was said."""
    told = Told(act)
    code = serve_here(DEFAULTS._replace(**options), say=told.say, complain=told.complaints.append)
    return code, told


def in_thread(work):
    """Return what does something on a thread, so that the server can answer meanwhile."""

    def act(url):
        threading.Thread(target=work, args=(url,)).start()

    return act


def shut_down(url):
    with ScanClient(url=url) as client:
        client.shutdown_server()


def sends(number):
    return lambda _: os.kill(os.getpid(), number)


def test_it_says_in_one_line_where_it_is_and_what_it_serves(tmp_path):
    code, told = serve_and(in_thread(shut_down), data_log=tmp_path / "log")
    assert (code, told.complaints) == (0, [])
    (line,) = told.lines
    url = URL.match(line)[1]
    assert line == (
        f"scan server at {url}, its page at {url}/; configuration: demo devices; data log: {tmp_path / 'log'}"
    )
    assert (tmp_path / "log" / "scans.sqlite").exists()


def test_without_a_configuration_data_goes_to_a_folder_that_is_removed_and_it_says_so():
    code, told = serve_and(in_thread(shut_down))
    folders = re.findall(
        r"data log: (\S+), which is removed at the end; --data-log FOLDER keeps it$", told.lines[0]
    )
    assert (code, len(folders)) == (0, 1)
    assert not Path(folders[0]).exists()


def test_a_configuration_brings_its_port_its_data_log_and_its_devices(tmp_path):
    with EmbeddedServer() as other:  # to learn of a port that will be free
        port = other.port
    config = tmp_path / "scan_config.xml"
    config.write_text(
        f"<scan_config><port>{port}</port><data_log>logged</data_log>"
        "<pv><name>loc://x(7)</name><alias>x</alias></pv></scan_config>"
    )
    devices = []

    def look(url):
        with ScanClient(url=url) as client:
            devices.extend(device.alias for device in client.scan_devices())
        shut_down(url)

    code, told = serve_and(in_thread(look), config=config, port=None)
    assert (code, devices) == (0, ["x"])
    assert f":{port}," in told.lines[0]
    assert f"configuration: {config}; data log: {tmp_path / 'logged'}" in told.lines[0]
    assert (tmp_path / "logged" / "scans.sqlite").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_aborts_the_scans_performs_the_post_scan_and_ends(tmp_path, number, code, capfd):
    (tmp_path / "post.scn").write_text(
        "<commands><set><device>x</device><value>5</value><wait>false</wait></set>"
        "<log><devices><device>x</device></devices></log></commands>"
    )
    config = tmp_path / "scan_config.xml"
    config.write_text(
        "<scan_config><post_scan>post.scn</post_scan><pv><name>loc://x(0)</name><alias>x</alias></pv></scan_config>"
    )

    def submit(url):
        with ScanClient(url=url) as client:
            scan_id = client.submit([Delay(60)], "long")
            client.submit([Delay(60)], "queued")
            next(info for info in client.watch(scan_id) if info.state == "Running")
        os.kill(os.getpid(), number)

    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    assert serve_and(in_thread(submit), config=config)[0] == code
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    with (
        EmbeddedServer(config, data_log=tmp_path / "scan_log_db") as server,
        ScanClient(url=server.url) as client,
    ):
        queued, ran = client.scan_infos()
        assert (ran.state, ran.error) == ("Aborted", "Aborted (server stop)")
        assert queued.state in {"Aborted", "Failed"}
        assert list(client.get_data(ran.id)["x"].value) == [5.0]
    logged = capfd.readouterr().err
    assert re.search(r"INFO scan 1 'long' taken\n.*INFO scan 1 begins\n", logged)
    assert "INFO scan 1 Aborted: Aborted (server stop)" in logged


def test_on_another_thread_than_the_main_one_it_leaves_signals_alone(tmp_path):
    codes = []
    before = signal.getsignal(signal.SIGINT)

    def look(url):
        assert signal.getsignal(signal.SIGINT) is before
        in_thread(shut_down)(url)

    thread = threading.Thread(target=lambda: codes.append(serve_and(look, data_log=tmp_path)[0]))
    thread.start()
    thread.join()
    assert codes == [0]


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ({"host": "0.0.0.0"}, 2, "whoever reaches 0.0.0.0 could move devices"),
        ({"token": "a b"}, 2, "a token is at least one"),
        ({"default_pv": "tango"}, 2, "default_pv is 'tango': choose one of ca, "),
        ({"host": "nowhere.invalid", "token": "a"}, 4, "cannot listen on nowhere.invalid: no such address"),
        ({"port": "taken"}, 4, "Address already in use; see --host and --port"),
        ({"config": "none.xml"}, 3, "none.xml: No such file or directory"),
        ({"config": "folder"}, 3, "folder: Is a directory"),
        ({"config": "bad.xml"}, 3, "bad.xml:1:14: <port> cannot be 'x'"),
        ({"data_log": "bad.xml"}, 5, "the data log"),
        ({"data_log": "locked"}, 5, "the data log"),
    ],
)
def test_what_keeps_it_from_serving_is_said_with_a_code_of_its_own(tmp_path, options, code, reason):
    (tmp_path / "bad.xml").write_text("<scan_config><port>x</port></scan_config>")
    (tmp_path / "folder").mkdir()
    with EmbeddedServer(data_log=tmp_path / "locked") as other:
        options = {
            name: tmp_path / value
            if name in {"config", "data_log"}
            else other.port
            if value == "taken"
            else value
            for name, value in options.items()
        }
        found, told = serve_and(None, **options)
    assert (found, told.lines) == (code, [])
    assert reason in told.complaints[0]


def test_each_request_is_logged_when_that_is_asked_for(capfd):
    serve_and(in_thread(shut_down), verbose=True)
    assert re.search(
        r"^[\d :,-]+ DEBUG GET '/server/shutdown' of 127.0.0.1$", capfd.readouterr().err, re.MULTILINE
    )
    serve_and(in_thread(shut_down))
    assert capfd.readouterr().err == ""


def test_without_the_packages_of_the_server_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'scan_sdk\[server\]'"):
        serve_and(None)


def test_the_command_line_hands_on_what_it_is_given(monkeypatch, tmp_path):
    given = []

    def serve(options, say, complain):
        given.append(options)
        say("here")
        complain("why [not]")
        return 4

    monkeypatch.setattr(serving, "serve_here", serve)
    arguments = ["serve", "--config", "a.xml", "--port", "0", "--host", "::", "--insecure", "--data-log", "b"]
    arguments += ["--default-pv", "loc"]
    result = CliRunner().invoke(cli.app, [*arguments, "--verbose"], env={"SCAN_SDK_TOKEN": "s3cret"})
    assert (result.exit_code, result.stdout) == (4, "here\n")
    assert "scan-sdk: why [not]" in result.stderr
    assert [str(value) for value in given[0]] == ["a.xml", "0", "::", "s3cret", "True", "b", "loc", "True"]
    assert (
        "s3cret"
        not in CliRunner().invoke(cli.app, ["serve", "--help"], env={"SCAN_SDK_TOKEN": "s3cret"}).output
    )
    assert CliRunner().invoke(cli.app, ["serve", "--port", "70000"]).exit_code == 2


@pytest.fixture
def program(tmp_path):
    """Start the program on a scan with a post-scan that takes a minute."""
    (tmp_path / "post.scn").write_text("<commands><delay><seconds>60</seconds></delay></commands>")
    (tmp_path / "c.xml").write_text("<scan_config><post_scan>post.scn</post_scan></scan_config>")
    process = subprocess.Popen(
        [sys.executable, "-m", "scan_sdk.cli", "serve", "--config", "c.xml", "--port", "0"],
        cwd=tmp_path,
        env=os.environ | {"SCAN_SDK_TOKEN": "s3cret"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.url = URL.match(process.stdout.readline())[1]
    with process:
        yield process
        process.kill()


def test_a_second_ctrl_c_does_not_wait_for_the_post_scan(program):
    assert httpx.get(f"{program.url}/scans", trust_env=False).status_code == 401
    with ScanClient(url=program.url, token="s3cret") as client:
        scan_id = client.submit([Delay(60), Set("loc://a(0)", 1), Log("loc://a(0)")], "long")
        next(info for info in client.watch(scan_id) if info.state == "Running")
        program.send_signal(signal.SIGINT)
    start = time.monotonic()
    while True:  # until it listens no more, and is about to end its scans
        try:
            httpx.get(f"{program.url}/scans", trust_env=False)
        except httpx.TransportError:
            break
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=10)
    assert program.returncode == 130
    assert time.monotonic() - start < 4  # a scan has 5 seconds for its post-scan
    assert "Traceback" not in errors
