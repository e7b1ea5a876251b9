"""Prints what scan_sdk costs against a plain way of doing the same, as ratios within one run.

    python tests/benchmarks/run.py [NAME ...]

A machine's speed swings, so seconds are shown for orientation only. Each figure is the median of several
rounds, in each of which both ways run one after the other.
"""

from __future__ import annotations

import gc
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from scan_sdk import Command

ROUNDS = 5
COMMANDS = 100_000
CALLS = 1000


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call, begun with a clean heap."""
    gc.collect()
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    del result
    return seconds


def compare(title: str, limit: str, ours: Callable[[], object], plain: Callable[[], object]) -> None:
    """Print the median ratio of our way to the plain way."""
    pairs = [(cpu(ours), cpu(plain)) for _ in range(ROUNDS)]
    ratio = statistics.median(one / other for one, other in pairs)
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"{title:<58} {ratio:6.2f}  ({limit}; {mine:.2f} s to {theirs:.2f} s)")


def bench_import() -> None:
    """Time `import scan_sdk` in new interpreters, beyond what the interpreter itself takes."""
    bare = statistics.median(wall("pass") for _ in range(15))
    package = statistics.median(wall("import scan_sdk") for _ in range(15))
    print(f"{'import scan_sdk, ms over bare Python':<58} {1000 * (package - bare):6.1f}  (at most 30)")
    program = "import sys, scan_sdk; print(*{'httpx', 'numpy', 'starlette', 'xsdata'} & set(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    print(f"{'  of httpx, numpy, starlette, xsdata it imports':<58} {loaded.strip() or 'none':>6}")
    ours, theirs = (
        min(spent(program) for _ in range(15))
        for program in ("from scan_sdk import Set", "from pydantic import BaseModel, Field")
    )
    print(f"{'from scan_sdk import Set, CPU to that of pydantic':<58} {ours / theirs:6.2f}  (at most 1.7)")


def spent(program: str) -> float:
    """Return the CPU seconds of a new interpreter that runs a program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wall(program: str) -> float:
    """Return the wall-clock seconds of a new interpreter that runs a program."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True)
    return time.perf_counter() - start


def build(count: int) -> list[Command]:
    """Build that many mixed commands, loops with their bodies counted."""
    from scan_sdk import Comment, Delay, Log, Loop, Script, Set, Wait

    commands: list[Command] = []
    for i in range(count // 8):
        commands += [
            Comment(f"step {i}"),
            Set("motor_x", i * 0.5, completion=True, readback="motor_x.RBV", tolerance=0.01, timeout=30),
            Set("shutter", "open & go"),
            Delay(0.5),
            Wait("neutrons", 1000 + i, comparison=">=", timeout=10),
            Loop("motor_y", 0, 10, 0.5, [Log("motor_y", "neutrons")]),  # two commands
            Script("SumUp", i, "b"),
        ]
    return commands


@dataclass
class PlainComment:
    """A command as an unchecked object; likewise those that follow."""

    text: str


@dataclass
class PlainDelay:
    seconds: float


@dataclass
class PlainLog:
    devices: list[str]


@dataclass
class PlainSet:
    device: str
    value: float | str
    completion: bool = False
    wait: bool = True
    readback: str = ""
    tolerance: float = 0.1
    timeout: float = 0


@dataclass
class PlainWait:
    device: str
    value: float | str
    comparison: str = "EQUALS"
    tolerance: float = 0.1
    timeout: float = 0


@dataclass
class PlainLoop:
    device: str
    start: float
    end: float
    step: float
    wait: bool = True
    tolerance: float = 0.1
    timeout: float = 0
    body: list[Plain] = field(default_factory=list)


@dataclass
class PlainScript:
    path: str
    arguments: list[str]


Plain: TypeAlias = "PlainComment | PlainDelay | PlainLog | PlainSet | PlainWait | PlainLoop | PlainScript"
LEFT_OUT = {"completion": False, "wait": True, "readback": "", "timeout": 0}


def build_plain(count: int) -> list[Plain]:
    """Build the same commands as plain objects."""
    commands: list[Plain] = []
    for i in range(count // 8):
        commands += [
            PlainComment(f"step {i}"),
            PlainSet("motor_x", i * 0.5, completion=True, readback="motor_x.RBV", tolerance=0.01, timeout=30),
            PlainSet("shutter", '"open & go"', wait=False),
            PlainDelay(0.5),
            PlainWait("neutrons", 1000 + i, comparison="AT_LEAST", timeout=10),
            PlainLoop("motor_y", 0, 10, 0.5, wait=False, body=[PlainLog(["motor_y", "neutrons"])]),
            PlainScript("SumUp", [str(i), "b"]),
        ]
    return commands


def write_plain(commands: list[Plain]) -> str:
    """Write plain objects with ElementTree, the same document as ours but for the text of numbers."""
    root = ET.Element("commands")
    for command in commands:
        add(root, command)
    ET.indent(root)
    return ET.tostring(root, "unicode")


def add(parent: ET.Element, command: Plain) -> None:
    """Add the element of one plain object."""
    element = ET.SubElement(parent, type(command).__name__.removeprefix("Plain").lower())
    for name, value in vars(command).items():
        if name in LEFT_OUT and value == LEFT_OUT[name]:
            continue
        child = ET.SubElement(element, name)
        if name == "body":
            for item in value:
                add(child, item)
        elif isinstance(value, list):
            for item in value:
                ET.SubElement(child, name.removesuffix("s")).text = item
        else:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)


def bench_commands() -> None:
    """Build, write and read 100,000 mixed commands."""
    from scan_sdk import CommandSequence

    def ours() -> str:
        return CommandSequence(build(COMMANDS)).to_xml()

    def plain() -> str:
        return write_plain(build_plain(COMMANDS))

    compare("build and write 100,000 commands to ElementTree's way", "at most 0.7", ours, plain)
    document = ours()
    compare(
        "read them, validated, to ElementTree.fromstring alone",
        "at most 1.2",
        lambda: CommandSequence.from_xml(document),
        lambda: ET.fromstring(document),
    )


SCAN = b"""<?xml version="1.0" encoding="UTF-8"?>
<scan>
  <id>1</id>
  <name>Benchmark</name>
  <created>1795345949775</created>
  <state>Finished</state>
  <runtime>584</runtime>
  <total_work_units>21</total_work_units>
  <performed_work_units>21</performed_work_units>
  <finish>1795345950507</finish>
  <address>-1</address>
  <command>- end -</command>
