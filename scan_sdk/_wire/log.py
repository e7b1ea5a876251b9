"""The data log of a scan: XML to raw columns, as it arrives, and back."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from scan_sdk._wire.java import format_double
from scan_sdk._wire.markup import carriable, escape
from scan_sdk.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class RawLog(NamedTuple):
    """What was logged of one device: serials, POSIX milliseconds, and values as the server wrote them."""

    serials: array[int]
    times: array[int]
    texts: list[str]


class LogReader:
    """Reads the reply to `GET /scan/{id}/data` in pieces, so that the whole is never held as XML.

    It goes by the names of elements: unknown ones are passed over, and attributes and children may stand in
    any order. Serials and times are 64-bit integers.
    """

    def __init__(self) -> None:
        """Start with an empty log."""
        self._logs: dict[str, RawLog] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._log = RawLog(array("q"), array("q"), [])
        self._serial = self._time = self._value = ""
        parser = self._parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the reply.

        Raises:
            ProtocolError: What came so far is not well-formed, or no data log.
        """
        self._parse(chunk, final=False)

    def close(self) -> dict[str, RawLog]:
        """Return the columns of all devices, in the order of the reply.

        Raises:
            ProtocolError: The reply ends in the middle.
        """
        self._parse(b"", final=True)
        return self._logs

    def _parse(self, chunk: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(chunk, final)
        except expat.ExpatError as error:
            raise self._unfit(f"not well-formed XML ({error})", chunk) from None
        except (LookupError, ValueError, OverflowError) as error:
            raise self._unfit(str(error), chunk) from None

    def _unfit(self, reason: str, chunk: bytes) -> ProtocolError:
        place = f"line {self._parser.CurrentLineNumber}"
        raw = chunk[:2000].decode("utf-8", "replace")
        return ProtocolError(f"the data log cannot be read at {place}: {reason}", raw=raw)

    def _refuse_doctype(self, *_: object) -> None:
        raise ValueError("a document type declaration is not allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        path = self._path
        path.append(tag)
        depth = len(path)
        if depth == 5 and path[3] == "sample":  # data/device/samples/sample/value
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
        elif depth == 4 and tag == "sample":
            self._serial = attributes.get("id", "")
            self._time = self._value = ""
        elif depth == 3 and tag == "name" and path[1] == "device":
            self._text = []
            self._parser.CharacterDataHandler = self._text.append
        elif depth == 2:
            self._log = RawLog(array("q"), array("q"), [])
        elif depth == 1 and tag != "data":
            raise ValueError(f"the root element is <{tag}>, not <data>")

    def _end(self, tag: str) -> None:
        path = self._path
        depth = len(path)
        path.pop()
        if depth == 5 and path[3] == "sample":
            if tag == "value":
                self._value = "".join(self._text)
            elif tag == "time":
                self._time = "".join(self._text)
            self._parser.CharacterDataHandler = None
        elif depth == 4 and tag == "sample":
            self._log.serials.append(int(self._serial))
            self._log.times.append(int(self._time))
            self._log.texts.append(self._value)
        elif depth == 3 and tag == "name" and path[1] == "device":
            self._logs["".join(self._text)] = self._log
            self._parser.CharacterDataHandler = None


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
