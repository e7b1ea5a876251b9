"""Settings that a script puts in force for all become an object, which is handed to what follows it."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.compose.settings import ScanSettings
from scan_sdk.errors import InvalidSettings
from scan_sdk.pyscan.migration.settings_shape import BY_HAND, UnclearError, read_shape
from scan_sdk.pyscan.migration.shapes import always_returns, free_name, is_called, own_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scan_sdk.pyscan.migration.script import Script
    from scan_sdk.pyscan.migration.settings_shape import RuleOfWaits, Shape
    from scan_sdk.pyscan.migration.statements import Replacements

NEVER_SENT: Final = "the tolerance 0 was never sent for a wait, and the server took 0.1: give that"
_WAITED_FOR_EVER: Final = (
    "a 'Wait For' a device without 'Or Time' waited for ever, and takes the timeout of the settings now: "
    "give the device a rule of its own without timeout, or fill in 'Or Time'"
)
_LONGEST: Final = 100
"""Columns that settings on one line may have."""
_HARMLESS: Final = sys.stdlib_module_names | {
    "h5py",
    "matplotlib",
    "numpy",
    "pandas",
    "scan_sdk",
    "scipy",
    "xarray",
    "yaml",
}
"""Modules that surely put no settings in force."""


@dataclass(frozen=True)
class InForce:
    """The settings that the builders of a script follow.

    Attributes:
        name: The variable that holds them; empty where there are none.
        since: The line from which on they hold.
        has_row: Whether tables write the number of their row to a device.
        waits: What each rule means for waits, the last one first.
    """

    name: str = ""
    since: int = 0
    has_row: bool = False
    waits: tuple[RuleOfWaits, ...] = ()

    def check_tolerance(self, device: object) -> None:
        """See that a wait whose tolerance is that of the settings means the same.

        Args:
            device: What is waited for, perhaps with prefixes; `...` where that does not show.

        Raises:
            ValueError: It might not.
        """
        if any(rule.may_be_exact for rule in self._of(device)):
            raise ValueError(NEVER_SENT)

    def check_limit(self, device: object) -> None:
        """See that a wait of a table without a limit of its own means the same.

        Raises:
            ValueError: It might not.
        """
        if any(rule.may_limit for rule in self._of(device)):
            raise ValueError(_WAITED_FOR_EVER)

    def _of(self, device: object) -> Iterator[RuleOfWaits]:
        """Yield the rules that may hold for a device."""
        name = None
        with suppress(InvalidSettings):
            name = ScanSettings().of(device).name if isinstance(device, str) else None
        for rule in self.waits:
            if name is None or rule.fits(name):
                yield rule
                if name is not None and rule.pattern is not None:
                    return


def settings_in_force(script: Script, replacements: Replacements) -> InForce:
    """Return the settings that a script puts in force, and collect what makes them an object.

    Raises:
        UnclearError: It does not show for sure which.
    """
    setters = [node for node, name in script.uses() if name == "setScanSettings"]
    classes = [node for node, name in script.uses() if name == "ScanSettings"]
    if len(setters) > 1:
        raise UnclearError(setters[1], f"other settings from here on: {BY_HAND} for each of them")
    if not setters:
        if classes:
            raise UnclearError(classes[0], f"these settings are not put in force here: {BY_HAND}")
        _check_imports(script)
        return InForce()
    call = is_called(script, setters[0])
    line = own_line(script, call)
    if call is None or line is None or len(call.args) != 1 or call.args[0].star:
        raise UnclearError(setters[0], f"when settings are put in force does not show: {BY_HAND}")
    shape = read_shape(script, call.args[0].value)
    if other := [node for node in classes if node not in shape.bases]:
        raise UnclearError(other[0], f"there are several settings here: {BY_HAND} for each of them")
    name = shape.name or free_name(script, "settings", "scan_settings", "device_settings")
    naming = "" if shape.naming is None else free_name(script, "readback_name", "name_of_readback")
    if not name or (shape.naming is not None and not naming):
        raise UnclearError(setters[0], f"there is no name left for the settings: {BY_HAND}")
    for statement in shape.removed:
        if isinstance(statement, cst.ClassDef) and naming:
            script.edits.add("commands", statement, _function_of(naming))
        else:
            replacements.remove(statement, "commands")
    script.need(setters[0], "ScanSettings")
    if any(rule.startswith("(") for rule in shape.rules):
        script.need(setters[0], "DeviceRule")
    script.edits.add("commands", line, _statement_of(script, shape, name, naming))
    return InForce(name, script.line(line), bool(shape.row), tuple(reversed(shape.waits)))


def _check_imports(script: Script) -> None:
    """See that no other module can have put settings in force."""
    for node in script.nodes:
        names: list[str] = []
        if isinstance(node, cst.ImportFrom) and node not in script.imports:
            names = ["."] if node.relative else [_top(node.module)]
        elif isinstance(node, cst.Import):
            names = [_top(alias.name) for alias in node.names]
        if set(names) - _HARMLESS - {"scan"}:
            raise UnclearError(node, f"what is imported here may put settings in force: {BY_HAND}")


def _top(name: cst.CSTNode | None) -> str:
    while isinstance(name, cst.Attribute):
        name = name.value
    return name.value if isinstance(name, cst.Name) else ""


def _function_of(name: str) -> Callable[[cst.ClassDef], cst.CSTNode]:
    """Return what makes a function of the method that names readbacks, in the place of its class."""

    def change(updated: cst.ClassDef) -> cst.CSTNode:
        method = next(
            member
            for member in updated.body.body
            if isinstance(member, cst.FunctionDef) and member.name.value == "getReadbackName"
        )
        body = method.body
        if not always_returns(body) and isinstance(body, cst.IndentedBlock):
            body = body.with_changes(body=[*body.body, cst.parse_statement('return ""')])
        blank = [line for line in updated.leading_lines if not line.comment]
        remarks = [line for line in method.leading_lines if line.comment]
        return method.with_changes(
            name=cst.Name(name),
            params=method.params.with_changes(params=method.params.params[1:]),
            body=body,
            leading_lines=[*blank, *remarks],
        )

    return change


def _statement_of(
    script: Script, shape: Shape, name: str, naming: str
) -> Callable[[cst.SimpleStatementLine], cst.CSTNode]:
    """Return what makes the settings a variable, where they were put in force."""
    module = script.module

    def change(updated: cst.SimpleStatementLine) -> cst.CSTNode:
        statement = updated.body[0]
        assert isinstance(statement, cst.Expr)
        assert isinstance(statement.value, cst.Call)
        func = statement.value.func
        prefix = f"{module.code_for_node(func.value)}." if isinstance(func, cst.Attribute) else ""
        code = module.default_newline.join(_code(shape, name, naming, prefix, module.default_indent))
        made = cst.parse_statement(code, config=module.config_for_parsing)
        about = [cst.EmptyLine(comment=cst.Comment(text)) for text in shape.about]
        return made.with_changes(
            leading_lines=[*updated.leading_lines, *about], trailing_whitespace=updated.trailing_whitespace
        )

    return change


def _code(shape: Shape, name: str, naming: str, prefix: str, indent: str) -> list[str]:
    """Return the lines that make the settings."""
    options = [f"table_scan_row={shape.row}"] if shape.row else []
    options += [f"readback_name={naming}"] if naming else []
    rules = [rule if rule.startswith("#") else f"{prefix}DeviceRule{rule}" for rule in shape.rules]
    opening = f"{name} = {prefix}ScanSettings("
    if not rules:
        return [f"{opening}{', '.join(options)})"]
    if len(rules) == 1 and rules[0].endswith("),"):
        line = f"{opening}{', '.join([f'[{rules[0][:-1]}]', *options])})"
        if len(line) <= _LONGEST:
            return [line]
    return [f"{opening}[", *(f"{indent}{rule}" for rule in rules), f"{', '.join([']', *options])})"]
