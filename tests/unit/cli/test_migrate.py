"""`scan-sdk migrate`: what is shown, written and said."""

import io
import os
import subprocess
import sys

import pytest

OLD = b"from scan import *\nc = ScanClient()\nc.scanInfos()\nSet('x', 1, True)\n"
NEW = (
    b"from scan_sdk import ScanClient, Set\nc = ScanClient()\nc.scan_infos()\nSet('x', 1, completion=True)\n"
)


@pytest.fixture
def script(tmp_path):
    path = tmp_path / "night.py"
    path.write_bytes(OLD)
    path.chmod(0o750)
    return path


def test_by_default_a_diff_is_shown_and_nothing_is_written(scan_sdk, script):
    ran = scan_sdk("migrate", script)
    assert ran.code == 0
    assert ran.out.startswith(f"--- {script}\n+++ {script}\n@@ -1,4 +1,4 @@\n-from scan import *\n")
    assert ran.err == f"{script}: converted\n"
    assert script.read_bytes() == OLD


def test_the_diff_can_be_applied_by_patch(scan_sdk, script):
    ran = scan_sdk("migrate", script)
    subprocess.run(["patch", "-s", str(script)], input=ran.out, text=True, check=True)
    assert script.read_bytes() == NEW


def test_write_replaces_the_script_and_keeps_its_mode(scan_sdk, script):
    ran = scan_sdk("migrate", "--write", script)
    assert (ran.code, ran.out) == (0, "")
    assert script.read_bytes() == NEW
    assert script.stat().st_mode & 0o777 == 0o750
    assert [path.name for path in script.parent.iterdir()] == ["night.py"]


def test_write_follows_a_link(scan_sdk, script):
    link = script.with_name("link.py")
    link.symlink_to(script)
    scan_sdk("migrate", "--write", link)
    assert link.is_symlink()
    assert script.read_bytes() == NEW


def test_a_script_that_stays_is_not_touched(scan_sdk, script):
    script.write_bytes(b"x = 1\n")
    os.utime(script, (1, 1))
    ran = scan_sdk("migrate", "--write", script)
    assert (ran.code, ran.out) == (0, "")
    assert "nothing to do" in ran.err
    assert script.stat().st_mtime == 1


def test_check_shows_nothing_and_tells_by_its_exit_code(scan_sdk, script):
    ran = scan_sdk("migrate", "--check", script)
    assert (ran.code, ran.out) == (1, "")
    scan_sdk("migrate", "--write", script)
    assert scan_sdk("migrate", "--check", script).code == 0


@pytest.mark.parametrize("option", ["", "--write"])
def test_the_standard_input_is_read_for_a_dash(scan_sdk, monkeypatch, option):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(OLD)))
    ran = scan_sdk("migrate", *filter(None, [option]), "-")
    assert ran.code == 0
    assert ran.out == NEW.decode() if option else ran.out.startswith("--- -\n+++ -\n")


def test_places_that_are_left_are_listed_where_editors_find_them(scan_sdk, script):
    script.write_bytes(OLD + b"c.abort()\n")
    ran = scan_sdk("migrate", script)
    first, last = ran.err.splitlines()
    assert first.startswith(f"{script}:5:3: left alone: abort() without an id aborts every scan")
    assert last == f"{script}: commands converted; the client is that of scan_sdk.pyscan, and used as before"


def test_a_script_that_cannot_be_read_stops_no_other(scan_sdk, script):
    broken = script.with_name("broken.py")
    broken.write_text("from scan import *\nprint 'a'\n")
    ran = scan_sdk("migrate", "--write", broken, script.with_name("none.py"), script)
    assert ran.code == 1
    assert f"{broken}:2:1: Missing parentheses" in ran.err
    assert f"cannot read {script.with_name('none.py')}: No such file" in ran.err
    assert script.read_bytes() == NEW
    assert scan_sdk("migrate", script.parent).code == 2


def test_scripts_that_share_names_keep_the_old_ones(scan_sdk, script):
    library, user = script.with_name("beamline.py"), script.with_name("use.py")
    library.write_bytes(OLD)
    user.write_text("from beamline import *\nfrom scan import Log\nLog('x', errhandler='H')\n")
    ran = scan_sdk("migrate", "--write", library, user)
    assert "use.py imports names from here" in ran.err
    assert "names come from beamline.py" in ran.err
    assert library.read_text().startswith("from scan_sdk.pyscan import *\n")
    assert user.read_text().splitlines()[1:] == [
        "from scan_sdk.pyscan import Log",
        "Log('x', errhandler='H')",
    ]


def test_scripts_nearby_that_cannot_be_read_share_nothing(scan_sdk, script):
    script.with_name("gone.py").symlink_to("nowhere.py")
    script.with_name("large.py").write_bytes(b"import night\n" + b"#" * 1_000_001)
    assert scan_sdk("migrate", script).err == f"{script}: converted\n"


def test_a_script_that_cannot_be_written_is_a_complaint(scan_sdk, script, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.replace", refuse)
    ran = scan_sdk("migrate", "--write", script)
    assert ran.code == 9
    assert "cannot write" in ran.err
    assert script.read_bytes() == OLD
