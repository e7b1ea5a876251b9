"""What a copy of the package with two additions to its schema knows of them; run by test_grown_schema.py.

The schema has gained an optional <label> in delay, and a command <beam_dump> with mode and seconds.
"""

import inspect
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import find, given, settings

import scan_sdk
from scan_sdk import BeamDump, CommandSequence, Delay, InvalidCommands, Log, Loop, check, models
from scan_sdk.formats import dump_commands, json_schema, load_commands
from scan_sdk.models.base import patch_names_of
from scan_sdk.models.commands import COMMANDS
from scan_sdk.pyscan import legacy_of, modern_of
from scan_sdk.server.engine.patching import patched, property_of
from scan_sdk.testing.strategies import command_sequences, commands, commands_of

SCAN = CommandSequence(
    Delay(2, label="settle"), BeamDump("slow", seconds=3), Loop("x", 1, 2, 1, BeamDump("fast"), Log("x"))
)


def constructor():
    assert repr(SCAN[1]) == "BeamDump('slow', seconds=3)"
    assert Delay(1).label is None
    assert BeamDump in COMMANDS
    assert models.BeamDump is BeamDump
    assert "BeamDump" in scan_sdk.__all__
    with pytest.raises(ValueError, match="give one of fast, slow"):
        BeamDump("sideways")


def signature():
    assert str(inspect.signature(Delay)) == (
        "(seconds: float, *, label: str | None = None, error_handler: str = '') -> None"
    )
    assert list(inspect.signature(BeamDump).parameters) == ["mode", "seconds", "error_handler"]
    text = inspect.getdoc(BeamDump.__init__)
    assert "seconds: How long it stays there, in seconds. Default: 2." in text


def strategies():
    find(commands(), lambda command: isinstance(command, BeamDump))
    find(commands_of(Delay), lambda command: bool(command.label))

    @settings(max_examples=200, deadline=None)
    @given(command_sequences())
    def round_trip(scan):
        assert CommandSequence.from_xml(scan.to_xml(), strict=True) == scan
        assert load_commands(dump_commands(scan, "json"), "json") == scan

    round_trip()


def xml():
    text = SCAN.to_xml()
    assert "<beam_dump>\n    <mode>slow</mode>\n    <seconds>3.0</seconds>\n  </beam_dump>" in text
    assert CommandSequence.from_xml(text) == CommandSequence.from_xml(text, strict=True) == SCAN
    with pytest.raises(InvalidCommands, match=r"did you mean slow\?"):
        CommandSequence.from_xml(text.replace("slow", "slwo"), strict=True)


def formats():
    for form in ("xml", "json", "yaml", "python"):
        text = dump_commands(SCAN, form)
        assert "settle" in text
        assert load_commands(text, form) == SCAN
    jsonschema.validate(json.loads(dump_commands(SCAN, "json")), json_schema("commands"))


def lint():
    Path("good.scn").write_text(SCAN.to_xml())
    assert [finding.code for finding in check(Path("good.scn"))] == []
    assert check(SCAN) == []
    Path("bad.scn").write_text(SCAN.to_xml().replace("label>", "lable>"))
    assert ["did you mean label?" in f"{one.message} {one.advice}" for one in check(Path("bad.scn"))] == [
        True
    ]


def patch():
    assert patch_names_of(BeamDump) == {
        "mode": "mode",
        "seconds": "seconds",
        "error_handler": "error_handler",
    }
    assert patch_names_of(Delay)["label"] == "label"
    assert patched(BeamDump("fast"), "mode", "slow") == BeamDump("slow")
    assert property_of(patched(Delay(1), "label", "x"), "label") == "x"


def pyscan():
    for command in (Delay(2, label="settle"), BeamDump("fast"), Loop("x", 1, 2, 1, BeamDump("fast"))):
        assert modern_of(legacy_of(command)) == command


if __name__ == "__main__":
    assert Path(scan_sdk.__file__).is_relative_to(Path.cwd())
    for step in (constructor, signature, strategies, xml, formats, lint, patch, pyscan):
        step()
        print(step.__name__)  # noqa: T201
