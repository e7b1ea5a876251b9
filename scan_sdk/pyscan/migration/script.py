"""A script with all that is known of it: where names come from, and what stands where."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

import libcst as cst
from libcst.helpers import get_full_name_for_node
from libcst.metadata import (
    Assignment,
    ExpressionContext,
    ExpressionContextProvider,
    ImportAssignment,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from scan_sdk.pyscan.migration.edits import Edits, literal
from scan_sdk.pyscan.migration.kinds import Kinds
from scan_sdk.pyscan.migration.names import MODULES, PUBLIC, starred
from scan_sdk.pyscan.migration.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from libcst.metadata import BaseAssignment

    from scan_sdk.pyscan.migration.report import Part

AnyImport = cst.Import | cst.ImportFrom


def is_of_scan(dotted: str) -> bool:
    """Tell whether a dotted name is PyScanClient's package, or in it."""
    return dotted == "scan" or dotted.startswith("scan.")


def imported_module(node: cst.ImportFrom) -> str:
    """Return the module of `from module import ...`; one that is relative begins with dots."""
    name = "" if node.module is None else get_full_name_for_node(node.module) or ""
    return "." * len(node.relative) + name


class Script:
    """The tree of a script, with metadata, and PyScanClient's names in it.

    Attributes:
        module: The tree; all nodes that are spoken of are nodes of it.
        kinds: What its expressions are.
        edits: The changes to it so far.
        nodes: All its nodes, in the order of the text.
        imports: The imports from PyScanClient.
        findings: What is to be said of the script so far.
        remarks: What is to be said of places that are rewritten, and with which part they are.
        needed: Names of `scan_sdk` that the modern script uses and the old one does not, and where.
        stars: Those of the imports that say `*`.
        foreign_stars: Imports of all names from elsewhere.
        rebound: Names from PyScanClient that are given another value too, and where they are used.
    """

    def __init__(self, module: cst.Module) -> None:
        wrapper = MetadataWrapper(module)
        self.module: cst.Module = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._scopes = wrapper.resolve(ScopeProvider)
        self._contexts = wrapper.resolve(ExpressionContextProvider)
        self.nodes: list[cst.CSTNode] = list(_all_nodes(self.module))
        self.findings: list[Finding] = []
        self.remarks: list[tuple[Finding, Part]] = []
        self.needed: dict[str, cst.CSTNode] = {}
        self.imports: list[AnyImport] = [
            node for node in self.nodes if isinstance(node, cst.Import | cst.ImportFrom) and _from_scan(node)
        ]
        self._aliases = _aliases(self.imports)
        self.stars: list[cst.ImportFrom] = [
            node for node in self.imports if isinstance(node, cst.ImportFrom) and _is_star(node)
        ]
        self.foreign_stars: list[cst.ImportFrom] = [
            node
            for node in self.nodes
            if isinstance(node, cst.ImportFrom) and _is_star(node) and not _from_scan(node)
        ]
        self._star_names = _star_names(self.stars)
        self.rebound: dict[str, cst.CSTNode] = self._rebound_stars()
        self._names: dict[cst.CSTNode, str] = {}
        for node in self.nodes:
            if not isinstance(node, cst.Name | cst.Attribute) or self._is_import(node):
                continue
            if dotted := self._dotted(node):
                self._names[node] = dotted
        self.edits: Edits = Edits()
        self.kinds: Kinds = Kinds(self)

    def _is_import(self, node: cst.CSTNode) -> bool:
        return any(isinstance(outer, cst.Import | cst.ImportFrom) for outer in self.ancestors(node))

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the node that a node stands in."""
        return self._parents[node]

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes that a node stands in, the innermost first."""
        while not isinstance(node, cst.Module):
            node = self.parent(node)
            yield node

    def report(self, node: cst.CSTNode, reason: str, blocks: Part | None = None) -> None:
        """Say something about a place."""
        start = self._positions[node].start
        finding = Finding(start.line, start.column + 1, reason, blocks)
        if finding not in self.findings:
            self.findings.append(finding)

    def need(self, node: cst.CSTNode, name: str) -> None:
        """Note that a name of `scan_sdk` stands in the place of one that is not qualified."""
        if not isinstance(node, cst.Attribute):
            self.needed.setdefault(name, node)

    def remark(self, node: cst.CSTNode, reason: str, part: Part) -> None:
        """Say what differs about a place, if that part of the script is modernised."""
        start = self._positions[node].start
        self.remarks.append((Finding(start.line, start.column + 1, reason), part))

    def line(self, node: cst.CSTNode) -> int:
        """Return the line in which a node begins."""
        return self._positions[node].start.line

    def is_load(self, node: cst.CSTNode) -> bool:
        """Tell whether a name or attribute is read, and not written."""
        return self._contexts.get(node) is ExpressionContext.LOAD

    def assignments(self, name: cst.Name) -> tuple[BaseAssignment, ...]:
        """Return all places that give a value to a variable."""
        scope = self._scopes.get(name)
        return tuple(scope[name.value]) if isinstance(scope, Scope) else ()

    def constant(self, node: cst.BaseExpression | None) -> object:
        """Return the value of a literal, or of a variable that is one throughout; `...` for all else."""
        if isinstance(node, cst.Name):
            found = self.assignments(node)
            target = found[0].node if len(found) == 1 and isinstance(found[0], Assignment) else None
            outer = None if target is None else self.parent(target)
            statement = self.parent(outer) if isinstance(outer, cst.AssignTarget) else None
            node = statement.value if isinstance(statement, cst.Assign) else node
        return literal(node)

    def scope(self, node: cst.CSTNode) -> Scope | None:
        """Return the scope that a node stands in."""
        return self._scopes.get(node)

    def old_name(self, node: cst.CSTNode) -> str:
        """Return the public name of PyScanClient that a name or a dotted name stands for, or nothing."""
        last = self._names.get(node, "").rpartition(".")[2]
        return last if last in PUBLIC else ""

    def old_module(self, node: cst.CSTNode) -> str:
        """Return the module of PyScanClient that a name or a dotted name stands for, or nothing."""
        dotted = self._names.get(node, "")
        return dotted if dotted in MODULES else ""

    def dotted(self, node: cst.CSTNode) -> str:
        """Return the dotted name in PyScanClient that a name stands for, or nothing."""
        return self._names.get(node, "")

    def uses(self) -> Iterator[tuple[cst.Name | cst.Attribute, str]]:
        """Yield the places that use a public name of PyScanClient, and the name."""
        for node in self._names:
            name = self.old_name(node)
            if name and isinstance(node, cst.Name | cst.Attribute):
                yield node, name

    def _dotted(self, node: cst.Name | cst.Attribute) -> str:
        if isinstance(node, cst.Attribute):
            base = self._dotted(node.value) if isinstance(node.value, cst.Name | cst.Attribute) else ""
            return f"{base}.{node.attr.value}" if base in MODULES else ""
        if not self.is_load(node):
            return ""
        assignments = self.assignments(node)
        found = {self._imported(assignment, node.value) for assignment in assignments}
        if not assignments and node.value in self._star_names:
            found = {self._star_names[node.value]}
        if len(found) == 1:
            return found.pop()
        candidates = sorted(name for name in found if name)
        if len({name.rpartition(".")[2] for name in candidates}) + ("" in found) > 1:
            self.rebound.setdefault(node.value, node)
        return candidates[0] if candidates else ""

    def _rebound_stars(self) -> dict[str, cst.CSTNode]:
        """Return names that `import *` brings, and that are used before they are given another value."""
        found: dict[str, cst.CSTNode] = {}
        outer = self._scopes.get(self.module)
        if not self.stars or outer is None:
            return found
        is_conditional = any(
            not isinstance(self.parent(self.parent(star)), cst.Module) for star in self.stars
        )
        first = {
            name: min(self._line_of(assignment) for assignment in outer[name])
            for name in self._star_names
            if outer[name]
        }
        for node in self.nodes:
            if isinstance(node, cst.Name) and self.is_load(node) and node.value in first:
                assignments = self.assignments(node)
                is_outer = any(assignment.scope is outer for assignment in assignments)
                if is_outer and (is_conditional or self.line(node) <= first[node.value]):
                    found.setdefault(node.value, node)
        return found

    def _line_of(self, assignment: BaseAssignment) -> int:
        node = assignment.node if isinstance(assignment, Assignment) else None
        return self.line(node) if node is not None else 0

    def _imported(self, assignment: BaseAssignment, name: str) -> str:
        if not isinstance(assignment, ImportAssignment):
            return ""
        return self._aliases.get((assignment.node, name), "")


