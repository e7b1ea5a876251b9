"""What is found in documents, and where."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from scan_sdk import CommandSequence, Include, InvalidConfig, Log, PvConfig, ScanConfig, TextSource, Wait
from scan_sdk.formats import dump_commands
from scan_sdk.lint import Checker, check
from scan_sdk.lint import files as lint_files

SET = "<device>x</device><value>1</value><wait>false</wait>"


def places(document, **options):
    return [(one.name, one.source.line, one.source.column) for one in check(document, **options)]


def test_all_faults_are_found_at_once_each_at_its_element():
    document = """<commands version="1">
  <dely/>
  <delay><seconds>one</seconds><secnds>2</secnds></delay>
  <set><device> x</device><tolerance>-1</tolerance><timeout>1d</timeout><wait>yes</wait></set>
  stray
  <loop><device>x</device><step>0</step><log/><body>
    <timeout>5</timeout>
    <if><device>x</device><comparison>in</comparison></if>
  </body></loop>
  <log/>
</commands>"""
    assert places(document) == [
        ("attribute", 1, 1),
        ("unknown-command", 2, 3),
        ("not-a-number", 3, 10),
        ("unknown-element", 3, 32),
        ("bad-name", 4, 8),
        ("out-of-range", 4, 27),
        ("not-a-number", 4, 52),
        ("not-a-boolean", 4, 73),
        ("stray-text", 5, 3),
        ("step-zero", 6, 27),
        ("misplaced-element", 6, 41),
        ("misplaced-element", 7, 5),
        ("unknown-comparison", 8, 27),
        ("missing-element", 10, 3),
    ]


def test_what_was_found_before_the_document_breaks_is_kept_with_what_is_in_open_commands():
    document = """<commands>
  <wait><device>a</device><value>"b"</value></wait>
  <loop><device>x</device><body>
    <wait><device>a</device><value>"b"</value></wait>
    <set><device>y
  </body></loop>
</commands>"""
    assert places(document) == [
        ("wait-without-timeout", 2, 3),
        ("wait-without-timeout", 4, 5),
        ("not-well-formed", 6, 5),
    ]


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        ("<dely/>", "did you mean delay?"),
        ("<delay><secnds/></delay>", "did you mean seconds?"),
        ("<log><device>x</device></log>", "it belongs into <devices>"),
        ("<script><path>M</path><argument>x</argument></script>", "it belongs into <arguments>"),
        ("<sequence><delay/></sequence>", "it belongs into <body>"),
        (
            "<parallel><body><timeout>1</timeout></body></parallel>",
            "it belongs to <parallel>, outside of its <body>",
        ),
        ("<wait><device>x</device><comparison>AT_LEST</comparison></wait>", "did you mean AT_LEAST?"),
        ("<delay><seconds>-1</seconds></delay>", "give a time in seconds: a finite number, 0 or more"),
    ],
)
def test_the_advice_says_what_is_likely_meant(fault, advice):
    assert advice in [one.advice for one in check(f"<commands>{fault}</commands>")]


def test_editors_may_say_where_the_schema_is():
    name = "xsi:noNamespaceSchemaLocation"
    instance = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    assert places(f'<commands {instance} {name}="commands.xsd"><delay/></commands>') == []
    assert places(f'<commands xmlns="urn:x" {instance}><delay/></commands>') == [("attribute", 1, 1)]


def test_a_finding_of_a_rule_stands_at_the_element_that_it_is_about():
    document = (
        "<commands>\n<set><device>x</device>\n<value>1</value><wait>false</wait>\n"
        "<timeout>5</timeout></set></commands>"
    )
    assert places(document) == [("timeout-ignored", 4, 1)]
    assert places(document.encode("utf-16")) == [("timeout-ignored", 4, 1)]
    assert places("\ufeff" + document) == [("timeout-ignored", 4, 1)]


@pytest.mark.parametrize(
    ("lines", "left"),
    [
        (["<!-- scan-sdk: ignore SC401 -->", "WAIT", "WAIT"], [3]),
        (["WAIT <!-- scan-sdk: ignore SC401 -->", "WAIT"], [2]),
        (["WAIT", "WAIT <!-- scan-sdk: ignore wait-without-timeout -->"], [1]),
        (
            ["<!--scan-sdk:ignore SC4,SC3-->", "<sequence><body>WAIT", "WAIT</body></sequence>", "WAIT"],
            [1, 4],
        ),
        (["WAIT", "<!-- scan-sdk: ignore-file SC401 -->", "WAIT"], []),
        (["<wait><device>a</device><!-- scan-sdk: ignore SC401 --><value>b</value></wait>", "WAIT"], [2]),
        (["<wait><device><!-- scan-sdk: ignore SC401, SC304 -->a</device><value>b</value></wait>"], []),
        (["<!-- ignore SC401 -->", "WAIT"], [2]),
        (["<!-- scan-sdk: ignore SC401 -->", "<!-- scan-sdk: ignore SC402 SC401 -->", "WAIT"], [2, 2]),
    ],
)
def test_comments_silence_what_is_meant(lines, left):
    text = "\n".join(lines).replace("WAIT", "<wait><device>a</device><value>b</value></wait>")
    found = check(f"<commands>{text}</commands>", ignore=["SC304", "SC601"])
    assert [
        one.source.line for one in found if one.name == "wait-without-timeout" or one.code > "SC9"
    ] == left


def test_comments_that_silence_nothing_are_told_of():
    document = """<!-- scan-sdk: ignore SC401 -->
