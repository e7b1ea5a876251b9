"""Command files, as the command line names them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scan_sdk.cli.common import Complaint, Exit

if TYPE_CHECKING:
    from scan_sdk import CommandSequence

__all__ = ["STANDARD", "read_commands"]

STANDARD: Final = "-"
"""What stands for the standard input."""


def read_commands(file: str) -> CommandSequence:
    """Return the commands of a file, or of the standard input.

    Raises:
        Complaint: It cannot be read.
        InvalidCommands: It holds no commands that a server would take.
    """
    from scan_sdk import CommandSequence

    try:
        return CommandSequence.from_xml(sys.stdin.buffer.read() if file == STANDARD else Path(file))
    except OSError as error:
        raise Complaint(Exit.NOT_READ, f"cannot read {file}: {error.strerror or error}") from None
