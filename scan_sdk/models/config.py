"""The configuration of a scan server, as `scan_config.xml` holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.models._generated import ConfigurationBase, PvConfigBase

if TYPE_CHECKING:
    from typing import Self


class PvConfig(PvConfigBase):
    """What the server knows of one PV, or of all whose name fits a pattern."""

    @model_validator(mode="after")
    def _name_or_pattern(self) -> Self:
        if (self.name is None) == (self.name_pattern is None):
            raise PydanticCustomError("pv", "a pv needs a name or a name_pattern, and not both")
        if self.name_pattern is not None and self.slew_rate is None:
            raise PydanticCustomError("pv", "a pv with a name_pattern needs a slew_rate")
        return self


class ScanConfig(ConfigurationBase):
    """The configuration of a scan server."""

    pvs: tuple[PvConfig, ...] = ()
    """PVs with alias, slew rate and limits."""
