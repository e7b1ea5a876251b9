"""Reads settings for devices from JSON, TOML or YAML, and says of all that is wrong where it stands."""

from __future__ import annotations

import json
import re
import tomllib
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from pydantic import ValidationError

from scan_sdk.compose.settings import DeviceRule, ScanSettings
from scan_sdk.errors import InvalidSettings, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from os import PathLike

    import yaml

__all__ = ["read_settings", "write_settings"]

_ROW: Final = "table_scan_row"
_LAYOUT: Final = "map patterns to their options, for example motor_.* to completion = true"


class _Pair(NamedTuple):
    """A key of a mapping in a file, and its value; the line where the parser tells it, else 0."""

    key: object
    value: object
    line: int = 0


class _Pairs(list[_Pair]):
    """A mapping as it stands in a file: in order, and with keys that stand there again."""


def read_settings(path: str | PathLike[str]) -> ScanSettings:
    """Return the settings in a file; see `ScanSettings.read`."""
    source = fspath(path)
    reader = _SettingsReader(source)
    parse = _PARSERS.get(Path(source).suffix.lower())
    if parse is None:
        raise reader.error("the end of its name", f"settings are read from {', '.join(_PARSERS)} files only")
    content = Path(source).read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise reader.error(f"line {line}", "the file is not in UTF-8: save it in that encoding") from None
    try:
        found = parse(text) if text.strip() else None
    except _Unreadable as error:
        raise reader.error(error.place, error.reason) from None
    except RecursionError:
        raise reader.error("the file", "it is nested too deeply") from None
    return reader.read(found)


def write_settings(settings: ScanSettings) -> str:
    """Return settings as JSON; see `ScanSettings.to_json`."""
    problems = [
        (place, "a function cannot be written to a file: name the readback as text")
        for place, named in [
            ("readback_name", settings.readback_name),
            *((f"'{rule.pattern}', readback", rule.readback) for rule in settings.rules),
        ]
        if callable(named)
    ]
    if problems:
        raise InvalidSettings(*problems)
    content: dict[str, object] = {_ROW: settings.table_scan_row} if settings.table_scan_row else {}
    for rule in settings.rules:
        content.pop(rule.pattern, None)  # of rules for one pattern the last holds, and has its place
        options = {name: value for name, value in rule if value != _DEFAULTS.get(name, value)}
        if "comparison" in options:
            options["comparison"] = rule.comparison.symbol.removeprefix("to ")
        content[rule.pattern] = options
    return json.dumps(content, indent=4, ensure_ascii=False) + "\n"


_DEFAULTS: Final = {
    name: field.default for name, field in DeviceRule.model_fields.items() if not field.is_required()
}


class _SettingsReader:
    """Makes settings of what a parser found, and collects what is wrong on the way."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._problems: list[tuple[int, str, str]] = []

    def error(self, place: str, reason: str) -> InvalidSettings:
        """Return the error for a file that has but this problem."""
        return InvalidSettings((place, reason), source=self._source)

    def read(self, content: object) -> ScanSettings:
        """Return the settings, or raise all that is wrong with them."""
        if not isinstance(content, _Pairs):
            what = "it is empty" if content is None else "it holds no mapping"
            raise self.error("the file", f"{what}: {_LAYOUT}")
        row = ""
        rules: list[DeviceRule] = []
        for key, value, line in self._distinct(content, "", "pattern"):
            if key == _ROW and not isinstance(value, _Pairs):
                row = self._row(value, line)
            else:
                rules += self._rule(key, value, line)
        if self._problems:
            found = sorted(
                self._problems, key=lambda problem: problem[0]
            )  # without lines they stay as they are
            raise InvalidSettings(*((place, reason) for _, place, reason in found), source=self._source)
        return ScanSettings(rules, table_scan_row=row)

    def _rule(self, pattern: str, content: object, line: int) -> Iterator[DeviceRule]:
        place = f"'{pattern}'"
        if not isinstance(content, _Pairs):
            self._refuse(line, place, f"its options are missing: {_LAYOUT}")
            return
        options: dict[str, object] = {"pattern": pattern}
        lines = {"pattern": line}
        for name, value, its_line in self._distinct(content, place, "option"):
            if name == "pattern":
                self._refuse(its_line, f"{place}, pattern", "what the options stand under is the pattern")
            elif isinstance(value, _Pairs):
                hint = "no option holds a mapping; in TOML a pattern with dots has quotes: ['motor.x']"
                self._refuse(its_line, f"{place}, {name}", hint)
            else:
                options[name] = value
                lines[name] = its_line
        try:
            yield DeviceRule.model_validate(options)
        except ValidationError as error:
            for fault in error.errors(include_url=False):
                name = str(fault["loc"][0])
                self._refuse(lines[name], place if name == "pattern" else f"{place}, {name}", fault["msg"])

    def _row(self, value: object, line: int) -> str:
        try:
            return ScanSettings.model_validate({_ROW: value}).table_scan_row
        except ValidationError as error:
            self._refuse(line, _ROW, error.errors(include_url=False)[0]["msg"])
            return ""

    def _distinct(self, pairs: _Pairs, place: str, what: str) -> Iterator[tuple[str, object, int]]:
        """Yield what has a text for a key that was not there before; the rest are problems."""
        known: set[str] = set()
        for key, value, line in pairs:
            if not isinstance(key, str):
                self._refuse(line, place, f"{key!r} is no text: put the {what} in quotes")
            elif key in known:
                self._refuse(line, place, f"the {what} '{key}' stands there twice: remove one of them")
            else:
                known.add(key)
                yield key, value, line

    def _refuse(self, line: int, place: str, reason: str) -> None:
        parts = [f"line {line}"] if line else []
        parts += [place] if place else []
        self._problems.append((line, ", ".join(parts) or "the file", reason))


class _Unreadable(Exception):
    """What a parser says of a file, and where."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason


