"""Reads commands from XML, taking whatever the scan server takes, and its defaults.

The document goes through expat once, and each command is built when its element ends. A command that the
server accepts and the constructors refuse, such as a loop to infinity, is kept as the server holds it: what a
server says must stay readable. Only `strict` reading reports it.
"""

from __future__ import annotations

import difflib
import re
from functools import partial
from typing import TYPE_CHECKING, cast
from xml.parsers import expat

from pydantic import ValidationError

from scan_sdk._wire.java import parse_double, parse_value
from scan_sdk.errors import InvalidCommands
from scan_sdk.models import Comparison, TextSource
from scan_sdk.models.collector import collector_paused
from scan_sdk.models.commands import COMMANDS
from scan_sdk.models.simple import MEMBERSHIP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel, XmlField

_LARGE = 2**20  # bytes of a document from which the collector costs a sixth of the time
UNNAMED = "commands"
"""What a document without a name is called."""
DEEPEST = 200
"""Bodies nested deeper than this are refused: no scan needs them, and Python's stack is finite."""


def read_commands(
    document: str | bytes, *, strict: bool = False, source: str | None = None
) -> tuple[Command, ...]:
    """Return the commands of a document whose root is `<commands>`.

    Args:
        document: The document. Bytes are decoded as their XML declaration or byte order mark says, else as
            UTF-8; the encoding that a text declares is not looked at.
        strict: Also refuse what the server silently ignores or changes: unknown and repeated elements,
            unknown comparisons, numbers out of range.
        source: Name of the document, such as its path, for error messages and for what the commands say of
            where they were written; without it they say nothing.

    Raises:
        InvalidCommands: The document is not well-formed, has a DTD, is no command document, or holds a
            command that the server refuses; with line and column.
    """
    encoding = None
    if isinstance(document, str):
        encoding = "utf-8"
        try:
            document = document.encode()
        except UnicodeEncodeError as error:
            reason = f"character {error.start} is half of a surrogate pair, which UTF-8 cannot carry"
            raise InvalidCommands(reason, source=source or UNNAMED) from None
    with collector_paused(len(document) > _LARGE):
        return _Reader(strict=strict, source=source, encoding=encoding).read(document)


class _Row:
    """How one field is read."""

    __slots__ = ("attribute", "convert", "item", "kind", "tag")

    def __init__(self, field: XmlField) -> None:
        self.attribute = field.attribute
        self.tag = field.tag
        self.kind = field.kind
        self.item = field.item
        self.convert = _CONVERSIONS.get(field.kind)


def _defaults(cls: type[CommandModel]) -> dict[str, object]:
    """Return what the server takes missing fields for, where the constructor takes something else."""
    found: dict[str, object] = {}
    for field in cls.XML_FIELDS:
        default = "" if field.kind == "text" and field.default is None else field.default
        ours = cls.model_fields[field.attribute]
        if ours.is_required() or ours.default != default:
            found[field.attribute] = default
    return found


class _Plan:
    """How a command is read: its class, its fields by tag, and what missing ones are taken for."""

    __slots__ = ("cls", "defaults", "has_value", "has_wait", "rows", "validate")

    def __init__(self, cls: type[CommandModel]) -> None:
        self.cls = cls
        self.rows = {field.tag: _Row(field) for field in cls.XML_FIELDS}
        self.defaults = _defaults(cls)
        self.has_value = "value" in self.rows
        self.has_wait = "wait" in self.rows
        self.validate = cls.__pydantic_validator__.validate_python


class _Open:
    """A command whose element is open, and the list that it will go to."""

    __slots__ = ("around", "column", "line", "plan", "rows", "values")

    def __init__(self, plan: _Plan, around: list[Command], line: int, column: int) -> None:
        self.plan = plan
        self.rows = plan.rows
        self.values: dict[str, object] = {}
        self.around = around
        self.line = line
        self.column = column


def _boolean(text: str) -> bool:
    return text == "true" or text.lower() == "true"


def _comparison(text: str) -> str:
    return text if text in Comparison.__members__ else "EQUALS"


# Values stay text until the command ends, as their reading depends on the comparison. Kinds that are not here
# hold elements.
_CONVERSIONS: dict[str, Callable[[str], object]] = {
    "text": str,
    "value": str,
    "number": parse_double,
    "boolean": _boolean,
    "enum": _comparison,
}
_text_source = cast(
    "Callable[[tuple[str, int, int]], TextSource]",
    partial(tuple.__new__, TextSource),  # pyright: ignore[reportUnknownMemberType]  # its stub says too little
)
_PLANS = {cls.XML_TAG: _Plan(cls) for cls in COMMANDS}
# What the parser is in, and so what the next event means.
_ROOT, _BODY, _COMMAND, _LIST, _TEXT, _SKIP = range(6)


