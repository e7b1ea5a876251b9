"""Imports name what is used, and the module that has it now."""

# ruff: noqa: E501, ISC004  # a case is a line of a script, whatever its length

import pytest

CHANGED = [
    ("from scan import *\nSet('x', 1)", "from scan_sdk import Set\nSet('x', 1)"),
    ("from scan import Set\nSet('x', 1)", "from scan_sdk import Set\nSet('x', 1)"),
    ("from scan.commands import Set as S\nS('x', 1)", "from scan_sdk import Set as S\nS('x', 1)"),
    ("from scan.commands.iff import If\nIf('x', '=', 1)", "from scan_sdk import If\nIf('x', '=', 1)"),
    (
        "from scan.client.scanclient import ScanClient\nfrom scan.commands import *\nScanClient(); Delay(1)",
        "from scan_sdk import Delay, ScanClient\nScanClient(); Delay(1)",
    ),
    ("import scan\nscan.Set('x', 1)", "import scan_sdk\nscan_sdk.Set('x', 1)"),
    ("import scan.commands\nscan.commands.Set('x', 1)", "import scan_sdk\nscan_sdk.Set('x', 1)"),
    ("import scan as s\ns.Set('x', 1)", "import scan_sdk as s\ns.Set('x', 1)"),
    (
        "import scan as s\ns.Set('x', 1); s.getDatetime(5)",
        "import scan_sdk as s\nimport scan_sdk.pyscan\ns.Set('x', 1); s.pyscan.getDatetime(5)",
    ),
    (
        "import scan.client.scanclient as sc, os\nsc.ScanClient()",
        "import scan_sdk\nimport os\nscan_sdk.ScanClient()",
    ),
    ("import os as o, scan\nscan.parseSeconds('1')", None),
    (
        "from scan.util import seconds\nseconds.parseSeconds('1')",
        "import scan_sdk.pyscan\nscan_sdk.pyscan.parseSeconds('1')",
    ),
    (
        "from scan.util.seconds import parseSeconds\nparseSeconds('1')",
        "from scan_sdk.pyscan import parseSeconds\nparseSeconds('1')",
    ),
    ("import os; from scan import *; Set('x', 1)", "import os; from scan_sdk import Set; Set('x', 1)"),
    (
        "from scan import *\nScanClient(); print(getDatetime(5))",
        "from scan_sdk import ScanClient\nfrom scan_sdk.pyscan import getDatetime\nScanClient(); print(getDatetime(5))",
    ),
    (
        "try:\n    from scan import *\nexcept ImportError:\n    raise SystemExit\nSet('x', 1)",
        "try:\n    from scan_sdk import Set\nexcept ImportError:\n    raise SystemExit\nSet('x', 1)",
    ),
    (
        "def f():\n    from scan import Set\n    return Set('x', 1)",
        "def f():\n    from scan_sdk import Set\n    return Set('x', 1)",
    ),
    (
        "def f(c):\n    from scan import createTable, ScanClient\n    return createTable(ScanClient().getData(1), 'x')",
        "def f(c):\n    from scan_sdk import ScanClient\n"
        "    return [column.tolist() for column in ScanClient().get_data(1).table('x').columns]",
    ),
    ("def f(c):\n    from scan import *", None),
    ("if old:\n    from scan import *\nprint(1)", "if old:\n    pass\nprint(1)"),
    ("if old: from scan import *\nprint(1)", "if old: pass\nprint(1)"),
    ("from scan import *\ndef Set(x):\n    return x\nSet(1)", "def Set(x):\n    return x\nSet(1)"),
    ("from scan import *\ndef f(Set):\n    return Set.value", "def f(Set):\n    return Set.value"),
    (
        "from scan import Set\nscan = Set('x', 1)\nscan.device",
        "from scan_sdk import Set\nscan = Set('x', 1)\nscan.device",
    ),
    (
        "# first\nfrom scan import *  # all\n\n# second\nfrom scan.client import logdata  # data\nprint(1)",
        "# first\n# all\n\n# second\n# data\nprint(1)",
    ),
    ("# first\nfrom scan import *  # all", "# first\n# all"),
    (
        "from scan import ScanInfo, ScanClient\ndef f(i: ScanInfo): return i.isDone()",
        "from scan_sdk import ScanClient, ScanInfo\ndef f(i: ScanInfo): return i.is_done",
    ),
    (
        "from scan.client.scaninfo import ScanInfo\nScanInfo(xml)",
        "from scan_sdk.pyscan import ScanInfo\nScanInfo(xml)",
    ),
]


