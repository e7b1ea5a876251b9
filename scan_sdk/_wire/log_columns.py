"""The columns of a device as they grow: numbers for as long as all values are numbers."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from scan_sdk._wire.java import is_number
from scan_sdk._wire.log_layout import MARK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scan_sdk._wire.log_layout import Samples

T = TypeVar("T", np.int64, np.float64)

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
    if _NUMBERS.fullmatch(values):
        return np.fromstring(values, dtype=np.float64, sep=MARK.decode())
    texts = _split(values)
    return np.array(list(map(float, texts)), np.float64) if all(map(is_number, texts)) else None
