"""The scan server's wording: how it describes a command in `<command>` and in simulations."""

from __future__ import annotations

from scan_sdk._dialect.java import format_double, quote_value
from scan_sdk._dialect.lists import write_list
from scan_sdk._registry import WORDING
from scan_sdk.models import (
    Command,
    Comment,
    Comparison,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    OtherCommand,
    Parallel,
    Script,
    Sequence,
    Set,
    Wait,
)

__all__ = ["describe", "describe_condition"]


def describe(command: Command) -> str:
    """Return the server's description of a command, such as `Set 'x' = 1.0 (wait for 'x' +-0.1)`.

    Args:
        command: The command; of a body only the command around it is described.

    Returns:
        One line, unless a name or text in the command has several.
    """
    wording = WORDING.of(type(command))
    return repr(command) if wording is None else wording(command)


@WORDING.register(OtherCommand)
def _other(command: OtherCommand) -> str:
    return f"<{command.tag}>"


@WORDING.register(Comment)
def _comment(command: Comment) -> str:
    return command.text or "-- Empty Comment --"


@WORDING.register(Delay)
def _delay(command: Delay) -> str:
    return f"Delay {format_double(command.seconds)} sec"


@WORDING.register(ConfigLog)
def _config_log(command: ConfigLog) -> str:
    return f"Log mode: {'automatically' if command.automatic else 'on demand'}"


@WORDING.register(Log)
def _log(command: Log) -> str:
    return f"Log {_quoted(command.devices)}"


@WORDING.register(Set)
def _set(command: Set) -> str:
    return f"Set '{command.device}' = {quote_value(command.value)}{describe_condition(command)}"


@WORDING.register(Wait)
def _wait(command: Wait) -> str:
    limit = f" ({format_double(command.timeout)} sec timeout)" if command.timeout > 0 else ""
    return f"Wait for {_comparison(command)}{limit}"


@WORDING.register(If)
def _if(command: If) -> str:
    return f"If {_comparison(command)}"


@WORDING.register(Loop)
def _loop(command: Loop) -> str:
    start, end, step = (format_double(number) for number in (command.start, command.end, command.step))
    return f"Loop '{command.device}' = {start} ... {end}, step {step}{describe_condition(command)}"


@WORDING.register(Parallel)
def _parallel(command: Parallel) -> str:
    limit = f", {format_double(command.timeout)} sec timeout" if command.timeout > 0 else ""
    return f"Parallel{limit}"


@WORDING.register(Sequence)
def _sequence(_: Sequence) -> str:
    return "Sequence"


@WORDING.register(Include)
def _include(command: Include) -> str:
    return f"Include '{command.scan_file}'" + (f", {command.macros}" if command.macros else "")


@WORDING.register(Script)
def _script(command: Script) -> str:
    return f"Script '{command.path}'" + (f" ({_quoted(command.arguments)})" if command.arguments else "")


def describe_condition(command: Set | Loop) -> str:
    """Return what a write waits for, such as ` with completion in 5.0 sec (check for 'x.RBV' +-0.1)`.

    Args:
        command: The command that writes.

    Returns:
        Text that starts with a blank; empty where the command does not wait.
    """
    limit = f"{format_double(command.timeout)} sec" if command.timeout > 0 else ""
    text = ""
    if command.completion:
        text = " with completion" + (f" in {limit}" if limit else "")
    if command.wait:
        what = "check" if command.completion else "wait"
        tolerance = f" +-{format_double(command.tolerance)}" if command.tolerance > 0 else ""
        wanted, quote = "", "'"
        if isinstance(command, Loop):
            # The server forgets the closing quote of a loop that has no tolerance
            quote = "'" if tolerance else ""
        elif command.readback_value is not None:
            wanted = f" = {quote_value(command.readback_value)}"
        until = f", {limit} timeout" if limit and not command.completion else ""
        text += f" ({what} for '{command.readback or command.device}{quote}{wanted}{tolerance}{until})"
    return text


def _comparison(command: Wait | If) -> str:
    value = command.value
    # The list of IN and NOT_IN stays quoted when the server reads it, and is quoted once more in texts
    wanted = f'"{write_list(value)}"' if isinstance(value, tuple) else quote_value(value)
    exact = command.comparison is not Comparison.EQUALS
    tolerance = "" if exact else f" (+-{format_double(command.tolerance)})"
    return f"'{command.device}' {command.comparison.symbol} {wanted}{tolerance}"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