def _all_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(reversed(list(current.children)))


def _from_scan(node: AnyImport) -> bool:
    if isinstance(node, cst.ImportFrom):
        return is_of_scan(imported_module(node))
    return any(is_of_scan(alias.evaluated_name) for alias in node.names)


def _is_star(node: cst.ImportFrom) -> TypeGuard[cst.ImportFrom]:
    return isinstance(node.names, cst.ImportStar)


def _aliases(imports: list[AnyImport]) -> Mapping[tuple[cst.CSTNode, str], str]:
    """Return what each local name of each import stands for, as a dotted name."""
    found: dict[tuple[cst.CSTNode, str], str] = {}
    for node in imports:
        if isinstance(node, cst.ImportFrom):
            for alias in () if isinstance(node.names, cst.ImportStar) else node.names:
                local = alias.evaluated_alias or alias.evaluated_name
                found[node, local] = f"{imported_module(node)}.{alias.evaluated_name}"
            continue
        for alias in node.names:
            if is_of_scan(alias.evaluated_name):
                # `import scan.commands` binds `scan`
                found[node, alias.evaluated_alias or "scan"] = (
                    alias.evaluated_name if alias.evaluated_alias else "scan"
                )
    return found


def _star_names(stars: list[cst.ImportFrom]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in stars:
        module = imported_module(node)
        found |= {name: f"{module}.{name}" for name in starred(module)}
    return found
