"""Whatever commands hold survives each format, formatting loses nothing, and changes lead from old to new."""

from __future__ import annotations

import copy
import json
from collections import Counter
from xml.parsers import expat

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scan_sdk.errors import InvalidCommands
from scan_sdk.formats import (
    SCHEMAS,
    diff_commands,
    dump_commands,
    format_commands,
    json_schema,
    load_commands,
)
from scan_sdk.models import Loop
from scan_sdk.sequence import CommandSequence
from scan_sdk.testing.strategies import command_sequences, texts

FORMATS = ["xml", "json", "yaml", "python"]


@given(command_sequences(), st.permutations(FORMATS))
def test_commands_survive_a_way_through_all_formats(scan, way):
    read = scan
    for name in way:
        read = load_commands(dump_commands(read, name), name)
        assert repr(read) == repr(scan)


@given(command_sequences(), st.sampled_from(FORMATS))
def test_the_places_of_commands_rise_with_their_addresses(scan, name):
    for document in (dump_commands(scan, name), dump_commands(scan, name).encode()):
        places = [command.source for _, command in load_commands(document, name, source="f").walk()]
        assert places == sorted(set(places))
        assert all(place.file == "f" for place in places)


# Between tags of a canonical document a note may stand anywhere, and blanks may be anything.
NOTE_TEXT = st.text(st.sampled_from("ab µ\n&<é"), max_size=8)
NOTES = st.lists(NOTE_TEXT.map(lambda text: f"<!--{text}-->") | st.just("<?editor on?>"), max_size=2)
GAPS = st.tuples(st.sampled_from(["", " ", "\n", "\r\n  "]), NOTES).map(lambda gap: gap[0] + " ".join(gap[1]))


def pieces_of(document):
    """Return a canonical document in pieces, between which notes may stand and blanks mean nothing."""
    places: list[int] = []
    holds: list[bool] = []
    tags: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def start(tag, _):
        places.append(parser.CurrentByteIndex)
        is_command = len(tags) == 0 or tags[-1] in {"commands", "body"}
        holds.append(is_command or tag in {"body", "devices", "arguments"})
        tags.append(tag)

    def end(tag):
        tags.pop()
        if holds.pop() and data.startswith(b"</", parser.CurrentByteIndex):
            places.append(parser.CurrentByteIndex)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    data = document.encode()
    parser.Parse(data, True)
    return [data[begun:ended].decode() for begun, ended in zip([0, *places], [*places, None], strict=True)]


@st.composite
def documents(draw):
    """Make command documents with comments and processing instructions in odd places."""
    pieces = pieces_of(draw(command_sequences(max_size=3)).to_xml())
    return "".join(draw(GAPS) + piece for piece in pieces[1:]) + draw(GAPS)


def notes_of(document):
    found = []
    parser = expat.ParserCreate("utf-8")
    parser.CommentHandler = found.append
    parser.ProcessingInstructionHandler = lambda *parts: found.append(" ".join(parts))
    parser.Parse(document.encode(), True)
    return found


@given(documents())
def test_formatting_keeps_commands_and_notes_and_is_done_after_once(document):
    formatted = format_commands(document)
    assert format_commands(formatted) == formatted
    assert repr(CommandSequence.from_xml(formatted)) == repr(CommandSequence.from_xml(document))
    assert notes_of(formatted) == notes_of(document)
    assert format_commands(document.encode()) == formatted.encode()


@given(command_sequences())
def test_without_notes_the_canonical_form_is_that_of_to_xml(scan):
    assert format_commands(scan.to_xml()) == scan.to_xml()
    assert format_commands(scan.to_xml().encode("utf-16")) == scan.to_xml().encode()


def body_at(commands, path):
    """Return the list that a path leads into, in a tree of [command, body]."""
    for index in path[:-1]:
        commands = commands[index][1]
    return commands


def tree(commands):
    return [[command, tree(getattr(command, "body", ()))] for command in commands]


def untree(nodes):
    return [
        command.model_copy(update={"body": tuple(untree(body))}) if hasattr(command, "body") else command
        for command, body in nodes
    ]


def applied(old, changes):
    """Make the new scan of the old one and the changes: headers, then what goes, then what comes."""
    nodes = tree(old)
    for change in changes:
        if change.kind == "changed":
            node = body_at(nodes, change.old.path)[change.old.path[-1]]
            fields = {item.name: item.new for item in change.properties}
            assert all(getattr(node[0], item.name) == item.old for item in change.properties)
            node[0] = node[0].model_copy(update=fields)
    gone = [change.old for change in changes if change.kind in {"removed", "moved"}]
    for spot in sorted(gone, key=lambda spot: spot.address, reverse=True):
        del body_at(nodes, spot.path)[spot.path[-1]]
    come = [change.new for change in changes if change.kind in {"added", "moved"}]
    for spot in sorted(come, key=lambda spot: spot.address):
        [node] = tree([spot.command])
        body_at(nodes, spot.path).insert(spot.path[-1], node)
    return untree(nodes)


