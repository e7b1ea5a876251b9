"""What type checkers and editors know of checks; checked by mypy and pyright, never run."""

from pathlib import Path
from typing import Literal, assert_type

from scan_sdk import CommandSequence, Finding, Log, ScanConfig, Source, check
from scan_sdk.lint import CODES, Checker, Code, Severity

# All that can be checked, and with what.
check("night.scn")
check(Path("night.scn"), config="scan_config.xml", macros={"axis": "motor_x"}, source="night")
check("<commands/>", config=ScanConfig(), select=["SC4"], ignore=("SC401", "end-not-reached"))
check(b"<commands/>")
check(Log("x"))
check([Log("x"), [Log("y")]])
check(CommandSequence(Log("x")))

# What checkers refuse; an ignore that is not needed is an error itself.
check(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
check("night.scn", "scan_config.xml")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def findings(checker: Checker) -> None:
    assert_type(check("night.scn"), list[Finding])
    for finding in checker.check("night.scn"):
        assert_type(finding.code, str)
        assert_type(finding.source, Source | None)
        assert_type(finding.address, int | None)
        assert_type(finding.severity, Literal["error", "warning", "info"])
        checked: Severity = finding.severity
        assert_type(CODES[finding.name], Code)
        assert_type(checked, Literal["error", "warning", "info"])
