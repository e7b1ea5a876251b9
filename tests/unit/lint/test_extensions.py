"""Rules of extensions are looked at beside those of this package, and report findings of their own kinds."""

from __future__ import annotations

import pytest

from scan_sdk import CommandSequence, Delay, ExtensionError, OtherCommand, Set, _registry, check
from scan_sdk.extend import CommandModel, checks, lint_rule
from scan_sdk.lint import CODES

RULE = {
    "code": "BL7001",
    "name": "site-rule",
    "severity": "error",
    "title": "The site does not want this.",
    "advice": "leave it out",
}


@pytest.fixture(autouse=True)
def fresh():
    known = dict(_registry.LINT_CODES.items())
    yield
    for code, item in [*_registry.LINT_CODES.items()]:
        if code not in known:
            _registry.LINT_CODES.remove(code)
            _registry.LINT_NAMES.remove(item.name)


@pytest.fixture
def rule():
    """Register a rule for a kind of command, and take it out again."""
    registered = []

    def register(kind, function):
        registered.append(checks(kind)(function))

    yield register
    for function in registered:
        _registry.CHECKS.forget(function)


def test_a_rule_adds_to_those_that_are_there(rule, codes):
    lint_rule(**RULE)
    rule(Set, lambda command, visit: visit.report("site-rule", f"no {command.device}", tag="device"))
    assert codes([Set("x", "7"), Delay(1)]) == ["number-as-text", "site-rule"]
    [finding] = check("<commands><set><device>x</device><value>1</value><wait>false</wait></set></commands>")
    assert str(finding) == "commands:1:16: BL7001 no x: leave it out"
    assert finding.severity == "error"
    assert codes(Set("x", 1), ignore=["BL7"]) == []
    assert codes(Set("x", "7"), select=["site-rule"]) == ["site-rule"]
    assert next(iter(CODES)) == "site-rule"
    assert CODES["site-rule"].code == "BL7001"


def test_a_rule_for_all_commands_sees_subclasses_and_unknown_ones_too(rule, codes):
    class Move(Set):
        """Moves."""

    lint_rule(**RULE)
    rule(CommandModel, lambda command, visit: visit.report("site-rule", "any"))
    found = codes(CommandSequence(Move("x", "7"), Delay(1), OtherCommand("<x/>")))
    assert found == ["number-as-text", "site-rule", "site-rule", "unknown-command", "site-rule"]


def test_a_comment_silences_a_finding_of_an_extension(rule, codes):
    lint_rule(**RULE)
    rule(Delay, lambda command, visit: visit.report("site-rule", "no delay"))
    delay = "<delay><seconds>1</seconds></delay>"
    assert codes(f"<commands><!-- scan-sdk: ignore BL7001 -->{delay}</commands>") == []
    assert codes(f"<commands>{delay}</commands>") == ["site-rule"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code": "SC999"}, "begin with SC are those of scan_sdk"),
        ({"code": "SC999x"}, "begin with SC"),
        (
            {"name": "wait-without-timeout"},
            "'wait-without-timeout' of .* is that of scan_sdk",
        ),
        ({"name": "other-rule"}, "the code of lint 'BL7001' of .* is that of .* already"),
    ],
)
def test_codes_that_clash_are_refused(change, reason):
    if change == {"name": "other-rule"}:
        lint_rule(**RULE)
    with pytest.raises(ExtensionError, match=reason):
        lint_rule(**{**RULE, **change})
    lint_rule(**{**RULE, "code": "BL7002", "name": "third-rule"})


def test_a_finding_that_nobody_registered_is_refused(rule):
    rule(Delay, lambda command, visit: visit.report("no-such-rule", "no"))
    with pytest.raises(ExtensionError, match=r"'no-such-rule': register it with scan_sdk.extend.lint_rule"):
        check(Delay(1))
