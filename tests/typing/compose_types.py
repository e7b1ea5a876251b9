"""What type checkers know of building scans; run by mypy and pyright, not by Python."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, assert_type

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from scan_sdk import (
    Alignment,
    AlignmentResult,
    Command,
    CommandSequence,
    Delay,
    DeviceRule,
    DeviceSettings,
    GridScan,
    Loop,
    Range,
    ScanData,
    ScanSettings,
    Set,
    Values,
    Wait,
)

if TYPE_CHECKING:
    from scan_sdk import AsyncScanClient, ScanClient


def rules() -> None:
    DeviceRule("motor_.", completion=True, readback=True, timeout=100, comparison="increase by")
    DeviceRule("motor_.", readback="x.RBV", readback_value="OK", tolerance=None)
    DeviceRule("motor_.", readback=lambda name: name + ".RBV")
    DeviceRule("motor_.", completoin=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    DeviceRule("motor_.", readback=len)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def settings_of_a_site(settings: ScanSettings) -> None:
    assert_type(settings.of("+c motor_x"), DeviceSettings)
    assert_type(settings.of("motor_x").tolerance, float | None)
    assert_type(settings.with_rules(DeviceRule("x")), ScanSettings)
    assert_type(ScanSettings.read("site.toml"), ScanSettings)
    assert_type(ScanSettings.read(Path("site.toml")).to_json(), str)
    ScanSettings([DeviceRule("x")], readback_name=str.upper, table_scan_row="row")


def commands(settings: ScanSettings) -> None:
    assert_type(settings.set("x", 5, completion=True, readback="y", readback_value=None), Set)
    assert_type(settings.set("x", "five", tolerance=1, timeout=5, error_handler="Retry"), Set)
    assert_type(settings.loop("x", 1, 5, 1, Delay(1), [Delay(2)], body=[Delay(3)], readback=True), Loop)
    assert_type(settings.wait("x", 5, comparison="increase by", tolerance=1), Wait)
    settings.set("x", 5, compeltion=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    settings.set("x", 5, tolerance="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    settings.loop("x", 1, 5, 1, readback_value=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    settings.wait("x", 5, completion=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def grids(settings: ScanSettings, client: ScanClient, async_client: AsyncScanClient) -> None:
    scan = GridScan(
        [Range("x", 1, 5), Delay(1)],
        Values("y", [1, 2.5, "three"], snake=True),
        at_each=[Set("z", 1), [Delay(1)]],
        log=["counts"],
        settings=settings,
    )
    assert_type(scan.points, int)
    assert_type(scan.shape, tuple[int, ...])
    assert_type(scan.axes, tuple[Range | Values, ...])
    assert_type(scan.commands(), CommandSequence)
    assert_type(iter(scan), Iterator[Command])
    assert_type(client.submit(scan, "Grid"), int)
    async_client.submit(scan, "Grid")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    GridScan(("x", 1, 5))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Range("x", 1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def alignments(settings: ScanSettings, client: ScanClient, data: ScanData) -> None:
    scan = Alignment(
        "x",
        0,
        10,
        0.5,
        signal="n",
        method="edge",
        wait=("beam", 100),
        start=Set("beam", 0),
        settings=settings,
    )
    Alignment("x", 0, 10, 0.5, signal="n", wait=2.5, pre=[Delay(1), [Delay(2)]], log_always=["beam"])
    assert_type(scan.commands(), CommandSequence)
    assert_type(scan.fit(data), AlignmentResult)
    assert_type(client.align(scan, "Find the beam", move=True, timeout=60), AlignmentResult)
    assert_type(client.submit(scan), int)
    assert_type(iter(scan), Iterator[Command])
    assert_type(scan.fit(data).position, float)
    assert_type(scan.fit(data).curve([1, 2, 3]), NDArray[np.float64])
    assert_type(scan.fit(data).plot(), Axes)
    Alignment("x", 0, 10, 0.5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Alignment("x", 0, 10, 1, signal="n", method="peak")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.align(scan.commands())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def async_alignments(scan: Alignment, client: AsyncScanClient) -> None:
    assert_type(await client.align(scan, min_quality=0.5), AlignmentResult)
