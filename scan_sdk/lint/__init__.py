"""Checks of scans without a server: what would be refused, misunderstood, hang or waste beam time."""

from scan_sdk.lint import rules
from scan_sdk.lint.checker import Checkable, Checker, check
from scan_sdk.lint.codes import CODES, Code, Severity
from scan_sdk.lint.findings import Finding
from scan_sdk.lint.visit import AroundLoop, Scope, Visit

__all__ = [
    "CODES",
    "AroundLoop",
    "Checkable",
    "Checker",
    "Code",
    "Finding",
    "Scope",
    "Severity",
    "Visit",
    "check",
    "rules",  # imported here as they register themselves
]
