"""Settings, tables and grids become objects of `scan_sdk` that make the same commands."""

# ruff: noqa: E501, ISC004  # a case is a line of a script, whatever its length

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scan_sdk import ScanClient
from scan_sdk.pyscan.migration import migrate

ROOT = Path(__file__).parents[4]

SETTINGS = """\
class Mine(ScanSettings):
    '''Of this beamline.'''

    def __init__(self):
        super(Mine, self).__init__()
        # In general
        self.defineDeviceClass('motor_.', True, readback=1, timeout=LONG)  # all of them
        self.defineDeviceClass('motor_y')

    # Motors have .RBV
    def getReadbackName(self, device_name):
        if 'motor' in device_name:
            return device_name + '.RBV'
"""
MODERN = """\
# Motors have .RBV
def readback_name(device_name):
    if 'motor' in device_name:
        return device_name + '.RBV'
    return ""
"""
RULES = """\
    # In general
    DeviceRule('motor_.', completion=True, readback=True, timeout=LONG),  # all of them
    DeviceRule('motor_y'),
"""

ALONE = [
    (
        "createNDimScan(('x', 1, 5), Delay(1), 's')",
        "GridScan(Range('x', 1, 5), Delay(1), log='s').commands()",
    ),
    (
        "createNDimScan(('x', 1, 5), [a, b], ( 'y', 5, 1, -0.5 ), 's', 't')",
        "GridScan(Range('x', 1, 5), [a, b], Range( 'y', 5, 1, -0.5 ), log=['s', 't']).commands()",
    ),
    ("createNDimScan('s', ('x', 1, 5))", "GridScan(Range('x', 1, 5), log=['s', 'x']).commands()"),
    ("createNDimScan(('x', 1, 5), 'x')", "GridScan(Range('x', 1, 5)).commands()"),
    (
        "createNDimScan(('x', 1, 2), ('y', 1, 2), 's', 'x')",
        "GridScan(Range('x', 1, 2), Range('y', 1, 2), log='s').commands()",
    ),
    (
        "createNDimScan('y', ('x', 1, 2), ('y', 1, 2))",
        "GridScan(Range('x', 1, 2), Range('y', 1, 2), log=['y', 'x']).commands()",
    ),
    (
        "TableScan(['x'], [[1], ['range(3)']], Delay(1)).createScan()",
        "TableScan(['x'], [[1], ['range(3)']], pre=Delay(1)).commands()",
    ),
    (
        "TableScan(rows=[[1]], headers=['x'], pre=None, log_always=['s'], stop=stop).createScan(True)",
        "TableScan(rows=[[1]], headers=['x'], log_always=['s'], stop=stop or ()).commands()",
    ),
    (
        "t = TableScan(['x'], [[1]])\nprint(t)\nc = t.createScan(lineinfo=False)\nc.append(Delay(1))",
        "t = TableScan(['x'], [[1]], line_comments=False)\nprint(t)\nc = t.commands()\nc.append(Delay(1))",
    ),
    (
        "TableScan(['x'], [['a']], special={'x': lambda cell: Comment(cell)}).createScan()",
        "TableScan(['x'], [['a']], special={'x': lambda cell: Comment(cell)}).commands()",
    ),
    (
        "def say(cell):\n    return Comment(cell)\nTableScan(['x'], [['a']], special={'x': say}).createScan()",
        "def say(cell):\n    return Comment(cell)\nTableScan(['x'], [['a']], special={'x': say}).commands()",
    ),
    (
        "def run(table):\n    return [Delay(1)] + table.createScan() + [Delay(2)]\nrun(TableScan(['x'], [[1]]))",
        "def run(table):\n    return CommandSequence([Delay(1)], table.commands()) + [Delay(2)]\nrun(TableScan(['x'], [[1]]))",
    ),
    ("SettingsBasedSet('+c x', 5)", "ScanSettings().set('+c x', 5)"),
    (
        "createNDimScan(('x', 1, 5),  # across\n               's',  # counts\n               't')",
        "GridScan(Range('x', 1, 5),  # across\n               log=['s',  # counts\n               't']).commands()",
    ),
]
FOLLOWING = [
    ("SettingsBasedSet('x', 5)", "settings.set('x', 5)"),
    (
        "SettingsBasedSet(prefixed_device='x', value=5, readback=None, completion=1, errhandler='H')",
        "settings.set(device='x', value=5, readback=False, completion=True, error_handler='H')",
    ),
    (
        "SettingsBasedSet('x', 5, errhandler=None, readback=True, readback_value='', tolerance=0.2)",
        "settings.set('x', 5, readback=True, readback_value=None, tolerance=0.2)",
    ),
    ("SettingsBasedSet('x', 5, errhandler=handler)", "settings.set('x', 5, error_handler=handler or \"\")"),
    ("SettingsBasedLoop('x', 1, 5, 1, None)", "settings.loop('x', 1, 5, 1)"),
    ("SettingsBasedLoop('x', 1, 5, s, Delay(1), a)", "settings.loop('x', 1, 5, s, Delay(1), a)"),
    (
        "SettingsBasedLoop('x', 1, 5, 1, body=[a], readback=True)",
        "settings.loop('x', 1, 5, 1, body=[a], readback=True)",
    ),
    ("SettingsBasedWait('x', '5', comparison='>')", "settings.wait('x', 5, comparison='>')"),
    (
        "createNDimScan(('x', 1, 5), SettingsBasedSet('y', 1))",
        "GridScan(Range('x', 1, 5), settings.set('y', 1), settings=settings).commands()",
    ),
    (
        "TableScan(['x'],\n          [[1]],\n          log_always=['s']).createScan()",
        "TableScan(['x'],\n          [[1]],\n          log_always=['s'],\n          settings=settings).commands()",
    ),
    ("isinstance(t, TableScan)", "isinstance(t, TableScan)"),
]
IN_FORCE = "setScanSettings(ScanSettings())\n"

