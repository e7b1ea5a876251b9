"""Numbers and values as Java writes and reads them."""

from __future__ import annotations

import math

import pytest

from scan_sdk._dialect.java import format_double, parse_double, parse_long, parse_value, quote_value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1, "1.0"),
        (10, "10.0"),
        (0.1, "0.1"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (1e-5, "1.0E-5"),
        (-1.25e-5, "-1.25E-5"),
        (9999999.0, "9999999.0"),
        (9999999.999, "9999999.999"),
        (1e7, "1.0E7"),
        (12345678.9, "1.23456789E7"),
        (123456789012.0, "1.23456789012E11"),
        (-1e16, "-1.0E16"),
        (1e22, "1.0E22"),
        (1.5e300, "1.5E300"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (5e-324, "5.0E-324"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_java_does(number: float, text: str) -> None:
    assert format_double(number) == text
    assert repr(parse_double(text)) == repr(float(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5.0),
        ("+5", 5.0),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("1.0E-9", 1e-9),
        ("5d", 5.0),
        ("5F", 5.0),
        ("1e3D", 1000.0),
        (" 7\t\n", 7.0),
        ("\x1f7", 7.0),
        ("0x1p4", 16.0),
        ("0X1P4", 16.0),
        ("-0x.8p1f", -1.0),
        ("0x1p99999", math.inf),
        ("1e999", math.inf),
        ("-1e999", -math.inf),
        ("1e-999", 0.0),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("+Infinity", math.inf),
        ("007", 7.0),
        ("9" * 400, math.inf),
    ],
)
def test_what_java_takes_for_a_number(text: str, number: float) -> None:
    assert parse_double(text) == number


def test_nan_is_read() -> None:
    assert math.isnan(parse_double("NaN"))
    assert math.isnan(parse_double("-NaN"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "1_000",
        "1_0e1_0",
        "inf",
        "nan",
        "infinity",
        "1,5",
        "1 2",
        "0x10",
        "1e",
        ".",
        "+",
        "٣",
        "1٣",
        "²",
        "5L",
        "\u00a05",
        "\u20035",
        "NaNd",
        "--1",
    ],
)
def test_what_java_does_not_take_for_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        parse_double(text)


def test_long_texts_are_cut_short_in_the_message() -> None:
    with pytest.raises(ValueError, match=r"^'x{40}' is no number$"):
        parse_double("x" * 100_000)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        (" 42\n", 42),
        ("+7", 7),
        ("-1", -1),
        ("007", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(-(2**63)), -(2**63)),
    ],
)
def test_whole_numbers(text: str, number: int) -> None:
    assert parse_long(text) == number


@pytest.mark.parametrize(
    "text", ["", "x", "1.0", "1_0", "٣", str(2**63), str(-(2**63) - 1), "9" * 10_000, "1 2"]
)
def test_what_is_no_whole_number_of_64_bits(text: str) -> None:
    with pytest.raises(ValueError, match="is no whole number of 64 bits"):
        parse_long(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0.0),
        ("  \n", 0.0),
        ("5", 5.0),
        (" 5 ", 5.0),
        ("Open", "Open"),
        ('"Open"', "Open"),
        (' "Open" ', "Open"),
        ('" Open "', " Open "),
        ('"Open', "Open"),
        ('Open"', 'Open"'),
        ('"7"', "7"),
        ('"7', "7"),
        ('""', ""),
        ('"', ""),
        ('"a"b"', 'a"b'),
        ('"""', '"'),
        ("'7'", "'7'"),
        ("inf", "inf"),
        ("1_000", "1_000"),
        ("True", "True"),
        ("[1, 2]", "[1, 2]"),
    ],
)
def test_values(text: str, value: float | str) -> None:
    read = parse_value(text)
    assert read == value
    assert type(read) is type(value)


def test_what_stood_in_quotes_stays_text() -> None:
    """The sources of the server are clear on this, where the summary of its format is not."""
    assert parse_value('"1e3"') == "1e3"


@pytest.mark.parametrize(
    ("value", "text"), [(1.0, "1.0"), (1e-9, "1.0E-9"), ("7", '"7"'), ("", '""'), ('a"b', '"a"b"')]
)
def test_values_are_quoted(value: float | str, text: str) -> None:
    assert quote_value(value) == text
