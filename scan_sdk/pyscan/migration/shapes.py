"""What statements of a script look like: which they are, what they return, what is remarked on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from scan_sdk.pyscan.migration.edits import is_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scan_sdk.pyscan.migration.script import Script


def inside(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all that is in it."""
    yield node
    for child in node.children:
        yield from inside(child)


def mentions(node: cst.CSTNode, *words: str) -> bool:
    """Tell whether one of these names stands anywhere in a node."""
    return any(is_word(inner, *words) for inner in inside(node))


def free_name(script: Script, *names: str) -> str:
    """Return the first of some names that is no name in the script, or nothing."""
    used = {node.value for node in script.nodes if isinstance(node, cst.Name)}
    return next((name for name in names if name not in used), "")


def own_line(script: Script, node: cst.CSTNode | None) -> cst.SimpleStatementLine | None:
    """Return the line at the top level on which nothing stands but this expression or statement."""
    if isinstance(node, cst.BaseExpression):
        node = script.parent(node)
        if not isinstance(node, cst.Expr):
            return None
    line = script.parent(node) if isinstance(node, cst.BaseSmallStatement) else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) > 1:
        return None
    return line if script.parent(line) is script.module else None


def comments(node: cst.CSTNode) -> list[str]:
    """Return the comments before a statement."""
    leading = (
        node.leading_lines if isinstance(node, cst.BaseCompoundStatement | cst.SimpleStatementLine) else ()
    )
    return [line.comment.value for line in leading if line.comment]


def header(body: cst.BaseSuite) -> list[str]:
    """Return the comment on the line on which a block begins."""
    comment = body.header.comment if isinstance(body, cst.IndentedBlock) else None
    return [comment.value] if comment else []


def footer(body: cst.BaseSuite) -> list[str]:
    """Return the comments behind the last statement of a block."""
    lines = body.footer if isinstance(body, cst.IndentedBlock) else ()
    return [line.comment.value for line in lines if line.comment]


def _only(statement: cst.CSTNode) -> cst.BaseSmallStatement | None:
    if isinstance(statement, cst.BaseSmallStatement):  # on the line of its `class` or `def`
        return statement
    if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
        return statement.body[0]
    return None


def docstring(statement: cst.CSTNode) -> str | None:
    """Return the text of a statement that is nothing but a text."""
    only = _only(statement)
    if isinstance(only, cst.Expr) and isinstance(only.value, cst.SimpleString):
        text = only.value.evaluated_value
        return text if isinstance(text, str) else None
    return None


def is_pass(statement: cst.CSTNode) -> bool:
    """Tell whether a statement does nothing."""
    return isinstance(_only(statement), cst.Pass)


def is_super_init(statement: cst.CSTNode) -> bool:
    """Tell whether a statement calls the constructor of the base class."""
    only = _only(statement)
    match only:
        case cst.Expr(
            value=cst.Call(
                func=cst.Attribute(
                    value=cst.Call(func=cst.Name(value="super")), attr=cst.Name(value="__init__")
                ),
                args=(),
            )
        ):
            return True
        case cst.Expr(
            value=cst.Call(
                func=cst.Attribute(
                    value=cst.Name() | cst.Attribute() as base, attr=cst.Name(value="__init__")
                ),
                args=(cst.Arg(value=cst.Name(value="self")),),
            )
        ):
            return not mentions(base, "self")
        case _:
            return False


def plain_parameters(function: cst.FunctionDef) -> int:
    """Return how many parameters a function has, -1 where some have a default or are special."""
    params = function.params
    special = params.kwonly_params or params.posonly_params or params.star_kwarg
    if special or isinstance(params.star_arg, cst.Param) or any(param.default for param in params.params):
        return -1
    return len(params.params)


def always_returns(body: cst.BaseSuite) -> bool:
    """Tell whether a block surely ends with `return` or `raise`."""
    last = body.body[-1] if body.body else None
    match last:
        case cst.SimpleStatementLine(body=(*_, cst.Return() | cst.Raise())) | cst.Return() | cst.Raise():
            return True
        case cst.If(body=one, orelse=cst.Else(body=other)):
            return always_returns(one) and always_returns(other)
        case cst.If(body=one, orelse=cst.If() as other):
            return always_returns(one) and always_returns(cst.IndentedBlock([other]))
        case _:
            return False


def may_return_none(function: cst.FunctionDef) -> bool:
    """Tell whether a function has a `return` of None, or of nothing."""
    returns = [node for node in inside(function.body) if isinstance(node, cst.Return)]
    return any(node.value is None or mentions(node.value, "None") for node in returns)


def is_annotation(script: Script, node: cst.CSTNode) -> bool:
    """Tell whether a name stands in an annotation, where it only says what is meant."""
    return any(isinstance(ancestor, cst.Annotation) for ancestor in script.ancestors(node))


def is_called(script: Script, node: cst.CSTNode) -> cst.Call | None:
    """Return the call of which an expression is the function."""
    parent = script.parent(node)
    return parent if isinstance(parent, cst.Call) and parent.func is node else None


def is_compared_with(script: Script, node: cst.CSTNode) -> bool:
    """Tell whether a class is asked for by `isinstance`."""
    return any(
        isinstance(ancestor, cst.Call)
        and isinstance(ancestor.func, cst.Name)
        and ancestor.func.value in {"isinstance", "issubclass"}
        for ancestor in script.ancestors(node)
    )
