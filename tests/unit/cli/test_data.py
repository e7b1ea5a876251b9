"""`scan-sdk data`, against a server: what it prints and writes, and what it says when it cannot."""

import io
import json
import os
import pty
import signal
import subprocess
import sys

import pytest
from rich.console import Console

from scan_sdk import Delay, DeviceLog, Log, Loop, ScanClient, ScanData, Set
from scan_sdk.cli import download
from scan_sdk.cli.download import Download
from scan_sdk.cli.rows import Rows, pretty, shown
from scan_sdk.errors import ServerError
from scan_sdk.server import EmbeddedServer

PROGRAM = [sys.executable, "-m", "scan_sdk.cli", "data"]
START = 1_700_000_000_000


def log(name, serials, values):
    return DeviceLog(name, serials, [START + 1000 * serial for serial in serials], values)


def logged(scan_client, *commands):
    scan_id = scan_client.submit(commands, "Some scan")
    scan_client.wait_until_done(scan_id, timeout=20)
    return scan_id


@pytest.fixture
def scan_id(scan_client):
    """A scan that logs two positions and later a text."""
    positions = Loop("motor_x", 1, 2, 1, [Log("motor_x"), Log("motor_y")])
    return logged(scan_client, positions, Set("loc://text", "Open"), Log("loc://text"))


def without_times(text):
    """Return lines with tabs as lists of cells, the second of each left out."""
    return [[*line.split("\t")[:1], *line.split("\t")[2:]] for line in text.splitlines()]


# -- to the standard output ---------------------------------------------------------------------------------


def test_into_a_pipe_go_all_rows_with_tabs(scan_sdk, scan_id, scan_client):
    ran = scan_sdk("data", scan_id)
    assert (ran.code, ran.err) == (0, "")
    assert without_times(ran.out) == [
        ["serial", "motor_x", "motor_y", "loc://text"],
        ["0", "1", "", ""],
        ["1", "1", "0", ""],
        ["2", "2", "0", ""],
        ["3", "2", "0", ""],
        ["4", "2", "0", "Open"],
    ]
    assert ran.out.splitlines()[0].split("\t")[1] == "time (UTC)"
    time = scan_client.get_data(scan_id).table().datetime[0]
    assert ran.out.splitlines()[1].split("\t")[1] == str(time).replace("T", " ")


def test_devices_are_chosen_in_the_order_asked_for(scan_sdk, scan_id):
    ran = scan_sdk("data", scan_id, "-d", "loc://text", "--device", "motor_x")
    assert without_times(ran.out) == [
        ["serial", "loc://text", "motor_x"],
        ["0", "", "1"],
        ["2", "", "2"],
        ["4", "Open", "2"],
    ]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_text_formats_go_to_the_standard_output_as_they_are_written_to_files(
    scan_sdk, scan_id, scan_client, tmp_path, form
):
    scan_client.get_data(scan_id).write(tmp_path / "data", format=form)
    ran = scan_sdk("data", scan_id, "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.encode() == (tmp_path / "data").read_bytes()


def test_values_can_stay_as_they_were_written(scan_sdk, scan_id):
    ran = scan_sdk("data", scan_id, "-d", "motor_x", "--values", "text")
    assert without_times(ran.out)[1:] == [["0", "1.0"], ["2", "2.0"]]
    ran = scan_sdk("data", scan_id, "-d", "motor_x", "--values", "text", "--format", "json")
    assert json.loads(ran.out)["devices"][0]["value"] == ["1.0", "2.0"]


def test_a_scan_that_logged_nothing_has_a_header_and_no_rows(scan_sdk, scan_client):
    scan_id = logged(scan_client, Set("motor_x", 1), Delay(0))
    scan_client.get_data(scan_id)
    ran = scan_sdk("data", logged(scan_client, Delay(0)))
    assert (ran.code, ran.out) == (0, "serial\ttime (UTC)\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")  # noqa: PTH110
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_the_standard_output_is_said(scan_server, scan_id, unbuffered):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        command = [*PROGRAM, str(scan_id), "--url", scan_server.url]
        environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
        ran = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    assert ran.returncode == 9
    assert ran.stderr == "scan-sdk: cannot write the standard output: No space left on device\n"


def test_a_reader_that_has_seen_enough_is_no_error(scan_server, scan_client):
    scan_id = logged(scan_client, Loop("loc://a(0)", 1, 5000, 1, [Log("loc://a(0)")]))
    command = [*PROGRAM, str(scan_id), "--url", scan_server.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("serial")
        process.stdout.close()
        assert process.stderr.read() == ""


# -- to a file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("a.csv", None, "csv"),
        ("a.parquet", None, "parquet"),
        ("a.nxs", None, "nexus"),
        ("a.H5", None, "nexus"),
        ("a.hdf5", None, "nexus"),
        ("a.pq", None, "parquet"),
        ("a.json", None, "json"),
        ("a.dat", "csv", "csv"),
        ("a.csv", "json", "json"),
    ],
)
def test_a_file_is_written_in_the_format_that_is_asked_for_or_that_its_name_says(
    scan_sdk, scan_id, tmp_path, monkeypatch, name, form, expected
):
    def write(self, path, *, format, **more):  # noqa: A002
        path.write_text(f"{format} of {', '.join(self)}")

    monkeypatch.setattr(ScanData, "write", write, raising=False)
    target = tmp_path / name
    ran = scan_sdk("data", scan_id, "-d", "motor_y", "-o", target, *(("--format", form) if form else ()))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert target.read_text() == f"{expected} of motor_y"
    assert list(tmp_path.iterdir()) == [target]


