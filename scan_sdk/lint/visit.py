"""Visits commands in order, with what is in force at each: loops around it, macros, its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import ValidationError

from scan_sdk._dialect.macros import resolve
from scan_sdk._dialect.wording import describe
from scan_sdk._registry import CHECKS
from scan_sdk._wire.command_faults import refusals
from scan_sdk.lint.codes import define
from scan_sdk.lint.findings import finding
from scan_sdk.models import Loop, tree
from scan_sdk.models.loops import LoopWalk
from scan_sdk.models.tree import DEEPEST, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from scan_sdk.lint.documents import Document
    from scan_sdk.lint.findings import Finding
    from scan_sdk.lint.surroundings import Surroundings
    from scan_sdk.models import Command

__all__ = ["AroundLoop", "Scope", "Visit", "steps_of"]

define("SC318", "bad-macros", "error", "The macros cannot be read.", "write them as name=value, other=42")
define("SC414", "nothing-logged", "info", "The scan has loops, and logs nothing.", "add a log")
define(
    "SC505",
    "undefined-macro",
    "error",
    "A macro has no value, and the scan would hang.",
    "define it where the file is included or in scan_config.xml, or give a default: $(name=value)",
)
define(
    "SC506",
    "macro-from-outside",
    "info",
    "A macro has no value here.",
    "give the server's scan_config.xml, or the macros that the file is included with",
)
define(
    "SC507",
    "similar-device",
    "warning",
    "A device is not in the configuration, but one of a similar name is.",
    "fix the name, unless it is that of another PV",
)
define(
    "SC510",
    "two-names",
    "warning",
    "A device is called by its alias and by the name of its PV.",
    "use one of them: a log keeps the data of each name apart",
)

_OPEN_MACRO: Final = re.compile(r"\$[({]([^)}=]*)")
_LONGEST: Final = 100  # characters of a command's description


def steps_of(loop: Loop) -> int:
    """Return the number of values that a loop goes through, 0 where it performs none."""
    return max(LoopWalk.count(loop), 0) if loop.step else 0


class AroundLoop(NamedTuple):
    """A loop around a command.

    Attributes:
        pv: The PV that it steps.
        loop: The loop itself.
    """

    pv: str
    loop: Loop

    @property
    def steps(self) -> int:
        """How many values it has."""
        return steps_of(self.loop)


class Scope(NamedTuple):
    """What is around a command.

    Attributes:
        loops: The loops, from the outermost.
        depth: How deep it is nested, included files counted.
        patchable: Whether patches reach it.
        files: The files that are being included, and the one that is checked.
    """

    loops: tuple[AroundLoop, ...] = ()
    depth: int = 0
    patchable: bool = True
    files: tuple[str, ...] = ()


class Visit:
    """A visit to the commands of a scan or of a file, one after the other; rules report to it.

    Attributes:
        command: The command that is looked at.
        scope: What is around it.
        findings: What was found, in order.
        tags: Which element of its command a finding is best shown at, by the finding's index.
        surroundings: What is known besides the commands.
        macros: The macros in force.
        first_loop: The first loop and its address, None where there is none.
        logs: Whether something is, or may be, logged.
        included: Whether the commands are those of an included file, which have no addresses.
        count: How many commands have been visited.

    Args:
        surroundings: What is known besides the commands.
        macros: The macros in force.
        document: What the commands were read from: it knows their places, and which of them are damaged, so
            that rules would find what is not there.
        built: Whether the commands were built in Python, and may be such as no constructor makes.
        included: Whether they are those of an included file.
    """

    command: Command

    def __init__(
        self,
        surroundings: Surroundings,
        macros: Mapping[str, str],
        *,
        document: Document | None = None,
        built: bool = False,
        included: bool = False,
    ) -> None:
        self.scope: Scope = Scope()
        self.findings: list[Finding] = []
        self.tags: dict[int, str] = {}
        self.surroundings = surroundings
        self.macros = macros
        self.first_loop: tuple[Loop, int] | None = None
        self.logs = False
        self.included = included
        self.count: int = 0
        self._document = document
        self._damaged: AbstractSet[int] = frozenset() if document is None else document.survey.damaged
        self._built = built
        self._address = -1
        self._pvs: dict[str, str] = {}
        self._first_use: dict[str, tuple[Command, int]] = {}

    def go_through(self, commands: Iterable[Command], scope: Scope) -> None:
        """Check commands that are performed one after the other, and what is in them."""
        damaged, built, checks = self._damaged, self._built, CHECKS.of
        most = DEEPEST - scope.depth
        scopes = [scope]
        for address, command, around in tree.visit(commands):
            depth = len(around)
            if depth > most:
                continue  # which was reported of the command around them
            if depth + 1 < len(scopes):
                del scopes[depth + 1 :]
            self.command: Command = command
            self.scope = scopes[depth]
            self._address = address
            if not (damaged and address in damaged) and (not built or self._is_sound(command)):
                for check in checks(type(command)):
                    check(command, self)
            if tree.body_of(command):
                if depth == most:
                    self.report("too-deep", TOO_DEEP)
                scopes.append(self._inside(command, scopes[depth]))
        self.count = self._address + 1

    def _inside(self, command: Command, scope: Scope) -> Scope:
        """Return what is around the commands in the body of a command."""
        loops, depth, patchable, files = scope
        if isinstance(command, Loop):
            around = AroundLoop(self.written(command.device), command)
            return Scope((*loops, around), depth + 1, patchable, files)
        return Scope(loops, depth + 1, False, files)

    def _is_sound(self, command: Command) -> bool:
        """Report why a constructor would refuse a command, such as one that a server holds."""
        cls = type(command)
        values = {name: value for name, value in command.__dict__.items() if name in cls.model_fields}
        try:
            cls.__pydantic_validator__.validate_python(values)
        except ValidationError as error:
            given = [name for name, value in values.items() if value != ""]
            refused = list(refusals(cls, values, given, error))
            for one in refused:
                self.report(one.kind, one.sentence, tag=one.tag, advice=one.advice)
            return not refused
        return True

    def report(self, name: str, message: str, *, tag: str = "", advice: str = "") -> None:
        """Note something that was found in the command that is looked at.

        Args:
            name: The name of its code, such as `wait-without-timeout`.
            message: What was found.
            tag: The element of the command that it is best shown at, such as `timeout`; by default the
                command itself.
            advice: What to do, where that is not what is always advised.
        """
        self._add(name, self.command, self._address, message, tag=tag, advice=advice)

    def _add(
        self, name: str, command: Command, address: int, message: str, *, tag: str = "", advice: str = ""
    ) -> None:
        if tag:
            self.tags[len(self.findings)] = tag
        one = finding(
            name,
            message,
            advice=advice,
            source=command.source if self._document is None else self._document.place(address),
            address=None if self.included else address,
            command=describe(command)[:_LONGEST],
        )
        self.findings.append(one)

    def pv(self, device: str, tag: str) -> str:
        """Return the PV that the command means by a name, and report what is wrong with that name.

        Args:
            device: The name, which may have macros in it.
            tag: The element of the command that it is from, such as `device`.
        """
        known = self._pvs.get(device)
        return self._look_at(device, tag) if known is None else known

    def _look_at(self, device: str, tag: str) -> str:
        surroundings = self.surroundings
        try:
            name = resolve(device, self.macros)
        except ValueError as error:
            self.report("bad-macros", str(error), tag=tag)
            return device
        if name != device or "$" in device:
            found = _OPEN_MACRO.search(name) if "\\$" not in device else None
            if found is not None:
                kind = "undefined-macro" if surroundings.knows_macros else "macro-from-outside"
                self.report(kind, f"$({found[1]}) in '{device}' has no value", tag=tag)
                return name
        devices = surroundings.devices
        if devices is not None:
            if near := devices.similar(name):
                message = f"the configuration does not name '{name}': did you mean '{near}'?"
                self.report("similar-device", message, tag=tag)
                return name
            self._first_use.setdefault(name, (self.command, self._address))
            name = devices.pv(name)
        self._pvs[device] = name
        return name

    def finish(self) -> None:
        """Report what only shows when all has been seen."""
        devices = self.surroundings.devices
        for name in self._first_use:
            pv = name if devices is None else devices.pv(name)
            if pv != name and pv in self._first_use:
                command, address = self._first_use[pv]
                self._add("two-names", command, address, f"'{pv}' is also called '{name}'")
        if self.first_loop is not None and not self.logs and not self.included:
            command, address = self.first_loop
            self._add("nothing-logged", command, address, "the scan has loops, and logs nothing")

    def written(self, device: str) -> str:
        """Return the PV that a command means by a name of a device, of which nothing is to be reported."""
        known = self._pvs.get(device)
        if known is not None:
            return known
        try:
            name = resolve(device, self.macros)
        except ValueError:
            return device
        devices = self.surroundings.devices
        return name if devices is None else devices.pv(name)

    def begin_loop(self, loop: Loop) -> None:
        """Remember the first loop."""
        if self.first_loop is None:
            self.first_loop = loop, self._address
