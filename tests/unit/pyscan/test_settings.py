"""What a site knows of its devices, in old scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scan_sdk import InvalidSettings
from scan_sdk.pyscan import (
    Delay,
    DeviceSettings,
    ScanSettings,
    SettingsBasedLoop,
    SettingsBasedSet,
    SettingsBasedWait,
    getScanSettings,
    setScanSettings,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Site(ScanSettings):
    def __init__(self) -> None:
        super().__init__()
        self.defineDeviceClass(".*", timeout=5)
        self.defineDeviceClass("axis.*", completion=True, readback=True, timeout=60)
        self.defineDeviceClass("oven", completion=True, tolerance=2)
        self.defineDeviceClass("valve", readback="valve:state", readback_value="OK", tolerance=0)
        self.defineDeviceClass("counts", comparison="increase by")

    def getReadbackName(self, device_name: str) -> str | None:
        return f"{device_name}:get" if "axis" in device_name else device_name


@pytest.fixture
def site() -> Iterator[Site]:
    before = getScanSettings()
    found = Site()
    setScanSettings(found)
    yield found
    setScanSettings(before)


def test_device_settings_tell_what_they_were_given() -> None:
    plain = DeviceSettings("d")
    assert (plain.getName(), plain.getCompletion(), plain.getReadback(), plain.getReadbackValue()) == (
        "d",
        False,
        None,
        None,
    )
    assert (plain.getTimeout(), plain.getTolerance(), plain.getComparison(), plain.getParallel()) == (
        0,
        None,
        ">=",
        False,
    )
    assert DeviceSettings("d", readback=True).getReadback() == "d"
    full = DeviceSettings("d", True, "r", "OK", 2.5, 1, "=", True)
    assert (full.getReadback(), full.getReadbackValue()) == ("r", "OK")
    assert repr(full) == (
        "DeviceSettings('d', completion=True, readback='r', readback_value='OK', timeout=2.5, tolerance=1, "
        "comparison='=', parallel=True)"
    )
    assert DeviceSettings("d", readback_value="").getReadbackValue() is None


def test_what_was_defined_last_holds_and_fits_whole_names(site: Site) -> None:
    axis = site.getDefaultSettings("axis1")
    assert (axis.getName(), axis.getCompletion(), axis.getReadback(), axis.getTimeout()) == (
        "axis1",
        True,
        "axis1:get",
        60,
    )
    assert site.getDefaultSettings("oven").getTolerance() == 2
    assert site.getDefaultSettings("oven2").getTimeout() == 5
    assert ScanSettings().getDefaultSettings("x").getTimeout() == 0
    assert site.device_settings[0].getName() == "counts"
    assert str(site).startswith("[DeviceSettings('counts', completion=False, readback=None,")


@pytest.mark.parametrize(
    ("name", "completion", "readback", "parallel"),
    [
        ("axis1", True, "axis1:get", False),
        (" +p axis1 ", True, "axis1:get", True),
        ("-cr axis1", False, None, False),
        ("-c+p axis1", False, "axis1:get", True),
        ("+r oven", True, "oven", False),
        ("+cr other", True, "other", False),
    ],
)
def test_prefixes_outrank_what_is_defined(
    site: Site, name: str, completion: bool, readback: str | None, parallel: bool
) -> None:
    found = site.parseDeviceSettings(name)
    assert (found.getCompletion(), found.getReadback(), found.getParallel()) == (
        completion,
        readback,
        parallel,
    )


def test_trap_26_a_prefix_keeps_the_readback_that_is_defined(site: Site) -> None:
    assert site.parseDeviceSettings("+r valve").getReadback() == "valve:state"
    assert site.parseDeviceSettings("+r axis1").getReadback() == "axis1:get"


def test_a_prefix_that_is_not_known_is_refused(site: Site) -> None:
    with pytest.raises(InvalidSettings, match="is no prefix"):
        site.parseDeviceSettings("+x axis1")


def test_a_site_may_name_no_readback_for_a_device() -> None:
    class Silent(ScanSettings):
        def getReadbackName(self, device_name: str) -> str | None:
            return None

    settings = Silent()
    settings.defineDeviceClass(".*", readback=True)
    assert settings.parseDeviceSettings("x").getReadback() is None


def test_a_site_may_replace_the_settings_of_a_device_and_its_name() -> None:
    class Renaming(ScanSettings):
        def getDefaultSettings(self, name: str) -> DeviceSettings:
            return DeviceSettings(f"BL1:{name}", completion=True, timeout=3)

    found = Renaming().parseDeviceSettings("+p x")
    assert (found.getName(), found.getCompletion(), found.getTimeout(), found.getParallel()) == (
        "BL1:x",
        True,
        3,
        True,
    )


def test_trap_26_settings_are_read_from_json(tmp_path: Path) -> None:
    file = tmp_path / "devices.json"
    classes = {
        "m.*": {"completion": True, "readback": True, "timeout": 9},
        "v": {"readback": "r", "readback_value": "OK"},
    }
    file.write_text(json.dumps(classes))
    settings = ScanSettings()
    settings.loadDeviceClasses(str(file))
    found = settings.getDefaultSettings("m1")
    assert (found.getCompletion(), found.getReadback(), found.getTimeout(), found.getTolerance()) == (
        True,
        "m1",
        9,
        0.0,
    )
    assert settings.getDefaultSettings("v").getReadbackValue() == "OK"
    file.write_text('{"m": {"tolerence": 1}}')
    with pytest.raises(TypeError, match="did you mean 'tolerance'"):
        settings.loadDeviceClasses(file)


def test_commands_follow_the_settings_in_force(site: Site) -> None:
    assert getScanSettings() is site
    assert repr(SettingsBasedSet("axis1", 3)) == (
        "Set('axis1', 3, completion=True, timeout=60, readback='axis1:get', tolerance=0.100000)"
    )
    assert repr(SettingsBasedSet("-r axis1", 3.0)) == "Set('axis1', 3.0, completion=True, timeout=60)"
    assert (
        repr(SettingsBasedSet("valve", 1)) == "Set('valve', 1, readback='valve:state', readback_value='OK')"
    )
    assert repr(SettingsBasedLoop("axis1", 0, 4, 2, Delay(1), Delay(2))) == (
        "Loop('axis1', 0, 4, 2, [ Delay(1), Delay(2) ], completion=True, readback='axis1:get', "
        "tolerance=0.2, timeout=60)"
    )
    assert repr(SettingsBasedLoop("oven", 0, 4, 2, body=[Delay(1)])) == (
        "Loop('oven', 0, 4, 2, [ Delay(1) ], completion=True)"
    )
    assert repr(SettingsBasedWait("counts", 9)) == (
        "Wait('counts', 9, comparison='increase by', tolerance=0.1)"
    )
    assert repr(SettingsBasedWait("oven", 9)) == "Wait('oven', 9, comparison='>=', tolerance=2)"


def test_what_is_given_outranks_the_settings(site: Site) -> None:
    command = SettingsBasedSet(
        "axis1", 3, completion=False, readback="r", tolerance=1, timeout=2, errhandler="H"
    )
    assert repr(command) == "Set('axis1', 3, readback='r', tolerance=1.000000, timeout=2, errhandler='H')"
    loop = SettingsBasedLoop("axis1", 0, 4, 2, completion=False, readback=False)
    assert repr(loop) == "Loop('axis1', 0, 4, 2)"
    wait = SettingsBasedWait("counts", 9, comparison="<", tolerance=0, timeout=0)
    assert repr(wait) == "Wait('counts', 9, comparison='<')"
    assert "readback_value" not in repr(SettingsBasedSet("valve", 1, readback_value=None))