def test_a_table_can_be_kept(scan_sdk, scan_id, tmp_path):
    scan_sdk("data", scan_id, "-o", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == scan_sdk("data", scan_id).out


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("-d", "nothing"), 8, "'nothing' was not logged; logged: motor_x, motor_y, loc://text"),
        (
            ("-d", "nothing", "-o", "a.csv"),
            8,
            "'nothing' was not logged; logged: motor_x, motor_y, loc://text",
        ),
        (("--format", "parquet"), 2, "parquet is no text to show: give -o"),
        (("--format", "nexus"), 2, "nexus is no text to show: give -o"),
        (("-o", "a.xls"), 2, "give --format, or a file whose name ends in .txt, .csv"),
        (("-o", "nowhere/a.csv"), 9, "cannot write nowhere/a.csv: No such file or directory"),
        (("-o", "folder.csv"), 9, "cannot write folder.csv: Is a directory"),
        (("--follow", "-o", "a.csv"), 2, "--follow shows a table"),
        (("--follow", "--format", "csv"), 2, "--follow shows a table"),
        (("--follow", "--values", "text"), 2, "--follow shows a table"),
        (("--url", "ftp://here"), 2, "give a URL such as 'http://beamline.example:4810'"),
        (("--url", "http://127.0.0.1:9"), 6, "Connection refused"),
    ],
)
def test_what_cannot_be_given_is_one_line_and_leaves_nothing(
    scan_sdk, scan_id, tmp_path, monkeypatch, arguments, code, reason
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    ran = scan_sdk("data", scan_id, *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err
    assert ran.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]


def test_an_unknown_scan_has_an_exit_code_of_its_own(scan_sdk):
    for command in (("data", 7), ("data", 7, "--follow"), ("plot", 7, "x", "y", "-o", "a.png")):
        ran = scan_sdk(*command)
        assert (ran.code, ran.out) == (7, "")
        assert ran.err.startswith("scan-sdk: the server knows no scan 7")


def test_a_file_that_cannot_be_written_is_said(scan_sdk, scan_id, tmp_path, monkeypatch):
    def write(self, path, *, format):  # noqa: A002
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ScanData, "write", write, raising=False)
    target = tmp_path / "a.csv"
    ran = scan_sdk("data", scan_id, "-o", target)
    assert (ran.code, ran.err) == (9, f"scan-sdk: cannot write {target}: No space left on device\n")


def test_a_nexus_file_is_told_of_the_scan_and_of_commands_where_there_are_any(
    scan_sdk, scan_client, tmp_path, monkeypatch
):
    told = []
    monkeypatch.setattr(ScanData, "write", lambda self, path, **more: told.append(more), raising=False)
    scan_id = logged(scan_client, Log("motor_x"))
    assert scan_sdk("data", scan_id, "-o", tmp_path / "a.nxs").code == 0
    info, commands = scan_client.scan_info(scan_id), scan_client.scan_commands(scan_id)
    assert told == [{"format": "nexus", "info": info, "commands": commands}]

    def refuse(self, scan_id):
        raise ServerError("the commands of this scan are not in memory")

    monkeypatch.setattr(ScanClient, "scan_commands", refuse)
    assert scan_sdk("data", scan_id, "-o", tmp_path / "a.nxs").code == 0
    assert told[1] == {"format": "nexus", "info": info, "commands": None}


