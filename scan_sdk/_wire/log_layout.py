"""Samples in the layout in which scan servers write them, read without an XML parser.

A run of samples is taken only where it is proven to be nothing else: each byte of it belongs to a text that
stands fixed in the layout, and was compared, or to a serial, time or value, and those were looked at too.
What is refused here may be as legal, and is then for expat to read: the two must never differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OPEN: Final = b'\n      <sample id="'
_TO_TIME: Final = b'">\n        <time>'
_TO_VALUE: Final = b"</time>\n        <value>"
_CLOSE: Final = b"</value>\n      </sample>"
_TO_NEXT: Final = _CLOSE + _OPEN
_TAGS: Final = 6
LINES: Final = 4
"""Of a sample, but for those in its value."""
DIGITS: Final = 18
"""Of a serial or time: as many always fit into 64 bits."""

_EXACT_DIGITS: Final = 15
"""As many float64 holds, whatever they are."""
_SHORT: Final = len(_CLOSE)
"""Bytes of values, with a mark, that are taken side by side."""

MARK: Final = b"\x01"
"""Ends each value where many are kept as one text; XML cannot carry it."""
_REFUSED: Final = bytes({*range(0x20), ord("&")} - {ord("\t"), ord("\n"), MARK[0]})
"""Bytes that are not themselves in the content of an element, or not allowed in it."""
_NO_CHARACTERS: Final = ("\ufffe".encode(), "\uffff".encode())


class Samples(NamedTuple):
    """Samples of one device: serials and times, and values as UTF-8, each followed by `MARK`."""

    serials: NDArray[np.int64]
    times: NDArray[np.int64]
    values: bytes


def read_run(run: bytes) -> Samples | None:
    """Return the samples of a piece of a document, or None where it is not just samples in the layout.

    Args:
        run: From behind `<samples>` or `</sample>` to behind a `</sample>`.
    """
    if not (run.startswith(_OPEN) and run.endswith(_CLOSE)):
        return None
    data = np.frombuffer(run, np.uint8)
    tags = np.flatnonzero(data == ord("<"))
    if len(tags) % _TAGS:
        return None
    # The first three tags of a sample stand where its serial, time and value are looked for, as the next tag
    # after each of these is known; the others and the next sample are within the texts that are compared.
    opened, to_time, to_value, _, closed, _ = tags.reshape(-1, _TAGS).T
    serial, serial_end = opened + len(_OPEN) - _OPEN.index(b"<"), to_time - _TO_TIME.index(b"<")
    time, time_end = to_time + len(b"<time>"), to_value
    value, value_end = to_value + len(_TO_VALUE), closed
    if (
        opened[0] != _OPEN.index(b"<")
        or closed[-1] + len(_CLOSE) != len(run)
        or not _stands(data, _TO_TIME, serial_end)
        or not _stands(data, _TO_VALUE, time_end)
        or not _stands(data, _TO_NEXT, value_end[:-1])
    ):
        return None
    serials, times = whole_numbers(data, serial, serial_end), whole_numbers(data, time, time_end)
    values = _marked(data, value, value_end)
    if serials is None or times is None or not _is_content(values, len(serials)):
        return None
    return Samples(serials, times, values)


def _windows(data: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Return a view that has at each index the bytes from there on."""
    return np.ndarray((len(data) - width + 1, width), np.uint8, data, strides=(1, 1))


def _stands(data: NDArray[np.uint8], text: bytes, places: NDArray[np.intp]) -> bool:
    """Return whether a text is at all of the places."""
    if len(places) == 0:
        return True
    if places.min() < 0 or places.max() + len(text) > len(data):
        return False
    found = _windows(data, len(text))[places]
    return bool((found == np.frombuffer(text, np.uint8)).all())


def whole_numbers(
    data: NDArray[np.uint8], start: NDArray[np.intp], end: NDArray[np.intp]
) -> NDArray[np.int64] | None:
    """Return the numbers between places; None where there is anything but 1 to 18 digits.

    As many bytes, whatever they are, must stand before the first place.
    """
    lengths = end - start
    width = int(lengths.max())
    if lengths.min() < 1 or width > DIGITS:
        return None
    digits = _windows(data, width)[end - width] - np.uint8(ord("0"))  # in 8 bits, what is less gets large
    if lengths.min() < width:
        digits[np.arange(width) < width - lengths[:, np.newaxis]] = 0
    if digits.max() > 9:
        return None
    if width <= _EXACT_DIGITS:  # with float64 it is twice as fast
        return (digits.astype(np.float64) @ 10.0 ** np.arange(width - 1, -1, -1)).astype(np.int64)
    return digits @ 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)


def _marked(data: NDArray[np.uint8], start: NDArray[np.intp], end: NDArray[np.intp]) -> bytes:
    """Return what is between places, each followed by a mark."""
    lengths = end - start
    width = int(lengths.max()) + 1
    if width > _SHORT:
        run = data.tobytes()
        places = zip(start.tolist(), end.tolist(), strict=True)
        return b"".join([run[start:end] + MARK for start, end in places])
    found = _windows(data, width)[start]  # not beyond the end, as _CLOSE is behind each
    found[np.arange(len(found)), lengths] = MARK[0]
    return found[np.arange(width) <= lengths[:, np.newaxis]].tobytes()


def _is_content(values: bytes, count: int) -> bool:
    """Return whether values are as an XML parser would give them: no references, all allowed, all UTF-8."""
    if values.count(MARK) != count or len(values.translate(None, _REFUSED)) != len(values):
        return False
    if b"]]>" in values:
        return False
    if values.isascii():
        return True
    if any(bad in values for bad in _NO_CHARACTERS):
        return False
    try:
        values.decode()
    except UnicodeDecodeError:
        return False
    return True
