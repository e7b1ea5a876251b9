"""Every format holds commands nested as deep as they may be, and says of deeper ones that they are."""

from __future__ import annotations

import pytest

from scan_sdk import InvalidCommands, check
from scan_sdk.formats import diff_commands, dump_commands, format_commands, load_commands
from scan_sdk.models.tree import DEEPEST, TOO_DEEP, depth

XML = "<commands>", "<sequence><body>", "<delay/>", "</body></sequence>", "</commands>"
JSON = "[", '{"command": "sequence", "body": [', '{"command": "delay", "seconds": 0}', "]}", "]"
PYTHON = (
    "from scan_sdk import CommandSequence, Delay, Sequence\ncommands = CommandSequence(",
    "Sequence([",
    "Delay(0)",
    "])",
    ")",
)
FORMATS = {"xml": XML, "json": JSON, "yaml": JSON, "python": PYTHON}


def nested(form: str, levels: int) -> str:
    """Return a document of a delay in that many bodies."""
    begins, opens, inner, closes, ends = FORMATS[form]
    return f"{begins}{opens * levels}{inner}{closes * levels}{ends}"


@pytest.mark.parametrize("form", FORMATS)
def test_commands_as_deep_as_they_may_be_are_read_and_read_back(form: str) -> None:
    commands = load_commands(nested(form, DEEPEST), form)
    assert depth(commands) == DEEPEST
    for other in FORMATS:
        assert load_commands(dump_commands(commands, other), other) == commands
    assert diff_commands(commands, commands) == []
    assert [one.name for one in check(commands)] == ["out-of-patch"]


@pytest.mark.parametrize("form", FORMATS)
def test_one_more_is_refused_with_its_place(form: str) -> None:
    with pytest.raises(InvalidCommands, match=TOO_DEEP) as caught:
        load_commands(nested(form, DEEPEST + 1), form)
    assert caught.value.line >= 1


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("levels", [150, 10_000])
def test_documents_nested_without_end_are_refused(form: str, levels: int) -> None:
    with pytest.raises(InvalidCommands, match=r"nested|recursion"):
        load_commands(nested(form, levels), form)


@pytest.mark.parametrize("levels", [DEEPEST + 1, 10_000])
def test_checks_and_formatting_say_so_too(levels: int) -> None:
    document = nested("xml", levels)
    assert [one.name for one in check(document)] == ["out-of-patch", "too-deep"]
    remark = document.replace("<delay/>", "<!-- scan-sdk: ignore SC601 --><delay/>")
    assert "too-deep" in [one.name for one in check(remark)]
    with pytest.raises(InvalidCommands, match=TOO_DEEP):
        format_commands(document)


def test_lists_in_yaml_are_nested_no_deeper_than_commands() -> None:
    with pytest.raises(InvalidCommands, match=TOO_DEEP):
        load_commands("[" * 500 + "]" * 500, "yaml")
    with pytest.raises(InvalidCommands, match="nest"):
        load_commands("[" * 10_000 + "]" * 10_000, "yaml")
