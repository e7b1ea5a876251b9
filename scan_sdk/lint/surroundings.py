"""What is known besides the commands of a scan: devices, macros, and files that it includes or names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scan_sdk.lint.codes import define
from scan_sdk.lint.devices import Devices
from scan_sdk.lint.documents import Document
from scan_sdk.lint.files import TooLarge, read_bytes
from scan_sdk.lint.visit import Visit
from scan_sdk.models.tree import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from scan_sdk.lint.files import ScriptPath
    from scan_sdk.lint.findings import Finding
    from scan_sdk.lint.visit import Scope
    from scan_sdk.models import Include, ScanConfig

__all__ = ["Surroundings"]

define(
    "SC501",
    "include-not-found",
    "error",
    "The included file is not on the script path.",
    "fix the name, or add its folder as a <path> to scan_config.xml",
)
define(
    "SC502",
    "include-unchecked",
    "info",
    "The included file was not found here, so it was not checked.",
    "give the server's scan_config.xml: it says where such files are",
)
define("SC503", "include-circle", "error", "Files include each other without end.", "break the circle")
define(
    "SC504",
    "too-many-includes",
    "error",
    "More files are included than can be checked.",
    "include less, or check the files one by one",
)
define(
    "SC509",
    "class-not-found",
    "error",
    "The class of a script is not on the script path.",
    "fix the name: class MyScript is searched for in myscript.py",
)

_MOST_FILES: Final = 1000
_MOST_COMMANDS: Final = 1_000_000
"""Of included files, each time that they are included with other macros or in other loops."""


class Surroundings:
    """What one check goes by.

    Attributes:
        devices: The devices of the configuration, None without one.
        knows_macros: Whether all macros are known, so that others have no value.
        included: What was found in included files, in order of their first inclusion.
    """

    def __init__(self, config: ScanConfig | None, path: ScriptPath, *, knows_macros: bool) -> None:
        self.devices: Devices | None = None if config is None else Devices(config)
        self.knows_macros = knows_macros
        self.included: dict[str, dict[Finding, None]] = {}
        self._path = path
        self._documents: dict[Path, Document] = {}
        self._visits: dict[object, bool] = {}
        self._commands = 0

    def look_for_class(self, visit: Visit, name: str, tag: str) -> None:
        """Report a class of a script that is not there, where all folders are known."""
        file = f"{name.lower()}.py"
        if self._path.complete and self._path.find(file) is None:
            visit.report("class-not-found", f"there is no {file} on the script path", tag=tag)

    def include(self, visit: Visit, command: Include, macros: Mapping[str, str]) -> None:
        """Check an included file, with the macros that are in force in it."""
        name, scope = command.scan_file, visit.scope
        path = self._path.find(name)
        if path is None:
            visit.logs = True  # perhaps
            kind = "include-not-found" if self._path.complete else "include-unchecked"
            where = "is not on the script path" if self._path.complete else "was not found here"
            visit.report(kind, f"'{name}' {where}", tag="scan_file")
            return
        real = str(path.resolve())
        if real in scope.files:
            visit.report("include-circle", f"'{name}' includes itself in the end", tag="scan_file")
            return
        key = real, frozenset(macros.items()), tuple(around.pv for around in scope.loops)
        if key not in self._visits:
            if scope.depth >= DEEPEST or len(self._visits) >= _MOST_FILES or self._commands > _MOST_COMMANDS:
                visit.report("too-many-includes", f"'{name}' is one too many", tag="scan_file")
                return
            self._visits[key] = True
            self._visits[key] = self._visit_file(
                visit, command, path, macros, scope._replace(files=(*scope.files, real))
            )
        visit.logs = visit.logs or self._visits[key]

    def _visit_file(
        self, visit: Visit, command: Include, path: Path, macros: Mapping[str, str], scope: Scope
    ) -> bool:
        """Check a file, and return whether it logs anything."""
        try:
            document = self._document(path)
        except OSError as error:
            message = f"'{command.scan_file}' cannot be read: {error.strerror or error}"
            visit.report("unreadable-file", message, tag="scan_file")
            return True
        except TooLarge:
            visit.report("too-large", f"'{command.scan_file}' is too large", tag="scan_file")
            return True
        inner = Visit(self, macros, document=document, included=True)
        inner.go_through(document.survey.commands, scope._replace(depth=scope.depth + 1, patchable=False))
        inner.finish()
        self._commands += inner.count
        configured = self.devices is not None
        inside = document.settle(inner.findings, inner.tags, configured=configured)
        found = self.included.setdefault(document.name, {})
        found |= dict.fromkeys(one._replace(address=None) for one in inside)  # most come again each time
        return inner.logs

    def _document(self, path: Path) -> Document:
        document = self._documents.get(path)
        if document is None:
            document = self._documents[path] = Document.of(read_bytes(path), str(path))
        return document
