"""What the generated models are made of: their base classes, and the annotations of their fields."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, update_wrapper
from operator import itemgetter
from types import FunctionType
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, SupportsFloat, TypeVar, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

from scan_sdk._registry import COMMANDS

if TYPE_CHECKING:
    from typing import Self

    from scan_sdk.models.source import Source

MACRO_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.\-\[\]]*")
"""What a macro may be called, as a whole."""

Kind = Literal[
    "text",
    "number",
    "value",
    "boolean",
    "enum",
    "integer",
    "time",
    "duration",
    "paths",
    "list",
    "body",
    "models",
]


class XmlField(NamedTuple):
    """How one attribute of a model stands in XML.

    Attributes:
        attribute: Name in Python.
        tag: Name of the element.
        kind: How its text is read and written.
        default: Value taken where the element is missing; None where it must be there, or None is meant.
        omit: Whether it is left out in writing when it has its default.
        item: Name of the repeated element, for the kind `list`.
        patch: What the server's `patch` calls it, where that is not the name of the element.
    """

    attribute: str
    tag: str
    kind: Kind
    default: object = None
    omit: bool = False
    item: str = ""
    patch: str = ""


class Explain:
    """Replaces pydantic's message for a field by one that says what to give instead.

    It costs nothing where the value fits, as the replacement happens inside pydantic's core.
    """

    def __init__(self, code: str, hint: str) -> None:
        """Name the error's code and its text."""
        self._code = code
        self._hint = hint

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.custom_error_schema(
            handler(source),
            custom_error_type=self._code,
            custom_error_message="{advice}",
            custom_error_context={"advice": self._hint},
        )


