"""What type checkers know of the clients; run by mypy and pyright, not by Python."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_type
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes

from scan_sdk.async_client import AsyncScanClient
from scan_sdk.client import ScanClient
from scan_sdk.data import ScanData
from scan_sdk.errors import (
    ProtocolError,
    ScanFailed,
    ScanRejected,
    ServerError,
    TransportError,
    UnknownScan,
    WaitTimeout,
)
from scan_sdk.models import (
    CellSource,
    Comparison,
    Delay,
    DeviceInfo,
    Log,
    Loop,
    ScanInfo,
    ScanServerInfo,
    Set,
    SimulationResult,
    Source,
)
from scan_sdk.sequence import CommandSequence


def blocking() -> None:
    with ScanClient("ws7", 4810, timeout=5, auth=("me", "secret"), timezone=ZoneInfo("UTC")) as client:
        assert_type(client, ScanClient)
        assert_type(client.server_info(), ScanServerInfo)
        assert_type(client.simulate(Delay(1)), SimulationResult)
        scan_id = client.submit([Set("x", 1), [Loop("x", 1, 5, 1, Log("x"))]], "Name", timeout=5)
        assert_type(scan_id, int)
        client.submit(CommandSequence(Delay(1)), queue=False, timeout=timedelta(minutes=1))
        client.submit("<commands/>", deadline=datetime(2030, 1, 1))  # noqa: DTZ001
        client.submit(Path("scan.scn"), deadline="2030-01-01 00:00:00")
        assert_type(client.scan_infos(), tuple[ScanInfo, ...])
        assert_type(client.scan_info(scan_id), ScanInfo)
        assert_type(client.scan_commands(scan_id), CommandSequence)
        assert_type(client.scan_devices(), tuple[DeviceInfo, ...])
        assert_type(client.last_serial(scan_id), int)
        assert_type(client.get_data(scan_id), ScanData)
        assert_type(client.get_data(scan_id, values="text", progress=print), ScanData)
        assert_type(client.get_data(scan_id).plot("x", "counts", title="Counts"), Axes)
        client.get_data(scan_id).plot("x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        assert_type(client.wait_until_done(scan_id, timeout=5, patience=timedelta(seconds=5)), ScanInfo)
        assert_type(client.watch(scan_id), Iterator[ScanInfo])
        assert_type(client.follow(scan_id, timeout=5), Iterator[ScanData])
        assert_type(ScanData.concat(client.follow(scan_id)), ScanData)
        assert_type(client.pause(scan_id), ScanInfo)
        assert_type(client.abort_all(), tuple[ScanInfo, ...])
        assert_type(client.move(scan_id, -1), ScanInfo)
        assert_type(client.patch(scan_id, 1, "comparison", Comparison.ABOVE), ScanInfo)
        client.patch(scan_id, 1, "wait", value=True)
        client.abort()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        client.submit(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def awaited() -> None:
    async with AsyncScanClient(url="https://beam.example/scan", verify=Path("ca.pem")) as client:
        assert_type(client, AsyncScanClient)
        assert_type(await client.submit(Delay(1)), int)
        assert_type(await client.wait_until_done(3), ScanInfo)
        assert_type(client.watch(3), AsyncIterator[ScanInfo])
        assert_type([info async for info in client.watch(3)], list[ScanInfo])
        assert_type(await client.get_data(3), ScanData)
        assert_type(client.follow(3), AsyncIterator[ScanData])
        assert_type(ScanData.concat([news async for news in client.follow(3)]), ScanData)


def errors(client: ScanClient) -> None:
    try:
        client.wait_until_done(3)
    except TransportError as error:
        assert_type(error.sent, bool)
    except ProtocolError as error:
        assert_type(error.raw, str)
    except UnknownScan as error:
        assert_type(error.scan_id, int)
    except ScanRejected as error:
        assert_type(error.source, Source | None)
        assert_type(error.address, int | None)
    except ServerError as error:
        assert_type(error.trace, str)
    except ScanFailed as error:
        assert_type(error.info, ScanInfo)
        assert_type(error.address, int | None)
        assert_type(error.source, Source | None)
        if error.command is not None and isinstance(error.source, CellSource):
            assert_type(error.source.row, int)
            assert_type(error.command.source, Source | None)
    except WaitTimeout as error:
        assert_type(error.info, ScanInfo | None)
