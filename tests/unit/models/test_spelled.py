"""What people write is what the fields are: the schema says both, and here they are compared."""

from __future__ import annotations

import inspect
import re

import pytest
from pydantic import ValidationError

from scan_sdk import CommandSequence, Comment
from scan_sdk.models.base import fields_of, patch_names_of, positions_of, written_fields
from scan_sdk.models.commands import COMMANDS

GIVEN = {
    "device": "x",
    "value": 1,
    "start": 1,
    "end": 2,
    "step": 1,
    "seconds": 1,
    "text": "hello",
    "automatic": True,
    "devices": ["x"],
    "comparison": "=",
    "scan_file": "f.scn",
    "path": "P",
}
"""A value for each field that must be given."""
ELSEWHERE = {"Set": {"wait"}, "Loop": {"wait"}}
"""Fields that people set by way of others."""
SERVER_NAMES = {
    "device_name", "value", "completion", "wait", "readback", "readback_value", "tolerance", "timeout",
    "desired_value", "comparison", "start", "end", "step_size", "seconds", "device_names", "script",
    "arguments", "scan_file", "macros", "automatic", "comment", "error_handler",
}  # fmt: skip
"""Names of properties that the scan server has."""


def parameters(cls):
    return dict(inspect.signature(cls).parameters)


def needed(cls):
    return {name: GIVEN[name] for name, field in cls.model_fields.items() if field.is_required()}


@pytest.mark.parametrize("cls", COMMANDS)
def test_each_field_is_an_argument_or_set_by_another(cls):
    left_out = set(cls.model_fields) - {"command"} - set(written_fields(cls))
    assert left_out == ELSEWHERE.get(cls.__name__, set())
    arguments = {name for name, one in parameters(cls).items() if one.kind != one.VAR_POSITIONAL}
    assert arguments <= set(cls.model_fields)


@pytest.mark.parametrize("cls", COMMANDS)
def test_the_default_that_is_shown_is_the_one_that_is_taken(cls):
    command = cls(**needed(cls))
    for name, one in parameters(cls).items():
        if one.default is not one.empty:
            assert cls(**needed(cls), **{name: one.default}) == command
            assert not cls.model_fields[name].is_required()
        elif one.kind != one.VAR_POSITIONAL:
            assert cls.model_fields[name].is_required()


@pytest.mark.parametrize("cls", COMMANDS)
def test_positional_arguments_stand_where_the_signature_shows_them(cls):
    shown = [name for name, one in parameters(cls).items() if one.kind == one.POSITIONAL_OR_KEYWORD]
    assert tuple(shown) == positions_of(cls)


@pytest.mark.parametrize("cls", COMMANDS)
def test_a_signature_is_what_people_write_in_no_more_than_300_characters(cls):
    text = str(inspect.signature(cls))
    assert len(text) <= 300
    assert "Annotated" not in text
    cls.model_rebuild(force=True)
    assert str(inspect.signature(cls)) == text


def test_the_signature_of_a_command():
    assert str(inspect.signature(Comment)) == "(text: str) -> None"
    assert str(inspect.signature(CommandSequence.__init__)).startswith("(self, *commands")


@pytest.mark.parametrize("cls", COMMANDS)
def test_the_constructor_documents_each_argument(cls):
    text = inspect.getdoc(cls.__init__)
    described = re.findall(r"^    (\*?\w+): \S", text.partition("Args:\n")[2], re.MULTILINE)
    shown = ["*" * (one.kind == one.VAR_POSITIONAL) + name for name, one in parameters(cls).items()]
    assert described == shown
    assert text.split("\n\n")[0].split() == inspect.getdoc(cls).split("\n\n")[0].split()


@pytest.mark.parametrize("cls", COMMANDS)
def test_each_field_is_described(cls):
    for field in cls.model_fields.values():
        assert field.description
        assert field.description.endswith(".")


@pytest.mark.parametrize("cls", COMMANDS)
def test_a_wrong_name_is_refused_and_the_right_one_named(cls):
    with pytest.raises(ValidationError, match=f"{cls.__name__} has no option 'colour'; it has "):
        cls(**needed(cls), colour="red")


def test_the_names_for_patch_are_those_of_the_server():
    found = {name for cls in COMMANDS for name in patch_names_of(cls).values()}
    assert found == SERVER_NAMES
    for cls in COMMANDS:
        assert set(patch_names_of(cls)) == {one.attribute for one in fields_of(cls)} - {"body"}