LEFT = [
    ("class Mine(ScanSettings): pass", "not put in force here"),
    ("setScanSettings(mine)", "where these settings come from does not show|what these settings are"),
    ("setScanSettings()", "when settings are put in force"),
    ("if a:\n    setScanSettings(ScanSettings())", "when settings are put in force"),
    ("setScanSettings(ScanSettings()); setScanSettings(ScanSettings())", "other settings from here on"),
    ("SettingsBasedSet('x', 1)\nsetScanSettings(ScanSettings())", "other settings were in force"),
    ("import beamline\nSettingsBasedSet('x', 1)", "may put settings in force"),
    ("from .site import x\nSettingsBasedSet('x', 1)", "may put settings in force"),
    ("ndim = createNDimScan", "is not called here"),
    ("createNDimScan(*axes)", "does not show"),
    ("createNDimScan(('x', 1, 5), what)", "whether what is a command or the name of a device"),
    ("createNDimScan(('x', 5, 1))", "snake=True"),
    ("createNDimScan(('x', 1, 5, 0))", "snake=True"),
    ("createNDimScan(('x', 1))", "an axis is a device"),
    ("createNDimScan(('x', 1, 2), ('x', 1, 3))", "two axes"),
    ("createNDimScan(Delay(1), 's')", "no axis"),
    ("Range = 1\ncreateNDimScan(('x', 1, 2))", "'Range' is a name of scan_sdk"),
    ("SettingsBasedSet('x', None)", "which text or number"),
    ("SettingsBasedSet('x', 1, True)", "options by name"),
    ("SettingsBasedSet('x', 1, complation=True)", "no option 'complation'"),
    ("SettingsBasedSet('x', 1, tolerance=None)", "tolerance"),
    ("SettingsBasedSet('x', 1, **options)", "write the arguments out"),
    ("SettingsBasedLoop('x', 1, 2, 0)", "step 0"),
    ("SettingsBasedWait('x', 1, tolerance=0)", "tolerance 0"),
    ("TableScan(['x'], [[None]])", "no cells"),
    ("TableScan(['x'], [['range(5, 1)']])", "no cells"),
    ("TableScan(['x'], [[1]], log_always='x')", "each letter"),
    ("TableScan(['x'], [[1]], specials={})", "no such arguments: specials"),
    ("TableScan(['x'], [[1]], special=special)", "must return commands"),
    ("def f(c):\n    print(c)\nTableScan(['x'], [[1]], special={'x': f})", "must return commands"),
    ("t = TableScan(['x'], [[1]]); t.save('x.csv')", "table.write(path)"),
    ("t = TableScan(['x'], [[1]]); t.pre = []", "cannot be changed"),
    ("t = TableScan(['x'], [[1]]); run(t)", "not part of this script"),
    ("t = TableScan(['x'], [[1]]); f = t.createScan", "write the call out"),
    ("t = TableScan(['x'], [[1]]); t.createScan(); t.createScan(False)", "line_comments=False"),
    ("t = TableScan(['x'], [[1]]); t.createScan(lines)", "line_comments=False"),
    ("for t in [TableScan(['x'], [[1]])]:\n    t.createScan()", "not surely a table scan"),
    ("c = createNDimScan(('x', 1, 2)); d = c * 2", "is no list"),
    ("c = createNDimScan(('x', 1, 2)); c == []", "is no list"),
    ("c = createNDimScan(('x', 1, 2)); isinstance(c, list)", "is no list"),
    ("createNDimScan('s',  # counts\n    ('x', 1, 5))", "a comment has no place"),
    ("TableScan(['x'], [[1]], special={'x': lambda cell: other(cell)})", "must return commands"),
    ("sum([TableScan(['x'], [[r]]).createScan() for r in rows], [])", "is no list"),
]
SHAPES = [
    ("self.defineDeviceClass('x')\n        self.limits = 5", "more than rules"),
    ("self.loadDeviceClasses('x.json')", "ScanSettings.read(path)"),
    ("self.defineDeviceClass(self.pattern)", "depend on the object"),
    ("self.defineDeviceClass(*rule)", "write the arguments out"),
    ("self.defineDeviceClass(completion=True)", "no such arguments"),
    ("for m in motors:\n            self.defineDeviceClass(m)", "more than rules"),
    ("pass\n    def extra(self): pass", "more than rules"),
    ("pass\n    def getReadbackName(self, n): return None", "returns None"),
    ("pass\n    def getReadbackName(self, n): return self.names[n]", "asks the settings"),
    ("pass\n    def getReadbackName(this, n): return this.names[n]", "asks the settings"),
    ("pass\n    def getReadbackName(self, n, m=1): return n", "takes the name of a device"),
]


