"""Goes through commands in order, with what is in force at each: loops around it, macros, its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from pydantic import ValidationError

from scan_sdk._dialect.macros import resolve
from scan_sdk._dialect.wording import describe
from scan_sdk._wire.command_faults import refusals
from scan_sdk.lint.findings import divided, finding
from scan_sdk.lint.rules import RULES, steps_of
from scan_sdk.models import If, Loop, Parallel, Sequence
from scan_sdk.models.tree import DEEPEST, TOO_DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from scan_sdk.lint.documents import Document
    from scan_sdk.lint.findings import Finding
    from scan_sdk.lint.surroundings import Surroundings
    from scan_sdk.models import Command

__all__ = ["AroundLoop", "Scope", "Walk"]

_OPEN_MACRO: Final = re.compile(r"\$[({]([^)}=]*)")
_LONGEST: Final = 100  # characters of a command's description


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


class Walk:
    """One way through the commands of a scan or of a file.

    Attributes:
        findings: What was found, in order.
        tags: Which element of its command a finding is best shown at, by the finding's index.
        surroundings: What is known besides the commands.
        macros: The macros in force.
        first_loop: The first loop, None where there is none.
        logs: Whether something is, or may be, logged.
        included: Whether the commands are those of an included file.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        macros: Mapping[str, str],
        *,
        document: Document | None = None,
        built: bool = False,
        included: bool = False,
    ) -> None:
        """Set out.

        Args:
            surroundings: What is known besides the commands.
            macros: The macros in force.
            document: What the commands were read from: it knows their places, and which of them are damaged,
                so that rules would find what is not there.
            built: Whether the commands were built in Python, and may be such as no constructor makes.
            included: Whether they are those of an included file, which have no addresses.
        """
        self.findings: list[Finding] = []
        self.tags: dict[int, str] = {}
        self.surroundings = surroundings
        self.macros = macros
        self.first_loop: tuple[Loop, int] | None = None
        self.logs = False
        self._document = document
        self._damaged: AbstractSet[int] = frozenset() if document is None else document.survey.damaged
        self._built = built
        self.included = included
        self._address = -1
        self._pvs: dict[str, str] = {}
        self._first_use: dict[str, tuple[Command, int]] = {}

    def body(self, commands: Iterable[Command], scope: Scope) -> None:
        """Go through commands that are performed one after the other, and what is in them."""
        damaged, built, rules = self._damaged, self._built, RULES
        for command in commands:
            self._address += 1
            if damaged and self._address in damaged:
                pass
            elif not built or self._is_sound(command):
                rules[type(command)](self, command, scope)
                handler: str = getattr(command, "error_handler", "")
                if handler:
                    self.surroundings.look_for_class(self, command, handler, "error_handler")
            if isinstance(command, _WITH_BODY) and command.body:
                self._into(command, scope)

    def _into(self, command: If | Loop | Parallel | Sequence, scope: Scope) -> None:
        if scope.depth >= DEEPEST:
            self.add("too-deep", command, TOO_DEEP)
            return
        if isinstance(command, Loop):
            around = AroundLoop(self.written(command.device), command)
            loops, depth, patchable, files = scope
            self.body(command.body, Scope((*loops, around), depth + 1, patchable, files))
        else:
            self.body(command.body, scope._replace(depth=scope.depth + 1, patchable=False))

    def _is_sound(self, command: Command) -> bool:
        """Report why a constructor would refuse a command, such as one that a server holds."""
        cls = type(command)
        values = {name: value for name, value in command.__dict__.items() if name in cls.model_fields}
        try:
            cls.__pydantic_validator__.validate_python(values)
        except ValidationError as error:
            given = [name for name, value in values.items() if value != ""]
            refused = list(refusals(cls, values, given, error))
            for kind, reason, tag in refused:
                message, advice = divided(reason)
                self.add(kind, command, message, tag=tag, advice=advice)
            return not refused
        return True

    def add(self, name: str, command: Command, message: str, *, tag: str = "", advice: str = "") -> None:
        """Note a finding.

        Args:
            name: Its name.
            command: What it is about.
            message: What was found.
            tag: The element of the command that it is best shown at.
            advice: What to do, where that is not what is always advised.
        """
        self._add(name, command, self._address, message, tag=tag, advice=advice)

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

    def pv(self, command: Command, device: str, tag: str) -> str:
        """Return the PV that a command means by a name, and report what is wrong with that name."""
        known = self._pvs.get(device)
        return self._look_at(command, device, tag) if known is None else known

    def _look_at(self, command: Command, device: str, tag: str) -> str:
        surroundings = self.surroundings
        try:
            name = resolve(device, self.macros)
        except ValueError as error:
            self.add("bad-macros", command, str(error), tag=tag)
            return device
        if name != device or "$" in device:
            found = _OPEN_MACRO.search(name) if "\\$" not in device else None
            if found is not None:
                kind = "undefined-macro" if surroundings.knows_macros else "macro-from-outside"
                self.add(kind, command, f"$({found[1]}) in '{device}' has no value", tag=tag)
                return name
        devices = surroundings.devices
        if devices is not None:
            if near := devices.similar(name):
                message = f"the configuration does not name '{name}': did you mean '{near}'?"
                self.add("similar-device", command, message, tag=tag)
                return name
            self._first_use.setdefault(name, (command, self._address))
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

    @property
    def count(self) -> int:
        """How many commands have been gone through."""
        return self._address + 1

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


_WITH_BODY = (If, Loop, Parallel, Sequence)