def _json(text: str) -> object:
    try:
        return cast("object", json.loads(text, object_pairs_hook=_pairs))
    except json.JSONDecodeError as error:
        raise _Unreadable(f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}") from None
    except ValueError as error:  # a number of thousands of digits
        raise _Unreadable("the file", f"no JSON: {error}") from None


def _pairs(items: Iterable[tuple[str, object]]) -> _Pairs:
    return _Pairs(_Pair(key, value) for key, value in items)


def _toml(text: str) -> object:
    def ordered(value: object) -> object:
        if not isinstance(value, dict):
            return value
        table = cast("dict[str, object]", value)
        return _pairs((key, ordered(inner)) for key, inner in table.items())

    try:
        return ordered(tomllib.loads(text))
    except ValueError as error:
        raise _Unreadable("the file", f"no TOML: {error}") from None


def _yaml(text: str) -> object:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra("reading YAML", "yaml") from error

    class Loader(yaml.SafeLoader):
        """Keeps repeated keys, which YAML forbids and PyYAML passes over."""

    def pairs(loader: Loader, node: yaml.MappingNode) -> Iterator[_Pairs]:
        found = _Pairs()
        yield found
        for key, value in node.value:
            # Its stub says nothing of the nodes that it takes
            name, inner = (loader.construct_object(part, deep=True) for part in (key, value))  # pyright: ignore[reportUnknownMemberType]
            found.append(_Pair(name, inner, key.start_mark.line + 1))

    def plain(_: Loader, node: yaml.ScalarNode) -> str:
        return str(node.value)

    Loader.add_constructor("tag:yaml.org,2002:map", pairs)
    # `=` is a comparison here, and `<<` no option
    Loader.add_constructor("tag:yaml.org,2002:value", plain)
    Loader.add_constructor("tag:yaml.org,2002:merge", plain)
    # YAML 1.1, which PyYAML reads, takes 1e3 for text
    first = list("-+.0123456789")
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _EXPONENT, first)  # pyright: ignore[reportUnknownMemberType]
    try:
        return cast("object", Loader(text).get_single_data())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the file"
        folded = mark is not None and ": >" in "".join(text.splitlines()[mark.line : mark.line + 1])
        hint = ": a comparison such as '>=' stands in quotes" if folded else ""
        raise _Unreadable(place, f"no YAML: {error.problem or error.context}{hint}") from None
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        # The latter ones are of values that do not fit a tag such as !!bool
        raise _Unreadable("the file", f"no YAML: {error}") from None


_EXPONENT: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+$")
_PARSERS: Final[dict[str, Callable[[str], object]]] = {
    ".json": _json,
    ".toml": _toml,
    ".yaml": _yaml,
    ".yml": _yaml,
}
