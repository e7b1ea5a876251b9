"""Commands as text in four formats, and from each into the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from scan_sdk._wire.command_faults import UNNAMED
from scan_sdk._wire.commands import read_commands
from scan_sdk.formats.json_text import read_json, write_json
from scan_sdk.formats.python_text import read_python, write_python
from scan_sdk.formats.yaml_text import read_yaml, write_yaml
from scan_sdk.models.collector import collector_paused
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


__all__ = ["SUFFIXES", "CommandFormat", "dump_commands", "format_of", "load_commands"]

CommandFormat: TypeAlias = Literal["xml", "json", "yaml", "python"]
"""What a file of commands is written in."""

SUFFIXES: Final[dict[str, CommandFormat]] = {
    ".scn": "xml",
    ".xml": "xml",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".py": "python",
}
"""What the name of a file says of its format."""
_LARGE: Final = 2**20
"""Size of a document from which the garbage collector costs a good part of the time."""


def format_of(path: Path) -> CommandFormat | None:
    """Return the format that the name of a file stands for, None where it stands for none."""
    return SUFFIXES.get(path.suffix.lower())


def dump_commands(commands: CommandSequence, format: CommandFormat) -> str:  # noqa: A002  # what it is, people call format
    """Return commands as text from which `load_commands` reads the same.

    Args:
        commands: The commands.
        format: `xml`, as `to_xml` writes it; `json`, as `to_json`, indented; `yaml`, the same objects without
            what is at its default; or `python`, a module that builds them as `commands`.

    Example:
        >>> from scan_sdk import CommandSequence, Delay, Log, Loop
        >>> scan = CommandSequence(Delay(2), Loop("motor_x", 1, 5, 1, Log("motor_x")))
        >>> print(dump_commands(scan, "yaml"), end="")
        - {command: delay, seconds: 2}
        - command: loop
          device: motor_x
          start: 1
          end: 5
          step: 1
          body:
            - {command: log, devices: [motor_x]}
    """
    return _WRITERS[format](commands)


def load_commands(
    document: str | bytes,
    format: CommandFormat,  # noqa: A002  # what it is, people call format
    *,
    source: str = UNNAMED,
    strict: bool = True,
) -> CommandSequence:
    """Read commands from text in any of the four formats; nothing of it is run.

    The commands know their places in the text.

    Args:
        document: The text. Bytes are UTF-8; XML may declare another encoding.
        format: What it is written in.
        source: Name of the document, such as its path, for places and messages.
        strict: Whether to refuse XML that holds what the server silently ignores or changes. The other
            formats hold nothing of the kind.

    Raises:
        InvalidCommands: It cannot be read; with line and column.
        MissingExtra: It is YAML, and PyYAML is not installed.
    """
    with collector_paused(len(document) > _LARGE):
        if format == "xml":
            return CommandSequence(read_commands(document, strict=strict, source=source))
        return _READERS[format](document, source)


_WRITERS: Final[dict[CommandFormat, Callable[[CommandSequence], str]]] = {
    "xml": CommandSequence.to_xml,
    "json": write_json,
    "yaml": write_yaml,
    "python": write_python,
}
_READERS: Final[dict[CommandFormat, Callable[[str | bytes, str], CommandSequence]]] = {
    "json": read_json,
    "yaml": read_yaml,
    "python": read_python,
}
