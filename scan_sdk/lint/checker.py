"""The check of a scan, however it is given."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from scan_sdk._dialect.macros import parse_macros
from scan_sdk._wire.command_faults import UNNAMED
from scan_sdk._wire.markup import is_document
from scan_sdk.configuration import load_config
from scan_sdk.errors import InvalidCommands
from scan_sdk.lint.codes import codes_of, define
from scan_sdk.lint.documents import Document
from scan_sdk.lint.files import MOST_BYTES, ScriptPath, TooLarge, read_bytes
from scan_sdk.lint.findings import Finding, finding
from scan_sdk.lint.surroundings import Surroundings
from scan_sdk.lint.visit import Scope, Visit
from scan_sdk.models import ScanConfig, TextSource
from scan_sdk.models.collector import collector_paused
from scan_sdk.sequence import Commands, CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Checkable", "Checker", "check"]

Checkable: TypeAlias = "Commands | str | bytes | PathLike[str]"
"""A command, any nesting of iterables of commands, an XML document, or the path of a file that holds one."""
define("SC415", "empty-scan", "info", "There are no commands.", "add some")

_USUAL: Final = ".scn"


def check(
    what: Checkable,
    *,
    config: ScanConfig | str | PathLike[str] | None = None,
    macros: Mapping[str, str] | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    source: str | None = None,
) -> list[Finding]:
    """Check a scan without a server, and return all that is found, by place.

    A file whose name ends in `.json`, `.yaml`, `.yml` or `.py` holds commands as `load_commands` reads them,
    any other XML. Nothing is raised for what the scan holds: a file that cannot be read, or that makes no
    sense, is a finding too.

    Args:
        what: Commands; or the path of a file; or a document, which is text that begins with `<`, or bytes.
        config: The server's configuration, or the path of its `scan_config.xml`. It names devices, their
            limits, macros, and the folders of included files, relative ones starting at the file, or else at
            the current folder. Without it less is found, and included files are only looked for beside
            the file.
        macros: Macros besides those of the configuration, such as a file is included with.
        select: Codes such as `SC401`, groups such as `SC4` or names; nothing else is looked for.
        ignore: Codes, groups or names to leave out.
        source: What to call a document in findings, such as the path that it was read from.

    Returns:
        All findings, those of the scan before those of files that it includes; none where all is well.

    Raises:
        ValueError: `select` or `ignore` name what is no code.
        InvalidConfig: The configuration cannot be used.
        OSError: The file of the configuration cannot be read.
        pydantic.ValidationError: Something given is no command.

    Example:
        >>> from scan_sdk import Log, Loop, Wait
        >>> from scan_sdk.lint import check
        >>> for finding in check([Wait("shutter", "Open"), Loop("motor_x", 0, 1, 0.3, Log("motor_x"))]):
        ...     print(finding.address, finding.code, finding.message)
        0 SC401 it may wait for 'shutter' for ever
        1 SC408 the steps of 0.3 from 0 lead to 0.9, and then to 1
    """
    return Checker(config=config, macros=macros, select=select, ignore=ignore).check(what, source=source)


class Checker:
    """Checks scans, all with the same configuration, which is read once.

    Its arguments are those of `check`.

    Raises:
        ValueError: `select` or `ignore` name what is no code.
        InvalidConfig: The configuration cannot be used.
        OSError: The file of the configuration cannot be read.

    Example:
        >>> from scan_sdk.lint import Checker
        >>> checker = Checker(ignore=["SC4"])
        >>> [finding.name for finding in checker.check("<commands><dely/></commands>")]
        ['unknown-command']
    """

    def __init__(
        self,
        *,
        config: ScanConfig | str | PathLike[str] | None = None,
        macros: Mapping[str, str] | None = None,
        select: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> None:
        self._selected = _selected(select)
        self._ignored = frozenset[str]().union(*map(codes_of, ignore))
        self._folder = Path()
        if config is not None and not isinstance(config, ScanConfig):
            self._folder = Path(fspath(config)).parent
            config = load_config(config)
        self._config = config
        self._macros = {**parse_macros(config.macros if config is not None else ""), **(macros or {})}
        self._knows_macros = config is not None or macros is not None

    def check(self, what: Checkable, *, source: str | None = None) -> list[Finding]:
        """Check a scan, and return all that is found, by place.

        Args:
            what: Commands, the path of a file, or a document: text that begins with `<`, or bytes.
            source: What to call a document in findings.

        Raises:
            pydantic.ValidationError: Something given is no command.
        """
        with collector_paused(wanted=True):
            if isinstance(what, bytes) or (isinstance(what, str) and is_document(what)):
                found = self._check_document(what, source or UNNAMED, self._surroundings(), ())
            elif isinstance(what, str | PathLike):
                found = self._check_file(Path(fspath(what)), source or fspath(what))
            else:
                found = self._check_commands(what, self._surroundings(), Scope())
        return [
            one
            for one in found
            if one.code not in self._ignored and (self._selected is None or one.code in self._selected)
        ]

    def _surroundings(self, *beside: Path) -> Surroundings:
        path = ScriptPath(self._config, self._folder, beside)
        return Surroundings(self._config, path, knows_macros=self._knows_macros)

    def _check_file(self, path: Path, name: str) -> list[Finding]:
        try:
            document, real = read_bytes(path), str(path.resolve())
        except TooLarge:
            return [_too_large(name)]
        except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
            reason = getattr(error, "strerror", None) or str(error)
            message = f"the file cannot be read: {reason}"
            return [finding("unreadable-file", message, source=TextSource(name, 1, 1))]
        surroundings = self._surroundings(path.parent)
        if path.suffix.lower() != _USUAL:
            from scan_sdk.formats import format_of, load_commands  # the usual files need not wait for it

            form = format_of(path)
            if form is not None and form != "xml":
                try:
                    commands = load_commands(document, form, source=name)
                except InvalidCommands as error:
                    place = TextSource(name, error.line or 1, error.column or 1)
                    advice = f"fix the {form} there"
                    return [finding("not-well-formed", error.reason, advice=advice, source=place)]
                return self._check_commands(commands, surroundings, Scope(files=(real,)))
        return self._check_document(document, name, surroundings, (real,))

    def _check_document(
        self, body: str | bytes, name: str, surroundings: Surroundings, files: tuple[str, ...]
    ) -> list[Finding]:
        if len(body) > MOST_BYTES:
            return [_too_large(name)]
        document = Document.of(body, name)
        visit = Visit(surroundings, self._macros, document=document)
        visit.go_through(document.survey.commands, Scope(files=files))
        if not document.survey.faults:
            visit.finish()
            if not document.survey.commands:
                visit.findings.append(finding("empty-scan", source=TextSource(name, 1, 1)))
        configured = self._config is not None
        return document.settle(visit.findings, visit.tags, configured=configured) + _included(surroundings)

    def _check_commands(self, commands: Commands, surroundings: Surroundings, scope: Scope) -> list[Finding]:
        sequence = commands if isinstance(commands, CommandSequence) else CommandSequence(commands)
        visit = Visit(surroundings, self._macros, built=True)
        visit.go_through(sequence, scope)
        visit.finish()
        if not len(sequence):
            visit.findings.append(finding("empty-scan"))
        return sorted(visit.findings, key=lambda one: one.address or 0) + _included(surroundings)


def _selected(select: Iterable[str]) -> frozenset[str] | None:
    """Return the codes that are wanted, None for all."""
    given = tuple(select)
    return frozenset[str]().union(*map(codes_of, given)) if given else None


def _included(surroundings: Surroundings) -> list[Finding]:
    return [one for found in surroundings.included.values() for one in found]


def _too_large(name: str) -> Finding:
    message = f"the file has more than {MOST_BYTES // 2**20} MiB"
    return finding("too-large", message, source=TextSource(name, 1, 1))
