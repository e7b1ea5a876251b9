"""What a site knows of its devices, as old scripts say it.

Modern: `scan_sdk.ScanSettings` with rules, an object that is given where it is used; here one is in force for
all.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, cast

from scan_sdk.compose.settings import DeviceRule
from scan_sdk.compose.settings import ScanSettings as ModernSettings
from scan_sdk.pyscan.blocks import Loop
from scan_sdk.pyscan.command import knows_keywords, refuse_unknown
from scan_sdk.pyscan.simple import Set, Wait
from scan_sdk.pyscan.spelling import plain, short

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    from scan_sdk.pyscan.command import Commands

__all__ = [
    "DeviceSettings",
    "ScanSettings",
    "SettingsBasedLoop",
    "SettingsBasedSet",
    "SettingsBasedWait",
    "getScanSettings",
    "setScanSettings",
]


class DeviceSettings:
    """How a device is accessed; within `ScanSettings`, how those are whose names fit a pattern.

    Modern: `scan_sdk.DeviceRule` and `scan_sdk.DeviceSettings`.

    Args:
        name: The device, or the pattern.
        completion: Whether to wait until the device reports that a write is completed.
        readback: Whether to wait until the device shows the value; or the name of the one that has to.
        readback_value: What the readback has to show, if not the value.
        timeout: Longest time in seconds; 0 waits for ever.
        tolerance: How far the readback may be off; None where nothing is said.
        comparison: How a wait compares.
        parallel: Whether it is set together with its neighbours in a table.
    """

    @knows_keywords
    def __init__(
        self,
        name: str,
        completion: bool = False,
        readback: bool | str | None = False,
        readback_value: float | str | None = None,
        timeout: float = 0.0,
        tolerance: float | None = None,
        comparison: str = ">=",
        parallel: bool = False,
    ) -> None:
        self._name = name
        self._completion = completion
        self._readback = readback
        self._readback_value = None if readback_value == "" else readback_value
        self._timeout = timeout
        self._tolerance = tolerance
        self._comparison = comparison
        self._parallel = parallel

    def getName(self) -> str:
        """Return the name of the device, or the pattern."""
        return self._name

    def getCompletion(self) -> bool:
        """Return whether to wait for completion."""
        return self._completion

    def getReadback(self) -> str | None:
        """Return the device that has to show the value, None for none."""
        if not self._readback:
            return None
        return self._readback if isinstance(self._readback, str) else self._name

    def getReadbackValue(self) -> float | str | None:
        """Return what the readback has to show, None for the value."""
        return self._readback_value

    def getTimeout(self) -> float:
        """Return the longest time in seconds."""
        return self._timeout

    def getTolerance(self) -> float | None:
        """Return how far the readback may be off."""
        return self._tolerance

    def getComparison(self) -> str:
        """Return how a wait compares."""
        return self._comparison

    def getParallel(self) -> bool:
        """Return whether it is set together with its neighbours in a table."""
        return self._parallel

    def isNamed(self) -> bool:
        """Return whether there is a readback whose name is to be asked for."""
        return bool(self._readback) and not isinstance(self._readback, str)

    def __repr__(self) -> str:
        return (
            f"DeviceSettings({self._name!r}, completion={self._completion}, "
            f"readback={plain(self.getReadback())}, readback_value={plain(self._readback_value)}, "
            f"timeout={short(self._timeout)}, tolerance={self._tolerance}, "
            f"comparison={self._comparison!r}, parallel={self._parallel})"
        )


class ScanSettings:
    """What a site knows of its devices; sites derive a class of their own from it.

    Modern: `scan_sdk.ScanSettings(rules, readback_name=…)`.

    Attributes:
        device_settings: What was defined, the last first.
        table_scan_row: The device that table scans write the number of their current row to; None for none.
    """

    def __init__(self) -> None:
        self.device_settings: list[DeviceSettings] = []
        self.table_scan_row: str | None = None

    def loadDeviceClasses(self, json_filename: str | PathLike[str]) -> None:
        """Define what a JSON file says: an object that maps patterns to the arguments of `defineDeviceClass`.

        Modern: `scan_sdk.ScanSettings.read(path)`.

        Raises:
            TypeError: It has an option that there is not.
            OSError: The file cannot be read.
            ValueError: It is no JSON.
        """
        classes = json.loads(Path(json_filename).read_text(encoding="utf-8"))
        for pattern, options in cast("dict[str, DeviceOptions]", classes).items():
            completed: DeviceOptions = {"tolerance": 0.0, **options}
            self.defineDeviceClass(pattern, **completed)

    def getReadbackName(self, device_name: str) -> str | None:
        """Return which device shows what was written to one: itself, unless a class says otherwise."""
        return device_name

    @knows_keywords
    def defineDeviceClass(
        self,
        name_pattern: str,
        completion: bool = False,
        readback: bool | str = False,
        readback_value: float | str | None = None,
        timeout: float = 0.0,
        tolerance: float | None = None,
        comparison: str = ">=",
    ) -> None:
        """Define how devices are accessed; of what fits a device, that defined last holds.

        Args:
            name_pattern: A regular expression that the whole name has to fit.
            completion: Whether to wait until the device reports that a write is completed.
            readback: Whether to wait until the device of `getReadbackName` shows the value; or the name of
                the one that has to.
            readback_value: What the readback has to show, if not the value.
            timeout: Longest time in seconds; 0 waits for ever.
            tolerance: How far the readback may be off.
            comparison: How a wait compares.
        """
        made = DeviceSettings(
            name_pattern,
            completion=completion,
            readback=readback,
            readback_value=readback_value,
            timeout=timeout,
            tolerance=tolerance,
            comparison=comparison,
        )
        self.device_settings.insert(0, made)

    def getDefaultSettings(self, name: str) -> DeviceSettings:
        """Return how a device is accessed that has no prefixes."""
        found = next((one for one in self.device_settings if re.fullmatch(one.getName(), name)), None)
        if found is None:
            return DeviceSettings(name)
        return DeviceSettings(
            name,
            completion=found.getCompletion(),
            readback=self.getReadbackName(name) if found.isNamed() else found.getReadback(),
            readback_value=found.getReadbackValue(),
            timeout=found.getTimeout(),
            tolerance=found.getTolerance(),
            comparison=found.getComparison(),
        )

    def parseDeviceSettings(self, prefixed_device: str) -> DeviceSettings:
        """Return how a device is accessed whose name may have the prefixes +c -c +r -r +p.

        `+r` keeps the readback that is defined, where PyScanClient drops it (trap 26).

        Modern: `settings.of(device)`.

        Raises:
            InvalidSettings: A prefix is not known, or the name is empty.
        """
        default = self.getDefaultSettings(ModernSettings().of(prefixed_device).name)
        rule = DeviceRule(
            ".*", completion=bool(default.getCompletion()), readback=default.getReadback() or False
        )
        found = ModernSettings([rule], readback_name=lambda name: self.getReadbackName(name) or name)
        settled = found.of(prefixed_device)
        return DeviceSettings(
            default.getName(),
            completion=settled.completion,
            readback=settled.readback or None,
            readback_value=default.getReadbackValue(),
            timeout=default.getTimeout(),
            tolerance=default.getTolerance(),
            comparison=default.getComparison(),
            parallel=settled.parallel,
        )

    def __str__(self) -> str:
        return str(self.device_settings)


class DeviceOptions(TypedDict, total=False):
    """What `ScanSettings.defineDeviceClass` takes by keyword."""

    completion: bool
    readback: bool | str
    readback_value: float | str | None
    timeout: float
    tolerance: float | None
    comparison: str


class _InForce:
    """Holds the settings that are in force."""

    settings = ScanSettings()


def getScanSettings() -> ScanSettings:
    """Return the settings that are in force."""
    return _InForce.settings


def setScanSettings(settings: ScanSettings) -> None:
    """Put settings in force."""
    _InForce.settings = settings


class _Options(TypedDict, total=False):
    tolerance: float | None
    timeout: float
    errhandler: str | None


class LoopOptions(_Options, total=False):
    """What `SettingsBasedLoop` takes instead of the settings."""

    completion: bool
    readback: bool | str | None


class SetOptions(LoopOptions, total=False):
    """What `SettingsBasedSet` takes instead of the settings."""

    readback_value: float | str | None


class WaitOptions(_Options, total=False):
    """What `SettingsBasedWait` takes instead of the settings."""

    comparison: str


def SettingsBasedSet(prefixed_device: str, value: float | str, **kwargs: Unpack[SetOptions]) -> Set:
    """Return the command that writes a device in the way that the settings in force say.

    Modern: `settings.set(device, value, …)` of `scan_sdk.ScanSettings`.

    Args:
        prefixed_device: The device, whose name may have prefixes.
        value: What to write.
        **kwargs: What `Set` takes by keyword, instead of what the settings say.
    """
    refuse_unknown("SettingsBasedSet", kwargs, SetOptions.__annotations__)
    found = _InForce.settings.parseDeviceSettings(prefixed_device)
    tolerance = kwargs.get("tolerance", found.getTolerance())
    return Set(
        found.getName(),
        value,
        completion=kwargs.get("completion", found.getCompletion()),
        readback=kwargs.get("readback", found.getReadback()),
        readback_value=kwargs.get("readback_value", found.getReadbackValue()),
        tolerance=0.1 if tolerance is None else tolerance,
        timeout=kwargs.get("timeout", found.getTimeout()),
        errhandler=kwargs.get("errhandler"),
    )


def SettingsBasedLoop(
    prefixed_device: str,
    start: float,
    end: float,
    step: float,
    body: Commands | None = None,
    *args: Commands,
    **kwargs: Unpack[LoopOptions],
) -> Loop:
    """Return the loop that steps a device in the way that the settings in force say.

    Modern: `settings.loop(device, start, end, step, *body, …)` of `scan_sdk.ScanSettings`.

    Args:
        prefixed_device: The device, whose name may have prefixes.
        start: The first value.
        end: The last value.
        step: The distance of values.
        body: A command, or several.
        *args: Further commands.
        **kwargs: What `Loop` takes by keyword, instead of what the settings say.
    """
    refuse_unknown("SettingsBasedLoop", kwargs, ["body", *LoopOptions.__annotations__])
    found = _InForce.settings.parseDeviceSettings(prefixed_device)
    return Loop(
        found.getName(),
        start,
        end,
        step,
        body,
        *args,
        completion=kwargs.get("completion", found.getCompletion()),
        readback=kwargs.get("readback", found.getReadback()),
        tolerance=kwargs.get("tolerance", found.getTolerance()),
        timeout=kwargs.get("timeout", found.getTimeout()),
        errhandler=kwargs.get("errhandler"),
    )


def SettingsBasedWait(prefixed_device: str, value: float | str, **kwargs: Unpack[WaitOptions]) -> Wait:
    """Return the command that waits for a device in the way that the settings in force say.

    Modern: `settings.wait(device, value, …)` of `scan_sdk.ScanSettings`.

    Args:
        prefixed_device: The device, whose name may have prefixes.
        value: What to compare with.
        **kwargs: What `Wait` takes by keyword, instead of what the settings say.
    """
    refuse_unknown("SettingsBasedWait", kwargs, WaitOptions.__annotations__)
    found = _InForce.settings.parseDeviceSettings(prefixed_device)
    tolerance = kwargs.get("tolerance", found.getTolerance())
    return Wait(
        found.getName(),
        value,
        comparison=kwargs.get("comparison", found.getComparison()),
        tolerance=0.1 if tolerance is None else tolerance,
        timeout=kwargs.get("timeout", found.getTimeout()),
        errhandler=kwargs.get("errhandler"),
    )
