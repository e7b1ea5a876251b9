"""The commands to submit, in all the forms that people have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from scan_sdk._documents import read
from scan_sdk._wire.commands import write_commands
from scan_sdk.errors import InvalidCommands
from scan_sdk.models import Comment, Delay, Log, Loop
from scan_sdk.sequence import CommandSequence

TWO = """\
<commands>
  <comment>
    <text>5 µm</text>
  </comment>
  <delay>
    <seconds>1.0</seconds>
  </delay>
</commands>
""".encode()
SHORT = "<commands><comment><text>5 µm</text></comment><delay><seconds>1</seconds></delay></commands>"
MICRO = Comment("5 µm")


def document(commands) -> bytes:
    return write_commands(read(commands)).encode()


@pytest.mark.parametrize(
    "commands",
    [
        [MICRO, Delay(1)],
        (MICRO, [[Delay(1)]]),
        iter([MICRO, [Delay(1)]]),
        CommandSequence(MICRO, Delay(1)),
        [CommandSequence(MICRO), CommandSequence(Delay(1))],
        TWO.decode(),
        f"\n  {SHORT}",
        f'\ufeff<?xml version="1.0"?>{SHORT}',
    ],
)
def test_all_forms_are_one_document(commands):
    assert document(commands) == TWO


def test_a_single_command_is_a_scan():
    assert b"<delay>" in document(Delay(1))
    assert document([]) == b"<commands/>\n"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_trap_08_whatever_encoding_a_document_declares_it_is_sent_as_utf_8(tmp_path, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{TWO.decode()}'
    path = tmp_path / "scan.scn"
    path.write_bytes(text.encode(encoding))
    assert document(path) == document(str(path)) == document(text) == TWO


def test_a_mistake_in_a_file_is_located(tmp_path):
    path = tmp_path / "scan.scn"
    path.write_text("<commands>\n  <delay><seconds>x</seconds></delay>\n</commands>")
    with pytest.raises(InvalidCommands, match=r"scan\.scn:2:\d+: ") as caught:
        document(path)
    assert caught.value.line == 2
    with pytest.raises(InvalidCommands, match="commands:1:"):
        document("<commands><delay></commands>")


def test_a_missing_file_is_named():
    with pytest.raises(FileNotFoundError, match=r"missing\.scn"):
        document("missing.scn")
    with pytest.raises(FileNotFoundError, match=r"missing\.scn"):
        document(Path("missing.scn"))


@pytest.mark.parametrize("commands", [5, None, ["delay"], [Delay(1), 5], {"delay": 1}, b"<commands/>"])
def test_what_is_no_command_is_refused(commands):
    with pytest.raises(ValidationError):
        document(commands)


def test_what_a_server_holds_can_be_submitted_again():
    # Step 0 is refused by Loop(), and taken for 1 by the server (trap 21).
    held = CommandSequence.from_xml(
        document(Loop("x", 1, 3, 1, Log("x"))).replace(b"<step>1.0", b"<step>0.0")
    )
    assert b"<loop>" in document(held)
