"""Statements that take the place of others, so that comments and blank lines stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scan_sdk.pyscan.migration.report import Part
    from scan_sdk.pyscan.migration.script import Script


class Replacements:
    """Puts other statements in the place of some; where there are none, comments move to what follows."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._emptied: set[cst.CSTNode] = set()
        script.edits.add("names", script.module, self._without_emptied)

    def remove(self, node: cst.SimpleStatementLine | cst.ClassDef, part: Part) -> None:
        """Remove a statement of the top level with its comments, if that part of the script is modernised."""

        def change(updated: cst.CSTNode) -> cst.CSTNode:
            del updated
            marked = cst.SimpleStatementLine([cst.Pass()])
            self._emptied.add(marked)
            return marked

        self._script.edits.add(part, node, change)

    def replace(self, node: cst.CSTNode, code: Sequence[str], *, at_top: bool) -> None:
        """Put statements in the place of a statement, or of a line that holds only that.

        Args:
            node: The line, or the small statement where others stand on its line.
            code: The statements; none to remove it.
            at_top: Whether the line stands at the top level, where nothing has to take its place.
        """

        def change(updated: cst.CSTNode) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]:
            if not isinstance(updated, cst.SimpleStatementLine):
                return self._smalls(updated, code or ["pass"])
            return (
                self._lines(updated, code or ["pass"]) if code or not at_top else self._emptied_line(updated)
            )

        self._script.edits.add("names", node, change)

    def _parsed(self, code: str) -> cst.SimpleStatementLine:
        statement = cst.parse_statement(code, config=self._script.module.config_for_parsing)
        assert isinstance(statement, cst.SimpleStatementLine)
        return statement

    def _lines(self, updated: cst.CSTNode, code: Sequence[str]) -> cst.FlattenSentinel[cst.CSTNode]:
        assert isinstance(updated, cst.SimpleStatementLine)
        lines = [self._parsed(line) for line in code]
        lines[0] = lines[0].with_changes(leading_lines=updated.leading_lines)
        lines[-1] = lines[-1].with_changes(trailing_whitespace=updated.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    def _smalls(self, updated: cst.CSTNode, code: Sequence[str]) -> cst.FlattenSentinel[cst.CSTNode]:
        assert isinstance(updated, cst.BaseSmallStatement)
        smalls = [self._parsed(line).body[0] for line in code]
        smalls[-1] = smalls[-1].with_changes(semicolon=updated.semicolon)
        return cst.FlattenSentinel(smalls)

    def _emptied_line(self, updated: cst.CSTNode) -> cst.CSTNode:
        marked = updated.with_changes(body=[cst.Pass()])
        self._emptied.add(marked)
        return marked

    def _without_emptied(self, updated: cst.CSTNode) -> cst.CSTNode:
        assert isinstance(updated, cst.Module)
        body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
        carried: list[cst.EmptyLine] = []
        for statement in updated.body:
            if statement in self._emptied:
                assert isinstance(statement, cst.SimpleStatementLine)
                carried += _comments(statement)
                continue
            body.append(statement.with_changes(leading_lines=[*carried, *statement.leading_lines]))
            carried = []
        return updated.with_changes(body=body, footer=[*carried, *updated.footer])


def _comments(line: cst.SimpleStatementLine) -> list[cst.EmptyLine]:
    """Return the comments before and behind a statement, as lines of their own."""
    before = list(line.leading_lines) if any(empty.comment for empty in line.leading_lines) else []
    comment = line.trailing_whitespace.comment
    return [*before, cst.EmptyLine(comment=comment)] if comment else before
