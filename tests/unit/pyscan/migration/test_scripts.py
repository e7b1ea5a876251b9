"""Whole scripts: bytes, odd ones, and what a rewritten one does on a server."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scan_sdk.pyscan
from scan_sdk import CommandSequence, ScanClient
from scan_sdk.errors import InvalidScript, MissingExtra
from scan_sdk.pyscan.migration import migrate
from scan_sdk.pyscan.migration.names import PUBLIC

ROOT = Path(__file__).parents[4]
OWN = sorted((ROOT / "scan_sdk").rglob("*.py"))

OLD = """\
# Moves, counts, and asks. Ä
from scan import *
import sys


class Beamline:
    def __init__(self, port):
        self.client = ScanClient('localhost', port)

    def run(self, cmds, name):
        scan_id = self.client.submit(cmds, name, False, 0, None, True)
        info = self.client.waitUntilDone(scan_id)
        assert info.isDone() and info.percentage() == 100
        return scan_id


def counting(axis, handler=None):
    body = [Set('neutrons', 0, errhandler=handler), Log(devices=[axis, 'neutrons'])]
    return Loop(axis, 1, 3, 1, body, readback=True)


beamline = Beamline(sys.argv[1])
cmds = CommandSequence(Comment('Hello'), Set('motor_x', 2, True, True))
cmds += counting('motor_y')
cmds.append(Wait('motor_x', '2', tolerance=0.5), If('motor_x', '>', '1', Comment('big')))
cmds.append(Parallel(Sequence(Delay(0), Comment('a')), Comment('b'), timeout=5, errhandler=None))
seconds = beamline.client.simulate(cmds)['seconds']
number = beamline.run(cmds, 'first')
data = beamline.client.getData(number)
rows = list(zip(*createTable(data, 'motor_y', 'neutrons')))
assert rows == [(1.0, 0.0), (2.0, 0.0), (3.0, 0.0)], rows
assert [s[2] for s in iterateSamples(data, 'motor_y')] == data['motor_y']['value']
assert beamline.client.lastSerial(number) == max(data['motor_y']['id'])
print(len(beamline.client.scanInfos()), seconds >= 0)
"""


MEANT = """<commands>
<comment><text>Hello</text></comment>
<set><device>motor_x</device><value>2</value><completion>true</completion><wait>true</wait>
  <readback>motor_x</readback><tolerance>0.0</tolerance></set>
<loop><device>motor_y</device><start>1</start><end>3</end><step>1</step><wait>true</wait>
  <tolerance>0.1</tolerance><body>
    <set><device>neutrons</device><value>0</value><wait>false</wait></set>
    <log><devices><device>motor_y</device><device>neutrons</device></devices></log></body></loop>
<wait><device>motor_x</device><value>2</value><comparison>EQUALS</comparison>
  <tolerance>0.5</tolerance></wait>
<if><device>motor_x</device><comparison>ABOVE</comparison><value>1</value><tolerance>0.1</tolerance>
  <body><comment><text>big</text></comment></body></if>
<parallel><timeout>5</timeout><body>
  <sequence><body><delay><seconds>0</seconds></delay><comment><text>a</text></comment></body></sequence>
  <comment><text>b</text></comment></body></parallel>
