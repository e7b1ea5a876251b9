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

from run import COMMANDS, build, compare

SCHEMA = Path(__file__).parents[2] / "schemas" / "commands.xsd"
ROUNDS = 9


def bench_large() -> None:
    """Check a file of 100,000 commands in which all is well."""
    from lxml import etree

    from scan_sdk import CommandSequence
    from scan_sdk.lint import check

    def validate() -> None:
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        assert schema.validate(etree.parse(path))

    with TemporaryDirectory() as folder:
        path = Path(folder, "large.scn")
        path.write_text(CommandSequence(build(COMMANDS)).to_xml(), encoding="utf-8")
        assert check(path) == []
        compare(
            "check of 100,000 commands to lxml and its validation", "at most 4", lambda: check(path), validate
        )


def bench_many_findings() -> None:
    """Check a file of 100,000 commands with a finding in each fourth."""
    from lxml import etree

    from scan_sdk import CommandSequence, Set, Wait
    from scan_sdk.lint import check

    with TemporaryDirectory() as folder:
        path = Path(folder, "large.scn")
        commands = [*build(COMMANDS * 3 // 4), *[Wait("x", "on"), Set("x", 1, timeout=5)] * (COMMANDS // 8)]
        path.write_text(CommandSequence(commands).to_xml(), encoding="utf-8")
        schema = etree.XMLSchema(etree.parse(SCHEMA))
        title = "  the same with 25,000 findings"
        compare(title, "no limit", lambda: check(path), lambda: schema.validate(etree.parse(path)))


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
