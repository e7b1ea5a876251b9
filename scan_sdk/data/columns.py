"""Values of a device as a column: how texts from the server get their type.

The rule, in order. All texts are numbers as Java writes them: float64, which the reader of the log sees to.
Else all are such numbers or rows of them, `[1.0, 2.0]`, and one at least is a row with something in it: rows.
Else: texts, as they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from scan_sdk._dialect.java import is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "Column",
    "Kind",
    "columns_equal",
    "kind_of",
    "rows_column",
    "rows_or_text",
    "text_column",
    "typed",
]

Column: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]] | np.ndarray[Any, np.dtype[np.object_]]"
"""Values of a device: float64, one-dimensional for numbers and two-dimensional for rows of one length; or
Python objects, which are texts, or arrays of float64 for rows of different lengths."""
Kind: TypeAlias = Literal["numbers", "rows", "text"]
"""What the values of a device are."""


def typed(texts: Sequence[str]) -> Column:
    """Return the column of texts that the server wrote, by the rule of this module."""
    if all(map(is_number, texts)):
        return np.array([float(text) for text in texts], dtype=np.float64)
    return rows_or_text(texts)


def rows_or_text(texts: Sequence[str]) -> Column:
    """Return the column of texts from the server that are not all numbers, by the rule of this module."""
    rows = _rows(texts)
    return text_column(texts) if rows is None else rows_column(rows)


def text_column(texts: Sequence[str]) -> NDArray[np.object_]:
    """Return a column of texts."""
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column


def rows_column(rows: Sequence[Sequence[float] | NDArray[np.float64]]) -> Column:
    """Return a column of rows: two-dimensional where they have one length."""
    arrays = [np.asarray(row, dtype=np.float64) for row in rows]
    if len({len(row) for row in arrays}) == 1:
        return np.stack(arrays)
    column = np.empty(len(arrays), dtype=object)
    for index, row in enumerate(arrays):
        column[index] = row
    return column


def _rows(texts: Sequence[str]) -> list[NDArray[np.float64]] | None:
    """Return rows of numbers; None where a text is neither a row nor a number, or no row has any."""
    found: list[NDArray[np.float64]] = []
    any_row = False
    for text in texts:
        is_row = text.startswith("[") and text.endswith("]")
        items = (text[1:-1].split(", ") if text != "[]" else []) if is_row else [text]
        if not all(map(is_number, items)):
            return None
        any_row |= is_row and bool(items)
        found.append(np.array(list(map(float, items)), dtype=np.float64))
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
