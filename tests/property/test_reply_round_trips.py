"""What the server answers is written and read back without loss."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import DeviceInfo, ScanInfo, ScanServerInfo, SimulationResult
from scan_sdk._wire.replies import (
    read_devices,
    read_error,
    read_scan,
    read_scans,
    read_server,
    read_simulation,
    write_devices,
    write_error,
    write_scan,
    write_scans,
    write_server,
    write_simulation,
)
from scan_sdk.testing.strategies import (
    device_infos,
    scan_infos,
    scan_server_infos,
    simulation_results,
    texts,
)


@given(scan_infos())
def test_a_scan(info: ScanInfo) -> None:
    assert read_scan(write_scan(info).encode()) == info


@given(st.lists(scan_infos(), max_size=3))
def test_scans(infos: list[ScanInfo]) -> None:
    assert read_scans(write_scans(infos).encode()) == tuple(infos)


@given(scan_server_infos())
def test_the_server(info: ScanServerInfo) -> None:
    assert read_server(write_server(info).encode()) == info


@given(st.lists(device_infos(), max_size=3))
def test_devices(devices: list[DeviceInfo]) -> None:
    assert read_devices(write_devices(devices).encode()) == tuple(devices)


@given(simulation_results())
def test_a_simulation(result: SimulationResult) -> None:
    assert read_simulation(write_simulation(result).encode()) == result


@given(texts())
def test_trap_14_a_simulation_whose_cdata_any_text_may_break(text: str) -> None:
    """As the real server writes it, which does not look at what it puts into CDATA."""
    text = text.replace("\r", "")  # which a text in CDATA loses at its line ends
    log = f"Simulation:\n{text} end"
    body = f"<simulation>\n  <log><![CDATA[{log}\n]]>\n  </log>\n  <seconds>1.5</seconds>\n</simulation>\n"
    assert read_simulation(body.encode()) == SimulationResult(log=log, seconds=1.5)


@given(texts(), texts())
def test_an_error(message: str, trace: str) -> None:
    body = write_error(message, trace).encode()
    read = read_error(body)
    # A CR alone is not kept as it was: the text is laid out in lines of its own.
    assert [" ".join(text.split()) for text in read] == [" ".join(text.split()) for text in (message, trace)]
