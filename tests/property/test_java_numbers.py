"""Numbers and values survive Java's notation."""

from __future__ import annotations

import math
import re

from hypothesis import example, given
from hypothesis import strategies as st

from scan_sdk._dialect.java import format_double, parse_double, parse_long, parse_value, quote_value
from scan_sdk.testing.strategies import texts

JAVA_DOUBLE = re.compile(r"-?(?:[0-9]+\.[0-9]+(?:E-?[1-9][0-9]*)?|Infinity)|NaN")


@given(st.floats())
@example(5e-324)
@example(2.2250738585072014e-308)
@example(9.999999999999999e-4)
@example(9999999.999999998)
def test_every_double_comes_back(number: float) -> None:
    text = format_double(number)
    assert JAVA_DOUBLE.fullmatch(text)
    back = parse_double(text)
    assert back == number or (math.isnan(back) and math.isnan(number))
    assert math.copysign(1, back) == math.copysign(1, number) or math.isnan(number)
    assert len(text) <= 25


@given(
    st.from_regex(
        r"\A[ \t]*[+-]?([0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})([eE][+-]?[0-9]{1,4})?[ \t\n]{0,2}\Z",
        alphabet=st.characters(codec="ascii"),
    )
)
def test_plain_decimals_are_read_as_python_reads_them(text: str) -> None:
    assert parse_double(text) == float(text)


@given(st.text(alphabet="0123456789+-.eEdDfFxXpP_naifyNIt \n", max_size=8))
def test_reading_gives_a_number_or_a_value_error(text: str) -> None:
    try:
        number = parse_double(text)
    except ValueError:
        assert text.strip() == "" or not re.fullmatch(r"[0-9]+", text)
    else:
        assert isinstance(number, float)
        assert "_" not in text


@given(st.integers())
def test_whole_numbers_of_64_bits(number: int) -> None:
    fits = -(2**63) <= number < 2**63
    try:
        assert parse_long(f" {number}\n") == number
        assert fits
    except ValueError:
        assert not fits


@given(st.floats(allow_nan=False) | texts())
def test_values_survive_quoting(value: float | str) -> None:
    back = parse_value(quote_value(value))
    assert back == value
    assert type(back) is type(value)
