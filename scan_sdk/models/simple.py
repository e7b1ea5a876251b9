"""The commands that hold no others, finished by hand on the fields that the schema gives.

By hand are: how people write them (positional arguments, `readback=True`, macros as a mapping), and rules
that span several fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeAlias, cast

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.models._generated import (
    CommentBase,
    Comparison,
    ConfigLogBase,
    DelayBase,
    DeviceName,
    IncludeBase,
    LogBase,
    ScriptBase,
    SetBase,
    Text,
    WaitBase,
)
from scan_sdk.models._spelling import (
    arrange_comparison,
    arrange_readback,
    is_empty,
    script_argument,
    shorten_comparison,
    shorten_readback,
    write_macros,
)
from scan_sdk.models.base import Explain, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    Comparing: TypeAlias = (
        Comparison
        | Literal["=", "==", "!=", ">", ">=", "<", "<=", "increase by", "decrease by", "in", "not in"]
    )

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

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("text",)

    if TYPE_CHECKING:

        def __init__(self, text: str) -> None: ...


class Delay(DelayBase):
    """Wait for a time; while the scan is paused the time stands still.

    Example:
        >>> Delay(2.5)
        Delay(2.5)
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("seconds",)

    if TYPE_CHECKING:

        def __init__(self, seconds: float, *, error_handler: str = "") -> None: ...


class ConfigLog(ConfigLogBase):
    """Switch automatic logging of every write on or off.

    Example:
        >>> ConfigLog(True)
        ConfigLog(True)
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("automatic",)

    if TYPE_CHECKING:

        def __init__(self, automatic: bool, *, error_handler: str = "") -> None: ...


class Log(LogBase):
    """Read devices and log their values under one serial.

    Example:
        >>> Log("motor_x", "neutrons")
        Log('motor_x', 'neutrons')
    """

    _TRAILING: ClassVar[str | None] = "devices"

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

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value")

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
        arrange_readback(cls, fields)
        if fields.get("wait") is True and is_empty(fields.get("readback", "")):
            fields["readback"] = fields.get("device")  # what the server makes of a missing readback
        expected = fields.get("readback_value")
        if expected is not None and not fields.get("wait"):
            hint = "this is what the readback has to show: give readback= too"
            raise refusal(cls, "readback_value", fields, hint)
        if is_empty(expected):
            hint = "the server cannot wait for an empty text, but takes it for none: leave it out"
            raise refusal(cls, "readback_value", fields, hint)

    def _source_fields(self) -> dict[str, object]:
        return shorten_readback(super()._source_fields(), self.device)


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

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("device", "value", "comparison")

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
        arrange_comparison(fields)

    @model_validator(mode="after")
    def _fit_value_to_comparison(self) -> Self:
        if self.comparison in MEMBERSHIP:
            if not isinstance(self.value, tuple) or not self.value:
                raise PydanticCustomError(
                    "comparison",
                    "{reason}: {advice}",
                    {"reason": "IN and NOT_IN compare with texts", "advice": "give a list of them"},
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
        return shorten_comparison(super()._source_fields())


class Include(IncludeBase):
    """Perform the commands of a file on the server's script path.

    Example:
        >>> Include("prepare.scn", macros={"device": "motor_x"})
        Include('prepare.scn', macros='device=motor_x')
    """

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("scan_file", "macros")

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

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("path",)
    _TRAILING: ClassVar[str | None] = "arguments"

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
            fields["arguments"] = tuple(map(script_argument, cast("tuple[object, ...]", arguments)))
