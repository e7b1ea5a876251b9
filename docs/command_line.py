"""Writes the commands into docs/reference/command-line.md, as the program itself describes them.

python docs/command_line.py
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk.cli.contents import SECTIONS, entries
from scan_sdk.cli.lazy import load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer.core import TyperArgument, TyperCommand, TyperOption

PAGE = Path(__file__).parent / "reference" / "command-line.md"
BEGIN = "<!-- what follows is written by docs/command_line.py -->\n"
END = "<!-- what follows is written by hand -->\n"
SHARED = ("url", "server", "token")
"""Options of all commands that talk to a server; they are described once."""
LITERAL = re.compile(r"(?<![\w`/])(--?[a-z][a-z-]*|\.[a-z][a-z0-9]+(?=[\s,;]))(?![\w`])")


def page(text: str) -> str:
    """Return the page with the commands as they are now."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{''.join(commands())}{END}{after}"


def commands() -> Iterator[str]:
    """Yield the description of each command under its heading."""
    yield "## Which server\n\nAll commands that talk to a server take these.\n\n"
    shared = load("info")
    for param in shared.params:
        if param.name in SHARED:
            yield described(param)
    for heading, section in SECTIONS.items():
        yield f"## {heading}\n\n"
        for name in section:
            yield from command(name)


def command(name: str) -> Iterator[str]:
    """Yield the heading, the synopsis, the text and the options of a command."""
    found: TyperCommand = load(name)
    arguments = [param for param in found.params if param.param_type_name == "argument"]
    options = [param for param in found.params if param.param_type_name == "option" and param.name != "help"]
    names = [param.metavar or "" for param in arguments]
    asks = {param.name for param in options} >= set(SHARED) and name in talking()
    own = [param for param in options if not asks or param.name not in SHARED]
    synopsis = " ".join(["scan-sdk", name, *(["[OPTIONS]"] if options else []), *names])
    yield f"### `scan-sdk {name}`\n\n```text\n{synopsis}\n```\n\n"
    yield "\n\n".join(literal(" ".join(part.split())) for part in (found.help or "").split("\n\n")) + "\n\n"
    for param in (*arguments, *own):
        yield described(param)
    if asks:
        yield "`--url URL`, `--server NAME`, `--token TOKEN`\n: [Which server](#which-server).\n\n"


def talking() -> set[str]:
    """Return the commands that take the options for the server from one place."""
    return set(entries()) - {"demo", "serve"}


def described(param: TyperArgument | TyperOption) -> str:
    """Return an argument or option as an item of a definition list."""
    notes: list[str] = []
    if param.param_type_name == "argument":
        names = [param.metavar or ""]
    else:
        value = "" if param.is_flag else f" {param.metavar or choices(param)}"
        names = [f"{name}{value}" for name in (*param.opts, *param.secondary_opts)]
        if param.default not in (None, False, True) and param.show_default:
            notes.append(f"By default `{param.default}`.")
        if param.envvar:
            notes.append(f"Or `{param.envvar}` in the environment.")
    text = " ".join([literal(param.help or ""), *notes])
    return f"{', '.join(f'`{name}`' for name in names)}\n: {text}\n\n"


def choices(param: TyperOption) -> str:
    """Return the words that an option takes."""
    return "|".join(map(str, param.type_descriptor.choices or ()))


def literal(text: str) -> str:
    """Return text in which options and suffixes are marked as such."""
    return LITERAL.sub(r"`\1`", text.replace("*", r"\*"))


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
