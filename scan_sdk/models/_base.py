"""What the generated models are made of: their base classes, and the annotations of their fields."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, SupportsFloat, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

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
    """

    attribute: str
    tag: str
    kind: Kind
    default: object = None
    omit: bool = False
    item: str = ""


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
            handler(source), custom_error_type=self._code, custom_error_message=self._hint
        )


class Numeric:
    """Takes ints and floats as they are, and other real numbers such as numpy's through `float()`.

    Booleans and texts are refused, which pydantic's own lax mode would turn into numbers (trap 19).
    """

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        exact = handler(source)
        foreign = core_schema.chain_schema([core_schema.no_info_plain_validator_function(_to_float), exact])
        either = core_schema.union_schema([exact, foreign], mode="left_to_right")
        return core_schema.json_or_python_schema(json_schema=exact, python_schema=either)


def _to_float(value: object) -> float:
    boolean = isinstance(value, bool) or type(value).__name__ in {"bool", "bool_"}
    if boolean or isinstance(value, str | bytes | bytearray) or not isinstance(value, SupportsFloat):
        raise PydanticCustomError("number", "not a number")
    try:
        return float(value)
    except (TypeError, ValueError) as error:  # an array of several elements has __float__ too
        raise PydanticCustomError("number", "not a number") from error


class Model(BaseModel):
    """A frozen value that knows how it stands in XML; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    XML_FIELDS: ClassVar[tuple[XmlField, ...]] = ()


class CommandModel(Model):
    """Base of the commands: positional arguments, a body as trailing ones, and a `repr` that is Python."""

    XML_TAG: ClassVar[str] = ""
    POSITIONAL: ClassVar[tuple[str, ...]] = ()
    """Fields that positional arguments fill, in order."""
    TRAILING: ClassVar[str | None] = None
    """The field that takes all further positional arguments."""

    if not TYPE_CHECKING:  # each command declares its own signature for editors and type checkers

        def __init__(self, /, *args: object, **fields: object) -> None:
            if args:
                self._place(args, fields)
            fields = self._arrange(fields)
            try:
                self.__pydantic_validator__.validate_python(fields, self_instance=self)
            except ValidationError as error:
                raise instructive(type(self), error) from None

    @classmethod
    def _place(cls, args: tuple[object, ...], fields: dict[str, object]) -> None:
        """Give positional arguments their names."""
        names = cls.POSITIONAL
        if fields:
            for name in names[: len(args)]:
                if name in fields:
                    raise TypeError(f"{cls.__name__}() got multiple values for argument '{name}'")
        fields.update(zip(names, args, strict=False))
        rest = args[len(names) :]
        if cls.TRAILING is not None and (rest or cls.TRAILING in fields):
            named = fields.pop(cls.TRAILING, None)
            fields[cls.TRAILING] = (*flatten(rest), *(flatten((named,)) if named is not None else ()))
        elif rest:
            wanted = ", ".join(names)
            raise TypeError(
                f"{cls.__name__}() takes {len(names)} positional arguments ({wanted}), got {len(args)}"
            )

    @classmethod
    def _arrange(cls, fields: dict[str, object]) -> dict[str, object]:
        """Translate what people write into the fields; overridden where the two differ."""
        return fields

    def _source_fields(self) -> dict[str, object]:
        """The keyword arguments that build this command, apart from those at their default."""
        values = self.__dict__
        fields = type(self).model_fields
        return {
            name: values[name]
            for name, field in fields.items()
            if name != "command" and (field.is_required() or values[name] != field.default)
        }

    def __repr__(self) -> str:
        return "".join(self.source_parts())

    __str__ = __repr__

    def source_parts(self, indent: str | None = None) -> Iterable[str]:
        """Yield the Python source of this command in pieces.

        Args:
            indent: Blanks before the line that the command starts on; bodies then stand on lines of their
                own. None writes all on one line.
        """
        keywords = self._source_fields()
        body = keywords.pop("body", None) if self.TRAILING == "body" else None
        yield type(self).__name__
        yield "("
        separator = ""
        required = type(self).model_fields
        for name in self.POSITIONAL:
            if required[name].is_required():
                yield f"{separator}{literal(keywords.pop(name))}"
                separator = ", "
        if self.TRAILING is not None and self.TRAILING != "body":
            for item in _items(keywords.pop(self.TRAILING, ())):
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


def refusal(cls: type[Model], name: str, fields: dict[str, object], hint: str) -> ValidationError:
    """Return the error for a field whose fault shows before pydantic validates."""
    return ValidationError.from_exception_data(cls.__name__, [_line(name, hint, (name,), fields[name])])


def instructive(cls: type[Model], error: ValidationError) -> ValidationError:
    """Return the error with pydantic's general messages replaced by ones that say what to do."""
    lines: list[InitErrorDetails] = []
    for fault in error.errors(include_url=False):
        name = str(fault["loc"][-1]) if fault["loc"] else ""
        hint = fault["msg"]
        if "hint" in fault.get("ctx", {}):
            pass  # an inner command has explained its own fault
        elif fault["type"] == "extra_forbidden":
            hint = f"{cls.__name__} has no option '{name}'{_nearest(name, cls)}"
        elif fault["type"] == "missing":
            hint = f"{cls.__name__} needs {name}"
        elif fault["type"] == "model_attributes_type":
            hint = "give commands such as Set('motor_x', 10) or Delay(2)"
        lines.append(_line(fault["type"], hint, fault["loc"], fault["input"]))
    return ValidationError.from_exception_data(cls.__name__, lines)


def _line(code: str, hint: str, place: tuple[int | str, ...], value: object) -> InitErrorDetails:
    # pydantic wants codes to be literals; this one was where it was first raised
    error = PydanticCustomError(code, "{hint}", {"hint": hint})  # pyright: ignore[reportArgumentType]
    return InitErrorDetails(type=error, loc=place, input=value)


def _nearest(name: str, cls: type[Model]) -> str:
    known = [field for field in cls.model_fields if field != "command"]
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
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and str(value) != "-0.0":  # noqa: PLR2004
        return str(int(value))
    if isinstance(value, str):
        return repr(str(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(literal(item) for item in _items(cast("object", value))) + "]"
    return repr(value)


def flatten(items: Iterable[object]) -> tuple[object, ...]:
    """Return the items of nested iterables in order; texts, mappings and models count as single items."""
    found: list[object] = []
    for item in items:
        if not _is_single(item) and isinstance(item, Iterable):
            found.extend(flatten(cast("Iterable[object]", item)))
        else:
            found.append(item)
    return tuple(found)


def _is_single(item: object) -> bool:
    return isinstance(item, str | bytes | Mapping | BaseModel)
