"""The table of contents: what it says is so, and reading it costs little."""

import os
import subprocess
import sys

import pytest

from scan_sdk.cli.contents import SECTIONS, entries
from scan_sdk.cli.lazy import load
from scan_sdk.errors import ScanSdkError

HEAVY = ("pydantic", "httpx", "numpy", "rich", "scan_sdk.models", "scan_sdk.client", "scan_sdk.cli.commands")


@pytest.mark.parametrize("name", entries())
def test_a_command_is_where_the_table_says_and_does_what_it_says(name):
    command = load(name)
    assert command.help.split("\n\n")[0].replace("\n", " ") == entries()[name].help


def test_no_name_stands_under_two_headings():
    assert len(entries()) == sum(map(len, SECTIONS.values()))


def test_help_lists_all_commands_under_their_headings(scan_sdk):
    ran = scan_sdk("--help")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    for heading, section in SECTIONS.items():
        at = lines.index(f"{heading}:")
        shown = {line.split()[0] for line in lines[at:] if line.startswith("  ") and line[2] != " "}
        assert set(section) <= shown


def test_help_imports_nothing_heavy():
    program = (
        "import sys; sys.argv = ['scan-sdk', '--help']\n"
        "from scan_sdk.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "submit" in ran.stdout
    assert not set(HEAVY) & set(ran.stderr.split())


@pytest.mark.parametrize("name", entries())
def test_help_of_a_command_needs_neither_a_server_nor_its_packages(scan_sdk, name):
    ran = scan_sdk(name, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"Usage: scan-sdk {name} [OPTIONS]")


def test_an_unknown_command_is_answered_with_the_nearest(scan_sdk):
    ran = scan_sdk("lst")
    assert ran.code == 2
    assert "Did you mean 'list'?" in ran.err


def complete(*words, env=None):
    """Return what the shell would offer for the last word."""
    environment = os.environ | (env or {})
    environment |= {
        "_SCAN_SDK_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["scan-sdk", *words]),
        "COMP_CWORD": str(len(words)),
    }
    program = "import sys; sys.argv = ['scan-sdk']; from scan_sdk.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.stderr == ""
    return ran.stdout.split()


def test_the_shell_completes_commands_options_and_names_of_servers(config_file):
    config_file.write_text('[servers.bl7]\nurl = "http://a"\n[servers.bl9]\nurl = "http://b"\n')
    assert complete("s") == ["show", "submit", "simulate", "schema", "servers", "serve"]
    assert complete("watch", "--s") == ["--server"]
    assert complete("list", "--server", "bl") == ["bl7", "bl9"]
    config_file.write_text("[")
    assert complete("list", "--server", "bl") == []


def test_the_shell_gets_a_script_that_bash_understands():
    program = "import sys; sys.argv[0] = 'scan-sdk'; from scan_sdk.cli import main; main()"
    # Else it offers the script of the shell that it runs in, and takes no name
    environment = os.environ | {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", program, "--show-completion", "bash"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "_SCAN_SDK_COMPLETE=complete_bash" in ran.stdout
    subprocess.run(["bash", "-n"], input=ran.stdout, text=True, check=True)


# -- how the program ends -----------------------------------------------------------------------------------


@pytest.fixture
def failing(monkeypatch):
    """Let `scan-sdk info` fail with an error."""

    def fail_with(error):
        def info():
            raise error

        monkeypatch.setattr("scan_sdk.cli.commands.server.info", info)

    return fail_with


def test_what_nobody_foresaw_is_a_line_and_a_code_of_its_own(scan_sdk, failing):
    failing(ZeroDivisionError("division by [zero]"))
    ran = scan_sdk("info")
    assert ran.code == 70
    assert ran.err == (
        "scan-sdk: this should not have happened: ZeroDivisionError: division by [zero]. "
        "Please report it, with what SCAN_SDK_TRACEBACK=1 in the environment shows\n"
    )


@pytest.mark.parametrize(("error", "code"), [(ZeroDivisionError("oh"), 70), (ScanSdkError("oh"), 1)])
def test_a_traceback_is_shown_to_those_who_ask_for_it(scan_sdk, failing, monkeypatch, error, code):
    failing(error)
    assert "Traceback" not in scan_sdk("info").err
    monkeypatch.setenv("SCAN_SDK_TRACEBACK", "1")
    ran = scan_sdk("info")
    assert ran.code == code
    assert "Traceback" in ran.err
    assert f"{type(error).__name__}: oh" in ran.err


def test_ctrl_c_ends_a_command_quietly(scan_sdk, failing):
    failing(KeyboardInterrupt())
    ran = scan_sdk("info")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
