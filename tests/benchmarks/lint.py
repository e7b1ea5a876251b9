"""Prints what the check costs: against lxml and the schema, and from cold.

    python tests/benchmarks/lint.py [NAME ...]

Ratios are the medians of rounds in which both ways run one after the other, as in `run.py`.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from run import compare

SCHEMA = Path(__file__).parents[2] / "schemas" / "commands.xsd"
ROUNDS = 9


ALL_WELL = "build(COMMANDS)"
MANY = "[*build(COMMANDS * 3 // 4), *[Wait('x', 'on'), Set('x', 1, timeout=5)] * (COMMANDS // 8)]"


def write(path: Path, commands: str) -> None:
    """Write a large file, in a process of its own, whose memory is its own too."""
    program = (
        "import sys; from pathlib import Path; from run import COMMANDS, build;"
        "from scan_sdk import CommandSequence, Set, Wait;"
        f"Path(sys.argv[1]).write_text(CommandSequence({commands}).to_xml(), encoding='utf-8')"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, cwd=Path(__file__).parent)


def bench_large() -> None:
    """Check a file of 100,000 commands in which all is well."""
    bench_file("check of 100,000 commands to lxml and its validation", "at most 4", ALL_WELL, 0)


def bench_many_findings() -> None:
    """Check a file of 100,000 commands with a finding in each fourth."""
    bench_file("  the same with 25,000 findings", "no limit", MANY, 25_000)


def bench_file(title: str, limit: str, commands: str, findings: int) -> None:
    """Compare the check of a file with its validation."""
    from lxml import etree

    from scan_sdk.lint import check

    def validate() -> None:
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        assert schema.validate(etree.parse(path))

    with TemporaryDirectory() as folder:
        path = Path(folder, "large.scn")
        write(path, commands)
        assert len(check(path)) == findings
        compare(title, limit, lambda: check(path), validate)


def bench_cold() -> None:
    """Run `scan-sdk check` on a small file, in new processes."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "small.scn")
        path.write_text("<commands><delay><seconds>1</seconds></delay></commands>", encoding="utf-8")
        times = [wall("-m", "scan_sdk.cli", "check", str(path)) for _ in range(ROUNDS)]
    bare = statistics.median(wall("-c", "pass") for _ in range(ROUNDS))
    title = "scan-sdk check of a small file from cold, s"
    print(f"{title:<58} {statistics.median(times):6.2f}  (at most 0.4; bare Python {bare:.2f})")


def wall(*arguments: str) -> float:
    """Return the wall-clock seconds of a new interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


BENCHMARKS = {"large": bench_large, "findings": bench_many_findings, "cold": bench_cold}


if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        BENCHMARKS[name]()
