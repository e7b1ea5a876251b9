"""`scan-sdk check`: what is wrong with command files, before a server sees them."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003  # typer looks at the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from scan_sdk.cli.common import Complaint, Exit
from scan_sdk.cli.documents import STDIN, refuse_table, scan_files

if TYPE_CHECKING:
    from scan_sdk.lint import Checker, Finding

__all__ = ["OutputFormat", "check"]


class OutputFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"


def check(  # noqa: PLR0917  # typer gives them by name
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Command files, in XML, or in JSON, YAML or Python as convert writes them; folders, for all "
            ".scn files in them; or - for the standard input, in XML.",
            show_default=False,
        ),
    ],
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The server's scan_config.xml: devices, limits, macros and folders."
        ),
    ] = None,
    output_format: Annotated[
        OutputFormat, typer.Option("--output-format", help="How findings are written.")
    ] = OutputFormat.TEXT,
    select: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Look for this code, group or name only; may be given again."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Leave out this code, group or name; may be given again."),
    ] = None,
    macro: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A macro that the files are included with."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings count as errors do.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --output-format json.")] = False,
) -> None:
    """Check command files: what would be refused, misunderstood, hang or waste beam time.

    In JSON each finding is an object with code, name, severity, message, advice, file, line, column, address
    (null for what is about no command of the scan) and command. The exit code is 0 where there are no
    errors, 20 where there are, and 21 where a file cannot be read.
    """
    from scan_sdk.cli.findings import write

    checker = _checker(config, macro or [], select or [], ignore or [])
    found: dict[Finding, Finding] = {}
    checked = 0
    for path in scan_files(files):
        checked += 1
        refuse_table(path)
        what = _standard_input() if path == STDIN else path
        for finding in checker.check(what, source=str(path)):
            # A file that is included, where commands have no addresses, and checked itself is told of once
            same = finding._replace(address=None)
            if same not in found or finding.address is not None:
                found[same] = finding
    written = OutputFormat.JSON if as_json else output_format
    typer.echo(write(list(found.values()), written, checked=checked), nl=False)
    if any(finding.name == "unreadable-file" for finding in found):
        raise typer.Exit(Exit.NOT_READ)
    if any(finding.severity == "error" or (strict and finding.severity == "warning") for finding in found):
        raise typer.Exit(Exit.FINDINGS)


def _checker(config: Path | None, macros: list[str], select: list[str], ignore: list[str]) -> Checker:
    """Return what checks the files.

    Raises:
        InvalidConfig: The configuration cannot be used.
        Complaint: It cannot be read, or options make no sense.
    """
    from scan_sdk.errors import InvalidConfig
    from scan_sdk.lint import Checker

    given = {name: value for name, _, value in (macro.partition("=") for macro in macros)}
    if wrong := [macro for macro in macros if "=" not in macro]:
        raise Complaint(Exit.WRONG_USE, f"--macro {wrong[0]}: give a name and a value, such as axis=motor_x")
    try:
        return Checker(config=config, macros=given or None, select=select, ignore=ignore)
    except InvalidConfig:
        raise  # it is a ValueError, too
    except OSError as error:
        raise Complaint(Exit.NO_CONFIG, f"cannot read {config}: {error.strerror or error}") from None
    except ValueError as error:
        raise Complaint(Exit.WRONG_USE, f"{error}; see --select and --ignore") from None


def _standard_input() -> bytes:
    from scan_sdk.lint.files import MOST_BYTES

    return sys.stdin.buffer.read(MOST_BYTES + 1)
