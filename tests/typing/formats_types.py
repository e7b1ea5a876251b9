"""What type checkers and editors know of command files; checked by mypy and pyright, never run."""

from pathlib import Path
from typing import assert_type

from scan_sdk import Command, CommandSequence
from scan_sdk.formats import (
    Change,
    CommandFormat,
    Spot,
    diff_commands,
    dump_commands,
    format_commands,
    format_of,
    json_schema,
    load_commands,
    xsd,
)

assert_type(format_commands("<commands/>"), str)
assert_type(format_commands(b"<commands/>"), bytes)
assert_type(load_commands("[]", "json"), CommandSequence)
assert_type(format_of(Path("night.scn")), CommandFormat | None)
assert_type(json_schema("commands"), dict[str, object])
assert_type(xsd("scan_config"), str)

load_commands("[]", "toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
xsd("comands")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def compare(old: CommandSequence, new: list[Command]) -> None:
    assert_type(dump_commands(old, "yaml"), str)
    for change in diff_commands(old, new):
        assert_type(change, Change)
        assert_type(change.old, Spot | None)
        if change.new is not None:
            assert_type(change.new.command, Command)
            assert_type(change.new.path, tuple[int, ...])
