"""The data log, read as it arrives."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from scan_sdk import ProtocolError
from scan_sdk._wire.log import LogReader, RawLog, sample_text, write_log

DATA = """<?xml version="1.0" encoding="UTF-8"?>
<data>
  <device>
    <name>x</name>
    <samples>
      <sample id="0">
        <time>1000</time>
        <value>1.0</value>
      </sample>
      <sample id="2">
        <time>2000</time>
        <value>µ &lt; 2</value>
      </sample>
    </samples>
  </device>
  <device>
    <name>empty</name>
    <samples>
    </samples>
  </device>
</data>
"""


def read(*chunks: bytes) -> dict[str, tuple[list[int], list[int], list[str]]]:
    """Read a log from pieces, into plain lists."""
    reader = LogReader(numbers=False)
    for chunk in chunks:
        reader.feed(chunk)
    return {
        name: (log.serials.tolist(), log.times.tolist(), texts(log)) for name, log in reader.close().items()
    }


def texts(log: RawLog) -> list[str]:
    assert isinstance(log.values, list)
    return log.values


EXPECTED = {"x": ([0, 2], [1000, 2000], ["1.0", "µ < 2"]), "empty": ([], [], [])}


def test_a_log() -> None:
    assert read(DATA.encode()) == EXPECTED
    assert read(b"<data/>") == {}


def test_reading_does_not_depend_on_the_pieces() -> None:
    body = DATA.encode()
    assert read(*(body[i : i + 1] for i in range(len(body)))) == EXPECTED
    for cut in range(len(body)):
        assert read(body[:cut], b"", body[cut:]) == EXPECTED


def test_a_log_is_written_as_the_server_does() -> None:
    pieces = write_log([("x", [(0, 1000, "1.0"), (2, 2000, "µ < 2")]), ("empty", [])])
    assert "".join(pieces) == DATA


def test_elements_are_known_by_their_names() -> None:
    body = b"""<data note="x"><device><comment>y</comment><samples>
    <other><time>9</time></other>
    <sample unit="V" id="5"><quality><value>bad</value></quality><value>1.0<!-- c --><![CDATA[<2>]]></value>
    <time> 7 </time></sample></samples><name>x</name></device><other><name>z</name></other></data>"""
    assert read(body) == {"x": ([5], [7], ["1.0<2>"])}


def test_serials_and_times_have_64_bits() -> None:
    most, least = 2**63 - 1, -(2**63)
    samples = f'<samples><sample id="{most}"><time>{least}</time><value/></sample></samples>'
    body = f"<data><device><name>x</name>{samples}</device></data>"
    assert read(body.encode()) == {"x": ([most], [least], [""])}


def sample(serial: str = 'id="0"', time: str = "<time>1</time>") -> str:
    """Return a log of one sample."""
    inner = f"<sample {serial}>{time}<value>1.0</value></sample>"
    return f"<data>\n<device><name>x</name><samples>{inner}</samples></device></data>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "no element found"),
        ("x", "syntax error"),
        ("<scan/>", "the root element is <scan>, not <data>"),
        ("<html><body>Log in</body></html>", "the root element is <html>, not <data>"),
        ("<data><device></data>", "mismatched tag"),
        ("<data/>x", "junk after document element"),
        ("<!DOCTYPE data><data/>", "a document type declaration is not allowed"),
        ('<?xml version="1.0" encoding="nonsense"?><data/>', "unknown encoding"),
        ('<?xml version="1.0" encoding="shift_jis"?><data/>', "multi-byte encodings are not supported"),
        (sample(serial=""), "the serial of a sample: '' is no whole number of 64 bits"),
        (sample(serial='id="x"'), "'x' is no whole"),
        (sample(serial=f'id="{2**63}"'), "is no whole number"),
        (sample(time=""), "the time of a sample: '' is no whole number"),
        (sample(time="<time>soon</time>"), "'soon' is no whole"),
        (sample(time=f"<time>{2**63}</time>"), "is no whole number"),
    ],
)
def test_what_is_no_log(body: str, reason: str) -> None:
    with pytest.raises(ProtocolError, match=f"the data log cannot be read at line [0-9]+: .*({reason})"):
        read(body.encode())


def test_a_log_that_ends_in_the_middle() -> None:
    body = DATA.rstrip().encode()
    for end in range(len(body)):
        with pytest.raises(ProtocolError):
            read(body[:end])


def test_an_error_has_the_beginning_of_the_reply() -> None:
    reader = LogReader()
    reader.feed(b"<data>")
    with pytest.raises(ProtocolError) as caught:
        reader.feed(b"</device>" + b"x" * 5000)
    assert caught.value.raw == "<data></device>" + "x" * 1985


def test_raw_logs_are_columns() -> None:
    reader = LogReader()
    reader.feed(DATA.replace("µ &lt; 2", "2.5").encode())
    log = reader.close()["x"]
    assert isinstance(log.values, np.ndarray)
    assert (log.serials.dtype, log.times.dtype, log.values.dtype) == (np.int64, np.int64, np.float64)
    assert log.values.tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2.0"),
        (1e-5, "1.0E-5"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (7, "7"),
        ("Open", "Open"),
        ("", ""),
        ([1.0, 2.0], "[1.0, 2.0]"),
        ((1, 2), "[1, 2]"),
        (["a", "b"], "[a, b]"),
        ([1.5], "1.5"),
        ([], "[]"),
    ],
)
def test_how_the_server_writes_values(value: float | str | list[float], text: str) -> None:
    assert sample_text(value) == text


def test_control_characters_come_as_underscores() -> None:
    """Spec §3, and trap 22: else no client could read the data."""
    text = "".join(write_log([("a\x00b", [(0, 0, "\x1b[0m\ttab\n")])]))
    root = ET.fromstring(text.encode())
    assert root.findtext("device/name") == "a_b"
    assert root.findtext(".//value") == "_[0m\ttab\n"
