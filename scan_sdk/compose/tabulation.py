"""Commands written as a table, where they have the shape that a table gives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from scan_sdk.compose.assembly import CONTINUE
from scan_sdk.compose.cells import write_cell
from scan_sdk.compose.headers import is_device
from scan_sdk.compose.spreadsheets import Cell, Sheet
from scan_sdk.errors import NotTabular
from scan_sdk.models import Comment, Delay, Log, Loop, Parallel, Set, Wait
from scan_sdk.models.base import literal
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scan_sdk.compose.settings import ScanSettings, WaitOverrides
    from scan_sdk.models import Command

__all__ = ["Tabulation", "check_commands", "tabulate"]

_LINE = re.compile(r"# Line ([1-9][0-9]{0,8})")
_END = Comment("# End")
_WAIT = "Wait For"
_PREFIXES = ("", "+c", "-c", "+r", "-r", "+cr", "-cr", "+c-r", "-c+r")
_MOST_COLUMNS = 250
_OTHER_SETTINGS = "no prefix makes it of the settings: give settings= with a rule that does"

_Cells: TypeAlias = tuple[Cell, ...]


@dataclass(eq=False)
class _Column:
    """A column; that of Wait For with the one or two that belong to it."""

    header: str
    cells: dict[int, _Cells] = field(default_factory=dict[int, _Cells])
    """What stands in it, by row."""

    def headers(self) -> _Cells:
        """Return the headers, that of Or Time only where it is used."""
        if self.header != _WAIT:
            return (self.header,)
        limited = any(cells[2] is not None for cells in self.cells.values())
        return (_WAIT, "Value", "Or Time") if limited else (_WAIT, "Value")


@dataclass(frozen=True)
class Tabulation:
    """A table, and what it takes beside it to make the same commands.

    Attributes:
        sheet: The table.
        pre: Commands before the first row.
        log_always: Devices that are logged though no row has used them.
        line_comments: Whether rows begin with a comment.
    """

    sheet: Sheet
    pre: tuple[Command, ...]
    log_always: tuple[str, ...]
    line_comments: bool


def tabulate(commands: Sequence[Command], settings: ScanSettings) -> Tabulation:
    """Return the table that makes commands, if there is one.

    Rows are as the comments `# Line N`, or the device for the number of the row, tell. Where nothing tells, a
    row ends where a column would have to be filled a second time.

    Raises:
        NotTabular: They have another shape.
    """
    body, ends = commands, False
    if commands and commands[-1] == _END:
        body, ends = commands[:-1], True
    starts = _row_starts(body, settings, line_comments=ends)
    if not starts and not (ends and not body):
        body, ends = commands, False
        starts = _row_starts(body, settings, line_comments=False)
    pre = tuple(body[: starts[0].index]) if starts else ()
    tabulator = _Tabulator(settings, address=_count(pre))
    if starts:
        for start, next_start in zip(starts, [*starts[1:], None], strict=True):
            stop = len(body) if next_start is None else next_start.index
            tabulator.begin_line(start.number, skipped=start.length)
            tabulator.add(body[start.index + start.length : stop])
    else:
        tabulator.add(body)
    return Tabulation(tabulator.sheet(), pre, tabulator.log_always or (), ends)


@dataclass(frozen=True)
class _RowStart:
    """Where a row begins: at which command, and how many commands only tell its number."""

    index: int
    length: int
    number: int


def _row_starts(
    commands: Sequence[Command], settings: ScanSettings, *, line_comments: bool
) -> list[_RowStart]:
    """Return where rows begin, nothing where the commands do not tell."""
    starts: list[_RowStart] = []
    row_device = settings.of(settings.table_scan_row).name if settings.table_scan_row else ""
    for index, command in enumerate(commands):
        number = 0
        if line_comments:
            match = _LINE.fullmatch(command.text) if isinstance(command, Comment) else None
            number = int(match[1]) if match else 0
        elif row_device and isinstance(command, Set) and command.device == row_device:
            number = int(command.value) if isinstance(command.value, float) and command.value >= 1 else 0
        if number > (starts[-1].number if starts else 0):
            starts.append(_RowStart(index, 2 if line_comments and row_device else 1, number))
    return starts


class _Tabulator:
    """Goes through commands in the order of their addresses, and finds a cell for each."""

    def __init__(self, settings: ScanSettings, *, address: int) -> None:
        self.log_always: tuple[str, ...] | None = None
        self._settings = settings
        self._address = address
        self._columns: list[_Column] = []
        self._numbers: list[int] = []
        self._line: int | None = None  # the number of the rows that come, if it is given
        self._position = -1  # of the last column that the current row has filled
        self._bound = False  # whether what comes has to stand in the current row
        self._closed = True  # whether the current row can take no more
        self._parallel = False  # whether the last cells of the row are performed in parallel
        self._used: dict[str, None] = {}
        self._headers: dict[tuple[object, ...], str] = {}

    def begin_line(self, number: int, *, skipped: int) -> None:
        """Begin a row of this number, which those after it have too, as if a list had made them of one.

        Args:
            number: The number.
            skipped: How many commands only tell it.
        """
        self._address += skipped
        self._line = number
        self._begin()

    def add(self, commands: Sequence[Command]) -> None:
        """Add commands; unless they have to stand in one row, in as many as it takes."""
        index = 0
        while index < len(commands):
            log = commands[index + 1] if index + 1 < len(commands) else None
            index += self._add_one(commands[index], log if isinstance(log, Log) else None)

    def sheet(self) -> Sheet:
        """Return the table so far."""
        widths = [(column, len(column.headers())) for column in self._columns]
        empty: _Cells = (None, None, None)
        rows = tuple(
            tuple(cell for column, width in widths for cell in column.cells.get(row, empty)[:width])
            for row in range(len(self._numbers))
        )
        headers = tuple(header for column in self._columns for header in column.headers())
        return Sheet(headers, rows, tuple(self._numbers))

    def _add_one(self, command: Command, log: Log | None) -> int:
        """Add a command, perhaps with the log after it, and return how many were added."""
        logged = False
        if isinstance(command, Comment):
            self._add_comment(command)
        elif isinstance(command, Set):
            self._add_device(command)
        elif isinstance(command, Loop):
            self._add_loop(command)
            return 1
        elif isinstance(command, Parallel):
            logged = self._add_parallel(command, log)
        elif isinstance(command, Wait | Delay):
            logged = self._add_wait(command, log)
        elif isinstance(command, Log):
            self._put(command, _WAIT, ("seconds", 0, None))
            self._check_log(command)
        else:
            self._refuse(command, f"a table has no cells for {type(command).__name__}")
        self._address += 1
        if logged and log is not None:
            self._check_log(log)
            self._address += 1
            return 2
        return 1

    def _add_comment(self, command: Comment) -> None:
        if not command.text or command.text != command.text.strip():
            self._refuse(command, "a comment in a table is not empty, and has no blanks around it")
        self._put(command, "Comment", (command.text,))

    def _add_device(self, command: Set | Loop, *, parallel: bool = False) -> None:
        if isinstance(command, Set):
            cell = write_cell(command.value)
        else:
            numbers = (command.start, command.end, command.step)
            cell = f"loop({', '.join(map(literal, numbers))})"
        self._put(command, self._header(command, parallel=parallel), (cell,), parallel=parallel)
        self._used.setdefault(command.device)

    def _add_loop(self, loop: Loop) -> None:
        self._add_device(loop)
        self._address += 1
        bound, self._bound = self._bound, True
        self.add(loop.body)
        self._bound, self._closed = bound, True

    def _add_parallel(self, parallel: Parallel, log: Log | None) -> bool:
        """Add commands in parallel, and what waits for them; return whether the log after them is meant."""
        unlimited = (parallel.timeout, parallel.error_handler) == (0, "")
        if not unlimited and (parallel.error_handler != CONTINUE or parallel.timeout == 0 or log is None):
            self._refuse(parallel, f"with timeout= goes error_handler={CONTINUE!r}, and a Log after it")
        moves = [command for command in parallel.body if isinstance(command, Set | Loop)]
        if len(moves) < len(parallel.body) or any(isinstance(move, Loop) and move.body for move in moves):
            self._refuse(parallel, "in parallel a table has no more than Set, and Loop without a body")
        if not moves:
            self._refuse(parallel, "it holds no commands")
        if self._parallel:  # a second one right behind would be one with the first
            self._end_row(parallel)
        bound = self._bound
        for move in moves:
            self._address += 1
            self._add_device(move, parallel=True)
            self._bound = True
        if log is not None:
            limit = None if unlimited else parallel.timeout
            self._put(parallel, _WAIT, ("completion", None, limit))
        self._bound = bound
        return log is not None

    def _add_wait(self, command: Wait | Delay, log: Log | None) -> bool:
        """Add a wait; return whether there is a log after it, as there has to be."""
        if isinstance(command, Delay):
            if command != Delay(command.seconds) or not command.seconds:
                self._refuse(command, "a table waits for more than 0 seconds, without an error handler")
            cells: _Cells = ("seconds", command.seconds, None)
        else:
            cells = self._condition(command)
            self._used.setdefault(command.device)
        if log is None and (self._used or self.log_always):
            self._refuse(command, "a table logs after each wait: put a Log behind it")
        self._put(command, _WAIT, cells)
        return log is not None

    def _condition(self, command: Wait) -> _Cells:
        device, value = command.device, command.value
        if isinstance(value, tuple) or device.lower() in {"seconds", "time", "completion"}:
            self._refuse(command, 'the columns "Wait For" and "Value" cannot hold that')
        limited = command.timeout > 0 and command.error_handler == CONTINUE
        try:
            if command == self._settings.wait(device, value):
                return write_cell(device), write_cell(value), None
            limits: WaitOverrides = {"timeout": command.timeout, "error_handler": CONTINUE}
            if limited and command == self._settings.wait(device, value, **limits):
                return write_cell(device), write_cell(value), command.timeout
        except ValueError:
            pass
        return self._refuse(command, _OTHER_SETTINGS)

    def _check_log(self, log: Log) -> None:
        """Compare what is logged with what a table logs: some devices always, then those used so far."""
        used = list(self._used)
        if self.log_always is None:
            for count in range(len(log.devices) + 1):
                always = log.devices[:count]
                if (*always, *(device for device in used if device not in always)) == log.devices:
                    self.log_always = always
                    break
        always = self.log_always or ()
        wanted = (*always, *(device for device in used if device not in always))
        if log.devices != wanted or log.error_handler:
            self._refuse(log, f"a table would log {', '.join(wanted)} here")

    def _header(self, command: Set | Loop, *, parallel: bool) -> str:
        """Return the name of the device with the prefixes that make the settings give this command."""
        differing = {"value", "start", "end", "body"}
        options = tuple(value for name, value in command if name not in differing)
        header = self._headers.get((parallel, options))
        if header is None:
            prefixes = (f"+p{prefix}" if parallel else prefix for prefix in _PREFIXES)
            candidates = (f"{prefix} {command.device}".strip() for prefix in prefixes)
            header = next((name for name in candidates if self._makes(name, command)), None)
            if header is None:
                self._refuse(command, _OTHER_SETTINGS)
            self._headers[parallel, options] = header
        return header

    def _makes(self, header: str, command: Set | Loop) -> bool:
        """Tell whether a cell below a header makes a command, but for the body of a loop."""
        if not is_device(header):
            return False
        try:
            if isinstance(command, Set):
                return self._settings.set(header, command.value) == command
            loop = self._settings.loop(header, command.start, command.end, command.step)
        except ValueError:
            return False
        return loop == command.model_copy(update={"body": ()})

    def _put(self, command: Command, header: str, cells: _Cells, *, parallel: bool = False) -> None:
        """Fill the next column of this header, in a new row or a new column where there is none left."""
        if self._closed:
            self._end_row(command)
        places = [index for index, column in enumerate(self._columns) if column.header == header]
        index = next((place for place in places if place > self._position), None)
        if index is None and places and not self._bound:
            self._end_row(command)
            index = places[0]
        if index is None:
            index = len(self._columns) if header == _WAIT else self._position + 1
            if len(self._columns) == _MOST_COLUMNS:
                self._refuse(command, f"the table would have more than {_MOST_COLUMNS} columns")
            self._columns.insert(index, _Column(header))
        self._columns[index].cells[len(self._numbers) - 1] = cells
        self._position = index
        self._parallel = parallel

    def _end_row(self, command: Command) -> None:
        if self._bound:
            self._refuse(command, "it would have to stand in a row of its own, and its place is within one")
        self._begin()

    def _begin(self) -> None:
        self._numbers.append(len(self._numbers) + 1 if self._line is None else self._line)
        self._position = -1
        self._closed = self._parallel = False

    def _refuse(self, command: Command, reason: str) -> NoReturn:
        raise NotTabular(self._address, repr(command), reason)


def _count(commands: Sequence[Command]) -> int:
    """Return how many commands there are, bodies included."""
    return sum(1 for _ in CommandSequence(commands).walk())


def check_commands(wanted: CommandSequence, made: CommandSequence) -> None:
    """Prove that a table makes the commands that it was made of.

    Raises:
        NotTabular: It makes others; with the first one that differs.
    """
    address = 0
    for command, other in zip_longest(wanted, made):
        if command != other:
            reason = f"a table would make {'nothing' if other is None else repr(other)} here"
            raise NotTabular(address, "the end" if command is None else repr(command), reason)
        address += _count([command])