<commands>
  <delay/> <!-- scan-sdk: ignore SC401 SC1x -->
  <!-- scan-sdk: ignore -->
  <!-- scan-sdk: forget SC4 -->
  <sequence><body><delay/></body></sequence> <!-- scan-sdk: ignore SC601 -->
  <!-- scan-sdk: ignore SC403 -->
</commands>"""
    assert places(document) == [
        ("unused-ignore", 1, 1),
        ("unused-ignore", 3, 12),
        ("unknown-code", 3, 12),
        ("bad-directive", 4, 3),
        ("bad-directive", 5, 3),
        ("unused-ignore", 7, 3),
    ]


def test_nothing_is_said_of_comments_on_what_may_not_have_been_looked_for():
    unused = "<!-- scan-sdk: ignore SC401 --><delay/>"
    fault = "<delay><secnds/></delay>"
    assert places(f"<commands>{fault}{unused}</commands>") == [("unknown-element", 1, 18)]
    both = [("unknown-command", 1, 11), ("unused-ignore", 1, 18)]
    assert places(f"<commands><dely/>{unused}</commands>") == both
    unused = "<!-- scan-sdk: ignore SC505 --><delay/>"
    assert places(f"<commands>{unused}</commands>") == []
    assert places(f"<commands>{unused}</commands>", config=ScanConfig()) == [("unused-ignore", 1, 11)]


def test_faults_have_the_address_of_their_command():
    document = """<commands>
      <delay/>
      <loop><device>x</device><step>0</step><body><delay><secnds/></delay><dely/></body><bdy/></loop>
      <log/>
    </commands>"""
    found = {one.name: one.address for one in check(document, ignore=["SC203"])}
    assert found == {"step-zero": 1, "unknown-command": 3, "missing-element": 4}
    assert [one.address for one in check(document, select=["SC203"])] == [2, 1]


def test_comments_count_up_to_where_the_document_breaks():
    document = "<commands><!-- scan-sdk: ignore SC401 --><wait><device>a</device><value>b</value></wait><x"
    assert [name for name, *_ in places(document)] == ["not-well-formed"]
    document = "<!-- scan-sdk: ignore-file SC105 --><!DOCTYPE x [<!-- scan-sdk: ignore SC1 -->]><commands/>"
    assert places(document) == []


# Files


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scan_config.xml").write_text(
        "<scan_config><path>scripts</path><macros>axis=motor_x</macros></scan_config>", encoding="utf-8"
    )
    (tmp_path / "scripts").mkdir()
    return tmp_path


def write(path, *commands):
    path.write_text(f"<commands>\n{chr(10).join(commands)}\n</commands>", encoding="utf-8")
    return path


def include(name, macros=""):
    return f"<include><scan_file>{name}</scan_file><macros>{macros}</macros></include>"


def test_findings_of_included_files_have_their_own_places_and_come_once(folder):
    inner = write(folder / "scripts" / "inner.scn", "<wait><device>$(d)</device><value>b</value></wait>")
    scan = write(
        folder / "scan.scn",
        include("inner.scn", "d=a"),
        "<delay/>",
        include("inner.scn", "d=b"),
        include("inner.scn"),
    )
    found = check(scan, config=folder / "scan_config.xml")
    assert [(one.name, one.address) for one in found] == [
        ("wait-without-timeout", None),
        ("undefined-macro", None),
    ]
    assert {one.source.file for one in found} == {str(inner)}
    assert [one.source[1:] for one in found] == [(2, 1), (2, 7)]


def test_faults_of_included_files_have_no_address(folder):
    write(folder / "inner.scn", "<delay/>", "<log/>")
    [finding] = check(write(folder / "scan.scn", include("inner.scn")))
    assert (finding.name, finding.address, finding.source.line) == ("missing-element", None, 3)


def test_an_included_file_is_found_beside_the_file_and_only_in_its_folder(folder):
    write(folder / "inner.scn", "<delay/>")
    scan = write(folder / "scripts" / "scan.scn", include("inner.scn"), include("../inner.scn"))
    assert [name for name, *_ in places(scan)] == ["include-unchecked"] * 2
    assert [name for name, *_ in places(scan, config=folder / "scan_config.xml")] == ["include-not-found"] * 2
    assert places(write(folder / "scan.scn", include("inner.scn"))) == []


def test_macros_are_in_force_in_what_is_included(folder):
    write(folder / "scripts" / "one.scn", include("two.scn", "b=$(a)"))
    write(folder / "scripts" / "two.scn", "<log><devices><device>$(axis)$(a)$(b)</device></devices></log>")
    scan = write(folder / "scan.scn", include("one.scn", "a=1"))
    assert places(scan, config=folder / "scan_config.xml") == []


def test_circles_are_found_where_they_close(folder):
    write(folder / "a.scn", include("b.scn"))
    write(folder / "b.scn", "<delay/>", include("a.scn"))
    [finding] = check(folder / "a.scn")
    assert (finding.name, finding.source) == ("include-circle", TextSource(str(folder / "b.scn"), 3, 10))


def test_too_many_files_end_the_check_soon(folder):
    for index in range(12):
        write(folder / f"f{index}.scn", *(include(f"f{index + 1}.scn", f"m{index}={n}") for n in range(4)))
    write(folder / "f12.scn", "<delay/>")
    start = time.process_time()
    assert {one.name for one in check(folder / "f0.scn")} == {"too-many-includes"}
    assert time.process_time() - start < 5


def test_an_included_file_that_cannot_be_read_is_found_at_the_include(folder, monkeypatch):
    write(folder / "inner.scn", "<delay/>")
    scan = write(folder / "scan.scn", include("inner.scn"))
    monkeypatch.setattr(
        "scan_sdk.lint.surroundings.read_bytes", refuse(PermissionError(13, "Permission denied"))
    )
    assert places(scan) == [("unreadable-file", 2, 10)]
    monkeypatch.setattr("scan_sdk.lint.surroundings.read_bytes", refuse(lint_files.TooLarge()))
    assert places(scan) == [("too-large", 2, 10)]


def refuse(error):
    def read(path):
        raise error

    return read


def test_loops_around_an_include_count_in_the_file(folder):
    loop = "<loop><device>x</device><start>0</start><end>1</end><wait>false</wait><body>{}</body></loop>"
    write(folder / "inner.scn", loop.format("<log><devices><device>x</device></devices></log>"))
    scan = write(folder / "scan.scn", loop.format(include("inner.scn")))
    assert places(scan) == [("nested-loops-on-device", 2, 7)]


# Whatever is given


def test_what_is_no_file_is_a_finding_and_not_an_error(tmp_path):
    assert places(tmp_path) == [("unreadable-file", 1, 1)]
    assert places(tmp_path / "none.scn") == [("unreadable-file", 1, 1)]
    assert places(str(tmp_path / "none.scn")) == [("unreadable-file", 1, 1)]
    assert places("a\0b") == [("unreadable-file", 1, 1)]
    assert places("x" * 5000) == [("unreadable-file", 1, 1)]


def test_a_file_that_the_system_refuses_is_a_finding_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("scan_sdk.lint.checker.read_bytes", refuse(PermissionError(13, "Permission denied")))
    [finding] = check(write(tmp_path / "scan.scn", "<delay/>"))
    assert (finding.code, finding.message) == ("SC101", "the file cannot be read: Permission denied")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_finding(tmp_path):
    path = write(tmp_path / "secret.scn", "<delay/>")
    path.chmod(0)
    assert places(path) == [("unreadable-file", 1, 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 100,
        b"\x00" * 1000,
        b"PK\x03\x04 a zip file",
        b"\xff\xfe<\x00c\x00",
        b"<commands>\xe4</commands>",
        b"not XML at all",
        b"<commands/>" * 2,
        b"<commands>" + b"<sequence><body>" * 100_000,
        b"<commands>" * 100_000,
        b"<" * 100_000,
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><commands>&a;</commands>",
        b'<?xml version="1.0" encoding="rot13"?><commands/>',
        b'<?xml version="1.0" encoding="utf-7"?><commands/>',
    ],
)
def test_odd_files_have_a_finding_with_a_place_within_a_second(body, tmp_path):
    path = tmp_path / "odd.scn"
    path.write_bytes(body)
    start = time.process_time()
    found = check(path)
    assert time.process_time() - start < 1
    assert found
    assert all(one.source.line >= 1 and one.source.column >= 1 for one in found)
    assert [one[:5] for one in check(body)] == [one[:5] for one in found]


def test_a_text_that_utf_8_cannot_carry_is_a_finding():
    assert places("<commands>\ud800</commands>") == [("unreadable-encoding", 1, 1)]
    assert places("<commands><!-- scan-sdk: ignore SC1 -->\ud800</commands>") == [
        ("unreadable-encoding", 1, 1)
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "<dely/>",
        "<delay><secnds/></delay>",
        "<wait><device>a</device><value>b</value></wait>",
        "<!-- scan-sdk: ignore SC4 --><wait><device>a</device><value>b</value></wait>",
        "<!-- scan-sdk: ignore SC4 -->",
    ],
)
def test_the_time_grows_no_faster_than_the_file(piece):
    separated = f"{piece}\n"
    start = time.process_time()
    found = check(f"<commands>{separated * 15_000}</commands>")
    assert time.process_time() - start < 5
    assert len(found) in {0, 10_000, 15_000, 15_001}


def test_the_search_for_similar_names_ends():
    pvs = [PvConfig(name=f"ioc:{index}", alias=f"motor_{index}_x") for index in range(1000)]
    logs = [Log(f"mtor_{index}_x") for index in range(1000)]
    found = check(logs, config=ScanConfig(pvs=pvs), select=["similar-device"])
    assert 100 < len(found) < 1000


def test_a_file_of_100_mb_is_refused_at_once(tmp_path):
    path = tmp_path / "large.scn"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    start = time.process_time()
    assert places(path) == [("too-large", 1, 1)]
    assert time.process_time() - start < 1


def test_no_more_than_the_limit_is_read_of_what_has_no_size(monkeypatch):
    monkeypatch.setattr(lint_files, "MOST_BYTES", 1000)
    assert places(Path("/dev/zero")) == [("too-large", 1, 1)]


def test_a_large_text_is_refused(monkeypatch):
    monkeypatch.setattr("scan_sdk.lint.checker.MOST_BYTES", 10)
    assert places("<commands/>") == [("too-large", 1, 1)]


def test_a_document_has_the_name_that_is_given():
    [finding] = check("<commands><dely/></commands>", source="-")
    assert str(finding) == "-:1:11: SC202 unknown command <dely>: did you mean delay?"


def test_a_configuration_that_cannot_be_used_is_an_error(tmp_path):
    (tmp_path / "wrong.xml").write_text("<config/>", encoding="utf-8")
    with pytest.raises(InvalidConfig):
        Checker(config=tmp_path / "wrong.xml")
    with pytest.raises(FileNotFoundError):
        check(Log("x"), config=str(tmp_path / "none.xml"))


@pytest.mark.parametrize("suffix", ["json", "yaml", "py"])
def test_commands_in_other_formats_are_checked_with_their_places(tmp_path, suffix):
    commands = CommandSequence(Wait("shutter", 1, tolerance=0.2), Include("inner.scn"))
    form = {"json": "json", "yaml": "yaml", "py": "python"}[suffix]
    path = tmp_path / f"night.{suffix}"
    path.write_text(dump_commands(commands, form))
    (tmp_path / "inner.scn").write_text("<commands><dely/></commands>")
    (waits, unknown) = check(path)
    assert (waits.name, waits.address, waits.source.file) == ("wait-without-timeout", 0, str(path))
    assert waits.source.line > 0
    assert (unknown.name, unknown.source.file) == ("unknown-command", str(tmp_path / "inner.scn"))
    path.write_text(": [")
    (broken,) = check(path)
    assert (broken.name, broken.source.file, broken.source.line) == ("not-well-formed", str(path), 1)
    assert form in broken.advice
