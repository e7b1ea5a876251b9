"""What is said about a script: places with a reason."""

from __future__ import annotations

import difflib
import io
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from scan_sdk.pyscan.migration.text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_END: Final = "\n\\ No newline at end of file\n"

Part: TypeAlias = Literal["names", "commands", "client"]
"""What of a script is modernised as a whole or not at all.

Each needs those before it: a modern client takes modern commands only, and nothing is done where a name
has no home.
"""


class Finding(NamedTuple):
    """A place that wants a person's eye.

    Attributes:
        line: Line, from 1.
        column: Column, from 1.
        reason: Why, and what to do by hand.
        blocks: The part of the script that stays as it is because of this place; None where the place was
            rewritten, and only something about it is to be known.
    """

    line: int
    column: int
    reason: str
    blocks: Part | None = None

    def __str__(self) -> str:
        kind = "left alone" if self.blocks else "look"
        return f"{self.line}:{self.column}: {kind}: {self.reason}"


class Migration(NamedTuple):
    """What became of a script.

    Attributes:
        before: The script as it was.
        after: The script as it is now; the same where nothing was to be done.
        findings: Places that want a person's eye, in the order of the script.
        modern: What is modern now. What is missing comes from `scan_sdk.pyscan`, and is used as before.
        concerned: Whether the script imports PyScanClient at all.
    """

    before: bytes
    after: bytes
    findings: tuple[Finding, ...] = ()
    modern: frozenset[Part] = frozenset()
    concerned: bool = False

    def diff(self, name: str) -> str:
        """Return a unified diff, as `patch` takes it; empty where nothing was changed.

        Args:
            name: What the script is called in it.
        """
        before, after = (list(_lines(decode(content, name).text)) for content in (self.before, self.after))
        lines = difflib.unified_diff(before, after, name, name)
        return "".join(line if line.endswith(("\n", "\r")) else line + _NO_END for line in lines)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left alone."""
        return not any(finding.blocks for finding in self.findings)

    @property
    def outcome(self) -> str:
        """What became of the script, in a few words."""
        if not self.concerned:
            return "does not import scan: nothing to do"
        if "names" not in self.modern:
            return "left as it is; scan-sdk pyscan runs it"
        if self.is_whole:
            return "converted"
        if "commands" not in self.modern:
            return "imports converted; commands and client are those of scan_sdk.pyscan, and used as before"
        return "commands converted; the client is that of scan_sdk.pyscan, and used as before"


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their ends, and take for ends what Python does in its source."""
    yield from io.StringIO(text, newline="")
