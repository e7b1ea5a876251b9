"""Whatever the document and its pieces, the log reader finds what expat alone finds."""

from __future__ import annotations

import re
from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import ProtocolError
from scan_sdk._dialect.java import format_double, is_number
from scan_sdk._wire.log import LogReader, write_log
from scan_sdk._wire.log_columns import Columns, Originals
from scan_sdk._wire.log_layout import Samples

Devices = list[tuple[str, list[tuple[int, int, str]]]]
NUMBERS = st.floats().map(format_double) | st.integers(-(2**60), 2**60).map(str)
DECIMALS = st.from_regex(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{1,8}(E-?[0-9]{1,2})?", fullmatch=True)
LOOKALIKES = st.sampled_from(["007", "1_000", "nan", "1e5", "٣", "", " ", "1.", "+1.0", "[1.0, 2.0]", "-"])
WRITTEN = st.text(max_size=8) | NUMBERS | DECIMALS | LOOKALIKES
SAMPLES = st.tuples(st.integers(0, 2**63 - 1), st.integers(-(2**63), 2**63 - 1), WRITTEN)
DEVICES = st.lists(st.tuples(st.sampled_from(["x", "y", "µ"]), st.lists(SAMPLES, max_size=8)), max_size=4)
ODD = [
    *[
        "&amp;",
        "&#49;",
        "&x;",
        "&#0;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "-->",
        "<?pi ",
        "?>",
        "\r\n",
        "\r",
        "\x00",
    ],
    *[
        "<sample>",
        "</sample>",
        "<samples>",
        "</samples>",
        "<value>",
        "</value>",
        "<time>",
        "</time>",
        "\ufffe",
    ],
    *[
        "<name>x</name>",
        "<device>",
        "</device>",
        "<!DOCTYPE data>",
        ' a="b"',
        "\n",
        " ",
        "\ufeff",
        "\x01",
        "'",
    ],
]


class ExpatOnly(LogReader):
    """The reader without its short cut."""

    def _is_between_samples(self) -> bool:
        return False


def found(reader: LogReader, pieces: list[bytes]) -> object:
    """Return what a reader finds, comparable; or why it refuses the document."""
    try:
        for piece in pieces:
            reader.feed(piece)
        logs = reader.close()
    except ProtocolError as error:
        return str(error)
    return {
        name: (
            log.serials.tolist(),
            log.times.tolist(),
            log.values if isinstance(log.values, list) else repr(log.values.tolist()),
        )
        for name, log in logs.items()
    }


def cut(body: bytes, places: list[int]) -> list[bytes]:
    """Return a document in pieces."""
    borders = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(borders)]


PLACES = st.lists(st.integers(0), max_size=6)


def check(body: bytes, places: list[int]) -> object:
    expected = found(ExpatOnly(), [body])
    assert found(LogReader(), [body]) == found(LogReader(), cut(body, places)) == expected
    as_text = found(ExpatOnly(numbers=False), [body])
    assert found(LogReader(numbers=False), cut(body, places)) == as_text
    return as_text


def written(devices: Devices) -> str:
    return "".join(write_log(devices))


@given(DEVICES, PLACES)
def test_what_is_written_is_read(devices: Devices, places: list[int]) -> None:
    expected: dict[str, tuple[list[int], list[int], list[str]]] = {}
    for name, samples in devices:
        columns = expected.setdefault(name, ([], [], []))
        for serial, time, text in samples:
            columns[0].append(serial)
            columns[1].append(time)
            columns[2].append(re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "_", text))
    assert check(written(devices).encode(), places) == expected


@given(DEVICES, st.data(), PLACES)
def test_mutated_documents(devices: Devices, data: st.DataObject, places: list[int]) -> None:
    text = written(devices)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        piece = data.draw(st.sampled_from(ODD) | st.text(max_size=2))
        text = (
            text[:start]
            + piece
            + data.draw(st.sampled_from([text[end:], text[start:], text[max(0, start - 60) :]]))
        )
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]))
    body = text.encode(encoding, "replace")
    check(body, places)


@given(DEVICES, st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=3)), max_size=4), PLACES)
def test_mutated_bytes(devices: Devices, changes: list[tuple[int, bytes]], places: list[int]) -> None:
    body = written(devices).encode()
    for place, noise in changes:
        place %= len(body)
        body = body[:place] + noise + body[place + len(noise) :]
    check(body, places)


@given(DEVICES, st.integers(0))
def test_what_is_cut_off_is_refused(devices: Devices, end: int) -> None:
    body = written(devices).rstrip().encode()
    assert isinstance(found(LogReader(), [body[: end % len(body)]]), str)


PIECES = st.sampled_from([DECIMALS, NUMBERS, DECIMALS | NUMBERS, DECIMALS | LOOKALIKES]).flatmap(
    lambda texts: st.lists(st.lists(texts, max_size=4), max_size=3)
)


@given(PIECES)
def test_values_are_numbers_where_each_of_them_is(pieces: list[list[str]]) -> None:
    import numpy as np

    columns = Columns(Originals())
    for piece in pieces:
        none = np.zeros(len(piece), np.int64)
        columns.add(Samples(none, none, "".join(f"{text}\x01" for text in piece).encode()))
    _, _, values = columns.close()
    texts = list(chain.from_iterable(pieces))
    if all(map(is_number, texts)):
        assert repr(np.asarray(values).tolist()) == repr(list(map(float, texts)))
    else:
        assert values == texts
