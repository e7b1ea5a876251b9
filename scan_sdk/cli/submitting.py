"""`scan-sdk submit`: a scan on its way, and what becomes of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from scan_sdk.cli.terminal import leaving, print_json, print_text, tell
from scan_sdk.cli.watching import still_runs, watch_scan

if TYPE_CHECKING:
    from scan_sdk import CommandSequence, ScanClient

__all__ = ["Submission", "submit_scan"]


class Submission(NamedTuple):
    """What is submitted, and how; as for the client's `submit`."""

    commands: CommandSequence
    name: str
    queue: bool
    pre_post: bool
    timeout: float | None
    deadline: str | None


def submit_scan(
    client: ScanClient, submission: Submission, *, wait: bool, follow: bool, as_json: bool
) -> None:
    """Submit a scan, and print its number; wait for it if told so.

    Raises:
        ScanOutcomeError: It was waited for, and did not finish well.
        ScanSdkError: The server does not take it.
    """
    commands, name, *_ = submission
    scan_id = client.submit(
        commands,
        name,
        queue=submission.queue,
        pre_post=submission.pre_post,
        timeout=submission.timeout,
        deadline=submission.deadline,
    )
    if not as_json:
        print_text(f"Scan {scan_id} '{name}' is submitted" if sys.stdout.isatty() else str(scan_id))
    elif not wait and not follow:
        print_json(client.scan_info(scan_id))
    if follow:
        # The standard output has the number alone, unless there are eyes on it
        watch_scan(client, scan_id, as_json=as_json, quiet=not as_json and not sys.stdout.isatty())
    elif wait:
        with leaving(still_runs(scan_id)):
            info = client.wait_until_done(scan_id)
        if as_json:
            print_json(info)
        else:
            tell(str(info))
