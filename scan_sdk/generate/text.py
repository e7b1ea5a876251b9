"""Names and texts of schemas as they stand in Python source."""

from __future__ import annotations

import html
import inspect
import textwrap

__all__ = ["WIDTH", "docstring", "one_line", "paragraphs", "pascal", "snake"]

WIDTH = 110
"""Longest line of what is written."""


def pascal(name: str) -> str:
    """Return `config_log` as `ConfigLog`, `scanInfo` as `ScanInfo`."""
    return "".join(word[0].upper() + word[1:] for word in name.replace("-", "_").split("_") if word)


def snake(name: str) -> str:
    """Return `deviceName` as `device_name`."""
    return "".join(f"_{char.lower()}" if char.isupper() else char for char in name)


def one_line(text: str | None) -> str:
    """Return documentation in one line, without examples."""
    return " ".join(part.replace("\n", " ") for part in paragraphs(text) if not part.startswith("Example:"))


def paragraphs(text: str | None, width: int = 10**6) -> list[str]:
    """Return the paragraphs of a text, each filled anew; examples stay as they are."""
    parts = inspect.cleandoc(html.unescape(text or "")).split("\n\n")  # xsdata leaves entities as they are
    return [
        part
        if part.startswith("Example:")
        else textwrap.fill(" ".join(part.split()), width, break_on_hyphens=False, break_long_words=False)
        for part in parts
        if part.strip()
    ]


def docstring(text: str, indent: str = "", *, more: str = "") -> str:
    """Write a docstring, wrapped where it is long.

    Args:
        text: The text: paragraphs, whose first begins with the sentence that says what it is.
        indent: Blanks before it.
        more: Further sections, such as the arguments, laid out already.
    """
    width = WIDTH - len(indent)
    parts = paragraphs(text, width)
    first = parts[0]
    if len(first) + 6 > width:
        sentence, dot, rest = " ".join(first.split()).partition(". ")
        parts[:1] = [sentence + dot.strip(), *paragraphs(rest, width)]
    else:
        parts[:1] = [first]
    if more:
        parts.append(more)
    if len(parts) == 1 and len(parts[0]) + 6 <= width:
        return f'{indent}"""{_escaped(parts[0])}"""'
    parts[0] = textwrap.fill(parts[0], width - 3, break_on_hyphens=False)
    body = textwrap.indent(_escaped("\n\n".join(parts)), indent)
    return f'{indent}"""{body.removeprefix(indent)}\n{indent}"""'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', "'''")