@pytest.mark.parametrize(("before", "after"), ALONE)
def test_without_settings_builders_follow_none(rewrite, before, after):
    found = rewrite(f"from scan import *\n{before}\n")
    assert (found.body, found.said) == (after, "")
    assert found.text.startswith("from scan_sdk import ")


@pytest.mark.parametrize(("before", "after"), FOLLOWING)
def test_builders_are_handed_the_settings_in_force(rewrite, before, after):
    found = rewrite(f"from scan import *\n{IN_FORCE}{before}\n")
    assert (found.body, found.said) == (f"settings = ScanSettings()\n{after}", "")


@pytest.mark.parametrize(("code", "reason"), LEFT)
def test_what_is_not_sure_is_left_with_what_to_do_by_hand(rewrite, code, reason):
    found = rewrite(f"from scan import *\n{code}\nDelay(1, 'H')\n")
    assert found.blocks == {"commands"}
    assert any(part in found.said for part in reason.split("|"))
    assert found.body == f"{code}\nDelay(1, 'H')"


@pytest.mark.parametrize(
    ("module", "code", "reason"),
    [
        ("alignment", "AlignmentScan('x', 1, 2, 0.1, 'seconds', 1, 's')", "client.align"),
        ("util.scan_settings", "DeviceSettings('x')", "settings.of(name)"),
        ("util.scan_settings", "getScanSettings()", "hand it to what needs it"),
    ],
)
def test_what_has_no_twin_is_left_with_what_to_do_by_hand(rewrite, module, code, reason):
    name = code.partition("(")[0]
    found = rewrite(f"from scan.{module} import {name}\n{code}\n")
    assert found.text == f"from scan_sdk.pyscan import {name}\n{code}\n"
    assert reason in found.said


