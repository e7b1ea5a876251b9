"""`scan-sdk format`, `convert`, `diff` and `schema`, which need no server."""

import io
import json
import subprocess
import sys

import pytest

from scan_sdk import CommandSequence, Delay, Log, Loop
from scan_sdk.cli.app import run
from scan_sdk.formats import json_schema, xsd

UNTIDY = "<commands><!-- a --><delay><seconds>1</seconds></delay></commands>"
TIDY = "<commands>\n  <!-- a -->\n  <delay>\n    <seconds>1.0</seconds>\n  </delay>\n</commands>\n"
BROKEN = "<commands><log/></commands>"


@pytest.fixture
def program(monkeypatch, capfd, tmp_path):
    """Run the program in a folder of its own, and return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run_here(*arguments: object, stdin: bytes = b""):
        monkeypatch.setattr(sys, "argv", ["scan-sdk", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfd.readouterr()
        try:
            code = run()
        except SystemExit as end:
            code = end.code
        return (code, *capfd.readouterr())

    return run_here


@pytest.fixture
def untidy(tmp_path):
    path = tmp_path / "night.scn"
    path.write_text(UNTIDY)
    return path


def test_format_writes_in_place_and_keeps_permissions(program, untidy):
    untidy.chmod(0o640)
    assert program("format", "night.scn") == (0, "", "formatted night.scn\n")
    assert untidy.read_text() == TIDY
    assert untidy.stat().st_mode & 0o777 == 0o640
    before = untidy.stat().st_ino
    assert program("format", "night.scn") == (0, "", "")
    assert untidy.stat().st_ino == before


def test_format_check_writes_nothing_and_names_what_would_change(program, untidy):
    assert program("format", "--check", "night.scn") == (22, "would change night.scn\n", "")
    assert untidy.read_text() == UNTIDY


def test_format_diff_shows_what_would_change(program, untidy):
    code, out, _ = program("format", "--diff", "night.scn")
    assert (code, out.splitlines()[:2]) == (0, ["--- night.scn", "+++ night.scn (formatted)"])
    assert program("format", "--check", "--diff", "night.scn")[0] == 22
    assert untidy.read_text() == UNTIDY


def test_format_goes_through_folders_and_leaves_out_hidden_ones(program, untidy, tmp_path):
    for folder in ("b", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.scn").write_text(UNTIDY)
    (tmp_path / "config.xml").write_text("<scan_config/>")
    assert program("format", "--check", ".") == (22, "would change b/a.scn\nwould change night.scn\n", "")


def test_format_goes_on_after_files_that_it_cannot_format(program, untidy, tmp_path):
    (tmp_path / "broken.scn").write_text(BROKEN)
    code, _, err = program("format", "broken.scn", "gone.scn", "night.scn")
    assert code == 21
    assert err.splitlines() == [
        "scan-sdk: broken.scn:1:11: <log> needs <devices>",
        "scan-sdk: cannot read gone.scn: No such file or directory",
        "formatted night.scn",
    ]
    assert program("format", "--check", "broken.scn")[0] == 21
    assert untidy.read_text() == TIDY


def test_format_reads_and_writes_the_standard_streams(program):
    assert program("format", "-", stdin=UNTIDY.encode()) == (0, TIDY, "")
    assert program("format", "--check", "-", stdin=UNTIDY.encode()) == (22, "would change <stdin>\n", "")
    code, out, err = program("format", "-", stdin=b"\x89PNG\x00")
    assert (code, out) == (21, "")
    assert err.startswith("scan-sdk: <stdin>:1:1: not well-formed XML")


def test_a_closed_standard_input_is_a_line_and_no_traceback():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os; os.close(0); from scan_sdk.cli import main; main()",
            "format",
            "-",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (21, "")
    assert done.stderr.startswith("scan-sdk: cannot read")


def test_format_says_where_it_cannot_write(program, untidy, tmp_path):
    (tmp_path / "to").symlink_to(tmp_path / "gone" / "x.scn")
    code, _, err = program("convert", "night.scn", "-o", "to/y.scn")
    assert code == 9
    assert "cannot write to/y.scn" in err


def test_convert_goes_by_the_names_of_the_files(program, untidy, tmp_path):
    code, out, err = program("convert", "night.scn", "-o", "night.yaml")
    assert (code, out, err) == (0, "", "night.scn: comments and processing instructions left out: 1\n")
    assert (tmp_path / "night.yaml").read_text() == "- {command: delay, seconds: 1}\n"
    assert program("convert", "night.yaml", "-o", "night.py")[0] == 0
    assert program("convert", "night.py", "-o", "night.json")[0] == 0
    assert program("convert", "night.json", "--to", "xml") == (0, CommandSequence(Delay(1)).to_xml(), "")


def test_convert_from_xml_to_xml_keeps_comments(program, untidy):
    assert program("convert", "night.scn", "--to", "xml") == (0, TIDY, "")


def test_convert_asks_for_a_format_that_no_name_tells(program, untidy, tmp_path):
    assert program("convert", "night.scn")[0] == 2
    assert program("convert", "-", "--to", "xml", stdin=b"[]")[0] == 2
    assert program("convert", "-", "--from", "json", "--to", "xml", stdin=b"[]") == (0, "<commands/>\n", "")
    (tmp_path / "night.txt").write_text("[]")
    code, _, err = program("convert", "night.txt", "--to", "xml")
    assert code == 2
    assert "say with --from what night.txt is written in" in err


@pytest.mark.parametrize("name", ["x.scn", "x.json", "x.yaml", "x.py"])
def test_binary_files_and_folders_are_a_line_and_no_traceback(program, tmp_path, name):
    (tmp_path / name).write_bytes(b"\x7fELF\x00\xff\xfe" + bytes(range(256)))
    code, out, err = program("convert", name, "--to", "xml")
    assert (code, out) == (21, "")
    assert err.startswith(f"scan-sdk: {name}:")
    (tmp_path / "folder.json").mkdir()
    code, _, err = program("convert", "folder.json", "--to", "xml")
    assert (code, err) == (21, "scan-sdk: cannot read folder.json: Is a directory\n")


def test_what_cannot_be_read_leaves_the_target_as_it_was(program, tmp_path):
    (tmp_path / "a.scn").write_text(BROKEN)
    (tmp_path / "a.json").write_text("before")
    assert program("convert", "a.scn", "-o", "a.json")[0] == 21
    assert (tmp_path / "a.json").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.scn"]


@pytest.fixture
def two(tmp_path):
    old = CommandSequence(Delay(1), Loop("x", 1, 5, 1, Log("a")), Log("b"))
    new = CommandSequence(Loop("x", 1, 9, 1, Log("a"), Loop("y", 1, 2, 1, Delay(3))), Delay(1))
    (tmp_path / "a.scn").write_text(old.to_xml())
    (tmp_path / "b.json").write_text(new.to_json(indent=1))


def test_diff_tells_changes_with_address_and_place(program, two):
    code, out, _ = program("diff", "a.scn", "b.json")
    assert code == 1
    assert out.splitlines() == [
        "~ 1 → 0  b.json:2:2  Loop('x', 1, 9, 1)",
        "      end: 5 → 9",
        "+ 2  b.json:22:4  Loop('y', 1, 2, 1), with 1 in its body",
        "- 3  a.scn:20:3  Log('b')",
        "> 0 → 4  b.json:44:2  Delay(1)",
        "1 added, 1 removed, 1 changed, 1 moved",
    ]


def test_diff_of_equal_commands_is_nothing_and_code_0(program, two):
    assert program("diff", "a.scn", "a.scn") == (0, "", "")
    assert program("diff", "a.scn", "-", "--from", "yaml", stdin=b"[]")[0] == 1


def test_diff_as_json(program, two):
    code, out, _ = program("diff", "--json", "a.scn", "b.json")
    first, added, removed, moved = json.loads(out)
    assert code == 1
    assert (first["kind"], first["properties"]) == ("changed", ["end"])
    assert first["old"] == {
        "address": 1,
        "path": [1],
        "source": {"file": "a.scn", "line": 5, "column": 3},
        "command": {**first["new"]["command"], "end": 5.0},
    }
    assert (added["kind"], added["old"], added["new"]["path"]) == ("added", None, [0, 1])
    assert (moved["kind"], removed["kind"], removed["new"]) == ("moved", "removed", None)
    assert program("diff", "--json", "a.scn", "a.scn")[:2] == (0, "[]\n")


def test_trouble_of_diff_is_never_code_1(program, two, tmp_path):
    (tmp_path / "broken.scn").write_text(BROKEN)
    assert program("diff", "a.scn", "gone.scn")[0] == 21
    assert program("diff", "a.scn", "broken.scn")[0] == 21
    assert program("diff", "-", "-")[0] == 2
    assert program("diff", "a.scn", "-", stdin=b"[]")[0] == 2


def test_diff_is_coloured_on_terminals_only(program, two, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in program("diff", "a.scn", "b.json")[1]


def test_schema_prints_xml_schemas_and_json_schemas(program, tmp_path):
    assert program("schema", "scan_config") == (0, xsd("scan_config"), "")
    code, out, _ = program("schema", "commands", "--json")
    assert (code, json.loads(out)) == (0, json_schema("commands"))
    assert program("schema", "patch", "--xsd", "-o", "patch.xsd") == (0, "", "")
    assert (tmp_path / "patch.xsd").read_text(encoding="utf-8") == xsd("patch")
    assert program("schema", "patch", "-o", "gone/patch.xsd")[0] == 9
    assert program("schema", "comands")[0] == 2
