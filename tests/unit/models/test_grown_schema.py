"""A schema is the one source: what is added to it is known everywhere, with no other file touched."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("grown.py")
LABEL = """      <xs:element name="label" type="text" minOccurs="0">
        <xs:annotation><xs:documentation>What the wait is for.</xs:documentation></xs:annotation>
      </xs:element>
"""
BEAM_DUMP = """  <xs:complexType name="beam_dump">
    <xs:annotation><xs:documentation>Lead the beam into the dump.</xs:documentation></xs:annotation>
    <xs:all>
      <xs:element name="mode">
        <xs:annotation><xs:documentation>How it is led there.</xs:documentation></xs:annotation>
        <xs:simpleType>
          <xs:restriction base="xs:string">
            <xs:enumeration value="fast"/>
            <xs:enumeration value="slow"/>
          </xs:restriction>
        </xs:simpleType>
      </xs:element>
      <xs:element name="seconds" type="seconds" default="2" minOccurs="0">
        <xs:annotation>
          <xs:documentation>How long it stays there, in seconds.</xs:documentation>
        </xs:annotation>
      </xs:element>
      <xs:element ref="error_handler" minOccurs="0"/>
    </xs:all>
  </xs:complexType>
</xs:schema>"""
SNIPPET = """from typing import assert_type

from scan_sdk import BeamDump, CommandSequence, Delay

assert_type(Delay(1, label="settle").label, str | None)
assert_type(BeamDump("slow", seconds=3).seconds, float)
CommandSequence(BeamDump(mode="fast"))
BeamDump("slwo")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
BeamDump("slow", second=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
"""


def after(text: str, place: str, addition: str) -> str:
    assert text.count(place) == 1
    return text.replace(place, place + addition)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, made anew from a schema with two additions."""
    folder = tmp_path_factory.mktemp("grown")
    for name in ("scan_sdk", "schemas"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    schema = folder / "schemas" / "commands.xsd"
    text = schema.read_text(encoding="utf-8")
    text = after(
        text, '<xs:element name="script" type="script"/>', '<xs:element name="beam_dump" type="beam_dump"/>'
    )
    delay, seconds = (
        text.index('<xs:complexType name="delay">'),
        "in seconds.</xs:documentation></xs:annotation>\n      </xs:element>\n",
    )
    end = text.index(seconds, delay) + len(seconds)
    text = (text[:end] + LABEL + text[end:]).replace("</xs:schema>", BEAM_DUMP)
    schema.write_text(text, encoding="utf-8")
    run(folder, sys.executable, "schemas/generate.py")
    return folder


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder), "MYPYPATH": str(folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_is_added_to_a_schema_is_known_to_all_rooms(copy):
    shutil.copy(PROGRAM, copy)
    steps = run(copy, sys.executable, PROGRAM.name).split()
    assert steps == ["constructor", "signature", "strategies", "xml", "formats", "lint", "patch", "pyscan"]


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_what_is_added_to_a_schema_is_known_to_type_checkers(copy, checker):
    pytest.importorskip(checker, reason="installed with the extra dev")
    (copy / "snippet.py").write_text(SNIPPET)
    options = ["--strict", "--warn-unused-ignores"] if checker == "mypy" else []
    (copy / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "extraPaths": ["."]}')
    if checker == "pyright":
        options = ["--pythonpath", sys.executable]
    run(copy, sys.executable, "-m", checker, *options, "snippet.py")
