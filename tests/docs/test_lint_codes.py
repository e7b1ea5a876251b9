"""The page of findings and the program agree: each code has its heading, and each example has its finding."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from scan_sdk.lint import CODES, check

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "lint.md").read_text(encoding="utf-8")
WITHOUT_EXAMPLE = {"unreadable-file", "too-large", "too-deep", "too-many-includes"}
FILES = {
    "prepare.scn": "<commands><log><devices><device>$(device)</device></devices></log></commands>",
    "again.scn": "<commands><include><scan_file>again.scn</scan_file></include></commands>",
    "sumup.py": "",
}


class Section(NamedTuple):
    code: str
    name: str
    text: str

    @property
    def blocks(self) -> list[str]:
        return re.findall(r"```xml\n(.*?)\n```", self.text, re.DOTALL)


SECTIONS = [
    Section(*found)
    for found in re.findall(r"^### (SC\d+) (\S+)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE)
]


def test_each_code_has_a_heading_and_each_heading_a_code_in_the_same_order():
    codes = [code for code in CODES.values() if code.code.startswith("SC")]  # others are those of extensions
    assert [(code.code, code.name) for code in codes] == [section[:2] for section in SECTIONS]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.code)
def test_the_page_says_how_grave_a_finding_is_and_what_is_the_matter(section):
    code = CODES[section.name]
    words = " ".join(section.text.replace("`", "").split())
    assert words.startswith(f"*{code.severity}.* {code.title}")
    assert bool(section.blocks) is (section.name not in WITHOUT_EXAMPLE)


def document(block):
    whole = block.startswith(("<commands", "<scan>", "<!DOCTYPE", "<?xml"))
    return block if whole else f"<commands>\n{block}\n</commands>"


@pytest.fixture
def config(tmp_path):
    folder = tmp_path / "scripts"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    [text] = re.findall(r"```xml\n(<scan_config>.*?)\n```", PAGE, re.DOTALL)
    (tmp_path / "scan_config.xml").write_text(text, encoding="utf-8")
    return tmp_path / "scan_config.xml"


@pytest.mark.parametrize(
    "section", [section for section in SECTIONS if section.blocks], ids=lambda section: section.code
)
def test_the_bad_example_has_exactly_that_finding_and_the_good_one_none(section, config):
    bad, good = section.blocks
    path = config.parent / "scripts" / "example.scn"
    used = (
        config if section.code.startswith("SC5") and "Without the configuration" not in section.text else None
    )
    path.write_text(document(bad), encoding="utf-8")
    assert {(one.code, one.name) for one in check(path, config=used)} == {(section.code, section.name)}
    path.write_text(document(good), encoding="utf-8")
    assert check(path, config=used) == []


def test_the_comment_of_the_page_silences(tmp_path):
    [example] = re.findall(r"```xml\n(<commands>\n  <!-- scan-sdk.*?)\n```", PAGE, re.DOTALL)
    assert check(example) == []
    assert [one.code for one in check(re.sub("<!--.*-->", "", example))] == ["SC401"]
