"""The twelve commands of a scan, finished by hand on the fields that the schema gives.

By hand are: how people write them (positional arguments, `readback=True`, macros as a mapping), rules that
span several fields, and the bodies, whose union needs all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias, cast

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.models._base import CommandModel, Explain, refusal
from scan_sdk.models._enums import SPELLINGS
from scan_sdk.models._generated import (
    CommentBase,
    Comparison,
    ConfigLogBase,
    DelayBase,
    DeviceName,
    IfBase,
    IncludeBase,
    LogBase,
    LoopBase,
    ParallelBase,
    ScriptBase,
    SequenceBase,
    SetBase,
    Text,
    WaitBase,
)
from scan_sdk.models._macros import write_macros

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    Comparing: TypeAlias = (
        Comparison
        | Literal["=", "==", "!=", ">", ">=", "<", "<=", "increase by", "decrease by", "in", "not in"]
    )
    Nested: TypeAlias = "Command | Iterable[Nested]"

MOST_STEPS = 2**31 - 2
"""The server counts the steps of a loop in 32 bits; one more and it performs none (trap 21)."""
RELATIVE = frozenset({Comparison.INCREASE_BY, Comparison.DECREASE_BY})
"""Comparisons with the value that the device had when the wait began."""
MEMBERSHIP = frozenset({Comparison.IN, Comparison.NOT_IN})
"""Comparisons with a list of texts."""


class Comment(CommentBase):
    """Print a text in the server's log; does nothing to devices.

    Example:
        >>> Comment("Start of the night shift")
        Comment('Start of the night shift')
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("text",)

    if TYPE_CHECKING:

        def __init__(self, text: str) -> None: ...


class Delay(DelayBase):
    """Wait for a time; while the scan is paused the time stands still.

    Example:
        >>> Delay(2.5)
        Delay(2.5)
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("seconds",)

    if TYPE_CHECKING:

        def __init__(self, seconds: float, *, error_handler: str = "") -> None: ...


class ConfigLog(ConfigLogBase):
    """Switch automatic logging of every write on or off.

    Example:
        >>> ConfigLog(True)
        ConfigLog(True)
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("automatic",)

    if TYPE_CHECKING:

        def __init__(self, automatic: bool, *, error_handler: str = "") -> None: ...


class Log(LogBase):
    """Read devices and log their values under one serial.

    Example:
        >>> Log("motor_x", "neutrons")
        Log('motor_x', 'neutrons')
    """

    TRAILING: ClassVar[str | None] = "devices"

    devices: Annotated[
        tuple[DeviceName, ...],
        Field(min_length=1),
        Explain("devices", "give one or more names of devices, for example Log('motor_x', 'neutrons')"),
    ]
    """The devices to log, one or more (trap 17)."""

    if TYPE_CHECKING:

        def __init__(self, *devices: str | Iterable[str], error_handler: str = "") -> None: ...


