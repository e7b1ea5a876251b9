"""The client, and what it returns: methods, descriptions of scans, and logged data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.pyscan.client import ScanClient
from scan_sdk.pyscan.migration.edits import (
    Arguments,
    attribute,
    is_word,
    literal,
    method_renamed,
    parsed,
    renamed,
    tidied,
)
from scan_sdk.pyscan.migration.kinds import TRACKED, Kind
from scan_sdk.pyscan.migration.logged import modernise_data_function, modernise_item
from scan_sdk.pyscan.migration.names import CLIENT_METHODS, DATA_FUNCTIONS, INFO_METHODS, places_of
from scan_sdk.pyscan.migration.shapes import is_annotation, is_called, is_compared_with

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script

_PARAMETERS: Final = {name: places_of(getattr(ScanClient, name)) for name in CLIENT_METHODS}
_RENAMED = {"scanID": "scan_id", "cmds": "commands"}
_BY_PLACE = {"submit": 2}
"""How many arguments may be given by place, where that is not all."""
_UNMISTAKABLE: Final = frozenset(name for name, new in CLIENT_METHODS.items() if name != new)
_TO_ALL = {"pause": "pause_all", "resume": "resume_all"}
_PRINTERS = frozenset({"print", "str", "repr", "pprint", "pp", "format"})
_TAKERS: Final = {
    "len": frozenset({Kind.DATA, Kind.INFOS, Kind.CLIENTS}),
    "list": frozenset({Kind.DATA, Kind.INFOS, Kind.CLIENTS}),
    "tuple": frozenset({Kind.DATA, Kind.INFOS, Kind.CLIENTS}),
    "reversed": frozenset({Kind.INFOS, Kind.CLIENTS}),
    "sorted": frozenset({Kind.DATA, Kind.INFOS}),
    "set": frozenset({Kind.DATA}),
}
"""Functions that do the same with what the new client returns."""
_MILLISECONDS = "round({0}.timestamp() * 1000)"
_INFO_ATTRIBUTES: Final = {
    "createdDatetime": "{0}.created.astimezone().replace(tzinfo=None)",
    "isDone": "{0}.is_done",
    "percentage": "{0}.percentage",
    "created": _MILLISECONDS.format("{0}.created"),
    "finish": f"({_MILLISECONDS.format('{0}.finish')} if {{0}}.finish else 0)",
    "runtime": "round({0}.runtime.total_seconds() * 1000)",
}
"""What the old attributes are of the new description."""
_INFO_SAME = frozenset(
    {"address", "command", "id", "name", "performed_work_units", "state", "total_work_units"}
)


def modernise_client(script: Script) -> None:
    """Collect what makes the client of a script the modern one, and what stands against it."""
    _UsesOfClient(script).look()


class _UsesOfClient:
    def __init__(self, script: Script) -> None:
        self._script = script

    def look(self) -> None:
        """Look at all places where the client, or what it returns, is used."""
        for use, name in self._script.uses():
            if name == "ScanClient":
                self._construct(use)
            elif name in DATA_FUNCTIONS:
                modernise_data_function(self._script, use, name)
        for node in self._script.nodes:
            if isinstance(node, cst.Attribute):
                self._unknown_owner(node)
            if isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.NamedExpr):
                self._expression(node)

    def _block(self, node: cst.CSTNode, reason: str) -> None:
        self._script.report(node, reason, "client")

    def _construct(self, node: cst.CSTNode) -> None:
        call = is_called(self._script, node)
        if call is None:
            if not is_annotation(self._script, node) and not is_compared_with(self._script, node):
                self._block(node, "'ScanClient' is not called here, so what becomes of it does not show")
            return
        if any(argument.star for argument in call.args):
            self._block(node, "what '*' brings is not known: write host and port out")
            return
        port = Arguments(call, ("host", "port")).value("port")
        if port is None or self._script.kinds.of(port) == frozenset({Kind.OTHER}) or _is_int(port):
            return  # a number already

        def number(updated: cst.BaseExpression) -> cst.CSTNode:
            text = literal(port)
            if isinstance(text, str) and text.isdigit():
                return cst.Integer(str(int(text)))
            return cst.Call(cst.Name("int"), [cst.Arg(updated)])

        self._script.edits.add("client", port, number)

    def _unknown_owner(self, node: cst.Attribute) -> None:
        """A name that only the old client has, on something that is not surely a client."""
        name, owner = node.attr.value, self._script.kinds.of(node.value)
        if name in _UNMISTAKABLE and not owner <= {Kind.CLIENT, Kind.NOTHING}:
            self._block(
                node.attr,
                f"{name}() is a method of the old client, and what it is called on is not surely one: "
                f"with the new client it is {CLIENT_METHODS[name]}()",
            )
        elif name in INFO_METHODS and not owner & {Kind.INFO}:
            self._block(
                node.attr,
                f"{name}() belongs to what the old client says of a scan, and this is not surely that: "
                f"now it is {_INFO_ATTRIBUTES[name].format('info')}",
            )

    # -- wherever a tracked value stands ------------------------------------------------------------------

    def _expression(self, node: cst.BaseExpression) -> None:
        """See that a value is used in ways that are understood."""
        if isinstance(node, cst.Name | cst.Attribute) and not self._script.is_load(node):
            return
        tracked = self._script.kinds.of(node) & TRACKED
        if not tracked:
            return
        parent = self._script.parent(node)
        if isinstance(parent, cst.Attribute) and parent.value is node:
            self._member(parent, tracked)
        elif isinstance(parent, cst.Subscript) and parent.value is node:
            modernise_item(self._script, parent, tracked)
        elif isinstance(parent, cst.Arg):
            self._argument(parent, tracked)
        elif not self._goes_where_it_is_followed(node, parent, tracked):
            names = " or ".join(sorted(tracked))
            self._block(node, f"{names} goes where it cannot be followed")

    def _goes_where_it_is_followed(  # noqa: C901, PLR0911  # a case for each kind of place
        self, node: cst.CSTNode, parent: cst.CSTNode, tracked: frozenset[Kind]
    ) -> bool:
        match parent:
            case cst.Assign(targets=targets):
                return all(isinstance(target.target, cst.Name | cst.Attribute) for target in targets)
            case cst.AnnAssign() | cst.NamedExpr() | cst.Expr() | cst.WithItem() | cst.Param() | cst.Return():
                return True
            case cst.FormattedStringExpression() | cst.If() | cst.While() | cst.IfExp() | cst.Assert():
                return True
            case cst.BooleanOperation() | cst.UnaryOperation(operator=cst.Not()):
                return True
            case cst.For() | cst.CompFor():
                return tracked <= {Kind.INFOS, Kind.CLIENTS, Kind.DATA}
            case cst.ComparisonTarget(operator=operator):
                return isinstance(operator, cst.Is | cst.IsNot | cst.In | cst.NotIn)
            case cst.Comparison(comparisons=(cst.ComparisonTarget(operator=cst.Is() | cst.IsNot()),)):
                return True
            case cst.ListComp() | cst.GeneratorExp():
                return bool(self._script.kinds.of(parent) & TRACKED)
            case cst.Element():
                listing = self._script.parent(parent)
                return self._is_formatted(listing) or (
                    isinstance(listing, cst.BaseExpression) and bool(self._script.kinds.of(listing) & TRACKED)
                )
            case cst.BinaryOperation():
                return self._is_formatted(node)
            case _:
                return False

    def _is_formatted(self, node: cst.CSTNode) -> bool:
        """Tell whether something is what `text % something` puts into a text."""
        parent = self._script.parent(node)
        return (
            isinstance(parent, cst.BinaryOperation)
            and isinstance(parent.operator, cst.Modulo)
            and self._script.kinds.of(parent.left) == frozenset({Kind.TEXT})
        )

    def _argument(self, argument: cst.Arg, tracked: frozenset[Kind]) -> None:
        call = self._script.parent(argument)
        assert isinstance(call, cst.Call | cst.ClassDef)
        if isinstance(call, cst.Call):
            name = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
            name = call.func.value if isinstance(call.func, cst.Name) else name
            if (
                self._script.old_name(call.func) in DATA_FUNCTIONS
                or self._script.kinds.function(call) is not None
            ):
                return
            if name in _PRINTERS or tracked <= _TAKERS.get(name, frozenset()):
                return
            if Kind.CLIENT not in tracked and name in {"isinstance", "bool"}:
                return
        names = " or ".join(sorted(tracked))
        self._block(argument, f"{names} goes to a function that is not part of this script")

    def _member(self, node: cst.Attribute, tracked: frozenset[Kind]) -> None:
        name, call = node.attr.value, is_called(self._script, node)
        if Kind.CLIENT in tracked and name in CLIENT_METHODS:
            if call is None:
                self._block(node.attr, f"{name} is not called here: write the call out")
            elif self._script.kinds.of(node.value) <= {Kind.CLIENT, Kind.NOTHING}:
                self._method(node, name, call)
        elif Kind.INFO in tracked and (name in _INFO_ATTRIBUTES or name in _INFO_SAME):
            if Kind.UNKNOWN in self._script.kinds.of(node.value) and name in _INFO_ATTRIBUTES:
                self._block(node.attr, f"{name} of something that is not surely what a client says of a scan")
            elif name in _INFO_ATTRIBUTES:
                self._info(node, name, call)
        elif not (Kind.DATA in tracked and name == "keys") and not self._is_of_list(name, tracked):
            names = " or ".join(sorted(tracked))
            self._block(node.attr, f"{names} has no {name} with the new client")

    def _is_of_list(self, name: str, tracked: frozenset[Kind]) -> bool:
        return Kind.CLIENTS in tracked and name == "append"

    def _info(self, node: cst.Attribute, name: str, call: cst.Call | None) -> None:
        if (call is None) == (name in INFO_METHODS):
            reason = "is a method, and always true" if call is None else "is no method"
            self._block(node.attr, f"{name} {reason}: now it is {_INFO_ATTRIBUTES[name].format('info')}")
            return
        form, module = _INFO_ATTRIBUTES[name], self._script.module
        twice = form.count("{0}") > 1
        if twice and not isinstance(node.value, cst.Name):
            self._block(
                node.attr, f"give what the client says a name first: info.{name} takes two looks at it"
            )
            return

        def change(updated: cst.CSTNode) -> cst.CSTNode:
            inner = updated.func if isinstance(updated, cst.Call) else updated
            assert isinstance(inner, cst.Attribute)
            return parsed(form.format(module.code_for_node(inner.value)), module)

        self._script.edits.add("client", node if call is None else call, change)

    # -- calls --------------------------------------------------------------------------------------------

    def _method(self, node: cst.Attribute, name: str, call: cst.Call) -> None:
        try:
            given = Arguments(call, _PARAMETERS[name])
        except ValueError as refusal:
            self._block(node.attr, str(refusal))
            return
        unknown = sorted(given.named.keys() - set(_PARAMETERS[name]))
        if unknown or given.rest:
            self._block(node.attr, f"{name}() takes no such arguments: {', '.join(unknown) or 'too many'}")
            return
        scan_id = given.value("scanID")
        to_all = name in {"abort", *_TO_ALL} and (scan_id is None or literal(scan_id) == -1)
        if name == "abort" and to_all:
            self._block(
                node.attr,
                "abort() without an id aborts every scan, queued ones and those of others too: "
                "write abort(scan_id), or abort_all() where all are meant",
            )
            return
        new = _TO_ALL[name] if to_all else CLIENT_METHODS[name]
        self._remark(node, name, call)

        def change(updated: cst.Call) -> cst.CSTNode:
            arguments = self._arguments(name, updated, given)
            now = method_renamed(updated, new)
            return now if arguments is None else tidied(now, arguments)

        self._script.edits.add("client", call, change)
        if name == "scanCmds":
            self._script.edits.add("client", call, lambda updated: cst.Call(attribute(updated, "to_xml")))
        elif name == "scanInfos" and not self._is_looked_through(call):
            self._script.edits.add(
                "client", call, lambda updated: cst.Call(cst.Name("list"), [cst.Arg(updated)])
            )

    def _arguments(self, name: str, call: cst.Call, given: Arguments) -> list[cst.Arg] | None:
        """Return the arguments of the new method; None where they are the same."""
        now = Arguments(call, _PARAMETERS[name])
        arguments: list[cst.Arg] = []
        for parameter, given_now in now.named.items():
            argument = given_now
            plain = literal(given.value(parameter))
            nothing = parameter == "deadline" and plain in (None, "0000-00-00 00:00:00")
            if nothing or (name in {"scanInfo", "scanInfos"} and parameter == "timeout"):
                continue
            if parameter == "scanID" and plain == -1 and name in {*_TO_ALL, "scanDevices"}:
                continue
            if name == "patch" and parameter == "value" and isinstance(plain, str):
                argument = argument.with_changes(value=_patched(plain, argument.value, self._script.module))
            place = _PARAMETERS[name].index(parameter)
            if argument.keyword is not None or place >= _BY_PLACE.get(name, len(_PARAMETERS[name])):
                argument = renamed(argument, _RENAMED.get(parameter, parameter))
            arguments.append(argument)
        return None if arguments == list(call.args) else arguments

    def _remark(self, node: cst.Attribute, name: str, call: cst.Call) -> None:
        """Say what differs where the call itself is the same."""
        if name in {"serverInfo", "scanDevices"}:
            if self._is_printed(call):
                self._script.remark(
                    node.attr, f"{name}() returned XML; what is printed now looks different", "client"
                )
            else:
                self._block(node.attr, f"{name}() returned XML: {CLIENT_METHODS[name]}() returns an object")
        elif name in {"pause", "resume"}:
            self._script.remark(
                node.attr,
                f"{name}() raises CommandRefused where it has no effect; the old client was silent",
                "client",
            )
        elif (
            name in {"scanInfo", "scanInfos"}
            and call.args
            and "timeout" in Arguments(call, _PARAMETERS[name]).named
        ):
            self._script.remark(
                node.attr, "the time limit is the client's now: ScanClient(timeout=...)", "client"
            )

    def _is_printed(self, call: cst.Call) -> bool:
        parent = self._script.parent(call)
        if isinstance(parent, cst.Expr | cst.FormattedStringExpression):
            return True
        outer = self._script.parent(parent)
        return isinstance(parent, cst.Arg) and isinstance(outer, cst.Call) and is_word(outer.func, "print")

    def _is_looked_through(self, call: cst.Call) -> bool:
        """Tell whether a tuple does as well as a list."""
        parent = self._script.parent(call)
        if isinstance(parent, cst.Arg):
            outer = self._script.parent(parent)
            return isinstance(outer, cst.Call) and is_word(
                outer.func, "len", "list", "sorted", "reversed", "tuple"
            )
        return isinstance(parent, cst.For | cst.CompFor | cst.Subscript | cst.Expr)


def _is_int(node: cst.BaseExpression) -> bool:
    """Tell whether an expression is `int(...)`."""
    return isinstance(node, cst.Call) and is_word(node.func, "int")


def _patched(text: str, value: cst.BaseExpression, module: cst.Module) -> cst.BaseExpression:
    """Return a value to patch in: a text that is a number was one for the server."""
    try:
        float(text)
    except ValueError:
        return value
    return parsed(text.strip(), module)
