"""Shows what autodoc cannot find by itself: the constructors of commands, and the fields of models.

What is written in Python shares one constructor at run time; each class declares its own in the source.
pydantic knows the types and the texts of fields.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel

import scan_sdk
from scan_sdk.models.base import CommandModel
from scan_sdk.models.commands import COMMANDS

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PUBLIC = [getattr(scan_sdk, name) for name in scan_sdk.__all__]
MODELS = [item for item in PUBLIC if isinstance(item, type) and issubclass(item, BaseModel)]
FIELDS = {name for model in MODELS for name in model.model_fields}
ANY_COMMAND = re.compile(r"~types\.Annotated\[.*?\)\]")


def signature(
    _app: Sphinx, what: str, _name: str, obj: object, _options: object, given: str | None, returns: str | None
) -> tuple[str | None, str | None] | None:
    """Return the signature of a model as its source has it; where it has none, nor do enumerations."""
    if what == "function" and returns is not None:
        return given, ANY_COMMAND.sub("Command", returns)
    if what != "class" or not isinstance(obj, type):
        return None
    if issubclass(obj, BaseModel):
        [source] = ast.parse(textwrap.dedent(inspect.getsource(obj))).body
        for node in ast.walk(source):
            if isinstance(node, ast.FunctionDef) and node.name == "__init__":
                del node.args.args[0]
                return f"({ast.unparse(node.args)})", None
    return ("", None) if issubclass(obj, BaseModel | Enum) else None


def docstring(_app: Sphinx, what: str, _name: str, obj: object, _options: object, lines: list[str]) -> None:
    """Prepare a docstring before napoleon reads it: add the fields of models; a colon of a member is text."""
    if what == "class" and obj in MODELS:
        assert isinstance(obj, type)
        assert issubclass(obj, BaseModel)
        lines += ["", "Attributes:"]
        for name, field in obj.model_fields.items():
            if name != "command" or not issubclass(obj, CommandModel):
                description = " ".join((field.description or "").split())
                lines.append(f"    {name} ({describe(field.annotation)}): {description}")
        lines.append("")
    elif what in {"attribute", "property"} and lines:
        lines[0] = f": {lines[0]}"  # what stands before the first colon is taken for a type


def describe(annotation: object) -> str:
    """Return a type as people read it, without constraints."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return describe(arguments[0]) if type(None) not in get_args(arguments[0]) else "Command"
    if origin in {Union, types.UnionType}:
        if set(COMMANDS) <= set(arguments):
            return "Command"
        return " | ".join(dict.fromkeys(describe(argument) for argument in arguments))
    if origin is Literal:
        return repr(arguments[0]) if len(arguments) == 1 else "str"  # the choices stand in the text
    if origin is tuple:
        return f"tuple[{', '.join('...' if item is ... else describe(item) for item in arguments)}]"
    name = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    name = "NDArray" if name.startswith("numpy.ndarray") else name
    shown = {"NoneType": "None", "AwareDatetime": "datetime", "CommandModel": "Command"}
    return shown.get(name, name)


def skip(_app: Sphinx, _what: str, name: str, obj: object, _skip: bool, _options: object) -> bool | None:
    """Leave out what `docstring` has listed."""
    listed = name in FIELDS and not callable(obj) and not isinstance(obj, property)
    return True if listed else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Register all this with Sphinx."""
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-process-docstring", docstring, priority=400)
    app.connect("autodoc-skip-member", skip)
    return {"parallel_read_safe": True}