class Set(SetBase):
    """Write a value to a device, and wait for it to get there if told so.

    With `completion` the scan goes on when the device reports that the write is completed (EPICS
    put-callback). With `readback` it goes on when that device, or the written one for True, shows the
    value within `tolerance`. With both, the readback is compared for a second after completion.

    Example:
        >>> Set("motor_x", 10, completion=True, readback="motor_x.RBV", tolerance=0.01, timeout=30)
        Set('motor_x', 10, completion=True, readback='motor_x.RBV', tolerance=0.01, timeout=30)
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value")

    wait: bool = Field(default=False, strict=True)
    """Whether to wait until the readback shows the value."""

    if TYPE_CHECKING:

        def __init__(
            self,
            device: str,
            value: float | str,
            *,
            completion: bool = False,
            readback: bool | str = False,
            readback_value: float | str | None = None,
            tolerance: float = 0.1,
            timeout: float = 0,
            error_handler: str = "",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        _arrange_readback(cls, fields)
        if fields.get("wait") is True and _is_empty(fields.get("readback", "")):
            fields["readback"] = fields.get("device")  # what the server makes of a missing readback
        expected = fields.get("readback_value")
        if expected is not None and not fields.get("wait"):
            hint = "this is what the readback has to show: give readback= too"
            raise refusal(cls, "readback_value", fields, hint)
        if _is_empty(expected):
            hint = "the server cannot wait for an empty text, but takes it for none: leave it out"
            raise refusal(cls, "readback_value", fields, hint)

    def _source_fields(self) -> dict[str, object]:
        return _shorten_readback(super()._source_fields(), self.device)


class Wait(WaitBase):
    """Wait until the value of a device meets a condition.

    Numbers are equal within `tolerance`. INCREASE_BY and DECREASE_BY compare with the value at the start of
    the wait. IN and NOT_IN take a list of texts. Without `timeout` the wait may last for ever.

    Example:
        >>> Wait("counts", 1e6, comparison=">=", timeout=10)
        Wait('counts', 1000000, comparison='>=', timeout=10)
        >>> Wait("shutter", ["Open", "Moving"], comparison="in")
        Wait('shutter', ['Open', 'Moving'], comparison='in')
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value", "comparison")

    if TYPE_CHECKING:

        def __init__(
            self,
            device: str,
            value: float | str | Iterable[str],
            comparison: Comparing = "=",
            *,
            tolerance: float = 0.1,
            timeout: float = 0,
            error_handler: str = "",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        _arrange_comparison(fields)

    @model_validator(mode="after")
    def _fit_value_to_comparison(self) -> Self:
        if self.comparison in MEMBERSHIP:
            if not isinstance(self.value, tuple) or not self.value:
                raise PydanticCustomError(
                    "comparison", "IN and NOT_IN compare with texts: give a list of them"
                )
            if any("\\" in text or {"'", '"'} <= set(text) for text in self.value):
                raise PydanticCustomError(
                    "comparison",
                    "IN and NOT_IN cannot carry a backslash, or both kinds of quotes in one text",
                )
        elif isinstance(self.value, tuple):
            raise PydanticCustomError("comparison", "a list of texts goes with IN and NOT_IN only")
        elif self.comparison in RELATIVE and not isinstance(self.value, float):
            raise PydanticCustomError("comparison", "INCREASE_BY and DECREASE_BY want a number")
        return self

    def _source_fields(self) -> dict[str, object]:
        return _shorten_comparison(super()._source_fields())


class If(IfBase):
    """Read a device once, and perform the body if the value meets a condition.

    Example:
        >>> If("shutter", "=", "Closed", [Set("shutter", "Open"), Delay(1)])
        If('shutter', '=', 'Closed', [Set('shutter', 'Open'), Delay(1)])
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "comparison", "value")
    TRAILING: ClassVar[str | None] = "body"

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
        _arrange_comparison(fields)

    @model_validator(mode="after")
    def _refuse_comparisons_of_wait(self) -> Self:
        if self.comparison in RELATIVE or self.comparison in MEMBERSHIP:
            raise PydanticCustomError(
                "comparison", "the comparison {name} works in Wait only", {"name": self.comparison.name}
            )
        return self

    def _source_fields(self) -> dict[str, object]:
        return _shorten_comparison(super()._source_fields())


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

    POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "start", "end", "step")
    TRAILING: ClassVar[str | None] = "body"

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
        _arrange_readback(cls, fields)

    @model_validator(mode="after")
    def _count_steps(self) -> Self:
        if self.step == 0:
            raise PydanticCustomError(
                "loop_step", "step 0 never reaches the end, and the server would take 1: give another step"
            )
        if abs((self.end - self.start) / self.step) > MOST_STEPS:
            raise PydanticCustomError(
                "loop_steps",
                "the loop would take more than {most} steps, and the server would perform none of them: "
                "check start, end and step",
                {"most": MOST_STEPS},
            )
        return self

    def _source_fields(self) -> dict[str, object]:
        return _shorten_readback(super()._source_fields(), "")


class Parallel(ParallelBase):
    """Perform the commands of the body at the same time; ends when all have ended, or with the first error.

    Example:
        >>> Parallel(Set("motor_x", 1), Set("motor_y", 2), timeout=5)
        Parallel([Set('motor_x', 1), Set('motor_y', 2)], timeout=5)
    """

    TRAILING: ClassVar[str | None] = "body"

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

    TRAILING: ClassVar[str | None] = "body"

    body: Body = ()
    """The commands to perform."""

    if TYPE_CHECKING:

        def __init__(
            self, *commands: Nested, body: Iterable[Nested] = (), error_handler: str = ""
        ) -> None: ...


class Include(IncludeBase):
    """Perform the commands of a file on the server's script path.

    Example:
        >>> Include("prepare.scn", macros={"device": "motor_x"})
        Include('prepare.scn', macros='device=motor_x')
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("scan_file", "macros")

    if TYPE_CHECKING:

        def __init__(
            self, scan_file: str, macros: str | Mapping[str, str | float] = "", *, error_handler: str = ""
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        macros = fields.get("macros")
        if isinstance(macros, Mapping):
            try:
                fields["macros"] = write_macros(cast("Mapping[object, object]", macros))
            except ValueError as error:
                raise refusal(cls, "macros", fields, str(error)) from error


class Script(ScriptBase):
    """Run a Python class on the server: `MyScript` of `myscript.py` on its script path.

    Arguments that are numbers are sent as text, as the server knows no others.

    Example:
        >>> Script("SumUp", "neutrons", 10)
        Script('SumUp', 'neutrons', '10')
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("path",)
    TRAILING: ClassVar[str | None] = "arguments"

    arguments: Annotated[
        tuple[Text, ...], Explain("arguments", "give texts or numbers, for example Script('SumUp', 'x', 10)")
    ] = ()
    """What its constructor is called with, all as text."""

    if TYPE_CHECKING:

        def __init__(self, path: str, *arguments: str | float, error_handler: str = "") -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        arguments = fields.get("arguments")
        if isinstance(arguments, tuple):
            fields["arguments"] = tuple(map(_argument, cast("tuple[object, ...]", arguments)))


Command: TypeAlias = Annotated[
    Comment | Delay | ConfigLog | Log | Set | Wait | If | Loop | Parallel | Sequence | Include | Script,
    Field(discriminator="command"),
]
"""Any of the twelve commands."""

Body: TypeAlias = tuple[Command, ...]

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
"""The classes of the twelve commands."""


def _arrange_readback(cls: type[CommandModel], fields: dict[str, object]) -> None:
    """Translate `readback=True | False | "pv"` into the fields `wait` and `readback`."""
    if "readback" not in fields:
        return
    readback = fields["readback"]
    if isinstance(readback, bool):
        fields["wait"] = readback
        del fields["readback"]
    elif "wait" not in fields:
        if _is_empty(readback):
            raise refusal(cls, "readback", fields, "give the name of a device, or True for the device itself")
        fields["wait"] = True
    elif fields["wait"] is False:
        del fields["readback"]  # the server does not look at it


def _is_empty(value: object) -> bool:
    return isinstance(value, str) and not value


def _shorten_readback(fields: dict[str, object], itself: str) -> dict[str, object]:
    """Write the fields `wait` and `readback` as people do, undoing `_arrange_readback`."""
    if fields.pop("wait", False) and fields.get("readback", "") == itself:
        fields["readback"] = True
    return fields


def _arrange_comparison(fields: dict[str, object]) -> None:
    """Translate the usual symbols; the enumeration knows them too, but takes its time."""
    comparison = fields.get("comparison")
    if isinstance(comparison, str) and comparison in SPELLINGS:
        fields["comparison"] = SPELLINGS[comparison]


def _shorten_comparison(fields: dict[str, object]) -> dict[str, object]:
    comparison = fields.get("comparison")
    if isinstance(comparison, Comparison):
        fields["comparison"] = comparison.symbol.removeprefix("to ")
    return fields


def _argument(value: object) -> object:
    """Write a number, also one of numpy's, as text; anything else is left to validation."""
    number = not isinstance(value, str | bool) and isinstance(value, Real)
    return str(value) if number else value


for _model in (If, Loop, Parallel, Sequence):
    _model.model_rebuild()