def test_a_token_is_taken_from_the_environment(scan_sdk, monkeypatch):
    with EmbeddedServer(token="s3cret") as server, ScanClient(url=server.url, token="s3cret") as client:
        scan_id = client.submit(Log("motor_x"))
        client.wait_until_done(scan_id, timeout=20)
        assert scan_sdk("data", scan_id, "--url", server.url).code == 13
        monkeypatch.setenv("SCAN_SDK_TOKEN", "s3cret")
        assert without_times(scan_sdk("data", scan_id, "--url", server.url).out)[1] == ["0", "0"]


# -- following ----------------------------------------------------------------------------------------------


@pytest.fixture
def pieces(monkeypatch):
    """Pieces for the program to follow; an exception among them is raised."""
    given = []

    def follow(self, scan_id):
        for piece in given:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    monkeypatch.setattr(ScanClient, "follow", follow, raising=False)
    return given


def test_rows_are_printed_as_they_come_and_then_how_the_scan_is(scan_sdk, scan_id, pieces):
    pieces += [
        ScanData([log("x", [0, 1], [1.0, 2.0])]),
        ScanData([log("n", [2], [500.0])]),
        ScanData([log("x", [3], [3.0]), log("n", [3], [700.0])]),
    ]
    ran = scan_sdk("data", scan_id, "--follow")
    assert ran.code == 0
    assert without_times(ran.out) == [
        ["serial", "x"],
        ["0", "1"],
        ["1", "2"],
        ["serial", "x", "n"],
        ["2", "2", "500"],
        ["3", "3", "700"],
    ]
    assert ran.out.splitlines()[1].split("\t")[1] == "2023-11-14 22:13:20.000"
    assert ran.err == f"Scan {scan_id} 'Some scan': Finished\n"


def test_devices_can_be_followed_that_are_yet_to_be_logged(scan_sdk, scan_id, pieces):
    pieces += [ScanData([log("x", [0], [1.0])]), ScanData([log("n", [1], ["Open"])])]
    ran = scan_sdk("data", scan_id, "--follow", "-d", "n", "-d", "x")
    assert without_times(ran.out) == [["serial", "n", "x"], ["0", "", "1"], ["1", "Open", "1"]]


def test_a_device_that_was_never_logged_is_said_at_the_end(scan_sdk, scan_id, pieces):
    pieces += [ScanData([log("x", [0], [1.0])]), ScanData([log("y", [1], [1.0])])]
    ran = scan_sdk("data", scan_id, "--follow", "-d", "z", "-d", "x")
    assert ran.code == 8
    assert without_times(ran.out) == [["serial", "z", "x"], ["0", "", "1"]]
    assert ran.err.endswith("scan-sdk: 'z' was not logged; logged: x, y\n")


def test_nothing_to_follow_is_no_row(scan_sdk, scan_id, pieces):
    ran = scan_sdk("data", scan_id, "--follow", "-d", "z")
    assert (ran.code, ran.out) == (8, "")
    assert "'z' was not logged; logged: nothing" in ran.err


def test_ctrl_c_ends_the_program_and_says_that_the_scan_goes_on(scan_sdk, scan_id, pieces):
    pieces += [ScanData([log("x", [0], [1.0])]), KeyboardInterrupt()]
    ran = scan_sdk("data", scan_id, "--follow")
    assert ran.code == 130
    assert without_times(ran.out) == [["serial", "x"], ["0", "1"]]
    assert ran.err == f"no longer following scan {scan_id}, which goes on\n"


