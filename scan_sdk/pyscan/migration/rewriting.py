"""A script from beginning to end: what is found in it, what is decided, and what is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scan_sdk.pyscan.migration.builders import modernise_builders
from scan_sdk.pyscan.migration.client import modernise_client
from scan_sdk.pyscan.migration.commands import modernise_commands
from scan_sdk.pyscan.migration.imports import check_names, check_needed, modernise_imports
from scan_sdk.pyscan.migration.reading import parse
from scan_sdk.pyscan.migration.report import Migration
from scan_sdk.pyscan.migration.script import Script
from scan_sdk.pyscan.migration.sequences import modernise_sequences
from scan_sdk.pyscan.migration.statements import Replacements
from scan_sdk.pyscan.migration.text import decode

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.report import Finding, Part

_PARTS: Final[tuple[Part, ...]] = ("names", "commands", "client")
"""What can be modernised, each only together with those before it."""
_IMPORT: Final = re.compile(r"\bimport\b.*\bscan\b|\bfrom\s+scan\b")


def rewritten(content: bytes, source: str, shared: str) -> Migration:
    """Return what becomes of a script; see `migrate`."""
    text = decode(content, source)
    if not _IMPORT.search(text.text):
        return Migration(content, content)
    script = Script(parse(text.text, source))
    if not script.imports:
        return Migration(content, content)
    check_names(script, shared=shared)
    replacements = Replacements(script)
    modernise_builders(script, replacements)
    modernise_commands(script)
    modernise_sequences(script)
    modernise_client(script)
    check_needed(script)
    modern = _modern(script)
    if not modern:
        return Migration(content, content, _sorted(script, modern), concerned=True)
    keep_stars = bool(shared or script.foreign_stars)
    modernise_imports(script, replacements, modern, keep_stars=keep_stars)
    after = text.encode(script.edits.made(script.module, modern).code)
    return Migration(content, after, _sorted(script, modern), modern, concerned=True)


def _modern(script: Script) -> frozenset[Part]:
    blocked = {finding.blocks for finding in script.findings}
    modern: list[Part] = []
    for part in _PARTS:
        if part in blocked:
            break
        modern.append(part)
    return frozenset(modern)


def _sorted(script: Script, modern: frozenset[Part]) -> tuple[Finding, ...]:
    remarks = {finding for finding, part in script.remarks if part in modern}
    return tuple(sorted([*script.findings, *remarks], key=lambda finding: finding[:2]))
