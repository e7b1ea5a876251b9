"""The schemas are the source of the wire format: recordings fit them, and the models come from them."""

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scan_sdk import Comparison, ScanState
from scan_sdk._wire.commands import write_commands
from scan_sdk._wire.log import sample_text, write_log
from scan_sdk._wire.patch import write_patch
from scan_sdk._wire.replies import (
    write_devices,
    write_error,
    write_scan,
    write_scans,
    write_server,
    write_simulation,
)
from scan_sdk.models import ScanConfig
from scan_sdk.models.base import fields_of, tag_of
from scan_sdk.models.commands import COMMANDS
from scan_sdk.testing.strategies import (
    command_sequences,
    device_infos,
    patches,
    scan_data,
    scan_infos,
    scan_server_infos,
    simulation_results,
    texts,
)

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
CONTRACT = ROOT / "tests" / "contract"
XS = "{http://www.w3.org/2001/XMLSchema}"
SDK = "{urn:scan_sdk:schema}"
COMPONENTS = ["simpleType", "complexType", "enumeration"]
NAMES = ["commands", "patch", "replies", "scan_config"]

# Documents that were recorded because something is wrong with them.
WRONG = {
    "err-post-server": "not a command document",
    "err-submit-malformed": "not well-formed",
    "err-submit-wrongroot": "wrong root",
    "simulate-loop-nan": "a step that is no number",
    "submit-loop-infinite": "a loop without end",
    "cmds-loop-infinite": "a loop without end",
    "err-patch-noproperty": "no property",
    "err-patch-malformed": "not well-formed",
    "err-patch-wrongroot": "wrong root",
    "bad-xml-0": "not well-formed",
    "bad-xml-1": "wrong root",
    "bad-xml-2": "unknown command",
    "bad-xml-3": "a log of nothing",
    "bad-xml-4": "unknown command",
}


@cache
def schema(name):
    return etree.XMLSchema(etree.parse(SCHEMAS / f"{name}.xsd"))


def recorded():
    """Yield name, schema and text of each document that was sent or received."""
    for exchange in json.loads((CONTRACT / "recorded" / "exchanges.json").read_text(encoding="utf-8")):
        request = exchange["request"].lstrip()
        if request.startswith("<"):
            kind = "patch" if exchange["path"].endswith("/patch") else "commands"
            yield exchange["name"], kind, request
        if exchange["status"] == 200 and (exchange["content_type"] or "").startswith("text/xml"):  # noqa: SIM102
            if exchange["body"]:
                yield exchange["name"], "replies", exchange["body"]
    for path in sorted((CONTRACT / "conformance" / "scenarios").glob("*.json")):
        scenario = json.loads(path.read_text(encoding="utf-8"))
        for number, step in enumerate(step for step in scenario["steps"] if "xml" in step):
            yield f"{scenario['name']}-{number}", "commands", step["xml"]


DOCUMENTS = list(recorded())


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_compiles(name):
    assert schema(name) is not None


def test_what_was_recorded_fits_the_schemas_save_what_is_meant_to_be_wrong():
    schemas = {name: schema(name) for name in NAMES}
    unfit = {}
    for name, kind, text in DOCUMENTS:
        try:
            schemas[kind].assertValid(etree.fromstring(text.encode()))
        except (etree.DocumentInvalid, etree.XMLSyntaxError) as error:
            unfit[name] = str(error)
    assert unfit.keys() == WRONG.keys(), unfit
    assert len(DOCUMENTS) > 190


def test_the_recorded_configuration_fits_its_schema():
    schema("scan_config").assertValid(etree.parse(CONTRACT / "conformance" / "scan_config.xml"))


