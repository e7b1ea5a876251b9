"""Whatever commands hold comes back from XML, JSON, Python source, pickle and copies."""

from __future__ import annotations

import copy
import pickle

from hypothesis import given
from hypothesis import strategies as st

import scan_sdk
from scan_sdk import Command, CommandSequence, Wait
from scan_sdk._dialect.lists import read_list, write_list
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.testing import strategies
from scan_sdk.testing.strategies import command_sequences, commands

NAMES = {name: getattr(scan_sdk, name) for name in scan_sdk.__all__ if "Client" not in name}
EVERY_COMMAND = st.one_of(
    strategies.comments(),
    strategies.delays(),
    strategies.config_logs(),
    strategies.logs(),
    strategies.sets(),
    strategies.waits(),
    strategies.ifs(),
    strategies.loops(),
    strategies.parallels(),
    strategies.sequences(),
    strategies.includes(),
    strategies.scripts(),
)


def alike(one: Command, other: Command) -> bool:
    """Tell whether two commands are equal to the last bit: for `==` negative zero is the same as zero."""
    return type(one) is type(other) and one == other and repr(one) == repr(other)


@given(EVERY_COMMAND)
def test_xml_keeps_a_command_in_both_ways_of_reading(command: Command) -> None:
    document = write_commands([command])
    for strict in (False, True):
        [read] = read_commands(document, strict=strict)
        assert alike(read, command)
        [read] = read_commands(document.encode(), strict=strict)
        assert alike(read, command)


@given(command_sequences())
def test_xml_keeps_a_scan(scan: CommandSequence) -> None:
    document = scan.to_xml()
    assert CommandSequence.from_xml(document) == scan
    assert CommandSequence.from_xml(document, strict=True).to_xml() == document


@given(EVERY_COMMAND)
def test_json_keeps_a_command(command: Command) -> None:
    assert alike(type(command).model_validate_json(command.model_dump_json()), command)
    assert alike(type(command).model_validate(command.model_dump()), command)


@given(command_sequences(), st.sampled_from([None, 2]))
def test_json_keeps_a_scan(scan: CommandSequence, indent: int | None) -> None:
    document = scan.to_json(indent=indent)
    assert CommandSequence.from_json(document) == scan
    assert CommandSequence.from_json(document.encode()).to_json(indent=indent) == document


@given(EVERY_COMMAND)
def test_the_repr_of_a_command_is_its_source(command: Command) -> None:
    assert alike(eval(repr(command), dict(NAMES)), command)
    assert "\n" not in repr(command)


@given(command_sequences())
def test_source_keeps_a_scan(scan: CommandSequence) -> None:
    assert eval(repr(scan), dict(NAMES)) == scan
    formatted = eval(scan.format(), dict(NAMES))
    assert formatted == scan
    assert formatted.format() == scan.format()


@given(EVERY_COMMAND)
def test_pickle_and_copies_keep_a_command(command: Command) -> None:
    for same in (pickle.loads(pickle.dumps(command)), copy.copy(command), copy.deepcopy(command)):
        assert alike(same, command)
        assert hash(same) == hash(command)


@given(command_sequences())
def test_pickle_and_copies_keep_a_scan(scan: CommandSequence) -> None:
    for same in (pickle.loads(pickle.dumps(scan)), copy.copy(scan), copy.deepcopy(scan)):
        assert same == scan
        same.append(scan_sdk.Delay(1))
        assert len(same) == len(scan) + 1


@given(EVERY_COMMAND, EVERY_COMMAND)
def test_equal_commands_have_equal_hashes(one: Command, other: Command) -> None:
    assert one == type(one)(**{name: getattr(one, name) for name in type(one).model_fields})
    if one == other:
        assert hash(one) == hash(other)
    else:
        assert one != other


def is_told_apart(command: Command) -> bool:
    """Tell whether a list for IN can still be read right once the server has quoted it again.

    `", "` in quotes again is the same as two empty texts, and the server gives no means to tell them apart.
    """
    if isinstance(command, Wait) and isinstance(command.value, tuple):
        return read_list(f'"{write_list(command.value)}"') == command.value
    return all(map(is_told_apart, getattr(command, "body", ())))


@given(st.lists(commands().filter(is_told_apart), max_size=4))
def test_what_the_server_writes_is_read_and_written_the_same(scan: list[Command]) -> None:
    sent = read_commands(write_commands(scan))
    held = read_commands(write_commands(sent, as_server=True))
    again = write_commands(held, as_server=True)
    assert read_commands(again) == held
    assert write_commands(read_commands(again), as_server=True) == again


@given(st.lists(commands().filter(is_told_apart), max_size=4))
def test_the_server_loses_tolerances_of_zero_alone(scan: list[Command]) -> None:
    """Which is why `write_commands` without `as_server` writes them (trap 16)."""
    held = read_commands(write_commands(scan, as_server=True))
    assert write_commands(held) == write_commands(scan).replace(
        "<tolerance>0.0</tolerance>", "<tolerance>0.1</tolerance>"
    )
