"""What the headers of a table mean."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from scan_sdk.compose.assembly import reason_of
from scan_sdk.compose.cells import show
from scan_sdk.compose.columns import Column, CommentColumn, DeviceColumn, SpecialColumn, WaitColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scan_sdk.compose.assembly import Assembly
    from scan_sdk.compose.columns import Special
    from scan_sdk.compose.settings import ScanSettings
    from scan_sdk.compose.spreadsheets import Cell
    from scan_sdk.models import Command

__all__ = ["is_device", "read_headers"]

_FIXED = {"comment": "Comment", "waitfor": "Wait For", "value": "Value", "ortime": "Or Time"}


def read_headers(
    headers: Sequence[Cell],
    assembly: Assembly,
    *,
    settings: ScanSettings,
    special: Mapping[str, Special],
    start: tuple[Command, ...],
    stop: tuple[Command, ...],
) -> list[Column]:
    """Return the columns that add commands to a scan; what is wrong with others is noted.

    Headers without text are passed over, and so are Value and Or Time, which their Wait For looks at.
    """
    names = [show(header).strip() for header in headers]
    kinds = ["" if name in special else _kind(name) for name in names]
    columns: list[Column] = []
    for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        before, after = kinds[:index], kinds[index + 1 :]
        if name in special:
            columns.append(SpecialColumn(index, special[name]))
        elif kind == "comment":
            columns.append(CommentColumn(index))
        elif kind == "waitfor":
            if after[:1] == ["value"]:
                columns.append(WaitColumn(index, settings, start, stop, after[1:2] == ["ortime"]))
            else:
                assembly.complain_of_header(index, 'expected the column "Value" next to it on the right')
        elif kind:
            needed = ["waitfor"] if kind == "value" else ["waitfor", "value"]
            if before[-len(needed) :] != needed:
                wanted = " and ".join(f'"{_FIXED[key]}"' for key in needed)
                assembly.complain_of_header(index, f"expected {wanted} next to it on the left")
        elif name:
            _add_device(columns, index, name, settings, assembly)
    return columns


def is_device(header: str) -> bool:
    """Tell whether a header is taken for a device, and not for one of the four columns that are none."""
    return not _kind(header) and not _meant(header)


def _kind(name: str) -> str:
    letters = "".join(name.lower().split())
    return letters if letters in _FIXED else ""


def _add_device(
    columns: list[Column], index: int, header: str, settings: ScanSettings, assembly: Assembly
) -> None:
    meant = _meant(header)
    if meant:
        reason = (
            f'did you mean "{meant}"? A device of that name is written with a prefix, such as "-c {header}"'
        )
        assembly.complain_of_header(index, reason)
        return
    try:
        parallel = settings.of(header).parallel
        columns.append(DeviceColumn(index, header, settings, parallel, settings.set(header, 0.0)))
    except ValueError as error:
        assembly.complain_of_header(index, reason_of(error))


def _meant(header: str) -> str:
    """Return the fixed column that a header nearly spells; names of devices have digits, and no blanks."""
    letters = "".join(header.lower().split())
    if not letters.isalpha():
        return ""
    cutoff = 0.75 if letters != header.lower() else 0.9
    near = difflib.get_close_matches(letters, _FIXED, n=1, cutoff=cutoff)
    return _FIXED[near[0]] if near else ""
