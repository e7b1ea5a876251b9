"""What the columns of a table add their commands to: those so far, and what the current row holds open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from scan_sdk.compose.cells import CellError, show
from scan_sdk.errors import CellProblem, InvalidSettings
from scan_sdk.models import CellSource, Command, If, Log, Loop, Parallel, Sequence
from scan_sdk.models.base import vary
from scan_sdk.models.tree import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence as Items

    from scan_sdk.compose.spreadsheets import Cell, Sheet

__all__ = ["CONTINUE", "Assembly", "reason_of"]

CONTINUE = "OnErrorContinue"
"""The error handler of a command that may run out of time without failing the scan."""

_PARALLEL = Parallel()


class Assembly:
    """The commands of a table as they come together, cell by cell.

    Attributes:
        commands: The commands so far, those of the current row perhaps missing.
    """

    def __init__(self, sheet: Sheet, log_always: Iterable[str]) -> None:
        self.commands: list[Command] = []
        self._places = [(show(header), sheet.name, sheet.file) for header in sheet.headers]
        self._nowhere = ("", sheet.name, sheet.file)
        self._number = 0
        self._row: Items[Cell] = ()
        self._problems: dict[CellProblem, tuple[int, int]] = {}
        self._header_faults = False
        self._wrong: set[int] = set()
        self._target = self.commands
        self._loops: list[tuple[Loop, list[Command]]] = []
        self._parallel: list[Command] = []
        self._used = dict.fromkeys(log_always)
        self._log: Log | None = None

    @property
    def problems(self) -> tuple[CellProblem, ...]:
        """What was found wrong, in the order of the table."""
        return tuple(sorted(self._problems, key=self._problems.__getitem__))

    def begin_row(self, number: int, row: Items[Cell]) -> None:
        """Turn to the next row."""
        self._number = number
        self._row = row
        self._wrong.clear()

    def end_row(self) -> None:
        """Perform what is pending in parallel, and close the loops."""
        self.flush()
        while self._loops:
            loop, outer = self._loops.pop()
            outer.append(vary(loop, loop.source, {"body": tuple(self._target)}))
            self._target = outer

    def place(self, index: int | None = None) -> CellSource:
        """Return the place of a cell of this row, or the row as a whole."""
        place = self._nowhere if index is None or index >= len(self._places) else self._places[index]
        return CellSource(self._number, *place)

    def text(self, index: int) -> str:
        """Return what stands in a cell of this row."""
        return show(self._row[index]).strip() if index < len(self._row) else ""

    @property
    def doubtful(self) -> bool:
        """Whether a fault was found that may be the reason of others in this row."""
        return self._header_faults or bool(self._wrong)

    def is_wrong(self, index: int) -> bool:
        """Tell whether something was found wrong with a cell of this row."""
        return index in self._wrong

    def complain(self, index: int, reason: str) -> None:
        """Note what is wrong with a cell of this row; where the same comes again it is noted once."""
        self._wrong.add(index)
        self._problems[CellProblem(self.place(index), self.text(index), reason)] = (self._number, index)

    def complain_of_header(self, index: int, reason: str) -> None:
        """Note what is wrong with a header."""
        self._header_faults = True
        place = CellSource(0, *self._places[index])
        self._problems[CellProblem(place, "", reason)] = (0, index)

    def add(self, command: Command) -> None:
        """Perform a command after all that came before it."""
        if self._parallel:
            self.flush()
        self._target.append(command)

    def add_parallel(self, command: Command) -> None:
        """Perform a command together with its neighbours."""
        self._parallel.append(command)

    def add_loop(self, loop: Loop) -> None:
        """Perform what follows in this row at each step of a loop.

        Raises:
            CellError: Loops would nest too deep.
        """
        if len(self._loops) == DEEPEST:
            raise CellError(f"at most {DEEPEST} loops can be nested: set this in rows of its own")
        self.flush()
        self._loops.append((loop, self._target))
        self._target = []

    def add_given(self, commands: Iterable[Command], index: int) -> None:
        """Perform commands that somebody gave; those that know no place get that of a cell of this row."""
        place = self.place(index)
        for command in commands:
            self.add(_placed(command, place))

    def flush(self) -> None:
        """Perform what is pending in parallel."""
        command = self.take_parallel()
        if command is not None:
            self._target.append(command)

    def take_parallel(self, timeout: float | None = None) -> Parallel | None:
        """Return the command that performs what is pending in parallel, which it then is no more.

        Args:
            timeout: Seconds after which the scan goes on though not all is done; None waits for all.
        """
        if not self._parallel:
            return None
        changes: dict[str, object] = {"body": tuple(self._parallel)}
        if timeout is not None:
            changes |= {"timeout": timeout, "error_handler": CONTINUE}
        place = self._parallel[0].source
        self._parallel = []
        return vary(_PARALLEL, place, changes)

    def use(self, device: str) -> None:
        """Note that a device is to be logged from here on."""
        if device not in self._used:
            self._used[device] = None
            self._log = None

    def add_log(self, index: int) -> None:
        """Log all devices used so far."""
        if self._used:
            if self._log is None:
                self._log = Log(*self._used)
            self.add(vary(self._log, self.place(index), {}))


def reason_of(error: ValueError) -> str:
    """Return what an error says, without the frame that pydantic puts around it."""
    if isinstance(error, ValidationError):
        return "; ".join(fault["msg"] for fault in error.errors(include_url=False, include_context=False))
    if isinstance(error, InvalidSettings):
        return "; ".join(reason for _, reason in error.problems)
    return str(error)


def _placed(command: Command, place: CellSource) -> Command:
    if command.source is not None:
        return command
    changes: dict[str, object] = {}
    if isinstance(command, If | Loop | Parallel | Sequence):
        changes["body"] = tuple(_placed(inner, place) for inner in command.body)
    return vary(command, place, changes)
