"""What commands of old scripts about one device have in common: what they compare, and what they wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from scan_sdk._dialect.java import parse_value
from scan_sdk.pyscan.command import KnownCommand
from scan_sdk.pyscan.spelling import leaf, limit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self
    from xml.etree.ElementTree import Element

    from scan_sdk import models

SYMBOLS = {
    "=": "EQUALS",
    "!=": "UNEQUAL",
    ">": "ABOVE",
    ">=": "AT_LEAST",
    "<": "BELOW",
    "<=": "AT_MOST",
}
"""What `If` may compare, and the server's names of it."""
WAIT_SYMBOLS = SYMBOLS | {
    "increase by": "INCREASE_BY",
    "decrease by": "DECREASE_BY",
    "in": "IN",
    "not in": "NOT_IN",
}
"""What `Wait` may compare; lists of texts are more than PyScanClient knows."""


def check_comparison(comparison: str, known: Iterable[str]) -> str:
    """Return a comparison that is known.

    Raises:
        ValueError: It is not.
    """
    if comparison not in known:
        raise ValueError(f"Invalid comparison '{comparison}': give one of {', '.join(map(repr, known))}")
    return comparison


class OfDevice(KnownCommand):
    """A command about one device."""

    _device: str

    def getDevice(self) -> str:
        """Return the name of the device."""
        return self._device


class Waiting(OfDevice):
    """A command that may wait for a value, within a tolerance and for a time."""

    _tolerance: float
    _timeout: float

    def setTolerance(self, tolerance: float) -> None:
        """Change how far two numbers may be apart that count as equal."""
        self._tolerance = tolerance

    def setTimeout(self, timeout: float) -> None:
        """Change the longest time in seconds."""
        self._timeout = timeout


class Comparing(OfDevice):
    """A command that compares the value of its device."""

    _comparison: str

    @classmethod
    def with_fields(cls, fields: dict[str, object]) -> Self:
        """Return the command that has what a modern one has in these fields."""
        comparison = cast("models.Comparison", fields["comparison"]).symbol.removeprefix("to ")
        return super().with_fields({**fields, "comparison": comparison, "value": _unquoted(fields["value"])})


def _unquoted(value: object) -> object:
    """Return what conditions are written as: old ones have no quotes, but where a text needs them."""
    return f'"{value}"' if isinstance(value, str) and parse_value(value) != value else value


class Writing(Waiting):
    """A command that writes its device, and may wait for it to get there."""

    _completion: bool
    _readback: bool | str | None

    def setCompletion(self, completion: bool) -> None:
        """Change whether to wait for completion."""
        self._completion = completion

    def setReadback(self, readback: bool | str) -> None:
        """Change the readback: whether there is one, or its name."""
        self._readback = readback

    @classmethod
    def with_fields(cls, fields: dict[str, object]) -> Self:
        """Return the command that has what a modern one has in these fields."""
        whole = {name: _whole(fields.get(name)) for name in ("timeout", "readback_value")}
        return super().with_fields(
            {**fields, **whole, "readback": fields["wait"] and (fields["readback"] or True)}
        )

    def _waits(self) -> Iterable[Element | None]:
        """Yield the elements that say what is waited for."""
        yield leaf("completion", "true") if self._completion else None
        yield leaf("wait", "true" if self._readback else "false")
        if self._readback:
            yield leaf("readback", self._readback if isinstance(self._readback, str) else self._device)

    def _limits(self) -> Iterable[Element | None]:
        """Yield the elements that say within which limits."""
        yield leaf("tolerance", self._tolerance) if self._readback else None
        yield limit("timeout", self._timeout) if self._completion or self._readback else None


def _whole(value: object) -> object:
    """Return whole numbers as people write them, without `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
