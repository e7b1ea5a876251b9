"""Scripts as syntax trees, and what is said of those that are none."""

from __future__ import annotations

import ast
import warnings
from typing import Final

import libcst as cst

from scan_sdk.errors import InvalidScript

__all__ = ["parse"]

_PYTHON_2: Final = (
    "Missing parentheses in call",
    "multiple exception types must be parenthesized",
    "leading zeros",
)
"""What Python 3 says of the commonest constructs of Python 2."""
_HOW_TO_CONVERT: Final = (
    "this is Python 2, which is not read here; convert it first: "
    "pip install fissix, then python -m fissix -w SCRIPT, and look at what it did"
)


def parse(text: str, source: str) -> cst.Module:
    """Return the syntax tree of a script; `code` of it is the script again.

    Raises:
        InvalidScript: It is no Python 3; with the place.
    """
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise _explained(text, source, error) from None
    except (RecursionError, ValueError) as error:
        raise InvalidScript(f"it cannot be read: {error}", source=source) from None
    if module.code != text:
        raise InvalidScript("it has line ends or characters that would not survive a rewrite", source=source)
    return module


def _explained(text: str, source: str, error: cst.ParserSyntaxError) -> InvalidScript:
    """Return the error in the words of Python itself, which knows better what is wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as fault:
        line, column = fault.lineno or 1, fault.offset or 1
        reason = f"{fault.msg}; {_HOW_TO_CONVERT}" if fault.msg.startswith(_PYTHON_2) else fault.msg
        return InvalidScript(reason, source=source, line=line, column=column)
    except (ValueError, RecursionError, MemoryError) as fault:
        return InvalidScript(str(fault), source=source, line=1, column=1)
    return InvalidScript(
        error.message.splitlines()[0], source=source, line=error.raw_line, column=error.raw_column + 1
    )
