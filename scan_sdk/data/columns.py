"""Values of a device as a column: how texts from the server get their type.

The rule, in order. All texts are numbers as Java writes them: float64. Else all are such numbers or rows of
them, `[1.0, 2.0]`, and one at least is a row with something in it: rows. Else: texts, as they came.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Column", "Kind", "columns_equal", "empty_cells", "kind_of", "rows_column", "text_column", "typed"]

Column: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]] | np.ndarray[Any, np.dtype[np.object_]]"
"""Values of a device: float64, one-dimensional for numbers and two-dimensional for rows of one length; or
Python objects, which are texts, or arrays of float64 for rows of different lengths."""
Kind: TypeAlias = Literal["numbers", "rows", "text"]
"""What the values of a device are."""

_DOUBLE: Final = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:E-?[0-9]+)?|NaN|-?Infinity"
# Numbers as Java writes them, and nothing else: '007', '1_000' and 'nan' are texts (trap 10).
_NUMBER: Final = re.compile(_DOUBLE)
_WHOLE: Final = re.compile(r"-?[0-9]{16,}")
_EXACT: Final = 2**53
"""Whole numbers beyond this have no float64 of their own."""


def is_number(text: str) -> bool:
    """Return whether a text is a number as Java writes it that float64 holds exactly as it was written."""
    if _NUMBER.fullmatch(text) is None:
        return False
    return _WHOLE.fullmatch(text) is None or abs(int(text)) <= _EXACT


def typed(texts: Sequence[str]) -> Column:
    """Return the column of texts that the server wrote, by the rule of this module."""
    if all(map(is_number, texts)):
        return np.array([float(text) for text in texts], dtype=np.float64)
    rows = _rows(texts)
    return text_column(texts) if rows is None else rows_column(rows)


def text_column(texts: Sequence[str]) -> NDArray[np.object_]:
    """Return a column of texts."""
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column


def rows_column(rows: Sequence[Sequence[float]]) -> Column:
    """Return a column of rows: two-dimensional where they have one length."""
    arrays = [np.array(row, dtype=np.float64) for row in rows]
    if len({len(row) for row in arrays}) == 1:
        return np.stack(arrays)
    column = np.empty(len(arrays), dtype=object)
    for index, row in enumerate(arrays):
        column[index] = row
    return column


def _rows(texts: Sequence[str]) -> list[list[float]] | None:
    """Return rows of numbers; None where a text is neither a row nor a number, or no row has any."""
    found: list[list[float]] = []
    any_row = False
    for text in texts:
        is_row = text.startswith("[") and text.endswith("]")
        items = (text[1:-1].split(", ") if text != "[]" else []) if is_row else [text]
        if not all(map(is_number, items)):
            return None
        any_row |= is_row and bool(items)
        found.append([float(item) for item in items])
    return found if any_row else None


def kind_of(column: Column) -> Kind:
    """Return what the values of a column are."""
    if column.dtype != object:
        return "numbers" if column.ndim == 1 else "rows"
    return "rows" if len(column) and isinstance(column[0], np.ndarray) else "text"


def columns_equal(one: Column, other: Column) -> bool:
    """Return whether two columns hold the same; NaN is NaN here."""
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    if one.dtype != object:
        return np.array_equal(one, other, equal_nan=True)
    if kind_of(one) == "text":
        return bool(np.all(one == other))
    return kind_of(other) == "rows" and all(
        np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in zip(one, other, strict=True)
    )


def empty_cells(column: Column) -> float | None:
    """Return what stands in a table where a column has no value yet: NaN among numbers, else None."""
    return np.nan if column.dtype != object else None
