"""Reads commands from XML, taking whatever the scan server takes, and its defaults.

The document goes through expat once, and each command is built when its element ends. A command that the
server accepts and the constructors refuse, such as a loop to infinity, is kept as the server holds it: what a
server says must stay readable. Only `strict` reading reports it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from pydantic import ValidationError

from scan_sdk._dialect.java import parse_double
from scan_sdk._wire.command_faults import MOST_FAULTS, REMARK, Fault, Survey, beginning, nearest, refusals
from scan_sdk._wire.command_plans import PLANS, OpenCommand, Row, read_boolean
from scan_sdk._wire.command_values import as_server_holds, read_values, schema_number, settle_readback
from scan_sdk._wire.markup import encoded
from scan_sdk.errors import InvalidCommands
from scan_sdk.models import Comparison
from scan_sdk.models.base import tag_of
from scan_sdk.models.collector import collector_paused
from scan_sdk.models.source import text_source
from scan_sdk.models.tree import DEEPEST, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk._wire.command_faults import FaultKind
    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel

_LARGE = 2**20  # bytes of a document from which the collector costs a sixth of the time
UNNAMED = "commands"
"""What a document without a name is called."""
_BLANKS = " \t\r\n"
_FOR_EDITORS = re.compile(r"xmlns:.+|xsi:(?:noNamespaceS|s)chemaLocation")
"""Attributes that mean something to editors, which find the schema by them, and nothing to the server."""
_SCHEMA_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_MOST_ALIKE = 4096  # different commands that are kept


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
    body, encoding = encoded(document, source or UNNAMED)
    with collector_paused(len(body) > _LARGE):
        return _Reader(strict=strict, source=source, encoding=encoding).read(body)


def survey_commands(document: str | bytes) -> Survey:
    """Read a document to its end, or as far as it is XML, whatever is wrong with it.

    Args:
        document: The document, decoded as by `read_commands`.
    """
    try:
        body, encoding = encoded(document, UNNAMED)
    except InvalidCommands as error:
        return Survey((), [], [Fault("unreadable-encoding", error.reason, 1, 1)], set(), has_remarks=False)
    with collector_paused(len(body) > _LARGE):
        return _Reader(strict=True, source=None, encoding=encoding, collect=True).survey(body)


# What the parser is in, and so what the next event means.
_ROOT, _BODY, _COMMAND, _LIST, _TEXT, _ITEM, _SKIP = range(7)
_TEXTS = _TEXT, _ITEM


class _Reader:
    """The state of one reading."""

    def __init__(
        self,
        *,
        strict: bool,
        source: str | None,
        encoding: str | None,
        collect: bool = False,
    ) -> None:
        self._strict = strict
        self._collect = collect
        self._number = schema_number if collect else parse_double
        self._faults: list[Fault] = []
        self._damaged: set[int] = set()
        self._has_remarks = False
        self._places: list[tuple[int, int]] = []
        self._alike: dict[tuple[object, ...], CommandModel] = {}
        self._has_minus_zero = False  # which is equal to 0, and yet not the same
        self._source = source
        self._state = _ROOT
        self._depth = 0  # within a skipped element
        self._skipped_in = _ROOT  # the state to come back to after it
        self._open: list[OpenCommand] = []
        self._body: list[Command] = []
        self._row = PLANS["comment"].rows["text"]
        self._text: list[str] = []  # what came since a text began, and also between elements
        self._first: str | None = None  # the first text node, the only one that the server looks at
        self._items: list[str] = []
        parser = self._parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._interrupt
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._interrupt
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.CharacterDataHandler = self._strict_text if strict else self._text.append

    def read(self, document: bytes) -> tuple[Command, ...]:
        try:
            self._parser.Parse(document, True)
        except expat.ExpatError as error:
            reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise self._ends("not-well-formed", reason, error.lineno, error.offset) from None
        except InvalidCommands:
            raise
        except (LookupError, ValueError) as error:  # no such encoding, or not one that expat can work with
            reason = f"the document's encoding cannot be read: {error}"
            raise self._ends("unreadable-encoding", reason, 1, 0) from None
        return self._taken()

    def _taken(self) -> tuple[Command, ...]:
        """Return the commands, and let go of them: parser and reader hold each other for a while."""
        commands, self._body = tuple(self._body), []
        return commands

    def survey(self, document: bytes) -> Survey:
        try:
            commands = self.read(document)
        except InvalidCommands:  # it is among the faults
            while self._open:
                self._break_off(self._open.pop())
            commands = self._taken()
        return Survey(commands, self._places, self._faults, self._damaged, self._has_remarks)

    def _break_off(self, done: OpenCommand) -> None:
        """Keep what there is of a command at which the document breaks off."""
        if self._body is not done.around:
            done.values["body"] = tuple(self._body)
            self._body = done.around
        self._damaged.add(done.address)
        self._body.append(as_server_holds(done.plan.cls, done.plan.defaults | done.values))

    def _report(
        self,
        kind: FaultKind,
        reason: str,
        *,
        command: OpenCommand | None = None,
        tag: str = "",
        whole: bool = False,
        text: str = "",
    ) -> None:
        """Raise a fault, or note it where all are wanted.

        Args:
            kind: What it is.
            reason: What it is, in words.
            command: The command that it is in; by default the one that is open.
            tag: The element of the command that is meant.
            whole: Whether the place is that of the command, and not where the parser is.
            text: What it is about, with blanks before it, where the parser is behind it.
        """
        command = command or (self._open[-1] if self._open else None)
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        if whole and command is not None:
            line, column = command.line, command.column
        elif text:
            line, column = beginning(text, line, column)
        if not self._collect:
            raise InvalidCommands(reason, source=self._source or UNNAMED, line=line, column=column + 1)
        if len(self._faults) < MOST_FAULTS:
            address = None if command is None or self._state == _BODY else command.address
            self._faults.append(Fault(kind, reason, line, column + 1, tag, address))
        if command is not None:
            self._damaged.add(command.address)

    def _report_text(self, kind: FaultKind, reason: str) -> None:
        """Report what is wrong with the text that ends here; where all faults are wanted, at its element."""
        self._report(kind, reason, tag=self._row.tag, whole=self._collect)

    def _ends(self, kind: FaultKind, reason: str, line: int, column: int) -> InvalidCommands:
        """Return the error for what ends the reading in any case, and note it where all are wanted."""
        self._faults.append(Fault(kind, reason, line, column + 1))
        return InvalidCommands(reason, source=self._source or UNNAMED, line=line, column=column + 1)

    def _refuse_doctype(self, *_: object) -> None:
        reason = "a document type declaration is not allowed: remove the <!DOCTYPE …>"
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber
        raise self._ends("document-type", reason, line, column)

    def _strict_text(self, text: str) -> None:
        if self._state in _TEXTS:
            self._text.append(text)
        elif not (text.isspace() and text.isascii()) and self._state != _SKIP:
            shown = text.strip(_BLANKS)[:40]
            reason = f"the server ignores text between elements: {shown!r}"
            self._report("stray-text", reason, text=text)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes and self._strict:
            self._check_attributes(tag, attributes)
        state = self._state
        if state == _COMMAND:
            command = self._open[-1]
            row = command.rows.get(tag)
            if row is None or row.attribute in command.values:  # the server takes the first of several
                self._skip(tag, command.rows)
            elif row.nested:
                self._start_nested(row)
            else:
                self._row = row
                self._state = _TEXT
                self._text.clear()
        elif state == _BODY:
            self._start_command(tag)
        elif state == _SKIP:
            self._depth += 1
        else:
            self._start_elsewhere(tag)

    def _check_attributes(self, tag: str, attributes: Iterable[str]) -> None:
        names = [name for name in attributes if not _FOR_EDITORS.fullmatch(name)]
        if names and self._state != _SKIP:
            reason = f"<{tag[:40]}> has attributes ({', '.join(names)[:80]}), which the server ignores"
            self._report("attribute", reason)

    def _start_nested(self, row: Row) -> None:
        self._row = row
        if row.kind == "body":
            self._body = []
            self._state = _BODY
        else:
            self._items = []
            self._state = _LIST

    def _start_elsewhere(self, tag: str) -> None:
        if self._state == _ROOT:
            if tag == "commands":
                self._state = _BODY
            else:
                self._report("wrong-root", f"the root element is <{tag[:40]}>, not <commands>")
                self._skip_over()
        elif self._state == _LIST and tag == self._row.item:
            self._state = _ITEM
            self._text.clear()
        else:
            self._skip(tag, [self._row.item] if self._state == _LIST else [])

    def _interrupt(self, *_: object) -> None:
        """End the first text node."""
        if self._state in _TEXTS and self._first is None:
            self._first = "".join(self._text)

    def _comment(self, text: str) -> None:
        self._has_remarks = self._has_remarks or text.lstrip().startswith(REMARK)
        self._interrupt()

    def _start_cdata(self) -> None:
        if self._text:
            self._interrupt()

    def _start_command(self, tag: str) -> None:
        plan = PLANS.get(tag)
        parser = self._parser
        if plan is None:
            self._refuse_command(tag)
            return
        if len(self._open) > DEEPEST:
            self._report("too-deep", TOO_DEEP)
            self._skip_over()
            return
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber
        self._open.append(OpenCommand(plan, self._body, len(self._places), line, column))
        if self._collect:
            self._places.append((line, column + 1))
        self._state = _COMMAND

    def _refuse_command(self, tag: str) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and tag in around.rows and tag != "body":
            owner = tag_of(around.plan.cls)
            reason = f"unknown command <{tag}>: it belongs to <{owner}>, outside of its <body>"
            self._report("misplaced-element", reason)
        else:
            self._report("unknown-command", f"unknown command <{tag[:40]}>{nearest(tag, PLANS)}")
        self._skip_over()

    def _skip(self, tag: str, known: Iterable[str]) -> None:
        """Pass over an element of a command, a list or a text that the server does not look at."""
        if self._strict:
            kind, hint = self._why_ignored(tag, known)
            self._report(kind, f"the server ignores <{tag[:40]}>{hint}")
        if not self._collect:
            self._interrupt()
        self._skip_over()

    def _skip_over(self) -> None:
        self._skipped_in = self._state
        self._state = _SKIP
        self._depth = 1

    def _why_ignored(self, tag: str, known: Iterable[str]) -> tuple[FaultKind, str]:
        if self._state in _TEXTS:
            return "element-in-text", ""
        if tag in known:
            return "repeated-element", ", which stands here twice"
        rows = self._open[-1].rows
        home = next((row.tag for row in rows.values() if row.item == tag), "")
        if tag in PLANS and "body" in rows:
            home = "body"
        if home and self._state == _COMMAND:
            return "misplaced-element", f": it belongs into <{home}>"
        return "unknown-element", nearest(tag, known)

    def _end(self, tag: str) -> None:
        state = self._state
        if state == _TEXT:
            text = "".join(self._text) if self._first is None else self._first_text(tag)
            row = self._row
            self._state = _COMMAND
            self._text.clear()
            if row.is_text:
                self._open[-1].values[row.attribute] = text
            elif row.is_number:
                try:
                    number = self._open[-1].values[row.attribute] = self._number(text)
                    if not number and "-" in text:
                        self._has_minus_zero = True
                except ValueError:
                    kind: FaultKind = "not-a-number" if text else "empty-number"
                    self._report_text(kind, f"<{tag}> wants a number, not {text.strip()[:40]!r}")
                    self._open[-1].values[row.attribute] = row.default
            else:
                if self._strict:
                    self._check(row, text)
                self._open[-1].values[row.attribute] = row.convert(text)
        elif state == _COMMAND:
            self._end_command()
        else:
            self._end_elsewhere(tag)

    def _end_elsewhere(self, tag: str) -> None:
        state = self._state
        if state == _ITEM:
            self._state = _LIST
            self._add_item("".join(self._text) if self._first is None else self._first_text(tag))
        elif state == _SKIP:
            self._depth -= 1
            if not self._depth:
                self._state = self._skipped_in
        elif state == _LIST:
            self._open[-1].values[tag] = tuple(self._items)
            self._state = _COMMAND
        elif self._open:  # the end of a body; where no command is open, of the root
            command = self._open[-1]
            command.values[tag] = tuple(self._body)
            self._body = command.around
            self._state = _COMMAND

    def _first_text(self, tag: str) -> str:
        """Return the text before the first comment; where faults are collected, all, as schemas see it."""
        first, whole = self._first or "", "".join(self._text)
        self._first = None
        if not self._collect:
            return first
        if first != whole:
            self._report_text("cut-text", f"the server takes {first[:40]!r} for the text of <{tag}>")
        return whole

    def _add_item(self, text: str) -> None:
        if not text and self._row.attribute == "devices" and not self._collect:
            self._report("bad-name", "an empty <device> in <log>: name a device")
        self._items.append(text)

    def _check(self, row: Row, text: str) -> None:
        """Report what the server silently takes for something else, or the schema does not take."""
        if row.kind == "boolean":
            if text not in {"true", "false"}:
                self._check_boolean(row, text)
        elif text not in Comparison.__members__ and (text or not self._collect):
            hint = nearest(text, Comparison.__members__)
            reason = f"the server takes the unknown comparison {text[:40]!r} for EQUALS{hint}"
            self._report_text("unknown-comparison", reason)

    def _check_boolean(self, row: Row, text: str) -> None:
        taken = "true" if read_boolean(text) else "false"
        reason = f"<{row.tag}> wants true or false; the server takes {text[:40]!r} for {taken}"
        meant = _SCHEMA_BOOLEANS.get(text.strip(_BLANKS)) if text else row.default
        if meant is None:
            self._report_text("not-a-boolean", reason)
        elif not self._collect or meant is not read_boolean(text):
            self._report_text("boolean-misread", reason)

    def _end_command(self) -> None:
        done = self._open.pop()
        plan = done.plan
        # Many commands of a scan are alike. Where places do not matter, one object stands for them all.
        key = None
        if self._source is None and not plan.has_body and not self._has_minus_zero:
            key = (plan.cls, *done.values, *done.values.values())
        command = None if key is None else self._alike.get(key)
        if command is None:
            command = self._build(done, key)
            if self._source is not None:
                # What `command.at(TextSource(...))` does, without a copy and in a quarter of the time
                vars(command)["source"] = text_source((self._source, done.line, done.column + 1))
        done.around.append(command)
        self._state = _BODY

    def _build(self, done: OpenCommand, key: tuple[object, ...] | None) -> CommandModel:
        """Return the command that an element stands for, and keep it for those that are alike."""
        plan = done.plan
        cls = plan.cls
        without_devices = plan.needs_devices and "devices" not in done.values
        if without_devices:
            self._report("missing-element", "<log> needs <devices>", command=done, whole=True)
        values = plan.defaults | done.values
        if plan.has_value:
            read_values(values)
        if plan.has_wait:
            settle_readback(values, keep=self._collect)
        command = cls.__new__(cls)
        try:
            plan.validate(values, self_instance=command)
        except ValidationError as error:
            if self._strict and not without_devices:
                for kind, reason, tag in refusals(cls, values, done.values, error):
                    self._report(kind, reason, command=done, tag=tag, whole=True)
            return as_server_holds(cls, values)
        if key is not None and len(self._alike) < _MOST_ALIKE:
            self._alike[key] = command
        return command
