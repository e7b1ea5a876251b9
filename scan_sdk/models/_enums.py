"""Behaviour of the enumerations, whose members are generated from the schema."""

from __future__ import annotations

from enum import StrEnum

_SYMBOLS = {
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
SPELLINGS = {symbol: name for name, symbol in _SYMBOLS.items()} | {
    "==": "EQUALS",
    "<>": "UNEQUAL",
    "increase by": "INCREASE_BY",
    "decrease by": "DECREASE_BY",
}
"""Names of the comparisons by all their symbols."""


RELATIVE = frozenset({"INCREASE_BY", "DECREASE_BY"})
"""Comparisons with the value that the device had when the wait began."""
MEMBERSHIP = frozenset({"IN", "NOT_IN"})
"""Comparisons with a list of texts."""


class ComparisonMethods(StrEnum):
    """A comparison also goes by its symbol: `Comparison(">=")` is `Comparison.AT_LEAST`."""

    @property
    def symbol(self) -> str:
        """The comparison as the server shows it in texts and takes it in patches, such as `>=`."""
        return _SYMBOLS[self.value]

    @classmethod
    def _missing_(cls, value: object) -> ComparisonMethods | None:
        if not isinstance(value, str):
            return None
        text = " ".join(value.lower().split())
        return cls.__members__.get(SPELLINGS.get(text) or text.upper().replace(" ", "_"))


class ScanStateMethods(StrEnum):
    """A state tells whether the scan is over, and whether it is being performed."""

    @property
    def is_done(self) -> bool:
        """Whether the scan has ended, however it ended."""
        return self.value in {"Aborted", "Failed", "Finished", "Logged"}

    @property
    def is_active(self) -> bool:
        """Whether the scan is being performed: running or paused."""
        return self.value in {"Running", "Paused"}
