"""No test is off: each file is collected, and the steps of `.ci/run` together select each test once."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark.expression import Expression  # private: pytest has no other door to what -m means

ROOT = Path(__file__).parents[2]
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
MARKERS = [marker.partition(":")[0] for marker in OPTIONS["markers"]]
COLLECT = """
import json, sys, pytest

class Recorder:
    def pytest_collection_finish(self, session):
        found = [[item.nodeid, [mark.name for mark in item.iter_markers()]] for item in session.items]
        json.dump(found, recorded)

recorded = sys.stdout
sys.stdout = sys.stderr
sys.exit(pytest.main(["--collect-only", "-qq", "-n0", "-m", "", "-p", "no:cacheprovider"], [Recorder()]))
"""


class Step(NamedTuple):
    """What a step of `.ci/run` asks of pytest: an expression of markers, and paths where it names some."""

    expression: str
    paths: list[str]

    def selects(self, path: str, markers: set[str]) -> bool:
        inside = not self.paths or any(path == one or path.startswith(f"{one}/") for one in self.paths)
        return inside and Expression.compile(self.expression).evaluate(lambda name, **_: name in markers)


def default() -> Step:
    return Step(OPTIONS["addopts"][OPTIONS["addopts"].index("-m") + 1], [])


def steps(script: str) -> list[Step]:
    found = []
    for line in script.replace("\\\n", " ").splitlines():
        if line.startswith('tests="') and line.endswith('.venv/bin/pytest"'):  # README's
            found.append(default())
        elif line.startswith("step ") and ".venv/bin/pytest" in line:
            words = shlex.split(line.partition(".venv/bin/pytest")[2])
            paths = [word for word in words if (ROOT / word).exists()]
            found.append(Step(words[words.index("-m") + 1], paths))
    return found


CI = (ROOT / ".ci" / "run").read_text()


def times_selected(script: str, path: str, markers: set[str]) -> int:
    return sum(step.selects(path, markers) for step in steps(script))


def test_the_steps_of_ci_select_every_marker_and_what_has_none():
    assert steps(CI)
    for marker in ["", *MARKERS]:
        assert any(Step(step.expression, []).selects("", {marker}) for step in steps(CI)), marker


def test_no_two_steps_of_ci_select_the_same_test():
    sets = [set(chosen) for size in (0, 1, 2) for chosen in combinations(MARKERS, size)]
    for one, other in combinations(steps(CI), 2):
        apart = one.paths and other.paths and not set(one.paths) & set(other.paths)
        assert apart or not any(
            Step(one.expression, []).selects("", found) and Step(other.expression, []).selects("", found)
            for found in sets
        ), (one, other)


@cache
def collected() -> dict[str, set[str]]:
    """Return the markers of each test that there is, by its id."""
    ran = subprocess.run(
        [sys.executable, "-c", COLLECT], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return {node: set(markers) for node, markers in json.loads(ran.stdout)}


def files_with_tests() -> set[str]:
    """Return the files that hold tests or examples, found without pytest."""
    tests = {path for path in (ROOT / "tests").rglob("*.py") if re.fullmatch(r"test_.*|.*_test", path.stem)}
    modules = {
        path
        for path in (ROOT / "scan_sdk").rglob("*.py")
        if re.search(r"^\s*>>> ", path.read_text("utf-8"), re.MULTILINE)
    }
    pages = {
        path
        for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))
        if re.search(r"^\s*```\s*python\b", path.read_text("utf-8"), re.MULTILINE)
        and "_build" not in path.parts
    }
    assert len(tests) > 100
    assert len(modules) > 10
    assert len(pages) > 20
    return {path.relative_to(ROOT).as_posix() for path in tests | modules | pages}


@pytest.mark.slow
def test_each_file_with_tests_or_examples_is_collected():
    assert files_with_tests() - {node.partition("::")[0] for node in collected()} == set()


@pytest.mark.slow
def test_each_test_is_selected_by_one_step_of_ci():
    wrong = {
        node: count
        for node, markers in collected().items()
        if (count := times_selected(CI, node.partition("::")[0], markers)) != 1
    }
    assert not wrong


@pytest.mark.parametrize("step", range(len(steps(CI))))
def test_a_step_that_is_taken_away_is_missed(step):
    rest = steps(CI)[:step] + steps(CI)[step + 1 :]
    assert not all(
        any(Step(one.expression, []).selects("", {marker}) for one in rest) for marker in ["", *MARKERS]
    )
