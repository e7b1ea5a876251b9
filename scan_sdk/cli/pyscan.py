"""`scan-sdk pyscan`: scripts for PyScanClient, run as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scan_sdk.cli.common import Complaint, Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["run_old"]


def run_old(arguments: Sequence[str]) -> int:
    """Run `script.py args…` or `-m module args…`, and return the exit code.

    Raises:
        Complaint: There is no such script, or the options are none.
        SystemExit: The script ends itself.
    """
    from scan_sdk.pyscan.running import run_module, run_script

    match arguments:
        case ["-m", name, *rest]:
            return run_module(name, rest)
        case [option, *_] if option.startswith("-"):
            hint = "name a module" if option == "-m" else f"{option} is no option of it"
            raise Complaint(Exit.WRONG_USE, f"pyscan takes a script, or -m and a module; {hint}")
        case [path, *rest]:
            try:
                return run_script(path, rest)
            except OSError as error:
                raise Complaint(Exit.WRONG_USE, f"cannot read {path}: {error.strerror or error}") from error
        case _:
            raise Complaint(Exit.WRONG_USE, "name a script to run, such as: scan-sdk pyscan script.py")
