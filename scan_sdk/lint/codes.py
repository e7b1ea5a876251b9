"""The codes of findings; those of rules stand beside the rules, here are those of what cannot be read.

docs/reference/lint.md has a heading for each, with an example; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from scan_sdk._registry import LINT_CODES, LINT_NAMES, Code, Severity, add_code

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CODES", "Code", "Severity", "codes_of", "define"]


def define(code: str, name: str, severity: Severity, title: str, advice: str) -> None:
    """Register a kind of finding; `Code` says what each part is."""
    add_code(Code(code, name, severity, title, advice), owner="scan_sdk")


class _Codes(Mapping[str, Code]):
    """All codes by their names, those of extensions too, in the order of the codes."""

    def __getitem__(self, name: str) -> Code:
        code = LINT_NAMES.get(name)
        if code is None:
            raise KeyError(name)
        return code

    def __iter__(self) -> Iterator[str]:
        return iter(code.name for _, code in sorted(LINT_CODES.items()))

    def __len__(self) -> int:
        return sum(1 for _ in LINT_CODES.items())


CODES: Final[Mapping[str, Code]] = _Codes()
"""All codes, by their names."""


def codes_of(text: str) -> frozenset[str]:
    """Return the codes that a text means: a code, the beginning of some such as `SC4`, or a name.

    Raises:
        ValueError: It means none.
    """
    named = LINT_NAMES.get(text)
    if named is not None:
        return frozenset({named.code})
    found = frozenset(code for code, _ in LINT_CODES.items() if text and code.startswith(text))
    if not found:
        raise ValueError(
            f"{text[:40]!r} is no code of a finding: give one such as SC401, a group such as SC4, or a name"
        )
    return found


define("SC101", "unreadable-file", "error", "The file cannot be read.", "check the path and the permissions")
define(
    "SC102",
    "too-large",
    "error",
    "The file is larger than a server takes.",
    "write what repeats as loops, or divide it into several scans",
)
define(
    "SC103",
    "unreadable-encoding",
    "error",
    "The text is in an encoding that cannot be read.",
    "save it as UTF-8, and leave the encoding out of the XML declaration",
)
define(
    "SC104",
    "not-well-formed",
    "error",
    "The file is not XML from here on.",
    "look for a tag that is not closed, or an & or < that should be &amp; or &lt;",
)
define("SC105", "document-type", "error", "There is a document type declaration.", "remove the <!DOCTYPE …>")
define(
    "SC106",
    "too-deep",
    "error",
    "Commands are nested too deep.",
    "put inner commands into a file and include it only where it is needed",
)
define("SC201", "wrong-root", "error", "The root is not <commands>.", "put the commands into <commands>")
define("SC203", "unknown-element", "error", "The command has no such element.", "fix the name, or remove it")
define("SC204", "misplaced-element", "error", "An element stands in the wrong place.", "move it there")
define(
    "SC205",
    "repeated-element",
    "error",
    "An element stands twice, and the server takes the first.",
    "keep one of them",
)
define("SC206", "missing-element", "error", "An element is missing.", "add it")
define(
    "SC207", "element-in-text", "error", "An element stands within a text.", "write < as &lt;, or remove it"
)
define("SC208", "attribute", "error", "The server ignores attributes.", "write it as an element")
define(
    "SC209", "stray-text", "error", "The server ignores text between elements.", "make it a <!-- comment -->"
)
define("SC210", "not-a-number", "error", "A number is wanted.", "give a number such as 10, 0.5 or 1e-3")
define("SC211", "not-a-boolean", "error", "true or false is wanted.", "write true or false")
define(
    "SC212",
    "unknown-comparison",
    "error",
    "The server takes an unknown comparison for EQUALS.",
    "give EQUALS, UNEQUAL, ABOVE, AT_LEAST, BELOW, AT_MOST, INCREASE_BY, DECREASE_BY, IN or NOT_IN",
)
define("SC213", "out-of-range", "error", "A number is out of its range.", "give a number that is in it")
define(
    "SC214",
    "bad-name",
    "error",
    "A name is empty, has blanks around it or several lines.",
    "write the name right behind its tag, on one line",
)
define("SC301", "no-name", "error", "A command does not say what it is about.", "add the name")
define("SC302", "log-of-nothing", "error", "A log without devices is refused.", "name the devices to log")
define("SC303", "empty-number", "error", "The server takes no empty number.", "give a number, or remove it")
define(
    "SC304",
    "cut-text",
    "error",
    "The server takes a text only up to the first comment in it.",
    "move the comment before the element",
)
define(
    "SC305",
    "boolean-misread",
    "error",
    "The server takes every text but true for false.",
    "write true or false, without blanks",
)
define("SC306", "step-zero", "error", "The server takes a step of 0 for 1.", "give the step that is meant")
define(
    "SC307",
    "loop-never-runs",
    "error",
    "A loop of too many steps performs none of them.",
    "check start, end and step",
)
define("SC308", "comparison-in-if", "error", "The comparison works in wait only.", "compare otherwise")
define("SC309", "relative-text", "error", "An increase by a text has no meaning.", "give a number")
define(
    "SC310",
    "not-texts",
    "error",
    "IN and NOT_IN want a list of texts that they can carry.",
    'write the texts as "Open", "Moving"; no text may hold a backslash, or both kinds of quotes',
)
define("SC311", "not-finite", "error", "NaN and Infinity are no values to write.", "give a finite number")
