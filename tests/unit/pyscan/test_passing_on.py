"""Modern commands pass through pyscan untouched, also those that PyScanClient does not know."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import pytest

from scan_sdk import CellSource, models
from scan_sdk.models.base import CommandModel, XmlField
from scan_sdk.pyscan import CommandSequence, Loop, Wait, legacy_of, modern_of
from scan_sdk.pyscan.conversion import modern_all

ROOT = Path(__file__).parents[3]

SECONDS = """in seconds.</xs:documentation></xs:annotation>
      </xs:element>
"""
LABEL = '      <xs:element name="label" type="text" default="" minOccurs="0"/>\n'
USE = """\
from scan_sdk import CommandSequence as Modern
from scan_sdk import models
from scan_sdk.pyscan import *

delay = models.Delay(2, label="rest")
[read] = Modern.from_xml("<commands><delay><seconds>2</seconds><label>rest</label></delay></commands>")
assert read == delay
old = legacy_of(delay)
assert modern_of(old) == delay
assert modern_of(Loop("x", 1, 2, 1, [delay])).body == (delay,)
assert b"<label>rest</label>" in CommandSequence(Sequence(delay)).genSCN()
assert list(map(repr, TableScan(["x"], [[1]], pre=delay).createScan(False))) == ["Delay(2)", "Set('x', 1.0)"]
assert modern_of(TableScan(["x"], [[1]], pre=delay).createScan()[0]) == delay
print(type(old).__module__)
"""


def test_a_field_that_is_new_in_the_schema_is_kept(tmp_path: Path) -> None:
    for name in ("scan_sdk", "schemas"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    schema = tmp_path / "schemas" / "commands.xsd"
    before, name, delay = schema.read_text(encoding="utf-8").partition('<xs:complexType name="delay">')
    schema.write_text(before + name + delay.replace(SECONDS, SECONDS + LABEL, 1), encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    program = [sys.executable, "schemas/generate.py"]
    subprocess.run(program, cwd=tmp_path, env=environment, check=True, timeout=60)
    run = subprocess.run(
        [sys.executable, "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.stderr, run.stdout) == ("", "scan_sdk.pyscan.simple\n")


@pytest.mark.parametrize(
    "command",
    [
        models.Wait("c", 5, tolerance=0),
        models.Set("m", 1, tolerance=0.5, timeout=7),
        models.Loop("m", 1, 2, 1, tolerance=0, timeout=3),
        models.Parallel(models.Wait("c", 5, tolerance=0)),
    ],
)
def test_what_pyscanclient_never_sends_is_sent_of_a_modern_command(command: models.Command) -> None:
    assert modern_of(legacy_of(command)) == command
    assert modern_all(CommandSequence([command])) == [command]


def test_a_setter_outranks_what_the_modern_command_said() -> None:
    wait = legacy_of(models.Wait("c", 5, tolerance=0, timeout=3))
    assert isinstance(wait, Wait)
    wait.setTolerance(0.5)
    wait.setTimeout(0)
    assert modern_of(wait) == models.Wait("c", 5, tolerance=0.5)


class Home(CommandModel):
    """A command of a site."""

    _POSITIONAL = ("device",)
    _XML_TAG = "home"
    _XML_FIELDS = (XmlField("device", "device", "text"),)

    command: Literal["home"] = "home"
    device: str


def test_a_command_of_another_kind_is_passed_on_as_it_is() -> None:
    home: Any = Home(device="motor_x").at(CellSource(3, "x"))
    scan = CommandSequence(models.Delay(1), home, Wait("c", 5))
    assert repr(scan[1]) == str(scan[1]) == "Home('motor_x')"
    assert scan[1].source == CellSource(3, "x")
    assert modern_of(scan[1]) is home
    assert modern_all(scan) == [models.Delay(1), home, models.Wait("c", 5)]


def test_a_command_of_another_kind_is_passed_on_within_a_body(monkeypatch: pytest.MonkeyPatch) -> None:
    home: Any = Home(device="motor_x")
    written = "<commands><comment><text>home</text></comment></commands>"
    monkeypatch.setattr("scan_sdk.pyscan.command.write_commands", lambda _: written)
    loop = modern_of(Loop("x", 1, 2, 1, [models.Delay(1), home], models.Log("x")))
    assert isinstance(loop, models.Loop)
    assert loop.body[1] is home
    assert (loop.body[0], loop.body[2]) == (models.Delay(1), models.Log("x"))
