"""The columns of a device as they grow: numbers for as long as all values are numbers."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from scan_sdk._dialect.java import is_number
from scan_sdk._wire.log_layout import DIGITS, MARK, whole_numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scan_sdk._wire.log_layout import Samples

T = TypeVar("T", np.int64, np.float64)

_EXACT_DIGITS: Final = 15
_EXACT_POWER: Final = 22
_LOOSE: Final = 8 * 2**20
"""Bytes of the values of numbers that are kept as they are; what is older is compressed."""
# What `is_number` takes, but for whole numbers of so many digits that float64 may not hold them.
_NUMBERS: Final = re.compile(
    rb"(?:(?:-?(?:0|[1-9][0-9]{0,14}+)(?:\.[0-9]++)?(?:E-?[0-9]++)?|NaN|-?Infinity)\x01)*+"
)


class Originals:
    """How numbers were written, for the case that a text follows in the same device."""

    def __init__(self) -> None:
        """Begin with none."""
        self._blocks: list[bytes] = []
        self._compressed = 0
        self._loose = 0

    def keep(self, values: bytes) -> int:
        """Keep values, and return the number by which they are had again."""
        self._blocks.append(values)
        self._loose += len(values)
        while self._loose > _LOOSE:
            oldest = self._blocks[self._compressed]
            self._loose -= len(oldest)
            self._blocks[self._compressed] = zlib.compress(oldest, 1)
            self._compressed += 1
        return len(self._blocks) - 1

    def get(self, number: int) -> bytes:
        """Return values that were kept."""
        block = self._blocks[number]
        return zlib.decompress(block) if number < self._compressed else block


class Columns:
    """Serials, times and values of a device."""

    def __init__(self, originals: Originals | None) -> None:
        """Begin with no samples.

        Args:
            originals: Where to keep how numbers were written; None to convert none.
        """
        self._serials: list[NDArray[np.int64]] = []
        self._times: list[NDArray[np.int64]] = []
        self._numbers: list[NDArray[np.float64]] = []
        self._texts: list[str] = []
        self._kept: list[int] = []
        self._originals = originals

    def add(self, samples: Samples) -> None:
        """Append samples."""
        self._serials.append(samples.serials)
        self._times.append(samples.times)
        if self._originals is not None:
            numbers = _numbers(samples.values)
            if numbers is not None:
                self._numbers.append(numbers)
                self._kept.append(self._originals.keep(samples.values))
                return
            self._become_text()
        self._texts += _split(samples.values)

    def extend(self, other: Columns) -> None:
        """Append the samples of other columns, which must not be used any more."""
        if self._originals is None or other._originals is None:  # of this class
            self._become_text()
            other._become_text()
        self._serials += other._serials
        self._times += other._times
        self._numbers += other._numbers
        self._kept += other._kept
        self._texts += other._texts

    def _become_text(self) -> None:
        if self._originals is None:
            return
        for number in self._kept:
            self._texts += _split(self._originals.get(number))
        self._originals = None
        self._numbers.clear()
        self._kept.clear()

    def __len__(self) -> int:
        return sum(map(len, self._serials))

    def close(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64] | list[str]]:
        """Return serials, times and values, giving up the pieces they came in."""
        is_text = self._originals is None
        self._originals = None
        values = self._texts if is_text else _joined(self._numbers, np.dtype(np.float64))
        whole = np.dtype(np.int64)
        return _joined(self._serials, whole), _joined(self._times, whole), values


def _joined(pieces: list[NDArray[T]], dtype: np.dtype[T]) -> NDArray[T]:
    column = np.concatenate(pieces) if pieces else np.empty(0, dtype)
    pieces.clear()  # before the next column is made
    return column


def _split(values: bytes) -> list[str]:
    texts = values.decode().split(MARK.decode())
    texts.pop()
    return texts


def _numbers(values: bytes) -> NDArray[np.float64] | None:
    """Return the numbers that values are; None where one is no number."""
    decimals = _decimals(values)
    if decimals is not None:
        return decimals
    if _NUMBERS.fullmatch(values):
        return np.fromstring(values, dtype=np.float64, sep=MARK.decode())
    texts = _split(values)
    return np.array(list(map(float, texts)), np.float64) if all(map(is_number, texts)) else None


def _decimals(values: bytes) -> NDArray[np.float64] | None:
    """Return values that are like -12.345 or 1.0E-5, of up to 15 digits; None where others are among them.

    So many digits, as a whole number, and powers of ten up to 22 are exact in float64. Their product or
    quotient is rounded once: it is the number that is meant.
    """
    data = np.frombuffer(bytes(DIGITS) + values, np.uint8)
    end, point = np.flatnonzero(data == MARK[0]), np.flatnonzero(data == ord("."))
    if len(point) != len(end) or not len(end):
        return None
    start = np.concatenate(([DIGITS], end[:-1] + 1))
    power = np.zeros(len(end), np.int64)
    exponent = np.flatnonzero(data == ord("E"))
    if len(exponent):
        place = np.searchsorted(end, exponent)
        tiny = data[exponent + 1] == ord("-")
        found = whole_numbers(data, exponent + 1 + tiny, end[place])
        if found is None:  # or a value with two, one of which is no digit
            return None
        power[place] = np.where(tiny, -found, found)
        end[place] = exponent
    negative = data[start] == ord("-")
    start += negative
    before, behind = point - start, end - point - 1
    power -= behind
    padded = (data[start] == ord("0")) & (before > 1)  # which no number is
    if min(before.min(), behind.min()) < 1 or before.max() + behind.max() > _EXACT_DIGITS or padded.any():
        return None
    whole, fraction = whole_numbers(data, start, point), whole_numbers(data, point + 1, end)
    if whole is None or fraction is None or np.abs(power).max() > _EXACT_POWER:
        return None
    tens = 10.0 ** np.arange(_EXACT_POWER + 1)
    digits = whole * tens[behind] + fraction
    numbers: NDArray[np.float64] = np.where(
        power < 0, digits / tens[np.abs(power)], digits * tens[np.abs(power)]
    )
    np.negative(numbers, out=numbers, where=negative)
    return numbers
