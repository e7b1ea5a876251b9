"""The command line as a program of its own: on a terminal, in pipes, and when Ctrl-C is pressed."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time

import pytest

from scan_sdk import CommandSequence, Comment, Delay, Log, Loop, ScanClient, ScanInfo, Wait
from scan_sdk.server import EmbeddedServer

pytestmark = pytest.mark.slow  # each starts a process or several

PROGRAM = [sys.executable, "-m", "scan_sdk.cli"]
DOCUMENT = "<commands><wait><device>loc://go(0)</device><value>1</value></wait></commands>"
COLOUR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture(scope="module")
def server():
    with EmbeddedServer() as server:
        yield server


@pytest.fixture
def client(server):
    with ScanClient(url=server.url) as client:
        yield client
        client.abort_all()
        for info in client.scan_infos():
            client.wait_until_done(info.id, timeout=20) if not info.is_done else None
        client.clear()


@pytest.fixture
def running(client):
    """A scan that waits for ever."""
    scan_id = client.submit([Wait("loc://go(0)", 1)], "Waits")
    next(info for info in client.watch(scan_id) if info.address == 0)
    return scan_id


class Terminal:
    """The program on a terminal of 100 columns."""

    def __init__(self, server, *arguments, **environment):
        self._main, other = pty.openpty()
        surroundings = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        surroundings |= {"SCAN_SDK_URL": server.url, "TERM": "xterm", "COLUMNS": "100", "LINES": "20"}
        self.process = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)],
            env=surroundings | environment,
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.shown = ""

    def until(self, text):
        """Read until a text is shown, colours left out."""
        latest = time.monotonic() + 15
        while text not in COLOUR.sub("", self.shown):
            ready, _, _ = select.select([self._main], [], [], max(0, latest - time.monotonic()))
            assert ready, f"never shown: {text!r}; but {self.shown[-1500:]!r}"
            self._read()

    def _read(self):
        try:
            piece = os.read(self._main, 65536)
        except OSError:  # the program has closed it
            piece = b""
        self.shown += piece.decode()
        return piece

    def type(self, text):
        os.write(self._main, text.encode())

    def end(self):
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        os.close(self._main)
        return self.process.wait(timeout=20)


def started(server, *arguments):
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments), "--url", server.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# -- Ctrl-C -------------------------------------------------------------------------------------------------


def left_alone(process, client, scan_id):
    """Press Ctrl-C, and see that the program ends and the scan does not."""
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == (
        f"scan {scan_id} goes on; scan-sdk watch {scan_id} shows it again, scan-sdk abort {scan_id} ends it"
    )
    assert client.scan_info(scan_id).state == "Running"


def test_ctrl_c_in_watch_leaves_the_scan_running_and_says_so(server, client, running):
    process = started(server, "watch", running)
    assert process.stdout.readline().startswith(f"Scan {running} 'Waits': Running, 0 % done: Wait for")
    left_alone(process, client, running)


@pytest.mark.parametrize("option", ["--wait", "--follow"])
def test_ctrl_c_in_submit_leaves_the_scan_running_and_says_so(server, client, tmp_path, option):
    (tmp_path / "a.scn").write_text(DOCUMENT)
    process = started(server, "submit", tmp_path / "a.scn", option)
    scan_id = int(process.stdout.readline())
    next(info for info in client.watch(scan_id) if info.address == 0)
    left_alone(process, client, scan_id)


def test_ctrl_c_in_a_list_that_is_watched_says_that_scans_go_on(server, client, running):
    process = started(server, "list", "--watch", "--json")
    assert '"Waits"' in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[1] == "no longer looking; the scans go on\n"
    assert process.returncode == 130


def test_a_watched_list_prints_an_array_whenever_something_has_changed(server, client):
    process = started(server, "list", "--watch", "--json")
    assert process.stdout.readline() == "[]\n"
    client.submit([Wait("loc://go(0)", 1)], "New")
    assert '"New"' in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)


# -- pipes --------------------------------------------------------------------------------------------------


def test_a_watched_scan_is_a_line_of_json_for_each_change(server, client):
    scan_id = client.submit([Loop("loc://a(0)", 1, 3, 1, Log("loc://a(0)"))], "Short")
    process = started(server, "watch", scan_id, "--json")
    out, errors = process.communicate(timeout=20)
    infos = [ScanInfo.model_validate_json(line) for line in out.splitlines()]
    assert (process.returncode, errors) == (0, "")
    assert infos[-1] == client.scan_info(scan_id)


def test_a_watched_scan_that_fails_says_so_and_why(server, client):
    scan_id = client.submit([Wait("loc://never(0)", 1, timeout=0.1)], "Fails")
    process = started(server, "watch", scan_id)
    out, errors = process.communicate(timeout=20)
    assert process.returncode == 30
    assert f"Scan {scan_id} 'Fails': Failed (Timeout while waiting for loc://never(0)" in out.splitlines()[-1]
    assert errors.startswith(f"scan-sdk: scan {scan_id} 'Fails' Failed: Timeout while waiting")


def test_a_watched_scan_that_is_aborted_has_a_code_of_its_own(server, client, running):
    process = started(server, "watch", running)
    process.stdout.readline()
    client.abort(running)
    process.communicate(timeout=20)
    assert process.returncode == 31


def test_a_reader_that_has_seen_enough_is_no_error(server, client):
    for _ in range(100):
        client.submit(Comment("x"), "A" * 1000)  # more than a pipe holds
    process = started(server, "list", "--json")
    assert process.stdout.readline() == "[\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    process.wait(timeout=20)
    process.stderr.close()


# -- terminals ----------------------------------------------------------------------------------------------


def test_a_list_on_a_terminal_is_as_wide_as_that_and_has_colours(server, client):
    scan_id = client.submit([Wait("loc://never(0)", 1, timeout=0.1)], "N" * 60)
    list(client.watch(scan_id))
    terminal = Terminal(server, "list")
    assert terminal.end() == 0
    assert "\x1b[31mFailed" in terminal.shown
    lines = COLOUR.sub("", terminal.shown).splitlines()
    assert max(map(len, lines)) <= 100
    assert any("NNN…" in line and "Timeout" in line and line.rstrip().endswith("…") for line in lines)


def test_a_list_on_a_terminal_has_as_many_rows_as_fit(server, client):
    for number in range(30):
        client.submit(Comment("x"), f"Scan no. {number}")
    few, all_of_them = Terminal(server, "list"), Terminal(server, "list", "--all")
    assert (few.end(), all_of_them.end()) == (0, 0)
    assert few.shown.count("Scan no.") == 14
    assert "16 more; --all shows all" in COLOUR.sub("", few.shown)
    assert all_of_them.shown.count("Scan no.") == 30


def test_an_empty_list_on_a_terminal_says_so(server, client):
    terminal = Terminal(server, "list")
    assert terminal.end() == 0
    assert terminal.shown == "the server has no scans\r\n"


def test_no_colours_are_shown_to_those_who_want_none(server, client, running):
    for command in (["list"], ["show", running]):
        terminal = Terminal(server, *command, NO_COLOR="1")
        terminal.end()
        assert not re.search(r"\x1b\[[\d;]*3[0-7]", terminal.shown), command
    terminal = Terminal(server, "show", running)
    terminal.end()
    assert "\x1b[32m" in terminal.shown


def test_a_watched_list_goes_on_until_ctrl_c_and_rides_out_a_server_that_is_away():
    with EmbeddedServer() as server, ScanClient(url=server.url) as client:
        terminal = Terminal(server, "list", "--watch")
        terminal.until("runtime")
        client.submit(Delay(0.01), "Later")
        terminal.until("Later")
    terminal.until("refused")
    with EmbeddedServer(port=server.port) as server, ScanClient(url=server.url) as client:
        client.submit(Delay(0.01), "Again")
        terminal.until("Again")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
    assert "no longer looking; the scans go on" in terminal.shown


def test_a_scan_on_a_terminal_has_a_bar_and_its_times(server, client):
    commands = [Wait("loc://b(0)", 1), Comment("x")]
    scan_id = client.submit(commands, "Live")
    next(info for info in client.watch(scan_id) if info.address == 0)
    terminal = Terminal(server, "watch", scan_id)
    terminal.until(" % ")
    terminal.until(" so far")
    terminal.until("Wait for 'loc://b(0)' = 1.0")
    client.next_command(scan_id)
    assert terminal.end() == 0
    assert "Scan 1 'Live': Finished after 0:00:0".replace("1", str(scan_id), 1) in COLOUR.sub(
        "", terminal.shown
    )


def test_the_time_left_on_a_terminal_is_that_of_the_commands_and_not_of_their_count(server, client):
    scan_id = client.submit([*[Comment("quick")] * 8, Delay(36_000)], "Night")
    next(info for info in client.watch(scan_id) if info.address == 8)
    end = client.time_left(scan_id).finish.astimezone()
    for command, shown in ((["watch", scan_id], "9:59:5"), (["list", "--watch"], f"{end:%H}:")):
        terminal = Terminal(server, *command)
        terminal.until(shown)
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
    client.abort(scan_id)


def test_a_simulation_on_a_terminal_ends_with_the_points_of_loops_and_the_time_of_devices(server, tmp_path):
    path = tmp_path / "a.scn"
    path.write_text(CommandSequence(Loop("motor_x", 1, 3, 1, Log("motor_x"))).to_xml())
    terminal = Terminal(server, "simulate", path)
    assert terminal.end() == 0
    assert "Loop 0 'motor_x': 3 steps, 3 points, " in terminal.shown
    assert "Device 'motor_x': 3 moves, " in terminal.shown


def test_devices_and_servers_are_tables_on_a_terminal(server, tmp_path):
    terminal = Terminal(server, "devices")
    assert terminal.end() == 0
    assert "motor://motor_x(0, 5.0)" in terminal.shown
    assert "\t" not in terminal.shown
    terminal = Terminal(server, "servers", XDG_CONFIG_HOME=str(tmp_path))
    assert terminal.end() == 0
    assert "no servers have names" in terminal.shown


def test_submit_on_a_terminal_says_it_in_words(server, client, tmp_path):
    (tmp_path / "a.scn").write_text(DOCUMENT)
    terminal = Terminal(server, "submit", tmp_path / "a.scn")
    assert terminal.end() == 0
    [info] = client.scan_infos()
    assert terminal.shown == f"Scan {info.id} 'a' is submitted\r\n"


@pytest.mark.parametrize(("answer", "code", "state"), [("n\n", 15, "Running"), ("y\n", 0, "Aborted")])
def test_an_abort_is_asked_for_at_a_terminal(server, client, running, answer, code, state):
    terminal = Terminal(server, "abort", running)
    terminal.until("[y/N]: ")
    terminal.type(answer)
    assert terminal.end() == code
    assert client.scan_info(running).state == state
    assert ("nothing was done" in terminal.shown) == (code == 15)


def test_a_question_that_is_left_open_is_not_agreed_to(server, client, running):
    terminal = Terminal(server, "abort", running)
    terminal.until("[y/N]: ")
    terminal.type("\x04")  # Ctrl-D
    assert terminal.end() == 15
    assert client.scan_info(running).state == "Running"
