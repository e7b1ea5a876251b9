"""The columns of a table: what a header means, and what the cells below it add to the scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

from scan_sdk.compose.assembly import CONTINUE
from scan_sdk.compose.cells import CellError, Steps, read_seconds
from scan_sdk.models import Command, Comment, Delay, Loop, Set, Wait
from scan_sdk.models.base import vary
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scan_sdk.compose.assembly import Assembly
    from scan_sdk.compose.cells import Content
    from scan_sdk.compose.settings import ScanSettings
    from scan_sdk.models import CellSource

__all__ = ["Column", "CommentColumn", "DeviceColumn", "Special", "SpecialColumn", "WaitColumn"]

Special: TypeAlias = Callable[[float | str], Command | Iterable[Command]]
"""What a column of a user's own means: takes what a cell holds, returns commands."""


class Column(Protocol):
    """What the cells below a header add to the scan."""

    @property
    def index(self) -> int:
        """Number of the column, from 0."""
        ...

    def add(self, assembly: Assembly, contents: Sequence[Content]) -> None:
        """Add the commands of a row.

        Args:
            assembly: What to add to.
            contents: What the cells of the row hold; lists and ranges have become rows.

        Raises:
            ValueError: The cell of this column is wrong, for the reason in the text.
        """
        ...


@dataclass(frozen=True)
class DeviceColumn:
    """Sets a device to a value, or steps it in a loop."""

    index: int
    header: str
    settings: ScanSettings
    parallel: bool
    """Whether it is performed at the same time as its neighbours."""
    number: Set
    """The command for a number, of which only the value is replaced."""
    texts: dict[str, Set] = field(default_factory=dict[str, Set])
    """The commands made so far for texts, by text."""
    loops: dict[Steps, Loop] = field(default_factory=dict[Steps, Loop])
    """The commands made so far for loops, by steps."""

    def add(self, assembly: Assembly, contents: Sequence[Content]) -> None:
        """Add the command of a cell."""
        content = contents[self.index]
        if content is None:
            return
        place = assembly.place(self.index)
        if isinstance(content, Steps):
            loop = self._loop(content).at(place)
            if self.parallel:
                assembly.add_parallel(loop)
            else:
                assembly.add_loop(loop)
        elif self.parallel:
            assembly.add_parallel(self._set(content, place))
        else:
            assembly.add(self._set(content, place))
        assembly.use(self.number.device)

    def _loop(self, steps: Steps) -> Loop:
        found = self.loops.get(steps)
        if found is None:
            found = self.settings.loop(self.header, steps.start, steps.end, steps.step)
            self.loops[steps] = found
        return found

    def _set(self, content: Content, place: CellSource) -> Set:
        if isinstance(content, float):
            return vary(self.number, place, {"value": content})
        text = str(content)
        found = self.texts.get(text)
        if found is None:
            found = self.texts[text] = self.settings.set(self.header, text)
        return vary(found, place, {})


@dataclass(frozen=True)
class CommentColumn:
    """Comments; their cells are texts, whatever they look like."""

    index: int

    def add(self, assembly: Assembly, contents: Sequence[Content]) -> None:
        """Add a comment."""
        content = contents[self.index]
        if content is not None:
            assembly.add(Comment(str(content)).at(assembly.place(self.index)))


@dataclass(frozen=True)
class SpecialColumn:
    """Adds what a function of the user's returns."""

    index: int
    function: Special

    def add(self, assembly: Assembly, contents: Sequence[Content]) -> None:
        """Add the commands that the function returns; an error of its own names the cell."""
        content = contents[self.index]
        if content is None:
            return
        value = content if isinstance(content, float | str) else assembly.text(self.index)
        with _Noting(f"in the function for a column of a table: {assembly.place(self.index)}"):
            commands = CommandSequence(self.function(value))
        assembly.add_given(commands, self.index)


