"""The commands that hold others, and what stands for any command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk import _registry
from scan_sdk.models._generated import IfBase, LoopBase, ParallelBase, SequenceBase
from scan_sdk.models._spelling import (
    arrange_comparison,
    arrange_readback,
    shorten_comparison,
    shorten_readback,
)
from scan_sdk.models.base import AnyCommand, CommandModel, tag_of
from scan_sdk.models.loops import check_steps
from scan_sdk.models.other import OtherCommand
from scan_sdk.models.simple import (
    MEMBERSHIP,
    RELATIVE,
    Comment,
    ConfigLog,
    Delay,
    Include,
    Log,
    Script,
    Set,
    Wait,
)
from scan_sdk.models.tree import check_depth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from scan_sdk.models.simple import Comparing

    Nested: TypeAlias = "Command | Iterable[Nested]"


class If(IfBase):
    """Read a device once, and perform the body if the value meets a condition.

    Example:
        >>> If("shutter", "=", "Closed", [Set("shutter", "Open"), Delay(1)])
        If('shutter', '=', 'Closed', [Set('shutter', 'Open'), Delay(1)])
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "comparison", "value")
    _TRAILING: ClassVar[str | None] = "body"

    body: Body = ()
    """The commands to perform."""

    if TYPE_CHECKING:

        def __init__(
            self,
            device: str,
            comparison: Comparing,
            value: float | str,
            *commands: Nested,
            body: Iterable[Nested] = (),
            tolerance: float = 0.1,
            error_handler: str = "",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arrange_comparison(fields)

    @model_validator(mode="after")
    def _refuse_comparisons_of_wait(self) -> Self:
        if self.comparison in RELATIVE or self.comparison in MEMBERSHIP:
            raise PydanticCustomError(
                "comparison", "the comparison {name} works in Wait only", {"name": self.comparison.name}
            )
        return self

    def _source_fields(self) -> dict[str, object]:
        return shorten_comparison(super()._source_fields())


class Loop(LoopBase):
    """Set a device to each of a row of values, and perform the body at each.

    The values are `start`, `start + step`, … up to and including `end`; the last step is cut short where the
    steps do not meet the end. Where the sign of `step` points away from the end, the values are gone through
    in alternating directions each time that the loop runs, which suits inner loops. `completion`, `readback`,
    `tolerance` and `timeout` hold for each step as for `Set`.

    Example:
        >>> Loop("motor_x", 1, 10, 0.5, [Log("motor_x")], readback=True)
        Loop('motor_x', 1, 10, 0.5, [Log('motor_x')], readback=True)
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "start", "end", "step")
    _TRAILING: ClassVar[str | None] = "body"

    wait: bool = Field(default=False, strict=True)
    """Whether to wait at each step until the readback shows the value."""
    body: Body = ()
    """The commands to perform at each value."""

    if TYPE_CHECKING:

        def __init__(
            self,
            device: str,
            start: float,
            end: float,
            step: float,
            *commands: Nested,
            body: Iterable[Nested] = (),
            completion: bool = False,
            readback: bool | str = False,
            tolerance: float = 0.1,
            timeout: float = 0,
            error_handler: str = "",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arrange_readback(cls, fields)

    @model_validator(mode="after")
    def _count_steps(self) -> Self:
        check_steps(self.start, self.end, self.step)
        return self

    def _source_fields(self) -> dict[str, object]:
        return shorten_readback(super()._source_fields(), "")


class Parallel(ParallelBase):
    """Perform the commands of the body at the same time; ends when all have ended, or with the first error.

    Example:
        >>> Parallel(Set("motor_x", 1), Set("motor_y", 2), timeout=5)
        Parallel([Set('motor_x', 1), Set('motor_y', 2)], timeout=5)
    """

    _TRAILING: ClassVar[str | None] = "body"

    body: Body = ()
    """The commands to perform."""

    if TYPE_CHECKING:

        def __init__(
            self,
            *commands: Nested,
            body: Iterable[Nested] = (),
            timeout: float = 0,
            error_handler: str = "",
        ) -> None: ...


class Sequence(SequenceBase):
    """Perform the commands of the body one after the other, as one command; of use within `Parallel`.

    Example:
        >>> Parallel(Delay(1), Sequence(Set("motor_x", 1), Set("motor_y", 2)))
        Parallel([Delay(1), Sequence([Set('motor_x', 1), Set('motor_y', 2)])])
    """

    _TRAILING: ClassVar[str | None] = "body"

    body: Body = ()
    """The commands to perform."""

    if TYPE_CHECKING:

        def __init__(
            self, *commands: Nested, body: Iterable[Nested] = (), error_handler: str = ""
        ) -> None: ...


Command: TypeAlias = Annotated[
    Comment
    | Delay
    | ConfigLog
    | Log
    | Set
    | Wait
    | If
    | Loop
    | Parallel
    | Sequence
    | Include
    | Script
    | OtherCommand
    | CommandModel,
    AnyCommand(),
]
"""Any command: one of the twelve of the scan server, one that an extension adds, or one that is not known."""

Body: TypeAlias = Annotated[tuple[Command, ...], AfterValidator(check_depth)]

COMMANDS: tuple[type[CommandModel], ...] = (
    Comment,
    Delay,
    ConfigLog,
    Log,
    Set,
    Wait,
    If,
    Loop,
    Parallel,
    Sequence,
    Include,
    Script,
)
"""The classes of the commands that the scan server has."""

for _model in COMMANDS:
    _registry.COMMANDS.add(tag_of(_model), _model, owner="scan_sdk")
_registry.COMMANDS.add("other", OtherCommand, owner="scan_sdk")


def own_devices(command: Command) -> tuple[str, ...]:
    """Return the devices that a command itself uses, those of its body left out, macros not replaced."""
    devices = _registry.DEVICES.of(type(command))
    return () if devices is None else tuple(devices(command))


@_registry.DEVICES.register(Set, Loop)
def _written(command: Set | Loop) -> tuple[str, ...]:
    return (command.device, *((command.readback,) if command.wait and command.readback else ()))


@_registry.DEVICES.register(Wait, If)
def _compared(command: Wait | If) -> tuple[str, ...]:
    return (command.device,)


@_registry.DEVICES.register(Log)
def _logged(command: Log) -> tuple[str, ...]:
    return command.devices


for _model in (If, Loop, Parallel, Sequence):
    _model.model_rebuild()
