"""What type checkers know of simulations and estimates; run by mypy and pyright, not by Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_type

from scan_sdk import (
    CommandSequence,
    Delay,
    DeviceTime,
    Estimates,
    LocalSimulation,
    Log,
    LoopTotals,
    ScanConfig,
    ScanInfo,
    SimulationResult,
    TimeBasis,
    TimeLeft,
    simulate,
)

if TYPE_CHECKING:
    from pathlib import Path

    from scan_sdk import AsyncScanClient, ScanClient


def simulations(path: Path, config: ScanConfig) -> None:
    assert_type(simulate(Delay(1)), LocalSimulation)
    simulate([Delay(1), [Delay(2)]], config)
    simulate(CommandSequence(Delay(1)), path)
    simulate("<commands/>", "scan_config.xml", macros={"a": "b"}, load=lambda name: [Log(name)])
    simulate(path, read=lambda pv: None if pv == "x" else 1.0)
    simulate(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    simulate(path, cofnig=config)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def results(result: LocalSimulation) -> None:
    as_server: SimulationResult = result
    assert_type(as_server.seconds, float)
    assert_type(result.points, int)
    assert_type(result.loops, tuple[LoopTotals, ...])
    assert_type(result.devices, tuple[DeviceTime, ...])
    assert_type(result.loops[0].seconds, float)
    assert_type(result.devices[0].moving, float)
    assert_type(result.errors, tuple[str, ...])
    assert_type(result.summary, str)


def times(client: ScanClient, config: ScanConfig) -> None:
    time = client.time_left(1)
    assert_type(time, TimeLeft)
    assert_type(time.left, timedelta | None)
    assert_type(time.seconds, float | None)
    assert_type(time.starts_in, timedelta | None)
    assert_type(time.finish, datetime | None)
    assert_type(time.fraction, float)
    assert_type(time.basis, TimeBasis)
    assert_type(client.times_left(config=config), dict[int, TimeLeft])
    client.time_left("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def awaited(client: AsyncScanClient) -> None:
    assert_type(await client.time_left(1), TimeLeft)
    assert_type(await client.times_left(), dict[int, TimeLeft])


def estimates(infos: tuple[ScanInfo, ...], commands: CommandSequence) -> None:
    known = Estimates(ScanConfig())
    assert_type(known.wanted(infos), tuple[int, ...])
    known.learn(1, commands)
    known.learn(2, None)
    assert_type(known.update(infos), dict[int, TimeLeft])
