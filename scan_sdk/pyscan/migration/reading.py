"""Scripts as syntax trees, and what is said of those that are none."""

from __future__ import annotations

import ast
import warnings
from typing import Final

import libcst as cst

from scan_sdk.errors import InvalidScript

_PYTHON_2: Final = (
    "Missing parentheses in call",
    "multiple exception types must be parenthesized",
    "leading zeros",
)
"""What Python 3 says of the commonest constructs of Python 2."""
_DEEPEST: Final = 150
"""Levels of nesting that are read: statements, blocks, expressions and all."""
_HOW_TO_CONVERT: Final = (
    "this is Python 2, which is not read here; convert it first: "
    "pip install fissix, then python -m fissix -w SCRIPT, and look at what it did"
)


def parse(text: str, source: str) -> cst.Module:
    """Return the syntax tree of a script; `code` of it is the script again.

    Raises:
        InvalidScript: It is no Python 3; with the place.
    """
    _check(text, source)
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:  # libcst knows less of Python than Python does
        raise InvalidScript(
            error.message.splitlines()[0], source=source, line=error.raw_line, column=error.raw_column + 1
        ) from None
    if module.code != text:
        raise InvalidScript("it has line ends or characters that would not survive a rewrite", source=source)
    return module


def _check(text: str, source: str) -> None:
    """Let Python look first: it says best what is wrong, and libcst bears no deep nesting."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as fault:
        line, column = fault.lineno or 1, fault.offset or 1
        reason = f"{fault.msg}; {_HOW_TO_CONVERT}" if fault.msg.startswith(_PYTHON_2) else fault.msg
        raise InvalidScript(reason, source=source, line=line, column=column) from None
    except (ValueError, RecursionError, MemoryError) as fault:
        raise InvalidScript(f"it cannot be read: {fault}", source=source) from None
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    line, column = getattr(level[0], "lineno", 1), getattr(level[0], "col_offset", 0) + 1
    raise InvalidScript(
        f"it is nested more than {_DEEPEST} levels deep", source=source, line=line, column=column
    )
