"""The lists of texts that IN and NOT_IN compare with, as the server reads and writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["read_list", "write_list"]


def write_list(texts: Iterable[str]) -> str:
    """Return the texts of IN and NOT_IN: each in quotes of a kind that it does not hold, commas between."""
    return ", ".join(f"'{text}'" if '"' in text else f'"{text}"' for text in texts)


def read_list(text: str) -> tuple[str, ...]:
    """Return the texts of IN and NOT_IN, which the server quotes once more each time that it writes them."""
    found = _split_list(text)
    if found is None and text.startswith('"') and text.endswith('"'):
        found = _split_list(text[1:-1])
    return (text,) if found is None else found


_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^"',]*?))\s*(,|$)""")


def _split_list(text: str) -> tuple[str, ...] | None:
    items: list[str] = []
    place = 0
    while found := _ITEM.match(text, place):
        items.append(next(group for group in found.group(1, 2, 3) if group is not None))
        place = found.end()
        if not found[4]:
            return tuple(items)
    return None
