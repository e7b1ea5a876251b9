"""Commands whose modules are imported when they are run, and not for the help of all."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from scan_sdk.cli.contents import SECTIONS, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Contents", "add_all", "load"]


class _Formatter(Protocol):
    def section(self, name: str) -> AbstractContextManager[None]: ...
    def write_dl(self, rows: Sequence[tuple[str, str]]) -> None: ...


def add_all(app: typer.Typer) -> None:
    """Add all commands of the table of contents, without importing them."""
    for name, entry in entries().items():
        app.command(name, cls=_Deferred, short_help=entry.help)(_elsewhere)


def load(name: str) -> TyperCommand:
    """Return a command with its options; its module is imported for that."""
    entry = entries()[name]
    module, _, function = entry.place.partition(":")
    callback = cast("Callable[..., object]", getattr(import_module(f"scan_sdk.cli.{module}"), function))
    settings: dict[str, object] = {}
    if entry.passes_on:
        settings = {"ignore_unknown_options": True, "allow_interspersed_args": False}
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    holder.command(name, cls=_Command, context_settings=settings)(callback)
    return cast("TyperCommand", get_command(holder))


def _elsewhere() -> None:
    """Stand for the function of a command, which is never called."""


class _Command(TyperCommand):
    """A command whose usage names its arguments as its texts do."""

    def collect_usage_pieces(self, ctx: object) -> list[str]:  # noqa: ARG002  # typer gives it
        """Return what stands behind the name of the program."""
        names = [param.metavar or "" for param in self.params if param.param_type_name == "argument"]
        return ["[OPTIONS]", *names]


class _Deferred(TyperCommand):
    """Stands for a command until its arguments are to be read."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: object = None, **extra: object
    ) -> typer.Context:
        """Return the context of the command itself, which is what is run then."""
        assert self.name is not None
        context = load(self.name).make_context(info_name, args, cast("typer.Context | None", parent), **extra)
        return cast("typer.Context", context)


class Contents(TyperGroup):
    """Shows the commands under the headings of the table of contents."""

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:  # noqa: ARG002  # typer gives it
        """Write a line for each command."""
        width = max(map(len, entries()))
        for heading, section in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), entry.help) for name, entry in section.items()])