class _Reader:
    """The state of one reading."""

    def __init__(self, *, strict: bool, source: str | None, encoding: str | None) -> None:
        self._strict = strict
        self._source = source
        self._state = _ROOT
        self._after = _ROOT  # the state after a text
        self._depth = 0  # within a skipped element
        self._skipped_in = _ROOT, _ROOT  # the states to come back to after it
        self._open: list[_Open] = []
        self._body: list[Command] = []
        self._row = _PLANS["comment"].rows["text"]
        self._text: list[str] = []  # what came since a text began, and also between elements
        self._first: str | None = None  # the first text node, the only one that the server looks at
        self._items: list[str] = []
        parser = self._parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._interrupt
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._interrupt
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.CharacterDataHandler = self._strict_text if strict else self._text.append

    def read(self, document: bytes) -> tuple[Command, ...]:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise self._error(reason, error.lineno, error.offset) from None
        except InvalidCommands:
            raise
        except (LookupError, ValueError) as error:  # no such encoding, or not one that expat can work with
            raise self._error(f"the document's encoding cannot be read: {error}", 1, 0) from None
        return tuple(self._body)

    def _error(self, reason: str, line: int | None = None, column: int | None = None) -> InvalidCommands:
        if line is None or column is None:
            line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        return InvalidCommands(reason, source=self._source or UNNAMED, line=line, column=column + 1)

    def _refuse_doctype(self, *_: object) -> None:
        raise self._error("a document type declaration is not allowed: remove the <!DOCTYPE …>")

    def _strict_text(self, text: str) -> None:
        if self._state == _TEXT:
            self._text.append(text)
        elif self._state != _SKIP and text.strip():
            raise self._error(f"the server ignores text between elements: {text.strip()[:40]!r}")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes and self._strict:
            raise self._error(f"<{tag}> has attributes ({', '.join(attributes)}), which the server ignores")
        state = self._state
        if state == _COMMAND:
            command = self._open[-1]
            row = command.rows.get(tag)
            if row is None or row.attribute in command.values:  # the server takes the first of several
                self._skip(tag, command.rows)
            elif row.convert is None:
                self._start_nested(row)
            else:  # what _start_text does: a call less for each element
                self._row = row
                self._after = _COMMAND
                self._state = _TEXT
                self._text.clear()
        elif state == _BODY:
            self._start_command(tag)
        elif state == _SKIP:
            self._depth += 1
        else:
            self._start_elsewhere(tag)

    def _start_nested(self, row: _Row) -> None:
        self._row = row
        if row.kind == "body":
            self._body = []
            self._state = _BODY
        else:
            self._items = []
            self._state = _LIST

    def _start_elsewhere(self, tag: str) -> None:
        if self._state == _ROOT:
            if tag != "commands":
                raise self._error(f"the root element is <{tag[:40]}>, not <commands>")
            self._state = _BODY
        elif self._state == _LIST and tag == self._row.item:
            self._start_text()
        else:
            self._skip(tag, [self._row.item] if self._state == _LIST else [])

    def _start_text(self) -> None:
        """Collect text up to the end of the element."""
        self._after = self._state
        self._state = _TEXT
        self._text.clear()

    def _interrupt(self, *_: object) -> None:
        """End the first text node."""
        if self._state == _TEXT and self._first is None:
            self._first = "".join(self._text)

    def _start_cdata(self) -> None:
        if self._text:
            self._interrupt()

    def _start_command(self, tag: str) -> None:
        plan = _PLANS.get(tag)
        parser = self._parser
        if plan is None:
            raise self._error(f"unknown command <{tag[:40]}>{_nearest(tag, _PLANS)}")
        if len(self._open) == DEEPEST:
            raise self._error(f"bodies are nested deeper than {DEEPEST}")
        self._open.append(_Open(plan, self._body, parser.CurrentLineNumber, parser.CurrentColumnNumber))
        self._state = _COMMAND

    def _skip(self, tag: str, known: Iterable[str]) -> None:
        if self._strict:
            hint = ", which stands here twice" if tag in known else _nearest(tag, known)
            raise self._error(f"the server ignores <{tag[:40]}>{hint}")
        self._interrupt()
        self._skipped_in = self._state, self._after
        self._state = _SKIP
        self._depth = 1

    def _end(self, tag: str) -> None:
        state = self._state
        if state == _TEXT:
            text = "".join(self._text) if self._first is None else self._first
            self._first = None
            row = self._row
            self._state = self._after
            if self._strict:
                self._check(row, text)
            if row.convert is None:
                self._add_item(row, text)
                return
            try:
                self._open[-1].values[row.attribute] = row.convert(text)
            except ValueError:
                raise self._error(f"<{tag}> wants a number, not {text.strip()[:40]!r}") from None
        elif state == _COMMAND:
            self._end_command()
        elif state == _SKIP:
            self._depth -= 1
            if not self._depth:
                self._state, self._after = self._skipped_in
        elif state == _LIST:
            self._open[-1].values[tag] = tuple(self._items)
            self._state = _COMMAND
        elif self._open:  # the end of a body; where no command is open, of the root
            command = self._open[-1]
            command.values[tag] = tuple(self._body)
            self._body = command.around
            self._state = _COMMAND

    def _add_item(self, row: _Row, text: str) -> None:
        if not text and row.attribute == "devices":
            raise self._error("an empty <device> in <log>: name a device")
        self._items.append(text)

    def _check(self, row: _Row, text: str) -> None:
        """Refuse what the server silently takes for something else."""
        if row.kind == "boolean" and text not in {"true", "false"}:
            raise self._error(f"<{row.tag}> wants true or false; the server takes {text[:40]!r} for false")
        if row.kind == "enum" and text not in Comparison.__members__:
            hint = _nearest(text, Comparison.__members__)
            raise self._error(f"the server takes the unknown comparison {text[:40]!r} for EQUALS{hint}")

    def _end_command(self) -> None:
        done = self._open.pop()
        plan = done.plan
        cls = plan.cls
        if cls.XML_TAG == "log" and "devices" not in done.values:
            raise self._error("<log> needs <devices>", done.line, done.column)
        values = plan.defaults | done.values
        if plan.has_value:
            _read_values(values)
        if plan.has_wait:
            _settle_readback(values)
        command = cls.__new__(cls)
        try:
            plan.validate(values, self_instance=command)
        except ValidationError as error:
            if self._strict:
                raise self._error(_first_fault(cls, error), done.line, done.column) from None
            command = as_server_holds(cls, values)
        if self._source is not None:
            # What `command.at(TextSource(...))` does, without a copy and in a quarter of the time
            vars(command)["source"] = _text_source((self._source, done.line, done.column + 1))
        done.around.append(cast("Command", command))
        self._state = _BODY


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name[:40], list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


