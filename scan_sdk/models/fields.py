"""What fields of models may hold, for models that are not generated, and for those of a site's commands."""

from __future__ import annotations

from scan_sdk.models._generated import (
    Comparison,
    Count,
    DeviceName,
    Integer,
    Name,
    Number,
    Percentage,
    Readback,
    ScanState,
    Seconds,
    SlewRate,
    Text,
    Tolerance,
    Value,
    ValueOrTexts,
)
from scan_sdk.models._spelling import Body, Comparing, Nested

__all__ = [
    "Body",
    "Comparing",
    "Comparison",
    "Count",
    "DeviceName",
    "Integer",
    "Name",
    "Nested",
    "Number",
    "Percentage",
    "Readback",
    "ScanState",
    "Seconds",
    "SlewRate",
    "Text",
    "Tolerance",
    "Value",
    "ValueOrTexts",
]