</scan>
"""


class OneScan(BaseHTTPRequestHandler):
    """Answers everything with the same scan, so that the client is what is measured."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """Send the scan."""
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(SCAN)))
        self.end_headers()
        self.wfile.write(SCAN)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(pipe: Connection) -> None:
    """Serve in a process of its own, and tell the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), OneScan)
    pipe.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def bench_http() -> None:
    """Ask 1,000 times for the state of a scan, on one client and with a new connection each time."""
    import httpx
    import requests

    from scan_sdk import ScanClient

    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,))
    process.start()
    server = here.recv()
    ways: dict[str, list[float]] = {"scan_info": [], "a bare httpx.Client": []}
    with ScanClient(url=server) as client, httpx.Client() as bare:
        for _ in range(ROUNDS):
            ours = calls(lambda: client.scan_info(1))
            theirs = calls(lambda: bare.get(f"{server}/scan/1"))
            plain = calls(lambda: requests.get(f"{server}/scan/1", timeout=10))
            ways["scan_info"].append(plain / ours)
            ways["a bare httpx.Client"].append(plain / theirs)
    process.terminate()
    process.join()
    for way, ratios in ways.items():
        title = f"rate of {way} to requests.get, new connections"
        print(f"{title:<58} {statistics.median(ratios):6.2f}  (scan_info: at least 3)")


def calls(call: Callable[[], object]) -> float:
    """Return the wall-clock seconds of 1,000 calls."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return time.perf_counter() - start


BENCHMARKS = {"import": bench_import, "commands": bench_commands, "http": bench_http}


if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
