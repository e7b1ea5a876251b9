"""The commands of old scripts that hold others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.pyscan.command import (
    Command,
    as_commands,
    body_of,
    element,
    handler,
    handler_text,
    joined,
    knows_keywords,
    leaf,
    lines_of,
    list_of,
    plain,
    positive,
    short,
)
from scan_sdk.pyscan.simple import SYMBOLS, Writing, check_comparison, limit, waiting

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from scan_sdk.pyscan.command import Commands

__all__ = ["If", "Loop", "Parallel", "Sequence"]


def _check_device(device: object) -> None:
    if not isinstance(device, str):
        raise TypeError(f"Expect device name, got '{device}'")


class If(Command):
    """Read a device once, and perform the body if the value meets a condition.

    Modern: `scan_sdk.If(device, comparison, value, *body, tolerance=…, error_handler=…)`.

    Args:
        device: The device.
        comparison: `=`, `!=`, `>`, `>=`, `<` or `<=`.
        value: The value to compare with.
        body: A command, or several.
        *args: Further commands.
        tolerance: How far two numbers may be apart that count as equal.
        errhandler: Class on the server's script path that decides what happens after an error.

    Raises:
        ValueError: There is no such comparison.
        TypeError: The device is no text, or the body holds something else than commands.
    """

    @knows_keywords
    def __init__(
        self,
        device: str,
        comparison: str,
        value: float | str,
        body: Commands | None = None,
        *args: Commands,
        tolerance: float = 0.1,
        errhandler: str | None = None,
    ) -> None:
        _check_device(device)
        self._device = device
        self._comparison = check_comparison(comparison, SYMBOLS)
        self._value = value
        self._body = as_commands(body, *args)
        self._tolerance = tolerance
        self._errhandler = errhandler

    def getDevice(self) -> str:
        """Return the name of the device."""
        return self._device

    def getBody(self) -> list[Command]:
        """Return the body itself: what is changed in the list is changed in the command."""
        return self._body

    def genXML(self) -> Element:
        """Return the command as XML."""
        return element(
            "if",
            leaf("device", self._device),
            leaf("comparison", SYMBOLS[self._comparison]),
            leaf("value", self._value),
            leaf("tolerance", self._tolerance),
            body_of(self._body),
            handler(self._errhandler),
        )

    def _head(self) -> str:
        return f"If({self._device!r}, {self._comparison!r}, {plain(self._value)}"

    def __repr__(self) -> str:
        tolerance = f"tolerance={short(self._tolerance)}"
        parts = [self._head(), list_of(self._body), tolerance, handler_text(self._errhandler)]
        return f"{joined(parts)})"

    def format(self, level: int = 0) -> str:
        """Return the command with its body on lines of their own."""
        tolerance = f", tolerance={short(self._tolerance)}" if positive(self._tolerance) else ""
        return f"{self.indent(level)}{self._head()}{_nested(self._body, level)}{tolerance})"


class Loop(Writing):
    """Set a device to each of a row of values, and perform the body at each.

    Modern: `scan_sdk.Loop(device, start, end, step, *body, …)`, with the same keywords, but `error_handler=`.

    Args:
        device: The device.
        start: The first value.
        end: The last value.
        step: The distance of values. Where its sign points away from the end, the loop changes direction each
            time it runs.
        body: A command, or several.
        *args: Further commands.
        completion: Whether to wait at each step until the device reports that the write is completed.
        readback: Whether to wait until the device shows the value; or the name of the one that has to.
        tolerance: How far the readback may be off; a tenth of the step where it is left out.
        timeout: Longest time for each step in seconds; 0 waits for ever.
        errhandler: Class on the server's script path that decides what happens after an error.

    Raises:
        TypeError: The device is no text, or the body holds something else than commands.
    """

    @knows_keywords
    def __init__(
        self,
        device: str,
        start: float,
        end: float,
        step: float,
        body: Commands | None = None,
        *args: Commands,
        completion: bool = False,
        readback: bool | str | None = False,
        tolerance: float | None = None,
        timeout: float = 0,
        errhandler: str | None = None,
    ) -> None:
        _check_device(device)
        self._device = device
        self._start = start
        self._end = end
        self._step = step
        self._body = as_commands(body, *args)
        self._completion = completion
        self._readback = readback
        self._tolerance = abs(step) / 10.0 if tolerance is None else tolerance
        self._timeout = timeout
        self._errhandler = errhandler

    def getBody(self) -> list[Command]:
        """Return the body itself: what is changed in the list is changed in the command."""
        return self._body

    def genXML(self) -> Element:
        """Return the command as XML."""
        return element(
            "loop",
            leaf("device", self._device),
            leaf("start", self._start),
            leaf("end", self._end),
            leaf("step", self._step),
            *waiting(self._device, self._completion, self._readback),
            leaf("tolerance", self._tolerance) if self._readback else None,
            limit(self._timeout, self._completion, self._readback),
            body_of(self._body),
            handler(self._errhandler),
        )

    def _head(self) -> str:
        return f"Loop({self._device!r}, {short(self._start)}, {short(self._end)}, {short(self._step)}"

    def _tail(self, tolerance: str) -> list[str]:
        waits = self._completion or self._readback
        return [
            "completion=True" if self._completion else "",
            f"readback={plain(self._readback)}" if self._readback else "",
            tolerance if self._readback else "",
            f"timeout={short(self._timeout)}" if waits and positive(self._timeout) else "",
        ]

    def __repr__(self) -> str:
        tail = self._tail(f"tolerance={short(self._tolerance)}")
        return f"{joined([self._head(), list_of(self._body), *tail])})"

    def format(self, level: int = 0) -> str:
        """Return the command with its body on lines of their own."""
        tolerance = f"tolerance={short(self._tolerance)}" if positive(self._tolerance) else ""
        tail = joined(self._tail(tolerance))
        head = f"{self.indent(level)}{self._head()}{_nested(self._body, level)}"
        return f"{head}{', ' if tail else ''}{tail})"


class Parallel(Command):
    """Perform the commands of the body at the same time.

    Modern: `scan_sdk.Parallel(*body, timeout=…, error_handler=…)`.

    Args:
        body: A command, or several.
        *args: Further commands.
        timeout: Longest time for all of them in seconds; 0 waits for ever.
        errhandler: Class on the server's script path that decides what happens after an error.

    Raises:
        TypeError: The body holds something else than commands.
    """

    @knows_keywords
    def __init__(
        self,
        body: Commands | None = None,
        *args: Commands,
        timeout: float = 0,
        errhandler: str | None = None,
    ) -> None:
        self._body = as_commands(body, *args)
        self._timeout = timeout
        self._errhandler = errhandler

    def getBody(self) -> list[Command]:
        """Return the body itself: what is changed in the list is changed in the command."""
        return self._body

    def append(self, *commands: Commands) -> None:
        """Add commands to the body."""
        self._body += as_commands(*commands)

    def genXML(self) -> Element:
        """Return the command as XML."""
        return element(
            "parallel",
            leaf("timeout", self._timeout) if positive(self._timeout) else None,
            body_of(self._body) if self._body else None,
            handler(self._errhandler),
        )

    def _tail(self) -> list[str]:
        timeout = f"timeout={short(self._timeout)}" if positive(self._timeout) else ""
        return [timeout, handler_text(self._errhandler)]

    def __repr__(self) -> str:
        return f"Parallel({joined([*map(repr, self._body), *self._tail()])})"

    def format(self, level: int = 0) -> str:
        """Return the command with a line for each command of its body."""
        return _block(self, self._body, self._tail(), level)


class Sequence(Command):
    """Perform the commands of the body one after the other, as one command.

    Sequences in it are laid out flat; those with an error handler of their own are not, and keep it.

    Modern: `scan_sdk.Sequence(*body, error_handler=…)`.

    Args:
        body: A command, or several.
        *args: Further commands.
        errhandler: Class on the server's script path that decides what happens after an error.

    Raises:
        TypeError: The body holds something else than commands.
    """

    @knows_keywords
    def __init__(self, body: Commands | None = None, *args: Commands, errhandler: str | None = None) -> None:
        self._body: list[Command] = []
        self._errhandler = errhandler
        self.append(*as_commands(body, *args))

    def append(self, *commands: Commands) -> None:
        """Add commands to the body."""
        for command in as_commands(*commands):
            if isinstance(command, Sequence) and not command.getHandler():
                self._body += command.getBody()
            else:
                self._body.append(command)

    def getBody(self) -> list[Command]:
        """Return the body itself: what is changed in the list is changed in the command."""
        return self._body

    def getHandler(self) -> str | None:
        """Return the error handler."""
        return self._errhandler

    def genXML(self) -> Element:
        """Return the command as XML."""
        return element("sequence", body_of(self._body) if self._body else None, handler(self._errhandler))

    def __repr__(self) -> str:
        return f"Sequence({joined([*map(repr, self._body), handler_text(self._errhandler)])})"

    def format(self, level: int = 0) -> str:
        """Return the command with a line for each command of its body."""
        return _block(self, self._body, [handler_text(self._errhandler)], level)


def _nested(body: Iterable[Command], level: int) -> str:
    """Return a body as an argument that follows others, on lines of its own; nothing where it is empty."""
    lines = lines_of(body, level)
    indent = "    " * level
    return f",\n{indent}[\n{lines}\n{indent}]" if lines else ""


def _block(command: Command, body: Iterable[Command], tail: Iterable[str], level: int) -> str:
    """Return a command whose commands are its arguments."""
    indent, arguments = command.indent(level), joined(tail)
    lines = lines_of(body, level)
    separator = ", " if arguments and lines else ""
    return f"{indent}{type(command).__name__}(\n{lines}\n{indent}{separator}{arguments})"