@pytest.mark.parametrize(("before", "after"), [case for case in CHANGED if case[1] is not None])
def test_imports_name_what_is_used(rewrite, before, after):
    found = rewrite(before)
    assert (found.text, found.blocks) == (after, set())


def test_an_import_beside_others_leaves_them(rewrite):
    found = rewrite("import os as o, scan\nscan.parseSeconds('1')\n")
    assert found.text == "import os as o\nimport scan_sdk.pyscan\nscan_sdk.pyscan.parseSeconds('1')\n"


def test_many_names_stand_on_lines_of_their_own(rewrite):
    names = "Comment ConfigLog Delay If Include Log Loop Parallel Script Sequence Set Wait CommandSequence"
    found = rewrite("from scan import *\nuse: " + " | ".join(names.split()) + "\n")
    assert found.text.startswith("from scan_sdk import (\n    CommandSequence,\n    Comment,\n")


@pytest.mark.parametrize(
    "code",
    [
        "x = 1\n",
        "import scanning\nfrom scan2 import *\nfrom .scan import Set\n",
        "'''from scan import *'''\nx = Set('x', errhandler=1)\n",
        "scan = 3\nfrom other import scan\n",
        "",
    ],
)
def test_a_script_without_scan_stays_as_it_is(rewrite, code):
    found = rewrite(code)
    assert (found.text, found.migration.concerned, found.said) == (code, False, "")
    assert "nothing to do" in found.migration.outcome


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("from scan.client.scanclient import perform_request\n", "'perform_request' is an inner part"),
        ("import scan.util.xml_helper\n", "'scan.util.xml_helper' is an inner part"),
        ("import scan\nscan.version.version_history\n", "is an inner part"),
        ("import scan\nhelp(scan)\n", "the module itself is passed on"),
        ("import scan\nscan.client.perform()\n", "is an inner part"),
    ],
)
def test_a_script_that_needs_inner_parts_is_left_as_it_is(rewrite, code, reason):
    found = rewrite(code)
    assert (found.text, found.blocks) == (code, {"names"})
    assert reason in found.said
    assert "scan-sdk pyscan runs it" in found.migration.outcome


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    from scan import *\nexcept ImportError:\n    Set = None\nSet('x', 1, True)\n",
        "from scan import *\nOld = Set('x', 1, True)\ndef Set(x):\n    return x\n",
        "try:\n    from scan import Set\nexcept ImportError:\n    Set = None\nSet('x', 1, True)\n",
    ],
)
def test_a_name_with_two_meanings_is_left_alone(rewrite, code):
    found = rewrite(code)
    assert found.blocks == {"commands"}
    assert found.text == code.replace("scan import *", "scan import Set").replace(
        "from scan ", "from scan_sdk.pyscan "
    )


def test_names_that_may_come_from_elsewhere_too_keep_their_star(rewrite):
    found = rewrite("from scan import *\nfrom beamline import *\nSet('x', 1, True)\n")
    assert found.text == "from scan_sdk.pyscan import *\nfrom beamline import *\nSet('x', 1, True)\n"
    assert "import them by name" in found.said


def test_a_script_that_others_import_from_keeps_all_its_names(rewrite):
    code = "from scan import *\nfrom scan.util import SettingsBasedSet as Set\nclient = ScanClient()\n"
    found = rewrite(code, shared="others take names from here")
    assert found.text == (
        "from scan_sdk.pyscan import *\nfrom scan_sdk.pyscan import SettingsBasedSet as Set\n"
        "client = ScanClient()\n"
    )
    assert "1:1: left alone: others take names from here" in found.said


def test_what_was_rewritten_once_is_not_changed_again(rewrite):
    first = rewrite("from scan import *\nc = ScanClient()\nc.scanInfo(1)\nSet('x', 1, True, True)\n")
    assert rewrite(first.text).text == first.text
