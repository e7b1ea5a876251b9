"""What a check finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scan_sdk._registry import LINT_NAMES
from scan_sdk.errors import ExtensionError

if TYPE_CHECKING:
    from scan_sdk.lint.codes import Severity
    from scan_sdk.models import Source

__all__ = ["Finding", "finding"]


class Finding(NamedTuple):
    """Something that a check has found; as text it is `night.scn:12:5: SC401 what: what to do`.

    Attributes:
        code: What it is, such as `SC401`; docs/reference/lint.md describes each.
        name: The same in words, such as `wait-without-timeout`.
        severity: `error`, `warning` or `info`.
        message: What was found.
        advice: What to do.
        source: Where it is: a place in a file, or the cell of a table; None where that is not known.
        address: The address of its command, which counts all commands depth first from 0; None where it is
            about no command, or one of an included file.
        command: The command as the server describes it; empty where it is about none.
    """

    code: str
    name: str
    severity: Severity
    message: str
    advice: str
    source: Source | None = None
    address: int | None = None
    command: str = ""

    def __str__(self) -> str:
        where = str(self.source) if self.source else ""
        if not where and self.address is not None:
            where = f"command {self.address}"
        return f"{where or 'scan'}: {self.code} {self.message}: {self.advice}"


def finding(
    name: str,
    message: str = "",
    *,
    advice: str = "",
    source: Source | None = None,
    address: int | None = None,
    command: str = "",
) -> Finding:
    """Return a finding of that name, with the message and the advice of its code where none are given.

    Raises:
        ExtensionError: No finding has that name.
    """
    code = LINT_NAMES.get(name)
    if code is None:
        raise ExtensionError(f"no finding is called {name!r}: register it with scan_sdk.extend.lint_rule")
    return Finding(
        code.code,
        name,
        code.severity,
        message or code.title.rstrip("."),
        advice or code.advice,
        source,
        address,
        command,
    )
