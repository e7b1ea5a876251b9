"""The imports of a script: what is used, and where it comes from now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import libcst as cst

from scan_sdk.pyscan.migration.edits import attribute, is_word
from scan_sdk.pyscan.migration.names import BUILDERS, COMMANDS, DATA_FUNCTIONS, MODULES, PUBLIC, starred
from scan_sdk.pyscan.migration.script import AnyImport, imported_module, is_of_scan
from scan_sdk.pyscan.migration.shapes import is_annotation, is_called, is_compared_with

if TYPE_CHECKING:
    from collections.abc import Callable

    from scan_sdk.pyscan.migration.report import Part
    from scan_sdk.pyscan.migration.script import Script
    from scan_sdk.pyscan.migration.statements import Replacements

_LONGEST: Final = 100
"""Columns that an import on one line may have."""
_MODERN: Final = "scan_sdk"
_OLD: Final = "scan_sdk.pyscan"

_Names: TypeAlias = "dict[str, set[tuple[str, str]]]"
"""For each new module what is imported from it: names, and what they are called here."""


def check_names(script: Script, *, shared: str) -> None:
    """See that all that is used has a home, and that where it comes from is sure.

    Args:
        script: The script.
        shared: What other scripts have to do with this one, if anything.
    """
    _check_imports(script)
    for node in script.nodes:
        if script.old_module(node):
            parent = script.parent(node)
            if not (isinstance(parent, cst.Attribute) and parent.value is node):
                script.report(node, "the module itself is passed on: import the names that are used", "names")
        elif script.dotted(node) and not script.old_name(node):
            _homeless(script, node, script.dotted(node))
    if shared and script.imports:
        script.report(script.imports[0], shared, "commands")
    for star in script.foreign_stars if script.stars else ():
        script.report(star, "names may come from here as well as from scan: import them by name", "commands")
    for name, place in script.rebound.items():
        script.report(place, f"'{name}' is imported from scan, and given another value too", "commands")


def _check_imports(script: Script) -> None:
    for node in script.imports:
        for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
            name = alias.evaluated_name
            dotted = f"{imported_module(node)}.{name}" if isinstance(node, cst.ImportFrom) else name
            is_name = isinstance(node, cst.ImportFrom) and name in PUBLIC
            if is_of_scan(dotted) and dotted not in MODULES and not is_name:
                _homeless(script, alias, name)


def _homeless(script: Script, node: cst.CSTNode, name: str) -> None:
    script.report(node, f"'{name}' is an inner part of PyScanClient that scan_sdk does not have", "names")


def check_needed(script: Script) -> None:
    """See that names of `scan_sdk` that come in mean nothing else in the script, and can be imported."""
    lines = [node for node in script.imports if _is_own_line(script, node)]
    for name, place in script.needed.items():
        if not lines or script.line(lines[0]) > script.line(place):
            script.report(
                place, f"import names from scan in a line at the top: '{name}' is added", "commands"
            )
        for node in script.nodes:
            if is_word(node, name) and script.old_name(node) != name and _is_variable(script, node):
                script.report(
                    node, f"'{name}' is a name of scan_sdk that is needed here: rename this", "commands"
                )
                break


def _is_variable(script: Script, node: cst.CSTNode) -> bool:
    parent = script.parent(node)
    is_part = (isinstance(parent, cst.Attribute) and parent.attr is node) or (
        isinstance(parent, cst.Arg) and parent.keyword is node
    )
    return not is_part and not any(outer in script.imports for outer in script.ancestors(node))


def modernise_imports(
    script: Script,
    replacements: Replacements,
    parts: frozenset[Part],
    *,
    keep_stars: bool,
) -> None:
    """Collect what makes imports from PyScanClient such from scan_sdk.

    Args:
        script: The script.
        replacements: The statements that take the place of others.
        parts: What is modernised; all else comes from `scan_sdk.pyscan`.
        keep_stars: Whether `import *` stays one, as it does not show which names are used.
    """
    home = _Home(script, parts)
    dotted: dict[str, set[str]] = {}
    for use, name in script.uses():
        if isinstance(use, cst.Attribute):
            local = _root(use).value
            prefix = local if script.dotted(_root(use)) == "scan" and local != "scan" else _MODERN
            if home.has(name) or name in BUILDERS:
                dotted.setdefault(local, set()).add(home.of(name))
            script.edits.add("names", use, _qualified(prefix, home.of(name), name))
    found = {node: home.names(node, keep_stars=keep_stars) for node in script.imports}
    lines = [] if keep_stars else [node for node in script.imports if _is_own_line(script, node)]
    for other in lines[1:]:
        for module, brought in found.pop(other).items():
            found[lines[0]].setdefault(module, set()).update(brought)
        found[other] = {}
    if script.needed and "commands" in parts:
        found[lines[0]].setdefault(_MODERN, set()).update((name, name) for name in script.needed)
    for node, names in found.items():
        code = [*_plain(node, dotted), *_written(names, script.module.default_newline)]
        line = _statement(script, node)
        replacements.replace(line, code, at_top=isinstance(script.parent(line), cst.Module))


class _Home:
    """Tells where each name comes from now."""

    def __init__(self, script: Script, parts: frozenset[Part]) -> None:
        self._script = script
        self._parts = parts
        used_by_name = [
            is_annotation(script, node) or is_compared_with(script, node)
            for node, name in script.uses()
            if name == "ScanInfo" and not is_called(script, node)
        ]
        called = any(name == "ScanInfo" and is_called(script, node) for node, name in script.uses())
        self._info_is_modern = bool(used_by_name) and all(used_by_name) and not called

    def of(self, name: str) -> str:
        """Return the module that has a name."""
        part: Part = "commands" if name in COMMANDS | BUILDERS | {"Command"} else "client"
        is_modern = (
            part == "commands" or name == "ScanClient" or (name == "ScanInfo" and self._info_is_modern)
        )
        return _MODERN if is_modern and part in self._parts else _OLD

    def has(self, name: str) -> bool:
        """Tell whether a name is still used."""
        if name in BUILDERS - {"TableScan"}:
            return "commands" not in self._parts
        return not (name in DATA_FUNCTIONS and "client" in self._parts)

    def names(self, node: AnyImport, *, keep_stars: bool) -> _Names:
        """Return what an import brings that is still used."""
        if isinstance(node, cst.Import):
            return {}
        if isinstance(node.names, cst.ImportStar):
            return {_OLD: {("*", "*")}} if keep_stars else self._starred(node)
        found: _Names = {}
        for alias in node.names:
            name = alias.evaluated_name
            if f"{imported_module(node)}.{name}" in MODULES and name not in PUBLIC:
                continue  # a module: what is used of it is qualified now
            if self.has(name):
                found.setdefault(self.of(name), set()).add((name, alias.evaluated_alias or name))
        return found

    def _starred(self, node: cst.ImportFrom) -> _Names:
        found: _Names = {}
        stars = self._script.stars
        earlier = {name for star in stars[: stars.index(node)] for name in starred(imported_module(star))}
        brought = starred(imported_module(node)) - earlier
        used = {
            name
            for use, name in self._script.uses()
            if isinstance(use, cst.Name) and not self._script.assignments(use)
        }
        for name in (used | set(self._script.rebound)) & brought:
            if self.has(name):
                found.setdefault(self.of(name), set()).add((name, name))
        return found


def _root(node: cst.Attribute) -> cst.Name:
    inner = node.value
    while isinstance(inner, cst.Attribute):
        inner = inner.value
    assert isinstance(inner, cst.Name)
    return inner


def _qualified(prefix: str, module: str, name: str) -> Callable[[cst.Attribute], cst.CSTNode]:
    def change(updated: cst.Attribute) -> cst.CSTNode:
        base: cst.BaseExpression = cst.Name(prefix)
        if module == _OLD:
            base = attribute(base, "pyscan")
        return updated.with_changes(value=base, attr=cst.Name(name))

    return change


def _plain(node: AnyImport, dotted: dict[str, set[str]]) -> list[str]:
    """Return the imports of modules that a node becomes."""
    lines: list[str] = []
    aliases = (
        () if isinstance(node, cst.ImportFrom) and isinstance(node.names, cst.ImportStar) else node.names
    )
    for alias in aliases if not isinstance(aliases, cst.ImportStar) else ():
        if isinstance(node, cst.Import) and not is_of_scan(alias.evaluated_name):
            lines.append(
                f"import {alias.evaluated_name}" + (f" as {alias.evaluated_alias}" if alias.asname else "")
            )
            continue
        local = alias.evaluated_alias or ("scan" if isinstance(node, cst.Import) else alias.evaluated_name)
        homes = dotted.get(local, set())
        short = isinstance(node, cst.Import) and alias.evaluated_alias and alias.evaluated_name == "scan"
        if short and homes:
            lines.append(f"import {_MODERN} as {local}")
            lines += [f"import {_OLD}"] if _OLD in homes else []
        elif homes:
            lines.append(f"import {_OLD}" if _OLD in homes else f"import {_MODERN}")
    return list(dict.fromkeys(lines))


def _written(names: _Names, newline: str) -> list[str]:
    """Return imports of names, sorted, those that are too long for a line on several."""
    lines: list[str] = []
    for module in sorted(names):
        shown = [name if name == local else f"{name} as {local}" for name, local in sorted(names[module])]
        if not shown:
            continue
        line = f"from {module} import {', '.join(shown)}"
        if len(line) > _LONGEST:
            inner = "".join(f"    {name},{newline}" for name in shown)
            line = f"from {module} import ({newline}{inner})"
        lines.append(line)
    return lines


def _is_own_line(script: Script, node: AnyImport) -> bool:
    """Tell whether an import stands at the top level, and alone on its line."""
    line = script.parent(node)
    return (
        isinstance(node, cst.ImportFrom)
        and isinstance(line, cst.SimpleStatementLine)
        and len(line.body) == 1
        and isinstance(script.parent(line), cst.Module)
    )


def _statement(script: Script, node: AnyImport) -> cst.CSTNode:
    """Return what is replaced: the line where the import has one of its own, else the import."""
    line = script.parent(node)
    return line if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else node
