"""The package of a site that docs/how-to/extend.md shows is installed, found and used."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "bl7"
USE = """
from bl7_scans import BeamDump
from scan_sdk import CommandSequence, OtherCommand, ScanClient, ScanFailed, check, extend, simulate
from scan_sdk.server import EmbeddedServer

assert extend.problems() == ()
scan = CommandSequence(BeamDump(2, seconds=3))
again = CommandSequence.from_xml(scan.to_xml(), strict=True)
assert again == scan and type(again[0]) is BeamDump, again
assert CommandSequence.from_json(scan.to_json()) == scan
assert [finding.code for finding in check(BeamDump(1, seconds=1))] == ["BL701"]
assert simulate(scan).seconds == 3
with EmbeddedServer(clock="virtual") as server, ScanClient(url=server.url) as client:
    scan_id = client.submit(scan)
    info = client.wait_until_done(scan_id, timeout=30)
    assert (info.total_work_units, info.runtime.total_seconds() >= 3) == (2, True), info
    [found] = client.scan_commands(scan_id)
    assert found == BeamDump(2, seconds=3), found
    client.get_data(scan_id).write("run.summary")
    print(open("run.summary").read(), end="")
    try:
        client.wait_until_done(client.submit(BeamDump(3)), timeout=30)
    except ScanFailed as failure:
        print(failure.info.error)
"""


def run(*arguments, folder):
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the package installed, as pip does it."""
    folder = tmp_path_factory.mktemp("site")
    source = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("source") / "bl7")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(folder),
        str(source),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return folder


def test_the_package_is_installed_found_and_used(site):
    code, out, err = run("-c", USE, folder=site)
    assert (code, out) == (0, "memo://dump: 1 samples, last mode 2\nthere is no dump 3\n"), err


def test_the_command_line_finds_it_by_itself(site):
    (site / "night.scn").write_text(
        "<commands><beam_dump><mode>1</mode><seconds>1</seconds></beam_dump></commands>"
    )
    code, out, err = run("-m", "scan_sdk.cli", "check", "--strict", "night.scn", folder=site)
    assert code == 20, err
    assert "BL701 the beam stays 1 s in the dump" in out
    assert "SC202" not in out
    code, out, err = run("-m", "scan_sdk.cli", "convert", "night.scn", "--to", "python", folder=site)
    assert "BeamDump(1, seconds=1)" in out, err


def test_without_it_the_command_is_kept_and_reported(tmp_path):
    (tmp_path / "night.scn").write_text("<commands><beam_dump><mode>1</mode></beam_dump></commands>")
    code, out, err = run("-m", "scan_sdk.cli", "check", "night.scn", folder=tmp_path)
    assert code == 0, err
    assert "SC202 unknown command <beam_dump>" in out


def test_the_commands_are_those_that_the_schema_gives(tmp_path):
    shutil.copy(EXAMPLE / "bl7.xsd", tmp_path)
    code, _, err = run("-m", "scan_sdk.cli", "generate", "bl7.xsd", "-o", "commands.py", folder=tmp_path)
    assert code == 0, err
    assert (tmp_path / "commands.py").read_bytes() == (EXAMPLE / "bl7_scans" / "commands.py").read_bytes()
