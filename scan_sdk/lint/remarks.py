"""Comments that silence findings: `<!-- scan-sdk: ignore SC401 -->`, and `ignore-file` for a whole file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.lint.codes import codes_of
from scan_sdk.lint.findings import Finding, finding
from scan_sdk.models import TextSource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scan_sdk.lint.outline import Remark

__all__ = ["heed"]


def heed(findings: Iterable[Finding], remarks: Iterable[Remark], file: str) -> list[Finding]:
    """Leave out the findings in a file that its comments silence.

    Args:
        findings: What was found in the file.
        remarks: Its comments for the check.
        file: Its name.

    Returns:
        What is left, and what is wrong with the comments themselves.
    """
    left = list(findings)
    about: list[Finding] = []
    for remark in remarks:
        place = TextSource(file, *remark.place)
        directive, _, rest = remark.text.partition(" ")
        if directive not in {"ignore", "ignore-file"} or not rest.strip():
            about.append(finding("bad-directive", f"the comment says {remark.text[:40]!r}", source=place))
            continue
        for word in rest.replace(",", " ").split():
            try:
                codes = codes_of(word)
            except ValueError:
                about.append(finding("unknown-code", f"no finding has the code {word[:40]!r}", source=place))
                continue
            kept = [
                one
                for one in left
                if one.code not in codes or not _covers(remark, one, whole=directive == "ignore-file")
            ]
            if len(kept) == len(left):
                about.append(finding("unused-ignore", f"there is no {word} to ignore", source=place))
            left = kept
    return left + about


def _covers(remark: Remark, one: Finding, *, whole: bool) -> bool:
    if whole:
        return True
    return isinstance(one.source, TextSource) and remark.start <= one.source[1:] <= remark.end
