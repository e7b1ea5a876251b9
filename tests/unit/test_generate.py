"""Models of a site's own commands, from its schema: by `scan-sdk generate`, and by xsdata's command line."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from pydantic import ValidationError

from scan_sdk import Delay, InvalidSchema, MissingExtra
from scan_sdk._registry import COMMANDS
from scan_sdk.generate import generate, plugin
from scan_sdk.models.base import fields_of, patch_names_of
from scan_sdk.testing.strategies import commands_of

ROOT = Path(__file__).parents[2]
OPENING = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:sdk="urn:scan_sdk:schema">'
SITE = f"""{OPENING}
  <xs:include schemaLocation="commands.xsd"/>

  <xs:simpleType name="energy">
    <xs:annotation><xs:documentation>The energy of photons, in keV.</xs:documentation></xs:annotation>
    <xs:restriction base="xs:double"><xs:minInclusive value="1"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="softEnergy">
    <xs:restriction base="energy"><xs:maxInclusive value="2"/></xs:restriction>
  </xs:simpleType>
  <xs:group name="common">
    <xs:sequence><xs:element name="label" type="xs:string" minOccurs="0"/></xs:sequence>
  </xs:group>
  <xs:complexType name="noted">
    <xs:annotation><xs:documentation>A note for the night shift.</xs:documentation></xs:annotation>
    <xs:sequence><xs:element name="note" type="xs:string" default=""/></xs:sequence>
  </xs:complexType>

  <xs:element name="beam_dump">
    <xs:annotation><xs:documentation>Lead the beam into the dump.</xs:documentation></xs:annotation>
    <xs:complexType>
      <xs:complexContent>
        <xs:extension base="noted">
          <xs:sequence>
            <xs:element name="mode">
              <xs:annotation><xs:documentation>How it is led there.</xs:documentation></xs:annotation>
              <xs:simpleType>
                <xs:restriction base="xs:string">
                  <xs:enumeration value="fast"/>
                  <xs:enumeration value="very slow"/>
                </xs:restriction>
              </xs:simpleType>
            </xs:element>
            <xs:element name="energy" type="softEnergy" sdk:patch="photon_energy"/>
            <xs:element name="device" type="deviceName"/>
            <xs:element name="count" default="4">
              <xs:simpleType>
                <xs:restriction base="xs:int"><xs:minInclusive value="3"/></xs:restriction>
              </xs:simpleType>
            </xs:element>
            <xs:element name="points" minOccurs="0">
              <xs:complexType>
                <xs:sequence><xs:element name="point" type="energy" maxOccurs="unbounded"/></xs:sequence>
              </xs:complexType>
            </xs:element>
            <xs:group ref="common"/>
            <xs:element ref="error_handler" minOccurs="0"/>
          </xs:sequence>
        </xs:extension>
      </xs:complexContent>
    </xs:complexType>
  </xs:element>
  <xs:element name="guarded">
    <xs:complexType>
      <xs:all>
        <xs:element name="body" type="body"/>
        <xs:element name="how" type="comparison" minOccurs="0"/>
      </xs:all>
    </xs:complexType>
  </xs:element>
  <xs:element name="note" type="noted"/>
</xs:schema>
"""
SNIPPET = """from typing import assert_type

from site_commands import BeamDump, Guarded, Note

from scan_sdk import CommandSequence, Delay

