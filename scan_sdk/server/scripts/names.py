"""What scripts written for the real server import, answered in Python.

The names and signatures are the real server's: `org.csstudio.scan.command` with `ScanScript` and
`ScanErrorHandler`, `org.csstudio.scan.server` with `SimulationHook`, `org.phoebus.core.vtypes` with
`VTypeHelper`, `numjy`, which is numpy, and of Java what such scripts use: `Duration`, `Thread.sleep`,
`System.currentTimeMillis`.
"""

from __future__ import annotations

import time
from datetime import timedelta
from enum import Enum
from types import ModuleType
from typing import TYPE_CHECKING

from scan_sdk.server.devices.values import number_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scan_sdk.server.devices.values import PvValue
    from scan_sdk.server.scripts.context import (
        ScanScriptContext,
        ScriptCommand,
        ScriptError,
        SimulationContext,
    )

__all__ = ["ScanErrorHandler", "ScanScript", "SimulationHook", "java_modules"]


class ScanScript:
    """What a script command runs; a subclass is constructed with the command's arguments, which are texts."""

    def getDeviceNames(self) -> Sequence[str]:
        """Return the devices that `run` reads or writes; they are connected before the scan begins."""
        return []

    def run(self, context: ScanScriptContext) -> None:
        """Do what the script is for."""


class ScanErrorHandler:
    """What decides how a scan goes on where a command fails."""

    class Result(Enum):
        """How it goes on."""

        Abort = "Abort"
        """The scan fails with the error of the command."""
        Continue = "Continue"
        """The error is passed over; the next command is performed."""
        Retry = "Retry"
        """The command is performed once more."""

    def handleError(
        self,
        command: ScriptCommand,  # noqa: ARG002
        error: ScriptError,  # noqa: ARG002
        context: ScanScriptContext,  # noqa: ARG002
    ) -> Result:
        """Return how the scan goes on after an error of a command."""
        return self.Result.Abort


class SimulationHook:
    """What takes over the simulation of commands."""

    def handle(self, command: ScriptCommand, context: SimulationContext) -> bool:  # noqa: ARG002
        """Simulate a command, and return True; False leaves it to the server."""
        return False


class VTypeHelper:
    """Turns values of devices into numbers and texts."""

    @staticmethod
    def toDouble(value: PvValue) -> float:
        """Return a number; NaN where the value is none."""
        return number_of(value)

    @staticmethod
    def toString(value: PvValue) -> str:
        """Return the value as the server shows it."""
        return text_of(value)


class Duration:
    """A span of time, for the timeouts of writes."""

    @staticmethod
    def ofSeconds(seconds: float) -> timedelta:
        """Return that many seconds."""
        return timedelta(seconds=seconds)

    @staticmethod
    def ofMillis(milliseconds: float) -> timedelta:
        """Return that many milliseconds."""
        return timedelta(milliseconds=milliseconds)

    @staticmethod
    def ofMinutes(minutes: float) -> timedelta:
        """Return that many minutes."""
        return timedelta(minutes=minutes)


class Thread:
    """The running thread."""

    @staticmethod
    def sleep(milliseconds: float) -> None:
        """Sleep for that many milliseconds."""
        time.sleep(milliseconds / 1000)


class System:
    """The machine."""

    @staticmethod
    def currentTimeMillis() -> int:
        """Return the milliseconds since 1970."""
        return int(time.time() * 1000)


_JAVA: Mapping[str, Mapping[str, object]] = {
    "org.csstudio.scan.command": {"ScanScript": ScanScript, "ScanErrorHandler": ScanErrorHandler},
    "org.csstudio.scan.server": {"SimulationHook": SimulationHook},
    "org.phoebus.core.vtypes": {"VTypeHelper": VTypeHelper},
    "java.lang": {"Exception": Exception, "System": System, "Thread": Thread},
    "java.time": {"Duration": Duration},
}


def java_modules() -> dict[str, ModuleType]:
    """Return modules with these names, by their full names, packages included."""
    modules: dict[str, ModuleType] = {"numjy": _Numjy("numjy")}
    for name, contents in _JAVA.items():
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            full = ".".join(parts[:depth])
            module = modules.setdefault(full, ModuleType(full))
            if depth > 1:
                setattr(modules[".".join(parts[: depth - 1])], parts[depth - 1], module)
        vars(modules[name]).update(contents)
    return modules


class _Numjy(ModuleType):
    """The module `numjy`: numpy, imported where a script asks for it, with the types by numjy's names."""

    def __getattr__(self, name: str) -> object:
        import numpy as np

        if name == "__all__":
            return [*np.__all__, *_NUMJY_TYPES]
        return getattr(np, _NUMJY_TYPES.get(name, name))


_NUMJY_TYPES = {"float": "float64", "int": "int64", "byte": "int8"}
