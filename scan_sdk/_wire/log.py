"""The data log of a scan: XML to raw columns, as it arrives, and back."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from scan_sdk._dialect.java import format_double, parse_long
from scan_sdk._wire.markup import carriable, escape
from scan_sdk.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scan_sdk._wire.log_columns import Columns

_BLOCK = 2**19
"""Bytes of samples that are read at once, and the longest sample that is not left to expat."""
_BATCH = 4096
"""Samples that are kept as Python objects, where expat finds them."""
_SHOWN = 2000
"""Bytes of a reply that an error shows."""
_SAMPLES = ["data", "device", "samples"]
_TAGS = (b"<samples>", b"</sample>")
"""What samples may stand behind."""
_CUT = re.compile(b"|".join(_TAGS))
_ASCII_IS_ASCII = re.compile(rb"(?:\xef\xbb\xbf)?<[^\x00]")
"""How documents begin, declared encodings aside, that are not UTF-16."""


class RawLog(NamedTuple):
    """What was logged of one device.

    Attributes:
        serials: int64.
        times: int64, POSIX milliseconds.
        values: float64 where each was a number as Java writes it; else texts as the server wrote them.
    """

    serials: NDArray[np.int64]
    times: NDArray[np.int64]
    values: NDArray[np.float64] | list[str]


class LogReader:
    """Reads the reply to `GET /scan/{id}/data` in pieces, so that the whole is never held as XML.

    It goes by the names of elements: unknown ones are passed over, and attributes and children may stand in
    any order. Serials and times are 64-bit integers.

    Expat reads all but samples in the layout in which servers write them. Those are taken over its head,
    while it stands between two of them, and then it goes on behind them.
    """

    def __init__(self, *, numbers: bool = True) -> None:
        """Start with an empty log.

        Args:
            numbers: Whether the values of a device become numbers where all of them are.
        """
        from scan_sdk._wire.log_columns import Columns, Originals  # with numpy, which takes its time

        originals = Originals() if numbers else None
        self._new_columns: Callable[[], Columns] = partial(Columns, originals)
        self._devices: dict[str, Columns] = {}
        self._columns = self._new_columns()
        self._name: str | None = None
        self._path: list[str] = []
        self._text: list[str] = []
        self._in_sample = False
        self._serial = self._time = self._value = ""
        self._serials: list[int] = []
        self._times: list[int] = []
        self._values: list[str] = []
        self._head = b""
        self._pieces: list[bytes] = []
        self._held = 0
        self._fed = 0
        self._lines = 0  # of samples that expat has not seen
        self._utf8 = True
        self._between = False
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.XmlDeclHandler = self._declare
        parser.StartCdataSectionHandler = partial(self._path.append, "CDATA")  # no place between samples
        parser.EndCdataSectionHandler = self._path.pop

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the reply.

        Raises:
            ProtocolError: What came so far is not well-formed, or no data log.
        """
        self._head += chunk[: _SHOWN - len(self._head)]
        for start in range(0, len(chunk), _BLOCK):
            piece = chunk[start : start + _BLOCK]
            self._pieces.append(piece)
            self._held += len(piece)
            if not self._between or self._held >= _BLOCK:
                self._advance(final=False)

    def close(self) -> dict[str, RawLog]:
        """Return the columns of all devices, in the order of the reply.

        Raises:
            ProtocolError: The reply ends in the middle.
        """
        self._advance(final=True)
        self._parse(b"", final=True)
        del self._parser  # which knows this reader: both would stay until the garbage collector comes
        return {name: RawLog(*columns.close()) for name, columns in self._devices.items()}

    def _advance(self, *, final: bool) -> None:
        """Read what is held; what may be the beginning of a sample or tag stays, unless it is the end."""
        data = b"".join(self._pieces)
        place = 0
        while place < len(data):
            if self._between:
                end = _end_of_samples(data, place)
                if end > place:
                    self._read_run(data[place:end])
                    place = end
                    continue
                if not final and len(data) - place < _BLOCK and b"</samples>" not in data[place:]:
                    break  # until there is a whole sample
            cut = _CUT.search(data, place)
            end = cut.end() if cut else len(data) if final else _without_part_of_cut(data, place)
            self._parse(data[place:end])
            place = end
            self._between = cut is not None and self._is_between_samples()
            if cut is None:
                break
        rest = data[place:]
        self._pieces = [rest] if rest else []
        self._held = len(rest)

    def _read_run(self, run: bytes) -> None:
        """Read what ends with a sample, and seems to be samples."""
        from scan_sdk._wire.log_layout import LINES, read_run

        samples = read_run(run)
        if samples is None:
            self._parse(run)
            self._between = self._is_between_samples()
        else:
            self._flush()
            self._columns.add(samples)
            self._lines += LINES * len(samples.serials) + samples.values.count(b"\n")

    def _is_between_samples(self) -> bool:
        """Return whether expat has read all that it was given, and expects a sample next."""
        return (
            self._path == _SAMPLES
            and self._parser.CurrentByteIndex == self._fed
            and self._utf8
            and _ASCII_IS_ASCII.match(self._head) is not None
        )

    def _parse(self, data: bytes, *, final: bool = False) -> None:
        self._fed += len(data)
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            raise self._unfit(f"not well-formed XML ({expat.ErrorString(error.code)})") from None
        except (LookupError, ValueError) as error:
            raise self._unfit(str(error)) from None

    def _unfit(self, reason: str) -> ProtocolError:
        place = f"line {self._parser.CurrentLineNumber + self._lines}"
        raw = self._head.decode("utf-8", "replace")
        return ProtocolError(f"the data log cannot be read at {place}: {reason}", raw=raw)

    def _refuse_doctype(self, *_: object) -> None:
        raise ValueError("a document type declaration is not allowed")

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._utf8 = encoding is None or encoding.upper() == "UTF-8"

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(tag)
        depth = len(path)
        if depth == 5 and self._in_sample:  # data/device/samples/sample/value
            self._collect_text()
        elif depth == 4 and path[:3] == _SAMPLES and tag == "sample":
            self._in_sample = True
            self._serial = attributes.get("id", "")
            self._time = self._value = ""
        elif depth == 3 and path[1] == "device" and tag == "name":
            self._collect_text()
        elif depth == 2:
            self._name = None
        elif depth == 1 and tag != "data":
            raise ValueError(f"the root element is <{tag}>, not <data>")

    def _end(self, tag: str) -> None:
        path = self._path
        depth = len(path)
        path.pop()
        if depth == 5 and self._in_sample:
            if tag == "value":
                self._value = self._text_collected()
            elif tag == "time":
                self._time = self._text_collected()
            self._parser.CharacterDataHandler = None
        elif depth == 4 and self._in_sample:
            self._in_sample = False
            self._serials.append(_whole_number(self._serial, "serial"))
            self._times.append(_whole_number(self._time, "time"))
            self._values.append(self._value)
            if len(self._values) == _BATCH:
                self._flush()
        elif depth == 3 and path[1] == "device" and tag == "name":
            self._name = self._text_collected()
        elif depth == 2 and tag == "device":
            self._end_device()

    def _collect_text(self) -> None:
        self._text = []
        self._parser.CharacterDataHandler = self._text.append

    def _text_collected(self) -> str:
        self._parser.CharacterDataHandler = None
        return "".join(self._text)

    def _flush(self) -> None:
        """Bring the samples that expat has found into the columns."""
        if not self._serials:
            return
        import numpy as np

        from scan_sdk._wire.log_layout import MARK, Samples

        serials, times = np.array(self._serials, np.int64), np.array(self._times, np.int64)
        values = "".join([f"{value}{MARK.decode()}" for value in self._values])
        self._columns.add(Samples(serials, times, values.encode()))
        for found in (self._serials, self._times, self._values):
            found.clear()

    def _end_device(self) -> None:
        self._flush()
        columns, name = self._columns, self._name
        self._columns = self._new_columns()
        if name is None:
            if len(columns):
                raise ValueError("a device with samples has no name")
        elif name in self._devices:
            self._devices[name].extend(columns)
        else:
            self._devices[name] = columns