@st.composite
def two_versions(draw):
    """Make a scan, and another that is made of parts of it."""
    old = draw(command_sequences(max_size=6))
    pool = [command for _, command in old.walk()] + list(draw(command_sequences(max_size=2)))
    nodes = tree(old)
    for _ in range(draw(st.integers(0, 5))):
        at = nodes
        while at and draw(st.booleans()):
            index = draw(st.integers(0, len(at) - 1))
            if not hasattr(at[index][0], "body"):
                break
            at = at[index][1]
        index = draw(st.integers(0, len(at)))
        kind = draw(st.sampled_from(["put", "drop", "change"]))
        if kind == "put" and pool:
            at[index:index] = copy.copy(tree([draw(st.sampled_from(pool))]))
        elif kind == "drop":
            del at[index : index + 1]
        elif at[index:] and hasattr(at[index][0], "timeout"):
            at[index][0] = at[index][0].model_copy(update={"timeout": draw(st.sampled_from([1.0, 7.0]))})
    return list(old), untree(nodes)


@given(two_versions())
def test_the_changes_lead_from_the_old_scan_to_the_new(versions):
    old, new = versions
    changes = diff_commands(old, new)
    assert applied(old, changes) == new
    assert (changes == []) == (old == new)


@given(command_sequences(), command_sequences())
def test_the_changes_lead_from_any_scan_to_any_other(old, new):
    assert applied(old, diff_commands(old, new)) == list(new)
    assert diff_commands(new, new) == []


def is_commands_or_an_error_with_a_place(document, name):
    try:
        return load_commands(document, name, source="night") is not None
    except InvalidCommands as error:
        return str(error).startswith("night:")


VALIDATOR = jsonschema.Draft202012Validator(json_schema("commands"))
NUMBERS_AND_MORE = [None, True, False, 0, -1, 0.5, 1e300, -5]
SOME_TEXTS = ["", "x", " x", "EQUALS", ">=", "IN", "in", "INCREASE_BY", "\\", "\x00"]
SOME_LISTS = [[], ["a"], ["'\""], [1], [None]]
SOME_OBJECTS = [{}, {"a": 1}, {"1": "a"}, {"a": None}]
OTHER_VALUES = st.sampled_from([*NUMBERS_AND_MORE, *SOME_TEXTS, *SOME_LISTS, *SOME_OBJECTS])
LISTS = {"devices", "arguments", "body"}


@st.composite
def mutated(draw):
    """Make the JSON of commands, and change one thing about one of them."""
    commands = json.loads(draw(command_sequences(max_size=2)).to_json())
    assume(commands)
    command = draw(st.sampled_from(commands))
    while command.get("body") and draw(st.booleans()):
        command = draw(st.sampled_from(command["body"]))
    name = draw(st.sampled_from([*command, "value", "readback", "wait", "comparison", "unknown"]))
    if draw(st.booleans()):
        command.pop(name, None)
    else:
        value = draw(OTHER_VALUES | texts())
        # a list may be left out around a single item, and hold lists, of which the schema says nothing
        command[name] = [value] if name in LISTS and not isinstance(value, list) else value
    return commands


def is_read(commands):
    try:
        return CommandSequence.from_json(json.dumps(commands)) is not None
    except ValueError as error:
        assume("more than" not in str(error))  # steps of a loop, of which a schema cannot say anything
        return False


@given(mutated())
def test_what_the_json_schema_takes_is_what_is_read(commands):
    assert VALIDATOR.is_valid(commands) is is_read(commands)


@given(command_sequences())
def test_what_is_written_as_json_and_yaml_fits_the_json_schema(scan):
    VALIDATOR.validate(json.loads(dump_commands(scan, "json")))
    yaml = pytest.importorskip("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where there is one
    VALIDATOR.validate(yaml.load(dump_commands(scan, "yaml"), loader))


@given(st.sampled_from(FORMATS), st.binary(max_size=60))
def test_any_bytes_are_commands_or_an_error_with_a_place(name, document):
    assert is_commands_or_an_error_with_a_place(document, name)


@given(command_sequences(max_size=2), st.sampled_from(FORMATS), st.data())
def test_broken_documents_are_commands_or_an_error_with_a_place(scan, name, data):
    document = dump_commands(scan, name)
    at = data.draw(st.integers(0, len(document)))
    document = document[:at] + data.draw(st.sampled_from("\"'{}[](),:#<>&!*-\n\t0e\\")) + document[at + 1 :]
    assert is_commands_or_an_error_with_a_place(document, name)


def test_the_schemas_have_names_that_are_told_apart():
    assert Counter(json_schema(name)["$id"] for name in SCHEMAS).most_common(1)[0][1] == 1
    assert Loop.__name__ in json_schema("commands")["$defs"]
