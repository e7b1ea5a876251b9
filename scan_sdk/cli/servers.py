"""The scan servers that a user has given names, in a file of the user's configuration folder."""

from __future__ import annotations

import difflib
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scan_sdk.cli.common import Complaint, Exit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["NamedServer", "Servers", "config_path", "read_servers"]

_KEYS: Final = ("url", "token", "token_file", "timezone", "verify")
_AT_LINE: Final = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")


class NamedServer(NamedTuple):
    """A scan server as the file describes it.

    Attributes:
        url: Its address.
        token: What requests have to show.
        token_file: The file that holds it instead.
        timezone: The time zone of the server, for deadlines.
        verify: Whether its certificate is checked; or the file with the authorities to trust.
    """

    url: str
    token: str | None = None
    token_file: Path | None = None
    timezone: str | None = None
    verify: bool | str = True

    def secret(self) -> str | None:
        """Return the token, read from its file where it has one.

        Raises:
            Complaint: The file cannot be read.
        """
        if self.token_file is None:
            return self.token
        try:
            return self.token_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise Complaint(
                Exit.NO_CONFIG, f"cannot read the token file {self.token_file}: {reason}"
            ) from None


class Servers(NamedTuple):
    """What the file says.

    Attributes:
        path: The file, whether or not it is there.
        default: The name of the server that is meant where none is named.
        named: The servers by name.
    """

    path: Path
    default: str | None
    named: dict[str, NamedServer]

    def find(self, name: str) -> NamedServer:
        """Return the server of a name.

        Raises:
            Complaint: There is none; the text has the names that there are.
        """
        if name in self.named:
            return self.named[name]
        near = difflib.get_close_matches(name, self.named, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        known = f"{self.path} has {', '.join(self.named)}" if self.named else f"{self.path} names no servers"
        raise Complaint(Exit.NO_CONFIG, f"there is no server '{name}': {hint}{known}")


def config_path() -> Path:
    """Return where the file is, or would be."""
    if folder := os.environ.get("XDG_CONFIG_HOME"):
        base = Path(folder)
    elif sys.platform == "win32":
        base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path.home() / ".config"
    return base / "scan-sdk" / "config.toml"


def read_servers() -> Servers:
    """Read the file; where there is none, no servers have names.

    Raises:
        Complaint: The file cannot be read, or makes no sense; with the line of each mistake.
    """
    path = config_path()
    try:
        text = path.read_bytes().decode("utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError:
        return Servers(path, None, {})
    except OSError as error:
        raise Complaint(Exit.NO_CONFIG, f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeError:
        raise Complaint(Exit.NO_CONFIG, f"{path}: it is no text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        reason, place = str(error), ""
        if found := _AT_LINE.fullmatch(reason):
            reason, place = found[1], f":{found[2]}:{found[3]}"
        raise Complaint(Exit.NO_CONFIG, f"{path}{place}: {reason}") from None
    problems = [f"{path}:{_line(text, keys)}: {reason}" for keys, reason in _problems(content)]
    if problems:
        raise Complaint(Exit.NO_CONFIG, "\n".join(problems))
    tables = cast("dict[str, dict[str, str | bool]]", content.get("servers", {}))
    named = {name: _server(table, path.parent) for name, table in tables.items()}
    return Servers(path, cast("str | None", content.get("default")), named)


def _server(table: dict[str, str | bool], folder: Path) -> NamedServer:
    """Return a server; its table is known to make sense."""
    file = table.get("token_file")
    token_file = None if file is None else folder / Path(cast("str", file)).expanduser()
    return NamedServer(
        cast("str", table["url"]),
        cast("str | None", table.get("token")),
        token_file,
        cast("str | None", table.get("timezone")),
        table.get("verify", True),
    )


_Problem = tuple[tuple[str, ...], str]


def _problems(content: dict[str, object]) -> Iterator[_Problem]:
    """Yield all that is wrong: the keys that lead there, and what to mend."""
    for key in content.keys() - {"default", "servers"}:
        yield (key,), f"unknown key '{key}': there are default and servers"
    servers = content.get("servers", {})
    if not isinstance(servers, dict):
        yield ("servers",), "servers is a table: begin one with [servers.NAME] for each server"
        return
    tables = cast("dict[str, object]", servers)
    default = content.get("default")
    if default is not None and (not isinstance(default, str) or default not in tables):
        yield (
            ("default",),
            f"default is the name of one of the servers: {', '.join(tables) or 'there are none'}",
        )
    for name, table in tables.items():
        if isinstance(table, dict):
            yield from _problems_of_server(name, cast("dict[str, object]", table))
        else:
            yield ("servers", name), f"'{name}' is no table: begin one with [servers.{name}]"


def _problems_of_server(name: str, table: dict[str, object]) -> Iterator[_Problem]:
    if "url" not in table:
        yield ("servers", name), f"server '{name}' has no url, such as url = \"http://host:4810\""
    for key, value in table.items():
        place = ("servers", name, key)
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS)}"
            yield place, f"unknown key '{key}': {hint}"
        elif not isinstance(value, str) and not (key == "verify" and isinstance(value, bool)):
            expected = (
                "true, false, or the path of a file in quotes" if key == "verify" else "a text in quotes"
            )
            yield place, f"{key} takes {expected}"
        elif key == "timezone" and not _is_zone(str(value)):
            yield place, f"there is no time zone '{value}': give one such as Europe/Berlin"
    if "token" in table and "token_file" in table:
        yield ("servers", name, "token_file"), "give token or token_file, not both"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _line(text: str, keys: tuple[str, ...]) -> int:
    """Return the line at which what some keys lead to is written, or what is around it."""
    best, depth = 1, 0
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            here = table = _keys_of(line)
        else:
            here = table + _keys_of(f"{line.partition('=')[0]}=0")
        if len(here) > depth and here == keys[: len(here)]:
            best, depth = number, len(here)
    return best


def _keys_of(line: str) -> tuple[str, ...]:
    """Return the keys of a line of TOML, none where it is no line on its own."""
    try:
        content: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(content, dict) and content:
        [(key, content)] = cast("dict[str, object]", content).items()
        keys.append(key)
    return tuple(keys)
