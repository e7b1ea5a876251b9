"""Table scans: where they are made, and what is done with them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.compose.cells import NoValuesError, read_cell
from scan_sdk.pyscan.migration.edits import (
    Arguments,
    attribute,
    is_word,
    keyword,
    literal,
    method_renamed,
    or_else,
    renamed,
    sibling,
    tidied,
)
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.names import places_of
from scan_sdk.pyscan.migration.shapes import always_returns, inside, is_called
from scan_sdk.pyscan.table import TableScan, loadTableScan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scan_sdk.pyscan.migration.script import Script
    from scan_sdk.pyscan.migration.settings_in_force import InForce

_COMMANDS: Final = ("pre", "post", "start", "stop")
_PLACES: Final = {made.__name__: places_of(made) for made in (TableScan, loadTableScan)}
_BY_PLACE: Final = {"TableScan": 2, "loadTableScan": 1}
_RENAMED: Final = {"filename": "path"}
_MEMBERS: Final = {
    "save": "table.write(path) writes all rows, also empty ones",
    **dict.fromkeys(
        ("headers", "rows", "cols", "width"), "table.to_table() has headers and rows; it cannot be changed"
    ),
    **dict.fromkeys(
        ("name", "special", "log_always", *_COMMANDS), "a table cannot be changed: give all when it is built"
    ),
}
"""What the old tables had, and what to write instead."""
_GIVEN: Final = frozenset({Kind.COMMAND, Kind.SEQUENCE, Kind.OTHER, Kind.TEXT})
"""What is surely not None."""
_RETURNED: Final = frozenset({Kind.COMMAND, Kind.SEQUENCE, Kind.OTHER})
"""What a function for a special column may return; a list is something else."""
_LOOKERS: Final = frozenset(
    {"append", "bool", "format", "isinstance", "list", "print", "repr", "str", "tuple"}
)
"""Functions to which a table may go."""
_NO_DEVICES: Final = frozenset({"completion", "seconds", "time"})
"""What may stand below `Wait For` and names no device, all in small letters."""
_ROWS_MAY_DIFFER: Final = (
    "empty rows are counted in '# Line N' now; a cell with None or a list without values was text or empty"
)
_ROWS_OF_FILE: Final = "'# Line N' has the number of the row in the file now: the headers are row 1"


class Tables:
    """The tables of a script; first those that are made, then what is done with them."""

    def __init__(self, script: Script, in_force: InForce) -> None:
        self._script = script
        self._in_force = in_force
        self._scans = [
            node
            for node in script.nodes
            if isinstance(node, cst.Attribute)
            and node.attr.value == "createScan"
            and Kind.TABLE in script.kinds.of(node.value)
        ]
        self._without_lines = False

    # -- where they are made ------------------------------------------------------------------------------

    def made(self, call: cst.Call, name: str) -> None:
        """Collect what makes the modern table of a call of the old class, or function.

        Raises:
            ValueError: It might be another one; what to do is said.
        """
        given = Arguments(call, _PLACES[name])
        unknown = sorted(given.named.keys() - set(_PLACES[name]))
        if given.rest or unknown:
            raise ValueError(f"{name}() takes no such arguments: {', '.join(unknown) or 'too many'}")
        log_always = given.value("log_always")
        if log_always is not None and self._script.kinds.of(log_always) == frozenset({Kind.TEXT}):
            raise ValueError("log_always takes a list of devices, and each letter of a text was one")
        self._check_special(given.value("special"))
        if name == "loadTableScan":
            if self._in_force.has_row:
                raise ValueError(f"{_ROWS_OF_FILE}, and the settings write it to a device")
            self._script.remark(call.func, _ROWS_OF_FILE, "commands")
        elif not self._shows_rows(given.value("rows")):
            self._script.remark(call.func, _ROWS_MAY_DIFFER, "commands")
        self._check_waits(given.value("headers"), given.value("rows"))
        self._without_lines = self._has_no_lines()
        if not isinstance(call.func, cst.Name) or name == "loadTableScan":
            self._script.need(call.func, "TableScan")

        def change(updated: cst.Call) -> cst.CSTNode:
            table = tidied(updated, self._arguments(name, updated, given))
            if name == "loadTableScan":
                return table.with_changes(func=attribute(sibling(updated.func, "TableScan"), "read"))
            return table

        self._script.edits.add("commands", call, change)

    def _arguments(self, name: str, call: cst.Call, given: Arguments) -> list[cst.Arg]:
        arguments: list[cst.Arg] = []
        now = Arguments(call, _PLACES[name])
        for parameter, argument in now.named.items():
            before = given.value(parameter)
            assert before is not None
            if literal(before) is None:
                continue
            if parameter in {*_COMMANDS, "log_always"} and not self._script.kinds.of(before) <= _GIVEN:
                argument = argument.with_changes(value=or_else(argument.value, "()"))  # noqa: PLW2901
            by_name = argument.keyword is not None
            if by_name or _PLACES[name].index(parameter) >= _BY_PLACE[name]:
                argument = renamed(argument, _RENAMED.get(parameter, parameter))  # noqa: PLW2901
            arguments.append(argument)
        if self._in_force.name:
            arguments.append(keyword("settings", cst.Name(self._in_force.name)))
        if self._without_lines:
            arguments.append(keyword("line_comments", cst.Name("False")))
        return arguments

    def _shows_rows(self, rows: cst.BaseExpression | None) -> bool:
        """Tell whether it shows that the rows mean the same.

        Raises:
            ValueError: They do not.
        """
        if not isinstance(rows, cst.List | cst.Tuple):
            return False
        are_known = True
        for row in rows.elements:
            cells = None if isinstance(row, cst.StarredElement) else _cells(row.value)
            if cells is None:
                are_known = False
                continue
            if any(isinstance(cell, bool | None) or not _has_values(cell) for cell in cells):
                raise ValueError(
                    "None, True, False and lists without values are no cells: write what is meant"
                )
            are_known = are_known and any(cell is not ... and str(cell).strip() for cell in cells)
        return are_known

    def _check_waits(self, headers: cst.BaseExpression | None, rows: cst.BaseExpression | None) -> None:
        for device, limited in _waits(headers, rows):
            self._in_force.check_tolerance(device)
            if not limited:
                self._in_force.check_limit(device)

    def _check_special(self, special: cst.BaseExpression | None) -> None:
        if special is None or literal(special) is None:
            return
        values = special.elements if isinstance(special, cst.Dict) else [None]
        for element in values:
            function = None if element is None else element.value
            returned: list[cst.BaseExpression] = []
            if isinstance(function, cst.Lambda):
                returned = [function.body]
            elif (
                function is not None and (own := self._script.kinds.function(cst.Call(function))) is not None
            ):
                returned = [
                    node.value for node in inside(own) if isinstance(node, cst.Return) and node.value
                ] * always_returns(own.body)
            if returned and all(self._script.kinds.of(value) <= _RETURNED for value in returned):
                continue
            raise ValueError(
                "functions for special columns must return commands, [] for none, and whether these do does "
                "not show"
            )

    # -- what is done with them ---------------------------------------------------------------------------

    def used(self) -> None:
        """Collect the changes where tables are used, and say what stands against it."""
        for node in self._script.nodes:
            if isinstance(node, cst.Attribute):
                self._member(node)
            if isinstance(node, cst.BaseExpression) and self._is_table(node):
                parent = self._script.parent(node)
                if isinstance(parent, cst.Arg):
                    self._argument(parent)

    def _is_table(self, node: cst.BaseExpression) -> bool:
        if isinstance(node, cst.Name | cst.Attribute) and not self._script.is_load(node):
            return False
        return self._script.kinds.of(node) - {Kind.NOTHING} == frozenset({Kind.TABLE})

    def _member(self, node: cst.Attribute) -> None:
        name, owner = node.attr.value, self._script.kinds.of(node.value)
        if name == "createScan":
            if owner - {Kind.TABLE, Kind.NOTHING} and self._is_of_other(owner):
                self._script.report(
                    node.attr,
                    "createScan() of what is not surely a table scan; of one it is commands()",
                    "commands",
                )
            elif Kind.TABLE in owner:
                self._scan(node)
        elif Kind.TABLE in owner and name in _MEMBERS:
            self._script.report(node.attr, f"{name} of a table: {_MEMBERS[name]}", "commands")

    def _is_of_other(self, owner: frozenset[Kind]) -> bool:
        """Tell whether something that is asked for its scan may be no table, or one from elsewhere."""
        own = any(
            isinstance(node, cst.FunctionDef) and node.name.value == "createScan"
            for node in self._script.nodes
        )
        return own == (Kind.TABLE in owner)

    def _scan(self, node: cst.Attribute) -> None:
        call = is_called(self._script, node)
        if call is None:
            self._script.report(node.attr, "createScan is not called here: write the call out", "commands")
            return
        lines = _lineinfo(call)
        if lines is ... or (lines is False) != self._without_lines:
            self._script.report(
                node.attr,
                "lineinfo: give line_comments=False when the table is built, or another table",
                "commands",
            )
        elif lines is False and self._in_force.has_row:
            self._script.report(
                node.attr,
                "without lineinfo the device for rows was left out: use settings without it",
                "commands",
            )

        self._script.edits.add(
            "commands", call, lambda updated: method_renamed(updated, "commands").with_changes(args=())
        )

    def _has_no_lines(self) -> bool:
        """Tell whether all scans of tables are asked to have no comments for rows."""
        calls = [is_called(self._script, node) for node in self._scans]
        return bool(calls) and all(call is not None and _lineinfo(call) is False for call in calls)

    def _argument(self, argument: cst.Arg) -> None:
        call = self._script.parent(argument)
        if not isinstance(call, cst.Call) or self._script.kinds.function(call) is not None:
            return
        name = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
        if not is_word(name, *_LOOKERS):
            self._script.report(
                argument, "a table scan goes to a function that is not part of this script", "commands"
            )


def _waits(
    headers: cst.BaseExpression | None, rows: cst.BaseExpression | None
) -> Iterator[tuple[object, bool]]:
    """Yield the devices that a table waits for, `...` where one does not show, and whether with a limit."""
    names = _cells(headers)
    if names is None or ... in names:
        yield ..., False
        return
    columns = ["".join(str(name).lower().split()) for name in names]
    for place in (place for place, name in enumerate(columns) if name == "waitfor"):
        has_limit = columns[place + 2 : place + 3] == ["ortime"]
        listed = rows.elements if isinstance(rows, cst.List | cst.Tuple) else [None]
        for row in listed:
            cells = None if row is None or isinstance(row, cst.StarredElement) else _cells(row.value)
            if cells is None or len(cells) != len(names):
                yield ..., False
                continue
            limit = cells[place + 2] if has_limit else ""
            for device in _contents(cells[place]):
                if not isinstance(device, str) or device.lower() not in _NO_DEVICES:
                    yield device, limit is not ... and bool(str(limit).strip())


def _cells(row: cst.BaseExpression | None) -> list[object] | None:
    """Return what stands in a row, `...` for what does not show; None where the row does not."""
    if not isinstance(row, cst.List | cst.Tuple):
        return None
    if any(isinstance(cell, cst.StarredElement) for cell in row.elements):
        return None
    return [literal(cell.value) for cell in row.elements]


def _contents(cell: object) -> Iterable[object]:
    """Return what a cell stands for: several things where it is a list."""
    if cell is ...:
        return (cell,)
    with suppress(ValueError):
        content = read_cell(str(cell).strip())
        return content if isinstance(content, tuple) else () if content is None else (content,)
    return ()  # the table is refused, or without a wait there


def _lineinfo(call: cst.Call) -> object:
    """Return what `createScan` is asked for; `...` where that does not show."""
    try:
        value = Arguments(call, ("lineinfo",)).value("lineinfo")
    except ValueError:
        return ...
    plain = True if value is None else literal(value)
    return plain if plain is ... else bool(plain)


def _has_values(cell: object) -> bool:
    """Tell whether a cell is not a list or a range without any values."""
    try:
        read_cell(str(cell).strip() if cell is not ... else "")
    except NoValuesError:
        return False
    except ValueError:
        return True
    return True
