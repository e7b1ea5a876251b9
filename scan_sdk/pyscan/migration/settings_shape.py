"""How a script makes its settings: the rules in its class, read where their shape is simple."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import libcst as cst

from scan_sdk.pyscan.migration.edits import Arguments, is_word, literal
from scan_sdk.pyscan.migration.names import places_of
from scan_sdk.pyscan.migration.shapes import (
    always_returns,
    comments,
    docstring,
    footer,
    header,
    inside,
    is_pass,
    is_super_init,
    may_return_none,
    mentions,
    own_line,
    plain_parameters,
)
from scan_sdk.pyscan.settings import ScanSettings

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script

BY_HAND: Final = (
    "the settings are an object of yours now, and no hidden one of the program: "
    "settings = ScanSettings([DeviceRule('motor.*', completion=True), ...])"
)
_CHECKED: Final = re.compile(r"\+[cp]*r")
"""The prefix by which a device is checked, whatever the rules."""
_OPTIONS: Final = places_of(ScanSettings.defineDeviceClass)


class UnclearError(Exception):
    """A place does not show what it does.

    Attributes:
        node: The place.
    """

    def __init__(self, node: cst.CSTNode, reason: str) -> None:
        super().__init__(reason)
        self.node = node


class RuleOfWaits(NamedTuple):
    """What a rule means for waits, which old and new ones follow differently.

    Attributes:
        pattern: The names that it is for; None where that does not show.
        may_limit: Whether it may have a timeout.
        may_be_exact: Whether it may have the tolerance 0.
    """

    pattern: str | None
    may_limit: bool
    may_be_exact: bool

    def fits(self, device: str) -> bool:
        """Tell whether the rule may be for a device."""
        return self.pattern is None or re.fullmatch(self.pattern, device) is not None


@dataclass
class Shape:
    """What a script says of its settings, in the order of the text.

    Attributes:
        name: The variable that holds them, empty where there is none.
        about: Comments on them as a whole.
        rules: The arguments of each rule as `(...),`, and comments between them.
        row: The device for rows of tables, as an expression; empty for none.
        naming: The method that names readbacks.
        bases: Uses of the name `ScanSettings` that this explains.
        removed: Statements that have become part of this.
        waits: What each rule means for waits.
    """

    name: str = ""
    about: list[str] = field(default_factory=list[str])
    rules: list[str] = field(default_factory=list[str])
    row: str = ""
    naming: cst.FunctionDef | None = None
    bases: list[cst.CSTNode] = field(default_factory=list["cst.CSTNode"])
    removed: list[cst.SimpleStatementLine | cst.ClassDef] = field(
        default_factory=list["cst.SimpleStatementLine | cst.ClassDef"]
    )
    waits: list[RuleOfWaits] = field(default_factory=list["RuleOfWaits"])


def read_shape(script: Script, given: cst.BaseExpression) -> Shape:
    """Return what the settings are that `setScanSettings` is given.

    Raises:
        UnclearError: They are made in a way that does not show all that is in them.
    """
    return _ShapeReader(script).read(given)


class _ShapeReader:
    def __init__(self, script: Script) -> None:
        self._script = script
        self._shape = Shape()

    def read(self, given: cst.BaseExpression) -> Shape:
        made: cst.BaseExpression | None = given
        if isinstance(given, cst.Name):
            self._shape.name = given.value
            made = self._variable(given)
        if not isinstance(made, cst.Call) or made.args:
            raise UnclearError(given, f"what these settings are does not show: {BY_HAND}")
        if self._script.old_name(made.func) == "ScanSettings":
            self._shape.bases.append(made.func)
        elif self._shape.rules or self._shape.row:
            raise UnclearError(given, f"these settings are of a class, and have more: {BY_HAND}")
        else:
            self._class(made.func)
        return self._shape

    def _variable(self, variable: cst.Name) -> cst.BaseExpression | None:
        """Return what a variable holds, and take in the rules that are defined with it."""
        made: cst.BaseExpression | None = None
        for node in self._script.nodes:
            if not is_word(node, variable.value) or node is variable:
                continue
            parent = self._script.parent(node)
            outer = self._script.parent(parent)
            line = own_line(self._script, outer)
            if isinstance(outer, cst.Assign) and made is None and line and len(outer.targets) == 1:
                made = outer.value
                self._shape.about += comments(line)
                self._shape.removed.append(line)
            elif (
                isinstance(parent, cst.Attribute)
                and line
                and self._script.line(node) < self._script.line(variable)
            ):
                self._rule(line, variable.value)
                self._shape.removed.append(line)
            else:
                raise UnclearError(node, f"these settings are used in another way, too: {BY_HAND}")
        return made

    def _class(self, name: cst.BaseExpression) -> None:
        defined = [
            node
            for node in self._script.module.body
            if isinstance(node, cst.ClassDef)
            and is_word(name, node.name.value)
            and [self._script.old_name(base.value) for base in node.bases] == ["ScanSettings"]
        ]
        if len(defined) != 1 or defined[0].decorators or defined[0].keywords:
            raise UnclearError(name, f"what these settings are does not show: {BY_HAND}")
        for node in self._script.nodes:
            is_other = is_word(node, defined[0].name.value) and node not in {name, defined[0].name}
            if is_other and defined[0] not in self._script.ancestors(node):
                raise UnclearError(node, f"these settings are used in another way, too: {BY_HAND}")
        self._shape.removed.append(defined[0])
        self._shape.bases += [
            node for node in inside(defined[0]) if self._script.old_name(node) == "ScanSettings"
        ]
        self._shape.about[:0] = [*comments(defined[0]), *header(defined[0].body)]
        for statement in defined[0].body.body:
            self._member(statement)
        self._shape.rules += footer(defined[0].body)

    def _member(self, statement: cst.CSTNode) -> None:
        text = docstring(statement)
        if isinstance(statement, cst.FunctionDef) and statement.name.value == "__init__":
            self._constructor(statement)
        elif isinstance(statement, cst.FunctionDef) and statement.name.value == "getReadbackName":
            self._naming(statement)
        elif text is not None:
            self._shape.about += _as_comments(text)
        elif not is_pass(statement):
            raise UnclearError(statement, f"these settings hold more than rules: {BY_HAND}")

    def _naming(self, method: cst.FunctionDef) -> None:
        if plain_parameters(method) != 2 or method.decorators:
            raise UnclearError(method.name, "getReadbackName() takes the name of a device, and no more")
        if mentions(method.body, method.params.params[0].name.value, "super"):
            raise UnclearError(method.name, "getReadbackName() asks the settings: make it a function by hand")
        if may_return_none(method):
            raise UnclearError(method.name, 'getReadbackName() returns None: for no readback return ""')
        asked = any(
            isinstance(node, cst.SimpleString) and _CHECKED.search(node.value) for node in self._script.nodes
        )
        empty = any(isinstance(node, cst.Return) and literal(node.value) == "" for node in inside(method))
        if asked and (empty or not always_returns(method.body)):
            raise UnclearError(
                method.name,
                "getReadbackName() returns no name for some devices, and +r then checked the device itself: "
                "return a name for all",
            )
        self._shape.naming = method

    def _constructor(self, method: cst.FunctionDef) -> None:
        if plain_parameters(method) != 1:
            raise UnclearError(method.name, f"these settings have parameters: {BY_HAND}")
        self._shape.rules += [*comments(method), *header(method.body)]
        for statement in method.body.body:
            if is_pass(statement) or is_super_init(statement):
                self._shape.rules += comments(statement)
            elif (text := docstring(statement)) is not None:
                self._shape.rules += _as_comments(text)
            elif isinstance(statement, cst.SimpleStatementLine):
                self._rule(statement, "self")
            else:
                raise UnclearError(statement, f"these settings hold more than rules: {BY_HAND}")
        self._shape.rules += footer(method.body)

    def _rule(self, line: cst.SimpleStatementLine, owner: str) -> None:
        """Take in a line that defines a class of devices, or names the device for rows."""
        self._shape.rules += comments(line)
        match line.body:
            case (cst.Expr(value=cst.Call(func=cst.Attribute(value=value, attr=attr)) as call),) if is_word(
                value, owner
            ):
                if attr.value == "loadDeviceClasses":
                    raise UnclearError(
                        attr, "ScanSettings.read(path) reads the file; a tolerance that it leaves out was 0"
                    )
                if attr.value == "defineDeviceClass":
                    remark = line.trailing_whitespace.comment
                    behind = f"  {remark.value}" if remark else ""
                    options = self._options(call, owner)
                    self._shape.rules += [
                        node.value for node in inside(call) if isinstance(node, cst.Comment)
                    ]
                    self._shape.rules.append(f"{options},{behind}")
                    return
            case (
                cst.Assign(
                    targets=(cst.AssignTarget(target=cst.Attribute(value=value, attr=attr)),), value=row
                ),
            ):
                if is_word(value, owner) and attr.value == "table_scan_row" and not mentions(row, owner):
                    self._shape.row = "" if literal(row) is None else self._script.module.code_for_node(row)
                    return
            case _:
                pass
        raise UnclearError(line, f"these settings hold more than rules: {BY_HAND}")

    def _options(self, call: cst.Call, owner: str) -> str:
        """Return the arguments of a rule, in parentheses."""
        try:
            given = Arguments(call, _OPTIONS)
        except ValueError as refusal:
            raise UnclearError(call, str(refusal)) from None
        if given.rest or given.named.keys() - set(_OPTIONS) or "name_pattern" not in given.named:
            raise UnclearError(call, "defineDeviceClass() takes no such arguments")
        shown: dict[str, str] = {}
        for option, argument in given.named.items():
            if mentions(argument.value, owner):
                raise UnclearError(argument, f"these rules depend on the object: {BY_HAND}")
            plain = literal(argument.value)
            code = self._script.module.code_for_node(argument.value)
            if option in {"completion", "readback"} and (plain is None or isinstance(plain, int)):
                code = str(bool(plain))
            shown[option] = f"{option}={code}"
        constant = self._script.constant
        self._shape.waits.append(
            RuleOfWaits(
                _pattern(constant(given.value("name_pattern"))),
                may_limit="timeout" in shown and constant(given.value("timeout")) != 0,
                may_be_exact="tolerance" in shown and constant(given.value("tolerance")) in {0, ...},
            )
        )
        pattern = shown.pop("name_pattern").partition("=")[2]
        return f"({', '.join([pattern, *shown.values()])})"


def _pattern(given: object) -> str | None:
    """Return a regular expression; None where what is given is none, or does not show."""
    with suppress(re.error):
        return re.compile(given).pattern if isinstance(given, str) else None
    return None


def _as_comments(text: str) -> list[str]:
    return [f"# {line.strip()}".rstrip() for line in text.strip().splitlines()]
