"""Commands: what the old constructors take, as the new ones take it."""

from __future__ import annotations

import difflib
import re
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Final

import libcst as cst

from scan_sdk import models, pyscan
from scan_sdk.models.base import positions_of, takes_more
from scan_sdk.pyscan.migration.edits import (
    Arguments,
    keyword,
    literal,
    or_else,
    parsed,
    renamed,
    tidied,
)
from scan_sdk.pyscan.migration.kinds import Kind
from scan_sdk.pyscan.migration.names import COMMANDS, places_of
from scan_sdk.pyscan.migration.shapes import is_annotation, is_called, is_compared_with

if TYPE_CHECKING:
    from scan_sdk.models.base import CommandModel
    from scan_sdk.pyscan.migration.script import Script


class _Signature:
    """What one of the old constructors takes.

    Attributes:
        places: Parameters in their order.
        kept: How many of them may be given by place in the new constructor.
        options: Parameters that are given by name only.
        open: Whether further arguments by place are taken.
    """

    def __init__(self, name: str) -> None:
        old, new = getattr(pyscan, name), getattr(models, name, None)
        kinds = {item.name: item.kind for item in signature(old).parameters.values()}
        self.places: tuple[str, ...] = places_of(old)
        self.kept: int = 0 if new is None else _kept(new)
        self.options: tuple[str, ...] = tuple(
            option for option, kind in kinds.items() if kind is Parameter.KEYWORD_ONLY
        )
        self.open: bool = Parameter.VAR_POSITIONAL in kinds.values()


def _kept(new: type[CommandModel]) -> int:
    return len(positions_of(new)) + takes_more(new)


_SIGNATURES: Final = {name: _Signature(name) for name in COMMANDS}
_RENAMED: Final = {
    "auto": "automatic",
    "errHandler": "error_handler",
    "errhandler": "error_handler",
    "scan": "scan_file",
    "script": "path",
}
_NO_VALUES: Final = (bool, type(None), list, tuple, dict, set)
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")


def modernise_commands(script: Script) -> None:
    """Collect what makes the commands of a script modern ones, and what stands against it."""
    for use, name in script.uses():
        if name in COMMANDS:
            _use(script, use, name)
        elif name == "Command" and not is_annotation(script, use):
            script.report(use, "'Command' is no class any more: compare with the commands' own", "commands")


def _use(script: Script, node: cst.CSTNode, name: str) -> None:
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
    try:
        constructor = _ConstructorCall(script, name, call)
        constructor.check()
    except ValueError as refusal:
        script.report(node, str(refusal), "commands")
        return
    constructor.remark(node)

    def change(updated: cst.Call) -> cst.CSTNode:
        return constructor.rebuilt(updated)

    script.edits.add("commands", call, change)