class Numeric:
    """Takes ints and floats as they are, and other real numbers such as numpy's through `float()`.

    Booleans and texts are refused, which pydantic's own lax mode would turn into numbers (trap 19).
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        exact = handler(source)
        # pydantic's strict float asks anything for `__float__`, also booleans of numpy and complex numbers
        native = core_schema.chain_schema([core_schema.is_instance_schema((int, float)), exact])
        foreign = core_schema.chain_schema([core_schema.no_info_plain_validator_function(_to_float), exact])
        either = core_schema.union_schema([native, foreign], mode="left_to_right")
        return core_schema.json_or_python_schema(json_schema=exact, python_schema=either)


def _to_float(value: object) -> float:
    kind = getattr(getattr(value, "dtype", None), "kind", "f")  # of what numpy calls a scalar or an array
    single = kind in {"i", "u", "f"} and not getattr(value, "shape", ())
    if not single or isinstance(value, bool | complex) or not isinstance(value, SupportsFloat):
        raise PydanticCustomError("number", "not a number")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise PydanticCustomError("number", "not a number") from error


class Model(BaseModel):
    """A frozen value that knows how it stands in XML; unknown names are refused."""

    # What validates is made when it is first needed: nobody uses all models
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, ser_json_inf_nan="strings"
    )

    _XML_FIELDS: ClassVar[tuple[XmlField, ...]] = ()


_AnyCommand = TypeVar("_AnyCommand", bound="CommandModel")
_Constructor = TypeVar("_Constructor", bound=Callable[..., None])


class PositionalModel(Model):
    """A model that people write in Python: positional arguments, and a `repr` that is Python."""

    _POSITIONAL: ClassVar[tuple[str, ...]] = ()
    """Fields that positional arguments fill, in order."""
    _TRAILING: ClassVar[str | None] = None
    """The field that takes all further positional arguments."""

    if not TYPE_CHECKING:  # each model declares its own signature for editors and type checkers

        def __init__(self, /, *args: object, **fields: object) -> None:
            for name, value in zip(self._POSITIONAL, args, strict=False):
                if name in fields:
                    raise TypeError(f"{type(self).__name__}() got multiple values for argument '{name}'")
                fields[name] = value
            trailing = args[len(self._POSITIONAL) :]
            if trailing or self._TRAILING in fields:
                self._trail(trailing, fields)
            self._arrange(fields)
            try:
                self.__pydantic_validator__.validate_python(fields, self_instance=self)
            except ValidationError as error:
                raise instructive(type(self).__name__, type(self).model_fields, error) from None

    @classmethod
    def _trail(cls, trailing: tuple[object, ...], fields: dict[str, object]) -> None:
        """Lay out what stands behind the named positions, and what is given by keyword, as one field."""
        if cls._TRAILING is None:
            wanted = ", ".join(cls._POSITIONAL)
            count = len(cls._POSITIONAL)
            raise TypeError(
                f"{cls.__name__}() takes {count} positional arguments ({wanted}), got {count + len(trailing)}"
            )
        named = fields.get(cls._TRAILING)
        fields[cls._TRAILING] = flatten(trailing if named is None else (trailing, named))

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> None:
        """Translate what people write into the fields; overridden where the two differ."""

    def _source_fields(self) -> dict[str, object]:
        """The keyword arguments that build this model, apart from those at their default."""
        values = self.__dict__
        fields = type(self).model_fields
        return {
            name: values[name]
            for name, field in fields.items()
            if name != "command" and (field.is_required() or values[name] != field.default)
        }

    def keywords(self) -> dict[str, object]:
        """Return the arguments that build an equal model, as people write them; none at its default."""
        return self._source_fields()

    def __repr__(self) -> str:
        return "".join(self.source_parts())

    __str__ = __repr__

    def source_parts(self, indent: str | None = None) -> Iterable[str]:
        """Yield the Python source of this model in pieces.

        Args:
            indent: Blanks before the line that it starts on; bodies then stand on lines of their
                own. None writes all on one line.
        """
        keywords = self._source_fields()
        body = keywords.pop("body", None) if self._TRAILING == "body" else None
        yield type(self).__name__
        yield "("
        separator = ""
        required = type(self).model_fields
        for name in self._POSITIONAL:
            if required[name].is_required():
                yield f"{separator}{literal(keywords.pop(name))}"
                separator = ", "
        if self._TRAILING is not None and self._TRAILING != "body":
            for item in _items(keywords.pop(self._TRAILING, ())):
                yield f"{separator}{literal(item)}"
                separator = ", "
        if body:
            yield f"{separator}["
            yield from _body_parts(_items(body), indent)
            yield "]"
            separator = ", "
        for name, value in keywords.items():
            yield f"{separator}{name}={literal(value)}"
            separator = ", "
        yield ")"


class CommandModel(PositionalModel):
    """Base of the commands: they stand in XML by a tag of their own, and know where they were written."""

    _XML_TAG: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        """Refuse a subclass that would lose what it adds.

        Raises:
            TypeError: It has fields that the element of its base does not carry.
        """
        super().__pydantic_init_subclass__(**kwargs)
        carried = {field.attribute for field in cls._XML_FIELDS} | {"command"}
        lost = [name for name in cls.model_fields if name not in carried]
        if cls._XML_TAG and lost:
            raise TypeError(
                f"{cls.__name__} has fields that <{cls._XML_TAG}> does not carry ({', '.join(lost)}): leave "
                f"them out, or give the command an element of its own with scan_sdk.extend"
            )

    # pydantic looks at no cached property when it compares, writes or prints, and copies keep it.
    @cached_property
    def source(self) -> Source | None:
        """Where the command was written, None where that is not known; no part of its value."""
        return None

    def __eq__(self, other: object) -> bool:
        # pydantic compares twice where the sources differ, and so in each body again: 2 to the depth
        if type(other) is not type(self):
            return NotImplemented
        mine, theirs = self.__dict__, other.__dict__
        if mine.keys() == theirs.keys() and mine.get("source") == theirs.get("source"):
            return mine == theirs
        fields = _fields_of(type(self))
        return bool(fields(mine) == fields(theirs))

    def at(self, source: Source | None) -> Self:
        """Return an equal command that was written at this place."""
        return vary(self, source, {})


def constructor(declared: _Constructor) -> _Constructor:
    """Make a declared constructor one of `PositionalModel`: it keeps its signature and its docstring.

    Args:
        declared: A function without a body, whose arguments are what people write.
    """
    made = FunctionType(PositionalModel.__init__.__code__, globals(), declared.__name__)
    return cast("_Constructor", update_wrapper(made, declared))


def fields_of(model: type[Model]) -> tuple[XmlField, ...]:
    """Return how the fields of a model stand in XML, in writing order."""
    return model._XML_FIELDS  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001  # editors do not offer it


def tag_of(model: type[CommandModel]) -> str:
    """Return the name of the element that a command is in XML, such as `config_log`."""
    return model._XML_TAG  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001


def patch_names_of(model: type[Model]) -> dict[str, str]:
    """Return what the server's `patch` calls the fields of a command, by our names; bodies have none."""
    return {field.attribute: field.patch or field.tag for field in fields_of(model) if field.kind != "body"}


def positions_of(model: type[PositionalModel]) -> tuple[str, ...]:
    """Return the fields that positional arguments fill, in order."""
    return model._POSITIONAL  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001


def written_fields(model: type[PositionalModel]) -> tuple[str, ...]:
    """Return the fields that people write; what is left is set by others, as `wait` is by `readback`."""
    from inspect import signature  # it takes time, and few need it

    names = {*signature(model).parameters, model._TRAILING}  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001
    return tuple(name for name in model.model_fields if name in names)


def takes_more(model: type[PositionalModel]) -> bool:
    """Return whether a model takes any number of further positional arguments, such as devices to log."""
    return model._TRAILING is not None  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001


