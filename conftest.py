"""Runs the examples of documentation, README.md and docstrings, and compares what they print."""

from __future__ import annotations

import doctest
import io
import os
import re
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from sybil import Sybil
from sybil.document import PythonDocStringDocument
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.myst import CodeBlockParser, SkipParser

if TYPE_CHECKING:
    from sybil import Example

os.environ["MPLBACKEND"] = "agg"  # no test or example opens a window

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


def stop_server(namespace: dict[str, object]) -> None:
    """Stop the server that a page has started, should it have failed before the end."""
    from scan_sdk.server import EmbeddedServer

    server = namespace.get("server")
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
    teardown=stop_server,
)
docstrings = Sybil(
    parsers=[DocTestParser()],
    path="scan_sdk",
    patterns=["*.py"],
    document_types={".py": PythonDocStringDocument},
)

pytest_collect_file = (pages + docstrings).pytest()
