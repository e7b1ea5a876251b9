"""The commands of old scripts that hold others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk import models
from scan_sdk.pyscan.command import Block, Command, as_commands, knows_keywords
from scan_sdk.pyscan.spelling import handler_text, joined, leaf, limit, limit_text, plain, short
from scan_sdk.pyscan.waiting import SYMBOLS, Comparing, Writing, check_comparison

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from scan_sdk.pyscan.command import Commands

__all__ = ["If", "Loop", "Parallel", "Sequence"]


def _check_device(device: object) -> None:
    if not isinstance(device, str):
        raise TypeError(f"Expect device name, got '{device}'")


class If(Comparing, Block, model=models.If):
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

    def _elements(self) -> Iterable[Element | None]:
        yield leaf("device", self._device)
        yield leaf("comparison", SYMBOLS[self._comparison])
        yield leaf("value", self._value)
        yield leaf("tolerance", self._tolerance)
        yield self._body_element()

    def _head(self) -> str:
        return f"If({self._device!r}, {self._comparison!r}, {plain(self._value)}"

    def __repr__(self) -> str:
        tolerance = f"tolerance={short(self._tolerance)}"
        return f"{joined(self._head(), _inline(self._body), tolerance, handler_text(self._errhandler))})"

    def format(self, level: int = 0) -> str:
        """Return the command with its body on lines of their own."""
        head = f"{self._head()}{_nested(self._body, level)}"
        return f"{self.indent(level)}{joined(head, limit_text('tolerance', self._tolerance))})"


class Loop(Writing, Block, model=models.Loop):
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

    def _elements(self) -> Iterable[Element | None]:
        yield leaf("device", self._device)
        yield leaf("start", self._start)
        yield leaf("end", self._end)
        yield leaf("step", self._step)
        yield from self._waits()
        yield from self._limits()
        yield self._body_element()

    def _head(self) -> str:
        return f"Loop({self._device!r}, {short(self._start)}, {short(self._end)}, {short(self._step)}"

    def _tail(self, tolerance: str) -> list[str]:
        waits = self._completion or self._readback
        return [
            "completion=True" if self._completion else "",
            f"readback={plain(self._readback)}" if self._readback else "",
            tolerance if self._readback else "",
            limit_text("timeout", self._timeout) if waits else "",
        ]

    def __repr__(self) -> str:
        tail = self._tail(f"tolerance={short(self._tolerance)}")
        return f"{joined(self._head(), _inline(self._body), *tail)})"

    def format(self, level: int = 0) -> str:
        """Return the command with its body on lines of their own."""
        tail = self._tail(limit_text("tolerance", self._tolerance))
        return f"{self.indent(level)}{joined(f'{self._head()}{_nested(self._body, level)}', *tail)})"


class Parallel(Block, model=models.Parallel):
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

    def append(self, *commands: Commands) -> None:
        """Add commands to the body."""
        self._body += as_commands(*commands)

    def _elements(self) -> Iterable[Element | None]:
        return limit("timeout", self._timeout), self._body_element() if self._body else None

    def _tail(self) -> list[str]:
        return [limit_text("timeout", self._timeout), handler_text(self._errhandler)]

    def __repr__(self) -> str:
        return f"Parallel({joined(*map(repr, self._body), *self._tail())})"

    def format(self, level: int = 0) -> str:
        """Return the command with a line for each command of its body."""
        return _block(self, self._body, self._tail(), level)


class Sequence(Block, model=models.Sequence):
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

    def getHandler(self) -> str | None:
        """Return the error handler."""
        return self._errhandler

    def _elements(self) -> Iterable[Element | None]:
        return (self._body_element() if self._body else None,)

    def __repr__(self) -> str:
        return f"Sequence({joined(*map(repr, self._body), handler_text(self._errhandler))})"

    def format(self, level: int = 0) -> str:
        """Return the command with a line for each command of its body."""
        return _block(self, self._body, [handler_text(self._errhandler)], level)


def _inline(body: Iterable[Command]) -> str:
    """Return a body in one line; nothing where it is empty."""
    inner = ", ".join(map(repr, body))
    return f"[ {inner} ]" if inner else ""


def _lines(body: Iterable[Command], level: int) -> str:
    """Return a body with a line for each command."""
    return ",\n".join(command.format(level + 1) for command in body)


def _nested(body: Iterable[Command], level: int) -> str:
    """Return a body as an argument that follows others, on lines of its own; nothing where it is empty."""
    lines = _lines(body, level)
    indent = "    " * level
    return f",\n{indent}[\n{lines}\n{indent}]" if lines else ""


def _block(command: Command, body: Iterable[Command], tail: Iterable[str], level: int) -> str:
    """Return a command whose commands are its arguments."""
    indent, arguments = command.indent(level), joined(*tail)
    lines = _lines(body, level)
    separator = ", " if arguments and lines else ""
    return f"{indent}{type(command).__name__}(\n{lines}\n{indent}{separator}{arguments})"
