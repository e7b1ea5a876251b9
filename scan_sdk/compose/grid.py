"""Scans over the points of an n-dimensional grid."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, TypeAlias, cast

from pydantic import Field, StrictBool, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.compose.settings import ScanSettings
from scan_sdk.models import Log, Loop
from scan_sdk.models.base import CommandModel, Explain, PositionalModel, flatten, refusal
from scan_sdk.models.fields import DeviceName, Number, Value
from scan_sdk.models.loops import LoopWalk, check_steps
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from scan_sdk.models import Command, Set
    from scan_sdk.sequence import Commands

    Parts: TypeAlias = "Range | Values | Command | Iterable[Parts]"

__all__ = ["GridScan", "Range", "Values"]

MOST_COMMANDS: Final = 1_000_000
"""A scan has at most so many commands; axes of values that are inside of others soon make more."""


class Range(PositionalModel, use_attribute_docstrings=True):
    """An axis of a grid that goes in steps; it becomes a `Loop`.

    The positions are `start`, `start + step`, … up to and including `end`; the last step is cut short where
    the steps do not meet the end. With `snake` every second run goes back from `end` to `start`, which saves
    the way back. Choose a step that meets the end then, else the positions on the way back are others.

    Example:
        >>> Range("motor_x", 1, 10, 0.5)
        Range('motor_x', 1, 10, step=0.5)
        >>> Range("motor_x", 1, 10, 0.5).count
        19
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "start", "end", "step")

    device: DeviceName
    """The device to move; its name may have the prefixes of `ScanSettings`."""
    start: Number
    """The first position."""
    end: Number
    """The last position."""
    step: Number = 1.0
    """The distance between positions, with the sign that leads from start to end."""
    snake: StrictBool = False
    """Whether to go back and forth from run to run, where the axis is inside of another."""

    if TYPE_CHECKING:

        def __init__(
            self, device: str, start: float, end: float, step: float = 1, *, snake: bool = False
        ) -> None: ...

    @model_validator(mode="after")
    def _check_steps(self) -> Self:
        check_steps(self.start, self.end, self.step)
        if self.start != self.end and (self.start < self.end) != (self.step > 0):
            hint = "the step leads away from the end: turn its sign, and to go back and forth give snake=True"
            raise PydanticCustomError("step", "{hint}", {"hint": hint})
        return self

    @property
    def count(self) -> int:
        """The number of positions, as the server counts them."""
        return LoopWalk.count(self._forth)

    @property
    def _forth(self) -> Loop:
        return Loop(self.device, self.start, self.end, self.step)

    def positions(self, *, back: bool = False) -> tuple[float, ...]:
        """Return the positions in the order of a run, or of a run back."""
        loop = Loop(self.device, self.end, self.start, -self.step) if back else self._forth
        return tuple(LoopWalk(loop).values(loop))


