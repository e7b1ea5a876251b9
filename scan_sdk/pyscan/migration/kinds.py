"""What the expressions of a script are, as far as it shows: a client, a scan's description, its data, ..."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

import libcst as cst
from libcst.metadata import Assignment, ClassScope

from scan_sdk.pyscan.migration.names import COMMANDS, OF_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk.pyscan.migration.script import Script


class Kind(StrEnum):
    """What an expression can be."""

    CLIENT = "a client"
    CLIENTS = "clients"
    INFO = "what a client says of a scan"
    INFOS = "what a client says of all scans"
    DATA = "logged data"
    LOG = "logged data of a device"
    SIMULATION = "the result of a simulation"
    SEQUENCE = "a CommandSequence"
    COMMAND = "a command"
    TABLE = "a table scan"
    TEXT = "text"
    NOTHING = "None"
    OTHER = "something else"
    UNKNOWN = "not known"


TRACKED: Final = frozenset(
    {Kind.CLIENT, Kind.CLIENTS, Kind.INFO, Kind.INFOS, Kind.DATA, Kind.LOG, Kind.SIMULATION}
)
"""What comes from a client and differs between the old and the new one."""

_RETURNED = {
    "getData": Kind.DATA,
    "scanInfo": Kind.INFO,
    "scanInfos": Kind.INFOS,
    "simulate": Kind.SIMULATION,
    "waitUntilDone": Kind.INFO,
}
_ITEMS = {Kind.INFOS: Kind.INFO, Kind.CLIENTS: Kind.CLIENT}
_LISTS = {Kind.INFO: Kind.INFOS, Kind.CLIENT: Kind.CLIENTS}
_SAME_AGAIN = {"list", "reversed", "sorted", "tuple"}
_ANNOTATED = {"ScanClient": Kind.CLIENT, "ScanInfo": Kind.INFO, "CommandSequence": Kind.SEQUENCE}

_BUILT: Final = {
    **dict.fromkeys(COMMANDS | OF_SETTINGS, Kind.COMMAND),
    "AlignmentScan": Kind.TABLE,
    "CommandSequence": Kind.SEQUENCE,
    "ScanClient": Kind.CLIENT,
    "TableScan": Kind.TABLE,
    "createNDimScan": Kind.SEQUENCE,
    "loadTableScan": Kind.TABLE,
}

How: TypeAlias = Literal["value", "item", "unknown"]


class _Source(NamedTuple):
    """Where a variable gets a value from: an expression, each item of it, or what an annotation says."""

    how: How
    expression: cst.BaseExpression | None
    kind: Kind = Kind.UNKNOWN


_NOT_KNOWN: Final = _Source("unknown", None)
_Kinds: TypeAlias = frozenset[Kind]
_UNKNOWN: Final[_Kinds] = frozenset({Kind.UNKNOWN})


class Kinds:
    """Tells what expressions of a script can be, whichever way the program goes."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._known: dict[cst.CSTNode, _Kinds] = {}
        self._variables: dict[cst.CSTNode, list[_Source]] = defaultdict(list)
        self._attributes: dict[str, list[_Source]] = defaultdict(list)
        self._parameters: dict[cst.Param, list[_Source]] = defaultdict(list)
        self._returns: dict[cst.FunctionDef, list[cst.BaseExpression]] = defaultdict(list)
        self._methods: dict[str, list[cst.FunctionDef]] = defaultdict(list)
        for node in script.nodes:
            self._note(node)
        for node in script.nodes:
            if isinstance(node, cst.Call) and (function := self.function(node)) is not None:
                for parameter, argument in bound_arguments(function, node, method=self._is_method(function)):
                    self._parameters[parameter].append(_Source("value", argument))

    def of(self, node: cst.BaseExpression) -> _Kinds:
        """Return all that an expression can be."""
        if node in self._known:
            return self._known[node]
        self._known[node] = frozenset()  # what a loop of assignments adds to itself is nothing
        found = self._found(node)
        if not found and isinstance(node, cst.Name):
            found = _UNKNOWN
        self._known[node] = found
        return found

    def function(self, call: cst.Call) -> cst.FunctionDef | None:
        """Return the function of this script that is called, or the constructor of its class."""
        if isinstance(call.func, cst.Name):
            found = [
                self._defined(assignment.node)
                for assignment in self._script.assignments(call.func)
                if isinstance(assignment, Assignment)
            ]
            return found[0] if len(found) == 1 and len(self._script.assignments(call.func)) == 1 else None
        if isinstance(call.func, cst.Attribute):
            methods = self._methods.get(call.func.attr.value, [])
            return methods[0] if len(methods) == 1 and self._of_own(call.func.value) else None
        return None

    # -- what gives values --------------------------------------------------------------------------------

    def _note(self, node: cst.CSTNode) -> None:  # noqa: C901, PLR0912  # a case for each kind of statement
        match node:
            case cst.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target.target, _Source("value", value))
            case cst.AnnAssign(target=target, value=value, annotation=annotation):
                self._bind(target, self._annotated(annotation) or _Source("value", value))
            case cst.NamedExpr(target=target, value=value):
                self._bind(target, _Source("value", value))
            case cst.AugAssign(target=cst.Name() | cst.Attribute() as target):
                self._bind(target, _Source("value", target))  # it is then what it was before
            case cst.For(target=target, iter=items) | cst.CompFor(target=target, iter=items):
                self._bind(target, _Source("item", items))
            case cst.WithItem(item=item, asname=cst.AsName(name=name)):
                self._bind(name, _Source("value", item))
            case cst.FunctionDef(name=name):
                self._methods[name.value].append(node)
            case cst.Return(value=cst.BaseExpression() as value):
                function = self._enclosing(node)
                if function is not None:
                    self._returns[function].append(value)
            case cst.Param(annotation=annotation, default=default):
                source = self._annotated(annotation)
                if source is not None:
                    self._parameters[node].append(source)
                if default is not None:
                    self._parameters[node].append(_Source("value", default))
            case _:
                pass

    def _bind(self, target: cst.CSTNode, source: _Source) -> None:
        if isinstance(target, cst.Name):
            self._variables[target].append(source)
            if isinstance(self._script.scope(target), ClassScope):
                self._attributes[target.value].append(source)
        elif isinstance(target, cst.Attribute):
            self._attributes[target.attr.value].append(source)
        elif isinstance(target, cst.Tuple | cst.List):
            for element in target.elements:
                self._bind(element.value, _NOT_KNOWN)

    def _annotated(self, annotation: cst.Annotation | None) -> _Source | None:
        """Return a source of the kind that an annotation names, where it does."""
        if annotation is None:
            return None
        node = annotation.annotation
        if self._script.old_name(node) not in _ANNOTATED:
            return None
        return _Source("unknown", None, _ANNOTATED[self._script.old_name(node)])

    def _enclosing(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        for ancestor in self._script.ancestors(node):
            if isinstance(ancestor, cst.FunctionDef | cst.Lambda):
                return ancestor if isinstance(ancestor, cst.FunctionDef) else None
        return None

    def _defined(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        if isinstance(node, cst.FunctionDef):
            return node
        if isinstance(node, cst.ClassDef):
            for statement in node.body.body:
                if isinstance(statement, cst.FunctionDef) and statement.name.value == "__init__":
                    return statement
        return None

    def _is_method(self, function: cst.FunctionDef) -> bool:
        return any(isinstance(outer, cst.ClassDef) for outer in [*self._script.ancestors(function)][1:2])

    def _of_own(self, value: cst.BaseExpression) -> bool:
        """Tell whether a method is called on what may be an object of the script's own classes."""
        return not self.of(value) & TRACKED

    # -- what expressions are -----------------------------------------------------------------------------

    def _found(  # noqa: C901, PLR0911, PLR0912  # a case for each kind of expression
        self, node: cst.BaseExpression
    ) -> _Kinds:
        match node:
            case cst.Name(value="None"):
                return frozenset({Kind.NOTHING})
            case cst.Name():
                return self._of_name(node)
            case cst.Attribute(attr=attr):
                return self._union(self._attributes.get(attr.value, [_NOT_KNOWN]))
            case cst.Call():
                return self._of_call(node)
            case cst.Subscript(value=value, slice=(cst.SubscriptElement(slice=place),)):
                return self._of_item(self.of(value), whole=isinstance(place, cst.Slice))
            case cst.NamedExpr(value=value) | cst.Await(expression=value):
                return self.of(value)
            case cst.IfExp(body=one, orelse=other) | cst.BooleanOperation(left=one, right=other):
                return self.of(one) | self.of(other)
            case cst.List(elements=elements) | cst.Tuple(elements=elements):
                return self._of_list([element.value for element in elements])
            case cst.ListComp(elt=element) | cst.GeneratorExp(elt=element):
                return self._of_list([element])
            case cst.SimpleString() | cst.FormattedString() | cst.ConcatenatedString():
                return frozenset({Kind.TEXT})
            case cst.BinaryOperation(left=left) if self.of(left) == frozenset({Kind.TEXT}):
                return frozenset({Kind.TEXT})
            case cst.BinaryOperation(operator=cst.Add(), left=left, right=right) if Kind.SEQUENCE in (
                self.of(left) | self.of(right)
            ):
                return frozenset({Kind.SEQUENCE})
            case cst.Integer() | cst.Float() | cst.Dict() | cst.Set() | cst.Comparison():
                return frozenset({Kind.OTHER})
            case _:
                return _UNKNOWN

    def _of_name(self, node: cst.Name) -> _Kinds:
        found: set[Kind] = set()
        for assignment in self._script.assignments(node):
            if not isinstance(assignment, Assignment):
                found.add(Kind.UNKNOWN)
            elif isinstance(assignment.node, cst.Param):
                found |= self._union(self._parameters.get(assignment.node, [_NOT_KNOWN]))
            else:
                found |= self._union(self._variables.get(assignment.node, [_NOT_KNOWN]))
        return frozenset(found)

    def _union(self, sources: list[_Source]) -> _Kinds:
        return frozenset(kind for source in sources for kind in self._of_source(source))

    def _of_source(self, source: _Source) -> _Kinds:
        if source.expression is None:
            return frozenset({source.kind})
        kinds = self.of(source.expression)
        return kinds if source.how == "value" else self._of_item(kinds, whole=False)

    def _of_call(self, node: cst.Call) -> _Kinds:
        if built := _BUILT.get(self._script.old_name(node.func)):
            return frozenset({built})
        match node:
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value="createScan"))) if (
                Kind.TABLE in self.of(value)
            ):
                return frozenset({Kind.SEQUENCE})
            case cst.Call(func=cst.Attribute(value=value, attr=attr)) if Kind.CLIENT in self.of(value):
                return frozenset({_RETURNED.get(attr.value, Kind.OTHER)})
            case cst.Call(func=cst.Name(value=builtin), args=(cst.Arg(value=value), *_)):
                if builtin in _SAME_AGAIN and self.of(value) & {Kind.INFOS, Kind.CLIENTS}:
                    return self.of(value)
            case _:
                pass
        function = self.function(node)
        if function is None or function.name.value == "__init__":
            return _UNKNOWN
        returned = [_Source("value", value) for value in self._returns.get(function, [])]
        return self._union(returned) if returned else frozenset({Kind.NOTHING})

    def _of_item(self, kinds: _Kinds, *, whole: bool) -> _Kinds:
        found: set[Kind] = set()
        for kind in kinds:
            if kind is Kind.DATA:
                found.add(Kind.LOG)
            elif kind in _ITEMS:
                found.add(kind if whole else _ITEMS[kind])
            elif kind is Kind.SEQUENCE:
                found.add(kind if whole else Kind.COMMAND)
            elif kind is not Kind.NOTHING:
                found.add(Kind.OTHER if kind is Kind.SIMULATION else Kind.UNKNOWN)
        return frozenset(found)

    def _of_list(self, elements: list[cst.BaseExpression]) -> _Kinds:
        kinds = {kind for element in elements for kind in self.of(element)}
        if len(kinds) == 1 and (kind := kinds.pop()) in _LISTS:
            return frozenset({_LISTS[kind]})
        return frozenset({Kind.OTHER})


def bound_arguments(
    function: cst.FunctionDef, call: cst.Call, *, method: bool
) -> Iterator[tuple[cst.Param, cst.BaseExpression]]:
    """Yield the parameters of a function that a call fills, and what with."""
    parameters = [*function.params.posonly_params, *function.params.params]
    if method:
        parameters = parameters[1:]
    named = {param.name.value: param for param in [*parameters, *function.params.kwonly_params]}
    for place, argument in enumerate(call.args):
        if argument.star:
            return
        if argument.keyword is not None:
            if argument.keyword.value in named:
                yield named[argument.keyword.value], argument.value
        elif place < len(parameters):
            yield parameters[place], argument.value
