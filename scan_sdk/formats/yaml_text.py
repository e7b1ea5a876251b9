"""Commands as YAML: the objects of the JSON layout without what is at its default."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

from pydantic import TypeAdapter, ValidationError

from scan_sdk.errors import InvalidCommands, MissingExtra
from scan_sdk.formats.places import decoded, first_fault, mark
from scan_sdk.models import Command, TextSource
from scan_sdk.models.base import instructive, literal
from scan_sdk.models.tree import DEEPEST, TOO_DEEP
from scan_sdk.sequence import CommandSequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import yaml

__all__ = ["read_yaml", "write_yaml"]

_ADAPTER: Final[TypeAdapter[list[Command]]] = TypeAdapter(list[Command])
_MOST_AROUND: Final = 2 * (DEEPEST + 2)
"""Lists and mappings around a command that is nested too deep: two for each, and two for the document."""
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*(?::[A-Za-z0-9_][A-Za-z0-9_.\-]*)*")
_WORDS: Final = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
"""What some readers of YAML take for something else than a text."""
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CONSTANTS: Final[dict[str, bool | float | None]] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
"""What plain scalars mean by the core schema of YAML 1.2, in which `on` and `no` are texts."""


def write_yaml(commands: CommandSequence) -> str:
    """Return commands as a YAML list, which needs no package."""
    lines = _lines(commands, "")
    return "".join(lines) if len(commands) else "[]\n"


def _lines(commands: Iterable[Command], indent: str) -> Iterator[str]:
    for command in commands:
        keywords = command.keywords()
        body = keywords.pop("body", ())
        fields = {"command": command.__dict__["command"], **keywords}
        pairs = [f"{name}: {_scalar(value)}" for name, value in fields.items()]
        if body:
            inner = f"\n{indent}  "
            yield f"{indent}- {inner.join(pairs)}{inner}body:\n"
            yield from _lines(cast("tuple[Command, ...]", body), indent + "    ")
        else:
            yield f"{indent}- {{{', '.join(pairs)}}}\n"


def _scalar(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_scalar, cast('tuple[object, ...]', value)))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else _quoted(value)
    number = literal(value)
    # YAML 1.1 takes a number with an exponent for one only if there is a point in it
    return number if "." in number else number.replace("e", ".0e")


def _quoted(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def read_yaml(document: str | bytes, source: str) -> CommandSequence:
    """Read a YAML list of commands; JSON is one, too. Tags and aliases are refused.

    Raises:
        InvalidCommands: It is none; with line and column.
        MissingExtra: PyYAML is not installed.
    """
    try:
        from yaml import YAMLError
    except ImportError:
        raise MissingExtra("reading YAML", "yaml") from None
    text = decoded(document, source)
    reader = _EventReader(source)
    try:
        root = reader.read(text)
    except YAMLError as error:
        raise _unreadable(error, source) from None
    try:
        commands = _ADAPTER.validate_python(root.value)
    except ValidationError as error:
        fault = first_fault(instructive(CommandSequence.__name__, (), error))
        raise reader.error(_locate(root, fault.path), fault.reason) from None
    found = CommandSequence(commands)
    mark(found, reader.commands)
    return found


def _unreadable(error: yaml.YAMLError, source: str) -> InvalidCommands:
    mark_ = getattr(error, "problem_mark", None)
    reason = f"not YAML: {getattr(error, 'problem', None) or getattr(error, 'reason', None) or error}"
    if mark_ is None:
        return InvalidCommands(reason, source=source)
    return InvalidCommands(reason, source=source, line=mark_.line + 1, column=mark_.column + 1)


class _Node:
    """A value, where it stands, and what is in it by index or name."""

    __slots__ = ("inner", "key", "place", "value")

    def __init__(self, value: object, place: TextSource) -> None:
        self.value = value
        self.place = place
        self.inner: dict[int | str, _Node] = {}
        self.key: str | None = None  # of a mapping: the name whose value comes next

    @property
    def is_list(self) -> bool:
        """Whether it is a list, and not a mapping."""
        return isinstance(self.value, list)

    def put(self, item: _Node) -> str | None:
        """Take what comes next in a list or a mapping; return what is wrong with it."""
        if self.is_list:
            self.inner[len(self.inner)] = item
            cast("list[object]", self.value).append(item.value)
        elif self.key is not None:
            self.inner[self.key] = item
            cast("dict[str, object]", self.value)[self.key] = item.value
            self.key = None
        elif not isinstance(item.value, str):
            return "the name of an option is a plain text"
        elif item.value in self.inner:
            return f"{item.value} stands here twice"
        else:
            self.key = item.value
        return None


class _EventReader:
    """Makes values of the events of a document, without recursion."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.commands: list[TextSource] = []
        """The places of mappings that are commands, in the order of their addresses."""

    def error(self, place: TextSource, reason: str) -> InvalidCommands:
        """Return an error at a place."""
        return InvalidCommands(reason, source=place.file, line=place.line, column=place.column)

    def read(self, text: str) -> _Node:
        """Return the one value of a document."""
        import yaml

        loader = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        top = _Node([], TextSource(self._source, 1, 1))
        path = [top]
        for event in yaml.parse(text, Loader=loader):
            match event:
                case yaml.ScalarEvent():
                    self._put(path[-1], _Node(_resolved(event), self._place(event)), event.tag)
                case yaml.SequenceStartEvent():
                    path.append(self._opened(path, [], event))
                case yaml.MappingStartEvent():
                    around = path[-1]
                    path.append(self._opened(path, {}, event))
                    if around.key != "macros":
                        self.commands.append(path[-1].place)
                case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                    done = path.pop()
                    self._put(path[-1], done, None)
                case yaml.AliasEvent():
                    raise self.error(
                        self._place(event), f"*{event.anchor}: write it out, as aliases are not read"
                    )
                case _:
                    pass
        if len(top.inner) != 1:
            place = top.inner[1].place if top.inner else top.place
            raise self.error(place, "give one list of commands")
        return top.inner[0]

    def _opened(self, path: Sequence[_Node], value: object, event: yaml.CollectionStartEvent) -> _Node:
        place, around = self._place(event), path[-1]
        if len(path) >= _MOST_AROUND:
            raise self.error(place, TOO_DEEP)
        if not around.is_list and around.key is None:
            raise self.error(place, "the name of an option is a plain text")
        if event.tag is not None:
            raise self.error(place, f"{event.tag}: leave it out, as tags are not read")
        return _Node(value, place)

    def _put(self, around: _Node, item: _Node, tag: str | None) -> None:
        reason = f"{tag}: leave it out, as tags are not read" if tag is not None else around.put(item)
        if reason is not None:
            raise self.error(item.place, reason)

    def _place(self, event: yaml.Event) -> TextSource:
        begins = event.start_mark
        assert begins is not None
        return TextSource(self._source, begins.line + 1, begins.column + 1)


def _resolved(event: yaml.ScalarEvent) -> object:
    text = event.value
    if not event.implicit[0]:  # in quotes
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _locate(node: _Node, path: Iterable[int | str]) -> TextSource:
    """Return where the value at a path stands; where there is none, what it should be in."""
    for step in path:
        if step in node.inner:
            node = node.inner[step]
        elif isinstance(step, int):
            break
    return node.place
