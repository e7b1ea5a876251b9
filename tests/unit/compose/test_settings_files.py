"""Settings from files, and all that can be wrong with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from scan_sdk import DeviceRule, InvalidSettings, MissingExtra, ScanSettings

if TYPE_CHECKING:
    from pathlib import Path

JSON = """{
    "table_scan_row": "+c row",
    "motor_\\\\d": {"completion": true, "timeout": 100},
    ".*daq.*": {"completion": true},
    "counter": {"comparison": "increase by", "readback_value": ""},
    "set:point": {"completion": true, "tolerance": 0.1, "readback": "µm \\"x\\""}
}"""
TOML = r"""
table_scan_row = "+c row"
['motor_\d']
completion = true
timeout = 100
[".*daq.*"]
completion = true
[counter]
comparison = "increase by"
readback_value = ""
["set:point"]
completion = true
tolerance = 0.1
readback = 'µm "x"'
"""
YAML = r"""
table_scan_row: +c row
motor_\d: {completion: true, timeout: 1e2}
.*daq.*:
    completion: yes
counter:
    comparison: increase by
    readback_value: ""
set:point: {completion: true, tolerance: .1, readback: µm "x"}
"""
SETTINGS = ScanSettings(
    [
        DeviceRule(r"motor_\d", completion=True, timeout=100),
        DeviceRule(".*daq.*", completion=True),
        DeviceRule("counter", comparison="increase by"),
        DeviceRule("set:point", completion=True, tolerance=0.1, readback='µm "x"'),
    ],
    table_scan_row="+c row",
)


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", JSON),
        ("a.toml", TOML),
        ("a.yaml", YAML),
        ("a.YML", YAML),
        ("bom.json", "\ufeff" + JSON),
        ("crlf.toml", TOML.replace("\n", "\r\n")),
    ],
)
def test_a_file_is_read_in_each_format(tmp_path: Path, name: str, content: str) -> None:
    path = write(tmp_path, name, content)
    assert ScanSettings.read(path) == ScanSettings.read(str(path)) == SETTINGS


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert ScanSettings.read(write(tmp_path, "again.json", SETTINGS.to_json())) == SETTINGS


def test_of_rules_for_one_pattern_the_last_one_is_written_in_its_place() -> None:
    rules = [DeviceRule("x"), DeviceRule(".*", timeout=1), DeviceRule("x", completion=True)]
    written = ScanSettings(rules).to_json()
    assert written.index('".*"') < written.index('"x"')
    assert written.count('"x"') == 1


def test_functions_cannot_be_written() -> None:
    settings = ScanSettings([DeviceRule("x", readback=str)], readback_name=str)
    with pytest.raises(InvalidSettings) as caught:
        settings.to_json()
    assert [place for place, _ in caught.value.problems] == ["readback_name", "'x', readback"]
    assert "a function cannot be written to a file" in str(caught.value)


def test_a_device_may_be_called_as_the_key_for_rows(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '{"table_scan_row": {"completion": true}}')
    assert ScanSettings.read(path).rules == (DeviceRule("table_scan_row", completion=True),)


def test_a_file_may_have_no_rules(tmp_path: Path) -> None:
    assert ScanSettings.read(write(tmp_path, "a.toml", "# nothing yet\n")) == ScanSettings()


@pytest.mark.parametrize("symbol", ["=", "!=", ">", ">=", "<", "<=", "increase by", "not in"])
def test_comparisons_can_be_written_as_symbols(tmp_path: Path, symbol: str) -> None:
    path = write(tmp_path, "a.yaml", f"x: {{comparison: '{symbol}'}}")
    assert ScanSettings.read(path).of("x").comparison.symbol.endswith(symbol)


def test_the_equals_sign_needs_no_quotes_in_yaml(tmp_path: Path) -> None:
    assert ScanSettings.read(write(tmp_path, "a.yaml", "x: {comparison: =}")).of("x").comparison == "EQUALS"


@pytest.mark.parametrize(
    ("number", "value"),
    [("1e3", 1000), ("+1.5E-1", 0.15), (".5e1", 5), ("1e+2", 100), ("2", 2), ("0.5", 0.5)],
)
def test_numbers_are_read_in_yaml_as_people_write_them(tmp_path: Path, number: str, value: float) -> None:
    assert ScanSettings.read(write(tmp_path, "a.yaml", f"x: {{timeout: {number}}}")).of("x").timeout == value


# What is wrong


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "", "the file: it is empty: map patterns to their options"),
        ("a.toml", " \n", "the file: it is empty"),
        ("a.yaml", "", "the file: it is empty"),
        ("a.yaml", "# only a comment", "the file: it is empty"),
        ("a.json", "[]", "the file: it holds no mapping"),
        ("a.json", "5", "the file: it holds no mapping"),
        ("a.yaml", "- x", "the file: it holds no mapping"),
        ("a.json", '{"a":\n', "line 2, column 1: no JSON: Expecting value"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", "the file: no JSON: Exceeds the limit"),
        ("a.json", "[" * 5000, "the file: it is nested too deeply"),
        ("a.toml", "a = " + "[" * 5000, "the file: "),
        ("a.yaml", "[" * 1000, "the file: it is nested too deeply"),
        ("a.toml", "[x]\n[x]", "the file: no TOML: Cannot declare ('x',) twice (at line 2, column 3)"),
        ("a.yaml", "x: {timeout: 5", "line 1, column 15: no YAML: "),
        ("a.yaml", "x:\n  comparison: >=", "a comparison such as '>=' stands in quotes"),
        ("a.yaml", "x: {comparison: >}", "line 1, column 17: no YAML: "),
        ("a.yaml", "x: {}\n---\ny: {}", "line 2, column 1: no YAML: "),
        ("a.yaml", "x: !!python/object:os.system {}", "could not determine a constructor for the tag"),
        ("a.yaml", "x: {completion: !!bool maybe}", "the file: no YAML: 'maybe'"),
        ("a.yaml", "x: {timeout: !!timestamp now}", "the file: no YAML: "),
        ("a.yaml", "x: {timeout: 1e3s}", "'x', timeout: give a time in seconds"),
        ("a.yaml", "x: \x00", "the file: no YAML: "),
        ("a.yaml", "x: {timeout: 2026-13-40}", "the file: no YAML: month must be in 1..12"),
        ("a.json", b'{\n"\xff": {}}', "line 2: the file is not in UTF-8: save it in that encoding"),
        ("a.ini", "", "the end of its name: settings are read from .json, .toml, .yaml, .yml files only"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_of(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(InvalidSettings) as caught:
        ScanSettings.read(path)
    assert f"{path}: " in str(caught.value)
    assert message in str(caught.value)
    assert caught.value.source == str(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"x": null}', ("'x'", "its options are missing: map patterns to their options, for example")),
        ('{"x": true}', ("'x'", "its options are missing")),
        ('{"(": {}}', ("'('", "'(' is no regular expression: missing )")),
        (
            '{"x": {"timout": 5}}',
            ("'x', timout", "DeviceRule has no option 'timout'; did you mean 'timeout'?"),
        ),
        ('{"x": {"timeout": "5"}}', ("'x', timeout", "give a time in seconds: a finite number, 0 or more")),
        ('{"x": {"timeout": NaN}}', ("'x', timeout", "give a time in seconds: a finite number, 0 or more")),
        ('{"x": {"completion": "true"}}', ("'x', completion", "give True or False")),
        ('{"x": {"tolerance": {}}}', ("'x', tolerance", "no option holds a mapping")),
        ('{"x": {"readback": ["y"]}}', ("'x', readback", "give True or False, the name of a device")),
        ('{"x": {"pattern": "y"}}', ("'x', pattern", "what the options stand under is the pattern")),
        ('{"x": {}, "x": {}}', ("the file", "the pattern 'x' stands there twice: remove one of them")),
        ('{"x": {"timeout": 1, "timeout": 1}}', ("'x'", "the option 'timeout' stands there twice")),
        ('{"table_scan_row": 5}', ("table_scan_row", "give the name of a device as text")),
        ('{"table_scan_row": "+q x"}', ("table_scan_row", "settings: +q x: '+q' is no prefix")),
    ],
)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, content: str, problem: tuple[str, str]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        ScanSettings.read(write(tmp_path, "a.json", content))
    [(place, reason)] = caught.value.problems
    assert place == problem[0]
    assert reason.startswith(problem[1])


def test_a_pattern_with_dots_and_no_quotes_is_told_of_in_toml(tmp_path: Path) -> None:
    path = write(tmp_path, "a.toml", "[motor.x]\ncompletion = true")
    with pytest.raises(InvalidSettings, match=r"'motor', x: .* in TOML a pattern with dots has quotes"):
        ScanSettings.read(path)


def test_all_mistakes_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    content = """\
(: {}
x:
  timeout: -1
  tolerance: small
  tolerance: 5
5: {}
y:
x: {<<: 1}
z: {on: true}
"""
    with pytest.raises(InvalidSettings) as caught:
        ScanSettings.read(write(tmp_path, "a.yaml", content))
    assert [place for place, _ in caught.value.problems] == [
        "line 1, '('",
        "line 3, 'x', timeout",
        "line 4, 'x', tolerance",
        "line 5, 'x'",
        "line 6",
        "line 7, 'y'",
        "line 8",
        "line 9, 'z'",
    ]
    assert "line 6: 5 is no text: put the pattern in quotes" in str(caught.value)
    assert "line 9, 'z': True is no text: put the option in quotes" in str(caught.value)


def test_an_alias_that_holds_itself_is_a_mistake_like_others(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidSettings, match="line 1, column 4: no YAML: found unconstructable recursive node"
    ):
        ScanSettings.read(write(tmp_path, "a.yaml", "x: &x {timeout: *x}"))


def test_an_option_may_be_an_alias(tmp_path: Path) -> None:
    settings = ScanSettings.read(write(tmp_path, "a.yaml", "x: &x {timeout: 5}\ny: *x"))
    assert settings.of("y").timeout == 5


def test_what_the_system_refuses_is_its_own_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").mkdir()
    with pytest.raises(IsADirectoryError):
        ScanSettings.read(tmp_path / "a.json")
    with pytest.raises(FileNotFoundError):
        ScanSettings.read(tmp_path / "b.json")


def test_yaml_without_its_library_is_a_missing_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(MissingExtra, match=r"pip install 'scan_sdk\[yaml\]'"):
        ScanSettings.read(write(tmp_path, "a.yaml", YAML))