class Values(PositionalModel, use_attribute_docstrings=True):
    """An axis of a grid that goes through a list of values; it becomes a `Set` for each of them.

    Example:
        >>> Values("sample", ["A3", "B1"])
        Values('sample', ['A3', 'B1'])
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "values")

    device: DeviceName
    """The device to move; its name may have the prefixes of `ScanSettings`."""
    values: Annotated[
        tuple[Value, ...],
        Field(min_length=1),
        Explain("values", "give a list of finite numbers or texts, at least one"),
    ]
    """The values, numbers or texts."""
    snake: StrictBool = False
    """Whether to go back and forth from run to run, where the axis is inside of another."""

    if TYPE_CHECKING:

        def __init__(self, device: str, values: Iterable[float | str], *, snake: bool = False) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        values = fields.get("values")
        if isinstance(values, Iterable) and not isinstance(values, str):  # such as an array of numpy
            fields["values"] = tuple(cast("Iterable[object]", values))

    @property
    def count(self) -> int:
        """The number of values."""
        return len(self.values)

    def positions(self, *, back: bool = False) -> tuple[float | str, ...]:
        """Return the values in the order of a run, or of a run back."""
        return self.values[::-1] if back else self.values


Axis: TypeAlias = Range | Values
"""An axis of a grid."""


class GridScan:
    """A scan over all points of a grid; it can be submitted as it is.

    Each further axis is inside of the one before it. Commands between axes are performed before each run of
    the axis that follows them, those after the last axis at each point. Then the devices are logged.

    Axes are moved as the settings say. A `Range` becomes a `Loop`, unless it is around a `Values` axis that
    snakes or has a snaking axis inside: the loops of the server cannot alternate such commands, so its
    positions are written out as commands of their own.

    Args:
        *parts: Axes, the outermost first, and commands, in any nesting of iterables.
        at_each: Further commands to perform at each point before it is logged.
        log: Devices to log besides those of the axes, which come first unless they are named here too.
        settings: How devices are moved; without it they are neither waited for nor checked.

    Raises:
        pydantic.ValidationError: There is no axis, one device has two of them, a part is neither axis nor
            command, or too many positions would be written out.
        InvalidSettings: A prefix of a device is not known.

    Example:
        >>> scan = GridScan(Range("x", 1, 3), Range("y", 0, 1, 0.5, snake=True), log="counts")
        >>> scan.points
        9
        >>> print(scan.commands().format())
        CommandSequence(
            Loop('x', 1, 3, 1, [
                Loop('y', 1, 0, 0.5, [
                    Log('x', 'y', 'counts'),
                ]),
            ]),
        )
    """

    def __init__(
        self,
        *parts: Parts,
        at_each: Commands = (),
        log: str | Iterable[str] = (),
        settings: ScanSettings | None = None,
    ) -> None:
        self._settings = settings or ScanSettings()
        axes: list[Axis] = []
        before: list[list[Command]] = [[]]
        for part in flatten(parts):
            if isinstance(part, Range | Values):
                axes.append(part)
                before.append([])
            elif isinstance(part, CommandModel):
                before[-1].append(part)
            else:
                raise _fault(part, "give axes such as Range('motor_x', 1, 5), and commands")
        before[-1] += CommandSequence(at_each)
        if not axes:
            raise _fault((), "a grid has an axis: give one such as Range('motor_x', 1, 5)")
        self._axes = tuple(axes)
        self._before = before
        self._devices = tuple(self._settings.of(axis.device).name for axis in axes)
        named = [self._settings.of(name).name for name in ([log] if isinstance(log, str) else log)]
        unnamed = [name for name in self._devices if name not in named]
        self._log = Log(list(dict.fromkeys(unnamed + named)))
        self._check()

    def _check(self) -> None:
        for axis, device in zip(self._axes, self._devices, strict=True):
            if self._devices.count(device) > 1:
                raise _fault(axis, f"'{device}' is moved by two axes: leave one of them out")
            if self._settings.of(axis.device).parallel:
                raise _fault(axis, "axes move one after the other: leave +p out")
        size = len(self._before[-1]) + 1
        for index, axis in reversed(list(enumerate(self._axes))):
            size = len(self._before[index]) + (1 + size) * (1 if self._is_loop(index) else axis.count)
        if size > MOST_COMMANDS:
            reason = (
                f"axes of values are written out, and that takes {size} commands here, of {MOST_COMMANDS} at "
                "most: make such an axis the outermost, leave out snake=True, or split the scan"
            )
            raise _fault(self._axes, reason)

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes, the outermost first."""
        return self._axes

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices of the axes, without prefixes; with a signal they are what `ScanData.grid` takes."""
        return self._devices

    @property
    def logged(self) -> tuple[str, ...]:
        """The devices that are logged at each point, in order."""
        return self._log.devices

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of positions of each axis, as the server counts them."""
        return tuple(axis.count for axis in self._axes)

    @property
    def points(self) -> int:
        """The number of points, each logged once."""
        return math.prod(self.shape)

    def commands(self) -> CommandSequence:
        """Return the commands of the scan."""

        @cache  # of the runs of an axis there are two kinds: forth and back
        def run(index: int, odd: bool) -> tuple[Command, ...]:
            """Return an axis with all that is inside, where an even or odd number of runs went before."""
            if index == len(self._axes):
                return (*self._before[index], self._log)
            axis = self._axes[index]
            moves: list[Command] = []
            if isinstance(axis, Range) and self._is_loop(index):
                moves.append(self._loop(axis, run(index + 1, odd and axis.count % 2 == 1), back=odd))
            else:
                before = axis.count if odd else 0
                for number, position in enumerate(axis.positions(back=odd and axis.snake), before):
                    moves += (self._move(axis, position), *run(index + 1, number % 2 == 1))
            return (*self._before[index], *moves)

        return CommandSequence(run(0, odd=False))

    def __iter__(self) -> Iterator[Command]:
        return iter(self.commands())

    def __repr__(self) -> str:
        parts = [repr(command) for command in self._before[0]]
        for axis, commands in zip(self._axes, self._before[1:], strict=True):
            parts += map(repr, (axis, *commands))
        parts.append(f"log={list(self.logged)}")
        if self._settings != ScanSettings():
            parts.append(f"settings={self._settings}")
        return f"GridScan({', '.join(parts)})"

    def _is_loop(self, index: int) -> bool:
        """Tell whether an axis becomes a loop: not where the commands inside must differ from run to run."""
        inner = self._axes[index + 1 :]
        return isinstance(self._axes[index], Range) and not any(
            isinstance(axis, Values) and any(deeper.snake for deeper in inner[place:])
            for place, axis in enumerate(inner)
        )

    def _loop(self, axis: Range, body: tuple[Command, ...], *, back: bool) -> Loop:
        # Where its step leads away from its end a loop alternates, and the step says how it begins
        start, end, step = axis.start, axis.end, axis.step
        if axis.snake and back:
            step = -step
        elif axis.snake:
            start, end = end, start
        return self._settings.loop(axis.device, start, end, step, body=body)

    def _move(self, axis: Axis, position: float | str) -> Set:
        found = self._settings.of(axis.device)
        if isinstance(axis, Range) and found.readback and found.tolerance is None:
            as_its_loop_would = abs(axis.step) / 10
            return self._settings.set(axis.device, position, tolerance=as_its_loop_would)
        return self._settings.set(axis.device, position)


def _fault(part: object, hint: str) -> ValidationError:
    return refusal(GridScan, "parts", {"parts": part}, hint)
