"""Commands: what the old constructors take, as the new ones take it."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import libcst as cst

from scan_sdk.pyscan.migration.edits import (
    Arguments,
    attribute,
    keyword,
    literal,
    or_empty,
    parsed,
    renamed,
    tidied,
)
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.names import COMMAND_METHODS, COMMANDS

if TYPE_CHECKING:
    from scan_sdk.pyscan.migration.edits import Edits
    from scan_sdk.pyscan.migration.kinds import Kinds
    from scan_sdk.pyscan.migration.script import Script

__all__ = ["modernise_commands"]


class _Signature(NamedTuple):
    """What one of the old constructors takes.

    Attributes:
        places: Parameters in their order.
        kept: How many of them may be given by place in the new constructor.
        options: Parameters that are given by name only.
        open: Whether further arguments by place are taken.
    """

    places: tuple[str, ...]
    kept: int
    options: tuple[str, ...] = ()
    open: bool = False


_MOVING = ("completion", "readback", "tolerance", "timeout", "errhandler")
_SIGNATURES: Final = {
    "Comment": _Signature(("text",), 1),
    "CommandSequence": _Signature((), 0, open=True),
    "ConfigLog": _Signature(("auto", "errhandler"), 1),
    "Delay": _Signature(("seconds", "errhandler"), 1),
    "If": _Signature(("device", "comparison", "value", "body"), 4, ("tolerance", "errhandler"), open=True),
    "Include": _Signature(("scan", "macros", "errhandler"), 2),
    "Log": _Signature(("devices",), 1, ("errhandler",), open=True),
    "Loop": _Signature(("device", "start", "end", "step", "body"), 5, _MOVING, open=True),
    "Parallel": _Signature(("body",), 1, ("timeout", "errhandler"), open=True),
    "Script": _Signature(("script",), 1, ("errHandler", "errhandler"), open=True),
    "Sequence": _Signature(("body",), 1, ("errhandler",), open=True),
    "Set": _Signature(
        ("device", "value", "completion", "readback", "readback_value", "tolerance", "timeout", "errhandler"),
        2,
    ),
    "Wait": _Signature(("device", "value", "comparison", "tolerance", "timeout", "errhandler"), 3),
}
_RENAMED: Final = {
    "auto": "automatic",
    "errHandler": "error_handler",
    "errhandler": "error_handler",
    "scan": "scan_file",
    "script": "path",
}
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
_SEQUENCE_METHODS = frozenset(
    "append clear count extend format genSCN index insert pop remove reverse".split()
)
_LIST_METHODS = frozenset({"append", "copy", "sort"})


def modernise_commands(script: Script, kinds: Kinds, edits: Edits) -> None:
    """Collect what makes the commands of a script modern ones, and what stands against it."""
    for node, name in script.uses():
        if name in COMMANDS:
            _use(script, kinds, edits, node, name)
        elif name == "Command" and not is_annotation(script, node):
            script.report(node, "'Command' is no class any more: compare with the commands' own", "commands")
    for node in script.nodes:
        if isinstance(node, cst.Attribute):
            _method(script, kinds, edits, node)
        elif isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name | cst.Attribute):
            _added(script, kinds, edits, node)
        elif isinstance(node, cst.BinaryOperation) and Kind.SEQUENCE in kinds.of(node.right):
            if isinstance(node.operator, cst.Add) and kinds.of(node.left) != {Kind.SEQUENCE}:
                script.report(
                    node, "a CommandSequence is no list: write CommandSequence(first, second)", "commands"
                )


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


def _use(script: Script, kinds: Kinds, edits: Edits, node: cst.CSTNode, name: str) -> None:
    call = is_called(script, node)
    if call is None:
        if not is_annotation(script, node) and not is_compared_with(script, node):
            script.report(
                node,
                f"'{name}' is not called here, so what it will be called with does not show: "
                "write the calls out",
                "commands",
            )
        return
    signature = _SIGNATURES[name]
    try:
        arguments = Arguments(call, signature.places)
        known = {*signature.places, *signature.options}
        for given in arguments.named:
            if given not in known:
                near = difflib.get_close_matches(given, known, n=1)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                raise ValueError(f"{name} has no option '{given}', and the old client took no notice{hint}")
        if arguments.rest and not signature.open:
            raise ValueError(f"{name} takes no more than {len(signature.places)} arguments")
        _Constructor(script, kinds, name, arguments).check()
    except ValueError as refusal:
        script.report(node, str(refusal), "commands")
        return

    def change(updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        constructor = _Constructor(script, kinds, name, Arguments(call, signature.places))
        return constructor.rebuilt(updated, Arguments(updated, signature.places))

    edits.add("commands", call, change)


class _Constructor:
    """One call of a constructor: what its literals say, and what it becomes."""

    def __init__(self, script: Script, kinds: Kinds, name: str, arguments: Arguments) -> None:
        self._script = script
        self._kinds = kinds
        self._name = name
        self._given = arguments

    def check(self) -> None:
        """See that the new constructor takes what is given, as far as it shows.

        Raises:
            ValueError: It does not; what to do is said.
        """
        given, name = self._given, self._name
        if name in {"Set", "Wait", "If"} and isinstance(
            literal(given.value("value")), bool | list | tuple | dict | set | None
        ):
            raise ValueError("the value is no number and no text: say which text or number is meant")
        if name == "Loop" and literal(given.value("step")) == 0:
            raise ValueError("step 0 was taken for 1 by the server: give the step that is meant")
        if name == "Loop" and self._reads_back() and "tolerance" not in given.named:
            step = given.value("step")
            if step is not None and literal(step) is ... and not isinstance(step, cst.Name | cst.Attribute):
                raise ValueError("the tolerance was a tenth of the step: say so with tolerance=")
        if name == "Set" and "readback_value" in given.named and not self._reads_back():
            raise ValueError("readback_value= was not looked at without readback=: leave it out, or add that")
        if name == "Log" and not given.named.keys() & {"devices"} and not given.rest:
            raise ValueError("Log() without devices is refused by the server: leave it out")
        if name == "Script":
            for argument in [*given.rest]:
                if isinstance(literal(argument.value), bool | dict | None):
                    raise ValueError("arguments of a script are texts and numbers: write str(...)")
        if name == "ConfigLog" and literal(given.value("auto")) not in {True, False, ...}:
            raise ValueError("give True or False")

    def rebuilt(self, call: cst.Call, arguments: Arguments) -> cst.Call:
        """Return the call of the new constructor, with the arguments as they have become."""
        signature = _SIGNATURES[self._name]
        rebuilt: list[cst.Arg] = []
        for argument in call.args:
            name = next((key for key, known in arguments.named.items() if known is argument), "")
            if not name:
                rebuilt.append(argument)
                continue
            by_place = argument.keyword is None
            value = self._value(name, argument.value)
            if value is None:
                continue
            changed = argument.with_changes(value=value)
            place = signature.places.index(name) if name in signature.places else len(signature.places)
            if name == "devices" and not by_place:
                changed = changed.with_changes(keyword=None, equal=cst.MaybeSentinel.DEFAULT)
                rebuilt.insert(0, changed)
            elif not by_place or place >= signature.kept:
                rebuilt.append(renamed(changed, _RENAMED.get(name, name)))
            else:
                rebuilt.append(changed)
        rebuilt += self._added()
        if self._name == "Script" and len(self._given.rest) == 1:
            rebuilt = _unpacked(rebuilt)
        if [*rebuilt] == [*call.args]:
            return call
        return tidied(call, rebuilt)

    def _value(self, name: str, value: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return what a parameter is given now; None to leave it out."""
        plain = literal(self._given.value(name))
        if plain is None:
            return None  # the default in every case
        if name in {"errhandler", "errHandler", "macros"}:
            given = self._given.value(name)
            is_text = given is not None and self._kinds.of(given) <= {Kind.TEXT}
            return or_empty(value, is_text=is_text or isinstance(plain, str))
        if name in {"readback", "readback_value"} and plain == "":
            return None
        if name in {"completion", "readback", "auto"} and isinstance(plain, int):
            return value if isinstance(plain, bool) else cst.Name(str(bool(plain)))
        if name == "value" and self._name in {"Wait", "If"} and isinstance(plain, str):
            return self._unquoted(plain, value)
        if name == "tolerance" and self._name == "Wait" and plain == 0:
            return None
        return value

    def _unquoted(self, text: str, value: cst.BaseExpression) -> cst.BaseExpression:
        """Return a value to compare with, as the server took it: without quotes a number may be one."""
        if _NUMBER.fullmatch(text):
            return parsed(text.strip(), self._script.module)
        if len(text) > 1 and text[0] == text[-1] == '"':
            return cst.SimpleString(repr(text[1:-1]))
        return value

    def _added(self) -> list[cst.Arg]:
        """Return what the old constructor did by default, and the new one does otherwise."""
        given = self._given
        if self._name == "Comment" and "text" not in given.named:
            return [cst.Arg(cst.SimpleString('"This is an example comment."'))]
        if self._name == "Script" and "script" not in given.named:
            return [cst.Arg(cst.SimpleString('"the_script.py"'))]
        if self._name not in {"Set", "Loop"} or not self._reads_back() or "tolerance" in given.named:
            return []
        if self._name == "Set":
            return [keyword("tolerance", cst.Integer("0"))]
        step = given.value("step")
        plain = literal(step)
        if isinstance(plain, int | float):
            return [keyword("tolerance", parsed(repr(abs(plain) / 10.0), self._script.module))]
        code = "" if step is None else self._script.module.code_for_node(step)
        return [keyword("tolerance", parsed(f"abs({code}) / 10", self._script.module))]

    def _reads_back(self) -> bool:
        """Tell whether a readback may be compared."""
        value = self._given.value("readback")
        return value is not None and (literal(value) is ... or bool(literal(value)))


