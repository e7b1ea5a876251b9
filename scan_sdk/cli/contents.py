"""The table of contents of `scan-sdk`: what commands there are, and where each is found.

`scan-sdk --help` and completion read nothing but this, so that they are quick. A command is a function with
typer's annotations; its module is imported when it is run or asked for its own help.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["SECTIONS", "Entry", "entries"]


class Entry(NamedTuple):
    """A command.

    Attributes:
        place: Its module in `scan_sdk.cli`, a colon, and its function.
        help: What it does, in one line: the first of the function's docstring.
        passes_on: Whether all that stands behind its first argument is taken as it is, options too.
    """

    place: str
    help: str
    passes_on: bool = False


SECTIONS: Final[dict[str, dict[str, Entry]]] = {
    "Look": {
        "list": Entry("commands.scans:list_scans", "List the scans, the most recent first."),
        "show": Entry(
            "commands.scans:show", "Show a scan: how it is, and its commands with their addresses."
        ),
        "watch": Entry(
            "commands.scans:watch",
            "Watch a scan until it is done: its progress, the time left and the current command.",
        ),
        "monitor": Entry(
            "commands.monitor:monitor", "Watch and steer the scans of a server in the terminal."
        ),
        "info": Entry("commands.server:info", "Show the server's version, configuration and memory."),
        "devices": Entry(
            "commands.server:devices",
            "List the devices of the server's configuration, or those that a scan uses.",
        ),
    },
    "Submit": {
        "submit": Entry("commands.submit:submit", "Submit a scan."),
        "simulate": Entry(
            "commands.submit:simulate", "Show what a scan would do, and how long that would take."
        ),
    },
    "Steer": {
        "pause": Entry("commands.steer:pause", "Pause a running scan before its next command."),
        "resume": Entry("commands.steer:resume", "Resume a paused scan."),
        "next": Entry(
            "commands.steer:next_command",
            "End what a running scan is doing now, such as a delay, and let it go on.",
        ),
        "abort": Entry("commands.steer:abort", "Abort a scan that waits, runs or is paused."),
        "move": Entry("commands.steer:move", "Move a scan that waits in the queue."),
        "patch": Entry(
            "commands.steer:patch", "Change a property of a command that a scan has yet to perform."
        ),
        "delete": Entry(
            "commands.remove:delete", "Remove scans that are done from the server, and their data."
        ),
        "clear": Entry(
            "commands.remove:clear", "Remove all scans that are done from the server, and their data."
        ),
    },
    "Data": {
        "data": Entry("commands.data:data", "Show or write what a scan has logged."),
        "plot": Entry("commands.plot:plot", "Draw what a scan has logged, as lines or as a map."),
    },
    "Command files": {
        "check": Entry(
            "check:check",
            "Check command files: what would be refused, misunderstood, hang or waste beam time.",
        ),
        "format": Entry(
            "formatting:format_files", "Put command files into canonical form; comments stay where they are."
        ),
        "convert": Entry("convert:convert", "Convert commands among XML, JSON, YAML and Python source."),
        "diff": Entry("compare:diff", "Compare two files of commands, by command and not by line."),
        "schema": Entry(
            "schema:schema", "Print the schema of a kind of document, for editors and validators."
        ),
        "generate": Entry("generate:generate", "Write Python models of a site's own commands from a schema."),
    },
    "Old scripts": {
        "pyscan": Entry(
            "commands.scripts:pyscan",
            "Run a script that was written for PyScanClient, as it is.",
            passes_on=True,
        ),
        "migrate": Entry(
            "commands.scripts:migrate",
            "Rewrite scripts for PyScanClient to use scan_sdk, and show the changes.",
        ),
    },
    "Servers": {
        "servers": Entry(
            "commands.server:servers",
            "List the scan servers that have names, and where the file with the names is.",
        ),
        "serve": Entry("commands.serve:serve", "Run a scan server until Ctrl-C or SIGTERM."),
        "demo": Entry("commands.demo:demo", "Show a scan server at work, in half a minute."),
    },
}
"""All commands by their headings in the help, in its order."""


def entries() -> dict[str, Entry]:
    """Return all commands by name."""
    return {name: entry for section in SECTIONS.values() for name, entry in section.items()}