class _ConstructorCall:
    """One call of a constructor: what its literals say, and what it becomes."""

    def __init__(self, script: Script, name: str, call: cst.Call) -> None:
        self._script = script
        self._name = name
        self._signature = _SIGNATURES[name]
        self._given = Arguments(call, self._signature.places)

    def check(self) -> None:
        """See that the new constructor takes what is given, as far as it shows.

        Raises:
            ValueError: It does not; what to do is said.
        """
        given, name = self._given, self._name
        known = {*self._signature.places, *self._signature.options}
        for option in given.named.keys() - known:
            near = difflib.get_close_matches(option, known, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise ValueError(
                f"{name} has no option '{option}', and the old client took no notice of it{hint}"
            )
        if given.rest and not self._signature.open:
            raise ValueError(f"{name} takes no more than {len(self._signature.places)} arguments")
        if name in {"Set", "Wait", "If"} and isinstance(literal(given.value("value")), _NO_VALUES):
            raise ValueError("the value is no number and no text: say which text or number is meant")
        if name == "Set" and "readback_value" in given.named and not self._reads_back():
            raise ValueError("readback_value= was not looked at without readback=: leave it out, or add that")
        if name == "Log" and "devices" not in given.named and not given.rest:
            raise ValueError("Log() without devices is refused by the server: leave it out")
        if name == "Script" and any(isinstance(literal(item.value), _NO_VALUES[:2]) for item in given.rest):
            raise ValueError("arguments of a script are texts and numbers: write str(...)")
        if name == "ConfigLog" and literal(given.value("auto")) not in (True, False, ...):
            raise ValueError("give True or False")
        if name == "Loop":
            self._check_step(given.value("step"))

    def _check_step(self, step: cst.BaseExpression | None) -> None:
        if literal(step) == 0:
            raise ValueError("step 0 was taken for 1 by the server: give the step that is meant")
        may_repeat = literal(step) is not ... or isinstance(step, cst.Name | cst.Attribute | None)
        if self._reads_back() and not self._says_tolerance() and not may_repeat:
            raise ValueError("the tolerance was a tenth of the step: say so with tolerance=")

    def remark(self, node: cst.CSTNode) -> None:
        """Say what the old command did that may not have been meant."""
        given = self._given
        if self._name == "Wait" and self._script.constant(given.value("tolerance")) == 0:
            self._script.remark(
                node,
                "tolerance=0 was never sent, and the server took 0.1; add it again where 0 is meant",
                "commands",
            )
        if self._name == "Script" and "errhandler" in given.named:
            self._script.remark(
                node, "the old client took no notice of errhandler= here; now it counts", "commands"
            )
        if self._name == "Script" and len(given.rest) == 1 and isinstance(literal(given.rest[0].value), str):
            self._script.remark(
                node, "the old client sent each letter as an argument; now the text is one", "commands"
            )

    def rebuilt(self, call: cst.Call) -> cst.Call:
        """Return the call of the new constructor, with the arguments as they have become."""
        signature = self._signature
        arguments = Arguments(call, signature.places)
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
        return call if rebuilt == list(call.args) else tidied(call, rebuilt)

    def _value(  # noqa: PLR0911  # a case for each kind of parameter
        self, name: str, value: cst.BaseExpression
    ) -> cst.BaseExpression | None:
        """Return what a parameter is given now; None to leave it out."""
        plain = literal(self._given.value(name))
        if plain is None:
            return None  # the default in every case
        if name in {"errhandler", "errHandler", "macros"}:
            given = self._given.value(name)
            is_text = given is not None and self._script.kinds.of(given) <= {Kind.TEXT, Kind.OTHER}
            return value if is_text or isinstance(plain, str) else or_else(value, '""')
        if name in {"readback", "readback_value"} and plain == "":
            return None
        if name in {"completion", "readback", "auto"} and isinstance(plain, int):
            return value if isinstance(plain, bool) else cst.Name(str(bool(plain)))
        if name == "value" and self._name in {"Wait", "If"} and isinstance(plain, str):
            return unquoted(plain, value, self._script.module)
        if name == "tolerance" and self._name == "Wait":
            return tolerance_of_wait(self._script.constant(self._given.value(name)), value)
        return value

    def _added(self) -> list[cst.Arg]:
        """Return what the old constructor did by default, and the new one does otherwise."""
        given = self._given
        if self._name == "Comment" and "text" not in given.named:
            return [cst.Arg(cst.SimpleString('"This is an example comment."'))]
        if self._name == "Script" and "script" not in given.named:
            return [cst.Arg(cst.SimpleString('"the_script.py"'))]
        if self._name not in {"Set", "Loop"} or not self._reads_back() or self._says_tolerance():
            return []
        if self._name == "Set":
            return [keyword("tolerance", cst.Integer("0"))]
        step = given.value("step")
        plain = literal(step)
        if isinstance(plain, int | float):
            return [keyword("tolerance", parsed(repr(abs(plain) / 10.0), self._script.module))]
        code = "" if step is None else self._script.module.code_for_node(step)
        return [keyword("tolerance", parsed(f"abs({code}) / 10", self._script.module))]

    def _says_tolerance(self) -> bool:
        given = self._given.value("tolerance")
        return given is not None and literal(given) is not None

    def _reads_back(self) -> bool:
        """Tell whether a readback may be compared."""
        value = self._given.value("readback")
        return value is not None and (literal(value) is ... or bool(literal(value)))


def unquoted(text: str, value: cst.BaseExpression, module: cst.Module) -> cst.BaseExpression:
    """Return a value to compare with, as the server took it: without quotes a number may be one."""
    if _NUMBER.fullmatch(text):
        return parsed(text.strip(), module)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return cst.SimpleString(repr(text[1:-1]))
    return value


def tolerance_of_wait(plain: object, value: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return the tolerance of a wait: 0 was never sent, and the server took 0.1; None to leave it out.

    Args:
        plain: What is given, `...` where that does not show.
        value: The expression that gives it.
    """
    if plain is ...:
        return or_else(value, "0.1")
    return None if plain == 0 else value


def _unpacked(arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Return the arguments of a script with a list of them laid out."""
    unpacked: list[cst.Arg] = []
    for argument in arguments:
        listed = argument.keyword is None and isinstance(argument.value, cst.List | cst.Tuple)
        if listed and isinstance(argument.value, cst.List | cst.Tuple) and argument.value.elements:
            for element in argument.value.elements:
                starred = isinstance(element, cst.StarredElement)
                unpacked.append(cst.Arg(element.value, star="*" if starred else ""))
            if isinstance(argument.comma, cst.Comma):
                unpacked[-1] = unpacked[-1].with_changes(comma=argument.comma)
        else:
            unpacked.append(argument)
    return unpacked
