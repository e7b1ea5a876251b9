"""Macros given as a mapping."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from scan_sdk import Include


@pytest.mark.parametrize(
    ("macros", "text"),
    [
        ({}, ""),
        ({"m": "x"}, "m=x"),
        ({"m": "x", "n": 42, "r": 1.5}, "m=x, n=42, r=1.5"),
        ({"m": np.int64(3), "n": np.float64(0.5)}, "m=3, n=0.5"),
        ({"m": ""}, "m="),
        ({"m": "a b"}, "m=a b"),
        ({"m": "a, b"}, 'm="a, b"'),
        ({"m": 'a "b"'}, 'm="a \\"b\\""'),
        ({"m": " a "}, 'm=" a "'),
        ({"m": "a\\b"}, "m=a\\b"),
        ({"m": "$(n)"}, "m=$(n)"),
        ({"A_b.c-d[1]": "x"}, "A_b.c-d[1]=x"),
    ],
)
def test_macros_are_spelled_as_the_server_does(macros: dict[str, str | float], text: str) -> None:
    assert Include("f.scn", macros).macros == text
    assert Include("f.scn", macros=macros) == Include("f.scn", text)


@pytest.mark.parametrize(
    ("macros", "reason"),
    [
        ({"": "x"}, "'' is no name of a macro: letters, digits, '_', '.' and '-', a letter first"),
        ({"1m": "x"}, "'1m' is no name of a macro"),
        ({"a b": "x"}, "'a b' is no name of a macro"),
        ({"m=": "x"}, "'m=' is no name of a macro"),
        ({5: "x"}, "'5' is no name of a macro"),
        ({"m": None}, "macro m: give a text or a number, not None"),
        ({"m": True}, "macro m: give a text or a number, not True"),
        ({"m": ["a"]}, r"macro m: give a text or a number, not \['a'\]"),
        ({"m": "a\\, b"}, "macro m: a value with a backslash can hold no comma, quote or outer blank"),
        ({"m": 'a\\"b'}, "macro m: a value with a backslash"),
        ({"m": "\\ "}, "macro m: a value with a backslash"),
        ({"m": "a\x00"}, "give text of characters that XML 1.0 can carry"),
    ],
)
def test_what_macros_cannot_be(macros: dict[str, str], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason) as caught:
        Include("f.scn", macros)
    assert caught.value.errors()[0]["loc"] == ("macros",)