@dataclass(frozen=True)
class WaitColumn:
    """Waits, as the columns Wait For, Value and Or Time say together, and logs."""

    index: int
    settings: ScanSettings
    start: tuple[Command, ...]
    stop: tuple[Command, ...]
    has_limit: bool
    """Whether there is a column Or Time."""
    waits: dict[tuple[str, str | None, float | None], Wait] = field(
        default_factory=dict[tuple[str, str | None, float | None], Wait]
    )
    """The commands made so far, by device, by value if that is a text, and by time limit in seconds."""
    delays: dict[float, Delay] = field(default_factory=dict[float, Delay])
    """The delays made so far, by seconds."""

    def add(self, assembly: Assembly, contents: Sequence[Content]) -> None:
        """Add the commands of a row's condition."""
        condition = contents[self.index]
        value = contents[self.index + 1]
        limit = contents[self.index + 2] if self.has_limit else None
        if condition is None:
            if not assembly.is_wrong(self.index):
                self._refuse_leftovers(assembly, value, limit)
            return
        kind = condition.lower() if isinstance(condition, str) else ""
        if kind == "completion":
            self._add_completion(assembly, limit)
        elif kind in {"seconds", "time"}:
            self._add_delay(assembly, value, limit)
        elif isinstance(condition, str):
            self._add_wait(assembly, condition, value, limit)
        else:
            raise CellError("expected the name of a device, or one of seconds, time and completion")

    def _refuse_leftovers(self, assembly: Assembly, value: Content, limit: Content) -> None:
        for index, content in ((self.index + 1, value), (self.index + 2, limit)):
            if content is not None:
                assembly.complain(
                    index, 'goes with a "Wait For", which is empty: fill that in, or clear this'
                )

    def _add_completion(self, assembly: Assembly, limit: Content) -> None:
        seconds = self._seconds_of_limit(assembly, limit)
        parallel = assembly.take_parallel(seconds)
        if parallel is not None:
            self._perform(assembly, parallel)
        elif not assembly.doubtful:
            raise CellError("nothing to complete: a column such as +p motor_x has to come right before")

    def _add_delay(self, assembly: Assembly, value: Content, limit: Content) -> None:
        if limit is not None:
            assembly.complain(self.index + 2, "a wait for seconds or time ends by itself: clear this")
        try:
            seconds = None if assembly.is_wrong(self.index + 1) else read_seconds(value)
        except CellError as error:
            assembly.complain(self.index + 1, str(error))
        else:
            self._perform(assembly, self._delay(seconds).at(assembly.place(self.index)) if seconds else None)

    def _delay(self, seconds: float) -> Delay:
        found = self.delays.get(seconds)
        if found is None:
            found = self.delays[seconds] = Delay(seconds)
        return found

    def _add_wait(self, assembly: Assembly, device: str, value: Content, limit: Content) -> None:
        seconds = self._seconds_of_limit(assembly, limit)
        if value is None or isinstance(value, Steps | tuple):
            if not assembly.is_wrong(self.index + 1):
                assembly.complain(self.index + 1, f"expected the number or text that {device} has to reach")
            return
        key = (device, value if isinstance(value, str) else None, seconds)
        found = self.waits.get(key)
        if found is None:
            found = self.waits[key] = self._wait(device, value, seconds)
        self._perform(assembly, vary(found, assembly.place(self.index), {"value": value}), found.device)

    def _wait(self, device: str, value: float | str, seconds: float | None) -> Wait:
        if seconds is None:
            return self.settings.wait(device, value)
        return self.settings.wait(device, value, timeout=seconds, error_handler=CONTINUE)

    def _seconds_of_limit(self, assembly: Assembly, limit: Content) -> float | None:
        if limit is None:
            return None
        try:
            seconds = read_seconds(limit)
        except CellError as error:
            assembly.complain(self.index + 2, str(error))
            return None
        if seconds == 0:
            assembly.complain(self.index + 2, "expected a time above 0; clear this to wait without a limit")
        return seconds

    def _perform(self, assembly: Assembly, command: Command | None, device: str = "") -> None:
        if self.start:
            assembly.add_given(self.start, self.index)
        if command is not None:
            assembly.add(command)
        if device:
            assembly.use(device)
        assembly.add_log(self.index)
        if self.stop:
            assembly.add_given(self.stop, self.index)


class _Noting:
    """Adds a note to an error that passes."""

    def __init__(self, note: str) -> None:
        self._note = note

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None:
            error.add_note(self._note)
