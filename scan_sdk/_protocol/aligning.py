"""Aligning a device: a scan, what it tells, and perhaps a second one that moves the device."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from scan_sdk._protocol import operations
from scan_sdk._protocol.flows import ask_of_scan
from scan_sdk._protocol.outcomes import submit, wait
from scan_sdk.errors import ScanSdkError

if TYPE_CHECKING:
    from collections.abc import Generator

    from scan_sdk._protocol.options import AlignOptions, SubmitOptions
    from scan_sdk._protocol.origins import Origins
    from scan_sdk._protocol.steps import Flow, Timing
    from scan_sdk.compose.alignment import Alignment, AlignmentResult
    from scan_sdk.data import ScanData


def align(
    timing: Timing,
    alignment: Alignment,
    options: AlignOptions,
    submission: SubmitOptions,
    origins: Origins,
) -> Flow[AlignmentResult]:
    """Scan, fit, and move the device where that is asked for and the fit is good enough."""
    scan_id = yield from submit(timing, submission, alignment.commands(), origins)
    with _noting(f"scan {scan_id} '{submission.name}' was to align '{alignment.device_name}'"):
        data = yield from _data(timing, scan_id, options, origins)
    result = alignment.fit(data, scan_id=scan_id)
    if not options.move or result.quality < options.min_quality:
        return result
    name = f"{submission.name}: move to {result.position:g}"
    with _noting(f"it was to be moved there: {result}"):
        commands = alignment.move(result.position)
        renamed = submission.model_copy(update={"name": name})
        move_id = yield from submit(timing, renamed, commands, origins)
        data = yield from _data(timing, move_id, options, origins)
    from scan_sdk.compose.alignment import last_number

    last = last_number(data, result.device)
    return replace(
        result, moved=True, move_id=move_id, last_position=result.position if last is None else last
    )


def _data(timing: Timing, scan_id: int, options: AlignOptions, origins: Origins) -> Flow[ScanData]:
    """Return what a scan has logged, once it is done."""
    yield from wait(timing, scan_id, options.waiting, origins)
    return (yield from ask_of_scan(timing, operations.get_data(scan_id)))


@contextmanager
def _noting(note: str) -> Generator[None]:
    """Add to errors what they cannot know: which alignment they have ended, and how far it had come."""
    try:
        yield
    except ScanSdkError as error:
        error.add_note(note)
        raise
