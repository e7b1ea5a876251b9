"""The log reader's short cut through samples as servers write them gives what expat alone gives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from scan_sdk import ProtocolError
from scan_sdk._wire import log as log_module
from scan_sdk._wire import log_columns
from scan_sdk._wire.log import LogReader, write_log
from scan_sdk._wire.log_layout import read_run


class ExpatOnly(LogReader):
    """The reader without its short cut: what is to be read is what this one reads."""

    def _is_between_samples(self) -> bool:
        return False


def found(reader: LogReader, body: bytes, size: int = 2**20) -> object:
    """Return what a reader finds, comparable; or that it refuses the document."""
    try:
        for start in range(0, len(body), size):
            reader.feed(body[start : start + size])
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


def same_on_all_ways(body: bytes, sizes: range | tuple[int, ...] = (1, 2, 3, 7, 64)) -> object:
    """Return what a document is, having seen that it does not depend on path and pieces."""
    expected = found(ExpatOnly(), body)
    as_text = found(ExpatOnly(numbers=False), body)
    for size in (2**20, *sizes):
        assert found(LogReader(), body, size) == expected
        assert found(LogReader(numbers=False), body, size) == as_text
    return expected


def sample(serial: object, value: str, time: object = 1795345963998) -> str:
    return (
        f'      <sample id="{serial}">\n        <time>{time}</time>\n'
        f"        <value>{value}</value>\n      </sample>\n"
    )


def document(*samples: str, name: str = "x", head: str = '<?xml version="1.0" encoding="UTF-8"?>\n') -> str:
    inner = "".join(samples)
    return (
        f"{head}<data>\n  <device>\n    <name>{name}</name>\n    <samples>\n{inner}    </samples>\n"
        "  </device>\n</data>\n"
    )


def values(body: str | bytes, **sizes: tuple[int, ...]) -> object:
    """Return the values of the device x of a document, as read on all ways."""
    logs = same_on_all_ways(body.encode() if isinstance(body, str) else body, **sizes)
    assert isinstance(logs, dict), logs
    return logs["x"][2]


BEFORE, AFTER = sample(0, "1.5"), sample(2, "2.5")


# -- the short cut is taken ---------------------------------------------------------------------------------


def seen_by_expat(body: bytes) -> int:
    reader = LogReader()
    reader.feed(body)
    reader.close()
    return reader._fed


RECORDED = Path(__file__).parents[2] / "contract" / "recorded" / "exchanges.json"
BODIES = [
    item["body"].encode() for item in json.loads(RECORDED.read_text("utf-8")) if "<sample " in item["body"]
]


@pytest.mark.parametrize("body", BODIES)
def test_samples_of_the_real_server_are_not_shown_to_expat(body: bytes) -> None:
    layout = "".join(write_log([("", [])])).encode()
    assert b"<samples>" in layout
    devices = body.count(b"<device>")
    assert seen_by_expat(body) < 140 * devices + 60
    same_on_all_ways(body, range(1, 140))


def test_samples_of_our_server_are_not_shown_to_expat() -> None:
    samples = [(serial, 1795345963998 + serial, f"{serial / 8}") for serial in range(5000)]
    body = "".join(write_log([("x", samples), ("y", samples)])).encode()
    assert seen_by_expat(body) < 400
    same_on_all_ways(body, (1000, 65536))


def test_a_run_that_is_refused_is_no_end_of_the_short_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_BLOCK", 1000)
    samples = [sample(serial, "&lt;" if serial == 50 else "Open") for serial in range(1000)]
    body = document(*samples).encode()
    assert seen_by_expat(body) < 2000
    assert values(body, sizes=(7, 2000)) == ["Open"] * 50 + ["<"] + ["Open"] * 949


def test_a_sample_longer_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_BLOCK", 1000)
    long = "[" + ", ".join(["1.0"] * 2000) + "]"
    many = [sample(serial, "a") for serial in range(3, 100)]
    body = document(BEFORE, sample(1, long), AFTER, *many)
    assert values(body, sizes=(1, 999, 1000, 1001)) == ["1.5", long, "2.5", *["a"] * 97]
    assert seen_by_expat(body.encode()) < len(long) + 2000


# -- legal documents that are not in the layout, or nearly --------------------------------------------------

TEXTS = {
    "&amp;&lt;&gt;&quot;&apos;": "&<>\"'",
    "&#181;m &#x1F600;": "µm 😀",
    "&#49;.0": "1.0",
    "<![CDATA[<a> & ]]>b": "<a> & b",
    "<![CDATA[1.0]]>": "1.0",
    "a<!-- <value>9</value> -->b": "ab",
    "a<?pi </value> ?>b": "ab",
    "a<b>c</b>d": "acd",
    "": "",
    " ": " ",
    "\t1.0\n": "\t1.0\n",
    "two\nlines": "two\nlines",
    "two\r\nlines\r": "two\nlines\n",
    "&#13;": "\r",
    "µ 😀 \u00a0\u0085\u2028": "µ 😀 \u00a0\u0085\u2028",
    "\ud7ff\ue000\ufffd\U0001fffe\U0010ffff": "\ud7ff\ue000\ufffd\U0001fffe\U0010ffff",
    "\x7f": "\x7f",
    "a > b ]] > ]> ]": "a > b ]] > ]> ]",
    "007": "007",
    "1_000": "1_000",
    "nan": "nan",
    "1e5": "1e5",
    "1.0e5": "1.0e5",
    "1.0E+5": "1.0E+5",
    "+1.0": "+1.0",
    ".5": ".5",
    "5.": "5.",
    "٣": "٣",
    "0x10": "0x10",
    "1.0 ": "1.0 ",
    "1.0d": "1.0d",
    "--1.0": "--1.0",
    "9007199254740993": "9007199254740993",
    "9" * 5000: "9" * 5000,
    "[1.0, 2.0]": "[1.0, 2.0]",
    "[a, b, c]": "[a, b, c]",
    "[]": "[]",
    "1.0\u20281": "1.0\u20281",
}


@pytest.mark.parametrize("written", TEXTS)
def test_texts(written: str) -> None:
    wanted = TEXTS[written]
    if wanted == "1.0":
        assert values(document(BEFORE, sample(1, written), AFTER)) == "[1.5, 1.0, 2.5]"
    else:
        assert values(document(BEFORE, sample(1, written), AFTER)) == ["1.5", wanted, "2.5"]


NUMBERS = {
    "NaN": "nan",
    "Infinity": "inf",
    "-Infinity": "-inf",
    "-0.0": "-0.0",
    "1.0E-5": "1e-05",
    "1.7976931348623157E308": "1.7976931348623157e+308",
    "4.9E-324": "5e-324",
    "0.30000000000000004": "0.30000000000000004",
    "12345678901234567.5": "1.2345678901234568e+16",
    "7": "7.0",
    "-0": "-0.0",
    "999999999999999": "999999999999999.0",
    "9007199254740992": "9007199254740992.0",
    "-9007199254740992": "-9007199254740992.0",
}


@pytest.mark.parametrize("written", NUMBERS)
def test_numbers(written: str) -> None:
    assert values(document(BEFORE, sample(1, written), AFTER)) == f"[1.5, {NUMBERS[written]}, 2.5]"


ODD_SAMPLES = {
    "no white space": '<sample id="1"><time>5</time><value>2.0</value></sample>',
    "value before time": '      <sample id="1">\n        <value>2.0</value>\n        <time>5</time>\n'
    "      </sample>\n",
    "attributes": "      <sample unit='mm'  id='1' >\n        <time>5</time>\n        <value>2.0</value>\n"
    "      </sample>\n",
    "attribute behind": sample('1" unit="mm', "2.0", 5),
    "further elements": '      <sample id="1">\n        <time>5</time>\n        <value>2.0</value>\n'
    "        <unit><value>3</value></unit>\n      </sample>\n",
    "twice": '      <sample id="1">\n        <time>4</time>\n        <time>5</time>\n'
    "        <value>1.0</value>\n        <value>2.0</value>\n      </sample>\n",
    "CRLF": sample(1, "2.0", 5).replace("\n", "\r\n"),
    "tabs": sample(1, "2.0", 5).replace("      ", "\t\t\t"),
    "a comment between": f"<!-- {sample(8, '9.0')} -->{sample(1, '2.0', 5)}<!-- </sample>\n -->",
    "a CDATA section between": f"<![CDATA[\n{sample(8, '9.0')}]]>"
    f"{sample(1, '2.0', 5)}<![CDATA[</sample>\n{AFTER}]]>",
    "an instruction between": f"<?pi {sample(8, '9.0')}?>\n{sample(1, '2.0', 5)}",
    "text between": f"9.0 {sample(1, '2.0', 5)} ]",
    "another element between": f"<group>\n{sample(8, '9.0')}</group>\n{sample(1, '2.0', 5)}",
    "blanks in numbers": sample(" 1 ", "2.0", "\n5\t"),
    "an entity in a number": sample("&#49;", "2.0", "&#53;"),
    "leading zeros": sample("0001", "2.0", "0" * 30 + "5"),
}


@pytest.mark.parametrize("kind", ODD_SAMPLES)
def test_samples_that_are_not_in_the_layout(kind: str) -> None:
    body = document(BEFORE, ODD_SAMPLES[kind], AFTER).encode()
    logs = same_on_all_ways(body, range(1, 120))
    time = 1795345963998
    assert logs == {"x": ([0, 1, 2], [time, 5, time], "[1.5, 2.0, 2.5]")}


def test_serials_and_times_of_64_bits() -> None:
    most, least = 2**63 - 1, -(2**63)
    for number in (0, 10**17, 10**18 - 1, 10**18, most, least, -1):
        logs = same_on_all_ways(document(BEFORE, sample(number, "1.0", number)).encode())
        assert logs == {"x": ([0, number], [1795345963998, number], "[1.5, 1.0]")}


def test_encodings() -> None:
    text = document(BEFORE, sample(1, "µ"), AFTER, head="")
    wanted = ["1.5", "µ", "2.5"]
    assert values(text) == wanted
    assert values(b"\xef\xbb\xbf" + text.encode()) == wanted
    assert values(f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>{text}') == wanted
    assert values(f'\ufeff<?xml version="1.0" encoding="utf-8"?>{text}') == wanted
    for encoding in ("ISO-8859-1", "windows-1252", "UTF-16"):
        declared = f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'
        assert values(declared.encode(encoding)) == wanted
    assert values(text.encode("utf-16")) == wanted
    for encoding in ("utf-16-le", "utf-16-be"):
        assert values(f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode(encoding)) == wanted


def test_a_name_for_the_samples_that_comes_after_them() -> None:
    body = f"<data><device><samples>\n{BEFORE}</samples><name>x</name></device></data>"
    assert values(body) == "[1.5]"


def test_devices_without_samples() -> None:
    body = (
        "<data><device><name>a</name><samples>\n</samples></device><device><name>b</name></device><device/>"
    )
    assert same_on_all_ways(f"{body}</data>".encode()) == {"a": ([], [], "[]"), "b": ([], [], "[]")}


def test_samples_that_are_not_of_a_device_are_passed_over() -> None:
    inner = f"<name>a</name><samples>\n{BEFORE}</samples>"
    body = f"<data><other>{inner}</other><device><name>x</name><more>{inner}</more></device>{BEFORE}</data>"
    assert same_on_all_ways(body.encode()) == {"x": ([], [], "[]")}


# -- devices that come twice, and values that turn out to be text -------------------------------------------


def parts(*devices: tuple[str, list[str]]) -> bytes:
    serials = iter(range(10**6))
    return "".join(
        write_log((name, [(next(serials), 5, text) for text in texts]) for name, texts in devices)
    ).encode()


def test_a_device_that_comes_twice_is_joined() -> None:
    body = parts(("x", ["1.0", "2.0"]), ("y", ["a"]), ("x", ["3.0"]), ("y", ["4.0"]))
    assert same_on_all_ways(body) == {
        "x": ([0, 1, 3], [5] * 3, "[1.0, 2.0, 3.0]"),
        "y": ([2, 4], [5, 5], ["a", "4.0"]),
    }


def test_numbers_that_are_joined_to_text_are_as_they_were_written() -> None:
    for first, second in ((["1.50", "7"], ["a"]), (["a"], ["1.50", "7"])):
        logs = same_on_all_ways(parts(("x", first), ("y", ["2.0"]), ("x", second)))
        assert isinstance(logs, dict)
        assert logs["x"][2] == first + second
        assert logs["y"][2] == "[2.0]"


def test_a_text_after_many_numbers_makes_all_of_them_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "_BLOCK", 3000)
    monkeypatch.setattr(log_columns, "_LOOSE", 1000)
    texts = [f"{number}.50" for number in range(5000)]
    body = parts(("y", texts), ("x", [*texts, "Open", *texts]), ("z", texts))
    logs = same_on_all_ways(body, (2000,))
    assert isinstance(logs, dict)
    assert logs["x"][2] == [*texts, "Open", *texts]
    assert logs["y"][2] == logs["z"][2] == repr([number + 0.5 for number in range(5000)])


def test_originals_are_kept_compressed_beyond_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_columns, "_LOOSE", 1000)
    originals = log_columns.Originals()
    blocks = [f"{number}.0\x01".encode() * 60 for number in range(100)]
    numbers = [originals.keep(block) for block in blocks]
    assert sum(map(len, originals._blocks)) < 1000 + 100 * 40
    assert [originals.get(number) for number in numbers] == blocks


# -- what is refused ----------------------------------------------------------------------------------------

ILL = {
    "a NUL": "a\x00b",
    "a control character": "a\x1bb",
    "the mark of the reader itself": "1.0\x012.0",
    "U+FFFE": "\ufffe",
    "U+FFFF": "a\uffff",
    "the end of a CDATA section": "a]]>b",
    "an ampersand": "a & b",
    "an unknown entity": "&nbsp;",
    "a reference to NUL": "&#0;",
    "a reference to a surrogate": "&#xD800;",
    "an open tag": "a<b>",
    "a wrong end": "</time>",
    "an opened bracket": "a < b",
    "an unfinished comment": "<!-- ",
    "an unfinished CDATA section": "<![CDATA[",
    "a declaration": '<?xml version="1.0"?>',
}


@pytest.mark.parametrize("kind", ILL)
def test_values_that_are_ill_formed(kind: str) -> None:
    refused = same_on_all_ways(document(BEFORE, sample(1, ILL[kind]), AFTER).encode())
    assert isinstance(refused, str)
    assert "not well-formed XML" in refused


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff",
        b"\x80",
        b"\xc3",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xe2\x28\xa1",
        b"\xf5\x80\x80\x80",
        b"\xf4\x90\x80\x80",
        b"\xef\xbf\xbf",
    ],
)
def test_values_that_are_not_utf_8(bad: bytes) -> None:
    body = document(BEFORE, sample(1, "?"), AFTER).encode().replace(b"?</value>", bad + b"</value>")
    assert isinstance(same_on_all_ways(body), str)


@pytest.mark.parametrize("serial", ["", "x", "1.0", "1_0", "٣", 2**63, -(2**63) - 1, "1 2"])
def test_serials_and_times_that_are_none(serial: object) -> None:
    for bad, what in ((sample(serial, "1.0"), "serial"), (sample(1, "1.0", serial), "time")):
        refused = same_on_all_ways(document(BEFORE, bad, AFTER).encode())
        assert isinstance(refused, str)
        assert f"the {what} of a sample: '{serial}' is no whole number of 64 bits" in refused


def test_the_line_of_an_error_counts_what_expat_has_not_seen() -> None:
    good = [sample(serial, "two\nlines") for serial in range(100)]
    refused = same_on_all_ways(document(*good, sample("x", "1.0")).encode(), (1, 300))
    assert isinstance(refused, str)
    assert "at line 509: the serial" in refused
    refused = same_on_all_ways(document(*good).replace("</samples>", "</sample>").encode(), (1, 300))
    assert isinstance(refused, str)
    assert "at line 506: not well-formed XML (mismatched tag)" in refused


def test_a_document_that_ends_in_the_middle() -> None:
    body = document(BEFORE, sample(1, "µ"), AFTER).rstrip().encode()
    for end in range(len(body)):
        assert isinstance(found(LogReader(), body[:end]), str)
        assert isinstance(found(LogReader(), body[:end], 50), str)


def test_pieces_with_borders_anywhere() -> None:
    body = document(BEFORE, sample(1, "µ &amp;"), AFTER).encode()
    expected = found(ExpatOnly(), body)
    for cut in range(len(body)):
        reader = LogReader()
        reader.feed(body[:cut])
        assert found(reader, body[cut:]) == expected


def test_document_types_and_entity_bombs() -> None:
    bomb = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    for head in (
        "<!DOCTYPE data>",
        f"<!DOCTYPE data [{bomb}]>",
        '<!DOCTYPE data SYSTEM "file:///etc/passwd">',
    ):
        refused = same_on_all_ways(document(BEFORE, sample(1, "&a9;"), head=head).encode())
        assert isinstance(refused, str)
        assert "a document type declaration is not allowed" in refused


def test_samples_without_the_name_of_their_device() -> None:
    refused = same_on_all_ways(document(BEFORE).replace("name>", "label>").encode())
    assert isinstance(refused, str)
    assert "a device with samples has no name" in refused


# -- the recogniser by itself -------------------------------------------------------------------------------

RUN = ("\n" + sample(8, "ab") + sample(10, "ab")).rstrip().encode()


def by_expat(run: bytes) -> object:
    """Return the samples that expat finds in a run; or the reason why it finds none."""
    return found(
        ExpatOnly(numbers=False), b"<data><device><name>x</name><samples>%s</samples></device></data>" % run
    )


def by_layout(run: bytes) -> object:
    """Return the samples of a run in the same form; None where it is refused."""
    samples = read_run(run)
    if samples is None:
        return None
    texts = samples.values.decode().split("\x01")[:-1]
    return {"x": (samples.serials.tolist(), samples.times.tolist(), texts)}


def test_a_run_with_any_byte_changed_is_what_it_is_to_expat_or_refused() -> None:
    taken = 0
    for place in range(len(RUN)):
        for byte in (*b'<>&a0] \n\r"/', 0, 1, 0xFF):
            run = RUN[:place] + bytes([byte]) + RUN[place + 1 :]
            found_here = by_layout(run)
            taken += found_here is not None
            assert found_here is None or found_here == by_expat(run)
    assert taken > 50


def test_a_run_with_a_byte_more_or_less_is_what_it_is_to_expat_or_refused() -> None:
    for place in range(len(RUN)):
        for middle in (b"", b"\t" + RUN[place : place + 1], b"<" + RUN[place : place + 1]):
            run = RUN[:place] + middle + RUN[place + 1 :]
            found_here = by_layout(run)
            assert found_here is None or found_here == by_expat(run)


def test_runs_that_begin_or_end_elsewhere() -> None:
    assert by_layout(RUN + RUN) == by_expat(RUN + RUN)
    for odd in (b"", b"</sample>", RUN[1:], RUN + b" ", RUN + b"\n", RUN + b" " + RUN, RUN + RUN[:100]):
        assert read_run(odd) is None


def test_what_is_taken_is_int64() -> None:
    samples = read_run(RUN)
    assert samples is not None
    assert samples.serials.dtype == samples.times.dtype == np.int64
