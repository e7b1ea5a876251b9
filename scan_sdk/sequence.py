"""A scan as people assemble it: a list of commands that knows XML, JSON and Python."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import TYPE_CHECKING, TypeAlias, cast, overload

from pydantic import ConfigDict, GetCoreSchemaHandler, TypeAdapter, ValidationError
from pydantic_core import core_schema

from scan_sdk._wire.command_faults import UNNAMED
from scan_sdk._wire.commands import read_commands, write_commands
from scan_sdk.models import Command, tree
from scan_sdk.models.base import CommandModel, flatten, instructive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Commands: TypeAlias = "Command | Iterable[Commands]"
"""A command, or any nesting of iterables of commands."""

_ADAPTER: TypeAdapter[list[Command]] = TypeAdapter(
    list[Command], config=ConfigDict(ser_json_inf_nan="strings")
)


class CommandSequence(MutableSequence[Command]):
    """The commands of a scan, in order; a list of them that checks what is put in.

    Lists of commands and other sequences may be given too, nested as you like; they are laid out flat.

    Args:
        *commands: Commands, or iterables of them.

    Raises:
        pydantic.ValidationError: Something given is no command.

    Example:
        >>> from scan_sdk import CommandSequence, Comment, Log, Loop, Set
        >>> scan = CommandSequence(Comment("Hello"), [Set("motor_x", 10)])
        >>> scan.append(Loop("motor_y", 1, 3, 1, Log("motor_y")))
        >>> for address, command in scan.walk():
        ...     print(address, type(command).__name__)
        0 Comment
        1 Set
        2 Loop
        3 Log
    """

    __slots__ = ("_commands",)

    def __init__(self, *commands: Commands) -> None:
        self._commands = _validated(commands)

    def __len__(self) -> int:
        return len(self._commands)

    @overload
    def __getitem__(self, index: int) -> Command: ...
    @overload
    def __getitem__(self, index: slice) -> CommandSequence: ...
    def __getitem__(self, index: int | slice) -> Command | CommandSequence:
        if isinstance(index, slice):
            return CommandSequence(self._commands[index])
        return self._commands[index]

    @overload
    def __setitem__(self, index: int, value: Command) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Command]) -> None: ...
    def __setitem__(self, index: int | slice, value: Command | Iterable[Command]) -> None:
        if isinstance(index, slice):
            self._commands[index] = _validated((value,))
        else:
            [self._commands[index]] = _validated((value,))

    def __delitem__(self, index: int | slice) -> None:
        del self._commands[index]

    def insert(self, index: int, value: Commands) -> None:
        """Insert a command, or all commands of an iterable, before the given index."""
        self._commands[index:index] = _validated((value,))

    def append(self, value: Commands) -> None:
        """Add a command, or all commands of an iterable, at the end."""
        self._commands += _validated((value,))

    def __add__(self, other: Commands) -> CommandSequence:
        return CommandSequence(self._commands, other)

    def __copy__(self) -> CommandSequence:
        return CommandSequence._holding(self._commands)

    def __eq__(self, other: object) -> bool:
        return self._commands == other._commands if isinstance(other, CommandSequence) else NotImplemented

    def walk(self) -> Iterator[tuple[int, Command]]:
        """Yield each command with its address, bodies included.

        Addresses are those of the server, which `ScanInfo.address` and `ScanClient.patch` speak of: all
        commands counted depth first from 0, those of included files left out (spec §4).
        """
        return tree.walk(self._commands)

    def to_xml(self) -> str:
        """Return the commands as an indented XML document, as the server takes and `.scn` files hold it."""
        return write_commands(self._commands)

    @classmethod
    def from_xml(cls, document: str | bytes | Path, *, strict: bool = False) -> CommandSequence:
        """Read an XML document with the defaults of the scan server.

        Args:
            document: The document itself, or the path of a file that holds it. Bytes and files are decoded as
                their XML declaration says, else as UTF-8.
            strict: Also refuse what the server silently ignores or changes, such as unknown elements, and
                commands that nobody knows, which are kept as `OtherCommand` otherwise.

        Raises:
            InvalidCommands: The server would refuse the document; with file, line and column.
            OSError: The file cannot be read.
        """
        source = UNNAMED
        if not isinstance(document, str | bytes):
            source, document = str(document), document.read_bytes()
        return cls._holding(read_commands(document, strict=strict, source=source))

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the commands as a JSON array of objects, whose member `command` tells them apart."""
        return _ADAPTER.dump_json(self._commands, indent=indent).decode()

    @classmethod
    def from_json(cls, document: str | bytes) -> CommandSequence:
        """Read what `to_json` wrote.

        Raises:
            pydantic.ValidationError: It is no JSON, or holds what the constructors of the commands refuse.
        """
        try:
            commands = _ADAPTER.validate_json(document)
        except ValidationError as error:
            raise instructive(CommandSequence.__name__, (), error) from None
        return cls._holding(commands)

    def format(self) -> str:
        """Return Python source that builds the same sequence, with a line for each command."""
        lines = ["CommandSequence("]
        lines += ["    " + "".join(command.source_parts("    ")) + "," for command in self._commands]
        return "\n".join([*lines, ")"]) if self._commands else "CommandSequence()"

    def __repr__(self) -> str:
        return f"CommandSequence({', '.join(map(repr, self._commands))})"

    @classmethod
    def _holding(cls, commands: Iterable[Command]) -> CommandSequence:
        """Wrap commands as they are, also such as a server holds and the constructors refuse."""
        sequence = cls()
        sequence._commands = list(commands)
        return sequence

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let models have fields of this type; in JSON it is an array."""
        commands = handler(list[Command])
        wrapped = core_schema.no_info_after_validator_function(cls._holding, commands)
        return core_schema.json_or_python_schema(
            json_schema=wrapped,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), wrapped]),
            serialization=core_schema.plain_serializer_function_ser_schema(list, return_schema=commands),
        )


def _validated(commands: Iterable[object]) -> list[Command]:
    found = flatten(commands)
    if all(isinstance(item, CommandModel) for item in found):  # checked when they were built, or by a server
        return list(cast("Iterable[Command]", found))
    try:
        return _ADAPTER.validate_python(list(found))
    except ValidationError as error:
        raise instructive(CommandSequence.__name__, (), error) from None
