"""Documents of Bluesky: they pass the validation of event-model, and say what the scan was."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import event_model
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan_sdk import CommandSequence, DeviceLog, Log, Loop, ScanData, ScanInfo, ScanState, Set
from scan_sdk.testing.strategies import command_sequences, scan_data, scan_infos

INFO = ScanInfo(
    id=7,
    name="Night",
    created=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    state=ScanState.FINISHED,
    runtime=timedelta(seconds=60),
    finish=datetime(2026, 1, 2, 3, 10, tzinfo=UTC),
)
DATA = ScanData(
    [
        DeviceLog("x", [0, 2], [1000, 3000], [1.0, 2.0]),
        DeviceLog("n", [1, 2], [2500, 2900], [500.0, 600.0]),
        DeviceLog("shutter", [2], [900], ["Open"]),
        DeviceLog("image", [1, 2], [1, 2], [[1.0, 2.0], [3.0, 4.0]]),
        DeviceLog("peaks", [1, 2], [1, 2], [[1.0], [3.0, 4.0]]),
        DeviceLog("unused", [], [], []),
    ]
)
SCAN = CommandSequence(Set("shutter", "Open"), Loop("x", 1, 2, 1, [Loop("absent", 1, 2, 1, [Log("x", "n")])]))


class Collected(event_model.DocumentRouter):
    """Validates each document, and keeps events one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[dict]] = {}

    def __call__(self, name, doc, validate=False):
        event_model.schema_validators[event_model.DocumentNames[name]].validate(doc)
        self.found.setdefault(name, []).append(doc)
        return super().__call__(name, doc, validate=True)

    def event(self, doc):
        event_model.schema_validators[event_model.DocumentNames.event].validate(doc)
        self.found.setdefault("event", []).append(doc)


def collected(data: ScanData, info: ScanInfo, *arguments: object, **options: object) -> dict[str, list[dict]]:
    router = Collected()
    for name, document in data.documents(info, *arguments, **options):
        router(name, document)
    return router.found


@given(scan_data(), scan_infos(), st.none() | command_sequences(max_size=2))
def test_documents_pass_the_validation_of_event_model(data, info, commands) -> None:
    found = collected(data, info, commands)
    assert len(found["start"]) == 1
    assert len(found.get("stop", [])) == info.is_done
    events = found.get("event", [])
    table = data.table(*[name for name, log in data.items() if len(log)]) if events else data.table()
    assert len(events) == len(table)
    for row, event in enumerate(events):
        keys = {key["object_name"]: name for name, key in found["descriptor"][0]["data_keys"].items()}
        assert event["data"].keys() == event["timestamps"].keys() == set(keys.values())
        for name, column, start in zip(table.names, table.columns, table.starts, strict=True):
            cell = event["data"][keys[name]]
            if row >= start:
                wanted = column[row].tolist() if isinstance(column[row], np.ndarray) else column[row]
                assert repr(cell) == repr(wanted if isinstance(wanted, list | str) else float(wanted))
            else:
                assert cell in ("", []) or np.isnan(cell).all()


def test_a_run_says_what_the_scan_was() -> None:
    found = collected(DATA, INFO, SCAN, units={"x": "mm"})
    assert list(found) == ["start", "descriptor", "event_page", "event", "stop"]
    [start], [descriptor], [stop] = found["start"], found["descriptor"], found["stop"]
    assert start == {
        "uid": start["uid"],
        "time": datetime(2026, 1, 2, 3, 9, tzinfo=UTC).timestamp(),
        "scan_id": 7,
        "scan_name": "Night",
        "plan_name": "scan_server",
        "plan_args": {"commands": SCAN.to_xml()},
        "motors": ["x"],
        "detectors": ["n", "shutter", "image", "peaks"],
        "hints": {"dimensions": [[["x"], "primary"]]},
    }
    assert (descriptor["name"], descriptor["run_start"]) == ("primary", start["uid"])
    assert descriptor["data_keys"]["x"] == {
        "dtype": "number",
        "dtype_numpy": "<f8",
        "shape": [],
        "source": "scan:x",
        "object_name": "x",
        "units": "mm",
    }
    shapes = {
        name: (key["dtype"], key["dtype_numpy"], key["shape"])
        for name, key in descriptor["data_keys"].items()
    }
    assert shapes == {
        "x": ("number", "<f8", []),
        "n": ("number", "<f8", []),
        "shutter": ("string", "<U4", []),
        "image": ("array", "<f8", [2]),
        "peaks": ("array", "<f8", [None]),
    }
    assert descriptor["hints"]["x"] == {"fields": ["x"]}
    assert descriptor["hints"]["image"] == {"fields": []}
    assert stop == {
        "uid": stop["uid"],
        "run_start": start["uid"],
        "time": INFO.finish.timestamp(),
        "exit_status": "success",
        "reason": "",
        "num_events": {"primary": 3},
    }


