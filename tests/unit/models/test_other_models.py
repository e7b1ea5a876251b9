"""What the server says of scans and of itself, patches and configurations."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from pydantic import BaseModel, ValidationError

from scan_sdk import (
    DeviceInfo,
    Patch,
    PvConfig,
    ScanConfig,
    ScanInfo,
    ScanServerInfo,
    ScanState,
    SimulationResult,
    models,
)
from scan_sdk.testing.strategies import (
    device_infos,
    patches,
    scan_infos,
    scan_server_infos,
    simulation_results,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def info(
    state: ScanState = ScanState.RUNNING, done: int = 0, total: int = 0, error: str | None = None
) -> ScanInfo:
    """Return a scan."""
    return ScanInfo(
        id=1,
        name="a",
        created=NOON,
        state=state,
        performed_work_units=done,
        total_work_units=total,
        error=error,
    )


@pytest.mark.parametrize(
    ("done", "total", "percentage"),
    [(0, 0, 0), (0, 3, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (2**52, 2**53, 50)],
)
def test_percentages_are_whole_numbers(done: int, total: int, percentage: int) -> None:
    assert info(done=done, total=total).percentage == percentage


@pytest.mark.parametrize("state", ScanState)
def test_a_scan_is_done_when_its_state_is(state: ScanState) -> None:
    assert info(state).is_done == (state in {"Aborted", "Failed", "Finished", "Logged"})


def test_scans_in_words() -> None:
    assert str(info(done=1, total=2)) == "Scan 1 'a': Running, 50 % done"
    assert str(info(ScanState.PAUSED, 1, 4)) == "Scan 1 'a': Paused, 25 % done"
    assert str(info(ScanState.FINISHED, 1, 1)) == "Scan 1 'a': Finished"
    assert str(info(ScanState.FAILED, error="no beam")) == "Scan 1 'a': Failed (no beam)"
    assert str(SimulationResult(log="Simulation:\na", seconds=1)) == "Simulation:\na"


def test_times_must_say_their_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        ScanInfo(id=1, name="a", created=datetime(2026, 1, 1), state=ScanState.IDLE)  # noqa: DTZ001
    there = NOON.astimezone(timezone(timedelta(hours=1)))
    assert ScanInfo(id=1, name="a", created=there, state=ScanState.IDLE) == info(ScanState.IDLE)


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("id", "1", "give a whole number"),
        ("id", True, "give a whole number"),
        ("id", 1.5, "give a whole number"),
        ("name", None, "give text of characters"),
        ("state", "Sleeping", "give a state of a scan, such as Running"),
        ("total_work_units", -1, "give a whole number, 0 or more"),
        ("mood", "good", "Extra inputs are not permitted"),
    ],
)
def test_scans_are_checked(field: str, value: object, hint: str) -> None:
    with pytest.raises(ValidationError, match=hint):
        ScanInfo.model_validate({"id": 1, "name": "a", "created": NOON, "state": "Idle"} | {field: value})


def test_patches() -> None:
    patch = Patch(address=3, property="step_size", value=0.5)
    assert patch.value == 0.5
    assert Patch(address=0, property="value", value="5").value == "5"
    for wrong in (-1, 1.5, True, None):
        with pytest.raises(ValidationError, match="give the address of a command: a whole number, 0 or more"):
            Patch(address=wrong, property="value", value=1)  # type: ignore[arg-type]
    for name in ("Value", "", "a b", "_a", "value\n"):
        with pytest.raises(ValidationError, match="give the name of a command's property in lower case"):
            Patch(address=1, property=name, value=1)
    with pytest.raises(ValidationError, match="give a finite number, or a text"):
        Patch(address=1, property="value", value=[1])  # type: ignore[arg-type]


def test_configurations() -> None:
    assert PvConfig(name="x").alias is None
    assert PvConfig(name_pattern="x.*", slew_rate=1).name is None
    for wrong in ({}, {"name": "x", "name_pattern": "y", "slew_rate": 1}):
        with pytest.raises(ValidationError, match="a pv needs a name or a name_pattern, and not both"):
            PvConfig.model_validate(wrong)
    with pytest.raises(ValidationError, match="a pv with a name_pattern needs a slew_rate"):
        PvConfig(name_pattern="x.*")
    with pytest.raises(ValidationError, match="a finite number above 0"):
        PvConfig(name="x", slew_rate=0)
    with pytest.raises(ValidationError, match="give a TCP port"):
        ScanConfig(port=-1)
    with pytest.raises(ValidationError, match="no regular expression: unterminated character set"):
        PvConfig(name_pattern="[", slew_rate=1)
    with pytest.raises(ValidationError, match="no regular expression: the repetition number is too large"):
        PvConfig(name_pattern="a{99999999999999999999}", slew_rate=1)
    assert PvConfig(name_pattern="[[a]", slew_rate=1).slew_rate == 1  # and no FutureWarning
    with pytest.raises(ValidationError, match="a is already what commands call x: give y an alias"):
        ScanConfig(pvs=(PvConfig(name="x", alias="a"), PvConfig(name="y", alias="a")))
    assert ScanConfig(pvs=(PvConfig(name="x"),)).pvs[0].name == "x"


@pytest.mark.parametrize(
    "model",
    [
        info(),
        DeviceInfo(name="x", alias="x"),
        SimulationResult(log="a", seconds=1),
        ScanServerInfo(version="1", start_time=NOON),
        Patch(address=0, property="value", value=1),
        ScanConfig(),
        PvConfig(name="x"),
    ],
    ids=lambda model: type(model).__name__,
)
def test_all_are_frozen_and_hashable(model: BaseModel) -> None:
    field = next(iter(type(model).model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(model, field, getattr(model, field))
    assert hash(model) == hash(model.model_copy())
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        type(model).model_validate(model.model_dump() | {"bogus": 1})


@given(scan_infos() | device_infos() | scan_server_infos() | simulation_results() | patches())
def test_json_and_pickle_keep_everything(model: BaseModel) -> None:
    assert type(model).model_validate_json(model.model_dump_json()) == model
    assert pickle.loads(pickle.dumps(model)) == model


@pytest.mark.parametrize("name", [name for name in models.__all__ if name not in {"Command", "Source"}])
def test_every_field_is_documented(name: str) -> None:
    model = getattr(models, name)
    assert model.__doc__
    if issubclass(model, BaseModel):
        for field, about in model.model_fields.items():
            assert about.description, f"{name}.{field}"
            assert about.description.strip().endswith(".")