def vary(command: _AnyCommand, source: Source | None, changes: dict[str, object]) -> _AnyCommand:
    """Return a command like another, written elsewhere, in less than half the time of a constructor.

    Args:
        command: A command that was validated.
        source: Where the new one was written.
        changes: Fields that differ, whose values are known to be valid.
    """
    given = command.__pydantic_fields_set__
    other = _new(type(command))
    _put_values(other, {**command.__dict__, **changes, "source": source})
    _put_given(other, given if given.issuperset(changes) else given.union(changes))
    _put_extra(other, None)
    _put_private(other, None)
    return other


@cache
def _fields_of(kind: type[CommandModel]) -> itemgetter[tuple[object, ...]]:
    return itemgetter(*kind.__pydantic_fields__)


_new = object.__new__
# Commands are frozen: what they consist of is put in below pydantic, without looking up its name each time
_put_values = BaseModel.__dict__["__dict__"].__set__
_put_given = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__


def refusal(cls: type[object], name: str, fields: dict[str, object], hint: str) -> ValidationError:
    """Return the error for a field whose fault shows before pydantic validates."""
    return ValidationError.from_exception_data(cls.__name__, [_line(name, hint, (name,), fields[name])])


_NO_COMMAND = "give commands such as Set('motor_x', 10) or Delay(2)"


class AnyCommand:
    """Takes commands of all kinds, those of extensions too, and objects that name one in `command`."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(_to_command)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return {"$comment": ANY_COMMAND}


ANY_COMMAND = "any command"
"""The comment of what stands for any command in JSON Schemas that pydantic makes."""


def _to_command(value: object) -> CommandModel:
    if isinstance(value, CommandModel):
        return value
    if isinstance(value, Mapping):
        fields = {str(name): item for name, item in cast("Mapping[object, object]", value).items()}
        name = fields.get("command")
        kind = COMMANDS.get(name) if isinstance(name, str) else None
        if kind is not None:
            return cast("type[CommandModel]", kind)(**fields)
    raise PydanticCustomError("command", "{hint}", {"hint": _NO_COMMAND})


_HINTS = {
    "bool_type": "give True or False",
}


def instructive(title: str, options: Iterable[str], error: ValidationError) -> ValidationError:
    """Return the error with pydantic's general messages replaced by ones that say what to do.

    Args:
        title: Name of what was to be built.
        options: Names of the fields that it has.
        error: What pydantic found.
    """
    lines: list[InitErrorDetails] = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][-1]) if fault["loc"] else ""
        hint = _HINTS.get(fault["type"], fault["msg"])
        if "hint" in fault.get("ctx", {}):
            hint = fault["msg"]  # an inner command has explained its own fault
        elif fault["type"] == "extra_forbidden":
            hint = f"{title} has no option '{name}'{_nearest(name, options)}"
        elif fault["type"] == "missing":
            hint = f"{title} needs {name}"
        lines.append(_line(fault["type"], hint, fault["loc"], fault["input"]))
    return ValidationError.from_exception_data(title, lines)


def _line(code: str, hint: str, place: tuple[int | str, ...], value: object) -> InitErrorDetails:
    # pydantic wants codes to be literals; this one was where it was first raised
    error = PydanticCustomError(code, "{hint}", {"hint": hint})  # pyright: ignore[reportArgumentType]
    return InitErrorDetails(type=error, loc=place, input=value)


def _nearest(name: str, options: Iterable[str]) -> str:
    known = [option for option in options if option != "command"]
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else f"; it has {', '.join(known)}"


def _items(value: object) -> tuple[object, ...]:
    return cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()


def _body_parts(body: tuple[object, ...], indent: str | None) -> Iterable[str]:
    inner = None if indent is None else indent + "    "
    for index, command in enumerate(body):
        if inner is None:
            yield ", " if index else ""
        else:
            yield f"\n{inner}"
        if isinstance(command, CommandModel):
            yield from command.source_parts(inner)
        if inner is not None:
            yield ","
    if indent is not None:
        yield f"\n{indent}"


def literal(value: object) -> str:
    """Return Python source of a number, text or tuple of texts; whole numbers without `.0`."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0":
        return str(int(value))
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(literal(item) for item in _items(cast("object", value))) + "]"
    return repr(value)


def flatten(items: Iterable[object]) -> tuple[object, ...]:
    """Return the items of nested iterables in order.

    Texts, mappings and models are single items, but for models that say what iterating them gives.
    """
    found: list[object] = []
    for item in items:
        if _is_single(item):
            found.append(item)
        else:
            found.extend(flatten(cast("Iterable[object]", item)))
    return tuple(found)


_FIELDS = BaseModel.__iter__


_singles: dict[type[object], bool] = {}


def _is_single(item: object) -> bool:
    kind = type(item)
    if kind not in _singles:
        # of a model pydantic makes an iterable of its fields
        plain = hasattr(kind, "__pydantic_validator__") and getattr(kind, "__iter__", _FIELDS) is _FIELDS
        _singles[kind] = plain or isinstance(item, str | bytes | Mapping) or not isinstance(item, Iterable)
    return _singles[kind]