def _end_of_samples(data: bytes, place: int) -> int:
    """Return where the samples from a place on end, as far as they are whole; the place where none is."""
    last = data.rfind(b"</sample>", place)
    # Another device may begin before that. It is looked for by a letter first that is not in the tags of
    # samples, which takes no time.
    if data.find(b"c", place, last) >= 0:
        stop = data.find(b"</samples>", place, last)
        if stop >= 0:
            last = data.rfind(b"</sample>", place, stop)
    return place if last < 0 else last + len(b"</sample>")


def _without_part_of_cut(data: bytes, place: int) -> int:
    """Return where data end, without what may be the beginning of a tag that is looked for."""
    last = data.rfind(b"<", max(place, len(data) - len(b"</samples>") + 1))
    return last if last >= 0 and any(tag.startswith(data[last:]) for tag in _TAGS) else len(data)


def _whole_number(text: str, what: str) -> int:
    if len(text) < 19 and text.isascii() and text.isdigit():  # what they look like
        return int(text)
    try:
        return parse_long(text)
    except ValueError as error:
        raise ValueError(f"the {what} of a sample: {error}") from None


def write_log(devices: Iterable[tuple[str, Iterable[tuple[int, int, str]]]]) -> Iterator[str]:
    """Yield a data log in pieces, from each device's name and samples of serial, milliseconds and text."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<data>\n'
    for name, samples in devices:
        yield f"  <device>\n    <name>{escape(carriable(name))}</name>\n    <samples>\n"
        for serial, time, text in samples:
            yield (
                f'      <sample id="{serial}">\n        <time>{time}</time>\n'
                f"        <value>{escape(carriable(text))}</value>\n      </sample>\n"
            )
        yield "    </samples>\n  </device>\n"
    yield "</data>\n"


def sample_text(value: float | str | Sequence[float | str]) -> str:
    """Return a logged value as the server writes it: a Java number, a text, or `[1.0, 2.0]`."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_double(value)
    if len(value) == 1:
        return sample_text(value[0])
    return f"[{', '.join(sample_text(item) for item in value)}]"
