"""Reads commands from XML, taking whatever the scan server takes, and its defaults.

The document goes through expat once, and each command is built when its element ends. A command that nobody
knows is kept as it is. One that the server accepts and the constructors refuse, such as a loop to infinity,
is kept as the server holds it: what a server says must stay readable. Only `strict` reading reports it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from pydantic import ValidationError

from scan_sdk._dialect.java import parse_double
from scan_sdk._wire.command_faults import REMARK, Faults, Survey, nearest, refusals, with_advice
from scan_sdk._wire.command_outline import Outliner
from scan_sdk._wire.command_plans import OpenCommand, known_tags, plan_of
from scan_sdk._wire.command_values import (
    as_server_holds,
    misread,
    read_others,
    read_values,
    schema_number,
    settle_readback,
)
from scan_sdk._wire.command_verbatim import OpenElement, namespaces, verbatim
from scan_sdk.errors import InvalidCommands
from scan_sdk.models import OtherCommand
from scan_sdk.models.base import tag_of
from scan_sdk.models.source import text_source
from scan_sdk.models.tree import DEEPEST, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk._wire.command_faults import FaultKind
    from scan_sdk._wire.command_plans import Plan, Row
    from scan_sdk.models import Command
    from scan_sdk.models.base import CommandModel

_BLANKS = " \t\r\n"
_WHOLE = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_FOR_EDITORS = re.compile(r"xmlns:.+|xsi:(?:noNamespaceS|s)chemaLocation")
"""Attributes that mean something to editors, which find the schema by them, and nothing to the server."""
_MOST_ALIKE = 4096  # different commands that are kept


# What the parser is in, and so what the next event means.
_ROOT, _SKIP, _BODY, _COMMAND, _LIST, _TEXT, _ITEM = range(7)  # from _TEXT on it is in a text


class CommandReader:
    """Reads commands from a document.

    Args:
        document: The document.
        encoding: Its encoding, None for the one that it declares.
        strict: Whether to refuse what the server silently ignores or changes.
        source: Name of the document, None where the commands need no places.
        collect: Whether to note what is wrong and go on.
        outlined: Whether to make an outline, and to refuse what has no place in one.
    """

    def __init__(
        self,
        document: bytes,
        encoding: str | None,
        *,
        strict: bool,
        source: str | None,
        collect: bool = False,
        outlined: bool = False,
    ) -> None:
        self._document = document
        self._encoding = encoding or "utf-8"
        self._strict = strict
        self._collect = collect
        self._number = schema_number if collect else parse_double
        self._damaged: set[int] = set()
        self._has_remarks = False
        self._places: list[tuple[int, int]] = []
        self._alike: dict[tuple[object, ...], CommandModel] = {}
        self._has_minus_zero = False  # which is equal to 0, and yet not the same
        self._source = source
        self._state = _ROOT
        self._depth = 0  # within a skipped element
        self._skipped_in = _ROOT  # the state to come back to after it
        self._row: Row
        self._open: list[OpenCommand] = []
        self._body: list[Command] = []
        self._plans: dict[str, Plan] = {}
        self._other: OpenElement | None = None  # the unknown command that is open
        self._root_attributes: dict[str, str] = {}
        self._cut: tuple[int, int] | None = None  # where the text ends that the server looks at
        self._text: list[str] = []  # what came since a text began, and also between elements
        self._first: str | None = None  # the first text node, the only one that the server looks at
        self._items: list[str] = []
        parser = self._parser = expat.ParserCreate(encoding)
        self._faults = Faults(parser, source, collect=collect)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._interrupt
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._interrupt
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.CharacterDataHandler = self._strict_text if strict else self._text.append
        if encoding is None:
            parser.XmlDeclHandler = self._declare
        self.outliner = Outliner(parser) if outlined else None

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self._encoding = encoding or self._encoding

    def read(self) -> tuple[Command, ...]:
        """Return the commands.

        Raises:
            InvalidCommands: The document holds something that is refused.
        """
        try:
            self._parser.Parse(self._document, True)
        except expat.ExpatError as error:
            reason = f"not well-formed XML: {expat.ErrorString(error.code)}"
            raise self._faults.end("not-well-formed", reason, place=(error.lineno, error.offset)) from None
        except InvalidCommands:
            raise
        except (LookupError, ValueError) as error:  # no such encoding, or not one that expat can work with
            reason = f"the document's encoding cannot be read: {error}"
            raise self._faults.end("unreadable-encoding", reason, place=(1, 0)) from None
        return self._taken()

    def _taken(self) -> tuple[Command, ...]:
        """Return the commands, and let go of them: parser and reader hold each other for a while."""
        commands, self._body = tuple(self._body), []
        return commands

    def survey(self) -> Survey:
        """Return the commands and all that is wrong."""
        try:
            commands = self.read()
        except InvalidCommands:  # it is among the faults
            while self._open:
                self._break_off(self._open.pop())
            commands = self._taken()
        return Survey(commands, self._places, self._faults.noted, self._damaged, self._has_remarks)

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
        advice: str = "",
        *,
        command: OpenCommand | None = None,
        tag: str = "",
        whole: bool = False,
        text: str = "",
    ) -> None:
        """Report a fault in a command, by default in the one that is open; `Faults.report` says the rest."""
        command = command or (self._open[-1] if self._open else None)
        address = None if command is None or self._state == _BODY else command.address
        place = (command.line, command.column) if whole and command is not None else None
        self._faults.report(kind, reason, advice, place=place, text=text, tag=tag, address=address)
        if command is not None:
            self._damaged.add(command.address)

    def _report_text(self, kind: FaultKind, reason: str, advice: str = "") -> None:
        """Report what is wrong with the text that ends here; where all faults are wanted, at its element."""
        self._report(kind, reason, advice, tag=self._row.tag, whole=self._collect)

    def _refuse_doctype(self, *_: object) -> None:
        reason, advice = "a document type declaration is not allowed", "remove the <!DOCTYPE …>"
        raise self._faults.end("document-type", reason, advice)

    def _strict_text(self, text: str) -> None:
        if self._state >= _TEXT:
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
                self._start_nested(row, attributes)
            else:
                self._row = row
                self._state = _TEXT
                self._text.clear()
        elif state == _BODY:
            self._start_command(tag, attributes)
        elif state == _SKIP:
            self._depth += 1
        else:
            self._start_elsewhere(tag, attributes)

    def _check_attributes(self, tag: str, attributes: Iterable[str]) -> None:
        if self._state == _SKIP or (self._state == _BODY and self._plan_of(tag) is None):
            return  # they belong to a command that nobody knows, or to what was reported
        for_editors = self.outliner is None or self._state == _ROOT
        names = [name for name in attributes if not (for_editors and _FOR_EDITORS.fullmatch(name))]
        if names:
            reason = f"<{tag[:40]}> has attributes ({', '.join(names)[:80]}), which the server ignores"
            self._report("attribute", reason, "" if for_editors else "remove them")

    def _start_nested(self, row: Row, attributes: dict[str, str]) -> None:
        self._row = row
        if row.kind == "body":
            if attributes:  # they may declare namespaces for commands in the body
                command = self._open[-1]
                command.attributes = {**command.attributes, **attributes}
            self._body = []
            self._state = _BODY
        else:
            self._items = []
            self._state = _LIST

    def _start_elsewhere(self, tag: str, attributes: dict[str, str]) -> None:
        if self._state == _ROOT:
            self._root_attributes = attributes
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
        if self._state >= _TEXT and self._first is None:
            self._first = "".join(self._text)
            self._cut = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber

    def _comment(self, text: str) -> None:
        self._has_remarks = self._has_remarks or text.lstrip().startswith(REMARK)
        self._interrupt()

    def _start_cdata(self) -> None:
        if self._text:
            self._interrupt()

    def _plan_of(self, tag: str) -> Plan | None:
        plan = plan_of(tag)
        if plan is not None:
            self._plans[tag] = plan
        return plan

    def _start_command(self, tag: str, attributes: dict[str, str]) -> None:
        plan = self._plans.get(tag) or self._plan_of(tag)
        parser = self._parser
        if len(self._open) > DEEPEST:
            self._report("too-deep", TOO_DEEP)
            self._skip_over()
            return
        line, column = place = parser.CurrentLineNumber, parser.CurrentColumnNumber
        if plan is None:
            if self._may_be_other(tag):
                self._other = OpenElement(tag, attributes, parser.CurrentByteIndex, line, column)
            self._skip_over()
            return
        self._open.append(OpenCommand(plan, attributes, self._body, len(self._places), place))
        if self._collect:
            self._places.append((line, column + 1))
        self._state = _COMMAND

    def _may_be_other(self, tag: str) -> bool:
        """Return whether an element that is no known command may be one that nobody knows."""
        around = self._open[-1] if self._open else None
        if around is not None and tag in around.rows and tag != "body":
            advice = f"it belongs to <{tag_of(around.plan.cls)}>, outside of its <body>"
            self._report("misplaced-element", f"unknown command <{tag}>", advice)
            return False
        if self._strict and not self._collect and self.outliner is None:  # a check looks at it as a command
            self._report("unknown-command", f"unknown command <{tag[:40]}>", nearest(tag, known_tags()))
        return True

    def _end_other(self, other: OpenElement) -> None:
        self._other = None
        around = [self._root_attributes, *(command.attributes for command in self._open)]
        ends = self._parser.CurrentByteIndex
        xml = verbatim(self._document, self._encoding, other, ends, namespaces(around))
        command = OtherCommand(xml)
        if self._source is not None:
            vars(command)["source"] = text_source((self._source, other.line, other.column + 1))
        if self._collect:
            self._places.append((other.line, other.column + 1))
        self._body.append(command)

    def _skip(self, tag: str, known: Iterable[str]) -> None:
        """Pass over an element of a command, a list or a text that the server does not look at."""
        if self._strict:
            kind, which, advice = self._why_ignored(tag, known)
            self._report(kind, f"the server ignores <{tag[:40]}>{which}", advice)
        if not self._collect:
            self._interrupt()
        self._skip_over()

    def _skip_over(self) -> None:
        self._skipped_in = self._state
        self._state = _SKIP
        self._depth = 1

    def _why_ignored(self, tag: str, known: Iterable[str]) -> tuple[FaultKind, str, str]:
        """Return what is wrong with an element, which one it is, and advice."""
        if self._state >= _TEXT:
            return "element-in-text", "", ""
        if tag in known:
            return "repeated-element", ", which stands here twice", ""
        rows = self._open[-1].rows
        home = next((row.tag for row in rows.values() if row.item == tag), "")
        if "body" in rows and self._plan_of(tag) is not None:
            home = "body"
        if home and self._state == _COMMAND:
            return "misplaced-element", "", f"it belongs into <{home}>"
        return "unknown-element", "", nearest(tag, known)

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
                    whole = row.kind == "integer" and _WHOLE.fullmatch(text)
                    number = self._open[-1].values[row.attribute] = int(text) if whole else self._number(text)
                    if not number and "-" in text:
                        self._has_minus_zero = True
                except ValueError:
                    kind: FaultKind = "not-a-number" if text else "empty-number"
                    self._report_text(kind, f"<{tag}> wants a number, not {text.strip()[:40]!r}")
                    self._open[-1].values[row.attribute] = row.default
            else:
                if self._strict and (wrong := misread(row, text, as_schema=self._collect)) is not None:
                    self._report_text(*wrong)
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
                if self._other is not None:
                    self._end_other(self._other)
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
        reason = f"the server takes {first[:40]!r} for the text of <{tag}>"
        if not self._collect:
            if self.outliner is not None and whole[len(first) :].strip():
                self._faults.report("cut-text", reason, "leave one piece of text", place=self._cut)
            return first
        if first != whole:
            self._report_text("cut-text", reason)
        return whole

    def _add_item(self, text: str) -> None:
        if not text and self._row.attribute == "devices" and not self._collect:
            self._report("bad-name", "an empty <device> in <log>", "name a device")
        self._items.append(text)

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
            self._report("missing-element", f"<{tag_of(cls)}> needs <devices>", command=done, whole=True)
        values = plan.defaults | done.values
        if plan.has_value:
            read_values(values)
        elif plan.values or plan.integers:
            read_others(values, plan)
        if plan.has_wait:
            settle_readback(values, keep=self._collect)
        command = cls.__new__(cls)
        try:
            plan.validate(values, self_instance=command)
        except ValidationError as error:
            if self._strict and not without_devices:
                for one in refusals(cls, values, done.values, error):
                    reason = one.sentence if self._collect else with_advice(one.subject, one.reason)
                    self._report(one.kind, reason, one.advice, command=done, tag=one.tag, whole=True)
            return as_server_holds(cls, values)
        if key is not None and len(self._alike) < _MOST_ALIKE:
            self._alike[key] = command
        return command
