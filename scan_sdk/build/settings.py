"""What a site knows of its devices: how they are written, and how they are waited for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias, TypedDict, cast

from pydantic import AfterValidator, Field, InstanceOf, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.errors import InvalidSettings
from scan_sdk.models import Comparison, Loop, Set, Wait
from scan_sdk.models.base import Explain, PositionalModel
from scan_sdk.models.fields import Readback, Seconds, Text, Tolerance, Value, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from typing import Self, Unpack

    from scan_sdk.models.commands import Nested
    from scan_sdk.models.simple import Comparing

__all__ = ["DeviceRule", "DeviceSettings", "ScanSettings"]

Naming: TypeAlias = Callable[[str], str]
"""Returns the name of the readback for the name of a device."""

_PREFIX = re.compile(r"([+-])([^\s+-]*)\s*")
_TOLERANCE = 0.1
"""The tolerance of set and wait where nothing is said; that of a loop is a tenth of its step."""


def _check_pattern(pattern: str) -> str:
    try:
        compile_pattern(pattern)
    except ValueError as error:
        raise PydanticCustomError(
            "pattern",
            "'{pattern}' is no regular expression: {fault}",
            {"pattern": pattern, "fault": str(error)},
        ) from None
    return pattern


class DeviceRule(PositionalModel):
    """How the devices are accessed whose whole name fits a pattern.

    Of several rules that fit, the last one holds as a whole: what it leaves out has the defaults given here,
    and is not taken from rules before it.

    Example:
        >>> DeviceRule("motor_.*", completion=True, readback=True, timeout=100)
        DeviceRule('motor_.*', completion=True, readback=True, timeout=100)
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("pattern",)

    pattern: Annotated[
        str,
        Field(strict=True),
        Explain("pattern", "give a regular expression as text"),
        AfterValidator(_check_pattern),
    ]
    """A regular expression that the whole name of a device must match."""
    completion: StrictBool = False
    """Whether to wait until the device reports that a write is completed (EPICS put-callback)."""
    readback: Annotated[
        StrictBool | Readback | Naming,
        Explain("readback", "give True or False, the name of a device, or a function from name to name"),
    ] = False
    """Which device must show the written value.

    True for the one that `ScanSettings.readback_name` names, which unless given is the device itself. A text
    names a device, a function returns its name for that of the written one. False or an empty text for none.
    """
    readback_value: Value | None = None
    """What the readback must show where that is not the written value. An empty text is taken for None."""
    timeout: Seconds = 0.0
    """Longest time for completion and readback, and of a wait, in seconds; 0 waits for ever."""
    tolerance: Tolerance | None = None
    """How far a numeric readback may be off, in the device's units.

    None for 0.1, or in a loop for a tenth of its step.
    """
    comparison: Annotated[
        Comparison,
        Explain(
            "comparison", "give one of =, !=, >, >=, <, <=, 'increase by', 'decrease by', 'in', 'not in'"
        ),
    ] = Comparison.AT_LEAST
    """How a wait compares."""

    if TYPE_CHECKING:

        def __init__(
            self,
            pattern: str,
            *,
            completion: bool = False,
            readback: bool | str | Naming = False,
            readback_value: float | str | None = None,
            timeout: float = 0,
            tolerance: float | None = None,
            comparison: Comparing = ">=",
        ) -> None: ...

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        if fields.get("readback_value") == "":
            fields["readback_value"] = None

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The pattern, compiled."""
        return compile_pattern(self.pattern)

    def _source_fields(self) -> dict[str, object]:
        fields = super()._source_fields()
        if "comparison" in fields:
            fields["comparison"] = self.comparison.symbol.removeprefix("to ")
        return fields


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """What holds for one device.

    Attributes:
        name: Its name, without prefixes.
        completion: Whether to wait until it reports that a write is completed.
        readback: The device that must show the written value; empty for none.
        readback_value: What that device must show; None for the written value.
        timeout: Longest time for completion and readback, and of a wait, in seconds; 0 waits for ever.
        tolerance: How far a numeric readback may be off; None where nothing is said.
        comparison: How a wait compares.
        parallel: Whether it is to be moved together with its neighbours in a table.
    """

    name: str
    completion: bool = False
    readback: str = ""
    readback_value: float | str | None = None
    timeout: float = 0.0
    tolerance: float | None = None
    comparison: Comparison = Comparison.AT_LEAST
    parallel: bool = False


class SetOverrides(TypedDict, total=False):
    """What `ScanSettings.set` takes instead of the settings; all as `Set` takes it."""

    completion: bool
    readback: bool | str
    readback_value: float | str | None
    tolerance: float
    timeout: float
    error_handler: str


class LoopOverrides(TypedDict, total=False):
    """What `ScanSettings.loop` takes instead of the settings; all as `Loop` takes it."""

    completion: bool
    readback: bool | str
    tolerance: float
    timeout: float
    error_handler: str


class WaitOverrides(TypedDict, total=False):
    """What `ScanSettings.wait` takes instead of the settings; all as `Wait` takes it."""

    comparison: Comparing
    tolerance: float
    timeout: float
    error_handler: str


class ScanSettings(PositionalModel):
    """What a site knows of its devices, and commands that follow it.

    Rules go from the general to the special: of those that fit a device the last one holds, as a whole.
    Settings never change; `with_rules` returns new ones.

    Where `set`, `loop`, `wait` and `of` take a device, its name may begin with prefixes and a blank, which
    go before the rules: `+c` and `-c` to wait for completion or not, `+r` and `-r` to check the readback or
    not, `+p` to move it in parallel in a table. They can be joined, as in `+p-cr motor_x`. `+r` keeps the
    readback that a rule gives (trap 26).

    Example:
        >>> settings = ScanSettings([
        ...     DeviceRule("motor_.*", completion=True, readback=lambda name: f"{name}.RBV", timeout=100),
        ...     DeviceRule("counter", comparison="increase by"),
        ... ])
        >>> settings.set("motor_x", 5)
        Set('motor_x', 5, completion=True, readback='motor_x.RBV', timeout=100)
        >>> settings.set("-r motor_x", 5)
        Set('motor_x', 5, completion=True, timeout=100)
        >>> settings.loop("motor_x", 1, 3, 0.5, readback=False)
        Loop('motor_x', 1, 3, 0.5, completion=True, timeout=100)
        >>> settings.wait("counter", 1000)
        Wait('counter', 1000, comparison='increase by')
    """

    POSITIONAL: ClassVar[tuple[str, ...]] = ("rules",)

    rules: Annotated[
        tuple[InstanceOf[DeviceRule], ...],
        Explain("rules", "give a list of rules such as DeviceRule('motor_.*', completion=True)"),
    ] = ()
    """The rules, the general ones first."""
    readback_name: Naming | None = None
    """Returns the name of the readback for the name of a device; None for the device itself.

    It is asked, once for each device, where a rule or a prefix says no more than that there is a readback. An
    empty text stands for none.
    """
    table_scan_row: Text = ""
    """The device that table scans write the number of the current row to; empty for none.

    It may have prefixes.
    """

    if TYPE_CHECKING:

        def __init__(
            self,
            rules: Iterable[DeviceRule] = (),
            *,
            readback_name: Naming | None = None,
            table_scan_row: str = "",
        ) -> None: ...

    @model_validator(mode="after")
    def _check_row(self) -> Self:
        if self.table_scan_row:
            try:
                _split(self.table_scan_row)
            except InvalidSettings as error:
                raise PydanticCustomError("name", "{fault}", {"fault": str(error)}) from None
        return self

    def with_rules(self, *rules: DeviceRule) -> ScanSettings:
        """Return settings with further rules, which come after those that are there."""
        return ScanSettings(
            (*self.rules, *rules), readback_name=self.readback_name, table_scan_row=self.table_scan_row
        )

    @cached_property
    def _known(self) -> dict[str, DeviceSettings]:
        return {}

    def of(self, device: str) -> DeviceSettings:
        """Return what holds for a device.

        Args:
            device: Its name, which may have prefixes.

        Raises:
            InvalidSettings: A prefix is not known, the name is empty, or a function that names readbacks
                returned no text.
        """
        found = self._known.get(device)
        if found is None:
            found = self._known[device] = self._settle(device)
        return found

    def _settle(self, device: str) -> DeviceSettings:
        signs, name = _split(device)
        rule = next((rule for rule in reversed(self.rules) if rule.expression.fullmatch(name)), _NO_RULE)
        checked = signs.get("r", bool(rule.readback))
        return DeviceSettings(
            name,
            completion=signs.get("c", rule.completion),
            readback=self._readback(rule.readback or True, name) if checked else "",
            readback_value=rule.readback_value,
            timeout=rule.timeout,
            tolerance=rule.tolerance,
            comparison=rule.comparison,
            parallel=signs.get("p", False),
        )

    def _readback(self, given: bool | str | Naming, name: str) -> str:
        if isinstance(given, bool):
            given = self.readback_name or name
        found = given if isinstance(given, str) else cast("object", given(name))
        if not isinstance(found, str):
            reason = f"the function that names its readback returned {found!r}: let it return a text"
            raise InvalidSettings((name, reason))
        return found

    def set(self, device: str, value: float | str, **overrides: Unpack[SetOverrides]) -> Set:
        """Return the command that writes a device in the way that the settings say.

        Args:
            device: Its name, which may have prefixes.
            value: What to write.
            **overrides: What `Set` takes by keyword. It has the last word, and means the same as there:
                `readback=True` is the device itself, whatever the settings say.

        Raises:
            InvalidSettings: See `of`.
            pydantic.ValidationError: `Set` refuses what it is given.
        """
        found = self.of(device)
        options: SetOverrides = {**_writing(found, _TOLERANCE, overrides), **overrides}
        if options.get("readback") and found.readback_value is not None:
            options.setdefault("readback_value", found.readback_value)
        return Set(found.name, value, **options)

    def loop(
        self,
        device: str,
        start: float,
        end: float,
        step: float,
        *commands: Nested,
        body: Iterable[Nested] = (),
        **overrides: Unpack[LoopOverrides],
    ) -> Loop:
        """Return the loop that steps a device in the way that the settings say.

        Where no tolerance is given, it is a tenth of the step.

        Args:
            device: Its name, which may have prefixes.
            start: The first value.
            end: The last value.
            step: The distance between values.
            *commands: What to perform at each value, in any nesting.
            body: The same, after `commands`.
            **overrides: What `Loop` takes by keyword; see `set`.

        Raises:
            InvalidSettings: See `of`.
            pydantic.ValidationError: `Loop` refuses what it is given.
        """
        found = self.of(device)
        options: LoopOverrides = {**_writing(found, _tenth(step), overrides), **overrides}
        return Loop(found.name, start, end, step, *commands, body=body, **options)

    def wait(
        self, device: str, value: float | str | Iterable[str], **overrides: Unpack[WaitOverrides]
    ) -> Wait:
        """Return the command that waits for a device in the way that the settings say.

        Where no comparison is given, it is `>=`, unlike that of `Wait`.

        Args:
            device: Its name, which may have prefixes.
            value: What to compare with.
            **overrides: What `Wait` takes by keyword; see `set`.

        Raises:
            InvalidSettings: See `of`.
            pydantic.ValidationError: `Wait` refuses what it is given.
        """
        found = self.of(device)
        tolerance = _TOLERANCE if found.tolerance is None else found.tolerance
        options: WaitOverrides = {
            "comparison": found.comparison,
            "tolerance": tolerance,
            "timeout": found.timeout,
            **overrides,
        }
        return Wait(found.name, value, **options)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> ScanSettings:
        """Return the settings in a file.

        The end of its name tells the format: `.json`, `.toml`, or `.yaml` and `.yml`, for which the extra
        `yaml` is needed. A file maps patterns to the options of `DeviceRule`, the general ones first. Beside
        them `table_scan_row` may name the device for rows of tables.

        Raises:
            InvalidSettings: It is no such file; all that is wrong is named.
            MissingExtra: It is YAML, and PyYAML is not installed.
            OSError: The file cannot be opened.
        """
        from scan_sdk.build.settings_files import read_settings

        return read_settings(path)

    def to_json(self) -> str:
        """Return the settings as a file with the end `.json` holds them.

        Raises:
            InvalidSettings: They have functions, which no file can hold.
        """
        from scan_sdk.build.settings_files import write_settings

        return write_settings(self)


_NO_RULE = DeviceRule("")


def _split(device: str) -> tuple[dict[str, bool], str]:
    """Return what the prefixes of a device say, by their letters, and its name."""
    rest = device.strip()
    signs: dict[str, bool] = {}
    while found := _PREFIX.match(rest):
        sign, letters = found.groups()
        unknown = sorted(set(letters) - set("crp"))
        if unknown or not letters:
            wrong = f"'{sign}{''.join(unknown)}' is no prefix"
            reason = f"{wrong}: the prefixes are +c, -c, +r, -r and +p, with a blank before the name"
            raise InvalidSettings((device, reason))
        signs.update(dict.fromkeys(letters, sign == "+"))
        rest = rest[found.end() :]
    if not rest:
        raise InvalidSettings((repr(device), "the name of the device is missing"))
    return signs, rest


def _writing(
    found: DeviceSettings, tolerance: float, overrides: LoopOverrides | SetOverrides
) -> LoopOverrides:
    """Return how to write a device, without what would have no effect."""
    completion = overrides.get("completion", found.completion)
    readback = overrides.get("readback", found.readback or False)
    options: LoopOverrides = {"completion": completion, "readback": readback}
    if readback:
        options["tolerance"] = tolerance if found.tolerance is None else found.tolerance
    if completion or readback:
        options["timeout"] = found.timeout
    return options


def _tenth(step: float) -> float:
    try:
        return abs(step) / 10
    except TypeError:  # the loop will say what is wrong with it
        return _TOLERANCE
