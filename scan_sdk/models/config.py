"""What the configuration of a scan server must be, beyond its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.models.base import Model
from scan_sdk.models.patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from scan_sdk.models._generated import PvConfig

__all__ = ["PvConfigMethods", "ScanConfigMethods", "clashes"]


class PvConfigMethods(Model):
    """A PV has a name or a pattern."""

    if TYPE_CHECKING:
        name: str | None
        name_pattern: str | None
        slew_rate: float | None

    @model_validator(mode="after")
    def _name_or_pattern(self) -> Self:
        if (self.name is None) == (self.name_pattern is None):
            raise PydanticCustomError("pv", "a pv needs a name or a name_pattern, and not both")
        if self.name_pattern is not None:
            if self.slew_rate is None:
                raise PydanticCustomError("pv", "a pv with a name_pattern needs a slew_rate")
            try:
                compile_pattern(self.name_pattern)
            except ValueError as error:
                raise PydanticCustomError(
                    "pv", "its name_pattern is no regular expression: {fault}", {"fault": str(error)}
                ) from None
        return self


class ScanConfigMethods(Model):
    """No two PVs go by the same name."""

    if TYPE_CHECKING:
        pvs: tuple[PvConfig, ...]

    @model_validator(mode="after")
    def _each_alias_once(self) -> Self:
        for _, reason in clashes(self.pvs):
            raise PydanticCustomError("alias", "{reason}", {"reason": reason})
        return self


def clashes(pvs: Iterable[PvConfig]) -> list[tuple[int, str]]:
    """Return which PVs go by a name that is taken already: the place of each, and what to do about it.

    A PV goes by its alias, and by its name where it has none. The same PV may be listed again.
    """
    names: dict[str, str] = {}
    found: list[tuple[int, str]] = []
    for place, pv in enumerate(pvs):
        if pv.name is None:
            continue
        called = pv.alias or pv.name
        other = names.setdefault(called, pv.name)
        if other != pv.name:
            reason = f"{called} is already what commands call {other}: give {pv.name} an alias of its own"
            found.append((place, reason))
    return found
