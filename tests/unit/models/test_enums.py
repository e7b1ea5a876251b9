"""Comparisons and states."""

from __future__ import annotations

import pytest

from scan_sdk import Comparison, ScanState

SYMBOLS = {
    "EQUALS": "=",
    "UNEQUAL": "!=",
    "ABOVE": ">",
    "AT_LEAST": ">=",
    "BELOW": "<",
    "AT_MOST": "<=",
    "INCREASE_BY": "to increase by",
    "DECREASE_BY": "to decrease by",
    "IN": "in",
    "NOT_IN": "not in",
}


def test_comparisons_are_those_of_the_server() -> None:
    assert {item.name: item.symbol for item in Comparison} == SYMBOLS
    assert all(item.value == item.name for item in Comparison)


@pytest.mark.parametrize(("name", "symbol"), SYMBOLS.items())
def test_a_comparison_goes_by_its_name_and_its_symbol(name: str, symbol: str) -> None:
    comparison = Comparison[name]
    for text in (name, name.lower(), name.replace("_", " "), symbol, f" {symbol.upper()} "):
        assert Comparison(text) is comparison


@pytest.mark.parametrize(
    ("text", "comparison"),
    [
        ("==", Comparison.EQUALS),
        ("<>", Comparison.UNEQUAL),
        ("increase by", Comparison.INCREASE_BY),
        ("Decrease  By", Comparison.DECREASE_BY),
        ("at least", Comparison.AT_LEAST),
        ("NOT  in", Comparison.NOT_IN),
    ],
)
def test_other_spellings(text: str, comparison: Comparison) -> None:
    assert Comparison(text) is comparison


@pytest.mark.parametrize("value", ["", "=>", "equal", "greater", "mro", None, 5, True, ["="]])
def test_what_is_no_comparison(value: object) -> None:
    with pytest.raises(ValueError, match="is not a valid Comparison"):
        Comparison(value)


def test_states() -> None:
    assert [state.value for state in ScanState] == [
        "Idle",
        "Running",
        "Paused",
        "Aborted",
        "Failed",
        "Finished",
        "Logged",
    ]
    done = {ScanState.ABORTED, ScanState.FAILED, ScanState.FINISHED, ScanState.LOGGED}
    assert {state for state in ScanState if state.is_done} == done
    assert {state for state in ScanState if state.is_active} == {ScanState.RUNNING, ScanState.PAUSED}
    assert str(ScanState.RUNNING) == "Running"
