"""Runs the examples of documentation, README.md and docstrings, and compares what they print."""

from __future__ import annotations

import doctest
import gc
import io
import os
import re
import signal
import sys
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.myst import CodeBlockParser, SkipParser

if TYPE_CHECKING:
    from sybil import Example
    from sybil.typing import Parser

os.environ["MPLBACKEND"] = "agg"  # no test or example opens a window
# Containers often forbid bytecode. Each of the many processes that tests start would then compile the package
# anew, and each worker the tests.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What a shell starts in the background ignores interrupts, and so would all that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is left out with -p no:xdist
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Start no workers for few files, or for single tests: they take seconds to begin."""
    named = [Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args]
    files = sum(1 for path in named for _ in path.rglob("test_*.py"))
    return None if files > 30 else 0


def pytest_configure(config: pytest.Config) -> None:
    """Keep coverage to the processes of pytest: what tests start is timed, or must import little."""
    if config.getoption("dist", "no") == "no":  # nor does this process start workers
        os.environ.pop("COVERAGE_PROCESS_START", None)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep what has been imported and collected out of each later search for garbage: a tenth of the time."""
    gc.collect()
    gc.freeze()


_PRINTED = "printed"
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_run = PythonEvaluator()


def run_block(example: Example) -> None:
    """Run a block marked `python`, keeping what it prints for the block marked `output` that may follow."""
    with redirect_stdout(io.StringIO()) as printed:
        _run(example)
    example.namespace[_PRINTED] = printed.getvalue()


def compare_output(example: Example) -> str | None:
    """Compare what the last block printed with a block marked `output`; `...` there stands for anything.

    Where a line `<!-- digits vary -->` stands before the block, any number may stand for another.
    """
    wanted, printed = str(example.parsed), str(example.namespace.pop(_PRINTED, ""))
    before = example.document.text[: example.region.start].rstrip()
    if before.endswith("<!-- digits vary -->"):
        wanted, printed = (_NUMBER.sub("0", " ".join(text.split())) for text in (wanted, printed))
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    if doctest.OutputChecker().check_output(wanted, printed, flags):
        return None
    return f"Expected:\n{wanted}\nPrinted:\n{printed}"


class Docstrings(PythonDocStringDocument):
    """The examples in a module, which is not parsed where it has none, as nine modules in ten."""

    @classmethod
    def parse(cls, path: str, *parsers: Parser, encoding: str = "utf-8") -> Docstrings:
        """Read a module, and its examples where it has any."""
        text = Path(path).read_text(encoding)
        if ">>>" not in text:
            return cls(text, path)
        return super().parse(path, *parsers, encoding=encoding)


_KEEPING = "_keeping"


def keep_tables(namespace: dict[str, object]) -> None:
    """Have what the examples of a page or a module register forgotten after them."""
    from scan_sdk import _registry

    namespace[_KEEPING] = keeping = ExitStack()
    keeping.enter_context(_registry.keeping())


def clean_up(namespace: dict[str, object]) -> None:
    """Forget what was registered, and stop the server that a page has started, should it have failed."""
    from scan_sdk.server import EmbeddedServer

    keeping, server = namespace.get(_KEEPING), namespace.get("server")
    if isinstance(keeping, ExitStack):
        keeping.close()
    if isinstance(server, EmbeddedServer):
        server.stop()


pages = Sybil(
    parsers=[
        CodeBlockParser("python", run_block),
        CodeBlockParser("output", compare_output),
        SkipParser(),
    ],
    patterns=["docs/*.md", "docs/*/*.md", "docs/*/*/*.md"],
    excludes=["docs/_build/*"],
    filenames=["README.md"],
    setup=keep_tables,
    teardown=clean_up,
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    path="scan_sdk",
    patterns=["*.py"],
    document_types={".py": Docstrings},
    setup=keep_tables,
    teardown=clean_up,
)

pytest_collect_file = (pages + docstrings).pytest()
