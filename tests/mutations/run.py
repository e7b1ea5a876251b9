"""Breaks each guard that matters, one at a time, and sees that the test that stands for it fails.

    python tests/mutations/run.py [WORD ...]

`mutations.toml` beside this file lists them. With words, only those run whose name holds one of them. All is
done on copies of the tree. A mutation whose text does not stand exactly once in its file is an error, so that
the list cannot go stale.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).parent / "mutations.toml"
WORKERS = 2
SECONDS = 120
"""A test that takes longer than this has noticed the mutation too."""
PYTEST = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-n", "0", "-m", ""]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "_build")


class Mutation(NamedTuple):
    """One way to break the package.

    Attributes:
        name: What is guarded.
        file: The file that is changed.
        old: A text that stands there once.
        new: What takes its place.
        test: The test that must fail: what pytest is given, or a tool of the environment behind `$ `.
    """

    name: str
    file: str
    old: str
    new: str
    test: str


def command(test: str) -> list[str]:
    """Return what runs a test."""
    if test.startswith("$ "):
        tool, *arguments = test.removeprefix("$ ").split()
        return [str(Path(sys.executable).parent / tool), *arguments]
    return [*PYTEST, test]


def run(tree: Path, arguments: list[str]) -> tuple[int, str]:
    """Run a command in a copy of the tree, and return its exit code and what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            arguments, cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, f"more than {SECONDS} s"
    return done.returncode, done.stdout + done.stderr


def check(mutation: Mutation, tree: Path) -> str:
    """Break the copy, run the test, and heal the copy; return what is wrong, nothing where it was noticed."""
    path = tree / mutation.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(mutation.old)) != 1:
        return f"the text stands {count} times in {mutation.file}"
    path.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        code, printed = run(tree, command(mutation.test))
    finally:
        path.write_text(text, encoding="utf-8")
    if code == 1:
        return ""
    return f"{mutation.test} passes" if code == 0 else f"{mutation.test} cannot be run: {printed[-2000:]}"


def main(words: list[str]) -> int:
    """Check the mutations, and return the exit code."""
    listed = [Mutation(**entry) for entry in tomllib.loads(LIST.read_text(encoding="utf-8"))["mutation"]]
    mutations = [item for item in listed if not words or any(word in item.name for word in words)]
    start = time.monotonic()
    failed = 0
    trees: Queue[Path] = Queue()

    def in_a_tree(mutation: Mutation) -> str:
        tree = trees.get()
        try:
            return check(mutation, tree)
        finally:
            trees.put(tree)

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(WORKERS) as pool:
        for number in range(WORKERS):
            trees.put(Path(shutil.copytree(ROOT, Path(folder) / str(number), ignore=LEFT_OUT)))
        for mutation, wrong in zip(mutations, pool.map(in_a_tree, mutations), strict=True):
            failed += bool(wrong)
            print(
                f"NOT NOTICED: {mutation.name}: {wrong}" if wrong else f"noticed: {mutation.name}", flush=True
            )
    print(f"in {time.monotonic() - start:.0f} s:\n{len(mutations) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
