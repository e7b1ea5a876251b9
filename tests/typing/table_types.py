"""What type checkers know of scans from tables; run by mypy and pyright, not by Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, assert_type

from scan_sdk import Command, CommandSequence, Comment, Delay, ScanSettings, Set, Sheet, TableScan

if TYPE_CHECKING:
    from scan_sdk import AsyncScanClient, ScanClient


def sample(value: float | str) -> list[Set]:
    return [Set("changer", value)]


def tables() -> None:
    scan = TableScan(
        ["x", "Wait For", "Value"],
        [[1, "seconds", dt.time(0, 1)], [[1, 2.5, "a"], None, ""], [range(3)], ()],
        settings=ScanSettings(),
        pre=Delay(1),
        post=[Delay(1), [Comment("done")]],
        log_always="neutrons",
        special={"Sample": sample, "Delay": lambda value: Delay(float(value))},
    )
    assert_type(scan.commands(), CommandSequence)
    assert_type(iter(scan), Iterator[Command])
    assert_type(scan.to_table(), Sheet)
    scan.write(Path("night.xlsx"))
    TableScan(["x"], [[object()]])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    TableScan(["x"], [], line_comment=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def files(sheet: Sheet) -> None:
    assert_type(TableScan.read("night.ods", sheet="Plan", start=Delay(1)), TableScan)
    assert_type(TableScan.of(sheet, log_always=["x"]), TableScan)
    assert_type(TableScan.from_commands([Delay(1)], settings=ScanSettings()), TableScan)
    TableScan.read("night.ods", strat=Delay(1))  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def submitted(client: ScanClient, other: AsyncScanClient, scan: TableScan) -> None:
    assert_type(client.submit(scan), int)
    assert_type(await other.submit(scan), int)
