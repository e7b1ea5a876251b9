"""The command line, run in this process and as a program."""

import re
import subprocess
import sys
from functools import partial

import pytest
from typer.testing import CliRunner

import scan_sdk
from scan_sdk.cli import app as cli
from scan_sdk.server import EmbeddedServer
from scan_sdk.server.clock import SystemClock


class FastClock(SystemClock):
    """A clock that is fast, for stories in which people pause a scan in time."""

    SPEED = 8.0

    def time(self):
        return super().time() * self.SPEED

    def monotonic(self):
        return super().monotonic() * self.SPEED

    def call_later(self, delay, callback):
        return super().call_later(delay / self.SPEED, callback)


@pytest.fixture
def runner():
    return CliRunner()


def run_program(*arguments):
    program = "from scan_sdk.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_version_is_that_of_the_package(runner):
    result = runner.invoke(cli.app, ["--version"])
    assert (result.exit_code, result.output.strip()) == (0, scan_sdk.__version__)


def test_without_arguments_it_shows_its_help(runner):
    result = runner.invoke(cli.app, [])
    assert "demo" in result.output


def test_demo_tells_the_whole_story_on_a_server_of_its_own(runner, monkeypatch):
    monkeypatch.setattr("scan_sdk.server.EmbeddedServer", partial(EmbeddedServer, clock=FastClock()))
    result = runner.invoke(cli.app, ["demo"])
    assert result.exit_code == 0, result.output
    told = " ".join(result.output.split())
    assert re.search(r"Open http://127.0.0.1:\d+/ in a browser to watch along", told)
    assert "Total estimated execution time" in told
    assert "Scan 1 'My First Scan': Finished" in told
    assert "Paused" in told
    assert "Aborted (Aborted)" in told
    assert "held by the server now: Set('motor_x', 5)" in told
    assert "ScanFailed: scan 4 'Timeout Test' Failed: Timeout while waiting for motor_x" in told
    assert "log calls: 40" in told


@pytest.mark.slow
def test_demo_leaves_a_given_server_as_it_found_it(runner):
    fast = EmbeddedServer(clock=FastClock(), token="t0ken")
    with fast as server, scan_sdk.ScanClient(url=server.url, token="t0ken") as client:
        before = client.submit(scan_sdk.Comment("mine"), "not the demo's")
        client.wait_until_done(before)
        result = runner.invoke(cli.app, ["demo", "--url", server.url], env={"SCAN_SDK_TOKEN": "t0ken"})
        assert result.exit_code == 0, result.output
        assert [info.id for info in client.scan_infos()] == [before]
        assert "in a browser" not in result.output


def test_demo_refuses_a_server_without_its_devices_and_names_them(tmp_path):
    config = tmp_path / "scan_config.xml"
    config.write_text(
        "<scan_config><pv><name>loc://motor_x(0)</name><alias>motor_x</alias></pv></scan_config>"
    )
    with EmbeddedServer(config) as server:
        result = run_program("demo", "--url", server.url)
    assert result.returncode == 1
    assert "motor_y, neutrons" in " ".join(result.stderr.split())


def test_demo_does_not_move_real_devices_unless_told(tmp_path):
    names = "".join(
        f"<pv><name>IOC:{name}</name><alias>{name}</alias></pv>"
        for name in ("motor_x", "motor_y", "neutrons")
    )
    config = tmp_path / "scan_config.xml"
    config.write_text(f"<scan_config>{names}</scan_config>")
    with EmbeddedServer(config) as server, scan_sdk.ScanClient(url=server.url) as client:
        result = run_program("demo", "--url", server.url)
        assert client.scan_infos() == ()
    assert result.returncode == 1
    assert "--yes" in result.stderr


def test_an_unreachable_server_is_one_line_on_stderr_and_no_traceback():
    result = run_program("demo", "--url", "http://127.0.0.1:9")
    assert result.returncode == 6
    assert result.stderr.startswith("scan-sdk:")
    assert "Traceback" not in result.stderr


def test_without_typer_it_says_what_to_install():
    program = "import sys; sys.modules['typer'] = None; from scan_sdk.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.returncode == 10
    assert "pip install 'scan_sdk[cli]'" in result.stderr
