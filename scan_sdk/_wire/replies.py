"""What the scan server answers: XML to models and back, by the tables that the schemas give."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from scan_sdk._dialect.java import format_double, parse_double, parse_long
from scan_sdk._wire.markup import carriable, escape, parse
from scan_sdk.errors import ProtocolError
from scan_sdk.models import DeviceInfo, ScanInfo, ScanServerInfo, ScanState, SimulationResult
from scan_sdk.models.base import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models.base import Model

    M = TypeVar("M", bound=Model)

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_EPOCH = datetime.fromtimestamp(0, UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SHOWN = 2000  # characters of a reply that an error keeps


def read_scan(body: bytes) -> ScanInfo:
    """Return what `GET /scan/{id}` says.

    Raises:
        ProtocolError: The reply is no `<scan>`; so for all functions here, with their own elements.
    """
    return _read_model(ScanInfo, _root(body, "scan"), body)


def read_scans(body: bytes) -> tuple[ScanInfo, ...]:
    """Return what `GET /scans` says, the newest scan first."""
    return tuple(_read_model(ScanInfo, child, body) for child in _root(body, "scans").iterfind("scan"))


def read_server(body: bytes) -> ScanServerInfo:
    """Return what `GET /server/info` says."""
    return _read_model(ScanServerInfo, _root(body, "server"), body)


def read_devices(body: bytes) -> tuple[DeviceInfo, ...]:
    """Return what `GET /scan/{id}/devices` says."""
    return tuple(_read_model(DeviceInfo, child, body) for child in _root(body, "devices").iterfind("device"))


def read_simulation(body: bytes) -> SimulationResult:
    """Return what `POST /simulate` says, also where the server's CDATA was broken by `]]>` (trap 14)."""
    try:
        root = _root(body, "simulation")
    except ProtocolError:
        text = body.decode("utf-8", "replace")
        found = _BROKEN_SIMULATION.fullmatch(text)
        if found is None:
            raise
        root = _element("simulation", log=found["log"], seconds=found["seconds"])
    result = _read_model(SimulationResult, root, body)
    return result.model_copy(update={"log": result.log.strip("\n").rstrip()})


_BROKEN_SIMULATION = re.compile(
    r"\s*<simulation>\s*<log><!\[CDATA\[(?P<log>.*)\]\]>\s*</log>\s*<seconds>(?P<seconds>[^<]*)</seconds>\s*"
    r"</simulation>\s*",
    re.DOTALL,
)


def read_id(body: bytes) -> int:
    """Return the number that a submit is answered with."""
    return _read_integer(body, "id")


def read_serial(body: bytes) -> int:
    """Return what `GET /scan/{id}/last_serial` says, -1 where nothing is logged."""
    return _read_integer(body, "serial")


def read_bye(body: bytes) -> None:
    """Check the answer to `GET /server/shutdown`."""
    _root(body, "bye")


