"""Regular expressions that people write into configurations."""

from __future__ import annotations

import re
import warnings

__all__ = ["compile_pattern"]


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return a regular expression, compiled.

    Raises:
        ValueError: It is none; the text says why.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may take for something else
            return re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None
