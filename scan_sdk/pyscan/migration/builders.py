"""What makes commands by rules that the whole program shares: settings, and commands that follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.pyscan import settings
from scan_sdk.pyscan.migration.commands import tolerance_of_wait, unquoted
from scan_sdk.pyscan.migration.edits import Arguments, attribute, literal, or_else, renamed, sibling, tidied
from scan_sdk.pyscan.migration.grids import modernise_grid
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.names import BUILDERS, places_of
from scan_sdk.pyscan.migration.settings_in_force import NEVER_SENT, InForce, settings_in_force
from scan_sdk.pyscan.migration.settings_shape import UnclearError
from scan_sdk.pyscan.migration.shapes import is_annotation, is_called, is_compared_with
from scan_sdk.pyscan.migration.tables import Tables

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script
    from scan_sdk.pyscan.migration.statements import Replacements

_LEFT: Final = {
    "AlignmentScan": "client.align(...) does the scan and the fit, and needs no scripts on the server",
    "DeviceSettings": "with settings = ScanSettings([...]), settings.of(name) returns those of a device",
    "getScanSettings": "the settings are an object of yours now: hand it to what needs it",
}
"""What is left alone, and what to write instead."""
_METHODS: Final = {
    "SettingsBasedLoop": ("loop", settings.LoopOptions),
    "SettingsBasedSet": ("set", settings.SetOptions),
    "SettingsBasedWait": ("wait", settings.WaitOptions),
}
"""The methods of settings that the old functions are now, and the options that these took."""
_RENAMED: Final = {"errhandler": "error_handler", "prefixed_device": "device"}


def modernise_builders(script: Script, replacements: Replacements) -> None:
    """Collect what makes settings, tables and grids modern ones, and what stands against it."""
    uses = [(node, name) for node, name in script.uses() if name in BUILDERS]
    if not uses:
        return
    try:
        in_force = settings_in_force(script, replacements)
    except UnclearError as fault:
        script.report(fault.node, str(fault), "commands")
        in_force = InForce()
    tables = Tables(script, in_force)
    for node, name in uses:
        is_named_only = is_annotation(script, node) or is_compared_with(script, node)
        if name in {"ScanSettings", "setScanSettings"} or (name == "TableScan" and is_named_only):
            continue
        try:
            call = _call(script, in_force, node, name)
            if name in _METHODS:
                _CallBySettings(script, in_force, name, call).collect()
            elif name == "createNDimScan":
                modernise_grid(script, in_force, call)
            else:
                tables.made(call, name)
        except ValueError as refusal:
            script.report(node, str(refusal), "commands")
    tables.used()


def _call(script: Script, in_force: InForce, node: cst.CSTNode, name: str) -> cst.Call:
    """Return the call of a builder.

    Raises:
        ValueError: It cannot be modernised, or is none; what to do is said.
    """
    if name in _LEFT:
        raise ValueError(f"{name}: {_LEFT[name]}")
    call = is_called(script, node)
    if call is None:
        raise ValueError(f"'{name}' is not called here: write the calls out")
    if script.line(node) < in_force.since:
        raise ValueError(f"{name}: other settings were in force here than later on")
    return call


class _CallBySettings:
    """A call of a function that followed the settings of the program."""

    def __init__(self, script: Script, in_force: InForce, name: str, call: cst.Call) -> None:
        self._script = script
        self._in_force = in_force
        self._method, options = _METHODS[name]
        self._options = options.__annotations__
        self._places = places_of(getattr(settings, name))
        self._call = call
        self._given = Arguments(call, self._places)

    def collect(self) -> None:
        """Collect the change that makes it a method of the settings.

        Raises:
            ValueError: That might mean something else; what to do is said.
        """
        self._check()
        if not self._in_force.name:
            self._script.need(self._call.func, "ScanSettings")
        self._script.edits.add("commands", self._call, self._rebuilt)

    def _check(self) -> None:
        given, method = self._given, self._method
        if unknown := given.named.keys() - {*self._places, *self._options}:
            raise ValueError(f"there is no option '{min(unknown)}'")
        if given.rest and method != "loop":
            raise ValueError(f"settings.{method}() takes options by name")
        value = literal(given.value("value"))
        if value is None or isinstance(value, bool | list | tuple | dict | set):
            raise ValueError("the value is no number and no text: say which text or number is meant")
        if "readback_value" in given.named and literal(given.value("readback")) in (None, ..., False, 0, ""):
            raise ValueError("readback_value= was not looked at without readback=: leave it out, or add that")
        if method == "loop" and literal(given.value("step")) == 0:
            raise ValueError("step 0 was taken for 1 by the server: give the step that is meant")
        if literal(given.value("tolerance")) is None:
            raise ValueError("tolerance=None stood for the default: give the tolerance that is meant")
        if method == "wait":
            self._check_tolerance(given.value("tolerance"), literal(given.value("prefixed_device")))

    def _check_tolerance(self, given: cst.BaseExpression | None, device: object) -> None:
        if given is None:
            self._in_force.check_tolerance(device)
        elif self._script.constant(given) == 0:
            raise ValueError(NEVER_SENT)

    def _rebuilt(self, updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        arguments: list[cst.Arg] = []
        now = Arguments(updated, self._places)
        for argument in updated.args:
            name = next((key for key, known in now.named.items() if known is argument), "")
            value = self._value(name, argument.value)
            if value is not None:
                changed = argument.with_changes(value=value)
                by_name = argument.keyword is not None
                arguments.append(renamed(changed, _RENAMED.get(name, name)) if by_name else changed)
        call = updated if arguments == list(updated.args) else tidied(updated, arguments)
        name = self._in_force.name
        owner = cst.Name(name) if name else cst.Call(sibling(updated.func, "ScanSettings"))
        return call.with_changes(func=attribute(owner, self._method))

    def _value(self, name: str, value: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what a parameter is given now; None to leave it out."""
        given = self._given.value(name)
        plain = literal(given)
        if plain is None and name in {"errhandler", "body", "timeout"}:
            return None
        if name == "errhandler" and given is not None:
            is_text = isinstance(plain, str) or self._script.kinds.of(given) <= {Kind.TEXT, Kind.OTHER}
            return value if is_text else or_else(value, '""')
        if name in {"completion", "readback"} and (plain in (None, "") or isinstance(plain, int)):
            return cst.Name(str(bool(plain)))
        if name == "readback_value" and plain == "":
            return cst.Name("None")
        if self._method == "wait":
            if name == "tolerance":
                value = tolerance_of_wait(self._script.constant(given), value) or value
            elif name == "value" and isinstance(plain, str):
                value = unquoted(plain, value, self._script.module)
        return value