def read_error(body: bytes) -> tuple[str, str]:
    """Return the message and the trace of an error reply, both empty where it has none.

    It takes the `<error>` of a submit, also where the name of the scan in it breaks the XML, and the HTML
    page of the servlet container.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")  # in which the container writes its page
    _, found, rest = text.partition("<error>")
    if found:
        return _between(rest, "<message>", "</message>"), _between(rest, "<trace>", "</trace>")
    _, found, rest = text.partition("<th>MESSAGE:</th>")
    if found:
        return _between(rest, "<td>", "</td>"), ""
    return _between(text, "<title>", "</title>"), ""


def _between(text: str, opening: str, closing: str) -> str:
    """Return the text of the first element of a kind, empty where there is none."""
    _, _, rest = text.partition(opening)
    markup, found, _ = rest.partition(closing)
    return html.unescape(markup).strip() if found else ""


def _root(body: bytes, tag: str) -> Element:
    try:
        root = parse(body)
    except ValueError as error:
        raise _unfit(f"the reply is {error}", body) from None
    if root.tag != tag:
        raise _unfit(f"the reply is <{root.tag}> where <{tag}> is due", body)
    return root


def _unfit(reason: str, body: bytes) -> ProtocolError:
    raw = body[:_SHOWN].decode("utf-8", "replace")
    return ProtocolError(f"{reason}: is this a scan server?", raw=raw)


def _element(tag: str, **children: str) -> Element:
    root = Element(tag)
    for name, text in children.items():
        child = Element(name)
        child.text = text
        root.append(child)
    return root


def _read_integer(body: bytes, tag: str) -> int:
    text = _root(body, tag).text or ""
    try:
        return parse_long(text)
    except ValueError:
        raise _unfit(f"<{tag}> holds {text.strip()[:40]!r} where a whole number is due", body) from None


def _read_model(cls: type[M], element: Element, body: bytes) -> M:
    """Read one model; unknown elements are passed over, as newer servers may send more."""
    values: dict[str, object] = {}
    for field in fields_of(cls):
        text = element.findtext(field.tag)
        if text is not None:
            try:
                values[field.attribute] = _READ[field.kind](text)
            except (ValueError, OverflowError) as error:
                raise _unfit(f"<{element.tag}> does not fit: <{field.tag}>: {error}", body) from None
    try:
        return cls.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise _unfit(f"<{element.tag}> does not fit: {faults}", body) from None


def _read_paths(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


_READ: dict[str, Callable[[str], object]] = {
    "text": str,
    "integer": parse_long,
    "number": parse_double,
    "enum": ScanState,
    "time": lambda text: _EPOCH + parse_long(text) * _MILLISECOND,
    "duration": lambda text: parse_long(text) * _MILLISECOND,
    "paths": _read_paths,
}


def write_scan(info: ScanInfo) -> str:
    """Return the `<scan>` of one scan as a document."""
    return _DECLARATION + _write_model("scan", info, "")


def write_scans(infos: Iterable[ScanInfo]) -> str:
    """Return `<scans>`, in the order given."""
    return _DECLARATION + _write_all("scans", "scan", infos)


def write_server(info: ScanServerInfo) -> str:
    """Return the `<server>` of a server."""
    return _DECLARATION + _write_model("server", info, "")


def write_devices(devices: Iterable[DeviceInfo]) -> str:
    """Return `<devices>`, in the order given."""
    return _DECLARATION + _write_all("devices", "device", devices)


def write_simulation(result: SimulationResult) -> str:
    """Return `<simulation>`; its text is escaped, not put into CDATA, so that no comment can break it."""
    return (
        f"<simulation>\n  <log>{escape(carriable(result.log))}</log>\n"
        f"  <seconds>{format_double(result.seconds)}</seconds>\n</simulation>\n"
    )


def write_error(message: str, trace: str) -> str:
    """Return `<error>` with a message and a trace, whose first line is the reason."""
    message, trace = escape(carriable(message)), escape(carriable(trace))
    return f"<error>\n<message>{message}</message>\n<trace>\n{trace}\n</trace>\n</error>\n"


def _write_all(root: str, tag: str, models: Iterable[Model]) -> str:
    inner = "".join(_write_model(tag, model, "  ") for model in models)
    return f"<{root}>\n{inner}</{root}>\n"


def _write_model(tag: str, model: Model, indent: str) -> str:
    values = model.__dict__
    rows = "".join(
        f"{indent}  <{field.tag}>{_WRITE[field.kind](values[field.attribute])}</{field.tag}>\n"
        for field in fields_of(type(model))
        if not field.omit or values[_DECIDING.get(field.attribute, field.attribute)] != field.default
    )
    return f"{indent}<{tag}>\n{rows}{indent}</{tag}>\n"


def _write_text(text: str) -> str:
    return escape(carriable(text))


def _write_time(time: datetime) -> str:
    return str((time - _EPOCH) // _MILLISECOND)


def _write_duration(time: timedelta) -> str:
    return str(time // _MILLISECOND)


def _write_paths(paths: Iterable[str]) -> str:
    return _write_text(", ".join(paths))


# Work units are left out together, where their total is 0 (spec §2).
_DECIDING = {"performed_work_units": "total_work_units"}
_WRITE: dict[str, Callable[..., str]] = {
    "text": _write_text,
    "integer": str,
    "number": format_double,
    "enum": str,
    "time": _write_time,
    "duration": _write_duration,
    "paths": _write_paths,
}
