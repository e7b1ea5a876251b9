"""The reference of the command line is what the program says of itself."""

import importlib.util
import re
from pathlib import Path

from scan_sdk.cli.common import Exit

DOCS = Path(__file__).parents[2] / "docs"


def writer():
    spec = importlib.util.spec_from_file_location("command_line", DOCS / "command_line.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_has_the_commands_as_they_are():
    written = writer()
    text = written.PAGE.read_text(encoding="utf-8")
    assert written.page(text) == text, "run python docs/command_line.py"


def test_the_reference_explains_each_exit_code():
    text = (DOCS / "reference" / "command-line.md").read_text(encoding="utf-8")
    _, _, table = text.partition("## Exit codes")
    explained = {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)}
    assert explained == {0, *map(int, Exit)}