assert_type(BeamDump("fast", 1.5, "shutter", points=[1, 2], label="x").label, str | None)
CommandSequence(Guarded(Delay(1), [Note(note="x")], how=">="))
BeamDump("quick", 1.5, "shutter")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
BeamDump("fast", 1.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
"""


@pytest.fixture
def schema(tmp_path):
    (tmp_path / "commands.xsd").write_bytes((ROOT / "schemas" / "commands.xsd").read_bytes())
    path = tmp_path / "site.xsd"
    path.write_text(SITE)
    return path


def run(folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def site(schema):
    """The module that `scan-sdk generate` writes."""
    run(schema.parent, "scan_sdk.cli", "generate", "site.xsd", "-o", "site_commands.py")
    spec = importlib.util.spec_from_file_location("site_commands", schema.with_name("site_commands.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for tag in ("beam_dump", "guarded", "note"):
        COMMANDS.remove(tag)


def test_elements_at_the_top_are_commands_and_registered(site):
    assert COMMANDS.get("beam_dump") is site.BeamDump
    dump = site.BeamDump("very slow", 1.5, "shutter", points=[1, 2], label="x")
    assert repr(dump) == "BeamDump('very slow', 1.5, 'shutter', points=[1, 2], label='x')"
    assert dump.model_dump(mode="json") == {
        "command": "beam_dump",
        "note": "",
        "mode": "very slow",
        "energy": 1.5,
        "device": "shutter",
        "count": 4,
        "points": [1.0, 2.0],
        "label": "x",
        "error_handler": "",
    }
    assert site.Guarded(Delay(1), dump, how=">=").body == (Delay(1), dump)


def test_signature_and_texts_are_those_of_the_schema(site):
    parameters = inspect.signature(site.BeamDump).parameters
    assert [*parameters] == ["mode", "energy", "device", "note", "count", "points", "label", "error_handler"]
    assert inspect.getdoc(site.BeamDump).startswith("Lead the beam into the dump.")
    assert "mode: How it is led there." in inspect.getdoc(site.BeamDump.__init__)
    assert site.Note.__doc__ == "A note for the night shift."
    assert patch_names_of(site.BeamDump)["energy"] == "photon_energy"
    assert [field.tag for field in fields_of(site.BeamDump)][:3] == ["note", "mode", "energy"]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({"mode": "quick"}, "give one of fast, very slow"),
        ({"energy": 0.5}, "give a finite number, 1 or more, 2 or less"),
        ({"energy": 3}, "give a finite number, 1 or more, 2 or less"),
        ({"device": ""}, "give the name of a PV"),
        ({"count": 2}, "give a whole number, 3 or more"),
        ({"points": [0]}, "give a finite number, 1 or more"),
        ({"colour": "red"}, "BeamDump has no option 'colour'"),
    ],
)
def test_values_are_checked_as_the_schema_says(site, fields, hint):
    with pytest.raises(ValidationError, match=hint):
        site.BeamDump(**{"mode": "fast", "energy": 1, "device": "x"} | fields)


def test_strategies_make_what_the_schema_allows(site):
    @given(commands_of(site.BeamDump))
    def holds(command):
        assert command.mode in {"fast", "very slow"}
        assert 1 <= command.energy <= 2
        assert command.count >= 3

    holds()


def test_xsdata_writes_the_same(schema):
    run(schema.parent, "xsdata", "generate", "site.xsd", "--output", "scan-sdk", "--package", "bl7")
    assert [path.name for path in (schema.parent / "bl7").iterdir()] == ["site.py"]
    assert (schema.parent / "bl7" / "site.py").read_text() == generate(schema)


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_type_checkers_find_nothing_and_know_the_commands(schema, checker):
    pytest.importorskip(checker, reason="installed with the extra dev")
    (schema.parent / "site_commands.py").write_text(generate(schema))
    (schema.parent / "snippet.py").write_text(SNIPPET)
    (schema.parent / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    strict = ["--strict"] if checker == "mypy" else ["--pythonpath", sys.executable]
    run(schema.parent, checker, *strict, "site_commands.py", "snippet.py")


def element(content, kind="xs:all"):
    return f'<xs:element name="park"><xs:complexType><{kind}>{content}</{kind}></xs:complexType></xs:element>'


DEEP = """<xs:element name="spot"><xs:complexType><xs:all>
    <xs:element name="x" type="xs:double"/><xs:element name="y" type="xs:double"/>
</xs:all></xs:complexType></xs:element>"""
UNION = """<xs:element name="spot"><xs:simpleType>
    <xs:union memberTypes="xs:double xs:string"/>
</xs:simpleType></xs:element>"""
ATTRIBUTE = """<xs:element name="park"><xs:complexType>
    <xs:attribute name="spot" type="xs:int"/>
</xs:complexType></xs:element>"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<xs:nonsense>", "is no XML Schema"),
        ("", "declares no command: give it an element at the top that holds elements"),
        ('<xs:element name="flag" type="xs:boolean"/>', "declares no command"),
        (
            element('<xs:element name="spot" type="xs:dateTime"/>'),
            "<spot> of park is of the type dateTime: use one of",
        ),
        (
            element('<xs:element name="class" type="xs:string"/>'),
            "<class> of park cannot be called so in Python",
        ),
        (element('<xs:element name="a-b" type="xs:string"/>'), "<a-b> of park cannot be called so in Python"),
        (
            element('<xs:element name="spot" type="xs:double" default="x"/>'),
            "has the default 'x', which is no number",
        ),
        (element(DEEP), "<spot> of park holds elements of different kinds: use a simple type"),
        (element(UNION), "<spot> of park is a union without a name"),
        (
            element('<xs:element name="spot" type="xs:double" maxOccurs="3"/>', "xs:sequence"),
            "<spot> of park may be repeated: put it in an element that holds nothing else",
        ),
        (element("<xs:any/>", "xs:sequence"), "of park is an attribute, a text or a wildcard"),
        (
            ATTRIBUTE,
            "<spot> of park is an attribute",
        ),
        (
            '<xs:element name="park"><xs:complexType mixed="true"/></xs:element>',
            "park mixes text and elements",
        ),
        (
            '<xs:simpleType name="digits"><xs:restriction base="xs:decimal"><xs:totalDigits value="3"/>'
            "</xs:restriction></xs:simpleType>" + element('<xs:element name="spot" type="digits"/>'),
            "digits has the restriction total_digits, which is not kept here",
        ),
    ],
)
def test_what_cannot_be_a_command_is_refused_with_a_sentence(tmp_path, text, sentence):
    path = tmp_path / "site.xsd"
    path.write_text(f"{OPENING}{text}</xs:schema>")
    with pytest.raises(InvalidSchema, match=sentence.replace("(", r"\(")):
        generate(path)


def test_a_namespace_is_refused(tmp_path):
    path = tmp_path / "site.xsd"
    path.write_text(OPENING.replace(">", ' targetNamespace="urn:x">') + "</xs:schema>")
    with pytest.raises(InvalidSchema, match="has a targetNamespace, but commands stand in none"):
        generate(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidSchema, match="cannot be read"):
        generate(tmp_path / "site.xsd")


def test_without_ruff_the_error_names_the_extra(schema, monkeypatch):
    monkeypatch.setattr(plugin, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="generate"):
        generate(schema)


def test_without_xsdata_the_error_names_the_extra():
    program = "import importlib.util as u; u.find_spec = lambda *_: None; import scan_sdk.generate"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingExtra" in done.stderr
    assert "scan_sdk[generate]" in done.stderr
