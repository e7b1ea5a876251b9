"""Sequences of commands, which were lists, and commands that were changed once they were built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk.pyscan.migration.edits import attribute, method_renamed
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.names import COMMAND_METHODS
from scan_sdk.pyscan.migration.shapes import inside, is_called, mentions

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.script import Script

_SEQUENCE_METHODS: Final = frozenset(
    {"append", "clear", "count", "extend", "format", "genSCN", "index", "insert", "pop", "remove", "reverse"}
)
_SEQUENCE: Final = frozenset({Kind.SEQUENCE})
_LIST_METHODS: Final = frozenset({"append", "copy", "sort"})


def modernise_sequences(script: Script) -> None:
    """Collect what is done with sequences now, and say what was done with lists and commands only then."""
    for node in script.nodes:
        match node:
            case cst.Attribute():
                _method(script, node)
            case cst.AugAssign(target=cst.Name() | cst.Attribute() as target):
                _added(script, node, script.kinds.of(target))
            case cst.BinaryOperation(operator=cst.Add(), left=left, right=right):
                if Kind.SEQUENCE in script.kinds.of(right) and script.kinds.of(left) != _SEQUENCE:
                    script.need(node, "CommandSequence")
                    script.edits.add("commands", node, _joined)
            case cst.Call() | cst.Comparison() | cst.BinaryOperation(operator=cst.Multiply()):
                _like_a_list(script, node)
            case _:
                pass


def _like_a_list(script: Script, node: cst.Call | cst.Comparison | cst.BinaryOperation) -> None:
    """See that a sequence, which was a list, is not used as only lists can be."""
    match node:
        case cst.Call(func=cst.Name(value="sum"), args=arguments):
            used = [inner for argument in arguments for inner in inside(argument.value)]
        case cst.Call(func=cst.Name(value="isinstance"), args=(value, cls)) if mentions(cls.value, "list"):
            used = [value.value]
        case cst.BinaryOperation(left=left, right=right):
            used = [left, right]
        case cst.Comparison(
            left=left, comparisons=(cst.ComparisonTarget(cst.Equal() | cst.NotEqual(), right),)
        ):
            used = [left, right]
        case _:
            return
    if any(
        isinstance(inner, cst.BaseExpression) and Kind.SEQUENCE in script.kinds.of(inner) for inner in used
    ):
        script.report(node, "a CommandSequence is no list: write list(...) around it", "commands")


def _method(script: Script, node: cst.Attribute) -> None:
    name, owner = node.attr.value, script.kinds.of(node.value)
    if name in COMMAND_METHODS and not (name == "genSCN" and owner == _SEQUENCE):
        instead = {
            "getDevice": "the device is an attribute: command.device",
            "getBody": "the body is an attribute: command.body; build the command when its body is complete",
            "genXML": "CommandSequence(command).to_xml() returns the document",
            "genSCN": "CommandSequence.to_xml() returns the document as text",
        }.get(name, "commands cannot be changed: give the option when the command is built")
        script.report(node.attr, f"{name}(): {instead}", "commands")
        return
    if name == "append" and Kind.COMMAND in owner:
        script.report(node.attr, "commands cannot be changed: collect the body in a list first", "commands")
    if Kind.SEQUENCE not in owner:
        return
    call = is_called(script, node)
    if owner != _SEQUENCE and name in _LIST_METHODS:
        script.report(
            node.attr, "this may be a list or a CommandSequence: give it one name for each", "commands"
        )
    elif name not in _SEQUENCE_METHODS or call is None:
        script.report(node.attr, f"CommandSequence has no {name} any more", "commands")
    elif name == "genSCN":
        _gen_scn(script, call)
    elif name == "append" and (len(call.args) != 1 or call.args[0].star):
        script.edits.add("commands", call, _extend)


def _gen_scn(script: Script, call: cst.Call) -> None:
    """The document was bytes; where it is decoded at once, it is text now."""
    outer = script.parent(call)
    decoded = is_called(script, outer) if isinstance(outer, cst.Attribute) else None

    def undecoded(updated: cst.Call) -> cst.CSTNode:
        assert isinstance(updated.func, cst.Attribute)
        return updated.func.value

    script.edits.add("commands", call, lambda updated: method_renamed(updated, "to_xml"))
    if decoded is not None and isinstance(outer, cst.Attribute) and outer.attr.value == "decode":
        script.edits.add("commands", decoded, undecoded)
    else:
        script.edits.add("commands", call, lambda updated: cst.Call(attribute(updated, "encode")))


def _joined(updated: cst.BinaryOperation) -> cst.CSTNode:
    """A list takes no sequence behind it; both go into another."""
    operator = updated.operator
    assert isinstance(operator, cst.Add)
    before, after = operator.whitespace_before, operator.whitespace_after
    comma = cst.Comma(
        before if isinstance(before, cst.ParenthesizedWhitespace) else cst.SimpleWhitespace(""), after
    )
    return cst.Call(cst.Name("CommandSequence"), [cst.Arg(updated.left, comma=comma), cst.Arg(updated.right)])


def _extend(updated: cst.Call) -> cst.CSTNode:
    elements = [cst.StarredElement(arg.value) if arg.star else cst.Element(arg.value) for arg in updated.args]
    return method_renamed(updated, "extend").with_changes(args=[cst.Arg(cst.List(elements))])


def _added(script: Script, node: cst.AugAssign, owner: frozenset[Kind]) -> None:
    """`sequence += command` took a command as well as a list; `append` does."""
    if Kind.SEQUENCE not in owner or not isinstance(node.operator, cst.AddAssign):
        return
    if owner != _SEQUENCE:
        script.report(node, "this may be a list or a CommandSequence: give it one name for each", "commands")
        return

    def appended(updated: cst.AugAssign) -> cst.CSTNode:
        call = cst.Call(attribute(updated.target, "append"), [cst.Arg(updated.value)])
        return cst.Expr(call, semicolon=updated.semicolon)

    script.edits.add("commands", node, appended)
