"""What the pages promise about the package as a whole: all of it is there, and what they point to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import scan_sdk
from scan_sdk import errors

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted(ROOT.glob("scan_sdk/**/*.py"))


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "command",
    [
        "python3 -m venv .venv && .venv/bin/pip install '.[demo]' && .venv/bin/scan-sdk demo",
        "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest",
    ],
)
def test_that_readme_has_the_two_commands(command: str) -> None:
    assert command in read(ROOT / "README.md").splitlines()


def test_that_each_error_has_its_heading_and_each_heading_its_error() -> None:
    headings = re.findall(r"^## (\w+)$", read(REFERENCE / "errors.md"), re.MULTILINE)
    assert sorted(headings) == sorted(errors.__all__)


def test_that_each_public_name_is_in_the_reference() -> None:
    pages = "\n".join(read(page) for page in REFERENCE.glob("*.md"))
    described = set(re.findall(r"^\.\. (?:auto\w+|py:type):: (?:scan_sdk\.)?(\w+)$", pages, re.MULTILINE))
    assert set(scan_sdk.__all__) - described == {"__version__"}


def test_that_each_trap_and_section_that_a_docstring_names_is_described() -> None:
    traps = read(ROOT / "docs" / "explanations" / "traps.md")
    known = {int(number) for number in re.findall(r"^(\d+)\. ", traps, re.MULTILINE)}
    sections = set(re.findall(r"^## (\d)\. ", read(REFERENCE / "wire-format.md"), re.MULTILINE))
    for source in SOURCES:
        text = read(source)
        assert {int(number) for number in re.findall(r"\btrap (\d+)", text)} <= known, source
        assert set(re.findall(r"\bspec §(\d)", text)) <= sections, source


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_that_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)[^)]*\)", read(page)):
        assert (page.parent / target).exists(), target


def test_that_each_decision_is_listed() -> None:
    folder = ROOT / "docs" / "explanations" / "decisions"
    listed = re.findall(r"^\d{4}-[\w-]+$", read(folder / "index.md"), re.MULTILINE)
    assert listed == sorted(path.stem for path in folder.glob("0*.md"))


def test_that_nothing_is_left_to_do() -> None:
    left = [str(source) for source in SOURCES if re.search(r"\b(TODO|FIXME|XXX)\b", read(source))]
    assert not left
