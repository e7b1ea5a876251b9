"""The commands of old scripts that hold no others.

Each is written as PyScanClient writes it, and means what the server makes of that: `modern_of` reads it back.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from scan_sdk import models
from scan_sdk._dialect.lists import write_list
from scan_sdk.pyscan.command import KnownCommand, knows_keywords
from scan_sdk.pyscan.spelling import (
    element,
    handler_text,
    joined,
    leaf,
    limit,
    limit_text,
    optional,
    plain,
    quoted,
    short,
)
from scan_sdk.pyscan.waiting import WAIT_SYMBOLS, Comparing, Waiting, Writing, check_comparison

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self
    from xml.etree.ElementTree import Element

__all__ = ["Comment", "ConfigLog", "Delay", "Include", "Log", "Script", "Set", "Wait"]


class Comment(KnownCommand, model=models.Comment):
    """Print a text in the server's log.

    Modern: `scan_sdk.Comment(text)`.

    Args:
        text: The text.
    """

    @knows_keywords
    def __init__(self, text: str = "") -> None:
        self._text = str(text)

    def getText(self) -> str:
        """Return the text."""
        return self._text

    def _elements(self) -> Iterable[Element | None]:
        return (leaf("text", self._text),)

    def __repr__(self) -> str:
        return f"Comment({self._text!r})"


class ConfigLog(KnownCommand, model=models.ConfigLog):
    """Switch automatic logging of every write on or off.

    Modern: `scan_sdk.ConfigLog(automatic, error_handler=…)`.

    Args:
        auto: Whether each write is logged.
        errhandler: Class on the server's script path that decides what happens after an error.
    """

    @knows_keywords
    def __init__(self, auto: bool, errhandler: str | None = None) -> None:
        self._auto = auto
        self._errhandler = errhandler

    def _elements(self) -> Iterable[Element | None]:
        return (leaf("automatic", str(self._auto).lower()),)

    def __repr__(self) -> str:
        return f"ConfigLog({plain(self._auto)})"


class Delay(KnownCommand, model=models.Delay):
    """Wait for a time.

    Modern: `scan_sdk.Delay(seconds, error_handler=…)`.

    Args:
        seconds: How long.
        errhandler: Class on the server's script path that decides what happens after an error.
    """

    @knows_keywords
    def __init__(self, seconds: float, errhandler: str | None = None) -> None:
        self._seconds = seconds
        self._errhandler = errhandler

    def _elements(self) -> Iterable[Element | None]:
        return (leaf("seconds", self._seconds),)

    def __repr__(self) -> str:
        return f"Delay({joined(short(self._seconds), handler_text(self._errhandler))})"


class Include(KnownCommand, model=models.Include):
    """Perform the commands of a file on the server's script path.

    Modern: `scan_sdk.Include(scan_file, macros={"name": value}, error_handler=…)`.

    Args:
        scan: Name of the file.
        macros: Macros for it, as `name=value, other=42`.
        errhandler: Class on the server's script path that decides what happens after an error.
    """

    @knows_keywords
    def __init__(self, scan: str, macros: str | None = None, errhandler: str | None = None) -> None:
        self._scan = scan
        self._macros = macros
        self._errhandler = errhandler

    def _elements(self) -> Iterable[Element | None]:
        return leaf("scan_file", self._scan), optional("macros", self._macros)

    def __repr__(self) -> str:
        macros = f"macros={self._macros!r}" if self._macros else ""
        return f"Include({joined(repr(self._scan), macros, handler_text(self._errhandler))})"


class Log(KnownCommand, model=models.Log):
    """Read devices and log their values under one serial.

    Modern: `scan_sdk.Log(*devices, error_handler=…)`, which wants one device at least, as the server does.

    Args:
        devices: A device, or several.
        *args: Further devices.
        errhandler: Class on the server's script path that decides what happens after an error.
    """

    @knows_keywords
    def __init__(
        self, devices: str | Iterable[str] | None = None, *args: str, errhandler: str | None = None
    ) -> None:
        first = [devices] if isinstance(devices, str) else list(devices or ())
        self._devices = [*first, *args]
        self._errhandler = errhandler

    def _elements(self) -> Iterable[Element | None]:
        devices = element("devices", *(leaf("device", name) for name in self._devices))
        return (devices if self._devices else None,)

    def __repr__(self) -> str:
        return f"Log({joined(*map(plain, self._devices), handler_text(self._errhandler))})"


class Script(KnownCommand, model=models.Script):
    """Run a Python class on the server: `MyScript` of `myscript.py` on its script path.

    A text is one argument, where PyScanClient takes its characters for several (trap 15).

    Modern: `scan_sdk.Script(path, *arguments, error_handler=…)`.

    Args:
        script: Name of the class.
        *args: What its constructor is called with, or one list of that.
        errhandler: Class on the server's script path that decides what happens after an error.
        errHandler: The same, as PyScanClient wants it spelled here alone.
    """

    @knows_keywords
    def __init__(
        self,
        script: str,
        *args: object,
        errhandler: str | None = None,
        errHandler: str | None = None,
    ) -> None:
        [alone] = args if len(args) == 1 else [None]
        given = cast("Iterable[object]", alone) if isinstance(alone, list | tuple) else args
        self._script = script
        self._args = list(given)
        self._errhandler = errhandler or errHandler

    def _elements(self) -> Iterable[Element | None]:
        arguments = element("arguments", *(leaf("argument", item) for item in self._args))
        return leaf("path", self._script), arguments if self._args else None

    @classmethod
    def with_fields(cls, fields: dict[str, object]) -> Self:
        """Return the command that has what a modern one has in these fields."""
        return cls(str(fields["path"]), fields["arguments"])

    def __repr__(self) -> str:
        parts = [repr(self._script), *map(plain, self._args), handler_text(self._errhandler)]
        return f"Script({joined(*parts)})"


class Set(Writing, model=models.Set):
    """Write a value to a device, and wait for it to get there if asked to.

    Modern: `scan_sdk.Set(device, value, completion=…, readback=…, tolerance=…, timeout=…, error_handler=…)`.

    Args:
        device: The device.
        value: The value.
        completion: Whether to wait until the device reports that the write is completed.
        readback: Whether to wait until the device shows the value; or the name of the one that has to.
        readback_value: What the readback has to show, if not the value.
        tolerance: How far the readback may be off.
        timeout: Longest time for completion, or for the readback, in seconds; 0 waits for ever.
        errhandler: Class on the server's script path that decides what happens after an error.
    """

    @knows_keywords
    def __init__(
        self,
        device: str,
        value: float | str,
        completion: bool = False,
        readback: bool | str | None = False,
        readback_value: float | str | None = None,
        tolerance: float = 0.0,
        timeout: float = 0.0,
        errhandler: str | None = None,
    ) -> None:
        self._device = device
        self._value = value
        self._completion = completion
        self._readback = readback
        self._readback_value = None if readback_value == "" else readback_value
        self._tolerance = tolerance
        self._timeout = timeout
        self._errhandler = errhandler

    def _elements(self) -> Iterable[Element | None]:
        expected = self._readback_value
        yield leaf("device", self._device)
        yield leaf("value", quoted(self._value))
        yield from self._waits()
        yield leaf("readback_value", quoted(expected)) if self._readback and expected is not None else None
        yield from self._limits()

    def __repr__(self) -> str:
        parts = [repr(self._device), _value(self._value)]
        timeout = f"timeout={self._timeout}" if self._timeout else ""
        if self._completion:
            parts += ["completion=True", timeout]
        if self._readback:
            parts += [f"readback={plain(self._readback)}", *self._check_texts()]
            parts.append("" if self._completion else timeout)
        return f"Set({joined(*parts, handler_text(self._errhandler))})"

    def _check_texts(self) -> list[str]:
        """Return the arguments about the check of a readback, in PyScanClient's ways of writing them."""
        if not isinstance(self._readback, str):
            return [f"tolerance='{float(self._tolerance):f}'"]
        expected = self._readback_value
        return [
            "" if expected is None else f"readback_value={plain(expected)}",
            f"tolerance={float(self._tolerance):f}" if float(self._tolerance) else "",
        ]


