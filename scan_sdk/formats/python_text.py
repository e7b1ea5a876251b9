"""Commands as Python source, which is read without being run."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from scan_sdk._registry import COMMANDS
from scan_sdk.errors import InvalidCommands
from scan_sdk.formats.places import decoded, first_fault
from scan_sdk.models import Comparison, TextSource, tree
from scan_sdk.models.base import CommandModel, positions_of
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from scan_sdk.models import Command

__all__ = ["read_python", "write_python"]

_SEQUENCE: Final = CommandSequence.__name__
_PACKAGE: Final = "scan_sdk"
_WANTED: Final = (
    "this file is read without being run: it may import from scan_sdk, and build one CommandSequence from "
    "commands with plain numbers and texts"
)


def write_python(commands: CommandSequence) -> str:
    """Return a module that builds the commands as `commands`."""
    names = {_PACKAGE: {_SEQUENCE}}
    commands = CommandSequence(tree.rebuilt(commands, _of_registered_class))
    for _, command in commands.walk():
        cls = type(command)
        names.setdefault(_module_of(cls), set()).add(cls.__name__)
    imports = [f"from {module} import {', '.join(sorted(names[module]))}\n" for module in sorted(names)]
    return f"{''.join(imports)}\ncommands = {commands.format()}\n"


def _module_of(cls: type) -> str:
    """Return the module that people import a class of commands from."""
    return _PACKAGE if cls.__module__.partition(".")[0] == _PACKAGE else cls.__module__


def _of_registered_class(command: Command, body: tuple[Command, ...]) -> Command:
    """Return a command, where its class is a subclass of a registered one as one of that."""
    values = {**command.__dict__, "body": body} if body else command.__dict__
    cls = COMMANDS.get(str(values["command"]))
    if cls is None or (cls is type(command) and body == tree.body_of(command)):
        return command
    return cast("type[CommandModel]", cls).model_construct(command.__pydantic_fields_set__, **values)


def _classes() -> dict[str, type[CommandModel]]:
    """Return the classes of commands by their names."""
    return {cls.__name__: cls for _, cls in COMMANDS.items()}


def read_python(document: str | bytes, source: str) -> CommandSequence:
    """Read what `write_python` wrote, also when people have changed it; nothing of it is run.

    Raises:
        InvalidCommands: It is not Python, or holds more than imports and a `CommandSequence` or a list of
            commands with literals; with line and column.
    """
    text = decoded(document, source)
    return _SourceReader(text, source).read()


class _SourceReader:
    """Evaluates literals and the constructors of commands in Python source, and refuses all else."""

    def __init__(self, text: str, source: str) -> None:
        self._classes = _classes()
        self._text = text
        self._lines = text.split("\n")
        self._source = source

    def read(self) -> CommandSequence:
        found: ast.expr | None = None
        for number, statement in enumerate(self._parse().body):
            if self._may_stand(statement, first=not number):
                continue
            value = self._value_of(statement)
            if found is not None:
                raise self._error(statement, "a second list of commands: leave one in a file")
            found = value
        if found is None:
            raise InvalidCommands(f"there is no {_SEQUENCE}(...) in this file", source=self._source)
        built = self._evaluate(found)
        if isinstance(built, list):
            built = self._build(found, CommandSequence, [cast("object", built)], {})
        if not isinstance(built, CommandSequence):
            raise self._error(found, _WANTED)
        return built

    def _parse(self) -> ast.Module:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of escapes that a later Python may refuse
                return ast.parse(self._text)
        except SyntaxError as error:
            line, column = error.lineno or 0, error.offset or 0
            reason = f"not Python: {error.msg}"
            raise InvalidCommands(reason, source=self._source, line=line, column=max(column, 1)) from None
        except (ValueError, RecursionError, MemoryError) as error:
            reason = f"not Python: {error or 'nested too deep'}"
            raise InvalidCommands(reason, source=self._source) from None

    def _may_stand(self, statement: ast.stmt, *, first: bool) -> bool:
        """Return whether a statement is an import of ours, or the docstring."""
        match statement:
            case ast.ImportFrom(module=str() as module, names=names, level=0) if self._may_import(module):
                for name in names:
                    if name.asname is not None or name.name == "*":
                        raise self._error(statement, "import the commands by their names")
                return True
            case ast.Expr(value=ast.Constant(value=str())):
                return first
            case _:
                return False

    def _may_import(self, module: str) -> bool:
        """Return whether commands may be from a module, which is not imported."""
        return module in {_PACKAGE, "__future__"} or module in map(_module_of, self._classes.values())

    def _value_of(self, statement: ast.stmt) -> ast.expr:
        match statement:
            case ast.Assign(targets=[ast.Name()], value=value):
                return value
            case ast.AnnAssign(target=ast.Name(), value=ast.expr() as value):
                return value
            case ast.Expr(value=value):
                return value
            case _:
                raise self._error(statement, _WANTED)

    def _evaluate(self, node: ast.expr) -> object:  # noqa: PLR0911  # a line for each kind of literal
        match node:
            case ast.Constant(value=str() | bool() | int() | float() | None as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
                return -value
            case ast.UnaryOp(op=ast.UAdd(), operand=ast.Constant(value=int() | float() as value)):
                return value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self._evaluate(item) for item in items]
            case ast.Dict(keys=keys, values=values):
                return {
                    self._key(node, key): self._evaluate(value)
                    for key, value in zip(keys, values, strict=True)
                }
            case ast.Attribute(value=ast.Name(id="Comparison"), attr=name) if name in Comparison.__members__:
                return Comparison(name)
            case ast.Call(func=ast.Name(id=name)):
                return self._call(node, name)
            case _:
                raise self._error(node, _WANTED)

    def _key(self, node: ast.Dict, key: ast.expr | None) -> object:
        if not isinstance(key, ast.Constant):
            raise self._error(key or node, "the name of a macro is a plain text")
        return key.value

    def _call(self, node: ast.Call, name: str) -> object:
        cls = CommandSequence if name == _SEQUENCE else self._classes.get(name)
        if cls is None:
            raise self._error(node, f"{name}(...) is no command; {_WANTED}")
        keywords: dict[str, object] = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise self._error(keyword.value, _WANTED)
            keywords[keyword.arg] = self._evaluate(keyword.value)
        return self._build(node, cls, [self._evaluate(item) for item in node.args], keywords)

    def _build(
        self,
        node: ast.expr,
        cls: Callable[..., object],
        arguments: Iterable[object],
        keywords: dict[str, object],
    ) -> object:
        try:
            built = cls(*arguments, **keywords)
        except ValidationError as error:
            fault = first_fault(error)
            raise self._error(self._culprit(node, fault.path), fault.reason) from None
        except (TypeError, OverflowError) as error:
            raise self._error(node, str(error)) from None
        if isinstance(built, CommandModel):
            object.__setattr__(built, "source", self._place(node))  # frozen, and no part of its value
        return built

    def _place(self, node: ast.expr | ast.stmt) -> TextSource:
        line = self._lines[node.lineno - 1]
        if not line.isascii():  # columns are counted in bytes
            column = len(line.encode()[: node.col_offset].decode(errors="ignore"))
            return TextSource(self._source, node.lineno, column + 1)
        return TextSource(self._source, node.lineno, node.col_offset + 1)

    def _error(self, node: ast.expr | ast.stmt, reason: str) -> InvalidCommands:
        place = self._place(node)
        return InvalidCommands(reason, source=place.file, line=place.line, column=place.column)

    def _culprit(self, node: ast.expr, place: tuple[int | str, ...]) -> ast.expr:
        """Return the argument that an error is about, or the whole call."""
        if not isinstance(node, ast.Call) or not place:
            return node
        named = [keyword.value for keyword in node.keywords if keyword.arg == place[0]]
        if named:
            return named[0]
        cls = self._classes.get(node.func.id) if isinstance(node.func, ast.Name) else None
        positions = positions_of(cls) if cls is not None else ()
        if place[0] in positions and (index := positions.index(str(place[0]))) < len(node.args):
            return node.args[index]
        return node
