"""`scan-sdk monitor` as a command: where it cannot show anything, and in a terminal of its own."""

import os
import pty
import re
import subprocess
import sys

from scan_sdk.cli import _monitor


def test_without_a_terminal_it_says_what_there_is_instead(scan_sdk):
    ran = scan_sdk("monitor")
    assert (ran.code, ran.out) == (2, "")
    assert "the monitor needs a terminal" in ran.err


def test_a_missing_package_is_named(scan_sdk, monkeypatch):
    monkeypatch.setattr(_monitor, "find_spec", lambda _: None)
    ran = scan_sdk("monitor")
    assert ran.code == 10
    assert "scan_sdk[monitor]" in ran.err


def test_the_program_does_not_import_textual_before_it_is_needed():
    code = "import sys, scan_sdk.cli.app, scan_sdk.cli.commands.monitor; print('textual' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_in_a_terminal_it_shows_the_server_and_ends_with_q(scan_server):
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    command = [sys.executable, "-m", "scan_sdk.cli", "monitor", "--url", scan_server.url]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while b"There are no scans" not in re.sub(rb"\x1b\[[\d;?]*[a-zA-Z]", b"", shown):
            shown += os.read(ours, 65536)
        os.write(ours, b"q")
        try:
            while os.read(ours, 65536):
                pass
        except OSError:  # it has closed its end
            pass
        assert process.wait(10) == 0
    os.close(ours)
