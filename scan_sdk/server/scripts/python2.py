"""Scripts in Python 2, which is what Jython runs, read as Python 3."""

from __future__ import annotations

from importlib import import_module

__all__ = ["from_python_2"]

_FIXES = (
    "basestring",
    "dict",
    "except",
    "exec",
    "filter",
    "has_key",
    "long",
    "map",
    "ne",
    "next",
    "numliterals",
    "print",
    "raise",
    "raw_input",
    "repr",
    "tuple_params",
    "unicode",
    "xrange",
    "zip",
)


def from_python_2(source: str) -> str | None:
    """Return a program of Python 2 in Python 3, line by line; None where it is none."""
    try:
        refactor = import_module("fissix.refactor")  # has no types
        parse = import_module("fissix.pgen2.parse")
        tokenize = import_module("fissix.pgen2.tokenize")
    except ImportError:
        return None
    tool = refactor.RefactoringTool([f"fissix.fixes.fix_{name}" for name in _FIXES])
    try:
        return str(tool.refactor_string(source if source.endswith("\n") else f"{source}\n", "script"))
    except (parse.ParseError, tokenize.TokenError):
        return None