def test_events_are_the_rows_of_the_table_with_the_times_of_the_devices() -> None:
    first, second, third = collected(DATA, INFO)["event"]
    assert [event["seq_num"] for event in (first, second, third)] == [1, 2, 3]
    assert [event["time"] for event in (first, second, third)] == [1.0, 2.5, 3.0]
    np.testing.assert_equal(
        first["data"], {"x": 1.0, "n": np.nan, "shutter": "", "image": [np.nan, np.nan], "peaks": []}
    )
    assert first["timestamps"] == dict.fromkeys(["x", "n", "shutter", "image", "peaks"], 1.0)
    assert third["data"] == {
        "x": 2.0,
        "n": 600.0,
        "shutter": "Open",
        "image": [3.0, 4.0],
        "peaks": [3.0, 4.0],
    }
    assert third["timestamps"] == {"x": 3.0, "n": 2.9, "shutter": 0.9, "image": 0.002, "peaks": 0.002}


@pytest.mark.parametrize(
    ("state", "error", "status", "reason"),
    [
        (ScanState.FAILED, "no beam", "fail", "no beam"),
        (ScanState.ABORTED, None, "abort", ""),
        (ScanState.LOGGED, None, "abort", "the scan server no longer knows how the scan ended"),
    ],
)
def test_the_end_of_the_scan_is_that_of_the_run(state, error, status, reason) -> None:
    info = INFO.model_copy(update={"state": state, "error": error})
    [stop] = collected(DATA, info)["stop"]
    assert (stop["exit_status"], stop["reason"]) == (status, reason)


def test_a_scan_that_is_not_done_has_no_stop_and_no_motors_without_commands() -> None:
    found = collected(DATA, INFO.model_copy(update={"state": ScanState.RUNNING}))
    assert "stop" not in found
    [start] = found["start"]
    assert start["time"] == INFO.created.timestamp()
    assert start["hints"] == {"dimensions": [[["time"], "primary"]]}
    assert "plan_args" not in start


def test_a_done_scan_whose_end_is_not_told_ends_with_its_beginning() -> None:
    [stop] = collected(DATA, INFO.model_copy(update={"finish": None}))["stop"]
    assert stop["time"] == INFO.created.timestamp()


def test_keys_have_no_dots_and_slashes_and_are_told_apart() -> None:
    data = ScanData([DeviceLog(name, [0], [0], [1.0]) for name in ("m1.RBV", "m1/RBV", "", "m1_RBV")])
    found = collected(data, INFO, Loop("m1/RBV", 1, 2, 1))
    keys = found["descriptor"][0]["data_keys"]
    assert {key: entry["object_name"] for key, entry in keys.items()} == {
        "m1_RBV": "m1.RBV",
        "m1_RBV_2": "m1/RBV",
        "_": "",
        "m1_RBV_3": "m1_RBV",
    }
    assert found["start"][0]["motors"] == ["m1_RBV_2"]
    assert found["event"][0]["data"] == dict.fromkeys(keys, 1.0)


def test_nothing_logged_is_a_run_without_events() -> None:
    found = collected(ScanData(), INFO)
    assert list(found) == ["start", "stop"]
    assert found["stop"][0]["num_events"] == {"primary": 0}


def test_the_same_scan_has_the_same_uids_and_another_has_others() -> None:
    def uids(info: ScanInfo) -> list[str]:
        found = collected(DATA, info)
        return [
            document["uid"] for kind in ("start", "descriptor", "event", "stop") for document in found[kind]
        ]

    assert uids(INFO) == uids(INFO)
    assert len(set(uids(INFO))) == 6
    assert not set(uids(INFO)) & set(uids(INFO.model_copy(update={"id": 8})))


def test_many_rows_come_in_pages_and_documents_are_plain_json() -> None:
    count = 2500
    data = ScanData(
        [
            DeviceLog("x", range(count), range(count), [float(number) for number in range(count)]),
            DeviceLog("late", [1200], [1200], ["a"]),
        ]
    )
    pages = [document for name, document in data.documents(INFO) if name == "event_page"]
    assert [len(page["seq_num"]) for page in pages] == [1000, 1000, 500]
    assert [number for page in pages for number in page["seq_num"]] == list(range(1, count + 1))
    assert [value for page in pages for value in page["data"]["x"]] == list(range(count))
    assert [value for page in pages for value in page["data"]["late"]] == [""] * 1200 + ["a"] * 1300
    assert json.loads(json.dumps(pages)) == pages