</commands>
"""


def test_a_rewritten_script_does_on_the_server_what_was_meant(scan_server, tmp_path):
    migration = migrate(OLD.encode())
    assert migration.is_whole, migration.findings
    script = tmp_path / "new.py"
    script.write_bytes(migration.after)
    port = scan_server.url.rpartition(":")[2]
    ran = subprocess.run(
        [sys.executable, str(script), port], capture_output=True, text=True, check=False, timeout=60, cwd=ROOT
    )
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "1 True\n")
    with ScanClient(url=scan_server.url) as client:
        [info] = client.scan_infos()
        done = client.scan_commands(info.id)
        same = client.submit(CommandSequence.from_xml(MEANT), "meant")
        assert client.scan_commands(same).format() == done.format()


def test_the_old_script_does_the_same(scan_server, tmp_path):
    pytest.importorskip("scan_sdk.pyscan.running")
    script = tmp_path / "old.py"
    script.write_text(OLD)
    new = tmp_path / "new.py"
    new.write_bytes(migrate(OLD.encode()).after)
    port = scan_server.url.rpartition(":")[2]
    old_way = [sys.executable, "-m", "scan_sdk.cli", "pyscan", str(script), port]
    for program in (old_way, [sys.executable, str(new), port]):
        subprocess.run(program, check=True, timeout=60, cwd=ROOT, capture_output=True)
    with ScanClient(url=scan_server.url) as client:
        first, second = sorted(info.id for info in client.scan_infos())
        commands = [client.scan_commands(scan_id).format() for scan_id in (first, second)]
        # the old loop names the device that it reads back, also where that is its own
        assert commands[0].replace("readback='motor_y'", "readback=True") == commands[1]
        old, new_data = client.get_data(first), client.get_data(second)
        assert {name: log.value.tolist() for name, log in old.items()} == {
            name: log.value.tolist() for name, log in new_data.items()
        }


def test_the_how_to_has_every_name_of_the_old_interface():
    page = (ROOT / "docs" / "how-to" / "migrate.md").read_text()
    names = PUBLIC | set(getattr(scan_sdk.pyscan, "__all__", ()))
    assert [name for name in sorted(names) if not re.search(rf"`[^`]*\b{name}\b[^`]*`", page)] == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("mark", "declared", "encoding"),
    [
        (b"", "", "utf-8"),
        (b"\xef\xbb\xbf", "", "utf-8"),
        (b"", "# -*- coding: latin-1 -*-\n", "latin-1"),
        (b"", "#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
    ],
)
def test_encoding_mark_and_line_ends_stay(newline, mark, declared, encoding):
    before = f"{declared}from scan import *\nx = Set('µ', 1, True)\n\n\ty = '''a\n b'''"
    before = before.replace("\n\n\t", "\n\n").replace("\n", newline)
    after = before.replace("scan import *", "scan_sdk import Set").replace("1, True", "1, completion=True")
    migration = migrate(mark + before.encode(encoding))
    assert migration.after == mark + after.encode(encoding)
    assert "\u00b5" in migration.diff("x.py")


def test_the_diff_is_one_that_patch_takes(tmp_path):
    script = tmp_path / "old.py"
    script.write_bytes(b"from scan import *\nx = Set('a', 1, True)")
    migration = migrate(script.read_bytes())
    assert migration.diff("old.py").splitlines() == [
        "--- old.py",
        "+++ old.py",
        "@@ -1,2 +1,2 @@",
        "-from scan import *",
        "-x = Set('a', 1, True)",
        "\\ No newline at end of file",
        "+from scan_sdk import Set",
        "+x = Set('a', 1, completion=True)",
        "\\ No newline at end of file",
    ]


@pytest.mark.parametrize(
    ("content", "line", "column", "reason"),
    [
        (b"from scan import *\nx = (1,\n", 2, 5, "'(' was never closed"),
        (b"from scan import *\nprint 'a'\n", 2, 1, "Python 2"),
        (b"from scan import *\ntry:\n    x()\nexcept ValueError, e:\n    pass\n", 4, 8, "Python 2"),
        (b"from scan import *\n\xff\n", 2, 1, "not utf-8"),
        (b"# coding: nonsense\nfrom scan import *\n", 1, 1, "unknown encoding"),
        (b"from scan import *\nx = '\x00'\n", 0, 0, ""),
        (b"from scan import *\nif x:\n  a\n b\n", 4, 3, "unindent"),
    ],
)
def test_what_is_no_python_3_is_refused_with_its_place(content, line, column, reason):
    with pytest.raises(InvalidScript) as caught:
        migrate(content, source="old.py")
    assert reason in caught.value.reason
    if line:
        assert (caught.value.line, caught.value.column) == (line, column)
        assert str(caught.value).startswith(f"old.py:{line}:{column}: ")


@pytest.mark.parametrize("code", ["(" * 5000 + ")" * 5000, "-" * 400 + "1", "x" + "+ x" * 400])
def test_a_script_nested_too_deeply_is_refused(code):
    with pytest.raises(InvalidScript):
        migrate(f"from scan import *\nx = {code}\n".encode())


def test_libcst_is_missed_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr("scan_sdk.pyscan.migration.find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=re.escape("scan_sdk[migrate]")):
        migrate(b"from scan import *\n")


@pytest.mark.parametrize("path", OWN[::8], ids=lambda path: path.name)
def test_scripts_without_scan_stay(path):
    content = path.read_bytes()
    migration = migrate(content)
    assert (migration.after, migration.concerned) == (content, False)


@pytest.mark.parametrize("path", OWN[1::24], ids=lambda path: path.name)
def test_any_script_stays_python_and_keeps_what_is_not_from_scan(path):
    """Arbitrary code behind an import of scan: all but the import is as it was."""
    text = path.read_text()
    script = text + "import scan as _pyscan\n"
    after = migrate(script.encode()).after.decode()
    ast.parse(after)
    assert after == script.replace("import scan as _pyscan\n", "", 1)


NAMES = st.sampled_from(
    [
        *("Set", "Loop", "Log", "Wait", "x", "client", "ScanClient", "createTable", "data", "info"),
        *("TableScan", "createNDimScan", "SettingsBasedSet", "setScanSettings", "ScanSettings"),
    ]
)
LEAVES = NAMES | st.sampled_from(["1", "'a'", "None", "True", "-2.5", "f'{x}'"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda f, a: f"{f}({', '.join(a)})", NAMES, st.lists(inner, max_size=4)),
        st.builds(
            lambda f, a, k: f"{f}('d', {a}, {k}={a})",
            NAMES,
            inner,
            st.sampled_from(["readback", "errhandler", "body"]),
        ),
        st.builds(
            lambda a, m: f"({a}).{m}",
            inner,
            st.sampled_from(["submit(x)", "scanInfos()", "isDone()", "value", "createScan()"]),
        ),
        st.builds(lambda a, b: f"({a})[{b}]", inner, inner),
        st.builds(lambda a, b: f"({a} + {b})", inner, inner),
        st.builds(lambda a: f"[{a} for x in {a}]", inner),
        st.builds(lambda a: f"(lambda x: {a})", inner),
        st.builds(lambda a, b: f"({a} if {b} else {a})", inner, inner),
    ),
    max_leaves=8,
)
STATEMENTS = st.one_of(
    EXPRESSIONS,
    st.builds(lambda n, e: f"{n} = {e}", NAMES, EXPRESSIONS),
    st.builds(lambda n, e: f"{n} += {e}", NAMES, EXPRESSIONS),
    st.builds(lambda n, e: f"def {n}(x={e}, *client):\n    return {e}", NAMES, EXPRESSIONS),
    st.builds(
        lambda n, e: f"class {n}:\n    info = {e}\n    def f(self): self.data = {e}", NAMES, EXPRESSIONS
    ),
    st.builds(lambda n, e: f"for {n} in {e}: {e}", NAMES, EXPRESSIONS),
    st.sampled_from(
        ["from scan import *", "import scan", "import scan as x", "from scan.commands import Set as x"]
    ),
)


@settings(max_examples=40)
@given(st.lists(STATEMENTS, max_size=6))
def test_whatever_the_script_the_result_is_python_and_settled(statements):
    script = "\n".join(["from scan import *", *statements, ""])
    first = migrate(script.encode())
    ast.parse(first.after.decode())
    if "names" in first.modern:
        assert migrate(first.after).after == first.after
    assert all(finding.line <= script.count("\n") + 1 for finding in first.findings)