class Wait(Waiting, Comparing, model=models.Wait):
    """Wait until the value of a device meets a condition.

    Without a tolerance the server takes 0.1.

    Modern: `scan_sdk.Wait(device, value, comparison, tolerance=…, timeout=…, error_handler=…)`.

    Args:
        device: The device.
        value: The value to compare with.
        comparison: `=`, `!=`, `>`, `>=`, `<`, `<=`, `increase by` or `decrease by`.
        tolerance: How far two numbers may be apart that count as equal.
        timeout: Longest time in seconds; 0 waits for ever.
        errhandler: Class on the server's script path that decides what happens after an error.

    Raises:
        ValueError: There is no such comparison.
    """

    @knows_keywords
    def __init__(
        self,
        device: str,
        value: float | str | Iterable[str],
        comparison: str = "=",
        tolerance: float = 0.0,
        timeout: float = 0.0,
        errhandler: str | None = None,
    ) -> None:
        self._device = device
        self._value = value
        self._comparison = check_comparison(comparison, WAIT_SYMBOLS)
        self._tolerance = tolerance
        self._timeout = timeout
        self._errhandler = errhandler

    def setComparison(self, comparison: str) -> None:
        """Change the comparison.

        Raises:
            ValueError: There is no such comparison.
        """
        self._comparison = check_comparison(comparison, WAIT_SYMBOLS)

    def _elements(self) -> Iterable[Element | None]:
        yield leaf("device", self._device)
        yield leaf("value", self._value_text())
        yield leaf("comparison", WAIT_SYMBOLS[self._comparison])
        yield limit("tolerance", self._tolerance)
        yield limit("timeout", self._timeout)

    def _value_text(self) -> str:
        if self._comparison in {"in", "not in"} and not isinstance(self._value, str | float | int):
            return write_list(self._value)
        return str(self._value)

    def __repr__(self) -> str:
        parts = [
            repr(self._device),
            plain(self._value),
            f"comparison={self._comparison!r}" if self._comparison != "=" else "",
            limit_text("tolerance", self._tolerance),
            limit_text("timeout", self._timeout),
        ]
        return f"Wait({joined(*parts, handler_text(self._errhandler))})"


def _value(value: object) -> str:
    """Return Python source of what is written: whole floats keep their `.0`."""
    if not isinstance(value, float) or not math.isfinite(value):
        return plain(value)
    text = f"{value:.12g}"
    return f"{text}.0" if value.is_integer() and "e" not in text else text
