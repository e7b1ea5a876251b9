"""Numbers and values as Java writes and reads them."""

from __future__ import annotations

import re

_DECIMAL = re.compile(
    r"""[\x00-\x20]*
        (?P<sign>[+-]?)
        (?: (?P<name>NaN|Infinity)
          | (?P<decimal>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?
          | (?P<hex>0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+)[fFdD]? )
        [\x00-\x20]*""",
    re.VERBOSE,
)
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
# Numbers as Java writes them, and nothing else: '007', '1_000' and 'nan' are texts (trap 10).
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:E-?[0-9]+)?|NaN|-?Infinity")
_WRITTEN_LARGE = re.compile(r"-?([0-9]{16,})")
_EXACT = 2**53
"""Whole numbers beyond this have no float64 of their own."""
_NAMED = {"NaN": float("nan"), "Infinity": float("inf")}
_BLANKS = "".join(map(chr, range(0x21)))  # what Java's String.trim takes off


def format_double(number: float) -> str:
    """Return a number as Java's `Double.toString` writes it.

    Example:
        >>> format_double(10), format_double(1e-5), format_double(1.5e10), format_double(float("inf"))
        ('10.0', '1.0E-5', '1.5E10', 'Infinity')
    """
    text = repr(float(number))
    if 1e-3 <= abs(number) < 1e7 or number == 0:  # Java writes all others with an exponent
        return text
    if number != number:  # noqa: PLR0124  # NaN alone differs from itself
        return "NaN"
    if text.endswith("inf"):
        return text.replace("inf", "Infinity")
    return _with_exponent(text)


def _with_exponent(text: str) -> str:
    """Rewrite Python's shortest digits as one digit, point, digits, exponent."""
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = whole + fraction
    significant = digits.lstrip("0")
    power = int(exponent or 0) + len(whole) - 1 - (len(digits) - len(significant))
    significant = significant.rstrip("0")
    return f"{sign}{significant[0]}.{significant[1:] or '0'}E{power}"


def is_number(text: str) -> bool:
    """Return whether a text is a number as Java writes it that float64 holds as it was written.

    Example:
        >>> [text for text in ("1.0", "7", "1.0E-5", "NaN", "007", "1e5", "1_000") if is_number(text)]
        ['1.0', '7', '1.0E-5', 'NaN']
    """
    if _WRITTEN.fullmatch(text) is None:
        return False
    large = _WRITTEN_LARGE.fullmatch(text)
    return large is None or (len(large[1]) == 16 and int(large[1]) <= _EXACT)


def parse_double(text: str) -> float:
    """Return the number that Java's `Double.parseDouble` reads.

    Unlike `float()` it takes no underscores, no `inf` or `nan`, and no digits outside ASCII; it does take a
    type suffix (`1d`) and hexadecimal numbers with a binary exponent.

    Raises:
        ValueError: The text is no number to Java.
    """
    # What numbers nearly always look like, and Python reads as Java does.
    if text[-1:].isdigit() and text.isascii() and "_" not in text:
        try:  # suppress() would take longer than the reading
            return float(text)
        except ValueError:
            pass
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text[:40]}' is no number")
    if found["decimal"]:
        number = float(found["decimal"])
    elif found["hex"]:
        number = _from_hex(found["hex"])
    else:
        number = _NAMED[found["name"]]
    return -number if found["sign"] == "-" else number


def _from_hex(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("inf")


def parse_long(text: str) -> int:
    """Return a whole number of 64 bits; blanks around it are passed over.

    Unlike `int()` it takes no underscores and no digits outside ASCII.

    Raises:
        ValueError: The text is no such number.
    """
    text = text.strip(_BLANKS)
    if _WHOLE.fullmatch(text) is None or not -(2**63) <= (number := int(text)) < 2**63:
        raise ValueError(f"'{text[:40]}' is no whole number of 64 bits")
    return number


def parse_value(text: str) -> float | str:
    """Return the number or the text that the server makes of a value.

    One pair of double quotes is taken off, a missing closing one is tolerated, and what was in quotes stays
    text. Of the rest, what Java takes for a number is one, nothing at all is 0, and anything else is text.

    Example:
        >>> parse_value('"Open"'), parse_value("Open"), parse_value("1e3"), parse_value("")
        ('Open', 'Open', 1000.0, 0.0)
        >>> parse_value('"7"')
        '7'
    """
    text = text.strip(_BLANKS)
    if not text:
        return 0.0
    if text[0] == '"':
        return text[1:-1] if text[-1] == '"' and len(text) > 1 else text[1:]
    try:
        return parse_double(text)
    except ValueError:
        return text


def quote_value(value: float | str) -> str:
    """Return a value as the server reads it back: numbers as Java doubles, texts in double quotes."""
    return f'"{value}"' if isinstance(value, str) else format_double(value)