def _unpacked(arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Return the arguments of a script with a list of them laid out."""
    unpacked: list[cst.Arg] = []
    for argument in arguments:
        listed = argument.keyword is None and isinstance(argument.value, cst.List | cst.Tuple)
        if listed and isinstance(argument.value, cst.List | cst.Tuple) and argument.value.elements:
            for element in argument.value.elements:
                star = "*" if isinstance(element, cst.StarredElement) else ""
                unpacked.append(cst.Arg(element.value, star=star))
            if isinstance(argument.comma, cst.Comma):
                unpacked[-1] = unpacked[-1].with_changes(comma=argument.comma)
        else:
            unpacked.append(argument)
    return unpacked


def _method(script: Script, kinds: Kinds, edits: Edits, node: cst.Attribute) -> None:
    name, owner = node.attr.value, kinds.of(node.value)
    if name in COMMAND_METHODS and not (name == "genSCN" and owner == {Kind.SEQUENCE}):
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
    if owner != {Kind.SEQUENCE} and name in _LIST_METHODS:
        script.report(
            node.attr, "this may be a list or a CommandSequence: give it one name for each", "commands"
        )
    elif name not in _SEQUENCE_METHODS or call is None:
        script.report(node.attr, f"CommandSequence has no {name} any more", "commands")
    elif name == "genSCN":
        _gen_scn(script, edits, call)
    elif name == "append" and len(call.args) != 1:
        edits.add("commands", call, _extend)


def _gen_scn(script: Script, edits: Edits, call: cst.Call) -> None:
    """The document was bytes; where it is decoded at once, it is text now."""
    outer = script.parent(call)
    decoded = (
        is_called(script, outer)
        if isinstance(outer, cst.Attribute) and outer.attr.value == "decode"
        else None
    )

    def text(updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        return updated.with_changes(func=updated.func.with_changes(attr=cst.Name("to_xml")))

    edits.add("commands", call, text)
    if decoded is None:
        edits.add("commands", call, lambda updated: cst.Call(attribute(_expression(updated), "encode")))
        return

    def undecoded(updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.Call)
        assert isinstance(updated.func, cst.Attribute)
        inner = updated.func.value  # to_xml().encode()
        assert isinstance(inner, cst.Call)
        assert isinstance(inner.func, cst.Attribute)
        return inner.func.value

    edits.add("commands", call, lambda updated: cst.Call(attribute(_expression(updated), "encode")))
    edits.add("commands", decoded, undecoded)


def _expression(node: cst.CSTNode) -> cst.BaseExpression:
    assert isinstance(node, cst.BaseExpression)
    return node


def _extend(updated: cst.CSTNode) -> cst.CSTNode:
    assert isinstance(updated, cst.Call)
    assert isinstance(updated.func, cst.Attribute)
    elements = [cst.StarredElement(arg.value) if arg.star else cst.Element(arg.value) for arg in updated.args]
    return updated.with_changes(
        func=updated.func.with_changes(attr=cst.Name("extend")), args=[cst.Arg(cst.List(elements))]
    )


def _added(script: Script, kinds: Kinds, edits: Edits, node: cst.AugAssign) -> None:
    """`sequence += command` took a command as well as a list; `append` does."""
    target = node.target
    owner = _written(script, kinds, target)
    if Kind.SEQUENCE not in owner or not isinstance(node.operator, cst.AddAssign):
        return
    if owner != {Kind.SEQUENCE}:
        script.report(node, "this may be a list or a CommandSequence: give it one name for each", "commands")
        return

    def appended(updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.AugAssign)
        call = cst.Call(attribute(updated.target, "append"), [cst.Arg(updated.value)])
        return cst.Expr(call, semicolon=updated.semicolon)

    edits.add("commands", node, appended)


def _written(script: Script, kinds: Kinds, target: cst.BaseAssignTargetExpression) -> frozenset[Kind]:
    """Return what a variable is before something is added to it."""
    assert isinstance(target, cst.Name | cst.Attribute)
    return kinds.of(target)
