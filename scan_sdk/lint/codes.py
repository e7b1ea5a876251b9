"""The codes of all findings: their names, how grave they are, and what to do about them.

docs/reference/lint.md has a heading for each, with an example; a test compares the two.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

__all__ = ["CODES", "Code", "Severity", "codes_of"]

Severity: TypeAlias = Literal["error", "warning", "info"]
"""How grave a finding is: an error is refused, misunderstood or hangs; a warning often does harm; the rest is
good to know."""


class Code(NamedTuple):
    """A kind of finding.

    Attributes:
        code: Its code, such as `SC401`; it never comes to mean something else.
        name: Its name, such as `wait-without-timeout`.
        severity: How grave it is.
        title: What is the matter, as a sentence.
        advice: What to do.
    """

    code: str
    name: str
    severity: Severity
    title: str
    advice: str


_ALL: Final = (
    # The file
    Code(
        "SC101", "unreadable-file", "error", "The file cannot be read.", "check the path and the permissions"
    ),
    Code(
        "SC102",
        "too-large",
        "error",
        "The file is larger than a server takes.",
        "write what repeats as loops, or divide it into several scans",
    ),
    Code(
        "SC103",
        "unreadable-encoding",
        "error",
        "The text is in an encoding that cannot be read.",
        "save it as UTF-8, and leave the encoding out of the XML declaration",
    ),
    Code(
        "SC104",
        "not-well-formed",
        "error",
        "The file is not XML from here on.",
        "look for a tag that is not closed, or an & or < that should be &amp; or &lt;",
    ),
    Code(
        "SC105", "document-type", "error", "There is a document type declaration.", "remove the <!DOCTYPE …>"
    ),
    Code(
        "SC106",
        "too-deep",
        "error",
        "Commands are nested too deep.",
        "put inner commands into a file and include it only where it is needed",
    ),
    # The schema
    Code("SC201", "wrong-root", "error", "The root is not <commands>.", "put the commands into <commands>"),
    Code("SC202", "unknown-command", "error", "There is no such command.", "give one of the twelve commands"),
    Code(
        "SC203", "unknown-element", "error", "The command has no such element.", "mend the name, or remove it"
    ),
    Code("SC204", "misplaced-element", "error", "An element stands in the wrong place.", "move it there"),
    Code(
        "SC205",
        "repeated-element",
        "error",
        "An element stands twice, and the server takes the first.",
        "keep one of them",
    ),
    Code("SC206", "missing-element", "error", "An element is missing.", "add it"),
    Code(
        "SC207",
        "element-in-text",
        "error",
        "An element stands within a text.",
        "write < as &lt;, or remove it",
    ),
    Code("SC208", "attribute", "error", "The server ignores attributes.", "write it as an element"),
    Code(
        "SC209",
        "stray-text",
        "error",
        "The server ignores text between elements.",
        "make it a <!-- comment -->",
    ),
    Code("SC210", "not-a-number", "error", "A number is wanted.", "give a number such as 10, 0.5 or 1e-3"),
    Code("SC211", "not-a-boolean", "error", "true or false is wanted.", "write true or false"),
    Code(
        "SC212",
        "unknown-comparison",
        "error",
        "The server takes an unknown comparison for EQUALS.",
        "give EQUALS, UNEQUAL, ABOVE, AT_LEAST, BELOW, AT_MOST, INCREASE_BY, DECREASE_BY, IN or NOT_IN",
    ),
    Code("SC213", "out-of-range", "error", "A number is out of its range.", "give a number that is in it"),
    Code(
        "SC214",
        "bad-name",
        "error",
        "A name is empty, has blanks around it or several lines.",
        "write the name right behind its tag, on one line",
    ),
    # What the server refuses, changes or ignores
    Code("SC301", "no-name", "error", "A command does not say what it is about.", "add the name"),
    Code("SC302", "log-of-nothing", "error", "A log without devices is refused.", "name the devices to log"),
    Code(
        "SC303", "empty-number", "error", "The server takes no empty number.", "give a number, or remove it"
    ),
    Code(
        "SC304",
        "cut-text",
        "error",
        "The server takes a text only up to the first comment in it.",
        "move the comment before the element",
    ),
    Code(
        "SC305",
        "boolean-misread",
        "error",
        "The server takes every text but true for false.",
        "write true or false, without blanks",
    ),
    Code("SC306", "step-zero", "error", "The server takes a step of 0 for 1.", "give the step that is meant"),
    Code(
        "SC307",
        "loop-never-runs",
        "error",
        "A loop of too many steps performs none of them.",
        "check start, end and step",
    ),
    Code("SC308", "comparison-in-if", "error", "The comparison works in wait only.", "compare otherwise"),
    Code("SC309", "relative-text", "error", "An increase by a text has no meaning.", "give a number"),
    Code(
        "SC310",
        "not-texts",
        "error",
        "IN and NOT_IN want a list of texts that they can carry.",
        'write the texts as "Open", "Moving"; no text may hold a backslash, or both kinds of quotes',
    ),
    Code("SC311", "not-finite", "error", "NaN and Infinity are no values to write.", "give a finite number"),
    Code(
        "SC312",
        "tolerance-left-out",
        "info",
        "The tolerance is left out, and the server takes 0.1.",
        "say how far off the value may be, in the device's units",
    ),
    Code(
        "SC313",
        "readback-ignored",
        "warning",
        "The readback is not looked at, as wait is false.",
        "set wait to true, or remove the readback",
    ),
    Code(
        "SC314",
        "timeout-ignored",
        "warning",
        "The timeout limits nothing, as nothing is waited for.",
        "wait for completion or a readback, or remove the timeout",
    ),
    Code(
        "SC315",
        "macro-in-value",
        "warning",
        "Macros are not replaced in values.",
        "write the value itself; macros work in names of devices and in comments",
    ),
    Code(
        "SC316",
        "number-as-text",
        "info",
        "The server makes a number of a text that looks like one.",
        "write the number without quotes, if a number is meant",
    ),
    Code("SC317", "repeated-device", "warning", "A log names a device twice.", "name each device once"),
    Code("SC318", "bad-macros", "error", "The macros cannot be read.", "write them as name=value, other=42"),
    # What hangs or wastes
    Code(
        "SC401",
        "wait-without-timeout",
        "warning",
        "The wait may last for ever.",
        "give a timeout: after it the scan fails, and says why",
    ),
    Code(
        "SC402",
        "completion-without-timeout",
        "info",
        "The wait for completion may last for ever.",
        "give a timeout that is well above the time of the longest move",
    ),
    Code(
        "SC403",
        "readback-without-timeout",
        "warning",
        "The wait for the readback, or for completion before it, may last for ever.",
        "give a timeout that is well above the time of the longest move",
    ),
    Code(
        "SC404",
        "exact-number",
        "warning",
        "A number with decimals is compared with a tolerance of 0.",
        "give a tolerance: measured values are hardly ever exactly equal",
    ),
    Code(
        "SC405",
        "tolerance-covers-step",
        "warning",
        "The tolerance is not smaller than the step, so the device need not move.",
        "give a tolerance that is well below the step",
    ),
    Code("SC406", "single-step", "info", "The loop has one value.", "use set, or give another end"),
    Code(
        "SC407",
        "many-steps",
        "warning",
        "The loop takes more than a million steps.",
        "check start, end and step, and those of the loops around it",
    ),
    Code(
        "SC408",
        "end-not-reached",
        "warning",
        "The steps do not meet the end, so the last one is shorter.",
        "choose a step that divides the distance, or another end",
    ),
    Code(
        "SC409",
        "step-points-away",
        "warning",
        "The step points away from the end, so the loop runs from the end to the start.",
        "change the sign of the step; in a loop around it, where directions should alternate, it may stay",
    ),
    Code(
        "SC410",
        "nested-loops-on-device",
        "warning",
        "A loop moves the device of a loop around it.",
        "step another device, or merge the loops",
    ),
    Code(
        "SC411",
        "parallel-writes",
        "warning",
        "Commands in parallel write to the same device.",
        "perform them in a sequence",
    ),
    Code(
        "SC412", "long-delay", "warning", "The delay is longer than a day.", "check the number: it is seconds"
    ),
    Code(
        "SC413", "empty-body", "warning", "There is nothing to do in the body.", "add commands, or remove it"
    ),
    Code("SC414", "nothing-logged", "info", "The scan has loops, and logs nothing.", "add a log"),
    Code("SC415", "empty-scan", "info", "There are no commands.", "add some"),
    Code(
        "SC416",
        "met-at-once",
        "warning",
        "The condition holds from the start.",
        "give a number above 0; DECREASE_BY waits for a fall",
    ),
    # The server's configuration, and files
    Code(
        "SC501",
        "include-not-found",
        "error",
        "The included file is not on the script path.",
        "mend the name, or add its folder as a <path> to scan_config.xml",
    ),
    Code(
        "SC502",
        "include-unchecked",
        "info",
        "The included file was not found here, so it was not checked.",
        "give the server's scan_config.xml: it says where such files are",
    ),
    Code("SC503", "include-circle", "error", "Files include each other without end.", "break the circle"),
    Code(
        "SC504",
        "too-many-includes",
        "error",
        "More files are included than can be checked.",
        "include less, or check the files one by one",
    ),
    Code(
        "SC505",
        "undefined-macro",
        "error",
        "A macro has no value, and the scan would hang.",
        "define it where the file is included or in scan_config.xml, or give a default: $(name=value)",
    ),
    Code(
        "SC506",
        "macro-from-outside",
        "info",
        "A macro has no value here.",
        "give the server's scan_config.xml, or the macros that the file is included with",
    ),
    Code(
        "SC507",
        "similar-device",
        "warning",
        "A device is not in the configuration, but one of a similar name is.",
        "mend the name, unless it is that of another PV",
    ),
    Code(
        "SC508",
        "outside-limits",
        "error",
        "A value is outside of the device's limits.",
        "give a value within them, or change them in scan_config.xml",
    ),
    Code(
        "SC509",
        "class-not-found",
        "error",
        "The class of a script is not on the script path.",
        "mend the name: class MyScript is searched for in myscript.py",
    ),
    Code(
        "SC510",
        "two-names",
        "warning",
        "A device is called by its alias and by the name of its PV.",
        "use one of them: a log keeps the data of each name apart",
    ),
    # What cannot be changed later
    Code(
        "SC601",
        "out-of-patch",
        "info",
        "What is in this body cannot be changed while the scan runs.",
        "put commands that may need a patch at the top level, or into loops only",
    ),
    # Comments that silence findings
    Code("SC901", "unused-ignore", "warning", "The comment silences nothing.", "remove it"),
    Code("SC902", "unknown-code", "warning", "The comment names a code that does not exist.", "mend it"),
    Code(
        "SC903",
        "bad-directive",
        "warning",
        "The comment cannot be understood.",
        "write <!-- scan-sdk: ignore SC401 --> or <!-- scan-sdk: ignore-file SC401 -->",
    ),
)
CODES: Final = {code.name: code for code in _ALL}
"""All codes, by their names."""


def codes_of(text: str) -> frozenset[str]:
    """Return the codes that a text means: a code, the beginning of some such as `SC4`, or a name.

    Raises:
        ValueError: It means none.
    """
    if text in CODES:
        return frozenset({CODES[text].code})
    found = frozenset(code.code for code in _ALL if text.startswith("SC") and code.code.startswith(text))
    if not found:
        raise ValueError(
            f"{text[:40]!r} is no code of a finding: give one such as SC401, a group such as SC4, or a name"
        )
    return found