@pytest.mark.parametrize(("body", "reason"), SHAPES)
def test_settings_of_another_shape_are_left(rewrite, body, reason):
    code = f"class Mine(ScanSettings):\n    def __init__(self):\n        {body}\nsetScanSettings(Mine())\n"
    found = rewrite(f"from scan import *\n{code}")
    assert found.blocks == {"commands"}
    assert reason in found.said
    assert found.text == f"from scan_sdk.pyscan import ScanSettings, setScanSettings\n{code}"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "class A(ScanSettings): pass\nclass B(ScanSettings): pass\nsetScanSettings(A())",
            "several settings",
        ),
        ("class A(ScanSettings): pass\nsetScanSettings(A()); print(A)", "another way|when settings"),
        ("class A(ScanSettings): pass\nsetScanSettings(A())\nprint(A)", "another way"),
        ("class A(ScanSettings):\n    def __init__(self, x): pass\nsetScanSettings(A())", "have parameters"),
        ("class A(ScanSettings): pass\nsetScanSettings(A(1))", "what these settings are"),
        ("s = ScanSettings()\nsetScanSettings(s)\nprint(s)", "another way"),
        (
            "class A(ScanSettings): pass\ns = A()\ns.defineDeviceClass('x')\nsetScanSettings(s)",
            "are of a class, and have more",
        ),
        ("class A(ScanSettings):\n    table_scan_row = 'row'\nsetScanSettings(A())", "more than rules"),
        (
            "class A(ScanSettings):\n    def __init__(self):\n        self.defineDeviceClass('x', tolerance=0)\n"
            "setScanSettings(A())\nSettingsBasedWait('x', 1)",
            "tolerance 0",
        ),
    ],
)
def test_settings_that_are_used_in_other_ways_are_left(rewrite, code, reason):
    found = rewrite(f"from scan import *\n{code}\n")
    assert found.blocks == {"commands"}
    assert any(part in found.said for part in reason.split("|"))


def test_a_class_of_settings_becomes_rules_and_a_function(rewrite):
    found = rewrite(
        f"from scan import *\n\n# Site\n{SETTINGS}\n\nLONG = 100\n# In force\nsetScanSettings(Mine())  # now\n"
    )
    assert found.text == (
        f"from scan_sdk import DeviceRule, ScanSettings\n\n{MODERN}\n\nLONG = 100\n"
        "# In force\n# Site\n# Of this beamline.\n"
        f"settings = ScanSettings([\n{RULES}], readback_name=readback_name)  # now\n"
    )
    assert found.said == ""


def test_every_comment_in_a_class_of_settings_is_kept(rewrite):
    found = rewrite(
        "from scan import *\nclass Mine(ScanSettings):  # 1\n    def __init__(self):  # 2\n        '''3'''\n"
        "        # 4\n        super().__init__()\n        self.defineDeviceClass('x',  # 5\n"
        "                               timeout=1)  # 6\n        # 7\nsetScanSettings(Mine())\n"
    )
    assert found.body == (
        "# 1\nsettings = ScanSettings([\n    # 2\n    # 3\n    # 4\n    # 5\n    DeviceRule('x', timeout=1),  # 6\n"
        "    # 7\n])"
    )


@pytest.mark.parametrize(("indent", "newline"), [("\t", "\n"), ("    ", "\r\n")])
def test_indentation_and_line_ends_of_settings_stay(indent, newline):
    before = f"from scan import *\n{SETTINGS}LONG = 5\nsetScanSettings(Mine())\n"
    after = (
        f"from scan_sdk import DeviceRule, ScanSettings\n{MODERN}LONG = 5\n# Of this beamline.\n"
        f"settings = ScanSettings([\n{RULES}], readback_name=readback_name)\n"
    )

    def written(text: str) -> bytes:
        return text.replace("    ", indent).replace("\n", newline).encode()

    migration = migrate(written(before))
    assert migration.after == written(after)
    assert migrate(migration.after).after == migration.after


