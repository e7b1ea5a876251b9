"""Rules that say how devices are accessed, and what comes of them for one device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from scan_sdk.models import Comparison
from scan_sdk.models.base import Explain, PositionalModel
from scan_sdk.models.fields import Readback, Seconds, Tolerance, Value
from scan_sdk.models.patterns import compile_pattern

if TYPE_CHECKING:
    import re

    from scan_sdk.models.commands import Comparing

__all__ = ["DeviceRule", "DeviceSettings", "Naming"]

Naming: TypeAlias = Callable[[str], str]
"""Returns the name of the readback for the name of a device."""


def _check_pattern(pattern: str) -> str:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise PydanticCustomError(
            "pattern",
            "'{pattern}' is no regular expression: {fault}",
            {"pattern": pattern, "fault": str(error)},
        ) from None
    return pattern


class DeviceRule(PositionalModel, use_attribute_docstrings=True):
    """How the devices are accessed whose whole name fits a pattern.

    If several rules fit, only the last one counts: what it leaves out has the defaults given here,
    and is not taken from rules before it.

    Example:
        >>> DeviceRule("motor_.*", completion=True, readback=True, timeout=100)
        DeviceRule('motor_.*', completion=True, readback=True, timeout=100)
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("pattern",)

    pattern: Annotated[
        str,
        Field(strict=True),
        Explain("pattern", "give a regular expression as text"),
        AfterValidator(_check_pattern),
    ]
    """A regular expression that the whole name of a device must match."""
    completion: StrictBool = False
    """Whether to wait until the device reports that a write is completed (EPICS put-callback)."""
    readback: Annotated[
        StrictBool | Readback | Naming,
        Explain("readback", "give True or False, the name of a device, or a function from name to name"),
    ] = False
    """Which device must show the written value.

    True for the one that `ScanSettings.readback_name` names, which unless given is the device itself. A text
    names a device, a function returns its name for that of the written one. False or an empty text for none.
    """
    readback_value: Value | None = None
    """What the readback must show where that is not the written value. An empty text is taken for None."""
    timeout: Seconds = 0.0
    """Longest time for completion and readback, and of a wait, in seconds; 0 waits for ever."""
    tolerance: Tolerance | None = None
    """How far a numeric readback may be off, in the device's units.

    None for 0.1, or in a loop for a tenth of its step.
    """
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison", "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in'"
        ),
    ] = Comparison.AT_LEAST
    """How a wait compares."""

    if TYPE_CHECKING:

        def __init__(
            self,
            pattern: str,
            *,
            completion: bool = False,
            readback: bool | str | Naming = False,
            readback_value: float | str | None = None,
            timeout: float = 0,
            tolerance: float | None = None,
            comparison: Comparing = ">=",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        if fields.get("readback_value") == "":
            fields["readback_value"] = None

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return compile_pattern(self.pattern)

    def fits(self, device: str) -> bool:
        """Tell whether the rule is for a device of that name, which has no prefixes."""
        return self._expression.fullmatch(device) is not None

    def _source_fields(self) -> dict[str, object]:
        fields = super()._source_fields()
        if "comparison" in fields:
            fields["comparison"] = self.comparison.symbol.removeprefix("to ")
        return fields


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What holds for one device.

    Attributes:
        name: Its name, without prefixes.
        completion: Whether to wait until it reports that a write is completed.
        readback: The device that must show the written value; empty for none.
        readback_value: What that device must show; None for the written value.
        timeout: Longest time for completion and readback, and of a wait, in seconds; 0 waits for ever.
        tolerance: How far a numeric readback may be off; None where nothing is said.
        comparison: How a wait compares.
        parallel: Whether it is to be moved together with its neighbours in a table.
    """

    name: str
    completion: bool = False
    readback: str = ""
    readback_value: float | str | None = None
    timeout: float = 0.0
    tolerance: float | None = None
    comparison: Comparison = Comparison.AT_LEAST
    parallel: bool = False
