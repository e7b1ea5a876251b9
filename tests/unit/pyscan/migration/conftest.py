"""Scripts, rewritten."""

from __future__ import annotations

import textwrap

import pytest

from scan_sdk.pyscan.migration import migrate


class Rewritten:
    """What becomes of a script: the text, and what is said of it."""

    def __init__(self, script: str, **options: str) -> None:
        self.migration = migrate(textwrap.dedent(script).encode(), source="script.py", **options)
        self.text = self.migration.after.decode()
        self.blocks = {finding.blocks for finding in self.migration.findings} - {None}
        self.said = "\n".join(map(str, self.migration.findings))

    @property
    def body(self) -> str:
        """The script behind its first line, the import."""
        return self.text.partition("\n")[2].strip()


@pytest.fixture
def rewrite():
    return Rewritten
