"""Whatever fails in a scan, the command found by the server's words is the one that the server means."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from scan_sdk._protocol.locating import locate
from scan_sdk._wire.commands import write_commands
from scan_sdk.models import (
    If,
    Include,
    Log,
    Loop,
    Parallel,
    PvConfig,
    ScanConfig,
    ScanState,
    Script,
    Sequence,
    Set,
    Wait,
)
from scan_sdk.server.clock import ManualClock, settle
from scan_sdk.server.engine.engine import ScanEngine
from scan_sdk.server.engine.submission import Options
from scan_sdk.server.store.store import Store

NAMES = {"x": "loc://x(0)", "y": "loc://y(0)", "m": "motor://m(0, 0.1)", "text": 'loc://text("a")'}
CONFIG = ScanConfig(
    read_timeout=2.0,
    paths=("scripts",),
    macros="axis=x",
    pvs=tuple(PvConfig(name=name, alias=alias) for alias, name in NAMES.items()),
)
HANDLER = """\
from org.csstudio.scan.command import ScanErrorHandler


class {name}(ScanErrorHandler):
    def handleError(self, command, error, context):
        {body}
"""
HANDLERS = {
    "Continue": "return ScanErrorHandler.Result.Continue",
    "Breaks": "raise ValueError('broken')",
    "Retries": """
        self.tries = 1 + getattr(self, "tries", 0)
        return ScanErrorHandler.Result.Retry if self.tries < 2 else ScanErrorHandler.Result.Abort
""",
}
SCRIPT = """\
from org.csstudio.scan.command import ScanScript


class Fails(ScanScript):
    def run(self, context):
        context.write("x", "abc")
"""
INCLUDED = [Set("x", 2, readback="y", timeout=1), Set("x", "abc")]
simple = st.sampled_from(
    [
        *(Set("x", value) for value in (1, 2, "abc", "a to b")),
        *(Set(device, "abc") for device in ("y", "loc://x(0)", "$(axis)")),
        Set("loc://row(1,2)", 5),
        *(Set("x", value, readback="y", timeout=1) for value in (1, 2)),
        Set("x", 2, readback="loc://y(0)", timeout=1),
        Set("y", 1, completion=True, readback="x", readback_value=7),
        Set("text", "b", readback="y", timeout=1),
        *(Set("m", value, completion=True, timeout=1) for value in (5, 6)),
        *(Wait(device, value, timeout=1) for device in ("x", "$(axis)", "loc://x(0)") for value in (2, 5)),
        *(Wait("x", 5, comparison=comparison, timeout=1) for comparison in (">", "increase by")),
        *(Wait("text", ("b", "c"), comparison=comparison, timeout=1) for comparison in ("in", "not in")),
        Set("x", "abc", error_handler="Continue"),
        Set("x", "abc", error_handler="Breaks"),
        Wait("x", 5, timeout=1, error_handler="Retries"),
        Log("x", "y"),
        Include("bad.scn"),
        Include("good.scn"),
        Script("Fails"),
    ]
)


def blocks(body: st.SearchStrategy) -> st.SearchStrategy:
    bodies = st.lists(body, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda body: Loop("x", 1, 2, 1, body), bodies),
        st.builds(lambda body: Loop("x", 1, 2, 1, body, readback="y", timeout=1), bodies),
        st.builds(lambda body: Loop("m", 5, 6, 1, body, completion=True, timeout=1), bodies),
        st.builds(lambda body: If("x", "<", 2, body), bodies),
        st.builds(lambda body: If("x", "<", 2, body, error_handler="Retries"), bodies),
        st.builds(lambda body, timeout: Parallel(body, timeout=timeout), bodies, st.sampled_from([0, 0.5])),
        st.builds(lambda body: Sequence(body, error_handler="Breaks"), bodies),
        st.builds(Sequence, bodies),
    )


class FailingScans(RuleBasedStateMachine):
    """Performs scans, looks at them now and then as a client does, and compares what it finds."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        root = Path(self.folder.name)
        (root / "scripts").mkdir()
        for name, body in HANDLERS.items():
            (root / "scripts" / f"{name.lower()}.py").write_text(HANDLER.format(name=name, body=body))
        (root / "scripts" / "fails.py").write_text(SCRIPT)
        (root / "scripts" / "bad.scn").write_text(write_commands(INCLUDED))
        (root / "scripts" / "good.scn").write_text(write_commands([Log("x")]))
        self.clock = ManualClock()
        self.engine = ScanEngine(CONFIG, Store(root / "log"), folder=root, clock=self.clock)
        self.run(self.engine.start())

    def run(self, work):
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.engine.stop())
        self.loop.close()
        self.folder.cleanup()

    @rule(commands=st.lists(st.recursive(simple, blocks, max_leaves=5), max_size=5), misses=st.integers(0, 4))
    def fail(self, commands, misses):
        self.run(self.perform(commands, misses))

    async def perform(self, commands, misses):
        document = write_commands(commands).encode()
        scan = self.engine.scan(await self.engine.submit("test", document, Options(queue=False)))
        last, looks = -1, 0
        while not scan.is_done:
            info = scan.info()
            if info.address >= 0 and looks % (misses + 1) == misses:
                last = info.address
            looks += 1
            await self.clock.advance(0.25)
            await settle()
            await asyncio.sleep(0.001)  # for the threads of scripts
        info = scan.info()
        assert info.error is None or info.state is ScanState.FAILED
        if scan.error_address is None:
            return
        assert scan.error_address >= 0
        for at in (-1, last):
            for names in ({}, NAMES):
                found = [address for address, _ in locate(commands, info.error, last=at, names=names)]
                includes = isinstance(command_at(commands, scan.error_address), Include)
                assert scan.error_address in found or (includes and not found), (commands, info.error, at)


def command_at(commands, address):
    from scan_sdk.sequence import CommandSequence

    return dict(CommandSequence(commands).walk())[address]


FailingScans.TestCase.settings = settings(max_examples=10, stateful_step_count=8, deadline=None)
TestFailingScans = FailingScans.TestCase
