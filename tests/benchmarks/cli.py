"""Prints how long `scan-sdk` takes to start, from cold, and what that is in starts of bare Python.

python tests/benchmarks/cli.py
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 15
PROGRAM = "import sys; sys.argv[0] = 'scan-sdk'; from scan_sdk.cli import main; main()"


def wall(*arguments: str) -> float:
    """Return the wall-clock seconds of a new interpreter."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def bench(title: str, limit: float, *arguments: str) -> None:
    """Print the median seconds of a command, and how many starts of bare Python that is."""
    pairs = [(wall("-c", PROGRAM, *arguments), wall("-c", "pass")) for _ in range(ROUNDS)]
    seconds = statistics.median(one for one, _ in pairs)
    ratio = statistics.median(one / bare for one, bare in pairs)
    print(f"{title:<44} {seconds:6.3f} s  {ratio:6.1f} x bare Python  (at most {limit} s)")


def bench_completion() -> None:
    """Time what the shell waits for when a name is completed."""
    os.environ |= {"_SCAN_SDK_COMPLETE": "complete_bash", "COMP_WORDS": "scan-sdk wa", "COMP_CWORD": "1"}
    bench("completion of a command", 0.25)


if __name__ == "__main__":
    bench("scan-sdk --help", 0.25, "--help")
    bench("scan-sdk submit --help", 0.25, "submit", "--help")
    bench_completion()