@pytest.mark.parametrize("name", NAMES)
def test_every_type_and_element_is_documented(name):
    root = etree.parse(SCHEMAS / f"{name}.xsd").getroot()
    named = [element for tag in COMPONENTS for element in root.iter(f"{XS}{tag}")]
    for kind in root.iter(f"{XS}complexType"):
        lists_things = kind.get("name") == "body" or kind.get("name", "").endswith("List")
        if kind.get(f"{SDK}model") != "none" and not lists_things:
            named += [element for element in kind.iter(f"{XS}element") if element.get("name")]
    bare = [
        element.get("name") or element.get("value")
        for element in named
        if not (element.findtext(f"{XS}annotation/{XS}documentation") or "").strip()
    ]
    assert bare == []


def test_the_generated_models_are_fresh(tmp_path):
    shutil.copytree(SCHEMAS, tmp_path / "schemas", ignore=shutil.ignore_patterns("__pycache__"))
    target = tmp_path / "out" / "_generated.py"
    program = [sys.executable, str(tmp_path / "schemas" / "generate.py"), str(target)]
    subprocess.run(program, check=True, capture_output=True)
    assert [path.name for path in target.parent.iterdir()] == ["_generated.py"]
    assert target.read_bytes() == (ROOT / "scan_sdk" / "models" / "_generated.py").read_bytes()


def test_the_enumerations_agree_with_the_schemas():
    def values(name, kind):
        found = etree.parse(SCHEMAS / f"{name}.xsd").getroot().find(f"{XS}simpleType[@name='{kind}']")
        return [value.get("value") for value in found.iter(f"{XS}enumeration")]

    assert values("commands", "comparison") == list(Comparison)
    assert values("replies", "scanState") == list(ScanState)


@pytest.mark.parametrize("cls", COMMANDS, ids=lambda cls: cls.__name__)
def test_the_tables_of_the_commands_are_those_of_the_schema(cls):
    root = etree.parse(SCHEMAS / "commands.xsd").getroot()
    elements = root.find(f"{XS}complexType[@name='{tag_of(cls)}']").iter(f"{XS}element")
    defaults = {element.get("name") or element.get("ref"): element.get("default") for element in elements}
    defaults |= {"error_handler": ""} if "error_handler" in defaults else {}
    assert [field.tag for field in fields_of(cls)] == list(defaults)
    for field in fields_of(cls):
        text = defaults[field.tag]
        if field.kind in {"number", "value"} and text is not None:
            assert field.default == float(text)
        elif field.kind == "boolean":
            assert field.default is (text == "true")
        elif field.kind in {"text", "enum"}:
            assert field.default == text


@given(command_sequences())
def test_what_is_written_fits_the_schema(scan):
    schema("commands").assertValid(etree.fromstring(scan.to_xml().encode()))
    schema("commands").assertValid(etree.fromstring(write_commands(scan, as_server=True).encode()))


REPLIES = [
    scan_infos().map(write_scan),
    st.lists(scan_infos(), max_size=3).map(write_scans),
    scan_server_infos().map(write_server),
    st.lists(device_infos(), max_size=3).map(write_devices),
    simulation_results().map(write_simulation),
    st.builds(write_error, texts(), texts()),
    scan_data().map(
        lambda data: "".join(
            write_log(
                (name, zip(log.serial, log.time, map(sample_text, log.value.tolist()), strict=True))
                for name, log in data.items()
            )
        )
    ),
]


@given(st.one_of(REPLIES))
def test_replies_that_are_written_fit_the_schema(text):
    schema("replies").assertValid(etree.fromstring(text.encode()))


@given(patches().map(write_patch))
def test_patches_that_are_written_fit_the_schema(text):
    schema("patch").assertValid(etree.fromstring(text.encode()))


def test_the_defaults_of_the_configuration_are_those_of_the_schema():
    root = etree.parse(SCHEMAS / "scan_config.xsd").getroot()
    config = ScanConfig()
    for element in root.find(f"{XS}complexType[@name='configuration']").iter(f"{XS}element"):
        name = element.get(f"{SDK}name", element.get("name"))
        default = element.get("default")
        if default is not None:
            assert str(getattr(config, name)) in {default, f"{default}.0"}, name
