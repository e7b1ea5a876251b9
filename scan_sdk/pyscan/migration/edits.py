"""Changes to a syntax tree, collected first and made together, and the pieces that they are made of."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scan_sdk.pyscan.migration.report import Part

Changed: TypeAlias = cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]
"""What a node becomes: one node, or several."""
NodeT = TypeVar("NodeT", bound=cst.CSTNode)

_SEVERAL: Final = frozenset({"body", "devices"})
"""Parameters that take several things in one, and mean the same as if these were given one by one."""


class Edits:
    """Changes to the nodes of a tree, each for one part of the script."""

    def __init__(self) -> None:
        self._changes: dict[cst.CSTNode, list[tuple[Part, Callable[..., Changed]]]] = defaultdict(list)

    def add(self, part: Part, node: NodeT, change: Callable[[NodeT], Changed]) -> None:
        """Change a node, if that part of the script is modernised.

        Args:
            part: The part of the script.
            node: The node.
            change: Returns what it becomes. It is given the node with all changes inside of it made, and
                those that were added before; none of them makes it a node of another kind.
        """
        self._changes[node].append((part, change))

    def made(self, module: cst.Module, parts: frozenset[Part]) -> cst.Module:
        """Return the tree with the changes for these parts made."""
        wanted = {
            node: [change for part, change in changes if part in parts]
            for node, changes in self._changes.items()
        }
        changed = module.visit(_Changer(wanted))
        assert isinstance(changed, cst.Module)
        return changed


class _Changer(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, Sequence[Callable[..., Changed]]]) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        changed: Changed = updated_node
        for change in self._changes.get(original_node, ()):
            assert isinstance(changed, cst.CSTNode)
            changed = change(changed)
        return cast("cst.CSTNodeT", changed)  # what takes a node's place fits there


class Arguments:
    """The arguments of one call of the old interface, by name, in the order in which they stand.

    Attributes:
        named: Arguments for the parameters, also those given by place.
        rest: Further arguments given by place.
    """

    def __init__(self, call: cst.Call, parameters: Sequence[str]) -> None:
        """Give names to arguments.

        Raises:
            ValueError: Names cannot be given, as there are `*` or `**`, for the reason that is said.
        """
        self.named: dict[str, cst.Arg] = {}
        self.rest: list[cst.Arg] = []
        named = len(parameters)
        for place, argument in enumerate(call.args):
            if argument.star == "*" and place == named - 1 and parameters[-1] in _SEVERAL:
                named = place  # it, and all that follows, is laid out as the rest is
            if argument.star == "**" or (argument.star and place < named):
                raise ValueError(f"what '{argument.star}' brings is not known: write the arguments out")
            if argument.keyword is not None:
                self.named[argument.keyword.value] = argument
            elif place < named:
                self.named[parameters[place]] = argument
            else:
                self.rest.append(argument)

    def value(self, name: str) -> cst.BaseExpression | None:
        """Return what is given for a parameter, or None."""
        return self.named[name].value if name in self.named else None


def literal(node: cst.BaseExpression | None) -> object:
    """Return the value of a literal, or `...` where it is none."""
    if node is None:
        return ...
    try:
        return ast.literal_eval(cst.Module([]).code_for_node(node))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ...


def is_word(node: cst.CSTNode | None, *words: str) -> bool:
    """Tell whether an expression is one of these names."""
    return isinstance(node, cst.Name) and node.value in words


def parsed(code: str, module: cst.Module) -> cst.BaseExpression:
    """Return the tree of an expression."""
    return cst.parse_expression(code, config=module.config_for_parsing)


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """Return the argument `name=value`."""
    return cst.Arg(
        value,
        keyword=cst.Name(name),
        equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
    )


def renamed(argument: cst.Arg, name: str) -> cst.Arg:
    """Return the argument given by this name, with the blanks that stand around it."""
    equal = argument.equal
    if argument.keyword is None:
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return argument.with_changes(keyword=cst.Name(name), equal=equal)


def tidied(call: cst.Call, arguments: Sequence[cst.Arg]) -> cst.Call:
    """Return the call with other arguments: commas between them, and at the end what stood there."""
    if not arguments:
        return call.with_changes(args=())
    between = next((arg.comma for arg in call.args[-2::-1] if isinstance(arg.comma, cst.Comma)), None)
    plain = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    if between is None or len(call.args) < 2 or _has_comment(between):
        between = plain
    kept = [_followed(arg, between) for arg in arguments[:-1]]
    last = call.args[-1] if call.args else arguments[-1]
    end = arguments[-1].with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
    if isinstance(end.comma, cst.MaybeSentinel) and isinstance(last.comma, cst.Comma):
        end = end.with_changes(comma=last.comma)
    return call.with_changes(args=[*kept, end])


def _followed(argument: cst.Arg, comma: cst.Comma) -> cst.Arg:
    if isinstance(argument.comma, cst.Comma):
        return argument
    return argument.with_changes(comma=comma, whitespace_after_arg=cst.SimpleWhitespace(""))


def _has_comment(comma: cst.Comma) -> bool:
    return "#" in cst.Module([]).code_for_node(comma)


def or_else(value: cst.BaseExpression, other: str) -> cst.BaseExpression:
    """Return `value or other`."""
    left = value
    if not isinstance(value, cst.Name | cst.Attribute | cst.Call | cst.Subscript) and not value.lpar:
        left = value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.BooleanOperation(left=left, operator=cst.Or(), right=cst.parse_expression(other))


def method_renamed(call: cst.Call, name: str) -> cst.Call:
    """Return the call of another method of the same object."""
    assert isinstance(call.func, cst.Attribute)
    return call.with_changes(func=attribute(call.func.value, name))


def attribute(value: cst.BaseExpression, name: str) -> cst.Attribute:
    """Return `value.name`."""
    return cst.Attribute(value, cst.Name(name))


def sibling(name: cst.BaseExpression, other: str) -> cst.BaseExpression:
    """Return another name of the same module."""
    return name.with_changes(attr=cst.Name(other)) if isinstance(name, cst.Attribute) else cst.Name(other)
