"""Checks of scans without a server: what would be refused, misunderstood, hang or waste beam time."""

from scan_sdk.lint import rules
from scan_sdk.lint.checker import Checkable, Checker, check
from scan_sdk.lint.codes import CODES, Code, Severity
from scan_sdk.lint.findings import Finding

__all__ = [
    "CODES",
    "Checkable",
    "Checker",
    "Code",
    "Finding",
    "Severity",
    "check",
    "rules",
]  # rules are imported here as they register themselves