def test_a_readback_without_a_name_is_not_asked_for_by_a_prefix(rewrite):
    found = rewrite(
        f"from scan import *\n{SETTINGS}LONG = 5\nsetScanSettings(Mine())\nSettingsBasedSet('+r x', 1)\n"
    )
    assert found.blocks == {"commands"}
    assert "+r then checked the device itself" in found.said


@pytest.mark.parametrize("call", ["super().__init__()", "ScanSettings.__init__(self)"])
def test_a_single_rule_stands_on_one_line_and_the_row_is_an_option(rewrite, call):
    found = rewrite(
        f"from scan.util import *\nclass A(ScanSettings):\n    def __init__(self):\n        {call}\n"
        "        self.defineDeviceClass('x', comparison='increase by')\n        self.table_scan_row = 'row'\n"
        "settings = 1\nsetScanSettings(A())\n"
    )
    assert found.body == (
        "settings = 1\n"
        "scan_settings = ScanSettings([DeviceRule('x', comparison='increase by')], table_scan_row='row')"
    )


def test_settings_in_a_variable_keep_its_name(rewrite):
    found = rewrite(
        "from scan import *\nmine = ScanSettings()\n# Motors\nmine.defineDeviceClass('m.*', completion=True)\n"
        "setScanSettings(mine)\nSettingsBasedSet('m1', 1)\n"
    )
    assert found.body == (
        "mine = ScanSettings([\n    # Motors\n    DeviceRule('m.*', completion=True),\n])\nmine.set('m1', 1)"
    )


def test_qualified_names_stay_qualified(rewrite):
    found = rewrite(
        "import scan as s\nimport scan.util.scan_settings\nclass A(s.ScanSettings):\n    def __init__(self):\n"
        "        self.defineDeviceClass('x')\nscan.util.scan_settings.setScanSettings(A())\n"
        "s.createNDimScan(('x', 1, 2))\ns.loadTableScan('a.csv')\n"
    )
    assert found.text == (
        "import scan_sdk as s\nimport scan_sdk\n"
        "settings = scan_sdk.ScanSettings([scan_sdk.DeviceRule('x')])\n"
        "s.GridScan(s.Range('x', 1, 2), settings=settings).commands()\n"
        "s.TableScan.read('a.csv', settings=settings)\n"
    )


def test_what_cannot_be_seen_of_rows_and_axes_is_told(rewrite):
    found = rewrite(
        "from scan import *\nTableScan(headers, rows)\nTableScan(['x'], [[1], ['']])\n"
        "createNDimScan(('x', start, 5))\nloadTableScan(path, Delay(1))\n"
    )
    assert found.body == (
        "TableScan(headers, rows)\nTableScan(['x'], [[1], ['']])\n"
        "GridScan(Range('x', start, 5)).commands()\nTableScan.read(path, pre=Delay(1))"
    )
    assert [line.split(": ")[:2] for line in found.said.splitlines()] == [
        ["2:1", "look"],
        ["3:1", "look"],
        ["4:1", "look"],
        ["5:1", "look"],
    ]


def test_what_is_told_of_a_place_is_told_only_where_it_was_rewritten(rewrite):
    found = rewrite("from scan import *\nTableScan(headers, rows)\nndim = createNDimScan\n")
    assert "look" not in found.said


def test_a_table_that_tells_its_row_is_not_read_from_a_file(rewrite):
    found = rewrite(
        "from scan import *\ns = ScanSettings()\ns.table_scan_row = 'row'\nsetScanSettings(s)\nloadTableScan('a.csv')\n"
    )
    assert found.blocks == {"commands"}


def test_names_can_only_be_added_to_an_import_at_the_top(rewrite):
    found = rewrite("def f():\n    from scan import createNDimScan\n    return createNDimScan(('x', 1, 2))\n")
    assert "at the top" in found.said