def _first_fault(cls: type[CommandModel], error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    place = " ".join(f"<{part}>" for part in fault["loc"] if isinstance(part, str))
    return f"<{cls.XML_TAG}>{' ' if place else ''}{place}: {fault['msg']}"


def _read_values(values: dict[str, object]) -> None:
    """Read the text of values, now that it is known with which comparison."""
    text = values["value"]
    if values.get("comparison") in MEMBERSHIP:
        values["value"] = read_list(text) if isinstance(text, str) else ("0",)
    elif isinstance(text, str):
        values["value"] = parse_value(text)
    text = values.get("readback_value")
    if isinstance(text, str):
        expected = parse_value(text)
        values["readback_value"] = None if expected == "" else expected


def _settle_readback(values: dict[str, object]) -> None:
    """Drop what the server does not look at, and name the readback that it makes up for Set."""
    if not values["wait"]:
        values.pop("readback", None)
        values.pop("readback_value", None)
    elif "value" in values and not values.get("readback"):
        values["readback"] = values["device"]


def as_server_holds(cls: type[CommandModel], values: dict[str, object]) -> CommandModel:
    """Return a command with values that its constructor refuses, as the server takes them."""
    held = dict(values)
    for name in ("tolerance", "timeout"):
        number = held.get(name)
        if isinstance(number, float):
            held[name] = max(number, 0.0)  # in this order NaN stays what it is
    if held.get("step") == 0:
        held["step"] = 1.0
    if "comparison" in held:
        held["comparison"] = Comparison(str(held["comparison"]))
    return cls.model_construct(None, **held)


def read_list(text: str) -> tuple[str, ...]:
    """Return the texts of IN and NOT_IN, which the server quotes once more each time that it writes them."""
    found = _split_list(text)
    if found is None and text.startswith('"') and text.endswith('"'):
        found = _split_list(text[1:-1])
    return (text,) if found is None else found


_ITEM = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^"',]*?))\s*(,|$)""")


def _split_list(text: str) -> tuple[str, ...] | None:
    items: list[str] = []
    place = 0
    while found := _ITEM.match(text, place):
        items.append(next(group for group in found.group(1, 2, 3) if group is not None))
        place = found.end()
        if not found[4]:
            return tuple(items)
    return None
