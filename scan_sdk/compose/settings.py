"""What a site knows of its devices: how they are written, and how they are waited for."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, ClassVar, TypedDict, cast

from pydantic import InstanceOf, model_validator
from pydantic_core import PydanticCustomError

from scan_sdk.compose.rules import DeviceRule, DeviceSettings, Naming
from scan_sdk.errors import InvalidSettings
from scan_sdk.models import Loop, Set, Wait
from scan_sdk.models.base import Explain, PositionalModel
from scan_sdk.models.fields import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike
    from typing import Self, Unpack

    from scan_sdk.models.commands import Comparing, Nested

__all__ = ["DeviceRule", "DeviceSettings", "ScanSettings"]

_PREFIX = re.compile(r"([+-])([^\s+-]*)\s*")
_TOLERANCE = 0.1
"""The tolerance of set and wait where nothing is said; that of a loop is a tenth of its step."""


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


class ScanSettings(PositionalModel, use_attribute_docstrings=True):
    """What a site knows of its devices, and commands that follow it.

    General rules come first: if several fit a device, only the last one counts.
    Settings never change; `with_rules` returns new ones.

    Where `set`, `loop`, `wait` and `of` take a device, its name may begin with prefixes and a blank, which
    outrank the rules: `+c` and `-c` to wait for completion or not, `+r` and `-r` to check the readback or
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

    _POSITIONAL: ClassVar[tuple[str, ...]] = ("rules",)

    rules: Annotated[
        tuple[InstanceOf[DeviceRule], ...],
        Explain("rules", "give a list of rules such as DeviceRule('motor_.*', completion=True)"),
    ] = ()
    """The rules, the general ones first."""
    readback_name: Naming | None = None
    """Returns the name of the readback for the name of a device; None for the device itself.

    It is called once for each device for which a rule or a prefix only says that there is a readback. An
    empty text means no readback.
    """
    table_scan_row: Annotated[Text, Explain("name", "give the name of a device as text")] = ""
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
        rule = next((rule for rule in reversed(self.rules) if rule.fits(name)), _NO_RULE)
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
        from scan_sdk.compose.settings_files import read_settings

        return read_settings(path)

    def to_json(self) -> str:
        """Return the settings as a file with the end `.json` holds them.

        Raises:
            InvalidSettings: They have functions, which no file can hold.
        """
        from scan_sdk.compose.settings_files import write_settings

        return write_settings(self)


_NO_RULE = DeviceRule("")


def _split(device: str) -> tuple[dict[str, bool], str]:
    """Return what the prefixes of a device say, by their letters, and its name."""
    if not isinstance(cast("object", device), str):
        raise InvalidSettings((repr(device), "give the name of a device as text"))
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