OLD = """\
from scan import *
from scan.util.scan_settings import setScanSettings, SettingsBasedSet as Set, SettingsBasedLoop
from scan.util.scan_settings import SettingsBasedWait as Wait
import os, sys


class Mine(ScanSettings):
    def __init__(self):
        super(Mine, self).__init__()
        self.defineDeviceClass('motor_.', completion=True, readback=True, tolerance=0.3, timeout=20)
        self.defineDeviceClass('motor_y', completion=True, timeout=10)
        self.defineDeviceClass('setpoint', readback='readback', tolerance=5)
        self.defineDeviceClass('neutrons', comparison='increase by')

    def getReadbackName(self, device_name):
        if device_name.startswith('motor'):
            return device_name
        return 'none'


setScanSettings(Mine())
client = ScanClient('localhost', sys.argv[1])


def run(cmds, name):
    scan_id = client.submit(cmds, name)
    client.waitUntilDone(scan_id)
    return scan_id


table = TableScan(['+p motor_x', '+p motor_y', '-r setpoint', 'Wait For', 'Value', 'Or Time', 'Say'],
                  [[1, 2, '', 'completion', '', '', 'a'],
                   ['[1, 2]', '', 'loop(1, 2, 0.5)', 'seconds', 0, '', ''],
                   ['', '', 3, 'setpoint', 2, '', 5]],
                  pre=[Set('motor_x', 1)], post=Set('-c motor_y', 0), start=Comment('start'),
                  log_always=('neutrons',), special={'Say': lambda cell: Comment('said %s' % cell)})
print(table)
cmds = table.createScan()
cmds.append(Wait('setpoint', '3', comparison='=', tolerance=0.5))
for cmd in cmds[:2]:
    print(cmd)
run([Comment('first')] + cmds, 'table of %d' % len(cmds))
run(createNDimScan(Comment('grid'), ('motor_x', 1, 2), Set('setpoint', 1), ('motor_y', 3, 1, -1),
                   Delay(0), 'neutrons', 'setpoint'), 'grid')
loop = SettingsBasedLoop('motor_x', 1, 3, 0.5, Log('motor_x'), readback='motor_x', timeout=5)
run(CommandSequence(loop, Wait('neutrons', 0), Set('+r setpoint', 2, completion=True)), 'settings')
"""
OF_FILE = """\
from scan import *
import sys

settings = ScanSettings()
settings.defineDeviceClass('motor_.', completion=True)
setScanSettings(settings)
client = ScanClient('localhost', sys.argv[1])
with open(sys.argv[2], 'w') as table_file:
    print('motor_x,Wait For,Value,Comment\\n1,seconds,0,Hello\\n2,seconds,0,', file=table_file)
scan_id = client.submit(loadTableScan(sys.argv[2], pre=Comment('file')).createScan(lineinfo=True), 'file')
client.waitUntilDone(scan_id)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("script", "scans"), [(OLD, 3), (OF_FILE, 1)])
def test_old_and_new_script_do_the_same_on_the_server(scan_server, tmp_path, script, scans):
    migration = migrate(script.encode())
    assert migration.is_whole, migration.findings
    assert b"pyscan" not in migration.after
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(script)
    new.write_bytes(migration.after)
    arguments = [scan_server.url.rpartition(":")[2], str(tmp_path / "table.csv")]
    for program in (["-m", "scan_sdk.cli", "pyscan", str(old)], [str(new)]):
        subprocess.run(
            [sys.executable, *program, *arguments],
            check=True,
            timeout=60,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    with ScanClient(url=scan_server.url) as client:
        ids = sorted(info.id for info in client.scan_infos())
        assert len(ids) == 2 * scans
        for before, after in zip(ids[:scans], ids[scans:], strict=True):
            assert client.scan_info(before).name == client.scan_info(after).name
            commands = [client.scan_commands(number).format() for number in (before, after)]
            if script == OF_FILE:  # rows of a file have the numbers that they have there
                commands[1] = commands[1].replace("# Line 2", "# Line 1").replace("# Line 3", "# Line 2")
            data = [client.get_data(number) for number in (before, after)]
            assert commands[0] == commands[1]
            assert list(data[0]) == list(data[1])
            for name in set(data[0]) - {"neutrons"}:  # they count on, from scan to scan
                assert data[0][name].value.tolist() == data[1][name].value.tolist()


COUNTS = "[['counts', 1]]"


@pytest.mark.parametrize(
    ("rules", "headers", "rows", "is_same"),
    [
        (["'counts', timeout=20"], "'Wait For', 'Value'", COUNTS, False),
        (["'counts', timeout=limit"], "'Wait For', 'Value'", COUNTS, False),
        (["'counts', timeout=0"], "'Wait For', 'Value'", COUNTS, True),
        (["'counts', tolerance=1"], "'Wait For', 'Value'", COUNTS, True),
        (["'counts', tolerance=0"], "'Wait For', 'Value'", COUNTS, False),
        (["'counts', tolerance=NOTHING"], "'Wait For', 'Value'", COUNTS, False),
        (["'motor', timeout=20"], "'Wait For', 'Value'", COUNTS, True),
        (["'motor', timeout=20"], "'Wait For', 'Value'", "[[['motor', 'counts'], 1]]", False),
        (["'.*', timeout=20", "'counts'"], "'Wait For', 'Value'", COUNTS, True),
        (["'counts'", "pattern, timeout=20"], "'Wait For', 'Value'", COUNTS, False),
        (["'counts', timeout=20"], "'x', 'y'", COUNTS, True),
        (["'counts', timeout=20"], "'Wait For', 'Value'", "[['seconds', 1]]", True),
        (["'counts', timeout=20"], "'Wait For', 'Value', 'Or Time'", "[['counts', 1, 5]]", True),
        (["'counts', timeout=20"], "'Wait For', 'Value', 'Or Time'", "[['counts', 1, '']]", False),
        (["'counts', timeout=20"], "'Wait For', 'Value'", "rows", False),
        (["'counts', timeout=20"], "*headers", COUNTS, False),
        (["'counts', timeout=0"], "*headers", "rows", True),
    ],
)
def test_a_table_whose_waits_would_change_is_left_alone(rewrite, rules, headers, rows, is_same):
    defined = "".join(f"settings.defineDeviceClass({rule})\n" for rule in rules)
    found = rewrite(
        f"from scan import *\nNOTHING = 0\nsettings = ScanSettings()\n{defined}setScanSettings(settings)\n"
        f"cmds = TableScan([{headers}], {rows}).createScan()\n"
    )
    assert found.migration.is_whole is is_same
    assert ("waited for ever" in found.said or "tolerance 0 was never sent" in found.said) is not is_same


def test_a_table_from_a_file_may_wait_for_anything(rewrite):
    found = rewrite(
        "from scan import *\nsettings = ScanSettings()\nsettings.defineDeviceClass('m', timeout=5)\n"
        "setScanSettings(settings)\ncmds = loadTableScan('a.csv').createScan()\n"
    )
    assert "'Wait For' a device without 'Or Time' waited for ever" in found.said
    assert found.blocks == {"commands"}


@pytest.mark.parametrize(
    ("call", "after"),
    [
        ("Wait('x', 1, tolerance=tolerance)", "Wait('x', 1, tolerance=tolerance or 0.1)"),
        ("Wait('x', 1, tolerance=SOME)", "Wait('x', 1, tolerance=SOME)"),
        ("Wait('x', 1, tolerance=NOTHING)", "Wait('x', 1)"),
        ("SettingsBasedWait('x', 1, tolerance=f(x))", "settings.wait('x', 1, tolerance=f(x) or 0.1)"),
        (
            "Loop('x', 1, 2, 0.5, readback=True, tolerance=None)",
            "Loop('x', 1, 2, 0.5, readback=True, tolerance=0.05)",
        ),
    ],
)
def test_a_tolerance_that_was_never_sent_is_none_that_is_sent(rewrite, call, after):
    found = rewrite(f"from scan import *\nSOME = 0.5\nNOTHING = 0\n{IN_FORCE}{call}\n")
    assert found.body == f"SOME = 0.5\nNOTHING = 0\nsettings = ScanSettings()\n{after}"
    assert found.blocks == set()
