"""The schemas that editors and validators get."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
from lxml import etree

from scan_sdk.formats import SCHEMAS, dump_commands, json_schema, xsd
from scan_sdk.models import Loop, Set
from scan_sdk.sequence import CommandSequence

XS = "{http://www.w3.org/2001/XMLSchema}"
ROOT = Path(__file__).parents[3]
SCAN = CommandSequence(Set("x", 1, readback=True), Loop("x", 1, 2, 1, Set("y", "a")))


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_xml_schema_is_complete_in_one_file(name):
    assert "schemaLocation" not in xsd(name)
    etree.XMLSchema(etree.fromstring(xsd(name).encode())).assertValid(etree.fromstring(SCAN.to_xml()))


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_of_a_checkout_are_those_at_its_root(name):
    text = (ROOT / "schemas" / f"{name}.xsd").read_text(encoding="utf-8")
    before, _, after = text.partition('  <xs:include schemaLocation="commands.xsd"/>\n')
    assert xsd(name).startswith(before)
    assert xsd(name).endswith(after)


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="xmllint is not installed")
def test_xmllint_takes_what_is_written(tmp_path):
    (tmp_path / "commands.xsd").write_text(xsd("commands"), encoding="utf-8")
    scan = tmp_path / "night.scn"
    scan.write_text('<?xml-model href="commands.xsd"?>\n' + SCAN.to_xml(), encoding="utf-8")
    program = ["xmllint", "--noout", "--schema", tmp_path / "commands.xsd", scan]
    assert subprocess.run(program, check=False, capture_output=True).returncode == 0
    scan.write_text("<commands><dely/></commands>", encoding="utf-8")
    assert subprocess.run(program, check=False, capture_output=True).returncode == 3


@pytest.mark.parametrize("name", ["commands", "patch", "scan_config"])
def test_editors_find_a_text_for_each_element_at_it_or_at_its_type(name):
    root = etree.fromstring(xsd(name).encode())
    text = f"{XS}annotation/{XS}documentation"
    types = {kind.get("name"): kind for kind in root if kind.tag in {f"{XS}simpleType", f"{XS}complexType"}}
    elements = [element for element in root.iter(f"{XS}element") if element.get("name")]
    assert len(elements) > 50
    for element in elements:
        kind = types.get(element.get("type"))
        assert element.findtext(text) or (kind is not None and kind.findtext(text)), element.get("name")


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_json_schema_is_valid_and_says_what_it_is(name):
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:scan_sdk:schema:{name}"
    assert schema["title"]
    assert "Example" not in json.dumps(schema)


def test_the_json_schema_of_commands_describes_each_option():
    for definition in json_schema("commands")["$defs"].values():
        for name, option in definition.get("properties", {}).items():
            assert option["description"], name


@pytest.mark.parametrize(
    ("options", "valid"),
    [
        ({"readback": True}, True),
        ({"readback": True, "readback_value": 5}, True),
        ({"readback_value": 5}, False),
        ({"readback": False, "wait": True, "readback_value": 5}, False),
        ({"wait": True, "readback_value": None}, True),
        ({"wait": True, "readback_value": ""}, False),
        ({"readback": ""}, False),
        ({"complation": True}, False),
        ({"tolerance": -1}, False),
        ({"value": True}, False),
    ],
)
def test_rules_across_options_are_in_the_json_schema(options, valid):
    command = {"command": "set", "device": "x", "value": 1, **options}
    assert jsonschema.Draft202012Validator(json_schema("commands")).is_valid([command]) is valid
    try:
        CommandSequence.from_json(json.dumps([command]))
    except ValueError:
        assert not valid
    else:
        assert valid


def test_a_schema_for_json_fits_yaml_too():
    yaml = pytest.importorskip("yaml")
    jsonschema.validate(yaml.safe_load(dump_commands(SCAN, "yaml")), json_schema("commands"))


def shipped():
    """Return where the wheel puts each schema."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]


def test_the_wheel_brings_all_xml_schemas():
    assert sorted(ROOT / path for path in shipped()) == sorted((ROOT / "schemas").glob("*.xsd"))


def test_an_installed_package_finds_its_xml_schemas(tmp_path):
    shutil.copytree(ROOT / "scan_sdk", tmp_path / "scan_sdk", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "scan_sdk" / "formats" / "xsd").mkdir()
    for path, target in shipped().items():
        shutil.copy(ROOT / path, tmp_path / target)
    ask = "import scan_sdk.formats as f; print(f.__file__, *map(f.xsd, f.SCHEMAS), sep=chr(0), end='')"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
    )
    file, *schemas = done.stdout.split("\0")
    assert Path(file).is_relative_to(tmp_path)
    assert schemas == [xsd(name) for name in SCHEMAS]
