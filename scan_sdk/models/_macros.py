"""Macros as the scan server spells them: `name=value, other="a, b"`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-\[\]]*")


def write_macros(macros: Mapping[object, object]) -> str:
    """Write macros as one text.

    Raises:
        ValueError: A name that the server does not take, or a value that this spelling cannot carry.
    """
    return ", ".join(f"{_name(name)}={_value(name, value)}" for name, value in macros.items())


def _name(name: object) -> str:
    if not isinstance(name, str) or _NAME.fullmatch(name) is None:
        raise ValueError(f"'{name}' is no name of a macro: letters, digits, '_', '.' and '-', a letter first")
    return name


def _value(name: object, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(  # noqa: TRY004  # becomes part of a ValidationError
            f"macro {name}: give a text or a number, not {value!r}"
        )
    text = str(value)
    if "," not in text and '"' not in text and text == text.strip():
        return text
    if "\\" in text:
        raise ValueError(f"macro {name}: a value with a backslash can hold no comma, quote or outer blank")
    return '"' + text.replace('"', '\\"') + '"'
