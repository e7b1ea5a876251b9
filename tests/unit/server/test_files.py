"""Included files, and scripts that are looked for but not run."""

import asyncio
import os

import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import (
    Comment,
    Delay,
    Include,
    Log,
    Loop,
    Parallel,
    PvConfig,
    ScanState,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.models.tree import DEEPEST
from scan_sdk.server.clock import settle
from scan_sdk.server.errors import Refused

from .conftest import CONFIG, make_rig

PATHS = CONFIG.model_copy(update={"paths": ("one", "two")})


@pytest.fixture
async def rig(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    rig = await make_rig(tmp_path, PATHS, tmp_path)
    rig.folder = tmp_path
    yield rig
    await rig.engine.stop()


def put(rig, path, *commands):
    (rig.folder / path).write_text(write_commands(commands))


async def test_an_included_file_has_its_own_macros_which_end_with_it(rig):
    put(rig, "two/outer.scn", Include("inner.scn", macros="device=$(axis)"), Log("$(device=y)"))
    put(rig, "one/inner.scn", Set("$(device)", 7), Log("$(device)"))
    scan = await rig.run(Include("outer.scn", macros="text=no"), Log("$(text=text)"))
    assert await rig.data(scan) == {"x": [(0, "7.0")], "y": [(1, "0.0")], "text": [(2, "hello")]}
    assert scan.info().total_work_units == 4
    assert "Set" not in await scan.document()


async def test_files_in_parallel_do_not_mix_their_macros(rig):
    put(rig, "one/f.scn", Delay(1), Log("$(device)"))
    scan = await rig.submit(
        Parallel(Include("f.scn", macros="device=x"), Include("f.scn", macros="device=y"))
    )
    await rig.clock.advance(1)
    await rig.until_done(scan)
    assert sorted(await rig.data(scan)) == ["x", "y"]


async def test_the_first_folder_with_the_file_wins(rig):
    put(rig, "one/f.scn", Log("x"))
    put(rig, "two/f.scn", Log("y"))
    assert list(await rig.data(await rig.run(Include("f.scn")))) == ["x"]


async def test_bad_macros_of_an_include_fail_the_scan(rig):
    put(rig, "one/f.scn", Comment("a"))
    scan = await rig.run(Include("f.scn", macros="1a=2"))
    assert scan.state is ScanState.FAILED
    assert "Cannot read the macros '1a=2'" in scan.info().error


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.scn", "Include 'none.scn' cannot open 'none.scn': it is not on the script path"),
        ("../secret.scn", "cannot open"),
        ("{folder}/secret.scn", "cannot open"),
        ("link.scn", "cannot open"),
        ("link/secret.scn", "cannot open"),
        ("sub/../../secret.scn", "cannot open"),
        ("..", "cannot open"),
        (".", "cannot open"),
        ("", "cannot open"),
        ("pipe", "cannot open"),
        ("SELF.SCN", "cannot open"),
        ("examples:pre_scan.scn", "cannot open"),
        ("entities.scn", "entities.scn:1:"),
        ("one", "cannot open"),
        ("a\0b", "cannot open"),
        ("x" * 5000, "cannot open"),
        ("broken.scn", "broken.scn:1:"),
        ("latin.scn", "latin.scn"),
        ("self.scn", "include each other"),
    ],
)
async def test_files_that_are_not_on_the_path_or_not_readable_refuse_the_scan(rig, name, reason):
    put(rig, "secret.scn", Comment("secret"))
    put(rig, "one/self.scn", Include("self.scn"))
    (rig.folder / "one/broken.scn").write_text("<commands><set>")
    (rig.folder / "one/latin.scn").write_bytes(b"<commands>\xff</commands>")
    (rig.folder / "one/entities.scn").write_text('<!DOCTYPE a [<!ENTITY b "c">]><commands/>')
    (rig.folder / "one/link.scn").symlink_to(rig.folder / "secret.scn")
    (rig.folder / "one/link").symlink_to(rig.folder)
    (rig.folder / "one/sub").mkdir()
    os.mkfifo(rig.folder / "one/pipe")
    document = (
        f"<commands><include><scan_file>{name.format(folder=rig.folder)}</scan_file></include></commands>"
    )
    with pytest.raises(Refused, match=reason if "\0" not in name else ".") as caught:
        await rig.engine.submit("test", document.encode())
    assert str(rig.folder) not in str(caught.value) or "secret" in name
    with pytest.raises(Refused):
        await rig.engine.simulate(document.encode())
    assert rig.engine.infos() == []


@pytest.mark.parametrize(
    "command", [Script("NoSuch"), Wait("x", 1, error_handler="NoSuch"), Sequence(Script("NoSuch"))]
)
async def test_a_class_that_is_not_there_refuses_the_scan(rig, command):
    with pytest.raises(
        Refused, match=r"^Error loading class NoSuch: there is no nosuch.py on the script path$"
    ):
        await rig.submit(command)
    with pytest.raises(Refused, match="NoSuch"):
        await rig.engine.simulate(write_commands([command]).encode())


