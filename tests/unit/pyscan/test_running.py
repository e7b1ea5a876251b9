"""Old scripts and modules, run in processes of their own; and the modules that they import."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from scan_sdk import pyscan
from scan_sdk.pyscan import running
from scan_sdk.server import EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = """
import sys
from helper import where
from scan import *

client = ScanClient(*sys.argv[1].split(":"))
id = client.submit([Loop("setpoint", 1, 3, 1, Log("setpoint"))], "Old script")
print(client.waitUntilDone(id))
print(createTable(client.getData(id), "setpoint"))
print(__name__, where, sys.argv[2:])
sys.exit(7)
"""


@pytest.fixture
def without_scan() -> Iterator[None]:
    """Begin and end without `scan`, which tests and examples install."""

    def take_away() -> None:
        for name in [name for name in sys.modules if name == "scan" or name.startswith("scan.")]:
            del sys.modules[name]

    take_away()
    yield
    take_away()


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scan_sdk.cli", "pyscan", *arguments]
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_script_is_run_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "scripts"
    folder.mkdir()
    (folder / "old.py").write_text(SCRIPT)
    (folder / "helper.py").write_text("where = 'beside it'")
    with EmbeddedServer() as server:
        done = run("scripts/old.py", f"127.0.0.1:{server.port}", "-m", "--help", cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "'Old script' [1]: Finished",
        "[[1.0, 2.0, 3.0]]",
        "__main__ beside it ['-m', '--help']",
    ]
    assert done.returncode == 7


def test_an_error_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    script = tmp_path / "old.py"
    script.write_text("from scan import *\n\ndef go():\n    Loop('x', 1, 2, 1, boddy=[])\n\ngo()\n")
    done = run(str(script), cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert lines[:2] == ["Traceback (most recent call last):", f'  File "{script}", line 6, in <module>']
    assert lines[-1].startswith(
        "TypeError: Loop() got an unexpected keyword argument 'boddy'; did you mean 'body'?"
    )
    assert "runpy" not in done.stderr
    assert "running.py" not in done.stderr
    assert done.returncode == 1


def test_a_module_is_run_with_what_stands_behind_it(tmp_path: Path) -> None:
    (tmp_path / "check.py").write_text(
        "import unittest\nfrom scan.commands import Delay\n\n"
        "class Check(unittest.TestCase):\n    def test(self):\n"
        "        self.assertEqual(str(Delay(1)), 'Delay(1)')\n"
    )
    done = run("-m", "unittest", "-v", "check", cwd=tmp_path)
    assert "test (check.Check.test) ... ok" in done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["missing.py"], "cannot read missing.py: No such file or directory"),
        (["-x", "a.py"], "-x is no option of it"),
        (["-m"], "name a module"),
    ],
)
def test_what_cannot_be_run_is_told(arguments: list[str], reason: str, tmp_path: Path) -> None:
    from scan_sdk.cli.common import Complaint
    from scan_sdk.cli.pyscan import run_old

    with pytest.raises(Complaint, match=reason) as caught:
        run_old(arguments)
    assert caught.value.code == 2


def test_without_a_script_there_is_nothing_to_run() -> None:
    from scan_sdk.cli.common import Complaint
    from scan_sdk.cli.pyscan import run_old

    with pytest.raises(Complaint, match="name a script"):
        run_old([])


@pytest.mark.usefixtures("without_scan")
def test_a_script_finds_sys_as_python_leaves_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "old.py"
    script.write_text("import sys\nprint(sys.argv, sys.path[0])\n")
    before = sys.argv, list(sys.path)
    assert running.run_script(str(script), ["a"]) == 0
    assert capsys.readouterr().out == f"{[str(script), 'a']} {tmp_path}\n"
    assert (sys.argv, sys.path) == before


@pytest.mark.usefixtures("without_scan")
def test_a_script_with_a_mistake_of_syntax_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "old.py"
    script.write_text("print 5\n")
    assert running.run_script(str(script)) == 1
    shown = capsys.readouterr().err
    assert f'File "{script}", line 1' in shown
    assert "SyntaxError" in shown
    assert "running.py" not in shown


@pytest.mark.usefixtures("without_scan")
def test_a_module_that_fails_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert running.run_module("scan_sdk.no_such_module") == 1
    assert "No module named scan_sdk.no_such_module" in capsys.readouterr().err


NAMES = """
scan: ScanClient CommandSequence Comment Set TableScan createNDimScan ScanSettings Data getTable __version__
scan.version: __version__ version_history
scan.client: ScanClient Data alignSerial createTable getDatetime getTable getTimeSeries
scan.client: iterateSamples iterateTable
scan.client.scanclient: ScanClient
scan.client.scaninfo: ScanInfo
scan.client.data: Data alignTime
scan.client.logdata: parseXMLData
scan.commands: Command CommandSequence If Include Log Loop Parallel Script Sequence Set
scan.commands: Wait ConfigLog Delay Comment
scan.commands.command: Command
scan.commands.commandsequence: CommandSequence
scan.commands.comment: Comment
scan.commands.configlog: ConfigLog
scan.commands.delay: Delay
scan.commands.iff: If
scan.commands.include: Include
scan.commands.log: Log
scan.commands.loop: Loop
scan.commands.parallel: Parallel
scan.commands.script: Script
scan.commands.sequence: Sequence
scan.commands.set: Set
scan.commands.wait: Wait
scan.util: ScanSettings setScanSettings SettingsBasedLoop SettingsBasedSet SettingsBasedWait
scan.util.scan_settings: DeviceSettings getScanSettings
scan.util.seconds: parseSeconds formatSecondsAsTime
scan.util.spreadsheet: readSpreadsheet writeSpreadsheet
scan.util.csvtable: readCsv writeCsv WRITE_TYPES
scan.util.excel: readExcel
scan.util.gnumeric: readGnumeric
scan.util.xml_helper: indent XML_HEADER
scan.table: TableScan loadTableScan
scan.table.table_scan: TableScan loadTableScan
scan.table.range_helper: range_matcher loop_matcher getRangeOrLoop getIterable expandRangeInRow expandRanges
scan.ndim: createNDimScan
scan.alignment: AlignmentScan
"""


@pytest.mark.usefixtures("without_scan")
@pytest.mark.parametrize("line", NAMES.strip().splitlines())
def test_names_are_where_old_scripts_look_for_them(line: str) -> None:
    module, _, names = line.partition(": ")
    pyscan.install()
    found: dict[str, object] = {}
    exec(f"from {module} import {', '.join(names.split())}\nimport {module}", found)
    assert set(names.split()) <= set(found)


@pytest.mark.usefixtures("without_scan")
def test_everything_comes_at_once_and_hides_no_builtin() -> None:
    pyscan.install()
    found: dict[str, object] = {}
    exec("from scan import *\nimport scan.commands.set", found)
    import builtins

    assert found["Set"] is pyscan.Set
    assert not {name for name in found if hasattr(builtins, name) and not name.startswith("_")}


@pytest.mark.usefixtures("without_scan")
def test_installing_twice_changes_nothing() -> None:
    pyscan.install()
    before = sys.modules["scan"]
    pyscan.install()
    assert sys.modules["scan"] is before
    with pytest.raises(ModuleNotFoundError):
        exec("import scan.no_such_module")


@pytest.mark.usefixtures("without_scan")
def test_another_scan_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scan.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    exec("import scan")
    with pytest.raises(ImportError, match=rf"imported already, from {tmp_path / 'scan.py'}: call"):
        pyscan.install()


def test_every_public_name_is_there() -> None:
    assert [name for name in pyscan.__all__ if not hasattr(pyscan, name)] == []
    assert sorted(pyscan.__all__) == pyscan.__all__
