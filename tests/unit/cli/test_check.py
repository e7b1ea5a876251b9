"""`scan-sdk check`, in this process and as a program."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from scan_sdk.cli.app import run

ROOT = Path(__file__).parents[3]
GOOD = "<commands>\n  <delay><seconds>1</seconds></delay>\n</commands>\n"
BAD = "<commands>\n  <log/>\n  <wait><device>x</device><value>Open</value></wait>\n</commands>\n"
WARNING = "<commands><wait><device>x</device><value>Open</value></wait></commands>"


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def program(monkeypatch, capfd, tmp_path):
    """Run the program in a folder of its own, and return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["scan-sdk", "check", *map(str, arguments)])
        capfd.readouterr()
        try:
            code = run()
        except SystemExit as end:
            code = end.code
        return Ran(code, *capfd.readouterr())

    return ran


@pytest.fixture
def files(tmp_path):
    """Write a good file, a bad one, and one with a warning."""
    for name, text in {"good.scn": GOOD, "bad.scn": BAD, "sub/warning.scn": WARNING}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_good_file_is_a_line_and_0(program, files):
    assert program("good.scn") == (0, "1 file checked: all is well\n", "")


def test_findings_come_with_their_line_and_a_mark_below_it(program, files):
    ran = program("bad.scn", "good.scn")
    assert ran.code == 20
    assert ran.err == ""
    assert (
        ran.out
        == """\
bad.scn:2:3: SC206 <log> needs <devices>
    2 |   <log/>
      |   ^
  help: add it

bad.scn:3:3: SC401 it may wait for 'x' for ever
    3 |   <wait><device>x</device><value>Open</value></wait>
      |   ^
  help: give a timeout: after it the scan fails, and says why

2 files checked: 1 error, 1 warning
"""
    )


def test_warnings_count_with_strict_only(program, files):
    assert program("sub/warning.scn").code == 0
    assert program("sub/warning.scn", "--strict").code == 20
    assert program("sub/warning.scn", "--strict", "--ignore", "SC401").code == 0
    assert program("bad.scn", "--select", "SC4").code == 0


def test_a_folder_means_the_scn_files_in_it_in_order(program, files):
    (files / "sub" / "other.txt").write_text("no scan", encoding="utf-8")
    ran = program(".", "--output-format", "json")
    assert [one["file"] for one in json.loads(ran.out)] == ["bad.scn", "bad.scn", "sub/warning.scn"]
    (files / "empty").mkdir()
    ran = program("empty")
    assert (ran.code, ran.out) == (21, "")
    assert "empty: the folder has no .scn files" in ran.err


@pytest.mark.parametrize("name", ["none.scn", "folder.scn/"])
def test_a_file_that_cannot_be_read_has_a_code_of_its_own_and_the_others_are_checked(name, program, files):
    ran = program(name, "bad.scn")
    assert ran.code == 21
    assert f"{name.rstrip('/')}:1:1: SC101 the file cannot be read: No such file" in ran.out
    assert "bad.scn:2:3: SC206" in ran.out


