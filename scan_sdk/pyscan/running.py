"""Runs old scripts as Python would, with `scan` being what is here."""

from __future__ import annotations

import runpy
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scan_sdk.pyscan.modules import install

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from types import TracebackType

__all__ = ["run_module", "run_script"]


def run_script(path: str, arguments: Sequence[str] = ()) -> int:
    """Run a script as `__main__`, and return the exit code: 0, or 1 after an error, which is shown.

    The folder of the script is the first place that modules are looked for.

    Args:
        path: The script.
        arguments: What stands behind it in `sys.argv`.

    Raises:
        SystemExit: The script ends itself, with a code of its own.
        OSError: The script cannot be read.
    """
    with Path(path).open("rb"):  # if it cannot be read, that is no error of its own
        pass
    with _at_home([path, *arguments], str(Path(path).resolve().parent)):
        return _run(lambda: runpy.run_path(path, run_name="__main__"), path)


def run_module(name: str, arguments: Sequence[str] = ()) -> int:
    """Run a module as `python -m` does; all else is as with `run_script`.

    Raises:
        SystemExit: The module ends itself, with a code of its own.
        ImportError: There is no such module.
    """
    with _at_home([name, *arguments], str(Path.cwd())):
        return _run(lambda: runpy.run_module(name, run_name="__main__", alter_sys=True), "")


@contextmanager
def _at_home(argv: list[str], folder: str) -> Generator[None]:
    """Let `sys` be what scripts find it to be."""
    install()
    before = sys.argv, list(sys.path)
    sys.argv = argv
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.argv, sys.path[:] = before


def _run(run: Callable[[], object], path: str) -> int:
    """Run, and show an error as Python does: without what stands between the interpreter and the script."""
    try:
        run()
    except Exception as error:  # noqa: BLE001  # the outermost edge of the script's process
        trace = _of_script(error.__traceback__, path)
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return 1
    finally:
        sys.stdout.flush()
    return 0


def _of_script(trace: TracebackType | None, path: str) -> TracebackType | None:
    """Return the part of a traceback that begins in the script."""
    ours = {__file__, runpy.__file__, "<frozen runpy>"}
    while trace is not None and trace.tb_frame.f_code.co_filename in ours - {path}:
        trace = trace.tb_next
    return trace
