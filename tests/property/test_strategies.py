"""The strategies that users get make everything that they promise, and nothing that is refused."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from scan_sdk import (
    Command,
    CommandSequence,
    Comparison,
    If,
    Log,
    Loop,
    Parallel,
    ScanData,
    ScanInfo,
    ScanState,
    Sequence,
    Wait,
)
from scan_sdk.models.base import tag_of
from scan_sdk.models.commands import COMMANDS
from scan_sdk.testing import strategies

if TYPE_CHECKING:
    from collections.abc import Callable

TRY_HARD = settings(max_examples=3000, database=None, derandomize=True, phases=[Phase.generate])


def can_make(strategy: st.SearchStrategy[object], condition: Callable[[object], bool]) -> bool:
    """Tell whether a strategy comes up with something of the kind."""
    find(strategy, condition, settings=TRY_HARD)  # raises where it does not
    return True


def test_every_strategy_is_public_and_documented() -> None:
    functions = {
        name
        for name, value in vars(strategies).items()
        if callable(value) and not name.startswith("_") and value.__module__ == strategies.__name__
    }
    assert functions == set(strategies.__all__)
    assert strategies.__all__ == sorted(strategies.__all__)
    assert all(getattr(strategies, name).__doc__.startswith("Make ") for name in strategies.__all__)


@pytest.mark.parametrize("cls", COMMANDS)
def test_commands_are_of_every_kind(cls: type[Command]) -> None:
    assert can_make(strategies.commands(), lambda command: type(command) is cls)
    own = getattr(strategies, f"{tag_of(cls)}s")
    assert can_make(own(), lambda command: type(command) is cls)


@pytest.mark.parametrize(
    "cls", [If, *(pytest.param(cls, marks=pytest.mark.slow) for cls in (Loop, Parallel, Sequence))]
)
def test_commands_nest(cls: type[Command]) -> None:
    assert can_make(strategies.commands(), lambda command: isinstance(command, cls) and len(command.body) > 1)
    inner = (If, Loop, Parallel, Sequence)
    assert can_make(
        strategies.commands(),
        lambda command: isinstance(command, cls) and any(isinstance(child, inner) for child in command.body),
    )


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("sets", lambda command: command.wait and command.readback != command.device),
        ("sets", lambda command: command.readback_value is not None),
        ("sets", lambda command: isinstance(command.value, str) and '"' in command.value),
        ("sets", lambda command: repr(command.value) == "-0.0"),
        ("sets", lambda command: isinstance(command.value, float) and abs(command.value) > 1e300),
        ("sets", lambda command: command.tolerance == 0 and command.completion),
        ("sets", lambda command: "$(" in command.device),
        ("sets", lambda command: command.error_handler),
        ("loops", lambda command: command.step < 0),
        ("loops", lambda command: (command.end - command.start) * command.step < 0),
        ("loops", lambda command: command.start == command.end),
        ("logs", lambda command: len(command.devices) > 1),
        ("includes", lambda command: '"' in command.macros),
        ("scripts", lambda command: len(command.arguments) > 1),
        ("comments", lambda command: "\r" in command.text),
        ("comments", lambda command: "]]>" in command.text),
        ("comments", lambda command: any(ord(char) > 0xFFFF for char in command.text)),
    ],
)
def test_commands_reach_the_corners(name: str, condition: Callable[[object], bool]) -> None:
    assert can_make(getattr(strategies, name)(), condition)


@pytest.mark.parametrize("comparison", Comparison)
def test_waits_have_every_comparison(comparison: Comparison) -> None:
    assert can_make(strategies.waits(), lambda wait: isinstance(wait, Wait) and wait.comparison is comparison)


def test_bodies_can_be_chosen() -> None:
    @given(
        strategies.ifs(strategies.logs())
        | strategies.loops(strategies.logs())
        | strategies.parallels(strategies.logs())
        | strategies.sequences(strategies.logs())
    )
    def check(command: If | Loop | Parallel | Sequence) -> None:
        assert all(isinstance(child, Log) for child in command.body)

    check()


@given(strategies.command_sequences(max_size=2))
def test_scans_have_the_size_asked_for(scan: CommandSequence) -> None:
    assert isinstance(scan, CommandSequence)
    assert len(scan) <= 2


@given(strategies.scan_infos())
def test_scans_make_sense(info: ScanInfo) -> None:
    assert 0 <= info.percentage <= 100
    assert not (info.is_done and info.total_work_units) or info.percentage == 100


@pytest.mark.parametrize("state", ScanState)
def test_scans_are_in_every_state(state: ScanState) -> None:
    assert can_make(strategies.scan_infos(), lambda info: isinstance(info, ScanInfo) and info.state is state)


def test_data_is_of_every_kind() -> None:
    def has(condition: Callable[[object], bool]) -> bool:
        return can_make(
            strategies.scan_data(),
            lambda data: isinstance(data, ScanData) and any(map(condition, data.values())),
        )

    assert has(lambda log: len(log) == 0)  # type: ignore[arg-type]
    assert has(lambda log: log.value.dtype == object)  # type: ignore[attr-defined]
    assert has(lambda log: len(log) > 2 and log.value.dtype != object)  # type: ignore[attr-defined,arg-type]


def test_without_hypothesis_the_error_names_the_command_that_installs_it() -> None:
    program = "import sys; sys.modules['hypothesis'] = None; import scan_sdk.testing.strategies"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "scan_sdk.errors.MissingExtra: scan_sdk.testing.strategies needs packages that are not installed: "
        "pip install 'scan_sdk[test]'"
    )