def test_the_standard_input_is_checked_as_a_file(program, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    ran = program("-")
    assert ran.code == 20
    assert "-:2:3: SC206 <log> needs <devices>\n  help: add it" in ran.out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00\xff")))
    assert "-:1:1: SC104" in program("-").out


def test_a_file_that_is_included_and_named_is_told_of_once(program, files):
    outer = f"<commands>{'<include><scan_file>warning.scn</scan_file></include>' * 2}</commands>"
    (files / "sub" / "outer.scn").write_text(outer, encoding="utf-8")
    assert "1 warning" in program("sub").out


def test_json_has_all_that_a_finding_says(program, files):
    assert json.loads(program("bad.scn", "--output-format", "json", "--select", "SC401").out) == [
        {
            "code": "SC401",
            "name": "wait-without-timeout",
            "severity": "warning",
            "message": "it may wait for 'x' for ever",
            "advice": "give a timeout: after it the scan fails, and says why",
            "file": "bad.scn",
            "line": 3,
            "column": 3,
            "address": 1,
            "command": "Wait for 'x' = \"Open\" (+-0.1)",
        }
    ]
    assert program("good.scn", "--output-format", "json").out == "[]\n"


def test_sarif_has_the_parts_that_its_readers_want(program, files):
    (files / "a b%.scn").write_text(BAD, encoding="utf-8")
    report = json.loads(program("a b%.scn", "sub", "--output-format", "sarif").out)
    assert report["version"] == "2.1.0"
    assert report["$schema"].endswith("sarif-2.1.0.json")
    [found] = report["runs"]
    driver = found["tool"]["driver"]
    assert driver["name"] == "scan-sdk"
    assert re.fullmatch(r"\d+\.\d+\.\d+", driver["version"])
    assert [rule["id"] for rule in driver["rules"]] == ["SC206", "SC401"]
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
    assert found["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
    assert [one["level"] for one in found["results"]] == ["error", "warning", "warning"]
    for one in found["results"]:
        assert driver["rules"][one["ruleIndex"]]["id"] == one["ruleId"]
        assert one["message"]["text"]
        [place] = one["locations"]
        physical = place["physicalLocation"]
        assert re.fullmatch(r"[A-Za-z0-9_./%~-]+", physical["artifactLocation"]["uri"])
        assert physical["region"]["startLine"] >= 1
        assert physical["region"]["startColumn"] >= 1
    assert (
        found["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b%25.scn"
    )
    assert json.loads(program("good.scn", "--output-format", "sarif").out)["runs"][0]["results"] == []


def test_annotations_of_github_are_a_line_each_with_their_special_characters_escaped(program, files):
    (files / "a,b:c%.scn").write_text("<commands>100%<delay/>\n</commands>", encoding="utf-8")
    ran = program("a,b:c%.scn", "--output-format", "github")
    assert ran.out == (
        "::error file=a%2Cb%3Ac%25.scn,line=1,col=11,title=SC209 stray-text::"
        "the server ignores text between elements: '100%25': make it a <!-- comment -->\n"
    )
    levels = program("sub/warning.scn", "--output-format", "github").out
    assert levels.startswith(
        "::warning file=sub/warning.scn,line=1,col=11,title=SC401 wait-without-timeout::"
    )


def test_a_name_that_is_no_text_is_told_of_all_the_same(program, tmp_path):
    name = os.fsdecode(b"\xff.scn")
    (tmp_path / name).write_text(BAD, encoding="utf-8")
    assert " .scn:2:3: SC206" in program(name).out
    assert "file=?.scn,line=2" in program(name, "--output-format", "github").out
    assert '"uri": "%FF.scn"' in program(name, "--output-format", "sarif").out
    assert json.loads(program(name, "--output-format", "json").out)[0]["file"] == name


def test_the_configuration_and_macros_are_used(program, files):
    (files / "scan_config.xml").write_text(
        "<scan_config><pv><name>loc://m(0)</name><alias>motor_x</alias></pv></scan_config>", encoding="utf-8"
    )
    logs = "<log><devices><device>motr_x</device><device>$(d)</device></devices></log>"
    (files / "good.scn").write_text(f"<commands>{logs}</commands>", encoding="utf-8")
    ran = program("good.scn", "--config", "scan_config.xml", "--macro", "d=motor_x")
    assert "SC507 the configuration does not name 'motr_x': did you mean 'motor_x'?" in ran.out
    assert "1 warning" in ran.out
    assert "SC505" in program("good.scn", "--config", "scan_config.xml").out


def test_hidden_copies_in_folders_are_left_out(program, files):
    for name in (".git/bad.scn", "sub/.old/bad.scn"):
        (files / name).parent.mkdir()
        (files / name).write_text(BAD)
    assert program("sub").out.splitlines()[-1] == "1 file checked: 0 errors, 1 warning"


def test_json_is_asked_for_as_everywhere(program, files):
    assert program("bad.scn", "--json").out == program("bad.scn", "--output-format", "json").out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--ignore", "SC999"], 2, "'SC999' is no code of a finding"),
        (["--macro", "motor_x"], 2, "--macro motor_x: give a name and a value"),
        (["--config", "none.xml"], 3, "cannot read none.xml: No such file"),
        (["--config", "good.scn"], 3, "good.scn:1:1: the root element is <commands>"),
    ],
)
def test_options_that_make_no_sense_are_told_of_on_stderr(options, code, said, program, files):
    ran = program("good.scn", *options)
    assert (ran.code, ran.out) == (code, "")
    assert said in " ".join(ran.err.split())


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (BAD.replace("\n", "\r\n").encode(), "    2 |   <log/>\n      |   ^\n"),
        (BAD.replace("\n", "\r").encode(), "    2 |   <log/>\n      |   ^\n"),
        (("\ufeff" + BAD).encode(), "    2 |   <log/>\n      |   ^\n"),
        (BAD.encode("utf-16"), "    2 |   <log/>\n      |   ^\n"),
        (BAD.replace("  <log", "\t<log").encode(), "    2 |  <log/>\n      |  ^\n"),
        (b"<commands>" + b" " * 500 + b"<log/>" + b" " * 500 + b"</commands>", " " * 50 + "^\n"),
        (b"<commands>\n\x1b[31m</commands>", "    2 |  [31m</commands>\n      | ^\n"),
        (b"", "SC104 not well-formed XML: no element found\n  help: "),
    ],
)
def test_the_line_is_shown_as_people_see_it(body, shown, program, tmp_path):
    (tmp_path / "odd.scn").write_bytes(body)
    assert shown in program("odd.scn").out


def test_colours_are_for_terminals_only(files):
    command = [sys.executable, "-m", "scan_sdk.cli", "check", "bad.scn"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    plain = subprocess.run(command, cwd=files, env=environment, capture_output=True, text=True, check=False)
    assert (plain.returncode, plain.stderr) == (20, "")
    assert "\x1b" not in plain.stdout
    main, terminal = os.openpty()
    with os.fdopen(main, "rb", 0) as shown:
        done = subprocess.run(command, cwd=files, env=environment, stdout=terminal, check=False)
        os.close(terminal)
        assert done.returncode == 20
        assert b"\x1b[" in shown.read(4096)


def test_the_hook_of_pre_commit_is_a_command_that_takes_file_names(program, files):
    [hook] = [
        one
        for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        if one["id"] == "scan-sdk-check"
    ]
    assert hook["entry"] == "scan-sdk check"
    assert re.search(hook["files"], "scans/night.scn")
    assert not re.search(hook["files"], "night.scn.txt")
    needed = set(hook["additional_dependencies"])
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"cli = {json.dumps(sorted(needed, reverse=True))}" in pyproject
    assert program("good.scn", "bad.scn").code == 20
