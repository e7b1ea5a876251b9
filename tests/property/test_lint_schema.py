"""A check finds a fault of the schema exactly where a validator does."""

from __future__ import annotations

import json
import random
import re
import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from scan_sdk._wire.commands import write_commands
from scan_sdk.lint import check
from scan_sdk.models import TextSource
from scan_sdk.models.base import fields_of, tag_of
from scan_sdk.models.commands import COMMANDS
from scan_sdk.testing.strategies import commands

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "tests" / "contract"
TAGS = sorted(
    {tag_of(cls) for cls in COMMANDS}
    | {field.tag for cls in COMMANDS for field in fields_of(cls)}
    | {"commands", "argument", "bogus"}
)
TEXTS = ["", " ", "x", "5", " 5 ", "-1", "NaN", "Infinity", "INF", "1d", "0x1p3", "1e999", "+.5e-3", "5."]
TEXTS += [
    "true",
    "TRUE",
    " true ",
    "1",
    "0",
    "yes",
    "IN",
    "EQUALS",
    " EQUALS",
    "EQUAL",
    '"a"',
    "a b",
    " a",
    "a\nb",
]
PIECES = [
    "<!-- x -->",
    "<?pi?>",
    "<![CDATA[ ]]>",
    "<![CDATA[x]]>",
    "&#160;",
    "&#32;",
    "&amp;",
    ' a="b"',
    "stray",
]
PIECES += [f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS] + [f"<{tag}/>" for tag in TAGS] + TEXTS


@cache
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(ROOT / "schemas" / "commands.xsd"))


def fits(document: str) -> bool:
    """Tell what a validator says."""
    try:
        root = etree.fromstring(document.encode())
    except etree.XMLSyntaxError:
        return False
    return root.tag == "commands" and schema().validate(root)  # error_handler is global in the schema, too


def agrees(document: str) -> bool:
    """Tell whether the check says the same."""
    faults = [one for one in check(document) if one.code < "SC3"]
    return fits(document) is not bool(faults)


@cache
def recorded() -> list[str]:
    """Return the documents that were sent to the real server, and those of its answers."""
    exchanges = json.loads((CONTRACT / "recorded" / "exchanges.json").read_text(encoding="utf-8"))
    found = [
        text for one in exchanges for text in (one["request"], one["body"]) if "<commands" in (text or "")
    ]
    for path in sorted((CONTRACT / "conformance" / "scenarios").glob("*.json")):
        text = path.read_text(encoding="utf-8")
        found += [json.loads(f'"{one}"') for one in re.findall(r'"(<commands(?:[^"\\]|\\.)*)"', text)]
    found += [path.read_text(encoding="utf-8") for path in sorted(CONTRACT.glob("conformance/scripts/*.scn"))]
    return sorted(set(found))


def mutated(document: str, chance: random.Random) -> str:
    """Cut, double and spoil a document in a few places."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(len(document) + 1)
        if chance.random() < 0.6:  # at the edge of a tag
            edges = [match.start() for match in re.finditer("<|(?<=>)", document)] or [0]
            start = chance.choice(edges)
        end = min(len(document), start + chance.choice([0, 0, 1, 5, 20]))
        piece = chance.choice([*PIECES, document[start:end] * 2, ""])
        document = document[:start] + piece + document[end:]
    return document


def swapped(document: str, chance: random.Random) -> str:
    """Give an element another text or another name, so that the document stays well-formed."""
    elements = list(re.finditer(r"<(\w+)>([^<]*)</\1>", document))
    if not elements:
        return document
    found = chance.choice(elements)
    tag = chance.choice([found[1], found[1], chance.choice(TAGS)])
    text = chance.choice([found[2], chance.choice(TEXTS)])
    inner = chance.choice(
        [f"<{tag}>{text}</{tag}>", f"<{tag}>{text}</{tag}>" * 2, f"<{tag}>{text}<!-- c -->1</{tag}>"]
    )
    return document[: found.start()] + inner + document[found.end() :]


def corpus(count: int) -> list[str]:
    chance = random.Random(4810)  # the same each time
    sources = [document for document in recorded() if len(document) < 20_000]
    ways = [mutated, swapped, swapped]
    return [chance.choice(ways)(chance.choice(sources), chance) for _ in range(count)]


def comparable(document: str) -> bool:
    """Leave out what libxml2 wrongly takes for a number or an encoding, and what is refused on purpose."""
    odd_number = re.search(r">\s*[-+]?[0-9.]+[eE][-+]?\s*<", document)
    odd_encoding = document.startswith("<?xml") and 'encoding="UTF-8"?>' not in document
    return not (odd_number or odd_encoding or "<!DOCTYPE" in document)


def test_the_recorded_documents_are_there():
    assert len(recorded()) > 80
    assert all(map(agrees, recorded()))


def look_at(documents: list[str]) -> None:
    for document in documents:
        if comparable(document):
            assert agrees(document), document
        start = time.process_time()
        found = check(document)
        assert time.process_time() - start < 1
        for one in found:
            assert isinstance(one.source, TextSource)
            assert one.source.line >= 1
            assert one.source.column >= 1


def test_spoilt_recordings_are_judged_as_by_a_validator():
    documents = corpus(400)
    assert 50 < sum(map(fits, documents)) < 350
    look_at(documents)


@pytest.mark.slow
def test_many_spoilt_recordings_are_judged_as_by_a_validator():
    look_at(corpus(6000))


@given(st.lists(commands(), max_size=3), st.randoms(use_true_random=False))
def test_spoilt_documents_are_judged_as_by_a_validator(built, chance):
    document = chance.choice([mutated, swapped])(write_commands(built), chance)
    if comparable(document):
        assert agrees(document), document


@given(st.lists(commands(), max_size=3))
def test_what_constructors_make_has_no_fault_of_the_schema(built):
    assert [one for one in check(write_commands(built)) if one.code < "SC3"] == []
    assert [one for one in check(built) if one.code < "SC3"] == []
