"""How findings are written: for people, as JSON, as SARIF, and as annotations of GitHub."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import typer

import scan_sdk
from scan_sdk.cli.common import blanked
from scan_sdk.lint import CODES
from scan_sdk.lint.files import TooLarge, read_bytes
from scan_sdk.models import TextSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scan_sdk.lint import Finding

__all__ = ["write"]

_COLOURS: Final = {"error": "red", "warning": "yellow", "info": "cyan"}
_GITHUB: Final = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF: Final = {"error": "error", "warning": "warning", "info": "note"}
_WIDEST: Final = 100  # characters of a line that are shown
_LINE_ENDS: Final = re.compile("\r\n|\r|\n")


def write(findings: Sequence[Finding], form: str, *, checked: int) -> str:
    """Return findings as text in a form.

    Args:
        findings: The findings.
        form: `text`, `json`, `sarif` or `github`.
        checked: How many files have been checked.
    """
    match form:
        case "json":
            return json.dumps([_object(one) for one in findings], indent=2) + "\n"
        case "sarif":
            return json.dumps(_sarif(findings), indent=2) + "\n"
        case "github":
            return "".join(map(_annotation, findings))
        case _:
            lines = cache(_lines)  # of each file once
            return "".join(_paragraph(one, lines) for one in findings) + _summary(findings, checked)


def _place(one: Finding) -> tuple[str, int, int]:
    return one.source if isinstance(one.source, TextSource) else ("", 1, 1)


def _paragraph(one: Finding, lines_of: Callable[[str], list[str]]) -> str:
    file, line, column = _place(one)
    code = typer.style(one.code, fg=_COLOURS[one.severity], bold=True)
    what = f"{blanked(file)}:{line}:{column}: {code} {blanked(one.message)}\n"
    advice = f"  {typer.style('help:', fg='cyan')} {one.advice}\n\n"
    return what + _excerpt(lines_of(file), line, column) + advice


def _excerpt(lines: list[str], line: int, column: int) -> str:
    """Return the line of a place with a mark below the column; nothing where it cannot be shown."""
    if not 0 < line <= len(lines) or not lines[line - 1].strip():
        return ""
    text, before = lines[line - 1], column - 1
    start = max(0, min(before - _WIDEST // 2, len(text) - _WIDEST))
    shown = blanked(text[start : start + _WIDEST])
    number = f"{line:>5}"
    mark = " " * (before - start) + typer.style("^", fg="red", bold=True)
    return f"{number} | {shown}\n{' ' * len(number)} | {mark}\n"


def _lines(file: str) -> list[str]:
    """Return the lines of a file as an XML parser counts them; none where it is not there any more."""
    try:
        document = read_bytes(file) if Path(file).is_file() else b""
    except (OSError, ValueError, TooLarge):
        return []
    encoding = "utf-16" if document[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    return _LINE_ENDS.split(document.decode(encoding, "replace"))


def _summary(findings: Sequence[Finding], checked: int) -> str:
    counts = Counter(one.severity for one in findings)
    files = _counted(checked, "file")
    if not findings:
        return f"{files} checked: all is well\n"
    parts = [_counted(counts["error"], "error"), _counted(counts["warning"], "warning")]
    if counts["info"]:
        parts.append(_counted(counts["info"], "note"))
    return f"{files} checked: {', '.join(parts)}\n"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _object(one: Finding) -> dict[str, str | int | None]:
    file, line, column = _place(one)
    return {
        "code": one.code,
        "name": one.name,
        "severity": one.severity,
        "message": one.message,
        "advice": one.advice,
        "file": file,
        "line": line,
        "column": column,
        "address": one.address,
        "command": one.command,
    }


def _sarif(findings: Sequence[Finding]) -> dict[str, object]:
    """Return findings as SARIF 2.1.0, which code hosts and editors read."""
    used = sorted({one.name for one in findings}, key=lambda name: CODES[name].code)
    rules = [
        {
            "id": CODES[name].code,
            "name": name,
            "shortDescription": {"text": CODES[name].title},
            "help": {"text": CODES[name].advice},
            "defaultConfiguration": {"level": _SARIF[CODES[name].severity]},
        }
        for name in used
    ]
    driver = {"name": "scan-sdk", "version": scan_sdk.__version__, "rules": rules}
    results = [_result(one, used.index(one.name)) for one in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _result(one: Finding, rule: int) -> dict[str, object]:
    file, line, column = _place(one)
    place = {
        "artifactLocation": {"uri": quote(os.fsencode(file))},
        "region": {"startLine": line, "startColumn": column},
    }
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _SARIF[one.severity],
        "message": {"text": f"{one.message}: {one.advice}"},
        "locations": [{"physicalLocation": place}],
    }


def _annotation(one: Finding) -> str:
    file, line, column = _place(one)
    title = _escaped(f"{one.code} {one.name}", of_property=True)
    file = _escaped(file, of_property=True)
    text = _escaped(f"{one.message}: {one.advice}")
    return f"::{_GITHUB[one.severity]} file={file},line={line},col={column},title={title}::{text}\n"


def _escaped(text: str, *, of_property: bool = False) -> str:
    text = (
        text.encode(errors="replace").decode().replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    )
    return text.replace(":", "%3A").replace(",", "%2C") if of_property else text