async def test_commands_may_be_nested_deeply_but_not_without_limit(rig):
    nested = Log("x")
    for _ in range(DEEPEST):
        nested = Sequence(nested)
    scan = await rig.run(nested)
    assert scan.state is ScanState.FINISHED
    assert (await rig.engine.simulate(write_commands([nested]).encode())).seconds > 0
    document = write_commands([nested]).replace("<commands>", "<commands><sequence><body>", 1)
    document = document.replace("</commands>", "</body></sequence></commands>")
    with pytest.raises(Refused, match=f"nested more than {DEEPEST} deep"):
        await rig.engine.simulate(document.encode())


async def test_a_command_that_is_nested_as_deep_as_it_may_be_can_be_patched(rig):
    nested = Delay(1)
    for _ in range(DEEPEST):
        nested = Loop("x", 1, 1, 1, nested)
    scan = await rig.submit(nested)
    scan.patch(DEEPEST, "seconds", 3)
    assert "<seconds>3.0</seconds>" in await scan.document()
    scan.abort()
    await rig.until_done(scan)


async def test_files_do_not_make_nesting_deeper_than_that(rig):
    nested = Include("one.scn")
    for _ in range(DEEPEST - 10):
        nested = Sequence(nested)
    put(rig, "one/one.scn", nested)
    with pytest.raises(Refused, match="nested more than"):
        await rig.submit(nested)


async def test_a_simulation_reads_limits_and_names_what_is_not_there(tmp_path):
    pvs = (PvConfig(name="loc://x(0)", alias="x", minimum="loc://low(0)", maximum="loc://high(10)"),)
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"pvs": pvs}))
    other = await rig.submit(Set("loc://high(10)", 20), Delay(100), queue=False)
    result = await rig.engine.simulate(write_commands([Set("x", 15), Set("x", 25)]).encode())
    assert "ERROR: Cannot set x = 25.0, valid range is 0.0 .. 20.0" in result.log
    await rig.engine.abort(other.id)
    task = asyncio.ensure_future(rig.engine.simulate(write_commands([Log("nowhere"), Log("x")]).encode()))
    while rig.clock.next_due is None:
        await settle()
    await rig.clock.advance(2)
    assert (await task).log.splitlines()[2] == "ERROR: Cannot access nowhere (Disconnected)"
    assert not rig.engine.pool.in_use
    with pytest.raises(Refused, match="unknown PV type"):
        await rig.engine.simulate(write_commands([Log("foo://x")]).encode())
    await rig.engine.stop()


async def test_paths_may_mean_the_files_that_come_with_the_server(tmp_path):
    examples = {"pre_scan": ("examples:pre_scan.scn",), "post_scan": ("examples:/post_scan.scn",)}
    hook = {"simulation_hook": "SimulationHookDemo"}
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"paths": ("examples:",), **examples, **hook}))
    scan = await rig.submit(
        Include("pre_scan.scn"),
        Log("x"),
        Set("x", "no number", error_handler="OnErrorContinue"),
        Set("x", 4),
        Log("x"),
        Script("ComputeAverage", "x", "y"),
        Script("MyScanScript", "y", "x"),
        Log("x"),
    )
    await scan.ended(within=20)
    assert scan.state is ScanState.FINISHED, scan.info().error
    assert await rig.data(scan) == {"x": [(0, "0.0"), (1, "4.0"), (2, "4.0")], "y": [(0, "2.0")]}
    waiting = write_commands([Wait("neutrons", 1e9), Delay(1)]).encode()
    task = asyncio.ensure_future(rig.engine.simulate(waiting))
    while rig.clock.next_due is None:
        await settle()
    await rig.clock.advance(2)
    assert (await task).seconds == 61
    for name in ("../files.py", "../../errors.py"):
        with pytest.raises(Refused, match="not on the script path"):
            await rig.submit(Include(name))
    await rig.engine.stop()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("examples:none.scn", "Pre-scan: cannot open 'examples:none.scn': No such file or directory"),
        ("missing.scn", "Pre-scan: cannot open 'missing.scn': No such file or directory"),
        ("one", "Pre-scan: cannot open 'one': Is a directory"),
        ("entities.scn", "Pre-scan: entities.scn:1:13: a document type declaration is not allowed"),
    ],
)
async def test_a_pre_scan_that_cannot_be_read_refuses_each_scan_and_says_why(tmp_path, path, reason):
    (tmp_path / "one").mkdir()
    (tmp_path / "entities.scn").write_text('<!DOCTYPE a [<!ENTITY b "c">]><commands/>')
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"pre_scan": (path,)}), tmp_path)
    with pytest.raises(Refused) as caught:
        await rig.submit(Log("x"))
    assert str(caught.value).startswith(reason)
    assert (await rig.run(Log("x"), pre_post=False)).state is ScanState.FINISHED
    await rig.engine.stop()
    rig = await make_rig(tmp_path / "other", CONFIG.model_copy(update={"post_scan": ("post.scn",)}))
    with pytest.raises(Refused, match=r"^Post-scan: cannot open 'post.scn': the configuration is no file"):
        await rig.submit(Log("x"))
    await rig.engine.stop()