def test_a_scan_goes_on_after_ctrl_c():
    with EmbeddedServer() as server, ScanClient(url=server.url) as client:
        scan_id = client.submit([Log("motor_x"), Delay(3600)], "long")
        command = [*PROGRAM, str(scan_id), "--url", server.url, "--follow"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline().startswith("serial")
            assert process.stdout.readline().startswith("0")
            process.send_signal(signal.SIGINT)
            assert process.stderr.read() == f"no longer following scan {scan_id}, which goes on\n"
        assert process.returncode == 130
        assert client.scan_info(scan_id).state == "Running"


def test_a_scan_is_followed_to_its_end(scan_sdk, scan_id):
    ran = scan_sdk("data", scan_id, "--follow")
    assert (ran.code, ran.out) == (0, scan_sdk("data", scan_id).out)


# -- on a terminal ------------------------------------------------------------------------------------------


def on_terminal(*arguments):
    """Run the program with a terminal of 100 columns as its standard output, and return what is on it."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "100", "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen([*PROGRAM, *arguments], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 2**16):
                seen += piece
        except OSError:  # as Linux says that the other side is closed
            pass
        os.close(ours)
    assert process.returncode == 0
    return seen.decode()


def test_a_terminal_shows_the_first_and_last_rows_of_a_table(scan_server, scan_client):
    scan_id = logged(scan_client, Loop("setpoint", 1, 33, 1, [Log("setpoint")]))
    seen = on_terminal(str(scan_id), "--url", scan_server.url)
    assert "13 more" in seen
    assert "33 rows; --all shows all" in seen
    assert "│" in seen
    assert "\t" not in seen


def test_a_terminal_has_followed_rows_in_columns(scan_server, scan_client):
    scan_id = logged(scan_client, Loop("setpoint", 1, 3, 1, [Log("setpoint")]))
    lines = on_terminal(str(scan_id), "--url", scan_server.url, "--follow").splitlines()
    assert len({len(line) for line in lines[:4]}) == 1


def test_a_terminal_is_told_that_nothing_was_logged(scan_server, scan_client):
    assert "nothing was logged" in on_terminal(str(logged(scan_client, Delay(0))), "--url", scan_server.url)


def printed(renderable):
    console = Console(file=io.StringIO(), width=100)
    console.print(renderable)
    return console.file.getvalue()


@pytest.mark.parametrize(("count", "everything", "rows"), [(20, False, 20), (21, False, 21), (21, True, 21)])
def test_a_short_table_is_whole(count, everything, rows):
    text = printed(pretty(ScanData([log("x", range(count), range(count))]), everything=everything))
    assert text.count("2023-11-14") == (rows if everything or count <= 20 else 20)
    assert ("1 more" in text) == (count == 21 and not everything)


def test_names_and_texts_are_no_markup():
    assert "[bold]" in printed(pretty(ScanData([log("[bold]", [0], ["[/red]"])]), everything=False))
    assert "[/red]" in printed(pretty(ScanData([log("[bold]", [0], ["[/red]"])]), everything=False))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1.0, "1"),
        (1234567.0, "1234567"),
        (0.1 + 0.2, "0.3"),
        (1.2345e-9, "1.2345e-09"),
        (float("nan"), "nan"),
        ("1.0", "1.0"),
        ("µm", "µm"),
        ("a\tb\n\x1b[31m", r"a\tb\n\x1b[31m"),
    ],
)
def test_a_cell_is_one_line_in_which_nothing_steers_the_terminal(cell, text):
    assert shown(cell) == text


def test_rows_of_numbers_are_shortened():
    data = ScanData([log("w", [0, 1], [[1.0, 2.5, 3.0], [4.0, 5.0, 6.0]]), log("v", [1], [[1.0] * 9])])
    cells = [row[2:] for row in Rows().of(data)]
    assert cells == [("[1, 2.5, 3]", ""), ("[4, 5, 6]", "[1, 1, 1, ...]")]


# -- downloads ----------------------------------------------------------------------------------------------


def test_a_long_download_shows_how_much_has_come_and_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(download, "_SHORT", -1.0)
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with Download(console) as shown_download:
        shown_download.progress(12_300_000)
        shown_download.progress(24_600_000)
    text = console.file.getvalue()
    assert "12.3 MB" in text or "24.6 MB" in text
    assert text.endswith("\x1b[2K")


@pytest.mark.parametrize(("terminal", "short"), [(False, -1.0), (True, 3600.0)])
def test_nothing_is_shown_of_a_short_download_or_where_nobody_looks(monkeypatch, terminal, short):
    monkeypatch.setattr(download, "_SHORT", short)
    console = Console(file=io.StringIO(), force_terminal=terminal)
    with Download(console) as shown_download:
        shown_download.progress(12_300_000)
    assert console.file.getvalue() == ""
