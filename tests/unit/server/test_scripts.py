"""Scripts, error handlers and simulation hooks, written as for the real server."""

from __future__ import annotations

import asyncio
import textwrap
import threading

import pytest

from scan_sdk._wire.commands import write_commands
from scan_sdk.models import (
    Comment,
    ConfigLog,
    Delay,
    If,
    Include,
    Log,
    Loop,
    Parallel,
    ScanState,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.server.clock import settle
from scan_sdk.server.errors import Refused

from .conftest import CONFIG, make_rig, values

HEAD = "from org.csstudio.scan.command import ScanScript, ScanErrorHandler\n"


@pytest.fixture
async def rig(tmp_path):
    (tmp_path / "scripts").mkdir()
    config = CONFIG.model_copy(update={"paths": ("scripts",)})
    made = await make_rig(tmp_path, config, tmp_path)
    made.folder = tmp_path / "scripts"
    yield made
    await made.engine.stop()


def put(rig, name, text):
    (rig.folder / name).write_text(textwrap.dedent(text), encoding="utf-8")


def script(rig, name, body, *, devices="[]", init=""):
    """Write a script whose `run` has that body."""
    lines = [f"class {name}(ScanScript):"]
    if init:
        lines.append(textwrap.indent(textwrap.dedent(init), "    "))
    lines += [
        "    def getDeviceNames(self):",
        f"        return {devices}",
        "    def run(self, context):",
        textwrap.indent(textwrap.dedent(body), "        "),
    ]
    put(rig, f"{name.lower()}.py", HEAD + "\n".join(lines) + "\n")


def handler(rig, name, body):
    put(
        rig,
        f"{name.lower()}.py",
        HEAD
        + f"class {name}(ScanErrorHandler):\n    def handleError(self, command, error, context):\n"
        + textwrap.indent(textwrap.dedent(body), "        "),
    )


async def run(rig, *commands, **options):
    """Perform a scan whose time is that of its scripts."""
    scan = await rig.submit(*commands, **options)
    await scan.ended(within=20)
    assert scan.is_done
    return scan


async def until(condition):
    """Return once something holds that a thread of a script brings about, which no event tells of."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def simulate(rig, *commands):
    return await rig.engine.simulate(write_commands(commands).encode())


# Scripts


async def test_a_script_is_constructed_with_its_arguments_and_writes_to_its_devices(rig):
    init = "def __init__(self, name, value):\n    self.name, self.value = name, value"
    script(rig, "Put", "context.write(self.name, float(self.value))", devices="[self.name]", init=init)
    scan = await run(rig, Script("Put", "x", "7.5"), Log("x"))
    assert scan.state is ScanState.FINISHED
    assert values((await rig.data(scan))["x"]) == ["7.5"]
    assert scan.info().performed_work_units == 2
    assert [device.alias for device in scan.devices] == ["x"]


@pytest.mark.parametrize(
    ("device", "code", "logged"),
    [
        ("x", "context.write('x', 3)", "3.0"),
        ("x", "context.write('x', True)", "1.0"),
        ("x", "import numjy as np; context.write('x', np.float32(0.5))", "0.5"),
        ("text", "context.write('text', 'µ')", "µ"),
        ("text", "import numpy; context.write('text', numpy.str_('a'))", "a"),
        ("loc://a(1,2)", "context.write('loc://a(1,2)', [3, 4])", "[3.0, 4.0]"),
        ("loc://a(1,2)", "import numjy; context.write('loc://a(1,2)', numjy.arange(2))", "[0.0, 1.0]"),
        ('loc://t("a","b")', "context.write('loc://t(\"a\",\"b\")', ('c', 'd'))", "[c, d]"),
    ],
)
async def test_what_a_script_may_write(rig, device, code, logged):
    script(rig, "Put", code)
    scan = await run(rig, Script("Put"), Log(device))
    assert values((await rig.data(scan))[device]) == [logged], scan.info().error


@pytest.mark.parametrize("value", ["None", "object()", "['a', None]"])
async def test_what_a_script_may_not_write_is_said(rig, value):
    script(rig, "Put", f"context.write('x', {value})")
    scan = await run(rig, Script("Put"), Log("x"))
    assert scan.state is ScanState.FAILED
    assert "Put: Cannot write" in scan.info().error or "Failed to write" in scan.info().error


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        ("x", "0.0"),
        ("text", "'hello'"),
        ("loc://a(1,2)", "[1.0, 2.0]"),
        ('loc://t("a","b")', "['a', 'b']"),
        ('loc://e<VEnum>(1, "Off", "On")', "'On'"),
        ("loc://b<VBoolean>(true)", "'true'"),
        ("loc://i<VLong>(7)", "7"),
    ],
)
async def test_what_a_script_reads(rig, device, expected):
    script(rig, "Get", f"context.write('text', repr(context.read({device!r})))", devices="['text']")
    scan = await run(rig, Script("Get"), Log(device), Log("text"))
    assert values((await rig.data(scan))["text"])[-1] == expected


async def test_a_write_with_completion_waits_for_the_device(rig):
    script(rig, "Move", "context.write('m', 4.0, True)")
    scan = await rig.submit(Script("Move"), Log("m.RBV"), Log("m"))
    await until(lambda: rig.clock.next_due is not None)
    await rig.clock.advance(1.9)
    assert scan.state is ScanState.RUNNING
    await rig.clock.advance(0.2)
    await scan.ended(within=20)
    assert values((await rig.data(scan))["m.RBV"]) == ["4.0"]


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("context.write('x', 1.0, 'y')", None),
        (
            "context.write('x', 1.0, False, 'y', 0.1, 0.5)",
            "Timeout while waiting for y [loc://y(0)] (0.0) = 1.0",
        ),
        (
            "import java.time\ncontext.write('x', 1, False, 'y', 0.1, java.time.Duration.ofMillis(500))",
            "Timeout while waiting for y [loc://y(0)] (0.0) = 1.0",
        ),
        ("context.write('x', 1.0, True, 'y')", "x [loc://x(0)] (1.0) != 1.0 after completion"),
        ("context.write('x', 1.0, readback='y', tolerance=2, timeout=5)", ""),
        ("context.write('m', 9.0, timeout=0.5)", "Completion timeout for motor://m(0, 2) = 9.0"),
        ("context.write('x', 'abc')", "Failed to write abc to loc://x(0)"),
        ("context.write('nowhere', 1)", "Unknown device 'nowhere'"),
        ("context.read('nowhere')", "Unknown device 'nowhere'"),
    ],
)
async def test_a_write_of_a_script_waits_and_fails_as_a_set_does(rig, call, error):
    script(rig, "Put", call)
    scan = await rig.submit(Script("Put"), Log("x", "y", "m"))
    await until(lambda: rig.clock.next_due is not None or scan.is_done or scan.devices["y"].pv._listeners)
    await rig.clock.advance(1.1)
    if error is None:
        assert scan.state is ScanState.RUNNING
        await rig.run(Set("y", 1), queue=False)
    await scan.ended(within=20)
    if error:
        assert scan.info().error.startswith(f'Put: {error}   File "scripts/put.py", line ')
    else:
        assert scan.state is ScanState.FINISHED


async def test_writes_of_scripts_are_logged_where_all_writes_are(rig):
    script(rig, "Put", "context.write('x', 1.0)\ncontext.write('x', 2.0)")
    scan = await run(rig, ConfigLog(automatic=True), Script("Put"), Set("x", 3))
    assert values((await rig.data(scan))["x"]) == ["1.0", "2.0", "3.0"]


async def test_a_script_gets_logged_data_aligned_by_serial(rig):
    script(
        rig,
        "Look",
        """\
        x, y, none = context.getData("x", "y", "none")
        context.write("text", "%s %s %s" % (x, y, none))
        """,
        devices="['text']",
    )
    scan = await run(
        rig,
        Set("x", 1),
        Log("x"),
        Set("y", 5),
        Log("y"),
        Set("x", 2),
        Log("x", "y"),
        Script("Look"),
        Log("text"),
    )
    (text,) = values((await rig.data(scan))["text"])
    assert text == "[1.0, 1.0, 2.0] [nan, 5.0, 5.0] [nan, nan, nan]"


async def test_rows_count_by_their_first_number_and_texts_are_none(rig):
    script(
        rig,
        "Look",
        "context.write('text', str(context.getData('loc://a(7,8)', 'loc://t(\"7\")')))",
        devices="['text']",
    )
    scan = await run(rig, Log("loc://a(7,8)", 'loc://t("7")'), Script("Look"), Log("text"))
    assert values((await rig.data(scan))["text"]) == ["[[7.0], [nan]]"]


async def test_a_script_gets_the_log_as_it_is(rig):
    body = """\
    samples = context.getScanData()["x"]
    context.write("text", str([(s.getSerial(), s.getValues(), s.time > 0) for s in samples]))
    """
    script(rig, "Look", body, devices="['text']")
    scan = await run(rig, Log("x"), Log("x"), Script("Look"), Log("text"))
    assert values((await rig.data(scan))["text"]) == ["[(0, [0.0], True), (1, [0.0], True)]"]


async def test_a_script_logs_data_under_serials_from_zero(rig):
    script(rig, "Fit", "import numjy as np\ncontext.logData('fit', np.array([[1, 2], [3, 4]]))")
    scan = await run(rig, Script("Fit"))
    assert (await rig.data(scan))["fit"] == [(0, "1.0"), (1, "2.0"), (2, "3.0"), (3, "4.0")]
    assert scan.last_serial == 3


async def test_data_that_are_no_numbers_are_not_logged(rig):
    script(rig, "Fit", "context.logData('fit', {'a': 1})")
    scan = await run(rig, Script("Fit"))
    assert scan.info().error.startswith("Fit: Cannot log data of type dict")


async def test_numjy_is_numpy_with_the_names_of_its_types(rig):
    body = """\
    import numjy as np
    import numpy
    from numjy import *
    assert np.sum(np.array([[1.0, 2.0]])[0]) == 3.0 and array is numpy.array
    assert np.float is numpy.float64 and np.int is numpy.int64 and np.byte is numpy.int8
    context.write("x", np.nan)
    """
    body = body.replace("from numjy import *\n", "from numjy import array\n")
    script(rig, "Compute", body, devices="['x']")
    put(rig, "star.py", "from numjy import *\nzeroes = zeros(3)\n")
    scan = await run(rig, Script("Compute"))
    assert scan.info().error is None


async def test_macros_in_the_names_of_a_script_are_those_in_force(rig):
    script(rig, "Put", "context.write('$(axis)', context.read('$(other=x)') + 1)", devices="['$(axis)', 'x']")
    (rig.folder / "inner.scn").write_text(write_commands([Script("Put")]))
    scan = await run(rig, Include("inner.scn", "axis=y"), Script("Put"), Log("x", "y"))
    assert {name: values(found) for name, found in (await rig.data(scan)).items()} == {
        "x": ["1.0"],
        "y": ["1.0"],
    }


async def test_a_script_that_fails_says_what_and_where_as_the_real_server_words_it(rig):
    put(rig, "fails.py", HEAD + "\n\nclass Fails(ScanScript):\n    def run(self, context):\n        oops()\n")
    with (rig.folder / "fails.py").open("a") as file:
        file.write('\n\ndef oops():\n    raise Exception("it broke")\n')
    scan = await run(rig, Script("Fails"))
    assert scan.info().error == (
        'Fails: Exception: it broke   File "scripts/fails.py", line 6, in run\n    oops()\n'
        '  File "scripts/fails.py", line 10, in oops\n    raise Exception("it broke")\n'
    )
    assert (scan.state, scan.info().address) == (ScanState.FAILED, -1)


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        ("ValueError", "ValueError"),
        ("SystemExit(3)", "SystemExit: 3"),
        ("KeyboardInterrupt()", "KeyboardInterrupt"),
        ("StopIteration(1)", "StopIteration: 1"),
        ("Own('a')", "raises.Own: a"),
    ],
)
async def test_whatever_a_script_raises_fails_the_scan_and_nothing_else(rig, raised, shown):
    script(rig, "Raises", f"raise {raised}")
    with (rig.folder / "raises.py").open("a") as file:
        file.write("class Own(Exception): pass\n")
    scan = await run(rig, Script("Raises"))
    assert scan.info().error.startswith(f"Raises: {shown}   File")
    assert (await run(rig, Log("x"))).state is ScanState.FINISHED


async def test_a_script_that_cannot_tell_its_devices_fails_the_scan_when_it_begins(rig):
    script(rig, "Asks", "pass", devices="[undefined]")
    scan = await run(rig, Script("Asks"))
    assert scan.info().error.startswith("Asks: NameError: name 'undefined' is not defined")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "bad.py defines no class of that name derived from ScanScript"),
        ("class Bad: pass", "bad.py defines no class of that name derived from ScanScript"),
        ("Bad = 5", "bad.py defines no class of that name derived from ScanScript"),
        ("def x(:", r"Error loading class Bad: SyntaxError: .*\(bad.py, line 1\)|SyntaxError"),
        ("print 'a", "SyntaxError"),
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("from java.util import ArrayList", "No module named 'java.util'"),
        ("raise KeyError('a')", "KeyError: 'a'"),
        (HEAD + "class Bad(ScanScript):\n    def __init__(self, a): pass", "missing 1 required positional"),
        (HEAD + "class Bad(ScanErrorHandler): pass", "derived from ScanScript"),
    ],
)
async def test_a_script_that_cannot_be_loaded_refuses_the_scan(rig, text, reason):
    put(rig, "bad.py", text)
    with pytest.raises(Refused, match=reason):
        await rig.submit(Script("Bad"))
    with pytest.raises(Refused, match=reason):
        await simulate(rig, Script("Bad"))
    assert rig.engine.infos() == []


async def test_scripts_outside_the_folders_are_not_run(rig, tmp_path):
    empty = "    def getDeviceNames(self):\n        return []\n"
    classes = "".join(f"class {name}(ScanScript):\n{empty}" for name in ("Outside", "Link", "Inside"))
    (tmp_path / "outside.py").write_text(HEAD + classes)
    (rig.folder / "inside.py").write_text(HEAD + classes)
    await rig.submit(Script("Inside"))
    (rig.folder / "link.py").symlink_to(tmp_path / "outside.py")
    for name in ("../Outside", "Link", str(tmp_path / "Outside"), "x" * 300):
        with pytest.raises(Refused, match="Error loading class"):
            await rig.submit(Script(name))


async def test_scripts_import_each_other_and_packages_of_the_folders(rig):
    (rig.folder / "lab" / "deep").mkdir(parents=True)
    put(rig, "lab/__init__.py", "from .units import FACTOR\n")
    put(rig, "lab/units.py", "FACTOR = 2.0\nfrom . import deep\n")
    put(rig, "lab/deep/__init__.py", "from ..units import FACTOR\nDEEP = FACTOR * 2\n")
    put(
        rig, "common.py", "import lab.deep\nfrom lab import units, deep\nVALUE = lab.FACTOR + lab.deep.DEEP\n"
    )
    script(rig, "Uses", "import common\ncontext.write('x', common.VALUE)", devices="['x']")
    scan = await run(rig, Script("Uses"), Log("x"))
    assert values((await rig.data(scan))["x"]) == ["6.0"]


async def test_each_scan_loads_scripts_anew_and_shares_nothing(rig):
    import sys

    put(rig, "state.py", "count = [0]\n")
    body = "import state\nstate.count[0] += 1\ncontext.write('x', state.count[0])"
    script(rig, "Counts", body, devices="['x']")
    for _ in range(2):
        scan = await run(rig, Script("Counts"), Script("Counts"), Log("x"))
        assert values((await rig.data(scan))["x"]) == ["2.0"]
    put(rig, "state.py", "count = [10]\n")
    scan = await run(rig, Script("Counts"), Log("x"))
    assert values((await rig.data(scan))["x"]) == ["11.0"]
    assert not {"state", "counts", "numjy", "org"} & set(sys.modules)


async def test_a_script_in_python_2_is_read_as_such(rig, caplog):
    put(
        rig,
        "old.py",
        HEAD
        + "class Old(ScanScript):\n    def run(self, context):\n        try:\n"
        + "            raise ValueError, 'x'\n        except ValueError, e:\n"
        + "            print 'caught', e\n            context.write('x', 5 <> 4 and 7.0)\n",
    )
    scan = await run(rig, Script("Old"), Log("x"))
    assert values((await rig.data(scan))["x"]) == ["7.0"]
    assert "scripts/old.py is written in Python 2" in caplog.text


async def test_without_the_translator_a_script_in_python_2_is_a_syntax_error(rig, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fissix.refactor", None)
    put(rig, "old.py", "print 'a'\n")
    with pytest.raises(Refused, match="SyntaxError"):
        await rig.submit(Script("Old"))


async def test_scripts_of_a_parallel_run_at_the_same_time(rig):
    put(rig, "meet.py", "import threading\nBARRIER = threading.Barrier(2)\n")
    script(rig, "Meets", "import meet\nmeet.BARRIER.wait(10)")
    scan = await run(rig, Parallel([Script("Meets"), Script("Meets")]))
    assert scan.state is ScanState.FINISHED


# Ending scripts


def script_threads():
    return [thread for thread in threading.enumerate() if thread.name == "scan script"]


async def gone():
    """Return once no script runs any more."""
    for thread in script_threads():
        await asyncio.get_running_loop().run_in_executor(None, thread.join, 10)
    assert not script_threads()


@pytest.mark.parametrize(
    "body", ["while True: pass", "while True:\n    try: x = 1\n    except Exception: pass"]
)
async def test_abort_ends_a_script_that_never_would(rig, body):
    script(rig, "Spins", body)
    scan = await rig.submit(Script("Spins"), Comment("never"))
    await until(script_threads)
    before = asyncio.get_running_loop().time()
    await rig.engine.abort(scan.id)
    assert asyncio.get_running_loop().time() - before < 0.2
    assert scan.state is ScanState.ABORTED
    await gone()


async def test_next_ends_a_script_and_the_scan_goes_on(rig):
    script(rig, "Spins", "while True: pass")
    scan = await rig.submit(Script("Spins"), Log("x"))
    await until(script_threads)
    rig.engine.skip(scan.id)
    await scan.ended(within=10)
    assert (scan.state, scan.last_serial) == (ScanState.FINISHED, 0)
    await gone()


async def test_a_script_that_is_left_can_do_nothing_more_to_the_scan(rig):
    body = """\
    import time, gate
    gate.inside.set()
    gate.go.wait(10)
    try:
        context.write("x", 99.0)
    except BaseException as error:
        gate.seen.append(type(error).__name__)
        gate.done.set()
        raise
    """
    put(
        rig,
        "gate.py",
        "from threading import Event\ninside, go, done, seen = Event(), Event(), Event(), []\n",
    )
    script(rig, "Late", body, devices="['x']")
    scan = await rig.submit(Script("Late"), Delay(5), Log("x"))
    node = scan._submission.main[0]
    gate = node._script.classes._modules
    await until(lambda: hasattr(gate.get("gate"), "seen"))
    await asyncio.get_running_loop().run_in_executor(None, gate["gate"].inside.wait, 10)
    rig.engine.skip(scan.id)
    await settle()
    gate["gate"].go.set()
    await gone()
    await rig.clock.advance(5)
    await scan.ended(within=10)
    assert values((await rig.data(scan))["x"]) == ["0.0"]


async def test_abort_ends_a_script_that_waits_for_a_device(rig):
    script(rig, "Waits", "context.write('x', 1.0, 'y')", devices="['x', 'y']")
    scan = await rig.submit(Script("Waits"))
    await until(lambda: scan.devices["y"].pv._listeners)
    await rig.engine.abort(scan.id)
    assert scan.state is ScanState.ABORTED
    await gone()


async def test_a_script_that_takes_too_long_to_load_refuses_the_scan(rig, monkeypatch):
    monkeypatch.setattr("scan_sdk.server.files._LOADING", 0.05)
    put(rig, "slow.py", "while True: pass\n")
    with pytest.raises(Refused, match=r"Loading Slow took more than 0.05 seconds"):
        await rig.submit(Script("Slow"))
    await gone()


async def test_stopping_the_server_ends_its_scripts(tmp_path):
    (tmp_path / "spins.py").write_text(
        HEAD + "class Spins(ScanScript):\n    def run(self, context):\n        while True: pass\n"
    )
    rig = await make_rig(tmp_path, CONFIG.model_copy(update={"paths": (".",)}), tmp_path)
    scan = await rig.submit(Script("Spins"))
    await until(script_threads)
    await rig.engine.stop()
    assert scan.state is ScanState.ABORTED
    await gone()


# Error handlers


@pytest.mark.parametrize("kind", ["Continue", "Abort", "Retry"])
async def test_an_error_handler_says_how_a_scan_goes_on(rig, kind):
    put(
        rig,
        "decides.py",
        HEAD
        + "class Decides(ScanErrorHandler):\n"
        + "    def __init__(self):\n        self.tries = 0\n"
        + "    def handleError(self, command, error, context):\n"
        + "        self.tries += 1\n        context.write('y', float(self.tries))\n"
        + f"        result = '{kind}' if self.tries < 3 else 'Abort'\n"
        + "        return ScanErrorHandler.Result[result]\n",
    )
    scan = await run(rig, Set("x", "abc", error_handler="Decides"), Log("y"))
    if kind == "Continue":
        assert scan.state is ScanState.FINISHED
        assert values((await rig.data(scan))["y"]) == ["1.0"]
    else:
        assert scan.info().error == "Failed to write abc to loc://x(0)"
        assert (await rig.data(scan)) == {}


async def test_a_handler_sees_the_command_its_properties_and_the_error(rig):
    handler(
        rig,
        "Looks",
        """\
        text = "|".join([
            str(command), command.getCommandID(), command.getCommandName(), str(command.getAddress()),
            str(command.getProperty("desired_value")), command.getProperty("comparison"),
            error.getMessage(), str(error),
        ])
        context.write("text", text)
        try:
            command.getProperty("nonsense")
        except Exception as problem:
            context.write("text", text + "|" + str(problem)[:25])
        return ScanErrorHandler.Result.Continue
        """,
    )
    scan = await rig.submit(Comment("a"), Wait("x", 9, timeout=1, error_handler="Looks"), Log("text"))
    await rig.clock.advance(1)
    await scan.ended(within=10)
    (text,) = values((await rig.data(scan))["text"])
    error = "Timeout while waiting for x [loc://x(0)] (0.0) = 9.0"
    assert text.split("|") == [
        "Wait for 'x' = 9.0 (+-0.1) (1.0 sec timeout)",
        "wait",
        "WaitCommand",
        "1",
        "9.0",
        "=",
        error,
        error,
        "wait has no property nons",
    ]


async def test_a_handler_may_change_the_command_and_try_again(rig):
    handler(
        rig,
        "Mends",
        """\
        try:
            command.setProperty("nonsense", 1)
        except Exception:
            command.setProperty("value", 5.0)
        return ScanErrorHandler.Result.Retry
        """,
    )
    scan = await run(rig, Set("x", "abc", error_handler="Mends"), Log("x"))
    assert values((await rig.data(scan))["x"]) == ["5.0"]


@pytest.mark.parametrize("inner", [True, False])
async def test_the_handler_of_the_innermost_command_is_asked_first(rig, inner):
    handler(rig, "Inner", "context.write('text', 'inner')\nreturn ScanErrorHandler.Result.Continue")
    handler(rig, "Outer", "context.write('text', 'outer')\nreturn ScanErrorHandler.Result.Continue")
    fails = Set("x", "abc", error_handler="Inner" if inner else "")
    scan = await run(rig, Sequence(fails, Log("x"), error_handler="Outer"), Log("text"))
    data = await rig.data(scan)
    assert values(data["text"]) == ["inner" if inner else "outer"]
    assert ("x" in data) is inner


@pytest.mark.parametrize(
    ("command", "name"),
    [(Loop("x", 0, 1, 1, Set("x", "a")), "loop"), (If("x", "=", 0, [Set("x", "a")]), "if")],
)
async def test_a_handler_that_answers_nothing_is_an_error_that_says_so(rig, command, name):
    handler(rig, "None_", "pass")
    scan = await run(rig, command.model_copy(update={"error_handler": "None_"}))
    assert scan.info().error == (
        f"Error handler for {name.title()}Command: None_ returned None, not a ScanErrorHandler.Result"
    )


async def test_a_handler_that_fails_is_an_error_that_says_so(rig):
    handler(rig, "Breaks", "raise ValueError('no')")
    scan = await run(rig, Set("x", "abc", error_handler="Breaks"))
    assert scan.info().error.startswith(
        'Error handler for SetCommand: ValueError: no   File "scripts/breaks.py"'
    )


async def test_a_handler_of_the_base_class_aborts(rig):
    put(rig, "plain.py", HEAD + "class Plain(ScanErrorHandler): pass\n")
    scan = await run(rig, Set("x", "abc", error_handler="Plain"))
    assert scan.info().error == "Failed to write abc to loc://x(0)"


async def test_a_retry_without_end_can_be_aborted(rig):
    handler(rig, "Again", "return ScanErrorHandler.Result.Retry")
    scan = await rig.submit(Set("x", "abc", error_handler="Again"))
    await settle()
    await rig.engine.abort(scan.id)
    assert scan.state is ScanState.ABORTED
    await gone()


async def test_next_while_a_handler_decides_goes_on(rig):
    handler(rig, "Ponders", "while True: pass")
    scan = await rig.submit(Set("x", "abc", error_handler="Ponders"), Log("x"))
    await until(script_threads)
    rig.engine.skip(scan.id)
    await scan.ended(within=10)
    assert scan.state is ScanState.FINISHED
    await gone()


async def test_handlers_in_parallel_are_asked_for_their_own_command(rig):
    handler(rig, "Goes", "return ScanErrorHandler.Result.Continue")
    scan = await run(rig, Parallel([Set("x", "a", error_handler="Goes"), Set("y", 1)]), Log("y"))
    assert scan.state is ScanState.FINISHED


# Simulation


async def hooked(tmp_path, body, **changes):
    (tmp_path / "scripts").mkdir(exist_ok=True)
    (tmp_path / "scripts/hook.py").write_text(
        "from org.csstudio.scan.server import SimulationHook\n"
        "from org.phoebus.core.vtypes import VTypeHelper\n"
        "class Hook(SimulationHook):\n    def handle(self, command, context):\n"
        + textwrap.indent(textwrap.dedent(body), "        ")
    )
    config = CONFIG.model_copy(update={"paths": ("scripts",), "simulation_hook": "Hook", **changes})
    return await make_rig(tmp_path, config, tmp_path)


async def test_a_hook_takes_over_what_it_wants(tmp_path):
    rig = await hooked(
        tmp_path,
        """\
        kind = command.getCommandID()
        if kind == "comment":
            return command.getProperty("comment").startswith("#")
        if kind == "set" and command.getProperty("device_name") == "y":
            context.logExecutionStep("rate %g" % command.getProperty("value"), 5.0)
            context.getDevice("y").write(command.getProperty("value"))
            return True
        if kind == "wait":
            rate = VTypeHelper.toDouble(context.getDevice("y").read())
            context.logExecutionStep(
                "%s at %s after %s" % (context.getMacros().resolveMacros("$(axis)"), rate,
                                       context.getSimulationSeconds()), 60 / rate)
            context.logError("careful")
            return True
        return False
        """,
    )
    result = await simulate(
        rig, Comment("# hidden"), Sequence(Comment("shown"), Set("y", 30)), Wait("x", 3), Set("y", 60)
    )
    assert result.log.splitlines()[2:-2] == [
        "00:00:00 - shown",
        "00:00:00 - rate 30",
        "00:00:05 - x at 30.0 after 5.1",
        "ERROR: careful",
        "00:00:07 - rate 60",
    ]
    assert result.seconds == pytest.approx(12.1)
    await rig.engine.stop()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("raise KeyError('a')", "Hook: KeyError: 'a'"),
        ("command.setProperty('text', 'a')", "Hook: text cannot be changed in a simulation"),
        ("command.getProperty('nonsense')", "Hook: comment has no property nonsense"),
    ],
)
async def test_a_hook_that_fails_ends_the_simulation_with_its_error(tmp_path, body, text):
    rig = await hooked(tmp_path, body)
    result = await simulate(rig, Comment("a"), Comment("b"))
    assert result.log.splitlines()[2].startswith(f"ERROR: {text}")
    await rig.engine.stop()


async def test_a_hook_moves_devices_within_their_limits_only(tmp_path):
    from scan_sdk.models import PvConfig

    pvs = (PvConfig(name="loc://x(0)", alias="x", minimum="loc://low(0)", maximum="loc://high(10)"),)
    rig = await hooked(
        tmp_path, "context.getDevice('x').write('a text')\ncontext.getDevice('x').write(11)", pvs=pvs
    )
    result = await simulate(rig, Set("x", 1))
    assert result.log.splitlines()[2] == "ERROR: Cannot set x = 11.0, valid range is 0.0 .. 10.0"
    await rig.engine.stop()


async def test_a_hook_without_end_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr("scan_sdk.server.engine.simulating._LONGEST", 0.05)
    rig = await hooked(tmp_path, "while True: pass")
    with pytest.raises(Refused, match="The simulation takes more than"):
        await simulate(rig, Comment("a"))
    await gone()
    await rig.engine.stop()


async def test_a_hook_that_is_not_there_refuses_the_simulation_and_no_scan(tmp_path):
    config = CONFIG.model_copy(update={"simulation_hook": "Missing"})
    rig = await make_rig(tmp_path, config)
    with pytest.raises(Refused, match="Error loading class Missing"):
        await simulate(rig, Comment("a"))
    assert (await rig.run(Comment("a"))).state is ScanState.FINISHED
    await rig.engine.stop()


async def test_a_simulated_script_is_loaded_and_its_devices_are_looked_at(rig):
    script(rig, "Put", "pass", devices="['nowhere']")
    task = asyncio.ensure_future(simulate(rig, Script("Put", 1.5)))
    with pytest.raises(Refused, match=r"takes no arguments|takes 1 positional"):
        await task
    task = asyncio.ensure_future(simulate(rig, Script("Put")))
    await until(lambda: rig.clock.next_due is not None)
    await rig.clock.advance(2)
    assert (await task).log.splitlines()[2:4] == [
        "ERROR: Cannot access nowhere (Disconnected)",
        "00:00:00 - Script 'Put'",
    ]
    script(rig, "Put", "pass", devices="[undefined]")
    with pytest.raises(Refused, match="NameError"):
        await simulate(rig, Script("Put"))


async def test_what_scripts_use_of_java_is_there(rig):
    body = """\
    from java.lang import System, Thread
    from java.time import Duration
    from org.phoebus.core.vtypes import VTypeHelper
    before = System.currentTimeMillis()
    Thread.sleep(2)
    assert System.currentTimeMillis() > before
    assert Duration.ofMinutes(2) == Duration.ofSeconds(120)
    context.write("text", VTypeHelper.toString((1.0, 2.0)) + str(VTypeHelper.toDouble("3")))
    """
    script(rig, "UsesJava", body, devices="['text']")
    scan = await run(rig, Script("UsesJava"), Log("text"))
    assert values((await rig.data(scan))["text"]) == ["[1.0, 2.0]3.0"], scan.info().error


async def test_a_script_need_not_do_anything(rig):
    put(rig, "idle.py", HEAD + "class Idle(ScanScript): pass\n")
    assert (await run(rig, Script("Idle"))).state is ScanState.FINISHED


async def test_a_hook_of_the_base_class_leaves_all_to_the_server(tmp_path):
    rig = await hooked(tmp_path, "return super().handle(command, context)")
    assert (await simulate(rig, Delay(3))).seconds == 3
    await rig.engine.stop()


async def test_a_module_that_fails_is_loaded_again_by_who_asks_next(rig):
    put(rig, "half.py", "import missing_module\n")
    body = """\
    found = []
    for _ in range(2):
        try:
            import half
        except ImportError as error:
            found.append(str(error))
    context.write("text", str(len(found)))
    """
    script(rig, "Tries", body, devices="['text']")
    scan = await run(rig, Script("Tries"), Log("text"))
    assert values((await rig.data(scan))["text"]) == ["2"]
