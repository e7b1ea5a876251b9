"""Which command of a scan failed, as far as the words of the server tell.

A scan server says why a scan failed and not where: its last word on the address is -1. But the reason speaks
of devices, values and times, which not every command has. So the commands are found that can have been the
reason; where they are several, it may be known which of them were over when the scan was last seen.

The commands of pre- and post-scan, which the client cannot see, are left out. Those of included files may
fail as any command does, so an `Include` is a candidate beside each other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from scan_sdk._dialect.java import format_double, parse_double
from scan_sdk._dialect.lists import write_list
from scan_sdk._dialect.wording import describe
from scan_sdk.models import If, Include, Log, Loop, Parallel, Script, Sequence, Set, Wait
from scan_sdk.models.commands import own_devices
from scan_sdk.models.tree import path

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from scan_sdk.models import Command

    Names: TypeAlias = Mapping[str, str]
    """Names of PVs by the names that commands use."""
    Fits: TypeAlias = Callable[[Command], bool]
    Value: TypeAlias = float | str | tuple[str, ...]

__all__ = ["is_unconnected", "locate", "locate_refused", "locate_unconnected", "speaks_of_pvs"]

_IN_PARALLEL = " (Parallel)"


def locate(
    commands: Iterable[Command], error: str, *, last: int = -1, names: Names | None = None
) -> tuple[tuple[int, Command], ...]:
    """Return the commands that can have failed with an error, and their addresses.

    Args:
        commands: Those of the scan.
        error: The reason that the server gives.
        last: Address at which the scan was last seen, -1 where it was not seen at any.
        names: Names of the PVs by the names that the commands use; those that are not here may be any PV's.

    Returns:
        The command that failed where one is left; several where more than one may have been it; none where
        no command fails with such an error.
    """
    levels = 0
    while error.endswith(_IN_PARALLEL):
        error = error.removesuffix(_IN_PARALLEL)
        levels += 1
    fits = _fitting(error, names or {})
    if fits is None:
        return ()
    commands = tuple(commands)
    repeated = {address for address, command in path(commands, last) if _repeats(command)}
    found: list[tuple[int, Command]] = []
    certain = False
    for address, command, parallels, again in _walk(commands, repeated):
        if address < last and not again:
            continue  # it was over
        if parallels == levels and fits(command):
            certain = True
        elif not (isinstance(command, Include) and parallels <= levels):
            continue
        found.append((address, command))
    return tuple(found) if certain else ()


def locate_refused(commands: Iterable[Command], reason: str) -> tuple[int, Command] | None:
    """Return the first command that asks for what a server cannot find, and its address.

    Args:
        commands: Those that the server refuses.
        reason: The reason that it gives.

    Returns:
        None where the reason is another, or is in a file that one of them includes.
    """
    found = _NOT_LOADED.match(reason)
    wanted = found and found["name"]
    for address, command, _, _ in _walk(commands, frozenset()):
        if wanted:
            asked_for = {getattr(command, "error_handler", "")}
            if isinstance(command, Script):
                asked_for.add(command.path)
            if wanted in asked_for:
                return address, command
        elif isinstance(command, Include) and reason.startswith(f"{describe(command)} cannot open "):
            return address, command
    return None


def locate_unconnected(commands: Iterable[Command], error: str) -> tuple[tuple[int, Command], ...]:
    """Return the first command that uses a device which is not there, with its address.

    Args:
        commands: Those of the scan, which has performed none of them.
        error: The reason that the server gives.

    Returns:
        Nothing where the reason is another, or no command uses any of the devices that it names.
    """
    if not is_unconnected(error):
        return ()
    listed = f", {error.partition(' sec: ')[2]},"
    for address, command, _, _ in _walk(commands, frozenset()):
        for device in own_devices(command):
            if any(f", {device}{end}" in listed for end in (" [", " (", ",", ";")):
                return ((address, command),)
    return ()


def is_unconnected(error: str) -> bool:
    """Tell whether a scan failed before its first command, as devices are not there."""
    return error.startswith("No connection within ")


_NOT_LOADED = re.compile(r"Error loading (?:Jython )?class (?P<name>[^:]+):")


def speaks_of_pvs(error: str) -> bool:
    """Tell whether an error calls devices by the names of their PVs."""
    return error.startswith(("Failed to ", "Completion timeout "))


def _repeats(command: Command) -> bool:
    """Tell whether what is in a command may be performed again, or beside one another."""
    return isinstance(command, Loop | Parallel) or bool(getattr(command, "error_handler", ""))


def _walk(
    commands: Iterable[Command],
    repeated: Iterable[int],
    first: int = 0,
    parallels: int = 0,
    again: bool = False,
) -> Generator[tuple[int, Command, int, bool], None, int]:
    """Yield each command with its address, how many parallels it is in, and whether it may be repeated.

    Returns:
        The address after the last.
    """
    for command in commands:
        once_more = again or first in repeated
        yield first, command, parallels, once_more
        first += 1
        if isinstance(command, Loop | If | Parallel | Sequence):
            inner = parallels + isinstance(command, Parallel)
            first = yield from _walk(command.body, repeated, first, inner, once_more)
    return first


def _fitting(error: str, names: Names) -> Fits | None:
    """Return what tells of a command whether it can fail so; None for an error that says too little."""
    for pattern, judge in _FORMS:
        if (found := pattern.fullmatch(error)) is not None:
            what = found["what"]
            return lambda command: judge(command, what, names)
    return None


def _waited(command: Command, what: str, _: Names) -> bool:
    if isinstance(command, Wait):
        condition = command.comparison.symbol, command.value
        return command.timeout > 0 and _compares(what, command.device, *condition)
    if not isinstance(command, Set | Loop) or not command.wait:
        return False
    device = command.readback or command.device
    if isinstance(command, Loop):
        limited = command.completion or command.timeout > 0
        return limited and any(_shows(shown, device) for shown in _stepped(what, command))
    wanted = command.value if command.readback_value is None else command.readback_value
    return command.timeout > 0 and not command.completion and _compares(what, device, "=", wanted)


def _missed(command: Command, what: str, _: Names) -> bool:
    if not isinstance(command, Set) or not command.wait or not command.completion:
        return False
    return _compares(what, command.device, "!=", command.value)


def _completed(command: Command, what: str, names: Names) -> bool:
    if not isinstance(command, Set | Loop) or not command.completion or command.timeout <= 0:
        return False
    if isinstance(command, Loop):
        return any(_is_pv(shown, command.device, names) for shown in _stepped(what, command))
    return any(_is_pv(shown, command.device, names) for shown in _before(what, "=", command.value))


def _wrote(command: Command, what: str, names: Names) -> bool:
    if not isinstance(command, Set | Loop):
        return False
    written, _, pv = what.partition(" to ")
    if isinstance(command, Loop):
        fits = _is_step(written, command)
    elif isinstance(command.value, str):
        fits = what.startswith((f"{command.value} to ", "[B@"))  # Java's name for a text sent as bytes
        pv = pv if what.startswith("[B@") else what.removeprefix(f"{command.value} to ")
    else:
        fits = _is_number(written, command.value)
    return fits and _is_pv(pv, command.device, names)


def _read(command: Command, what: str, names: Names) -> bool:
    return any(_is_pv(what, device, names) for device in _looked_at(command))


def _looked_at(command: Command) -> tuple[str, ...]:
    if isinstance(command, Log):
        return command.devices
    if isinstance(command, Wait | If):
        return (command.device,)
    if isinstance(command, Set | Loop) and command.wait:
        return (command.readback or command.device,)
    return ()


def _unknown(command: Command, what: str, _: Names) -> bool:
    used = _looked_at(command)
    if isinstance(command, Set | Loop):
        used += (command.device, command.readback)
    return any(device == what or "$" in device for device in used)


def _timed_out(command: Command, what: str, _: Names) -> bool:
    return isinstance(command, Parallel) and format_double(command.timeout) == what


def _handled(command: Command, what: str, _: Names) -> bool:
    return what == type(command).__name__ and bool(getattr(command, "error_handler", ""))


def _scripted(command: Command, what: str, _: Names) -> bool:
    return isinstance(command, Script) and command.path == what


# What commands fail with (spec §5), and by whom that can be said.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[Command, str, Names], bool]], ...] = tuple(
    (re.compile(pattern, re.DOTALL), judge)
    for pattern, judge in (
        (r"Timeout while waiting for (?P<what>.*)", _waited),
        (r"(?P<what>.*) after completion", _missed),
        (r"Completion timeout for (?P<what>.*)", _completed),
        (r"Failed to write (?P<what>.*)", _wrote),
        (r"Failed to read (?P<what>.*)", _read),
        (r"Unknown device '(?P<what>.*)'", _unknown),
        (r"Parallel time out \((?P<what>.*) sec\)", _timed_out),
        (r"Error handler for (?P<what>\w+)Command:.*", _handled),
        (r"(?P<what>\w+):.*", _scripted),
    )
)


def _compares(what: str, device: str, symbol: str, value: Value) -> bool:
    """Tell whether a text is a comparison of a device with a value."""
    return any(_shows(shown, device) for shown in _before(what, symbol, value))


def _before(what: str, symbol: str, value: Value) -> Iterable[str]:
    """Yield what stands before a symbol and a value, where a text ends with them."""
    if isinstance(value, float | int):
        shown, _, number = what.rpartition(f" {symbol} ")
        if _is_number(number, value):
            yield shown
        return
    texts = (value,) if isinstance(value, str) else (write_list(value), f'"{write_list(value)}"')
    for text in texts:
        if what.endswith(tail := f" {symbol} {text}"):
            yield what.removesuffix(tail)


def _stepped(what: str, loop: Loop) -> Iterable[str]:
    """Yield what is said of the device of a loop at one of its steps."""
    shown, _, number = what.rpartition(" = ")
    if _is_step(number, loop):
        yield shown


def _is_step(text: str, loop: Loop) -> bool:
    number = _number(text)
    return number is not None and min(loop.start, loop.end) <= number <= max(loop.start, loop.end)


def _is_number(text: str, value: float | str | tuple[str, ...]) -> bool:
    return _number(text) == value


def _number(text: str) -> float | None:
    try:
        return parse_double(text)
    except ValueError:
        return None


def _shows(text: str, device: str) -> bool:
    """Tell whether a text shows a device, as `alias [name] (value)` where the alias or the name is its name.

    Only the server knows the macros in a name.
    """
    return (
        "$" in device
        or text == device
        or text.startswith((f"{device} [", f"{device} ("))
        or f" [{device}]" in text
    )


def _is_pv(pv: str, device: str, names: Names) -> bool:
    return "$" in device or device == pv or names.get(device, pv) == pv
